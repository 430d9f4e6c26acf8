//! What arrives at the notification URL from WeChat, and what in it does not fit.

use serde_json::json;

use crate::{
    raw::Raw,
    sender::placed,
    world::{self, World},
};

/// Repeats, one after the other, are acknowledged and change nothing.
async fn n02_a_genuine_notification_settles_and_its_repeats_change_nothing(world: World) {
    let (token, order_no, notification) = placed(&world).await;
    for _ in 0..3 {
        assert_eq!(notification.send(&world).await.status, 204);
    }
    assert_eq!(world.state(&token, &order_no).await, "paid");
    assert_eq!(
        world.history(&order_no).await,
        ["created", "awaiting_payment", "paid"]
    );
    assert!(world.exceptions().await.is_empty());
}

/// A body that says that it is too large is not read; one that does not say so is read as far as
/// the limit.
#[tokio::test(flavor = "multi_thread")]
async fn n11_a_body_of_ten_megabytes_is_refused_before_it_is_read() {
    let world = World::new().await;
    let (_, _, notification) = placed(&world).await;
    let head = notification.wire(&world).head();
    let mut raw = Raw::connect(&world).await;
    raw.send(&format!("{head}content-length: 10485760\r\n\r\n"))
        .await;
    assert_eq!(raw.status().await, 413);

    let mut raw = Raw::connect(&world).await;
    raw.send(&format!(
        "{head}transfer-encoding: chunked\r\n\r\n20000\r\n"
    ))
    .await;
    raw.try_send(&vec![b'x'; 0x20000]).await;
    assert_eq!(raw.status().await, 413);
}

async fn a_notification_under_another_api_v3_key_is_not_acknowledged(world: World) {
    let (token, order_no, mut notification) = placed(&world).await;
    notification.api_v3_key = "another-key-of-exactly-32-bytes!".into();
    let answer = notification.send(&world).await;
    assert_eq!(answer.refusal(), (500, "NOTIFICATION_UNREADABLE".into()));
    assert_eq!(world.state(&token, &order_no).await, "awaiting_payment");
}

async fn a_notification_for_an_unknown_merchant_key_is_not_found(world: World) {
    let (_, _, mut notification) = placed(&world).await;
    notification.merchant_key = "nobody".into();
    assert_eq!(
        notification.send(&world).await.refusal(),
        (404, "MERCHANT_NOT_FOUND".into())
    );
}

/// Spoils one member, sends twice, and expects one row before a human and no payment.
async fn is_quarantined(path: &str, value: serde_json::Value, kind: &str) {
    let world = World::new().await;
    let (token, order_no, mut notification) = placed(&world).await;
    *notification.plaintext.pointer_mut(path).expect("a member") = value;
    for _ in 0..2 {
        assert_eq!(
            notification.send(&world).await.status,
            204,
            "{kind}: kept, so acknowledged"
        );
    }
    assert_eq!(
        world.state(&token, &order_no).await,
        "awaiting_payment",
        "{kind}"
    );
    assert_eq!(world.exceptions().await, [kind]);
}

/// Another `mchid` inside of a genuine message: quarantined.
#[tokio::test(flavor = "multi_thread")]
async fn n08_a_payment_for_another_merchant_is_kept_for_a_human_and_not_booked() {
    is_quarantined("/mchid", json!("1900009999"), "merchant_mismatch").await;
}

/// Another amount inside of a genuine message: quarantined.
#[tokio::test(flavor = "multi_thread")]
async fn n08_a_payment_of_another_amount_is_kept_for_a_human_and_not_booked() {
    is_quarantined("/amount/total", json!(1), "amount_mismatch").await;
}

/// Another currency inside of a genuine message: quarantined.
#[tokio::test(flavor = "multi_thread")]
async fn n08_a_payment_in_another_currency_is_kept_for_a_human_and_not_booked() {
    is_quarantined("/amount/currency", json!("USD"), "currency_mismatch").await;
}

/// Another `appid` inside of a genuine message: quarantined.
#[tokio::test(flavor = "multi_thread")]
async fn n08_a_payment_in_another_app_is_kept_for_a_human_and_not_booked() {
    is_quarantined("/appid", json!("wx0000000000000000"), "app_mismatch").await;
}

/// Another payer inside of a genuine message: quarantined.
#[tokio::test(flavor = "multi_thread")]
async fn n08_a_payment_by_another_person_is_kept_for_a_human_and_not_booked() {
    is_quarantined(
        "/payer/openid",
        json!("oSomebodyElse0000000000000000"),
        "payer_mismatch",
    )
    .await;
}

/// An `out_trade_no` that was never placed here: kept, acknowledged, put before a person once.
#[tokio::test(flavor = "multi_thread")]
async fn n09_a_payment_for_an_unknown_order_is_kept_for_a_human() {
    is_quarantined("/out_trade_no", json!("nobodys-order"), "unknown_order").await;
}

async fn a_second_payment_of_one_order_is_kept_for_a_human(world: World) {
    let (token, order_no, mut notification) = placed(&world).await;
    assert_eq!(notification.send(&world).await.status, 204);
    notification.id = "EV-second".into();
    notification.plaintext["transaction_id"] = json!("4200001234202611230000000002");
    assert_eq!(notification.send(&world).await.status, 204);
    assert_eq!(world.exceptions().await, ["paid_twice"]);
    let order = world
        .get(&token, &format!("/v1/mp/orders/{order_no}"))
        .await
        .json();
    assert_eq!(
        order["order"]["transaction_id"],
        "4200001234202611230000000001"
    );
}

async fn a_payment_after_the_close_is_kept_for_a_human(world: World) {
    let (token, order_no, notification) = placed(&world).await;
    let close = format!("/v1/mp/orders/{order_no}/close");
    let answer = world.post(&token, &close, None, &json!({})).await;
    assert_eq!(answer.json()["order"]["state"], "closed", "{answer:?}");
    assert_eq!(notification.send(&world).await.status, 204);
    assert_eq!(world.state(&token, &order_no).await, "closed");
    assert_eq!(world.exceptions().await, ["paid_after_close"]);
}

async fn a_payment_that_was_refunded_since_still_counts_as_paid(world: World) {
    let (token, order_no, mut notification) = placed(&world).await;
    notification.plaintext["trade_state"] = json!("REFUND");
    assert_eq!(notification.send(&world).await.status, 204);
    assert_eq!(world.state(&token, &order_no).await, "paid");
}

/// A kind of event that nobody knows is kept as it came and acknowledged.
async fn n12_kinds_of_events_that_we_do_not_know_are_kept_and_acknowledged(world: World) {
    let (token, order_no, mut notification) = placed(&world).await;
    notification.event_type = "SOMETHING.NEW".into();
    notification.plaintext = json!({"a": 1});
    assert_eq!(notification.send(&world).await.status, 204);
    assert_eq!(world.state(&token, &order_no).await, "awaiting_payment");
    assert!(world.exceptions().await.is_empty());
}

world::on_both_engines! {
    n02_a_genuine_notification_settles_and_its_repeats_change_nothing,
    a_notification_under_another_api_v3_key_is_not_acknowledged,
    a_notification_for_an_unknown_merchant_key_is_not_found,
    a_second_payment_of_one_order_is_kept_for_a_human,
    a_payment_after_the_close_is_kept_for_a_human,
    a_payment_that_was_refunded_since_still_counts_as_paid,
    n12_kinds_of_events_that_we_do_not_know_are_kept_and_acknowledged,
}
