//! Making keys and certificates, in the shapes that clients of every language can read.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256,
    RsaKeySize, SerialNumber,
};
use time::OffsetDateTime;
use wechatpay::crypto::{Certificate, PrivateKey, SerialNo};

use super::{
    AppIdentity, Identity, Keys, KeysError, MerchantKeys, PlatformCertificate, Secret, parse,
};
use crate::chance::Chance;
use crate::clock::{Clock, date_digits};

/// Five years, as WeChat's certificates live.
const LIFETIME_SECONDS: i64 = 5 * 365 * 86_400;
/// Certificates start a day ago, so that no clock skew makes one "not yet valid".
const HEAD_START_SECONDS: i64 = 86_400;
/// The default merchant and its mini program keep their numbers from run to run.
const DEFAULT_MCHID: &str = "1230000109";
const DEFAULT_APPID: &str = "wx5a9d8b0c4e7f1632";
const DEFAULT_NAME: &str = "收银沙箱商店";

/// The certificate authority of this laptop.
pub struct Issuer {
    params: CertificateParams,
    key: KeyPair,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Issuer(redacted)")
    }
}

impl Issuer {
    /// An authority with a new key.
    pub fn generate() -> Result<Self, KeysError> {
        Ok(Self::from_key(rsa()?))
    }

    /// An authority whose key was saved.
    pub(super) fn from_pem(pem: &str) -> Result<Self, KeysError> {
        Ok(Self::from_key(KeyPair::from_pem_and_sign_algo(
            pem,
            &PKCS_RSA_SHA256,
        )?))
    }

    pub(super) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    fn from_key(key: KeyPair) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CountryName, "CN");
        params
            .distinguished_name
            .push(DnType::OrganizationName, "Shouyin Sandbox");
        params
            .distinguished_name
            .push(DnType::CommonName, "Shouyin Sandbox Root CA");
        Self { params, key }
    }

    fn issue(&self, common_name: &str, key: &KeyPair) -> Result<Certificate, KeysError> {
        let mut params = CertificateParams::default();
        params.serial_number = Some(SerialNumber::from_slice(&serial()));
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        params
            .distinguished_name
            .push(DnType::OrganizationName, "微信商户系统");
        params.distinguished_name.push(DnType::CountryName, "CN");
        let start = Clock::real().as_second() - HEAD_START_SECONDS;
        params.not_before = moment(start);
        params.not_after = moment(start + LIFETIME_SECONDS);
        let issuer = rcgen::Issuer::from_params(&self.params, &self.key);
        let pem = params.signed_by(key, &issuer)?.pem();
        parse("a certificate just made", Certificate::from_pem(&pem))
    }
}

impl Keys {
    /// New keys for a whole platform, made on as many threads as there are keys.
    pub fn generate() -> Result<Self, KeysError> {
        let [root, platform, merchant, public] = four()?;
        let issuer = Issuer::from_key(root);
        Ok(Self {
            platform: PlatformCertificate::from_key(&issuer, &platform)?,
            merchant: MerchantKeys::from_keys(&issuer, DEFAULT_MCHID, &merchant, &public)?,
            identity: Identity::new(
                &Chance::Machine,
                (DEFAULT_MCHID.into(), DEFAULT_NAME.into()),
                vec![DEFAULT_APPID.into()],
            ),
            issuer: issuer.into(),
        })
    }
}

impl PlatformCertificate {
    /// A new platform certificate, as a rotation needs one.
    pub fn generate(issuer: &Issuer) -> Result<Self, KeysError> {
        Self::from_key(issuer, &rsa()?)
    }

    fn from_key(issuer: &Issuer, key: &KeyPair) -> Result<Self, KeysError> {
        let certificate = issuer.issue("Tenpay.com sign", key)?;
        Self::from_parts(certificate, key.serialize_pem())
    }

    pub(super) fn from_parts(certificate: Certificate, key_pem: String) -> Result<Self, KeysError> {
        let key = parse("wechatpay_key.pem", PrivateKey::from_pem(&key_pem))?;
        Ok(Self {
            certificate,
            key,
            key_pem: Secret(key_pem),
        })
    }
}

impl MerchantKeys {
    /// Keys for one more merchant.
    pub fn generate(issuer: &Issuer, mchid: &str) -> Result<Self, KeysError> {
        Self::from_keys(issuer, mchid, &rsa()?, &rsa()?)
    }

