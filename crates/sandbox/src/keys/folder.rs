//! Keys in a folder, under the names that WeChat's own downloads have.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};
use wechatpay::crypto::Certificate;

use super::{Identity, Issuer, Keys, KeysError, MerchantKeys, PlatformCertificate, parse};

const OWN_KEY: &str = "apiclient_key.pem";
const OWN_CERT: &str = "apiclient_cert.pem";
const PLATFORM_CERT: &str = "wechatpay_cert.pem";
const PLATFORM_KEY: &str = "wechatpay_key.pem";
const PUBLIC_KEY: &str = "pub_key.pem";
const PUBLIC_KEY_PRIVATE: &str = "pub_key_private.pem";
const ISSUER_KEY: &str = "issuer_key.pem";
const MERCHANT: &str = "merchant.json";

/// `merchant.json`: everything that is not PEM.
#[derive(Serialize, Deserialize)]
struct Saved {
    #[serde(flatten)]
    identity: Identity,
    serial_no: String,
    public_key_id: String,
}

pub(super) fn load_or_create(folder: &Path) -> Result<Keys, KeysError> {
    match fs::metadata(folder.join(MERCHANT)) {
        Ok(_) => load(folder),
        Err(error) if error.kind() == ErrorKind::NotFound => create(folder),
        Err(source) => Err(KeysError::File {
            path: folder.join(MERCHANT),
            source,
        }),
    }
}

fn load(folder: &Path) -> Result<Keys, KeysError> {
    let saved: Saved = serde_json::from_str(&read(folder, MERCHANT)?)?;
    let platform = parse(
        PLATFORM_CERT,
        Certificate::from_pem(&read(folder, PLATFORM_CERT)?),
    )?;
    let own = parse(OWN_CERT, Certificate::from_pem(&read(folder, OWN_CERT)?))?;
    Ok(Keys {
        issuer: Issuer::from_pem(&read(folder, ISSUER_KEY)?)?.into(),
        platform: PlatformCertificate::from_parts(platform, read(folder, PLATFORM_KEY)?)?,
        merchant: MerchantKeys::from_parts(
            own,
            read(folder, OWN_KEY)?,
            &saved.public_key_id,
            read(folder, PUBLIC_KEY_PRIVATE)?,
        )?,
        identity: saved.identity,
    })
}

/// `merchant.json` is written last: its presence says that the folder is complete.
fn create(folder: &Path) -> Result<Keys, KeysError> {
    let at = |source| KeysError::File {
        path: folder.to_owned(),
        source,
    };
    fs::create_dir_all(folder).map_err(at)?;
    if folder.join(OWN_KEY).exists() || folder.join(PLATFORM_KEY).exists() {
        return Err(KeysError::Incomplete(folder.to_owned()));
    }
    let keys = Keys::generate()?;
    let merchant = &keys.merchant;
    write(folder, ISSUER_KEY, &keys.issuer.key_pem())?;
    write(folder, PLATFORM_CERT, keys.platform.certificate.pem())?;
    write(folder, PLATFORM_KEY, &keys.platform.key_pem.0)?;
    write(
        folder,
        PUBLIC_KEY,
        &merchant.public_key.public_key().to_pem(),
    )?;
    write(
        folder,
        PUBLIC_KEY_PRIVATE,
        &merchant.public_key_private_pem.0,
    )?;
    write(folder, OWN_CERT, merchant.certificate.pem())?;
    write(folder, OWN_KEY, &merchant.key_pem.0)?;
    let saved = Saved {
        identity: keys.identity.clone(),
        serial_no: merchant.certificate.serial_no().as_str().to_owned(),
        public_key_id: merchant.public_key_id.as_str().to_owned(),
    };
    write(folder, MERCHANT, &serde_json::to_string_pretty(&saved)?)?;
    Ok(keys)
}

fn read(folder: &Path, name: &str) -> Result<String, KeysError> {
    let path = folder.join(name);
    fs::read_to_string(&path).map_err(|source| KeysError::File { path, source })
}

/// Only the owner may read: the files hold private keys, if only of a sandbox.
fn write(folder: &Path, name: &str, text: &str) -> Result<(), KeysError> {
    use std::io::Write;

    let path = folder.join(name);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| KeysError::File { path, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_back_the_keys_that_were_saved() {
        let folder = tempfile::tempdir().unwrap();
        let made = load_or_create(folder.path()).unwrap();
        let read = load_or_create(folder.path()).unwrap();
        assert_eq!(
            made.merchant.certificate.pem(),
            read.merchant.certificate.pem()
        );
        assert_eq!(made.merchant.key_pem(), read.merchant.key_pem());
        assert_eq!(made.identity.api_v3_key, read.identity.api_v3_key);
        assert_eq!(
            made.platform.certificate.serial_no().as_str(),
            read.platform.certificate.serial_no().as_str()
        );
        MerchantKeys::generate(&read.issuer, "1900000002").unwrap();
    }

    #[test]
    fn a_folder_without_its_last_file_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(OWN_KEY), "precious").unwrap();
        let error = load_or_create(folder.path()).unwrap_err();
        assert!(matches!(error, KeysError::Incomplete(_)), "{error}");
    }
}
