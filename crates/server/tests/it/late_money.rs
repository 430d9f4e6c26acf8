//! Money that comes for an order that was closed, or paid before, goes back by itself.

use domain::{Order, OrderNo, OrderState};
use serde_json::json;
use server::config::LatePayments;
use store::{Tx, orders};

use crate::{
    refunding::{at_platform, number, of_order, paid, wait_for},
    sender::Notification,
    world::{self, API_KEY, World},
};

pub(crate) async fn order(world: &World, order_no: &str) -> Order {
    let order_no = OrderNo::new(order_no).unwrap();
    let order = orders::get(&world.app.store, &world.mch_id(), &order_no).await;
    order.unwrap().unwrap()
}

/// Closes an order here without WeChat's knowledge, as a database from an old backup may say.
pub(crate) async fn close_here(world: &World, order_no: &str) {
    let order = order(world, order_no).await;
    let closed = OrderState::Closed {
        closed_at: world.now(),
    };
    let mut tx = Tx::new("test_close");
    orders::record(&mut tx, &order, &closed, world.now());
    world.app.commit(tx).await.unwrap();
}

/// A latte that is closed here and then paid at WeChat, which we learn by asking.
async fn paid_after_close(world: &World) -> (String, String) {
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    world.lose_notifications().await;
    close_here(world, &order_no).await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    world.no_faults().await;
    for _ in 0..2 {
        let path = format!("/v1/orders/{order_no}/refresh");
        let answer = world.post(API_KEY, &path, None, &json!({})).await;
        assert_eq!(answer.json()["order"]["state"], "closed", "{answer:?}");
    }
    (token, order_no)
}

/// A payment that is found on a closed order is never booked: an alert, and one refund.
async fn n04_a_payment_after_the_close_goes_back(world: World) {
    let (token, order_no) = paid_after_close(&world).await;
    assert_eq!(world.exceptions().await, ["paid_after_close"], "once");
    let refunds = of_order(&world, &order_no).await;
    assert_eq!(
        (refunds.len(), &refunds[0]["amount_fen"]),
        (1, &json!(1790))
    );
    world.run_jobs().await;
    world.advance_clocks(6).await;
    wait_for(&world, number(&refunds[0]), "succeeded").await;
    assert_eq!(at_platform(&world).await.len(), 1);
    assert_eq!(world.state(&token, &order_no).await, "closed");
}

async fn a_second_payment_is_owed_once_however_often_it_is_reported(world: World) {
    let (token, order_no) = paid(&world).await;
    let openid = order(&world, &order_no).await.openid;
    let second = Notification::paid(&world, &order_no, openid.as_str());
    let all = (0..4).map(|_| second.send(&world));
    for answer in futures_util::future::join_all(all).await {
        assert_eq!(answer.status, 204, "{answer:?}");
    }
    assert_eq!(world.exceptions().await, ["paid_twice"]);
    let refunds = of_order(&world, &order_no).await;
    assert_eq!(refunds.len(), 1);
    assert_eq!(number(&refunds[0]), "L4200001234202611230000000001");
    assert_eq!(refunds[0]["state"], "requested");
    // The order keeps its own payment, and all of its room.
    assert_eq!(world.state(&token, &order_no).await, "paid");
    let answer = crate::refunding::refund(&world, &order_no, "whole", 1790).await;
    assert_eq!(answer.status, 202, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_late_payments_is_only_told() {
    let world = World::with(|config| config.refunds.late_payments = LatePayments::Keep).await;
    let (_, order_no) = paid_after_close(&world).await;
    world.run_jobs().await;
    assert_eq!(world.exceptions().await, ["paid_after_close"]);
    assert!(of_order(&world, &order_no).await.is_empty());
    assert!(at_platform(&world).await.is_empty());
}

world::on_both_engines!(
    n04_a_payment_after_the_close_goes_back,
    a_second_payment_is_owed_once_however_often_it_is_reported,
);
