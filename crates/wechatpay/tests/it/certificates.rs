//! Platform certificates: the first download, rotation, one task at a time, not too often.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;
use wechatpay::crypto::ApiV3Key;
use wechatpay::{
    Client, KeyMode, KeyRing, NotificationError, REFRESH_INTERVAL_SECONDS, Refreshed, Unverified,
};

use crate::fixtures::{FixedAmbient, Issued, NOW, api_v3_key, client_with, newer, number, older};
use crate::notify::{headers_by, payment_body};
use crate::platform::{Outcome, Script, UNPAID, lost, say};

/// The answer to a download, signed by one of the listed or by another.
pub(crate) fn listing(listed: &[&Issued], signer: &Issued) -> Outcome {
    listing_sealed(listed, signer, &api_v3_key())
}

pub(crate) fn listing_sealed(listed: &[&Issued], signer: &Issued, key: &ApiV3Key) -> Outcome {
    let text = |at: Timestamp| at.to_string().replace('Z', "+00:00");
    let data: Vec<_> = listed
        .iter()
        .map(|issued| {
            let certificate = &issued.certificate;
            let pem = certificate.pem().as_bytes();
            json!({
                "serial_no": issued.serial(),
                "effective_time": text(certificate.not_before()),
                "expire_time": text(certificate.not_after()),
                "encrypt_certificate": {
                    "algorithm": "AEAD_AES_256_GCM",
                    "nonce": "61f9c719728a",
                    "associated_data": "certificate",
                    "ciphertext": key.seal("61f9c719728a", "certificate", pem).unwrap(),
                },
            })
        })
        .collect();
    let body = json!({ "data": data }).to_string();
    say(200, body)
        .serial(signer.serial())
        .signed_with(&signer.key)
}

pub(crate) fn unpaid_by(signer: &Issued) -> Outcome {
    say(200, UNPAID)
        .serial(signer.serial())
        .signed_with(&signer.key)
}

pub(crate) fn ring_with(issued: &[&Issued]) -> KeyRing {
    let ring = KeyRing::new();
    for issued in issued {
        ring.insert_certificate(issued.certificate.clone());
    }
    ring
}

fn start(keys: KeyRing, answers: Vec<Outcome>) -> (Client, Arc<Script>, Arc<FixedAmbient>) {
    let (script, ambient) = (Script::new(answers), FixedAmbient::new());
    (
        client_with(&script, keys, Arc::clone(&ambient)),
        script,
        ambient,
    )
}

pub(crate) fn paths(script: &Script) -> Vec<String> {
    script
        .requests()
        .iter()
        .map(|at| at.uri().path().to_owned())
        .collect()
}

#[tokio::test]
async fn the_first_download_is_verified_with_a_certificate_out_of_itself() {
    let (client, script, _) = start(KeyRing::new(), vec![listing(&[older(), newer()], newer())]);
    let refreshed = client.refresh_certificates().await.unwrap();
    let serials = vec![
        older().certificate.serial_no().clone(),
        newer().certificate.serial_no().clone(),
    ];
    assert_eq!(refreshed, Refreshed::Downloaded(serials.clone()));
    assert_eq!(client.keys().serials(), serials);
    assert_eq!(client.keys().mode(), KeyMode::Certificates);
    assert_eq!(paths(&script), ["/v3/certificates"]);
    assert!(
        !script
            .only_request()
            .headers()
            .contains_key("wechatpay-serial")
    );
}

#[tokio::test]
async fn a_first_download_signed_by_another_key_leaves_the_ring_empty() {
    let mut forged = listing(&[older()], older()).unwrap();
    let stolen = newer().serial().parse().unwrap();
    forged.headers_mut().insert("Wechatpay-Serial", stolen);
    let unknown = Unverified::UnknownSerial(newer().serial().to_owned());
    let mismatch = say(200, forged.body().clone()).serial(older().serial());
    let mismatch = mismatch.signed_with(&newer().key);
    for (answer, reason) in [(Ok(forged), unknown), (mismatch, Unverified::BadSignature)] {
        let (client, _, _) = start(KeyRing::new(), vec![answer]);
        let error = client.refresh_certificates().await.unwrap_err();
        assert_eq!(error.unverified(), Some(&reason));
        assert_eq!(client.keys().mode(), KeyMode::Empty);
    }
}