    /// The same merchant with a new key and certificate of its own.
    pub(crate) fn renewed(&self, issuer: &Issuer, mchid: &str) -> Result<Self, KeysError> {
        let own = rsa()?;
        Self::from_parts(
            issuer.issue(mchid, &own)?,
            own.serialize_pem(),
            self.public_key_id.as_str(),
            self.public_key_private_pem.0.clone(),
        )
    }

    fn from_keys(
        issuer: &Issuer,
        mchid: &str,
        own: &KeyPair,
        public: &KeyPair,
    ) -> Result<Self, KeysError> {
        let certificate = issuer.issue(mchid, own)?;
        let id = format!(
            "PUB_KEY_ID_0{mchid:0>10}{}{}",
            date_digits(Clock::real()),
            "0".repeat(15)
        );
        let id = id[.."PUB_KEY_ID_".len() + 28].to_owned();
        Self::from_parts(
            certificate,
            own.serialize_pem(),
            &id,
            public.serialize_pem(),
        )
    }

    pub(super) fn from_parts(
        certificate: Certificate,
        key_pem: String,
        public_key_id: &str,
        public_key_private_pem: String,
    ) -> Result<Self, KeysError> {
        parse("apiclient_key.pem", PrivateKey::from_pem(&key_pem))?;
        Ok(Self {
            own_key: certificate.public_key().clone(),
            certificate,
            key_pem: Secret(key_pem),
            public_key_id: parse("public_key_id", SerialNo::new(public_key_id))?,
            public_key: parse(
                "pub_key_private.pem",
                PrivateKey::from_pem(&public_key_private_pem),
            )?,
            public_key_private_pem: Secret(public_key_private_pem),
        })
    }
}

impl Identity {
    /// A merchant with fresh secrets.
    pub(crate) fn new(
        chance: &Chance,
        (mchid, name): (String, String),
        appids: Vec<String>,
    ) -> Self {
        let app = |appid| AppIdentity {
            appid,
            app_secret: chance.hex(32),
        };
        let apps = appids.into_iter().map(app).collect();
        Self {
            mchid,
            name,
            apps,
            api_v3_key: chance.letters(32),
        }
    }
}

fn rsa() -> Result<KeyPair, KeysError> {
    Ok(KeyPair::generate_rsa_for(
        &PKCS_RSA_SHA256,
        RsaKeySize::_2048,
    )?)
}

fn four() -> Result<[KeyPair; 4], KeysError> {
    std::thread::scope(|scope| {
        let made = [(); 4].map(|()| scope.spawn(rsa));
        let [a, b, c, d] = made.map(|made| made.join().expect("generating a key does not panic"));
        Ok([a?, b?, c?, d?])
    })
}

/// Twenty bytes, positive, with a first hex digit that is not zero: exactly 40 digits in every
/// client, whether it prints integers, lower case or bytes.
fn serial() -> [u8; 20] {
    let mut serial = Chance::Machine.bytes::<20>();
    serial[0] = 0x10 | (serial[0] & 0x6F);
    serial
}

fn moment(second: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(second).expect("today is within what time can hold")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_have_forty_upper_case_hex_digits_and_no_leading_zero() {
        for _ in 0..200 {
            let serial = serial();
            assert!((0x10..0x80).contains(&serial[0]));
        }
        let keys = Keys::shared();
        let text = keys.merchant.certificate.serial_no().as_str();
        assert_eq!(text.len(), 40);
        assert!(
            text.bytes()
                .all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b))
        );
        assert!(!text.starts_with('0'));
    }

    #[test]
    fn the_public_key_id_looks_like_wechats() {
        let keys = Keys::shared();
        let id = keys.merchant.public_key_id.as_str();
        assert_eq!(id.len(), "PUB_KEY_ID_0114232134912410000000000000".len());
        assert!(
            id["PUB_KEY_ID_".len()..]
                .bytes()
                .all(|b| b.is_ascii_digit())
        );
    }

    #[test]
    fn secrets_do_not_show_in_debug() {
        let keys = Keys::shared();
        assert!(!format!("{:?}", keys.merchant).contains("BEGIN PRIVATE KEY"));
    }
}
