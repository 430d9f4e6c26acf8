//! The same bytes as `openssl` makes, both ways, on keys made for the test.

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tempfile::TempDir;
use wechatpay::crypto::{Certificate, PrivateKey, PublicKey, message};

const MESSAGE: &[u8] =
    "POST\n/v3/pay/transactions/jsapi\n1554208460\nnonce\n{\"a\":\"公\"}\n".as_bytes();

/// Runs `openssl` in a folder; a machine without it fails the test, and does not skip it.
#[track_caller]
fn openssl(folder: &Path, line: &str) -> String {
    let output = Command::new("openssl")
        .args(line.split(' '))
        .current_dir(folder)
        .output()
        .expect("these tests need the openssl command");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {line}: {error}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A folder with a fresh key in both private forms, and its public half.
fn folder_with_keys() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    openssl(folder.path(), "genrsa -out pkcs8.pem 2048");
    openssl(
        folder.path(),
        "rsa -in pkcs8.pem -traditional -out pkcs1.pem",
    );
    openssl(folder.path(), "rsa -in pkcs8.pem -pubout -out public.pem");
    folder
}

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

#[test]
fn our_signature_is_the_one_that_openssl_makes_and_each_verifies_the_other() {
    let folder = folder_with_keys();
    fs::write(folder.path().join("message"), MESSAGE).unwrap();
    openssl(
        folder.path(),
        "dgst -sha256 -sign pkcs8.pem -out theirs message",
    );
    let theirs = BASE64_STANDARD.encode(fs::read(folder.path().join("theirs")).unwrap());

    let public = PublicKey::from_pem(&read(&folder, "public.pem")).unwrap();
    assert_eq!(public.verify(MESSAGE, &theirs), Ok(()));
    for form in ["pkcs8.pem", "pkcs1.pem"] {
        let key = PrivateKey::from_pem(&read(&folder, form)).unwrap();
        assert_eq!(key.sign(MESSAGE), theirs, "{form}");
        assert_eq!(key.public_key(), public);
        assert_eq!(key.public_key().to_pem(), read(&folder, "public.pem"));
    }

    let ours = BASE64_STANDARD.decode(&theirs).unwrap();
    fs::write(folder.path().join("ours"), ours).unwrap();
    let verdict = openssl(
        folder.path(),
        "dgst -sha256 -verify public.pem -signature ours message",
    );
    assert_eq!(verdict, "Verified OK");
}

#[test]
fn a_generated_key_signs_what_openssl_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let key = PrivateKey::generate();
    let signed = message::mini_program_pay("wx2421b1c4370ec43b", "1", "n", "prepay_id=wx1");
    fs::write(folder.path().join("public.pem"), key.public_key().to_pem()).unwrap();
    fs::write(folder.path().join("message"), &signed).unwrap();
    let signature = BASE64_STANDARD.decode(key.sign(&signed)).unwrap();
    fs::write(folder.path().join("signature"), signature).unwrap();
    openssl(
        folder.path(),
        "dgst -sha256 -verify public.pem -signature signature message",
    );
}

#[test]
fn oaep_is_openssls_both_ways() {
    const OAEP: &str = "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha1";
    let folder = folder_with_keys();
    let key = PrivateKey::from_pem(&read(&folder, "pkcs8.pem")).unwrap();
    let name = "张三".as_bytes();

    fs::write(folder.path().join("plain"), name).unwrap();
    let line = format!("pkeyutl -encrypt -pubin -inkey public.pem {OAEP} -in plain -out theirs");
    openssl(folder.path(), &line);
    let theirs = BASE64_STANDARD.encode(fs::read(folder.path().join("theirs")).unwrap());
    assert_eq!(key.decrypt_oaep(&theirs).unwrap(), name);

    let ours = BASE64_STANDARD
        .decode(key.public_key().encrypt_oaep(name).unwrap())
        .unwrap();
    fs::write(folder.path().join("ours"), ours).unwrap();
    openssl(
        folder.path(),
        &format!("pkeyutl -decrypt -inkey pkcs8.pem {OAEP} -in ours -out opened"),
    );
    assert_eq!(fs::read(folder.path().join("opened")).unwrap(), name);
}

#[test]
fn a_certificate_has_the_serial_dates_and_key_that_openssl_reads() {
    let folder = folder_with_keys();
    let serial = "0A57F09EFDC096DE15EBE81A47057A7232F1B8E1";
    openssl(
        folder.path(),
        &format!(
            "req -new -x509 -key pkcs8.pem -out certificate.pem -days 365 -subj /CN=1900007291 \
             -set_serial 0x{serial}"
        ),
    );
    let certificate = Certificate::from_pem(&read(&folder, "certificate.pem")).unwrap();
    let read_serial = openssl(folder.path(), "x509 -in certificate.pem -noout -serial");
    assert_eq!(read_serial, format!("serial={}", certificate.serial_no()));
    assert_eq!(certificate.serial_no().as_str(), serial);

    let end = openssl(
        folder.path(),
        "x509 -in certificate.pem -noout -enddate -dateopt iso_8601",
    );
    let ours = certificate.not_after().to_string().replace('T', " ");
    assert_eq!(end, format!("notAfter={ours}"));

    let key = PrivateKey::from_pem(&read(&folder, "pkcs8.pem")).unwrap();
    assert_eq!(*certificate.public_key(), key.public_key());
    assert_eq!(certificate.pem(), read(&folder, "certificate.pem"));
}

#[test]
fn a_fingerprint_is_the_beginning_of_what_sha256_says() {
    let folder = folder_with_keys();
    openssl(
        folder.path(),
        "pkey -pubin -in public.pem -outform DER -out public.der",
    );
    let digest = openssl(folder.path(), "dgst -sha256 -r public.der");
    let key = PublicKey::from_pem(&read(&folder, "public.pem")).unwrap();
    assert!(digest.starts_with(&key.fingerprint()));
    assert_eq!(key.fingerprint().len(), 16);
}
