use std::collections::BTreeSet;

use domain::{DomainEvent, EventId};
use store::{Store, StoreError, Tx, outbox};

use crate::{
    samples::{advanced, at, insert, mch, order, payment},
    world::{World, for_each_engine},
};

for_each_engine! {
    events_come_in_the_order_of_the_changes_not_of_the_orders
    what_happened_too_lately_is_not_shown_yet
    an_event_is_written_once
    positions_follow_the_placing_and_have_no_gaps
    many_writers_and_readers_miss_nothing_and_repeat_nothing
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

/// An event of order 1 whose id says that it happened at this time.
async fn announce(store: &Store, millis: i64, what: &str) -> Result<(), StoreError> {
    let time = domain::order_no::time_prefix(at(millis));
    let event_id = EventId::new(format!("{time}.order-1.{what}")).unwrap();
    let event = DomainEvent::OrderPaid((&order(1)).into());
    let mut tx = Tx::new("announce");
    let order_no = order(1).order_no;
    outbox::append(&mut tx, &mch(0), &event_id, &order_no, &event, at(millis));
    store.run(tx).await.map(drop)
}

/// Position and time of each placed event after `after`.
async fn placed(world: &World, after: i64) -> Vec<(i64, i64)> {
    let page = outbox::placed(&world.store, &mch(0), after, 100).await;
    let times = page.unwrap().into_iter();
    times
        .map(|placed| (placed.position, placed.event.created_at.0 - at(0).0))
        .collect()
}

async fn positions_follow_the_placing_and_have_no_gaps(world: &World) {
    let place = async |limit| outbox::place(&world.store, &mch(0), limit).await.unwrap();
    assert_eq!((place(9).await, placed(world, 0).await), (0, vec![]));
    for millis in [300, 100, 200] {
        announce(&world.store, millis, "3").await.unwrap();
    }
    assert_eq!(placed(world, 0).await, [], "not placed is not readable");
    assert_eq!(place(2).await, 2);
    assert_eq!(placed(world, 0).await, [(1, 100), (2, 200)]);
    // Committed late, with an early time: it comes after what was read already.
    announce(&world.store, 50, "3").await.unwrap();
    assert_eq!((place(9).await, place(9).await), (2, 0));
    assert_eq!(placed(world, 2).await, [(3, 50), (4, 300)]);
    for (merchant, last) in [(0, 4), (1, 0)] {
        let position = outbox::last_position(&world.store, &mch(merchant)).await;
        assert_eq!(position.unwrap(), last);
    }
    let other = outbox::placed(&world.store, &mch(1), 0, 9).await.unwrap();
    assert_eq!(other, []);
}

const WRITERS: i64 = 8;
const EACH_WRITES: i64 = 40;
const READERS: usize = 4;

async fn write_many(store: Store, writer: i64) {
    for number in 0..EACH_WRITES {
        // Some writers' clocks are seconds behind: their ids sort before what was read long ago.
        let millis = number * 10 - writer * 5_000;
        let what = format!("{writer}.{number}");
        announce(&store, millis, &what).await.unwrap();
    }
}

/// Follows the events until all were seen; returns their ids in the order of reading.
async fn read_all(store: Store) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), 0);
    while cursor < WRITERS * EACH_WRITES {
        match outbox::place(&store, &mch(0), 7).await {
            Ok(_) | Err(StoreError::GuardMissed { .. }) => {}
            Err(other) => panic!("{other}"),
        }
        for placed in outbox::placed(&store, &mch(0), cursor, 10).await.unwrap() {
            assert_eq!(placed.position, cursor + 1, "a gap or a repetition");
            cursor = placed.position;
            seen.push(placed.event.event_id.as_str().to_owned());
        }
        tokio::task::yield_now().await;
    }
    seen
}

async fn many_writers_and_readers_miss_nothing_and_repeat_nothing(world: &World) {
    // Each is a process of its own.
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write_many(world.again(), writer)))
        .collect();
    let readers: Vec<_> = (0..READERS)
        .map(|_| tokio::spawn(read_all(world.again())))
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let mut orders = BTreeSet::new();
    for reader in readers {
        let seen = reader.await.unwrap();
        let distinct: BTreeSet<&String> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "an event was read twice");
        assert_eq!(i64::try_from(seen.len()).unwrap(), WRITERS * EACH_WRITES);
        orders.insert(seen);
    }
    assert_eq!(orders.len(), 1, "all readers see the same order");
}
