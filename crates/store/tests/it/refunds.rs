//! Refunds: room is made under a guard, and a refund moves with its history, its announcement and
//! its order, or not at all.

use std::time::Duration;

use domain::{
    Millis, Order, OrderEvent, OrderState, Refund, RefundEvent, RefundId, RefundNo, RefundOrigin,
    RefundState, RefundTransition, TransactionId, refund::REFUND_WINDOW,
};
use store::{Store, StoreError, Tx, outbox, refunds};

use crate::{
    samples::{advanced, at, fen, insert, load, mch, order, payment, prepay, step},
    world::{World, for_each_engine},
};

for_each_engine! {
    a_refund_is_kept_as_it_was_asked_for
    a_number_is_taken_once
    r05_refunds_asked_for_at_once_never_exceed_what_was_paid
    refunds_that_fit_all_pass_at_once
    the_fifty_first_part_is_refused
    an_order_that_is_not_paid_makes_no_room
    r05_a_year_after_the_payment_there_is_no_room
    a_refund_moves_once_with_history_event_and_order
    a_closed_refund_gives_its_amount_free
    a_refused_refund_that_was_begun_takes_its_amount_again
    an_imported_refund_is_counted_even_when_it_does_not_fit
    a_move_of_the_order_that_misses_keeps_nothing
    a_row_that_contradicts_itself_is_named
    the_statements_of_the_first_schema_still_run
}

async fn paid(store: &Store, number: i64) -> Order {
    let order = order(number);
    insert(store, &order).await.unwrap();
    let order = step(store, &order, prepay("p1")).await.unwrap();
    step(store, &order, payment("t1")).await.unwrap()
}

fn refund(order: &Order, number: &str, amount: i64) -> Refund {
    Refund {
        mch_id: mch(0),
        refund_no: RefundNo::new(number).unwrap(),
        order_no: order.order_no.clone(),
        transaction_id: TransactionId::new("t1").unwrap(),
        amount: fen(amount),
        total: order.amount,
        reason: Some("售完".into()),
        notify_url: Some("https://shop.example/".into()),
        origin: RefundOrigin::Request,
        created_at: at(60_000),
        state: RefundState::Requested,
        version: Refund::FIRST_VERSION,
    }
}

async fn request(store: &Store, refund: &Refund) -> Result<(), StoreError> {
    let mut tx = Tx::new("request_refund");
    refunds::request(&mut tx, refund);
    store.run(tx).await.map(drop)
}

fn refused(outcome: &Result<(), StoreError>) -> bool {
    matches!(outcome, Err(error) if error.missed("refunds.reserve"))
}

fn next(refund: &Refund, event: RefundEvent) -> RefundState {
    match refund.apply(event) {
        Ok(RefundTransition::Advanced(next)) => next,
        other => panic!("not a step: {other:?}"),
    }
}

fn id() -> RefundId {
    RefundId::new("503001").unwrap()
}

fn arrived() -> RefundEvent {
    RefundEvent::Succeeded {
        refund_id: id(),
        at: at(70_000),
        received_account: None,
    }
}

fn closed() -> RefundEvent {
    RefundEvent::Closed {
        refund_id: id(),
        at: at(70_000),
    }
}

async fn read(store: &Store, refund: &Refund) -> Refund {
    refunds::get(store, &refund.mch_id, &refund.refund_no)
        .await
        .unwrap()
        .unwrap()
}

async fn room(store: &Store, order: &Order) -> (i64, i64) {
    let room = refunds::room(store, &order.mch_id, &order.order_no)
        .await
        .unwrap()
        .unwrap();
    (room.reserved.get(), room.count)
}

async fn a_refund_is_kept_as_it_was_asked_for(world: &World) {
    let order = paid(&world.store, 1).await;
    let asked = refund(&order, "R1", 790);
    request(&world.store, &asked).await.unwrap();
    assert_eq!(read(&world.store, &asked).await, asked);
    assert_eq!(room(&world.store, &order).await, (790, 1));
    // The order itself has not moved: nothing went back yet.
    assert_eq!(load(&world.store, &order).await, order);
    let bare = Refund {
        reason: None,
        notify_url: None,
        ..refund(&order, "R2", 1)
    };
    request(&world.store, &bare).await.unwrap();
    let both = refunds::of(&world.store, &mch(0), &order.order_no, "", 9)
        .await
        .unwrap();
    assert_eq!(both, [asked, bare.clone()]);
    let rest = refunds::of(&world.store, &mch(0), &order.order_no, "R1", 9)
        .await
        .unwrap();
    assert_eq!(rest, [bare]);
    let other = refunds::get(&world.store, &mch(1), &rest[0].refund_no).await;
    assert_eq!(other.unwrap(), None);
}

