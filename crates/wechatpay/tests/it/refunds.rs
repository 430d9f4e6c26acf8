//! Refunds: what is sent, what is read, and which answers leave the outcome open.

use http::Method;
use serde_json::{Value, json};
use wechatpay::{
    Advice, ApiCode, BankType, OutRefundNo, Refund, RefundChannel, RefundOf, RefundReason,
    RefundStatus, RefundTo,
};

use crate::fixtures::{
    FixedAmbient, PUBLIC_KEY_ID, client, client_with, newer, number, platform_key, public_key_ring,
    refund, stuck,
};
use crate::platform::{Script, lost, refused_to_connect, say};

const ACCEPTED: &str = r#"{"refund_id":"50000000382019052709732678859","out_refund_no":"R-1|2*3@4_5",
    "transaction_id":"4200000000202611230000000001","out_trade_no":"1217752501201407033233368018",
    "channel":"ORIGINAL","user_received_account":"招商银行信用卡0403",
    "create_time":"2026-11-23T22:38:41+08:00","status":"PROCESSING","funds_account":"AVAILABLE",
    "amount":{"total":100,"refund":50,"payer_total":100,"payer_refund":50,"settlement_refund":50,
    "settlement_total":100,"discount_refund":0,"currency":"CNY"},"promotion_detail":[]}"#;

fn accepted() -> Value {
    serde_json::from_str(ACCEPTED).unwrap()
}

fn read(answer: &Value) -> Result<Refund, serde_json::Error> {
    serde_json::from_str(&answer.to_string())
}

#[tokio::test]
async fn a_refund_is_asked_for_with_every_field_and_no_null() {
    let script = Script::new([say(200, ACCEPTED).signed()]);
    let answer = client(&script).create_refund(&refund()).await.unwrap();
    assert_eq!(answer.status, RefundStatus::Processing);
    assert_eq!(answer.channel, Some(RefundChannel::Original));
    assert_eq!(answer.amount.refund.get(), 50);

    let request = script.only_request();
    assert_eq!(request.method(), Method::POST);
    assert_eq!(
        request.uri(),
        "https://main.test/v3/refund/domestic/refunds"
    );
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(
        body,
        json!({
            "transaction_id": "4200000000202611230000000001",
            "out_refund_no": "R-1|2*3@4_5",
            "reason": "商品已售完",
            "notify_url": "https://shop.example/v1/wechat/notify/main",
            "amount": {"refund": 50, "total": 100, "currency": "CNY"},
        })
    );
}

#[tokio::test]
async fn a_refund_by_order_number_and_without_a_reason_leaves_them_out() {
    let script = Script::new([say(200, ACCEPTED).signed()]);
    let mut wanted = refund();
    wanted.of = RefundOf::Order(number());
    wanted.reason = None;
    client(&script).create_refund(&wanted).await.unwrap();
    let body: Value = serde_json::from_slice(script.only_request().body()).unwrap();
    let names: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["amount", "notify_url", "out_refund_no", "out_trade_no"]
    );
}

#[tokio::test]
async fn a_refund_of_nothing_is_not_sent() {
    let script = Script::new([]);
    let mut wanted = refund();
    wanted.refund = fen::Fen::ZERO;
    let error = client(&script).create_refund(&wanted).await.unwrap_err();
    assert_eq!(error.advice(), Advice::Fix);
    assert_eq!(script.requests().len(), 0);
}

#[tokio::test]
async fn a_refund_is_queried_by_its_number_escaped_as_it_is_sent() {
    let script = Script::new([say(200, ACCEPTED).signed()]);
    let number = refund().out_refund_no;
    let answer = client(&script).query_refund(&number).await.unwrap();
    assert_eq!(answer.out_refund_no, number);
    let request = script.only_request();
    assert_eq!(request.method(), Method::GET);
    assert_eq!(
        request.uri().path(),
        "/v3/refund/domestic/refunds/R-1%7C2*3@4_5"
    );
}

