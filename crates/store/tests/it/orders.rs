//! Orders: written whole, moved with history and announcement, read back or refused.

use domain::{Order, OrderEvent, Transition};
use store::{StoreError, Tx, history, orders, outbox};

use crate::{
    samples::{advanced, at, fen, insert, load, mch, order, payment, prepay, step},
    world::{World, for_each_engine},
};

for_each_engine! {
    an_order_is_read_back_as_it_was_written
    an_order_number_is_taken_once
    an_order_of_another_merchant_is_not_found
    every_state_survives_the_database
    a_step_writes_row_history_and_announcement
    a_step_is_announced_only_where_somebody_waits_for_it
    a_step_on_an_order_that_moved_misses
    history_is_paged
    a_row_that_cannot_be_is_named
}

async fn an_order_is_read_back_as_it_was_written(world: &World) {
    let full = order(1);
    let bare = Order {
        metadata: None,
        description: "a'b\"c\n茶".into(),
        ..order(2)
    };
    for sample in [full, bare] {
        insert(&world.store, &sample).await.unwrap();
        assert_eq!(load(&world.store, &sample).await, sample);
    }
}

async fn an_order_number_is_taken_once(world: &World) {
    insert(&world.store, &order(1)).await.unwrap();
    let other = Order {
        description: "other".into(),
        ..order(1)
    };
    let error = insert(&world.store, &other).await.unwrap_err();
    assert!(error.missed("orders.insert"), "{error}");
    assert_eq!(load(&world.store, &order(1)).await, order(1));
    // The same number at another merchant is another order.
    insert(
        &world.store,
        &Order {
            mch_id: mch(1),
            ..order(1)
        },
    )
    .await
    .unwrap();
}

async fn an_order_of_another_merchant_is_not_found(world: &World) {
    insert(&world.store, &order(1)).await.unwrap();
    let found = orders::get(&world.store, &mch(1), &order(1).order_no)
        .await
        .unwrap();
    assert_eq!(found, None);
}

async fn every_state_survives_the_database(world: &World) {
    let refund = |refunded| OrderEvent::RefundSucceeded {
        refunded_total: fen(refunded),
    };
    let lives = [
        vec![
            prepay("p1"),
            prepay("p2"),
            payment("t1"),
            refund(30),
            refund(60),
            refund(1790),
        ],
        vec![prepay("p1"), OrderEvent::CloseConfirmed { at: at(8) }],
        vec![OrderEvent::CloseConfirmed { at: at(8) }],
        vec![payment("t1"), refund(1790)],
    ];
    for (number, life) in (0..).zip(lives) {
        let mut now = order(number);
        insert(&world.store, &now).await.unwrap();
        for event in life {
            now = step(&world.store, &now, event).await.unwrap();
            assert_eq!(load(&world.store, &now).await, now);
        }
        let lines = history::list(&world.store, &now.mch_id, &now.order_no, 0, 100)
            .await
            .unwrap();
        let versions: Vec<i64> = lines.iter().map(|line| line.version).collect();
        assert_eq!(versions, (1..=now.version).collect::<Vec<_>>());
        assert_eq!(lines.last().unwrap().state, now.state);
    }
}

async fn a_step_writes_row_history_and_announcement(world: &World) {
    insert(&world.store, &order(1)).await.unwrap();
    let mut tx = Tx::new("settle_payment");
    let next = advanced(&order(1), payment("t1"));
    let paid = orders::record(&mut tx, &order(1), &next, at(77));
    let done = world.store.run(tx).await.unwrap();
    assert_eq!(done.rows("orders.record"), 1);
    assert_eq!(load(&world.store, &order(1)).await, paid);

    let lines = history::list(&world.store, &mch(0), &paid.order_no, 1, 10)
        .await
        .unwrap();
    let expected = history::Change {
        version: 2,
        state: next,
        cause: "settle_payment".into(),
        at: at(77),
    };
    assert_eq!(lines, [expected]);

    let events = outbox::page(&world.store, &mch(0), None, at(100), 10)
        .await
        .unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind, "order.paid");
    assert_eq!(events[0].order_no, paid.order_no);
    assert_eq!(events[0].created_at, at(77));
    let data: serde_json::Value = serde_json::from_str(&events[0].data).unwrap();
    assert_eq!(data["transaction_id"], "t1");
    assert_eq!(data["version"], 2);
}

async fn a_step_is_announced_only_where_somebody_waits_for_it(world: &World) {
    insert(&world.store, &order(1)).await.unwrap();
    let waiting = step(&world.store, &order(1), prepay("p1")).await.unwrap();
    assert_eq!(world.number("SELECT COUNT(*) FROM outbox").await, 0);
    step(
        &world.store,
        &waiting,
        OrderEvent::CloseConfirmed { at: at(8) },
    )
    .await
    .unwrap();
    let closed = "SELECT COUNT(*) FROM outbox WHERE kind = 'order.closed'";
    assert_eq!(world.number(closed).await, 1);
}

async fn a_step_on_an_order_that_moved_misses(world: &World) {
    insert(&world.store, &order(1)).await.unwrap();
    let paid = step(&world.store, &order(1), payment("t1")).await.unwrap();
    let late = step(
        &world.store,
        &order(1),
        OrderEvent::CloseConfirmed { at: at(8) },
    )
    .await;
    assert!(late.unwrap_err().missed("orders.record"));
    let now = load(&world.store, &order(1)).await;
    assert_eq!(now, paid);
    assert_eq!(now.apply(payment("t1")), Ok(Transition::AlreadyApplied));
    assert_eq!(world.number("SELECT COUNT(*) FROM outbox").await, 1);
}

async fn history_is_paged(world: &World) {
    let mut now = order(1);
    insert(&world.store, &now).await.unwrap();
    for number in 0..5 {
        now = step(&world.store, &now, prepay(&format!("p{number}")))
            .await
            .unwrap();
    }
    let page = history::list(&world.store, &mch(0), &now.order_no, 2, 2)
        .await
        .unwrap();
    let versions: Vec<i64> = page.iter().map(|line| line.version).collect();
    assert_eq!(versions, [3, 4]);
}

async fn a_row_that_cannot_be_is_named(world: &World) {
    let spoiled = [
        ("paid_at = 5", "paid_at"),
        ("state = 'paid'", "transaction_id"),
        ("state = 'gone'", "state"),
        ("openid = ''", "openid"),
        ("refunded_fen = 5", "refunded_fen"),
    ];
    for (number, (spoil, expected)) in (0..).zip(spoiled) {
        let sample = order(number);
        insert(&world.store, &sample).await.unwrap();
        world
            .sql(&format!(
                "UPDATE orders SET {spoil} WHERE order_no = '{}'",
                sample.order_no
            ))
            .await;
        match orders::get(&world.store, &sample.mch_id, &sample.order_no).await {
            Err(StoreError::Inconsistent { table, column, row }) => {
                assert_eq!((table, column), ("orders", expected));
                assert_eq!(row, sample.order_no.as_str());
            }
            other => panic!("{spoil}: {other:?}"),
        }
    }
}