#[tokio::test]
async fn certificates_under_another_api_v3_key_name_the_setting_that_is_wrong() {
    let other = ApiV3Key::new("another-key-another-key-another-").unwrap();
    let (client, _, _) = start(
        KeyRing::new(),
        vec![listing_sealed(&[older()], older(), &other)],
    );
    let error = client.refresh_certificates().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("do not open with this APIv3 key"),
        "{error}"
    );
    assert_eq!(error.advice(), wechatpay::Advice::Fix);
}

#[tokio::test]
async fn odd_lists_are_refused() {
    let listed_wrongly = {
        let body = listing(&[older()], older()).unwrap().into_body();
        let body = String::from_utf8(body.to_vec()).unwrap();
        body.replace(older().serial(), newer().serial())
    };
    let other_algorithm = {
        let body = listing(&[older()], older()).unwrap().into_body();
        String::from_utf8(body.to_vec())
            .unwrap()
            .replace("AEAD_AES_256_GCM", "AEAD_SM4_GCM")
    };
    for body in [
        r#"{"data":[]}"#.to_owned(),
        "{}".to_owned(),
        listed_wrongly,
        other_algorithm,
    ] {
        let answer = say(200, body)
            .serial(older().serial())
            .signed_with(&older().key);
        let (client, _, _) = start(ring_with(&[older()]), vec![answer]);
        let error = client.refresh_certificates().await.unwrap_err();
        assert!(
            error.to_string().contains("cannot be understood"),
            "{error}"
        );
        assert_eq!(client.keys().serials().len(), 1);
    }
}

#[tokio::test]
async fn a_merchant_without_certificates_is_told_what_to_configure() {
    let none = r#"{"code":"RESOURCE_NOT_EXISTS","message":"无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。"}"#;
    let (client, _, _) = start(KeyRing::new(), vec![say(404, none).unsigned()]);
    let error = client.refresh_certificates().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("configure the WeChat Pay public key"),
        "{error}"
    );
}

#[tokio::test]
async fn an_answer_by_a_new_key_is_verified_after_one_refresh() {
    let (client, script, _) = start(
        ring_with(&[older()]),
        vec![
            unpaid_by(newer()),
            listing(&[older(), newer()], older()),
            unpaid_by(newer()),
        ],
    );
    client.query_by_out_trade_no(&number()).await.unwrap();
    client.query_by_out_trade_no(&number()).await.unwrap();
    let certificates: Vec<_> = paths(&script)
        .into_iter()
        .filter(|path| path == "/v3/certificates")
        .collect();
    assert_eq!(certificates.len(), 1);
    assert_eq!(
        client.keys().advertised().as_ref(),
        Some(newer().certificate.serial_no())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_answers_by_a_new_key_share_one_refresh() {
    const CALLERS: usize = 16;
    let (script, ambient) = (Arc::new(ByPath::default()), FixedAmbient::new());
    let client = client_with(&script, ring_with(&[older()]), ambient);
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.query_by_out_trade_no(&number()).await })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    assert_eq!(
        script.downloads.load(std::sync::atomic::Ordering::SeqCst),
        1
    );
}

/// Answers by path, because the order of concurrent requests is not known.
#[derive(Default)]
struct ByPath {
    downloads: std::sync::atomic::AtomicUsize,
}

impl wechatpay::Transport for ByPath {
    fn send(&self, request: http::Request<bytes::Bytes>) -> wechatpay::BoxFuture<'_, Outcome> {
        Box::pin(async move {
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            if request.uri().path() == "/v3/certificates" {
                self.downloads
                    .fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                listing(&[older(), newer()], older())
            } else {
                unpaid_by(newer())
            }
        })
    }
}