async fn a_number_is_taken_once(world: &World) {
    let order = paid(&world.store, 1).await;
    request(&world.store, &refund(&order, "R1", 1))
        .await
        .unwrap();
    let again = request(&world.store, &refund(&order, "R1", 2)).await;
    assert!(again.unwrap_err().missed("refunds.insert"));
    assert_eq!(room(&world.store, &order).await, (1, 1));
}

/// Room is made in the order's own row: refunds at once never exceed what was paid.
async fn r05_refunds_asked_for_at_once_never_exceed_what_was_paid(world: &World) {
    let order = paid(&world.store, 1).await;
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let (store, refund) = (world.again(), refund(&order, &format!("R{n:02}"), 500));
            tokio::spawn(async move { request(&store, &refund).await })
        })
        .collect();
    let mut passed = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => passed += 1,
            outcome => assert!(refused(&outcome), "{outcome:?}"),
        }
    }
    // 17.90 yuan hold three times 5.00.
    assert_eq!(passed, 3);
    assert_eq!(room(&world.store, &order).await, (1500, 3));
}

async fn refunds_that_fit_all_pass_at_once(world: &World) {
    let order = paid(&world.store, 1).await;
    let tasks: Vec<_> = (0..10)
        .map(|n| {
            let (store, refund) = (world.again(), refund(&order, &format!("R{n:02}"), 179));
            tokio::spawn(async move { request(&store, &refund).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(room(&world.store, &order).await, (1790, 10));
}

async fn the_fifty_first_part_is_refused(world: &World) {
    let order = paid(&world.store, 1).await;
    for n in 1..=50 {
        let part = refund(&order, &format!("R{n:02}"), 1);
        request(&world.store, &part).await.unwrap();
    }
    assert!(refused(
        &request(&world.store, &refund(&order, "R51", 1)).await
    ));
    assert_eq!(room(&world.store, &order).await, (50, 50));
}

async fn an_order_that_is_not_paid_makes_no_room(world: &World) {
    let unpaid = order(1);
    insert(&world.store, &unpaid).await.unwrap();
    assert!(refused(
        &request(&world.store, &refund(&unpaid, "R1", 1)).await
    ));
    let paid = paid(&world.store, 2).await;
    let other_payment = Refund {
        transaction_id: TransactionId::new("t2").unwrap(),
        ..refund(&paid, "R1", 1)
    };
    assert!(refused(&request(&world.store, &other_payment).await));
}

/// A year after the payment nothing can be paid back any more.
async fn r05_a_year_after_the_payment_there_is_no_room(world: &World) {
    let order = paid(&world.store, 1).await;
    let asked_at = |created_at: Millis| Refund {
        created_at,
        ..refund(&order, "R1", 1)
    };
    let over = at(5).plus(REFUND_WINDOW);
    assert!(refused(&request(&world.store, &asked_at(over)).await));
    let in_time = over.minus(Duration::from_millis(1));
    request(&world.store, &asked_at(in_time)).await.unwrap();
}

async fn a_refund_moves_once_with_history_event_and_order(world: &World) {
    let order = paid(&world.store, 1).await;
    let asked = refund(&order, "R1", 790);
    request(&world.store, &asked).await.unwrap();
    let next = next(&asked, arrived());
    let half = advanced(
        &order,
        OrderEvent::RefundSucceeded {
            refunded_total: fen(790),
        },
    );
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let mut tx = Tx::new("settle_refund");
            refunds::record(&mut tx, &asked, &next, Some((&order, &half)), at(71_000));
            let store = world.again();
            tokio::spawn(async move { store.run(tx).await })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => won += 1,
            Err(StoreError::GuardMissed { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(won, 1);
    let moved = read(&world.store, &asked).await;
    assert_eq!((&moved.state, moved.version), (&next, 2));
    assert_eq!(refunds::succeeded(&world.store, &moved).await.unwrap(), 790);
    let order = load(&world.store, &order).await;
    assert_eq!(order.state.name(), "partially_refunded");
    let history = "SELECT COUNT(*) FROM refund_history WHERE refund_no = 'R1'";
    assert_eq!(world.number(history).await, 2);
    let events = outbox::page(&world.store, &mch(0), None, at(99_999), 9).await;
    let kinds: Vec<_> = events.unwrap().into_iter().map(|e| e.kind).collect();
    assert_eq!(kinds, ["order.paid", "refund.succeeded"]);
}

async fn a_closed_refund_gives_its_amount_free(world: &World) {
    let order = paid(&world.store, 1).await;
    let asked = refund(&order, "R1", 1790);
    request(&world.store, &asked).await.unwrap();
    assert!(refused(
        &request(&world.store, &refund(&order, "R2", 1)).await
    ));
    for _ in 0..2 {
        let mut tx = Tx::new("settle_refund");
        refunds::record(&mut tx, &asked, &next(&asked, closed()), None, at(71_000));
        let _second_misses = world.store.run(tx).await;
    }
    // Freed once; the part stays counted.
    assert_eq!(room(&world.store, &order).await, (0, 1));
    request(&world.store, &refund(&order, "R2", 1790))
        .await
        .unwrap();
    assert_eq!(room(&world.store, &order).await, (1790, 2));
}

/// What was refunded anew meanwhile does not undo what WeChat has begun.
async fn a_refused_refund_that_was_begun_takes_its_amount_again(world: &World) {
    let order = paid(&world.store, 1).await;
    let asked = refund(&order, "R1", 1000);
    request(&world.store, &asked).await.unwrap();
    let refusal = RefundEvent::Refused {
        at: at(70_000),
        reason: "NO_AUTH".into(),
    };
    let mut tx = Tx::new("settle_refund");
    let refused = refunds::record(&mut tx, &asked, &next(&asked, refusal), None, at(71_000));
    world.store.run(tx).await.map(drop).unwrap();
    request(&world.store, &refund(&order, "R2", 1790))
        .await
        .unwrap();
    for _ in 0..2 {
        let mut tx = Tx::new("settle_refund");
        let begun = next(&refused, arrived());
        refunds::record(&mut tx, &refused, &begun, None, at(72_000));
        let _second_misses = world.store.run(tx).await;
    }
    assert_eq!(room(&world.store, &order).await, (2790, 2));
}

async fn an_imported_refund_is_counted_even_when_it_does_not_fit(world: &World) {
    let order = paid(&world.store, 1).await;
    request(&world.store, &refund(&order, "R1", 1000))
        .await
        .unwrap();
    let external = Refund {
        origin: RefundOrigin::External,
        state: next(&refund(&order, "X", 1000), arrived()),
        ..refund(&order, "X", 1000)
    };
    for _ in 0..2 {
        let mut tx = Tx::new("import_refund");
        refunds::import(&mut tx, &external, None);
        let _second_misses = world.store.run(tx).await;
    }
    assert_eq!(room(&world.store, &order).await, (2000, 2));
    assert_eq!(read(&world.store, &external).await, external);
    assert!(refused(
        &request(&world.store, &refund(&order, "R2", 1)).await
    ));
}

async fn a_move_of_the_order_that_misses_keeps_nothing(world: &World) {
    let order = paid(&world.store, 1).await;
    let asked = refund(&order, "R1", 790);
    request(&world.store, &asked).await.unwrap();
    let stale = Order {
        version: order.version - 1,
        ..order.clone()
    };
    let payment = order.state.payment().unwrap().clone();
    let half = OrderState::PartiallyRefunded {
        payment,
        refunded: fen(790),
    };
    let mut tx = Tx::new("settle_refund");
    let moved = next(&asked, arrived());
    refunds::record(&mut tx, &asked, &moved, Some((&stale, &half)), at(71_000));
    assert!(
        world
            .store
            .run(tx)
            .await
            .unwrap_err()
            .missed("orders.record")
    );
    assert_eq!(read(&world.store, &asked).await, asked);
}

async fn a_row_that_contradicts_itself_is_named(world: &World) {
    let order = paid(&world.store, 1).await;
    let asked = refund(&order, "R1", 790);
    request(&world.store, &asked).await.unwrap();
    world.sql("UPDATE refunds SET state = 'succeeded'").await;
    match refunds::get(&world.store, &mch(0), &asked.refund_no).await {
        Err(StoreError::Inconsistent { table, column, .. }) => {
            assert_eq!((table, column), ("refunds", "state"));
        }
        other => panic!("{other:?}"),
    }
}

async fn the_statements_of_the_first_schema_still_run(world: &World) {
    // A server of the release before, during a rolling upgrade, knows nothing of the new columns.
    world
        .sql(
            "INSERT INTO orders (mch_id, order_no, app_id, openid, amount_fen, description,
                notify_url, metadata, created_at, expires_at, state, version, refunded_fen)
            VALUES ('1', 'order-1', 'wx', 'o', 1, 'd', 'n', NULL, 0, 1, 'created', 1, 0)",
        )
        .await;
    let added = "SELECT refund_reserved_fen + refund_count FROM orders WHERE order_no = 'order-1'";
    assert_eq!(world.number(added).await, 0);
}
