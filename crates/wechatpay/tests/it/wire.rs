//! Answers: what is unknown survives, what is absent may be absent.

use wechatpay::{EventType, TradeState, TradeType, Transaction};

use crate::fixtures::OPENID;
use crate::platform::UNPAID;

/// The documentation's answer for a paid order, with a coupon.
const PAID: &str = r#"{"transaction_id":"1217752501201407033233368018",
    "amount":{"payer_total":90,"total":100,"currency":"CNY","payer_currency":"CNY","new":1},
    "mchid":"1230000109","trade_state":"SUCCESS","bank_type":"CMC",
    "success_time":"2018-06-08T10:34:56+08:00","payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
    "out_trade_no":"1217752501201407033233368018","appid":"wxd678efh567hg6787",
    "trade_state_desc":"支付成功","trade_type":"MICROPAY","attach":"自定义数据",
    "promotion_detail":[{"coupon_id":"109519","amount":10,"scope":"GLOBAL"}],
    "scene_info":{"device_id":"013467007045764"},"something_new":{"a":[1,2]}}"#;

fn read(text: &str) -> Transaction {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn a_paid_order_is_read_and_written_without_loss() {
    let payment = read(PAID);
    assert_eq!(payment.trade_state, TradeState::Success);
    assert_eq!(payment.trade_type, Some(TradeType::Micropay));
    assert_eq!(payment.bank_type.as_deref(), Some("CMC"));
    assert_eq!(payment.promotion_detail.0[0]["coupon_id"], "109519");
    assert_eq!(payment.extra["something_new"]["a"][1], 2);
    let written = serde_json::to_value(&payment).unwrap();
    let original: serde_json::Value = serde_json::from_str(PAID).unwrap();
    assert_eq!(written, original);
}

#[test]
fn an_unpaid_order_is_read_however_little_it_says() {
    let payment = read(UNPAID);
    assert_eq!(payment.amount.as_ref().unwrap().total.get(), 1);
    assert_eq!(payment.payer.openid, None);
    let least = r#"{"appid":"wx1","mchid":"1","out_trade_no":"123456","trade_state":"NOTPAY""#;
    for rest in [
        "}",
        r#","payer":{},"amount":{}}"#,
        r#","amount":null,"success_time":null,"transaction_id":null,"attach":null}"#,
        r#","success_time":"","transaction_id":"","trade_type":"","attach":"","bank_type":"",
            "payer":{"openid":""},"amount":{"payer_currency":"","payer_total":null}}"#,
    ] {
        let payment = read(&format!("{least}{rest}"));
        assert_eq!(payment.trade_state, TradeState::NotPay);
        assert!(
            payment.amount.is_none() && payment.success_time.is_none(),
            "{rest}"
        );
        assert!(payment.transaction_id.is_none() && payment.attach.is_none());
        assert!(payment.trade_type.is_none() && payment.payer.openid.is_none());
    }
}

#[test]
fn words_that_nobody_knows_yet_are_kept() {
    let payment = read(&UNPAID.replace("NOTPAY", "BRAND_NEW"));
    assert_eq!(
        payment.trade_state,
        TradeState::Unknown("BRAND_NEW".to_owned())
    );
    assert!(!payment.trade_state.is_paid());
    assert_eq!(payment.trade_state.to_string(), "BRAND_NEW");
    assert_eq!(EventType::from("A.B").as_str(), "A.B");
}

#[test]
fn amounts_and_numbers_outside_their_rules_are_refused() {
    for (from, to) in [
        (r#""total":1"#, r#""total":-1"#),
        (r#""total":1"#, r#""total":1.5"#),
        (r#""total":1"#, r#""total":"1""#),
        (r#""mchid":"1900007291""#, r#""mchid":"x""#),
        (r#""trade_state":"NOTPAY""#, r#""trade_state":7"#),
    ] {
        let changed = UNPAID.replace(from, to);
        assert_ne!(changed, UNPAID);
        assert!(
            serde_json::from_str::<Transaction>(&changed).is_err(),
            "{to}"
        );
    }
}

#[test]
fn a_payment_does_not_show_the_payer() {
    let shown = format!("{:?}", read(PAID));
    assert!(
        !shown.contains(OPENID) && !shown.contains("013467007045764"),
        "{shown}"
    );
    assert!(
        shown.contains("something_new"),
        "names of unknown members are shown: {shown}"
    );
}
