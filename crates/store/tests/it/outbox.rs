use domain::{DomainEvent, EventId};
use store::{Tx, outbox};

use crate::{
    samples::{advanced, at, insert, mch, order, payment},
    world::{World, for_each_engine},
};

for_each_engine! {
    events_come_in_the_order_of_the_changes_not_of_the_orders
    what_happened_too_lately_is_not_shown_yet
    an_event_is_written_once
}

/// Pays order `number` at this time.
async fn pay(world: &World, number: i64, millis: i64) {
    let placed = order(number);
    insert(&world.store, &placed).await.unwrap();
    let mut tx = Tx::new("settle_payment");
    let next = advanced(&placed, payment("t1"));
    store::orders::record(&mut tx, &placed, &next, at(millis));
    let _done = world.store.run(tx).await.unwrap();
}

/// The numbers of the orders that these events are about.
async fn page(world: &World, after: Option<&EventId>, until: i64, limit: u32) -> Vec<i64> {
    let page = outbox::page(&world.store, &mch(0), after, at(until), limit)
        .await
        .unwrap();
    page.iter()
        .map(|event| event.created_at.0 - at(0).0)
        .collect()
}

async fn events_come_in_the_order_of_the_changes_not_of_the_orders(world: &World) {
    pay(world, 1, 300).await;
    pay(world, 3, 100).await;
    pay(world, 2, 200).await;
    let first = outbox::page(&world.store, &mch(0), None, at(999), 1)
        .await
        .unwrap();
    assert_eq!(first[0].created_at, at(100));
    assert_eq!(first[0].schema, domain::event::SCHEMA);
    assert_eq!(
        page(world, Some(&first[0].event_id), 999, 9).await,
        [200, 300]
    );
    assert!(
        outbox::page(&world.store, &mch(1), None, at(999), 9)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn what_happened_too_lately_is_not_shown_yet(world: &World) {
    pay(world, 1, 100).await;
    pay(world, 2, 200).await;
    assert_eq!(page(world, None, 200, 9).await, [100]);
    assert_eq!(page(world, None, 201, 9).await, [100, 200]);
}

async fn an_event_is_written_once(world: &World) {
    let event_id = EventId::new("20261123223850000.order-1.3").unwrap();
    let event = DomainEvent::OrderPaid((&order(1)).into());
    for again in [false, true] {
        let mut tx = Tx::new("announce");
        outbox::append(
            &mut tx,
            &mch(0),
            &event_id,
            &order(1).order_no,
            &event,
            at(0),
        );
        assert_eq!(world.store.run(tx).await.is_err(), again);
    }
}
