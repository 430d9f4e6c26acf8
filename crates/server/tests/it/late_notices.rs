//! Genuine notifications that come too often, too late, out of order, or about something that we
//! do not know.

use domain::{Order, OrderNo, OrderState};
use futures_util::future::join_all;
use serde_json::{Value, json};
use server::jobs::kind;
use store::{Tx, jobs, orders};

use crate::{
    late_money::{close_here, order},
    refunding::{at_platform, number, of_order, paid, read, taken, wait_for},
    sender::{Notification, placed},
    world::{self, World},
};

const DAY: u64 = 24 * 60 * 60;

/// Two, four, eight and sixteen copies at the same moment: each is acknowledged, one has an effect.
async fn n02_two_to_sixteen_copies_at_once_have_one_effect(world: World) {
    for (index, copies) in [2, 4, 8, 16].into_iter().enumerate() {
        let (token, order_no, mut notification) = placed(&world).await;
        notification.plaintext["transaction_id"] =
            json!(format!("42000012342026112300000000{copies:02}"));
        let all = (0..copies).map(|_| notification.send(&world));
        for answer in join_all(all).await {
            assert_eq!(answer.status, 204, "{copies}: {answer:?}");
        }
        assert_eq!(world.state(&token, &order_no).await, "paid");
        let history = world.history(&order_no).await;
        assert_eq!(history, ["created", "awaiting_payment", "paid"]);
        assert_eq!(world.inbox(Some(&order_no)).await.len(), 1, "{copies}");
        assert_eq!(world.events().await.len(), index + 1, "{copies}");
    }
    assert!(world.exceptions().await.is_empty());
}

/// The notice of the payment arrives after the refund of it: acknowledged, and nothing moves back.
async fn n03_a_payment_notice_after_its_refund_moves_nothing_back(world: World) {
    let (token, order_no) = paid(&world).await;
    let refund = taken(&world, &order_no, 1790).await;
    world.advance_clocks(6).await;
    wait_for(&world, number(&refund), "succeeded").await;
    let before = (world.history(&order_no).await, world.events().await);
    assert_eq!(before.0.last(), Some(&"refunded"));
    let notice = notice_of(&world, &order_no).await;
    let answer = resend(&world, &notice).await;
    assert_eq!(answer["attempts"].as_array().map(Vec::len), Some(2));
    assert_eq!(last_status(&answer), 204);
    assert_eq!(world.state(&token, &order_no).await, "refunded");
    let after = (world.history(&order_no).await, world.events().await);
    assert_eq!(after, before);
    assert!(world.exceptions().await.is_empty());
}

/// Twenty-four hours of attempts were lost; the one that arrives is signed anew, and is believed.
#[tokio::test(flavor = "multi_thread")]
async fn n04_a_notification_that_is_a_day_late_pays_an_open_order() {
    let world = World::with(|config| config.orders.expires_in_s = 172_800).await;
    world.lose_notifications().await;
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    let paid_at = world.now();
    world.advance_clocks(DAY).await;
    world.no_faults().await;
    let notice = notice_of(&world, &order_no).await;
    assert_eq!(last_status(&resend(&world, &notice).await), 204);
    let order = order(&world, &order_no).await;
    let payment = order.state.payment().expect("a payment");
    assert!(world.now().since(payment.paid_at).as_secs() >= DAY - 1);
    assert!(
        paid_at.since(payment.paid_at).as_secs() < 60,
        "WeChat's time counts"
    );
}

/// The same on an order that was closed meanwhile: not booked, an alert, and one refund.
async fn n04_a_notification_that_is_a_day_late_for_a_closed_order_refunds(world: World) {
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    world.lose_notifications().await;
    close_here(&world, &order_no).await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    world.advance_clocks(DAY).await;
    world.no_faults().await;
    let notice = notice_of(&world, &order_no).await;
    assert_eq!(last_status(&resend(&world, &notice).await), 204);
    assert_eq!(world.exceptions().await, ["paid_after_close"]);
    assert_eq!(world.events().await, ["order.closed", "order.exception"]);
    let refunds = of_order(&world, &order_no).await;
    assert_eq!(refunds.len(), 1);
    world.run_jobs().await;
    world.advance_clocks(6).await;
    wait_for(&world, number(&refunds[0]), "succeeded").await;
    let held = at_platform(&world).await;
    assert_eq!(
        (held.len(), &held[0]["amount"]["refund"]),
        (1, &json!(1790))
    );
    assert_eq!(order(&world, &order_no).await.state.name(), "closed");
}

