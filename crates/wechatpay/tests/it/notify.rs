//! Notifications: what is opened, and what is turned away, and why.

use serde_json::{Value, json};
use wechatpay::crypto::{ApiV3Key, PrivateKey, message};
use wechatpay::{
    EventType, Notification, NotificationError, NotificationHeaders, RefundStatus, Resource,
    TradeState,
};

use crate::fixtures::{NOW, OPENID, PUBLIC_KEY_ID, api_v3_key, client, newer, platform_key};
use crate::platform::Script;

pub(crate) const PAYMENT: &str = r#"{"transaction_id":"1217752501201407033233368018",
    "amount":{"payer_total":90,"total":100,"currency":"CNY","payer_currency":"CNY"},
    "mchid":"1230000109","trade_state":"SUCCESS","bank_type":"CMC",
    "success_time":"2018-06-08T10:34:56+08:00","payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
    "out_trade_no":"1217752501201407033233368018","appid":"wxd678efh567hg6787",
    "trade_state_desc":"支付成功","trade_type":"JSAPI","attach":"自定义数据","promotion_detail":[],
    "scene_info":{"device_id":"013467007045764"}}"#;

pub(crate) const REFUND: &str = r#"{"mchid":"1900000100","transaction_id":"1008450740201411110005820873",
    "out_trade_no":"20150806125346","refund_id":"50200207182018070300011301001",
    "out_refund_no":"7752501201407033233368018","refund_status":"SUCCESS",
    "success_time":"2018-06-08T10:34:56+08:00","user_received_account":"招商银行信用卡0403",
    "amount":{"total":999,"refund":999,"payer_total":999,"payer_refund":999}}"#;

pub(crate) fn envelope(
    event_type: &str,
    original_type: &str,
    plaintext: &str,
    key: &ApiV3Key,
) -> Value {
    let sealed = key
        .seal("fdasflkja484", original_type, plaintext.as_bytes())
        .unwrap();
    json!({
        "id": "EV-2018022511223320873",
        "create_time": "2015-05-20T13:29:35+08:00",
        "resource_type": "encrypt-resource",
        "event_type": event_type,
        "summary": "支付成功",
        "resource": {
            "original_type": original_type,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": sealed,
            "associated_data": original_type,
            "nonce": "fdasflkja484",
        },
    })
}

pub(crate) fn payment_body() -> Vec<u8> {
    let envelope = envelope("TRANSACTION.SUCCESS", "transaction", PAYMENT, &api_v3_key());
    envelope.to_string().into_bytes()
}

pub(crate) fn headers_by(key: &PrivateKey, serial: &str, body: &[u8]) -> NotificationHeaders {
    headers_at(NOW, key, serial, body)
}

pub(crate) fn headers_at(
    at: i64,
    key: &PrivateKey,
    serial: &str,
    body: &[u8],
) -> NotificationHeaders {
    let timestamp = at.to_string();
    NotificationHeaders {
        signature: key.sign(&message::answer(&timestamp, "a-nonce", body)),
        timestamp,
        nonce: "a-nonce".to_owned(),
        serial: serial.to_owned(),
        request_id: None,
    }
}

pub(crate) fn headers(body: &[u8]) -> NotificationHeaders {
    headers_by(platform_key(), PUBLIC_KEY_ID, body)
}

async fn open(
    headers: &NotificationHeaders,
    body: &[u8],
) -> Result<Notification, NotificationError> {
    client(&Script::new([]))
        .open_notification(headers, body)
        .await
}

/// Opens an envelope that the platform signed.
async fn open_signed(envelope: &Value) -> Result<Notification, NotificationError> {
    let body = envelope.to_string().into_bytes();
    open(&headers(&body), &body).await
}

