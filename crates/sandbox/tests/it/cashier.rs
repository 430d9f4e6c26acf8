//! The cashier: what it refuses, and how it says why.

use serde_json::{Value, json};
use wechatpay::crypto::message;

use crate::world::{Caller, World};

struct Opened {
    world: World,
    prepay_id: String,
    payment: Value,
}

async fn opened() -> Opened {
    let world = World::start().await;
    let prepay_id = world.prepay("C000001").await;
    let payment = world.payment(&prepay_id);
    Opened {
        world,
        prepay_id,
        payment,
    }
}

impl Opened {
    fn signed(&self, message: &[u8]) -> Value {
        let mut payment = self.payment.clone();
        payment["paySign"] = json!(self.world.merchant.key.sign(message));
        payment
    }

    fn text(&self, name: &str) -> &str {
        self.payment[name].as_str().unwrap()
    }

    async fn refused(&self, payment: &Value, message: &str, reason_en: &str) {
        let fail = self.world.cashier(payment).await;
        assert_eq!(
            fail["errMsg"],
            format!("requestPayment:fail {message}"),
            "{fail}"
        );
        let found = fail["reason_en"].as_str().unwrap();
        assert!(
            found.contains(reason_en),
            "{found:?} does not say {reason_en:?}"
        );
        assert!(
            !fail["reason"].as_str().unwrap().is_ascii(),
            "in Chinese too: {fail}"
        );
    }
}

const UNVERIFIED: &str = "支付验证签名失败";

#[tokio::test]
async fn a_right_payment_opens_and_is_paid_once() {
    let opened = opened().await;
    let world = &opened.world;
    let first = world.cashier(&opened.payment).await;
    assert_eq!(first["merchant_name"], world.merchant.text("name"));
    let second = world.cashier(&opened.payment).await;
    let pay = async |cashier: &Value| {
        let path = format!("/cashier/{}/pay", cashier["cashier_id"].as_str().unwrap());
        world.control("POST", &path, json!({})).await
    };
    assert_eq!(pay(&first).await, json!({ "errMsg": "requestPayment:ok" }));
    let transaction_id = world.query("C000001").await.json()["transaction_id"].clone();
    for cashier in [&first, &second] {
        assert_eq!(
            pay(cashier).await["errMsg"],
            "requestPayment:fail 该订单已支付"
        );
    }
    opened
        .refused(&opened.payment, "该订单已支付", "paid before")
        .await;
    world.advance(0).await;
    assert_eq!(
        world.query("C000001").await.json()["transaction_id"],
        transaction_id
    );
    assert_eq!(world.notifications().await.len(), 1);
}

#[tokio::test]
async fn leaving_and_a_wrong_password_leave_the_order_payable() {
    let opened = opened().await;
    let world = &opened.world;
    let cashier = world.cashier(&opened.payment).await;
    let path = format!("/cashier/{}", cashier["cashier_id"].as_str().unwrap());
    let pay = async |password: &str| {
        let body = json!({ "password": password });
        world.control("POST", &format!("{path}/pay"), body).await
    };
    let fail = pay("000000").await;
    assert_eq!(fail["errMsg"], "requestPayment:fail 支付密码错误，请重试");
    assert_eq!(world.query("C000001").await.json()["trade_state"], "NOTPAY");
    let cancelled = world
        .control("POST", &format!("{path}/cancel"), json!({}))
        .await;
    assert_eq!(cancelled, json!({ "errMsg": "requestPayment:fail cancel" }));
    let gone = world
        .try_control("POST", &format!("{path}/pay"), json!({}))
        .await;
    assert_eq!(gone.status, 404);
    let again = world.cashier(&opened.payment).await;
    let path = format!("/cashier/{}/pay", again["cashier_id"].as_str().unwrap());
    let paid = world
        .control("POST", &path, json!({ "password": "123456" }))
        .await;
    assert_eq!(paid["errMsg"], "requestPayment:ok");
}

