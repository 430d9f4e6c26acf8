//! Prepay, query and close: who may do what with which number.

use serde_json::{Value, json};

use crate::world::{JSAPI, World};

async fn refused(world: &World, path: &str, body: &Value) -> (u16, String, String) {
    let answer = world.merchant.post(path, body).await;
    assert!(!answer.is_signed(), "a refusal is not signed by default");
    answer.refusal()
}

fn expect(status: u16, code: &str, message: &str) -> (u16, String, String) {
    (status, code.to_owned(), message.to_owned())
}

#[tokio::test]
async fn an_identical_repeat_gives_the_living_prepay_id_whatever_the_order_of_members() {
    let world = World::start().await;
    let first = world.prepay("R000001").await;
    assert_eq!(world.prepay("R000001").await, first);
    world.settings(json!({ "repeated_prepay": "new" })).await;
    let second = world.prepay("R000001").await;
    assert_ne!(second, first);
    assert!(world.cashier(&world.payment(&first)).await["cashier_id"].is_string());
    assert!(world.cashier(&world.payment(&second)).await["cashier_id"].is_string());
}

#[tokio::test]
async fn a_repeat_with_other_parameters_is_refused() {
    let world = World::start().await;
    world.prepay("R000002").await;
    let order = world.order("R000002").await;
    let message = "请求重入时，参数与首次请求时不一致";
    for (name, value) in [
        ("description", json!("other")),
        ("amount", json!({ "total": 101, "currency": "CNY" })),
        ("amount", json!({ "total": 100 })),
        ("time_expire", json!("2099-01-01T00:00:00+08:00")),
        ("notify_url", json!("https://other.example/")),
    ] {
        let mut order = order.clone();
        order[name] = value;
        let answer = world.merchant.post(JSAPI, &order).await;
        assert_eq!(
            answer.refusal(),
            expect(400, "INVALID_REQUEST", message),
            "{name}"
        );
        assert!(answer.header("request-id").unwrap().ends_with("-268498688"));
    }
    world
        .settings(json!({ "changed_prepay": "out_trade_no_used" }))
        .await;
    let mut order = order.clone();
    order["description"] = json!("other");
    assert_eq!(refused(&world, JSAPI, &order).await.1, "OUT_TRADE_NO_USED");
}

#[tokio::test]
async fn another_product_cannot_take_the_number() {
    let world = World::start().await;
    world.prepay("R000003").await;
    let mut order = world.order("R000003").await;
    order.as_object_mut().unwrap().remove("payer");
    let refusal = refused(&world, "/v3/pay/transactions/native", &order).await;
    assert_eq!((refusal.0, refusal.1.as_str()), (403, "OUT_TRADE_NO_USED"));
}

#[tokio::test]
async fn a_payer_must_have_an_openid_under_the_app() {
    let world = World::start().await;
    let other = world.control("POST", "/merchants", json!({})).await;
    let user = world
        .control("POST", "/users", json!({ "name": "demo" }))
        .await;
    let elsewhere = user["openids"][other["appid"].as_str().unwrap()].clone();
    for (openid, message) in [
        (json!("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"), "无效的openid"),
        (elsewhere, "appid与openid不匹配"),
    ] {
        let mut order = world.order("R000004").await;
        order["payer"]["openid"] = openid;
        let refusal = refused(&world, JSAPI, &order).await;
        assert_eq!(refusal, expect(400, "INVALID_REQUEST", message));
    }
}