#[tokio::test]
async fn a_payment_is_opened() {
    let body = payment_body();
    let notification = open(&headers(&body), &body).await.unwrap();
    assert_eq!(notification.id, "EV-2018022511223320873");
    assert_eq!(notification.event_type, EventType::TransactionSuccess);
    assert_eq!(notification.summary, "支付成功");
    assert_eq!(
        notification.create_time.unwrap().to_string(),
        "2015-05-20T05:29:35Z"
    );
    assert_eq!(notification.plaintext, PAYMENT.as_bytes());
    let shown = format!("{notification:?}");
    assert!(shown.contains("EV-2018022511223320873"));
    assert!(
        !shown.contains(OPENID) && !shown.contains("013467007045764"),
        "{shown}"
    );
    let Resource::Transaction(payment) = notification.resource else {
        panic!("not a payment")
    };
    assert_eq!(payment.trade_state, TradeState::Success);
    assert_eq!(payment.payer.openid.as_ref().unwrap().as_str(), OPENID);
    let amount = payment.amount.as_ref().unwrap();
    assert_eq!(
        (amount.total.get(), amount.payer_total.unwrap().get()),
        (100, 90)
    );
    assert_eq!(payment.extra["scene_info"]["device_id"], "013467007045764");
}

#[tokio::test]
async fn a_refund_is_opened_and_its_own_words_are_read() {
    let envelope = envelope("REFUND.SUCCESS", "refund", REFUND, &api_v3_key());
    let notification = open_signed(&envelope).await.unwrap();
    let shown = format!("{notification:?}");
    assert!(!shown.contains("招商银行"), "{shown}");
    let Resource::Refund(refund) = notification.resource else {
        panic!("not a refund")
    };
    assert_eq!(refund.refund_status, RefundStatus::Success);
    assert_eq!(refund.amount.refund.get(), 999);
    let account = refund.user_received_account.unwrap();
    assert_eq!(account.0, "招商银行信用卡0403");
}

#[tokio::test]
async fn an_event_that_nobody_knows_yet_survives() {
    let content = r#"{"openid":"o-secret","answer":42}"#;
    let envelope = envelope(
        "PAYSCORE.USER_OPEN_SERVICE",
        "payscore",
        content,
        &api_v3_key(),
    );
    let notification = open_signed(&envelope).await.unwrap();
    let unknown = EventType::Unknown("PAYSCORE.USER_OPEN_SERVICE".to_owned());
    assert_eq!(notification.event_type, unknown);
    assert!(!format!("{notification:?}").contains("o-secret"));
    let Resource::Other(value) = notification.resource else {
        panic!("not other")
    };
    assert_eq!(value["answer"], 42);
}

#[tokio::test]
async fn an_envelope_may_leave_out_what_nobody_needs() {
    let mut sparse = envelope("TRANSACTION.SUCCESS", "", PAYMENT, &api_v3_key());
    for member in ["create_time", "summary", "resource_type"] {
        sparse.as_object_mut().unwrap().remove(member);
    }
    for member in ["original_type", "associated_data"] {
        sparse["resource"].as_object_mut().unwrap().remove(member);
    }
    let notification = open_signed(&sparse).await.unwrap();
    assert!(matches!(notification.resource, Resource::Transaction(_)));
    assert_eq!(
        (notification.create_time, notification.summary.as_str()),
        (None, "")
    );
}

#[tokio::test]
async fn a_changed_body_is_turned_away() {
    let body = payment_body();
    let signed = headers(&body);
    let again: Value = serde_json::from_slice(&body).unwrap();
    let pretty = serde_json::to_vec_pretty(&again).unwrap();
    let truncated = &body[..body.len() - 1];
    for changed in [
        pretty.as_slice(),
        truncated,
        b"",
        &[body.as_slice(), b"\n"].concat(),
    ] {
        let error = open(&signed, changed).await.unwrap_err();
        assert_eq!(error, NotificationError::BadSignature(changed.len()));
        assert_eq!(error.name(), "bad_signature");
    }
}

#[tokio::test]
async fn a_forged_signature_is_turned_away_whatever_it_looks_like() {
    let body = payment_body();
    for signature in ["", "%", "AAAA", &newer().key.sign(&body)] {
        let forged = NotificationHeaders {
            signature: signature.to_owned(),
            ..headers(&body)
        };
        let error = open(&forged, &body).await.unwrap_err();
        assert_eq!(
            error,
            NotificationError::BadSignature(body.len()),
            "{signature}"
        );
    }
}

#[tokio::test]
async fn a_probe_has_its_own_name_and_is_turned_away_all_the_same() {
    let body = payment_body();
    let signature = "WECHATPAY/SIGNTEST/abc".to_owned();
    let probe = NotificationHeaders {
        signature,
        ..headers(&body)
    };
    let error = open(&probe, &body).await.unwrap_err();
    assert_eq!((error.name(), error), ("probe", NotificationError::Probe));
}

