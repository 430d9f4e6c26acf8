//! Key material that is not what it should be, and what may be seen of the rest.

use std::fs;
use std::process::Command;

use wechatpay::KeyMismatch;
use wechatpay::crypto::{
    ApiV3Key, Certificate, KeyError, OpenError, PrivateKey, PublicKey, SealError, SerialNo,
    SignatureError,
};

use crate::fixtures::{MERCHANT_SERIAL, api_v3_key, issue, merchant, merchant_key, newer};
use crate::fixtures::{NOW, older};

const CERTIFICATE: &str = include_str!("../fixtures/certificate.pem");
const PUBLIC_KEY: &str = include_str!("../fixtures/documentation_public_key.pem");

/// What `openssl genrsa` writes, as text.
fn private_key_text() -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let status = Command::new("openssl")
        .arg("genrsa")
        .arg("-out")
        .arg(&path)
        .output()
        .unwrap();
    assert!(status.status.success());
    fs::read_to_string(path).unwrap()
}

#[test]
fn swapped_files_are_recognised() {
    let words = |error: KeyError| error.to_string();
    assert_eq!(
        words(PrivateKey::from_pem(CERTIFICATE).unwrap_err()),
        "this is a certificate, not a private key",
    );
    assert_eq!(
        words(PrivateKey::from_pem(PUBLIC_KEY).unwrap_err()),
        "this is a public key, not a private key",
    );
    assert_eq!(
        words(PublicKey::from_pem(CERTIFICATE).unwrap_err()),
        "this is a certificate, not a public key",
    );
    let private = private_key_text();
    assert_eq!(
        words(Certificate::from_pem(&private).unwrap_err()),
        "this is a private key, not a certificate",
    );
    assert_eq!(
        words(PublicKey::from_pem(&private).unwrap_err()),
        "this is a private key, not a public key",
    );
    let locked = PUBLIC_KEY.replace("PUBLIC KEY", "ENCRYPTED PRIVATE KEY");
    assert!(words(PrivateKey::from_pem(&locked).unwrap_err()).contains("protected by a password"));
}

#[test]
fn texts_that_are_no_keys_are_refused_in_words() {
    for text in [
        "",
        "hello",
        "-----BEGIN",
        "-----BEGIN PRIVATE KEY",
        "MIIEvQIBADANBg",
    ] {
        let error = PrivateKey::from_pem(text).unwrap_err();
        assert_eq!(
            error,
            KeyError::NoPem {
                wanted: "a private key"
            },
            "{text}"
        );
    }
    for text in [
        "-----BEGIN PRIVATE KEY-----\nMIIE",
        "-----BEGIN PRIVATE KEY-----\n%%%\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\n\n-----END RSA PRIVATE KEY-----",
    ] {
        let error = PrivateKey::from_pem(text).unwrap_err();
        assert!(matches!(error, KeyError::Damaged { .. }), "{text}: {error}");
    }
    let no_certificate = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----";
    assert!(matches!(
        Certificate::from_pem(no_certificate),
        Err(KeyError::Damaged { .. })
    ));
}

#[test]
fn armour_is_read_however_it_was_pasted() {
    let text = private_key_text();
    let key = PrivateKey::from_pem(&text).unwrap();
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    for pasted in [
        text.replace('\n', "\r\n"),
        text.replace('\n', "\\n"),
        text.replace('\n', " "),
        format!("Bag Attributes\n  friendlyName: x\n{text}trailing words"),
        format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"),
    ] {
        assert_eq!(
            PrivateKey::from_pem(&pasted).unwrap().public_key(),
            key.public_key()
        );
    }
}

#[test]
fn a_key_that_is_too_small_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.pem");
    Command::new("openssl")
        .arg("genrsa")
        .arg("-out")
        .arg(&path)
        .arg("1024")
        .output()
        .unwrap();
    let error = PrivateKey::from_pem(&fs::read_to_string(path).unwrap()).unwrap_err();
    assert!(error.to_string().contains("at least 2048 bits"), "{error}");
}

#[test]
fn an_api_v3_key_has_exactly_32_bytes() {
    for length in [0, 16, 31, 33, 64] {
        let error = ApiV3Key::new(&"k".repeat(length)).unwrap_err();
        assert_eq!(error, KeyError::ApiV3KeyLength(length));
    }
    assert!(ApiV3Key::new("ten characters of 3 bytes: 公").is_err());
    assert!(ApiV3Key::new(&"公".repeat(10)).is_err());
    assert!(ApiV3Key::new(&"k".repeat(32)).is_ok());
}

#[test]
fn what_cannot_be_opened_says_why() {
    let key = api_v3_key();
    assert_eq!(
        key.open("short", "", "AAAA"),
        Err(OpenError::NonceLength(5))
    );
    assert_eq!(
        key.open("0123456789ab", "", "%%"),
        Err(OpenError::NotBase64)
    );
    assert_eq!(
        key.open("0123456789ab", "", "AAAA"),
        Err(OpenError::WrongKey)
    );
    assert_eq!(key.seal("short", "", b""), Err(SealError::NonceLength(5)));
    let (own, other) = (merchant_key(), &newer().key);
    let sealed = own.public_key().encrypt_oaep(b"name").unwrap();
    assert_eq!(other.decrypt_oaep(&sealed), Err(OpenError::WrongKey));
    assert_eq!(own.decrypt_oaep("%%"), Err(OpenError::NotBase64));
    assert_eq!(own.decrypt_oaep(""), Err(OpenError::WrongKey));
}