#[tokio::test]
async fn a_number_or_nothing_for_a_timestamp_is_named() {
    let opened = opened().await;
    let missing = "调用支付JSAPI缺少参数:timeStamp";
    let mut payment = opened.payment.clone();
    payment["timeStamp"] = json!(opened.text("timeStamp").parse::<i64>().unwrap());
    opened
        .refused(&payment, missing, "must be a string, not a number")
        .await;
    payment.as_object_mut().unwrap().remove("timeStamp");
    opened
        .refused(&payment, missing, "timeStamp is missing")
        .await;
}

#[tokio::test]
async fn milliseconds_are_recognised_on_either_side() {
    let opened = opened().await;
    let (nonce, package) = (opened.text("nonceStr"), opened.text("package"));
    let milliseconds = format!("{}123", opened.text("timeStamp"));
    let appid = opened.text("appid");
    let message = message::mini_program_pay(appid, &milliseconds, nonce, package);
    let mut both = opened.signed(&message);
    opened
        .refused(&both, UNVERIFIED, "the signed timestamp is in milliseconds")
        .await;
    both["timeStamp"] = json!(milliseconds);
    opened
        .refused(&both, UNVERIFIED, "13 digits: milliseconds")
        .await;
    let mut odd = opened.payment.clone();
    odd["timeStamp"] = json!("soon");
    opened.refused(&odd, UNVERIFIED, "must be 10 digits").await;
}

#[tokio::test]
async fn mistakes_in_the_signed_text_are_recognised() {
    let opened = opened().await;
    let (time, nonce) = (opened.text("timeStamp"), opened.text("nonceStr"));
    let (appid, package) = (opened.text("appid"), opened.text("package"));
    let right = format!("{appid}\n{time}\n{nonce}\n{package}\n");
    let id = &opened.prepay_id;
    for (message, reason) in [
        (right.trim_end().to_owned(), "lacks its newline"),
        (right.replace(package, id), "line 4 lacks prepay_id="),
        (right.replace('\n', "\r\n"), "CR LF"),
        (format!("{right}RSA\n"), "signType is not part"),
        (format!("{appid}\n{nonce}\n{time}\n{package}\n"), "swapped"),
        ("nonsense".to_owned(), "another private key"),
    ] {
        opened
            .refused(&opened.signed(message.as_bytes()), UNVERIFIED, reason)
            .await;
    }
}

#[tokio::test]
async fn a_wrong_appid_is_recognised_in_the_signature_and_outside_it() {
    let opened = opened().await;
    let world = &opened.world;
    let other = world.control("POST", "/merchants", json!({})).await;
    let other_app = other["appid"].as_str().unwrap();
    let (time, nonce) = (opened.text("timeStamp"), opened.text("nonceStr"));
    let message = message::mini_program_pay(other_app, time, nonce, opened.text("package"));
    let mut payment = opened.signed(&message);
    opened
        .refused(
            &payment,
            UNVERIFIED,
            &format!("line 1 holds the appid {other_app}"),
        )
        .await;
    payment["appid"] = json!(other_app);
    opened
        .refused(&payment, "商户传入的appid参数不正确", "the mini program is")
        .await;
    let mut elsewhere = opened.payment.clone();
    elsewhere["appid"] = json!(other_app);
    opened
        .refused(&elsewhere, UNVERIFIED, "the order was placed under")
        .await;
}

#[tokio::test]
async fn another_merchants_key_is_recognised() {
    let opened = opened().await;
    let other = opened.world.control("POST", "/merchants", json!({})).await;
    let other = Caller::new(opened.world.sandbox.api_url(), other);
    let (time, nonce) = (opened.text("timeStamp"), opened.text("nonceStr"));
    let message =
        message::mini_program_pay(opened.text("appid"), time, nonce, opened.text("package"));
    let mut payment = opened.payment.clone();
    payment["paySign"] = json!(other.key.sign(&message));
    let reason = format!("signed with merchant {}'s key", other.text("mchid"));
    opened.refused(&payment, UNVERIFIED, &reason).await;
    payment["paySign"] = json!("C380BEC2BFD727A4B6845133519F3AD6");
    opened.refused(&payment, UNVERIFIED, "looks like MD5").await;
}

