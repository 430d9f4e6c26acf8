//! Parsers of what comes from outside, tried with spoilt samples.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use fuzz::{spoilt, spoilt_text};
use http::{HeaderMap, HeaderValue, Request, Response};
use proptest::prelude::*;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, SerialNumber};
use tokio::runtime::Runtime;
use wechatpay::crypto::{Certificate, PrivateKey, PublicKey};
use wechatpay::{
    BoxFuture, Client, Notification, NotificationError, NotificationHeaders, Refund, Resource,
    TradeBill, Transaction, Transport, TransportError,
};

use crate::fixtures::{NOW, PUBLIC_KEY_ID, api_v3_key, client, platform_key};
use crate::notify::{PAYMENT, REFUND, envelope, headers, payment_body};

/// Two payments, a refund and the summary.
const BILL: &str =
    "交易时间,商户号,微信订单号,商户订单号,交易状态,货币种类,应结订单金额,代金券金额,订单金额
`2026-11-23 22:38:41,`1900007291,`4200001,`20261123223841,`SUCCESS,`CNY,`17.90,`0.00,`17.90
`2026-11-23 22:38:42,`1900007291,`4200002,`20261123223842,`SUCCESS,`CNY,`1.00,`0.00,`1.00
`2026-11-23 22:39:41,`1900007291,`4200001,`20261123223841,`REFUND,`CNY,`0.00,`0.00,`0.00
总交易单数,订单总金额
`3,`18.90
";

/// A platform that has no certificates, however often it is asked.
struct Nothing;

impl Transport for Nothing {
    fn send(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = http::StatusCode::NOT_FOUND;
        Box::pin(std::future::ready(Ok(answer)))
    }
}

fn open(headers: &NotificationHeaders, body: &[u8]) -> Result<Notification, NotificationError> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    static CLIENT: OnceLock<Client> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.build().unwrap()
    });
    let client = CLIENT.get_or_init(|| client(&Arc::new(Nothing)));
    runtime.block_on(client.open_notification(headers, body))
}

/// The text of a certificate and of its private key.
fn pems() -> &'static (String, String) {
    static PEMS: OnceLock<(String, String)> = OnceLock::new();
    PEMS.get_or_init(|| {
        let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
        let mut params = CertificateParams::default();
        params.serial_number = Some(SerialNumber::from(vec![0x51; 20]));
        let certificate = params.self_signed(&pair).unwrap().pem();
        (certificate, pair.serialize_pem())
    })
}

fn as_header(bytes: &[u8]) -> Option<HeaderValue> {
    HeaderValue::from_bytes(bytes).ok()
}

proptest! {
    #![proptest_config(fuzz::config())]

    /// Only the genuine headers open a genuine body.
    #[test]
    fn fuzz_notification_headers(
        timestamp in spoilt(vec![NOW.to_string().into_bytes()]),
        nonce in spoilt(vec![b"a-nonce".to_vec()]),
        signature in spoilt(vec![headers(&payment_body()).signature.into_bytes()]),
        serial in spoilt(vec![PUBLIC_KEY_ID.into(), "5".repeat(40).into_bytes()]),
    ) {
        let body = payment_body();
        let genuine = headers(&body);
        let mut map = HeaderMap::new();
        for (name, value) in [
            ("wechatpay-timestamp", &timestamp),
            ("wechatpay-nonce", &nonce),
            ("wechatpay-signature", &signature),
            ("wechatpay-serial", &serial),
        ] {
            if let Some(value) = as_header(value) {
                map.insert(name, value);
            }
        }
        if let Ok(read) = NotificationHeaders::from_http(&map)
            && open(&read, &body).is_ok()
        {
            prop_assert_eq!(read.timestamp, genuine.timestamp);
            prop_assert_eq!(read.nonce, genuine.nonce);
            prop_assert_eq!(read.signature, genuine.signature);
            prop_assert_eq!(read.serial, genuine.serial);
        }
    }

    /// A body that was changed opens under no old signature.
    #[test]
    fn fuzz_notification_body(body in spoilt(vec![payment_body()])) {
        let genuine = payment_body();
        prop_assert_eq!(open(&headers(&genuine), &body).is_ok(), body == genuine);
    }

    /// Whatever the platform signs is opened, or called malformed.
    #[test]
    fn fuzz_envelope(body in spoilt(vec![
        payment_body(),
        envelope("REFUND.SUCCESS", "refund", REFUND, &api_v3_key()).to_string().into_bytes(),
    ])) {
        let opened = open(&headers(&body), &body);
        let is_known = matches!(
            opened,
            Ok(_) | Err(NotificationError::Malformed(_) | NotificationError::WrongKey)
        );
        prop_assert!(is_known, "{:?}", opened);
    }

    /// Whatever it seals is read, or called malformed; what was read can be written and read again.
    #[test]
    fn fuzz_content(content in spoilt_text(&[PAYMENT, REFUND])) {
        let kinds = [("TRANSACTION.SUCCESS", "transaction"), ("REFUND.SUCCESS", "refund")];
        for (event, kind) in kinds {
            let body = envelope(event, kind, &content, &api_v3_key()).to_string().into_bytes();
            match open(&headers(&body), &body) {
                Ok(Notification { resource: Resource::Transaction(read), .. }) => {
                    let written = serde_json::to_value(&read).unwrap();
                    let again: Transaction = serde_json::from_value(written.clone()).unwrap();
                    prop_assert_eq!(serde_json::to_value(&again).unwrap(), written);
                }
                Ok(_) | Err(NotificationError::Malformed(_)) => {}
                Err(other) => prop_assert!(false, "{}", other),
            }
        }
    }

    /// The JSON of answers.
    #[test]
    fn fuzz_answers(body in spoilt(vec![PAYMENT.into(), REFUND.into()])) {
        drop(serde_json::from_slice::<Transaction>(&body));
        drop(serde_json::from_slice::<Refund>(&body));
    }

    /// Certificates and keys as they are pasted into configurations, and sent by the platform.
    #[test]
    fn fuzz_certificates(text in spoilt_text(&[
        &pems().0,
        &pems().1,
        &platform_key().public_key().to_pem(),
    ])) {
        if let Ok(read) = Certificate::from_pem(&text) {
            prop_assert_eq!(read.serial_no().as_str().len(), 40);
        }
        if let Ok(read) = PublicKey::from_pem(&text) {
            prop_assert_eq!(PublicKey::from_pem(&read.to_pem()), Ok(read));
        }
        if let Err(error) = PrivateKey::from_pem(&text) {
            let secret = pems().1.lines().nth(1).unwrap();
            prop_assert!(!error.to_string().contains(secret));
        }
    }

    /// Bills: each line is a row or is named, and reading comes to an end.
    #[test]
    fn fuzz_bill_rows(text in spoilt(vec![BILL.as_bytes().to_vec()])) {
        let Ok(mut bill) = TradeBill::new(&text[..]) else {
            return Ok(());
        };
        let mut lines = 0;
        while let Ok(Some(row)) = bill.next_row() {
            lines += 1;
            prop_assert!(lines <= text.len());
            if let Err(problem) = row {
                prop_assert!(problem.line > 1 && !problem.to_string().is_empty());
            }
        }
    }
}