/// A genuine notice of our refund with another amount: quarantined, and the refund stays.
async fn n08_a_refund_of_another_amount_is_kept_for_a_human_and_not_booked(world: World) {
    let (token, order_no) = paid(&world).await;
    world.lose_notifications().await;
    let refund = taken(&world, &order_no, 1790).await;
    let order = order(&world, &order_no).await;
    let mut notice = Notification::paid(&world, &order_no, order.openid.as_str());
    notice.event_type = "REFUND.SUCCESS".into();
    notice.plaintext = json!({
        "mchid": world.text("mchid"), "out_trade_no": order_no,
        "transaction_id": order.state.payment().expect("paid").transaction_id.as_str(),
        "refund_id": refund["refund_id"], "out_refund_no": refund["refund_no"],
        "refund_status": "SUCCESS", "success_time": world.now().rfc3339(),
        "user_received_account": "支付用户零钱",
        "amount": {"total": 1790, "refund": 1, "payer_total": 1790, "payer_refund": 1}
    });
    for _ in 0..2 {
        assert_eq!(notice.send(&world).await.status, 204);
    }
    assert_eq!(world.exceptions().await, ["refund_mismatch"]);
    let state = read(&world, number(&refund)).await["state"].clone();
    assert_eq!(state, "processing");
    assert_eq!(world.state(&token, &order_no).await, "paid");
}

/// Another system on the same merchant id sells something: its payment is kept and shown to a
/// person; when the order turns up here, the payment is found and booked.
async fn n09_a_payment_whose_order_turns_up_later_is_booked_then(world: World) {
    let token = world.log_in("demo").await;
    let (sample, _) = world.latte(&token).await;
    let mut order = order(&world, &sample).await;
    order.order_no = OrderNo::new("of-another-system").unwrap();
    order.state = OrderState::Created;
    order.version = Order::FIRST_VERSION;
    let request = server::gateway::jsapi_prepay(&order).unwrap();
    let merchant = world.app.merchants.by_key("default").unwrap().clone();
    let prepay_id = merchant.client.jsapi_prepay(&request).await.unwrap();
    let payment = merchant.client.request_payment(&request.appid, &prepay_id);
    let payment = serde_json::to_value(&payment).unwrap();
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    let notice = notice_of(&world, order.order_no.as_str()).await;
    assert_eq!(last_status(&resend(&world, &notice).await), 204);
    assert_eq!(world.exceptions().await, ["unknown_order"], "once");
    assert_eq!(world.events().await, ["order.exception"]);
    let kept = world.inbox(Some(order.order_no.as_str())).await;
    assert_eq!((kept.len(), kept[0].outcome.as_str()), (1, "unknown_order"));

    let mut tx = Tx::new("test_order_turns_up");
    orders::insert(&mut tx, &order);
    jobs::put(
        &mut tx,
        &order.mch_id,
        kind::POLL,
        order.order_no.as_str(),
        world.now(),
    );
    world.app.commit(tx).await.unwrap();
    world.advance(1).await;
    let history = world.history(order.order_no.as_str()).await;
    assert_eq!(history, ["created", "paid"]);
}

/// A word that nobody knows, and members that nobody knows: kept byte for byte, acknowledged, and
/// what is known of it still counts.
async fn n12_unknown_words_and_members_are_kept_and_do_no_harm(world: World) {
    let (token, order_no, mut notification) = placed(&world).await;
    notification.plaintext["trade_state"] = json!("SOMETHING_NEW");
    let wire = notification.wire(&world);
    assert_eq!(wire.send(&world).await.status, 204);
    assert_eq!(world.state(&token, &order_no).await, "awaiting_payment");
    assert_eq!(world.inbox(None).await[0].body, wire.body);

    notification.id = "EV-extra".into();
    notification.plaintext["trade_state"] = json!("SUCCESS");
    notification.plaintext["trade_type"] = json!("TELEPATHY");
    notification.plaintext["news"] = json!({"a": [1, 2.5, null]});
    notification.plaintext["amount"]["news"] = json!("b");
    assert_eq!(notification.send(&world).await.status, 204);
    assert_eq!(world.state(&token, &order_no).await, "paid");
    assert!(world.exceptions().await.is_empty());
}

/// The id of the platform's notice that an order was paid.
async fn notice_of(world: &World, order_no: &str) -> String {
    let url = format!(
        "{}/control/notifications?out_trade_no={order_no}",
        world.control
    );
    let all = world.http.get(&url, &[]).await.json();
    let all = all["data"].as_array().expect("a list");
    let paid = all
        .iter()
        .find(|it| it["event_type"] == "TRANSACTION.SUCCESS");
    paid.expect("a notice")["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

/// Has the platform send it once more, signed now; answers when we have.
async fn resend(world: &World, notice: &str) -> Value {
    world
        .control(&format!("notifications/{notice}/resend"), &json!({}))
        .await
}

fn last_status(notice: &Value) -> i64 {
    let attempts = notice["attempts"].as_array().expect("attempts");
    attempts.last().expect("one")["status"]
        .as_i64()
        .unwrap_or_default()
}

world::on_both_engines! {
    n02_two_to_sixteen_copies_at_once_have_one_effect,
    n03_a_payment_notice_after_its_refund_moves_nothing_back,
    n04_a_notification_that_is_a_day_late_for_a_closed_order_refunds,
    n08_a_refund_of_another_amount_is_kept_for_a_human_and_not_booked,
    n09_a_payment_whose_order_turns_up_later_is_booked_then,
    n12_unknown_words_and_members_are_kept_and_do_no_harm,
}
