//! What a client holds besides its calls: pay parameters, the clocks' difference, its own looks.

use wechatpay::crypto::message;
use wechatpay::{AppId, PrepayId};

use crate::fixtures::{API_V3_KEY, MCH_ID, NONCE, NOW, PUBLIC_KEY_ID, client, merchant_key};
use crate::platform::{Script, lost, say};

#[tokio::test]
async fn pay_parameters_are_finished_and_signed() {
    let client = client(&Script::new([]));
    let appid = AppId::new("wx2421b1c4370ec43b").unwrap();
    let prepay_id = PrepayId::new("wx201410272009395522657a690389285100").unwrap();
    let payment = client.request_payment(&appid, &prepay_id);
    assert_eq!(
        payment,
        client.request_payment_with(&appid, &prepay_id, NOW, NONCE)
    );
    let signed = message::mini_program_pay(
        "wx2421b1c4370ec43b",
        "1554208460",
        NONCE,
        "prepay_id=wx201410272009395522657a690389285100",
    );
    let json = serde_json::to_value(&payment).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "timeStamp": "1554208460",
            "nonceStr": NONCE,
            "package": "prepay_id=wx201410272009395522657a690389285100",
            "signType": "RSA",
            "paySign": merchant_key().sign(&signed),
        }),
    );
    assert!(!format!("{payment:?}").contains(&payment.pay_sign));

    let app = client.app_payment(&appid, &prepay_id);
    let signed = message::app_pay(
        appid.as_str(),
        &app.time_stamp,
        &app.nonce_str,
        prepay_id.as_str(),
    );
    assert_eq!(
        merchant_key().public_key().verify(&signed, &app.sign),
        Ok(())
    );
    let json = serde_json::to_value(&app).unwrap();
    assert_eq!(json["packageValue"], "Sign=WXPay");
    assert_eq!(json["partnerId"], MCH_ID);
    assert!(!format!("{app:?}").contains(&app.sign));
}

#[tokio::test]
async fn the_clocks_difference_is_read_from_answers_of_every_kind() {
    let late = say(401, "")
        .header("Date", "Tue, 02 Apr 2019 12:30:00 GMT")
        .unsigned();
    let script = Script::new([lost(), late]);
    let client = client(&script);
    client.echo("a").await.unwrap_err();
    assert_eq!(
        (client.last_answer_date(), client.clock_skew_seconds()),
        (None, None)
    );
    client.echo("a").await.unwrap_err();
    assert_eq!(client.last_answer_date(), Some(1_554_208_200));
    assert_eq!(client.clock_skew_seconds(), Some(260));
}

#[test]
fn a_client_shows_its_merchant_and_no_secret() {
    let shown = format!("{:?}", client(&Script::new([])));
    assert!(
        shown.contains(MCH_ID) && shown.contains(PUBLIC_KEY_ID),
        "{shown}"
    );
    assert!(!shown.contains(API_V3_KEY), "{shown}");
}

#[cfg(not(feature = "reqwest"))]
#[tokio::test]
async fn a_client_without_any_transport_says_so() {
    use std::error::Error as _;

    let (merchant, keys) = (
        crate::fixtures::merchant(),
        crate::fixtures::public_key_ring(),
    );
    let error = wechatpay::Client::builder(merchant, keys)
        .build()
        .echo("a")
        .await
        .unwrap_err();
    assert_eq!(error.name(), "not_sent");
    assert_eq!(
        error.source().unwrap().to_string(),
        "no transport was given to the client"
    );
}
