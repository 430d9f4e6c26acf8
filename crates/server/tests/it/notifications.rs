//! What arrives at the notification URL: genuine, repeated, spoilt, foreign.

use serde_json::json;

use crate::{
    sender::placed,
    world::{self, World},
};

fn rejected() -> (u16, String) {
    (401, "NOTIFICATION_REJECTED".into())
}

async fn a_genuine_notification_settles_and_its_repeats_change_nothing(world: World) {
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

async fn eight_connections_at_once_have_one_effect(world: World) {
    let (token, order_no, notification) = placed(&world).await;
    let all = (0..8).map(|_| notification.send(&world));
    for answer in futures_util::future::join_all(all).await {
        assert_eq!(answer.status, 204, "{answer:?}");
    }
    assert_eq!(world.state(&token, &order_no).await, "paid");
    assert_eq!(
        world.history(&order_no).await,
        ["created", "awaiting_payment", "paid"]
    );
}

async fn an_unsigned_notification_is_refused_whichever_header_is_missing(world: World) {
    let (token, order_no, notification) = placed(&world).await;
    let missing = [
        "wechatpay-timestamp",
        "wechatpay-nonce",
        "wechatpay-signature",
        "wechatpay-serial",
    ];
    for header in missing {
        let answer = notification.wire(&world).without(header).send(&world).await;
        assert_eq!(answer.refusal(), rejected(), "{header}");
    }
    assert_eq!(world.state(&token, &order_no).await, "awaiting_payment");
}

async fn a_forged_notification_is_refused(world: World) {
    let (token, order_no, notification) = placed(&world).await;
    let mut by_another_key = notification.clone();
    by_another_key.key = sandbox::Keys::shared().platform.key.clone();
    assert_eq!(by_another_key.send(&world).await.refusal(), rejected());

    let mut tampered = notification.wire(&world);
    let middle = tampered.body.len() / 2;
    tampered.body[middle] ^= 1;
    assert_eq!(tampered.send(&world).await.refusal(), rejected());

    let mut unknown_serial = notification.clone();
    unknown_serial.serial = "7132D72A03E93CDDF8C03BBD1F37EEDF5A7B5C11".into();
    assert_eq!(unknown_serial.send(&world).await.refusal(), rejected());

    let no_base64 = notification
        .wire(&world)
        .with("wechatpay-signature", "not base64!");
    assert_eq!(no_base64.send(&world).await.refusal(), rejected());
    assert_eq!(world.state(&token, &order_no).await, "awaiting_payment");
}

async fn wechats_signature_probe_is_an_ordinary_rejection(world: World) {
    let (_, _, notification) = placed(&world).await;
    let wire = notification.wire(&world);
    let probe = wire.with("wechatpay-signature", "WECHATPAY/SIGNTEST/c2lnbmF0dXJl");
    let answer = probe.send(&world).await;
    assert_eq!(answer.refusal(), rejected());
    assert!(answer.detail().contains("probe"), "{answer:?}");
}

async fn a_notification_replayed_an_hour_later_is_refused(world: World) {
    let (token, order_no, notification) = placed(&world).await;
    let recorded = notification.wire(&world);
    world.advance_clocks(3600).await;
    assert_eq!(recorded.send(&world).await.refusal(), rejected());
    assert_eq!(world.state(&token, &order_no).await, "awaiting_payment");
}

async fn a_truncated_notification_is_refused(world: World) {
    let (_, _, notification) = placed(&world).await;
    let mut cut = notification.wire(&world);
    cut.body.truncate(cut.body.len() - 10);
    assert_eq!(cut.send(&world).await.refusal(), rejected());
    let mut empty = notification.wire(&world);
    empty.body.clear();
    assert_eq!(empty.send(&world).await.refusal(), rejected());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_ten_megabytes_is_refused_before_it_is_read() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let world = World::new().await;
    let address = world.base.trim_start_matches("http://");
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/wechat/notify/default HTTP/1.1\r\nhost: {address}\r\n\
         content-length: 10485760\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0_u8; 12];
    connection.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");

    // Without a declared length it is cut off at the limit.
    let head = format!(
        "POST /v1/wechat/notify/default HTTP/1.1\r\nhost: {address}\r\n\
         transfer-encoding: chunked\r\n\r\n20000\r\n"
    );
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&vec![b'x'; 0x20000]).await.unwrap();
    connection.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_for_another_merchant_is_kept_for_a_human_and_not_booked() {
    is_quarantined("/mchid", json!("1900009999"), "merchant_mismatch").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_of_another_amount_is_kept_for_a_human_and_not_booked() {
    is_quarantined("/amount/total", json!(1), "amount_mismatch").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_in_another_currency_is_kept_for_a_human_and_not_booked() {
    is_quarantined("/amount/currency", json!("USD"), "currency_mismatch").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_in_another_app_is_kept_for_a_human_and_not_booked() {
    is_quarantined("/appid", json!("wx0000000000000000"), "app_mismatch").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_by_another_person_is_kept_for_a_human_and_not_booked() {
    is_quarantined(
        "/payer/openid",
        json!("oSomebodyElse0000000000000000"),
        "payer_mismatch",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_for_an_unknown_order_is_kept_for_a_human() {
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

async fn kinds_of_events_that_we_do_not_know_are_kept_and_acknowledged(world: World) {
    let (token, order_no, mut notification) = placed(&world).await;
    notification.event_type = "SOMETHING.NEW".into();
    notification.plaintext = json!({"a": 1});
    assert_eq!(notification.send(&world).await.status, 204);
    assert_eq!(world.state(&token, &order_no).await, "awaiting_payment");
    assert!(world.exceptions().await.is_empty());
}

world::on_both_engines! {
    a_genuine_notification_settles_and_its_repeats_change_nothing,
    eight_connections_at_once_have_one_effect,
    an_unsigned_notification_is_refused_whichever_header_is_missing,
    a_forged_notification_is_refused,
    wechats_signature_probe_is_an_ordinary_rejection,
    a_notification_replayed_an_hour_later_is_refused,
    a_truncated_notification_is_refused,
    a_notification_under_another_api_v3_key_is_not_acknowledged,
    a_notification_for_an_unknown_merchant_key_is_not_found,
    a_second_payment_of_one_order_is_kept_for_a_human,
    a_payment_after_the_close_is_kept_for_a_human,
    a_payment_that_was_refunded_since_still_counts_as_paid,
    kinds_of_events_that_we_do_not_know_are_kept_and_acknowledged,
}