#[test]
fn oaep_takes_214_bytes_and_not_one_more() {
    let key = merchant_key();
    let longest = [7; 214];
    let sealed = key.public_key().encrypt_oaep(&longest).unwrap();
    assert_eq!(key.decrypt_oaep(&sealed).unwrap(), longest);
    assert_eq!(
        key.public_key().encrypt_oaep(&[7; 215]),
        Err(SealError::TooLong {
            length: 215,
            limit: 214
        }),
    );
}

#[test]
fn a_signature_that_is_no_signature_fails_and_does_not_panic() {
    let key = merchant_key().public_key();
    let good = merchant_key().sign(b"message");
    assert_eq!(key.verify(b"message", &good), Ok(()));
    assert_eq!(key.verify(b"massage", &good), Err(SignatureError::Mismatch));
    assert_eq!(
        newer().key.public_key().verify(b"message", &good),
        Err(SignatureError::Mismatch)
    );
    for text in ["AAAA", "", &good[..340]] {
        assert_eq!(
            key.verify(b"message", text),
            Err(SignatureError::Mismatch),
            "{text}"
        );
    }
    for text in ["%", "A", &good[..343], "公", "AA AA", &format!("{good}\n")] {
        assert_eq!(
            key.verify(b"message", text),
            Err(SignatureError::NotBase64),
            "{text}"
        );
    }
    for text in [
        "WECHATPAY/SIGNTEST/",
        "WECHATPAY/SIGNTEST/AAAA",
        "WECHATPAY/SIGNTEST/%%%",
    ] {
        assert_eq!(
            key.verify(b"message", text),
            Err(SignatureError::Probe),
            "{text}"
        );
    }
}

#[test]
fn serials_are_40_digits_or_public_key_ids() {
    assert_eq!(
        SerialNo::new(&MERCHANT_SERIAL.to_lowercase())
            .unwrap()
            .as_str(),
        MERCHANT_SERIAL
    );
    assert_eq!(
        SerialNo::new(&format!(" {MERCHANT_SERIAL}\n"))
            .unwrap()
            .as_str(),
        MERCHANT_SERIAL
    );
    assert!(
        SerialNo::new("PUB_KEY_ID_0114232134912410000000000000")
            .unwrap()
            .is_public_key_id()
    );
    for text in [
        "",
        &MERCHANT_SERIAL[1..],
        "PUB_KEY_ID_",
        "PUB_KEY_ID_01-2",
        "serial=40",
        "408B07E7:9B8269FEC3D5D3E6AB8ED163A6A380D",
    ] {
        assert!(
            matches!(SerialNo::new(text), Err(KeyError::BadSerial(_))),
            "{text}"
        );
    }
}

#[test]
fn a_serial_is_read_from_a_certificate_without_its_sign_byte() {
    assert_eq!(older().serial(), "51".repeat(20));
    assert_eq!(issue(0xFF, 2020, 2021).serial(), "FF".repeat(20));
}

#[test]
fn a_certificate_of_another_key_or_serial_is_refused_by_both_names() {
    let stranger = &newer().certificate;
    let KeyMismatch::PrivateKey {
        private_key,
        certificate,
        certificate_key,
    } = merchant().with_certificate(stranger).unwrap_err()
    else {
        panic!("the key was taken for the certificate's");
    };
    assert_eq!(private_key, merchant_key().public_key().fingerprint());
    assert_eq!(certificate_key, stranger.public_key().fingerprint());
    assert_eq!(certificate, *stranger.serial_no());

    let own = wechatpay::Merchant::new(
        merchant().mch_id().clone(),
        SerialNo::new(MERCHANT_SERIAL).unwrap(),
        newer().key.clone(),
        api_v3_key(),
    );
    let error = own.with_certificate(stranger).unwrap_err();
    let words = error.to_string();
    assert!(
        words.contains(MERCHANT_SERIAL) && words.contains(newer().serial()),
        "{words}"
    );

    let own = wechatpay::Merchant::new(
        merchant().mch_id().clone(),
        stranger.serial_no().clone(),
        newer().key.clone(),
        api_v3_key(),
    );
    assert!(own.with_certificate(stranger).is_ok());
}

#[test]
fn no_secret_shows_in_debug() {
    let shown = format!("{:?}", merchant());
    assert!(shown.contains("PrivateKey([redacted])") && shown.contains("ApiV3Key([redacted])"));
    assert!(!shown.contains(crate::fixtures::API_V3_KEY));
    assert!(format!("{:?}", newer().certificate).contains(newer().serial()));
    assert!(newer().certificate.not_before().as_second() < NOW);
}