#[tokio::test]
async fn a_notification_is_fresh_for_five_minutes_both_ways() {
    let body = payment_body();
    for seconds in [-3_600, -301, 301, 3_600] {
        let signed = headers_at(NOW - seconds, platform_key(), PUBLIC_KEY_ID, &body);
        let error = open(&signed, &body).await.unwrap_err();
        assert_eq!(error, NotificationError::Stale { seconds });
    }
    for seconds in [-300, 300] {
        let signed = headers_at(NOW - seconds, platform_key(), PUBLIC_KEY_ID, &body);
        assert!(open(&signed, &body).await.is_ok(), "{seconds}");
    }
    let timestamp = "yesterday".to_owned();
    let odd = NotificationHeaders {
        timestamp,
        ..headers(&body)
    };
    let error = open(&odd, &body).await.unwrap_err();
    assert_eq!(
        error,
        NotificationError::MissingHeader("Wechatpay-Timestamp")
    );
}

#[tokio::test]
async fn a_notification_for_another_merchant_does_not_open() {
    let other = ApiV3Key::new("another-key-another-key-another-").unwrap();
    let envelope = envelope("TRANSACTION.SUCCESS", "transaction", PAYMENT, &other);
    assert_eq!(
        open_signed(&envelope).await.unwrap_err(),
        NotificationError::WrongKey
    );
}

#[tokio::test]
async fn what_the_platform_signed_and_nobody_understands_is_malformed() {
    let lawful = envelope("TRANSACTION.SUCCESS", "transaction", PAYMENT, &api_v3_key());
    let with = |pointer: &str, value: Value| {
        let mut changed = lawful.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        changed
    };
    let no_payment = envelope("TRANSACTION.SUCCESS", "transaction", "{}", &api_v3_key());
    let no_refund = envelope("REFUND.SUCCESS", "refund", PAYMENT, &api_v3_key());
    let no_json = envelope("OTHER.EVENT", "other", "text", &api_v3_key());
    for changed in [
        json!([]),
        json!({}),
        with("/resource", json!(null)),
        with("/resource/algorithm", json!("AEAD_SM4_GCM")),
        with("/resource/ciphertext", json!("%%%")),
        with("/resource/nonce", json!("short")),
        with("/id", json!(7)),
        no_payment,
        no_refund,
        no_json,
    ] {
        let error = open_signed(&changed).await.unwrap_err();
        assert!(
            matches!(error, NotificationError::Malformed(_)),
            "{changed}: {error}"
        );
    }
}

#[test]
fn headers_are_read_and_the_first_missing_one_is_named() {
    let mut map = http::HeaderMap::new();
    let names = [
        "Wechatpay-Timestamp",
        "Wechatpay-Nonce",
        "Wechatpay-Signature",
        "Wechatpay-Serial",
    ];
    for name in names {
        let error = NotificationHeaders::from_http(&map).unwrap_err();
        assert_eq!(error, NotificationError::MissingHeader(name));
        map.insert(name, format!("value-of-{name}").parse().unwrap());
    }
    map.insert("Request-ID", "08E7".parse().unwrap());
    let headers = NotificationHeaders::from_http(&map).unwrap();
    assert_eq!(headers.serial, "value-of-Wechatpay-Serial");
    assert_eq!(headers.request_id.as_deref(), Some("08E7"));
    assert!(!format!("{headers:?}").contains("value-of-Wechatpay-Signature"));

    map.insert(
        "Wechatpay-Signature-Type",
        "WECHATPAY2-SHA256-RSA2048".parse().unwrap(),
    );
    assert!(NotificationHeaders::from_http(&map).is_ok());
    map.insert(
        "Wechatpay-Signature-Type",
        "WECHATPAY2-SM2-WITH-SM3".parse().unwrap(),
    );
    let error = NotificationHeaders::from_http(&map).unwrap_err();
    assert_eq!(error, NotificationError::OtherScheme);
    map.remove("Wechatpay-Signature-Type");
    map.insert(
        "Wechatpay-Nonce",
        http::HeaderValue::from_bytes(b"\xff").unwrap(),
    );
    let error = NotificationHeaders::from_http(&map).unwrap_err();
    assert_eq!(error, NotificationError::MissingHeader("Wechatpay-Nonce"));
}
