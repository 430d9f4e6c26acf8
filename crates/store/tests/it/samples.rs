//! Orders and the like, to be changed at will.

use std::time::Duration;

use domain::{
    AppId, MchId, Millis, OpenId, Order, OrderEvent, OrderState, Payment, Prepay, PrepayId,
    TransactionId, Transition, order_no,
};
use fen::Fen;
use store::{Store, StoreError, Tx, orders};

use crate::world::EPOCH;

pub(crate) fn mch(number: u8) -> MchId {
    MchId::new(format!("19000001{number:02}")).unwrap()
}

pub(crate) fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}

/// So many milliseconds after the tables were made.
pub(crate) fn at(millis: i64) -> Millis {
    Millis(EPOCH.0 + millis)
}

/// Order `number` of merchant 0, placed `number` seconds after the tables were made.
pub(crate) fn order(number: i64) -> Order {
    let created_at = at(number * 1000);
    Order {
        mch_id: mch(0),
        order_no: order_no::generate(created_at, number.to_le_bytes()),
        app_id: AppId::new("wx0000000000000001").unwrap(),
        openid: OpenId::new("buyer").unwrap(),
        amount: fen(1790),
        description: "茶 tea".into(),
        notify_url: "https://shop.example/v1/wechat/notify/default".into(),
        metadata: Some("{\"shelf\": 7}".into()),
        created_at,
        expires_at: created_at.plus(Duration::from_secs(1800)),
        state: OrderState::Created,
        version: Order::FIRST_VERSION,
    }
}

pub(crate) fn prepay(prepay_id: &str) -> OrderEvent {
    let prepay_id = PrepayId::new(prepay_id).unwrap();
    OrderEvent::PrepayIssued(Prepay {
        prepay_id,
        issued_at: at(1),
    })
}

pub(crate) fn payment(transaction_id: &str) -> OrderEvent {
    let transaction_id = TransactionId::new(transaction_id).unwrap();
    OrderEvent::PaymentConfirmed(Payment {
        transaction_id,
        paid_at: at(5),
    })
}

pub(crate) fn advanced(order: &Order, event: OrderEvent) -> OrderState {
    match order.apply(event) {
        Ok(Transition::Advanced(next)) => next,
        other => panic!("not a step: {other:?}"),
    }
}

pub(crate) async fn insert(store: &Store, order: &Order) -> Result<(), StoreError> {
    let mut tx = Tx::new("place_order");
    orders::insert(&mut tx, order);
    store.run(tx).await.map(drop)
}

/// Moves the order and returns it as it is then.
pub(crate) async fn step(
    store: &Store,
    order: &Order,
    event: OrderEvent,
) -> Result<Order, StoreError> {
    let mut tx = Tx::new("step");
    let moved = orders::record(&mut tx, order, &advanced(order, event), at(9));
    store.run(tx).await.map(|_| moved)
}

pub(crate) async fn load(store: &Store, order: &Order) -> Order {
    orders::get(store, &order.mch_id, &order.order_no)
        .await
        .unwrap()
        .unwrap()
}