#[tokio::test]
async fn an_app_must_be_bound_and_a_product_switched_on() {
    let world = World::start().await;
    let other = world.control("POST", "/merchants", json!({})).await;
    let mut order = world.order("R000005").await;
    order["appid"] = other["appid"].clone();
    let refusal = refused(&world, JSAPI, &order).await;
    assert_eq!(
        refusal,
        expect(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
    );
    let path = format!("/merchants/{}", world.merchant.text("mchid"));
    world
        .control("PUT", &path, json!({ "products": ["native"] }))
        .await;
    let refusal = refused(&world, JSAPI, &world.order("R000005").await).await;
    assert_eq!((refusal.0, refusal.1.as_str()), (403, "NO_AUTH"));
}

#[tokio::test]
async fn paid_and_closed_numbers_are_not_given_out_again() {
    let world = World::start().await;
    world.paid("R000006").await;
    let order = world.order("R000006").await;
    assert_eq!(
        refused(&world, JSAPI, &order).await,
        expect(400, "ORDERPAID", "该订单已支付")
    );
    let paid = world.close("R000006").await;
    assert_eq!(paid.refusal(), expect(400, "ORDERPAID", "该订单已支付"));
    world.prepay("R000007").await;
    for _ in 0..2 {
        let closed = world.close("R000007").await;
        assert_eq!(closed.status, 204, "closing again is fine");
        assert!(closed.is_signed());
    }
    let order = world.order("R000007").await;
    assert_eq!(refused(&world, JSAPI, &order).await.1, "ORDER_CLOSED");
    world.settings(json!({ "spelling": "underscore" })).await;
    assert_eq!(world.close("R000006").await.refusal().1, "ORDER_PAID");
    world.settings(json!({ "spelling": "old" })).await;
    assert_eq!(refused(&world, JSAPI, &order).await.1, "ORDERCLOSED");
    assert_eq!(world.query("NOBODY1").await.refusal().1, "ORDERNOTEXIST");
}

#[tokio::test]
async fn an_unknown_number_is_404_for_query_and_close() {
    let world = World::start().await;
    let expected = expect(404, "ORDER_NOT_EXIST", "订单不存在");
    assert_eq!(world.query("UNKNOWN1").await.refusal(), expected);
    assert_eq!(world.close("UNKNOWN1").await.refusal(), expected);
    let path = format!(
        "/v3/pay/transactions/id/4200000844202101245866928772?mchid={}",
        world.merchant.text("mchid")
    );
    assert_eq!(world.merchant.get(&path).await.refusal(), expected);
}

#[tokio::test]
async fn closing_an_unknown_number_can_be_made_to_burn_it() {
    let world = World::start().await;
    world
        .settings(json!({ "unknown_close": "no_content" }))
        .await;
    assert_eq!(world.close("BURNT001").await.status, 204);
    let refusal = refused(&world, JSAPI, &world.order("BURNT001").await).await;
    assert_eq!(refusal.2, "请求重入时，参数与首次请求时不一致");
}

#[tokio::test]
async fn queries_show_both_numbers_and_never_another_merchants_order() {
    let world = World::start().await;
    let unpaid = world.prepay("R000008").await;
    let query = world.query("R000008").await.json();
    assert_eq!(query["trade_state"], "NOTPAY");
    assert_eq!(query["trade_state_desc"], "订单未支付");
    assert_eq!(query["amount"], json!({ "total": 100 }));
    assert_eq!(query.get("transaction_id"), None);
    world.settings(json!({ "unpaid_answer": "bare" })).await;
    assert_eq!(world.query("R000008").await.json().get("amount"), None);
    world.pay(&unpaid).await;
    let paid = world.query("R000008").await.json();
    let id = paid["transaction_id"].as_str().unwrap();
    assert_eq!((id.len(), &id[..5]), (28, "42000"));
    assert_eq!(paid["trade_type"], "JSAPI");
    assert_eq!(paid["attach"], "自定义数据");
    let mchid = world.merchant.text("mchid");
    let by_id = format!("/v3/pay/transactions/id/{id}?mchid={mchid}");
    assert_eq!(world.merchant.get(&by_id).await.json(), paid);
    let foreign = by_id.replace(mchid, "1999999999");
    let refusal = world.merchant.get(&foreign).await.refusal();
    assert_eq!(
        refusal,
        expect(400, "INVALID_REQUEST", "商户号和订单信息不匹配")
    );
}

#[tokio::test]
async fn native_app_and_h5_have_their_own_answers() {
    let world = World::start().await;
    let mut order = world.order("R000009").await;
    order.as_object_mut().unwrap().remove("payer");
    let native = world
        .merchant
        .post("/v3/pay/transactions/native", &order)
        .await
        .json();
    let url = native["code_url"].as_str().unwrap();
    assert!(url.starts_with("weixin://wxpay/bizpayurl?pr="));
    let scanned = world
        .control("POST", "/scan", json!({ "user": "demo", "url": url }))
        .await;
    let id = scanned["cashier_id"].as_str().unwrap();
    world
        .control("POST", &format!("/cashier/{id}/pay"), json!({}))
        .await;
    assert_eq!(world.query("R000009").await.json()["trade_type"], "NATIVE");

    order["out_trade_no"] = json!("R000010");
    let app = world
        .merchant
        .post("/v3/pay/transactions/app", &order)
        .await
        .json();
    let prepay_id = app["prepay_id"].as_str().unwrap();
    let fail = world.cashier(&world.payment(prepay_id)).await;
    assert_eq!(fail["errMsg"], "requestPayment:fail 支付场景非法");

    let h5 = "/v3/pay/transactions/h5";
    order["out_trade_no"] = json!("R000011");
    assert_eq!(refused(&world, h5, &order).await.1, "PARAM_ERROR");
    order["scene_info"] = json!({ "payer_client_ip": "127.0.0.1", "h5_info": { "type": "Wap" } });
    assert_eq!(refused(&world, h5, &order).await.1, "INVALID_REQUEST");
    order["scene_info"]["payer_client_ip"] = json!("14.23.150.211");
    let answer = world.merchant.post(h5, &order).await.json();
    let url = answer["h5_url"].clone();
    let scan = async || {
        world
            .control("POST", "/scan", json!({ "user": "demo", "url": url }))
            .await
    };
    assert_eq!(scan().await["amount_fen"], 100);
    world.advance(300).await;
    assert!(
        scan().await["reason_en"]
            .as_str()
            .unwrap()
            .contains("expired (5 min)")
    );
    assert!(
        answer["h5_url"]
            .as_str()
            .unwrap()
            .starts_with("https://wx.tenpay.com/")
    );
}

#[tokio::test]
async fn refusals_of_business_can_be_signed() {
    let world = World::start().await;
    world.settings(json!({ "refusals": "signed" })).await;
    let refusal = world.query("UNKNOWN1").await;
    refusal.verify(world.certificate().await.public_key());
    let early = world.merchant.post(JSAPI, &json!({})).await;
    assert!(
        !early.is_signed(),
        "what comes before business is never signed"
    );
}

#[tokio::test]
async fn an_order_without_attach_is_paid_without_attach() {
    let world = World::start().await;
    let mut order = world.order("R000009").await;
    order.as_object_mut().unwrap().remove("attach");
    let answer = world.merchant.post(JSAPI, &order).await.json();
    world.pay(answer["prepay_id"].as_str().unwrap()).await;
    let paid = world.query("R000009").await.json();
    assert_eq!(paid["trade_state"], "SUCCESS");
    assert_eq!(paid.get("attach"), None);
}