#[tokio::test]
async fn a_buyers_card_travels_encrypted_to_the_key_that_the_request_names() {
    for (ring, serial, key) in [
        (public_key_ring(), PUBLIC_KEY_ID, platform_key()),
        (
            {
                let ring = wechatpay::KeyRing::new();
                ring.insert_certificate(newer().certificate.clone());
                ring
            },
            newer().serial(),
            &newer().key,
        ),
    ] {
        let answer = say(200, ACCEPTED).serial(serial).signed_with(key);
        let script = Script::new([answer]);
        let client = client_with(&script, ring, FixedAmbient::new());
        client.apply_abnormal_refund(&stuck()).await.unwrap();

        let request = script.only_request();
        assert_eq!(
            request.uri().path(),
            "/v3/refund/domestic/refunds/50200207182018070300011301001/apply-abnormal-refund"
        );
        assert_eq!(request.headers()["wechatpay-serial"], serial);
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(body["type"], "USER_BANK_CARD");
        assert_eq!(body["bank_type"], "CMB_DEBIT");
        assert_eq!(body["out_refund_no"], "R-1|2*3@4_5");
        let open = |name: &str| {
            let sealed = body[name].as_str().unwrap();
            String::from_utf8(key.decrypt_oaep(sealed).unwrap()).unwrap()
        };
        assert_eq!(open("bank_account"), "6225880000000001");
        assert_eq!(open("real_name"), "张三");
    }
}

#[tokio::test]
async fn a_stuck_refund_to_the_merchant_names_no_card() {
    let script = Script::new([say(200, ACCEPTED).signed()]);
    let mut wanted = stuck();
    wanted.to = RefundTo::Merchant;
    client(&script)
        .apply_abnormal_refund(&wanted)
        .await
        .unwrap();
    let body: Value = serde_json::from_slice(script.only_request().body()).unwrap();
    assert_eq!(
        body,
        json!({"out_refund_no": "R-1|2*3@4_5", "type": "MERCHANT_BANK_CARD"})
    );
}

#[tokio::test]
async fn without_a_key_to_encrypt_to_no_card_is_sent() {
    let script = Script::new([]);
    let client = client_with(&script, wechatpay::KeyRing::new(), FixedAmbient::new());
    let error = client.apply_abnormal_refund(&stuck()).await.unwrap_err();
    assert_eq!(error.advice(), Advice::Fix);
    assert_eq!(script.requests().len(), 0);
}

#[test]
fn unknown_words_and_members_of_an_answer_survive() {
    let mut answer = accepted();
    answer["status"] = "HALF_WAY".into();
    answer["channel"] = "CARRIER_PIGEON".into();
    answer["funds_account"] = "PIGGY_BANK".into();
    answer["new_member"] = 7.into();
    answer["amount"]["refund_fee"] = 3.into();
    let refund = read(&answer).unwrap();
    assert_eq!(refund.status, RefundStatus::Unknown("HALF_WAY".to_owned()));
    assert_eq!(refund.extra["new_member"], 7);
    assert_eq!(refund.amount.extra["refund_fee"], 3);
    let again = serde_json::to_value(&refund).unwrap();
    for name in ["status", "channel", "funds_account", "new_member", "amount"] {
        assert_eq!(again[name], answer[name], "{name}");
    }
}

#[test]
fn an_answer_may_say_absent_in_three_ways() {
    for name in [
        "channel",
        "user_received_account",
        "success_time",
        "funds_account",
    ] {
        for absent in [Value::Null, "".into()] {
            let mut answer = accepted();
            answer[name] = absent;
            assert!(read(&answer).is_ok(), "{name}");
        }
        let mut answer = accepted();
        answer.as_object_mut().unwrap().remove(name);
        assert!(read(&answer).is_ok(), "{name}");
    }
}