#[tokio::test]
async fn package_sign_type_and_nonce_are_judged() {
    let opened = opened().await;
    let package = "调用支付JSAPI缺少参数:package";
    let with = |name: &str, value: &str| {
        let mut payment = opened.payment.clone();
        payment[name] = json!(value);
        payment
    };
    opened
        .refused(
            &with("package", &opened.prepay_id),
            package,
            "lacks its prefix",
        )
        .await;
    opened
        .refused(
            &with("package", "Sign=WXPay"),
            package,
            "must be prepay_id=",
        )
        .await;
    let unknown = with("package", "prepay_id=wx201410272009395522657a690389285100");
    opened
        .refused(&unknown, "该订单已失效", "nobody was given this prepay_id")
        .await;
    opened
        .refused(&with("signType", "MD5"), UNVERIFIED, "signType must be RSA")
        .await;
    let long = with("nonceStr", &"n".repeat(33));
    opened.refused(&long, UNVERIFIED, "longer than 32").await;
    let nobody = with("user", "nobody");
    assert!(opened.world.cashier(&nobody).await["reason_en"].is_string());
}

#[tokio::test]
async fn only_the_payer_of_the_prepay_may_pay_and_a_closed_order_never() {
    let opened = opened().await;
    opened.world.openid("other").await;
    let mut payment = opened.payment.clone();
    payment["user"] = json!("other");
    opened
        .refused(
            &payment,
            "下单账号与支付账号不一致",
            "another payer's openid",
        )
        .await;
    opened.world.close("C000001").await;
    opened
        .refused(&opened.payment, "该订单已关闭", "the order is closed")
        .await;
}

#[tokio::test]
async fn an_empty_purse_and_a_wrong_password_leave_the_sheet_open() {
    let Opened { world, payment, .. } = opened().await;
    let purse = json!({ "balance_fen": 99 });
    let shown = world.control("PUT", "/users/demo", purse).await;
    let known = json!({ "user": "demo", "balance_fen": 99, "refunds": "arrive" });
    assert_eq!(shown, known);
    let cashier = world.cashier(&payment).await;
    let path = format!("/cashier/{}/pay", cashier["cashier_id"].as_str().unwrap());
    let pay = async |password: &str| {
        let body = json!({ "password": password });
        world.control("POST", &path, body).await
    };
    let wrong = pay("000000").await;
    assert_eq!(wrong["retry"], true);
    assert!(
        wrong["reason"]
            .as_str()
            .unwrap()
            .starts_with("支付密码错误，请重试")
    );
    let poor = pay("123456").await;
    assert_eq!(poor["retry"], true);
    assert_eq!(poor["errMsg"], "requestPayment:fail 余额不足");
    assert!(
        poor["reason"]
            .as_str()
            .unwrap()
            .starts_with("余额不足：零钱只有 0.99 元")
    );
    assert_eq!(world.query("C000001").await.json()["trade_state"], "NOTPAY");

    let purse = json!({ "balance_fen": 250 });
    world.control("PUT", "/users/demo", purse).await;
    assert_eq!(pay("123456").await["errMsg"], "requestPayment:ok");
    let users = world.control("GET", "/users", json!({})).await;
    assert_eq!(
        users["data"][0]["balance_fen"], 150,
        "1.00 of 2.50 was taken"
    );
    assert_eq!(pay("123456").await["retry"], Value::Null, "paid is paid");

    let unlimited = json!({ "balance_fen": null });
    let shown = world.control("PUT", "/users/demo", unlimited).await;
    assert_eq!(shown["balance_fen"], Value::Null);
    for (user, purse) in [
        ("nobody", json!(1)),
        ("demo", json!(-1)),
        ("demo", json!("1")),
    ] {
        let path = format!("/users/{user}");
        let body = json!({ "balance_fen": purse });
        assert!(world.try_control("PUT", &path, body).await.status >= 400);
    }
}