#[tokio::test]
async fn a_strangers_unknown_serials_cause_one_download_a_minute_and_no_more() {
    let present = || listing(&[older()], older());
    let (client, script, ambient) = start(ring_with(&[older()]), vec![present(), present()]);
    let body = payment_body();
    for invented in 0..50 {
        let serial = format!("{invented:040}");
        let headers = headers_by(&newer().key, &serial, &body);
        let error = client.open_notification(&headers, &body).await.unwrap_err();
        assert_eq!(error, NotificationError::UnknownSerial(serial));
    }
    assert_eq!(script.requests().len(), 1);

    ambient.advance(REFRESH_INTERVAL_SECONDS);
    let headers = headers_by(&newer().key, newer().serial(), &body);
    client.open_notification(&headers, &body).await.unwrap_err();
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test]
async fn a_download_that_failed_counts_against_the_interval_too() {
    let (client, script, _) = start(ring_with(&[older()]), vec![lost()]);
    let body = payment_body();
    for _ in 0..5 {
        let headers = headers_by(&newer().key, newer().serial(), &body);
        client.open_notification(&headers, &body).await.unwrap_err();
    }
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn serials_that_no_certificate_can_have_cause_no_download() {
    let (client, script, _) = start(ring_with(&[older()]), vec![]);
    let body = payment_body();
    for serial in [
        "",
        "x",
        "PUB_KEY_ID_9999999999999999999999999999",
        "../../etc/passwd",
    ] {
        let headers = headers_by(&newer().key, serial, &body);
        let error = client.open_notification(&headers, &body).await.unwrap_err();
        assert_eq!(error, NotificationError::UnknownSerial(serial.to_owned()));
    }
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn a_refresh_soon_after_another_does_nothing_but_one_after_a_failure_tries_again() {
    let present = || listing(&[older()], older());
    let (client, _, ambient) = start(KeyRing::new(), vec![lost(), present(), present()]);
    client.refresh_certificates().await.unwrap_err();
    assert!(matches!(
        client.refresh_certificates().await,
        Ok(Refreshed::Downloaded(_))
    ));
    ambient.advance(59);
    let again = client.refresh_certificates().await.unwrap();
    assert_eq!(again, Refreshed::Recently { seconds_ago: 59 });
    ambient.advance(1);
    assert!(matches!(
        client.refresh_certificates().await,
        Ok(Refreshed::Downloaded(_))
    ));
}

#[tokio::test]
async fn a_refresh_forgets_certificates_that_have_expired() {
    let (script, ambient) = (Script::new([listing_at(JULY_2023)]), FixedAmbient::new());
    let client = client_with(&script, ring_with(&[older()]), Arc::clone(&ambient));
    ambient.advance(JULY_2023 - NOW);
    client.refresh_certificates().await.unwrap();
    assert_eq!(
        client.keys().serials(),
        [newer().certificate.serial_no().clone()]
    );
}

/// When the older certificate has expired and the newer has not.
const JULY_2023: i64 = 1_688_169_600;

fn listing_at(timestamp: i64) -> Outcome {
    let body = listing(&[newer()], newer())?.into_body();
    say(200, body)
        .at(timestamp)
        .serial(newer().serial())
        .signed_with(&newer().key)
}

#[tokio::test]
async fn both_kinds_of_key_verify_side_by_side() {
    let keys = crate::fixtures::public_key_ring();
    keys.insert_certificate(older().certificate.clone());
    assert_eq!(keys.mode(), KeyMode::Both);
    let (client, _, _) = start(keys, vec![unpaid_by(older()), say(200, UNPAID).signed()]);
    client.query_by_out_trade_no(&number()).await.unwrap();
    client.query_by_out_trade_no(&number()).await.unwrap();
}

#[test]
fn sensitive_fields_are_encrypted_to_the_key_that_is_named() {
    assert!(KeyRing::new().for_encryption().is_none());
    let ring = ring_with(&[newer(), older()]);
    let (serial, key) = ring.for_encryption().unwrap();
    assert_eq!(serial.as_str(), newer().serial());
    assert_eq!(
        newer()
            .key
            .decrypt_oaep(&key.encrypt_oaep(b"a").unwrap())
            .unwrap(),
        b"a"
    );
    assert_eq!(
        ring.newest_certificate_since(),
        Some(newer().certificate.not_before())
    );
}