#[test]
fn neither_the_card_nor_the_account_is_shown() {
    let shown = format!("{:?} {:?}", stuck(), read(&accepted()).unwrap());
    for hidden in ["6225880000000001", "张三", "0403"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[test]
fn numbers_and_reasons_are_counted_in_bytes() {
    assert!(OutRefundNo::new("7".repeat(64)).is_ok());
    for refused in [String::new(), "7".repeat(65), "a b".into(), "退".into()] {
        assert!(OutRefundNo::new(refused.as_str()).is_err(), "{refused}");
    }
    assert!(RefundReason::new("完".repeat(26) + "ab").is_ok());
    for refused in [String::new(), "完".repeat(26) + "abc", "two\nlines".into()] {
        assert!(RefundReason::new(refused.as_str()).is_err(), "{refused}");
    }
}

#[test]
fn all_banks_are_known() {
    for bank in [
        "CMB", "COMM", "ABC", "CCB", "ICBC", "BOC", "PAB", "SPDB", "CITIC", "CEB", "CMBC", "CIB",
        "GDB", "PSBC", "NBCB",
    ] {
        let word = format!("{bank}_DEBIT");
        let bank = BankType::from(word.as_str());
        assert!(!matches!(bank, BankType::Unknown(_)), "{word}");
        assert_eq!(bank.as_str(), word);
    }
}

/// The documented errors of a refund request, with what is to be done about each.
#[tokio::test]
async fn the_error_table_of_a_refund_request() {
    let table = [
        (400, "PARAM_ERROR", Advice::Fix),
        (400, "INVALID_REQUEST", Advice::Fix),
        (401, "SIGN_ERROR", Advice::Fix),
        (403, "NOT_ENOUGH", Advice::RepeatIdentically),
        (403, "USER_ACCOUNT_ABNORMAL", Advice::Stop),
        (403, "NO_AUTH", Advice::Fix),
        (403, "REQUEST_BLOCKED", Advice::Stop),
        (404, "MCH_NOT_EXISTS", Advice::Fix),
        (404, "RESOURCE_NOT_EXISTS", Advice::QueryFirst),
        (429, "FREQUENCY_LIMITED", Advice::QueryFirst),
        (429, "RATELIMIT_EXCEEDED", Advice::QueryFirst),
        (500, "SYSTEM_ERROR", Advice::QueryFirst),
        (500, "BIZ_ERR_NEED_RETRY", Advice::QueryFirst),
        (400, "TRADE_OVERDUE", Advice::Stop),
        (403, "REFUND_FEE_MISMATCH", Advice::Fix),
    ];
    for (status, code, advice) in table {
        let body = format!(r#"{{"code":"{code}","message":"…"}}"#);
        let script = Script::new([say(status, body).unsigned()]);
        let error = client(&script).create_refund(&refund()).await.unwrap_err();
        assert_eq!(error.advice(), advice, "{code}");
        assert!(!matches!(error.code(), Some(ApiCode::Unknown(_))), "{code}");
    }
}

#[tokio::test]
async fn a_refund_whose_answer_is_lost_is_queried_and_one_never_sent_is_repeated() {
    let error = client(&Script::new([lost()]))
        .create_refund(&refund())
        .await
        .unwrap_err();
    assert_eq!(error.advice(), Advice::QueryFirst);
    assert!(error.is_ambiguous());
    let unsent = Script::new([refused_to_connect(), refused_to_connect()]);
    let error = client(&unsent).create_refund(&refund()).await.unwrap_err();
    assert_eq!(error.advice(), Advice::RepeatIdentically);
    assert!(!error.is_ambiguous());
}

#[tokio::test]
async fn a_refund_that_the_platform_does_not_know_is_a_certain_answer_to_a_query() {
    let body = r#"{"code":"RESOURCE_NOT_EXISTS","message":"退款单不存在"}"#;
    let script = Script::new([say(404, body).unsigned()]);
    let number = refund().out_refund_no;
    let error = client(&script).query_refund(&number).await.unwrap_err();
    assert_eq!(error.code(), Some(&ApiCode::ResourceNotExists));
    assert_eq!(error.advice(), Advice::Stop);
    assert!(!error.is_ambiguous());
}
