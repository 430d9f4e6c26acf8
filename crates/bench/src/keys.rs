//! Key material of one run: a merchant, the platform's public-key mode, and an `APIv3` key.

use anyhow::{Context, Result};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use wechatpay::crypto::{ApiV3Key, PrivateKey};

/// What the server under load is configured with, and what the stub signs with.
pub(crate) struct Keys {
    pub(crate) mch_id: &'static str,
    pub(crate) app_id: &'static str,
    pub(crate) merchant_pem: String,
    pub(crate) merchant: PrivateKey,
    pub(crate) merchant_serial: &'static str,
    pub(crate) platform: PrivateKey,
    pub(crate) public_key_id: &'static str,
    pub(crate) api_v3_key_text: &'static str,
    pub(crate) api_v3_key: ApiV3Key,
}

impl Keys {
    pub(crate) fn generate() -> Result<Keys> {
        let api_v3_key_text = "benchbenchbenchbenchbenchbench32";
        let merchant_pem = private_key_pem()?;
        let platform_pem = private_key_pem()?;
        Ok(Keys {
            mch_id: "1900000001",
            app_id: "wxbench00000000001",
            merchant: PrivateKey::from_pem(&merchant_pem)?,
            merchant_pem,
            merchant_serial: "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
            platform: PrivateKey::from_pem(&platform_pem)?,
            public_key_id: "PUB_KEY_ID_0119000000012026112300000000000001",
            api_v3_key_text,
            api_v3_key: ApiV3Key::new(api_v3_key_text)?,
        })
    }
}

fn private_key_pem() -> Result<String> {
    let pair = KeyPair::generate(KeySize::Rsa2048).context("RSA-2048 key generation failed")?;
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).context("the key has no PKCS#8 form")?;
    let base64 = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in base64.as_bytes().chunks(64) {
        pem.push_str(std::str::from_utf8(line)?);
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Ok(pem)
}
