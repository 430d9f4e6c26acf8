//! What is refused, and how.

use serde_json::{Value, json};

use crate::refunds::REFUNDS;
use crate::world::{JSAPI, World, unix_seconds};

async fn refused(world: &World, body: &Value) -> (u16, String) {
    let answer = world.merchant.post(REFUNDS, body).await;
    let (status, code, message) = answer.refusal();
    assert!(!message.is_empty() && !answer.is_signed(), "{answer:?}");
    (status, code)
}

fn without(body: &Value, path: &str, name: &str) -> Value {
    let mut body = body.clone();
    let members = body.pointer_mut(path).unwrap().as_object_mut().unwrap();
    members.remove(name).unwrap();
    body
}

fn with(body: &Value, name: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[name] = value;
    body
}

#[tokio::test]
async fn the_members_of_a_refund_are_judged_one_by_one() {
    let world = World::start().await;
    world.paid("G000001").await;
    let good = world.refund_of("G000001", "RG1", 40);
    let amount = |name: &str, value: Value| {
        let mut body = good.clone();
        body["amount"][name] = value;
        body
    };
    let wrong = [
        without(&good, "", "out_trade_no"),
        without(&good, "", "out_refund_no"),
        without(&good, "/amount", "currency"),
        without(&good, "/amount", "total"),
        with(&good, "mchid", json!(world.merchant.text("mchid"))),
        with(&good, "out_refund_no", json!("R".repeat(65))),
        with(&good, "out_refund_no", json!("R G")),
        with(&good, "reason", json!("退".repeat(27))),
        with(&good, "reason", Value::Null),
        with(&good, "notify_url", json!("https://a.example/?x=1")),
        with(&good, "funds_account", json!("BASIC")),
        with(&good, "goods_detail", json!([{ "merchant_goods_id": "A" }])),
        amount("currency", json!("USD")),
        amount("refund", json!(0)),
        amount("refund", json!("40")),
        amount("from", json!([{ "account": "BASIC", "amount": 40 }])),
    ];
    for body in wrong {
        let found = refused(&world, &body).await;
        assert_eq!(found, (400, "PARAM_ERROR".to_owned()), "{body}");
    }
    let missing = without(&good, "/amount", "currency");
    let answer = world.merchant.post(REFUNDS, &missing).await.json();
    let message = answer["message"].as_str().unwrap();
    assert!(
        message.starts_with("输入源“/body/amount/currency”映射到字段"),
        "{message}"
    );
    let longest = with(
        &good,
        "out_refund_no",
        json!(format!("A|*@_-{}", "9".repeat(58))),
    );
    let longest = with(&longest, "reason", json!("退".repeat(26)));
    assert_eq!(world.merchant.post(REFUNDS, &longest).await.status, 200);
}

#[tokio::test]
async fn only_paid_orders_of_the_merchant_are_refunded() {
    let world = World::start().await;
    world.prepay("G000002").await;
    let nothing = (404, "RESOURCE_NOT_EXISTS".to_owned());
    for number in ["G000002", "UNKNOWN1"] {
        let body = world.refund_of(number, "RG2", 40);
        assert_eq!(refused(&world, &body).await, nothing);
    }
    world.close("G000002").await;
    let body = world.refund_of("G000002", "RG2", 40);
    assert_eq!(refused(&world, &body).await, nothing);

    world.paid("G000003").await;
    let id = world.query("G000003").await.json()["transaction_id"].clone();
    let by_id = without(&world.refund_of("", "RG3", 40), "", "out_trade_no");
    let unknown = with(
        &by_id,
        "transaction_id",
        json!("4200000000202611240000000000"),
    );
    assert_eq!(refused(&world, &unknown).await, nothing);
    let both = with(
        &world.refund_of("G000002", "RG3", 40),
        "transaction_id",
        id.clone(),
    );
    let invalid = (400, "INVALID_REQUEST".to_owned());
    assert_eq!(refused(&world, &both).await, invalid);
    let accepted = with(&by_id, "transaction_id", id);
    let accepted = world.merchant.post(REFUNDS, &accepted).await.json();
    assert_eq!(accepted["out_trade_no"], "G000003");
}

