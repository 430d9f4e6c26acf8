//! Transactions as values: guards, batches, concurrency.

use domain::Order;
use store::{Engine, Store, StoreError, Tx, orders, sessions};

use crate::{
    samples::{advanced, at, insert, load, mch, order, payment, step},
    world::{World, for_each_engine},
};

for_each_engine! {
    a_guard_that_misses_undoes_its_own_transaction_and_no_other
    a_statement_that_fails_undoes_its_own_transaction_and_no_other
    of_many_who_move_an_order_at_once_exactly_one_does
    transactions_at_once_share_commits_and_none_is_lost
    transactions_in_opposite_order_do_not_hang
    an_empty_transaction_is_done
    a_done_transaction_tells_how_many_rows_changed
    a_caller_who_goes_away_leaves_nothing_half_done
    the_database_answers_and_takes_writes
}

/// Runs all of them at once, so that they share batches.
async fn all_at_once(store: &Store, txs: Vec<Tx>) -> Vec<Result<(), StoreError>> {
    let running: Vec<_> = txs
        .into_iter()
        .map(|tx| {
            let store = store.clone();
            tokio::spawn(async move { store.run(tx).await.map(drop) })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in running {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

fn place(order: &Order) -> Tx {
    let mut tx = Tx::new("place_order");
    orders::insert(&mut tx, order);
    tx
}

/// Places an order, and then does something that spoils it.
fn place_and(order: &Order, spoil: impl FnOnce(&mut Tx)) -> Tx {
    let mut tx = place(order);
    spoil(&mut tx);
    tx
}

async fn a_guard_that_misses_undoes_its_own_transaction_and_no_other(world: &World) {
    let taken = order(0);
    insert(&world.store, &taken).await.unwrap();
    // Every third one inserts its order and then stumbles over one that is there.
    let txs = (1..=60).map(|number| match number % 3 {
        0 => place_and(&order(number), |tx| orders::insert(tx, &taken)),
        _ => place(&order(number)),
    });
    let outcomes = all_at_once(&world.store, txs.collect()).await;
    for (number, outcome) in (1..=60).zip(outcomes) {
        let sample = order(number);
        let found = orders::get(&world.store, &sample.mch_id, &sample.order_no)
            .await
            .unwrap();
        if number % 3 == 0 {
            assert!(outcome.unwrap_err().missed("orders.insert"));
            assert_eq!(found, None, "{number}");
        } else {
            outcome.unwrap();
            assert_eq!(found, Some(sample), "{number}");
        }
    }
    let history = "SELECT COUNT(*) FROM order_history";
    assert_eq!(world.number(history).await, 41);
}

async fn a_statement_that_fails_undoes_its_own_transaction_and_no_other(world: &World) {
    let session = sessions::Session {
        mch_id: mch(0),
        token_hash: [7; 32],
        app_id: order(0).app_id,
        openid: order(0).openid,
        created_at: at(0),
        expires_at: at(1000),
    };
    let mut tx = Tx::new("log_in");
    sessions::insert(&mut tx, &session);
    let _done = world.store.run(tx).await.unwrap();

    let txs = (1..=30).map(|number| match number % 3 {
        0 => place_and(&order(number), |tx| sessions::insert(tx, &session)),
        _ => place(&order(number)),
    });
    let outcomes = all_at_once(&world.store, txs.collect()).await;
    for (number, outcome) in (1..=30).zip(outcomes) {
        match outcome {
            Ok(()) => assert_ne!(number % 3, 0),
            Err(StoreError::Refused {
                tx,
                statement,
                source,
            }) => {
                assert_eq!(
                    (number % 3, tx, statement),
                    (0, "place_order", "sessions.insert")
                );
                // The value of the key stays out of what is logged.
                assert!(!source.to_string().contains("0707"), "{source}");
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM orders").await, 20);
}

async fn of_many_who_move_an_order_at_once_exactly_one_does(world: &World) {
    let placed = order(1);
    insert(&world.store, &placed).await.unwrap();
    let txs = (0..32).map(|number| {
        let mut tx = Tx::new("settle_payment");
        let next = advanced(&placed, payment(&format!("t{number}")));
        orders::record(&mut tx, &placed, &next, at(number));
        tx
    });
    let outcomes = all_at_once(&world.store, txs.collect()).await;
    let won: Vec<usize> = (0..32).filter(|number| outcomes[*number].is_ok()).collect();
    assert_eq!(won.len(), 1, "{outcomes:?}");
    for outcome in outcomes.into_iter().filter_map(Result::err) {
        assert!(outcome.missed("orders.record"), "{outcome}");
    }
    let paid = load(&world.store, &placed).await;
    assert_eq!(paid.version, 2);
    let transaction_id = paid.state.payment().unwrap().transaction_id.to_string();
    assert_eq!(transaction_id, format!("t{}", won[0]));
    assert_eq!(world.number("SELECT COUNT(*) FROM order_history").await, 2);
    assert_eq!(world.number("SELECT COUNT(*) FROM outbox").await, 1);
}

async fn transactions_at_once_share_commits_and_none_is_lost(world: &World) {
    let txs = (0..500).map(|number| place(&order(number)));
    let outcomes = all_at_once(&world.store, txs.collect()).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(world.number("SELECT COUNT(*) FROM orders").await, 500);
    let stats = world.store.stats();
    assert_eq!(stats.transactions, 500);
    assert!(stats.commits < 500, "{stats:?}");
}

/// On PostgreSQL they lock each other out, and one is begun anew.
async fn transactions_in_opposite_order_do_not_hang(world: &World) {
    for number in 0..20 {
        insert(&world.store, &order(number)).await.unwrap();
    }
    let pay = |numbers: [i64; 2]| {
        let mut tx = Tx::new("settle_two");
        for placed in numbers.map(order) {
            let next = advanced(&placed, payment("t1"));
            orders::record(&mut tx, &placed, &next, at(0));
        }
        // A store of its own: within one they may share a transaction.
        let store = world.again();
        tokio::spawn(async move { store.run(tx).await })
    };
    let pairs: Vec<_> = (0..20)
        .step_by(2)
        .map(|n| [pay([n, n + 1]), pay([n + 1, n])])
        .collect();
    for pair in pairs {
        let mut won = 0;
        for task in pair {
            match task.await.unwrap() {
                Ok(_) => won += 1,
                Err(error) => assert!(error.missed("orders.record"), "{error:?}"),
            }
        }
        assert_eq!(won, 1);
    }
}

async fn an_empty_transaction_is_done(world: &World) {
    let tx = Tx::new("nothing");
    assert!(tx.is_empty());
    let _done = world.store.run(tx).await.unwrap();
}

async fn a_done_transaction_tells_how_many_rows_changed(world: &World) {
    let done = world.store.run(place(&order(1))).await.unwrap();
    assert_eq!(done.rows("orders.insert"), 1);
    assert_eq!(done.rows("history.append"), 1);
    assert_eq!(done.rows("orders.record"), 0);
}

async fn a_caller_who_goes_away_leaves_nothing_half_done(world: &World) {
    for number in 0..40 {
        let store = world.store.clone();
        let task = tokio::spawn(async move { insert(&store, &order(number)).await });
        tokio::task::yield_now().await;
        task.abort();
    }
    // Connections and the writer are fit for use, and an order is there with its history or not
    // at all. Some may still be on their way, so both are counted at one moment.
    insert(&world.store, &order(100)).await.unwrap();
    let difference = "SELECT (SELECT COUNT(*) FROM orders) - (SELECT COUNT(*) FROM order_history)";
    assert_eq!(world.number(difference).await, 0);
}

async fn the_database_answers_and_takes_writes(world: &World) {
    world.store.ping().await.unwrap();
    world.store.check_writable().await.unwrap();
}

#[tokio::test]
async fn a_full_queue_is_said_at_once() {
    let world = World::on_sqlite();
    world.migrate().await;
    // Somebody else writes, so that the writer waits.
    let other = world.sqlite();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let txs = (0..6000).map(|number| place(&order(number))).collect();
    let outcomes = {
        let running = all_at_once(&world.store, txs);
        tokio::pin!(running);
        // One look at it spawns them all; then they run until the queue is full.
        tokio::select! {
            biased;
            _ = &mut running => panic!("nobody can write yet"),
            () = busy(&world.store) => {}
        }
        other.execute_batch("ROLLBACK").unwrap();
        running.await
    };
    let busy = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Err(StoreError::Busy { .. })));
    let busy = busy.count();
    assert!(busy > 1000, "{busy}");
    let ok = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(ok + busy, 6000);
    let kept = world.number("SELECT COUNT(*) FROM orders").await;
    assert_eq!(kept, i64::try_from(ok).unwrap());
}

/// Until somebody was turned away.
async fn busy(store: &Store) {
    while store.stats().busy < 1000 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn one_process_serves_from_a_file_and_others_may_use_it() {
    let world = World::on_sqlite();
    world.migrate().await;
    let serving = || store::StoreOptions {
        exclusive: true,
        ..Default::default()
    };
    let first = Store::open(&world.url, serving()).unwrap();
    let second = Store::open(&world.url, serving());
    assert!(
        matches!(second, Err(StoreError::InUse { .. })),
        "{second:?}"
    );
    // A command beside the server.
    insert(&world.again(), &order(1)).await.unwrap();
    assert_eq!(first.engine(), Engine::Sqlite);
    drop(first);
    assert!(Store::open(&world.url, serving()).is_ok());
}

#[tokio::test]
async fn a_url_that_is_none_is_refused() {
    for url in ["", "shop.db", "sqlite:", "sqlite::memory:", "mysql://a/b"] {
        let opened = Store::open(url, store::StoreOptions::default());
        assert!(
            matches!(opened, Err(StoreError::Config(_))),
            "{url}: {opened:?}"
        );
    }
    let nowhere = Store::open("sqlite:/nowhere/shop.db", store::StoreOptions::default());
    assert!(
        matches!(nowhere, Err(StoreError::Unavailable(_))),
        "{nowhere:?}"
    );
}

#[tokio::test]
async fn a_step_uses_the_version_that_was_read() {
    let world = World::on_sqlite();
    world.migrate().await;
    insert(&world.store, &order(1)).await.unwrap();
    let paid = step(&world.store, &order(1), payment("t1")).await.unwrap();
    let late = step(&world.store, &order(1), payment("t1"))
        .await
        .unwrap_err();
    assert!(late.missed("orders.record") && !late.is_transient());
    assert_eq!(load(&world.store, &paid).await, paid);
}