#[tokio::test]
async fn never_more_goes_back_than_was_paid() {
    let world = World::start().await;
    world.paid("G000004").await;
    let invalid = (400, "INVALID_REQUEST".to_owned());
    let total = with(
        &world.refund_of("G000004", "RG4", 40),
        "amount",
        json!({ "refund": 40, "total": 99, "currency": "CNY" }),
    );
    assert_eq!(refused(&world, &total).await, invalid);
    let all = world.refund_of("G000004", "RG5", 101);
    assert_eq!(refused(&world, &all).await, invalid);
    world.refunded("G000004", "RG6", 60).await;
    let more = world.refund_of("G000004", "RG7", 41);
    assert_eq!(refused(&world, &more).await, invalid);
    world.refunded("G000004", "RG8", 40).await;
    let one = world.refund_of("G000004", "RG9", 1);
    assert_eq!(refused(&world, &one).await, invalid);
    assert_eq!(
        world.query_refund("RG9").await.status,
        404,
        "nothing was booked"
    );
}

#[tokio::test]
async fn an_order_is_refunded_in_fifty_parts_at_most() {
    let world = World::start().await;
    world.paid("G000005").await;
    for part in 0..50 {
        world.refunded("G000005", &format!("P{part}"), 1).await;
    }
    let invalid = (400, "INVALID_REQUEST".to_owned());
    let more = world.refund_of("G000005", "P50", 1);
    assert_eq!(refused(&world, &more).await, invalid);
    world.refunded("G000005", "P49", 1).await;
}

#[tokio::test]
async fn an_order_is_refunded_within_365_days() {
    let world = World::start().await;
    world.paid("G000006").await;
    world.advance(365 * 86_400).await;
    world.refunded("G000006", "RG10", 40).await;
    world.advance(1).await;
    let late = world.refund_of("G000006", "RG11", 40);
    assert_eq!(
        refused(&world, &late).await,
        (403, "TRADE_OVERDUE".to_owned())
    );
    world.refunded("G000006", "RG10", 40).await;
}

#[tokio::test]
async fn accounts_are_named_for_orders_with_profit_sharing_only() {
    let world = World::start().await;
    world.paid("G000007").await;
    let invalid = (400, "INVALID_REQUEST".to_owned());
    let from = |order: &str, number: &str, accounts: Value| {
        let mut body = world.refund_of(order, number, 40);
        body["amount"]["from"] = accounts;
        body
    };
    let whole = json!([{ "account": "AVAILABLE", "amount": 40 }]);
    let plain = from("G000007", "RG12", whole);
    assert_eq!(refused(&world, &plain).await, invalid);

    let mut order = world.order("G000008").await;
    order["settle_info"] = json!({ "profit_sharing": true });
    let prepay = world.merchant.post(JSAPI, &order).await.json();
    world.pay(prepay["prepay_id"].as_str().unwrap()).await;
    let two = |first: &str, amount: i64| {
        let other = json!({ "account": "UNAVAILABLE", "amount": amount });
        json!([{ "account": first, "amount": 30 }, other])
    };
    for accounts in [two("AVAILABLE", 11), two("UNAVAILABLE", 10)] {
        let body = from("G000008", "RG13", accounts);
        assert_eq!(refused(&world, &body).await, invalid);
    }
    let body = from("G000008", "RG13", two("AVAILABLE", 10));
    let accepted = world.merchant.post(REFUNDS, &body).await.json();
    assert_eq!(accepted["amount"]["from"][1]["amount"], 10);
}

#[tokio::test]
async fn a_refund_passes_the_front_door_of_the_gateway_family() {
    let world = World::start().await;
    let bare = world.merchant.send("POST", REFUNDS, "{}", None).await;
    let (status, code, message) = bare.refusal();
    assert_eq!((status, code.as_str()), (401, "SIGN_ERROR"));
    assert!(message.contains("Authorization值格式错误"), "{message}");
    let wrong = world.merchant.send("GET", REFUNDS, "", None).await;
    assert_eq!((wrong.status, wrong.text.as_str()), (405, ""));
    let path = format!("{REFUNDS}/R1?mchid=1");
    assert_eq!(world.merchant.get(&path).await.refusal().1, "PARAM_ERROR");
    let long = format!("{REFUNDS}/{}", "R".repeat(65));
    assert_eq!(world.merchant.get(&long).await.refusal().1, "PARAM_ERROR");
    let body = world.refund_of("G000009", "RG14", 1).to_string();
    let signed = world.merchant.authorization("POST", REFUNDS, "{}");
    let forged = world
        .merchant
        .send("POST", REFUNDS, &body, Some(&signed))
        .await;
    assert_eq!(forged.refusal().1, "SIGN_ERROR");
    assert_eq!(world.newest_request().await["verdict"], "bad_signature");
    let stale = (unix_seconds() - 600).to_string();
    let old = world.merchant.authorization_with(&stale, "AAAA");
    let answer = world
        .merchant
        .send("POST", REFUNDS, &body, Some(&old))
        .await;
    assert_eq!(answer.status, 401);
}
