use domain::Millis;
use store::{
    StoreError, Tx,
    idempotency::{self, Key, Reservation, Reserved},
    orders,
};

use crate::{
    samples::{at, insert, mch, order},
    world::{World, for_each_engine},
};

for_each_engine! {
    a_key_is_reserved_once_and_with_its_effect
    keys_of_different_scopes_and_merchants_are_different
    an_answer_is_written_once_and_by_the_holder_of_the_lease
    a_lease_is_taken_over_by_exactly_one
    an_answered_key_is_not_taken_over
    a_lease_can_be_given_back
    a_key_under_which_nothing_was_done_is_forgotten
    old_keys_are_pruned
}

fn key(name: &str) -> Key {
    Key {
        mch_id: mch(0),
        scope: "api".into(),
        key: name.into(),
    }
}

fn reservation(name: &str, lease_until: i64) -> Reservation {
    Reservation {
        key: key(name),
        request_hash: "hash".into(),
        subject: order(1).order_no.as_str().to_owned(),
        lease_until: at(lease_until),
        created_at: at(0),
    }
}

/// Runs a transaction of one statement.
async fn run(world: &World, add: impl FnOnce(&mut Tx)) -> Result<store::Done, StoreError> {
    let mut tx = Tx::new("place_order");
    add(&mut tx);
    world.store.run(tx).await
}

async fn reserve(world: &World, name: &str, lease_until: i64) -> Result<store::Done, StoreError> {
    run(world, |tx| {
        idempotency::reserve(tx, &reservation(name, lease_until));
    })
    .await
}

async fn get(world: &World, name: &str) -> Option<Reserved> {
    idempotency::get(&world.store, &key(name)).await.unwrap()
}

async fn a_key_is_reserved_once_and_with_its_effect(world: &World) {
    assert_eq!(get(world, "k1").await, None);
    let placed = run(world, |tx| {
        idempotency::reserve(tx, &reservation("k1", 30));
        orders::insert(tx, &order(1));
    });
    let _done = placed.await.unwrap();
    let again = run(world, |tx| {
        orders::insert(tx, &order(2));
        idempotency::reserve(tx, &reservation("k1", 60));
    });
    assert!(again.await.unwrap_err().missed("idempotency.reserve"));
    assert_eq!(world.number("SELECT COUNT(*) FROM orders").await, 1);
    let expected = Reserved {
        subject: order(1).order_no.as_str().to_owned(),
        request_hash: "hash".into(),
        lease_until: at(30),
        answer: None,
        created_at: at(0),
    };
    assert_eq!(get(world, "k1").await, Some(expected));
}

async fn keys_of_different_scopes_and_merchants_are_different(world: &World) {
    let _done = reserve(world, "k1", 30).await.unwrap();
    for other in [
        Key {
            scope: "buyer".into(),
            ..key("k1")
        },
        Key {
            mch_id: mch(1),
            ..key("k1")
        },
        key("k2"),
    ] {
        let other = Reservation {
            key: other,
            ..reservation("", 30)
        };
        let _done = run(world, |tx| idempotency::reserve(tx, &other))
            .await
            .unwrap();
    }
}

async fn an_answer_is_written_once_and_by_the_holder_of_the_lease(world: &World) {
    let _done = reserve(world, "k1", 30).await.unwrap();
    let answer = |lease_until, text: &'static str| {
        run(world, move |tx| {
            idempotency::answer(tx, &key("k1"), at(lease_until), text);
        })
    };
    assert!(
        answer(29, "{}")
            .await
            .unwrap_err()
            .missed("idempotency.answer")
    );
    let _done = answer(30, "{\"a\":1}").await.unwrap();
    assert!(
        answer(30, "{\"a\":2}")
            .await
            .unwrap_err()
            .missed("idempotency.answer")
    );
    assert_eq!(
        get(world, "k1").await.unwrap().answer.as_deref(),
        Some("{\"a\":1}")
    );
}

async fn a_lease_is_taken_over_by_exactly_one(world: &World) {
    let _done = reserve(world, "k1", 30).await.unwrap();
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let store = world.store.clone();
            tokio::spawn(async move {
                let mut tx = Tx::new("place_order");
                idempotency::take_over(&mut tx, &key("k1"), at(30), at(100 + number));
                store.run(tx).await.is_ok()
            })
        })
        .collect();
    let mut winners = Vec::new();
    for (number, task) in (0..).zip(tasks) {
        if task.await.unwrap() {
            winners.push(number);
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(
        get(world, "k1").await.unwrap().lease_until,
        at(100 + winners[0])
    );
    // The first holder wakes up, too late.
    let late = run(world, |tx| {
        idempotency::answer(tx, &key("k1"), at(30), "{}");
    })
    .await;
    assert!(late.unwrap_err().missed("idempotency.answer"));
}

async fn an_answered_key_is_not_taken_over(world: &World) {
    let _done = reserve(world, "k1", 30).await.unwrap();
    let answered = run(world, |tx| {
        idempotency::answer(tx, &key("k1"), at(30), "{}");
    });
    let _done = answered.await.unwrap();
    let late = run(world, |tx| {
        idempotency::take_over(tx, &key("k1"), at(30), at(60));
    })
    .await;
    assert!(late.unwrap_err().missed("idempotency.take_over"));
}

async fn a_lease_can_be_given_back(world: &World) {
    let _done = reserve(world, "k1", 30).await.unwrap();
    let release = |lease_until| {
        run(world, move |tx| {
            idempotency::release(tx, &key("k1"), at(lease_until));
        })
    };
    assert_eq!(release(29).await.unwrap().rows("idempotency.release"), 0);
    assert_eq!(release(30).await.unwrap().rows("idempotency.release"), 1);
    assert_eq!(get(world, "k1").await.unwrap().lease_until, Millis(0));
    let taken = run(world, |tx| {
        idempotency::take_over(tx, &key("k1"), Millis(0), at(60));
    })
    .await;
    let _done = taken.unwrap();
}

async fn old_keys_are_pruned(world: &World) {
    insert(&world.store, &order(1)).await.unwrap();
    for (name, millis) in [("k3", 3), ("k1", 1), ("k2", 2), ("k4", 4)] {
        let old = Reservation {
            created_at: at(millis),
            ..reservation(name, 30)
        };
        let _done = run(world, |tx| idempotency::reserve(tx, &old))
            .await
            .unwrap();
    }
    assert_eq!(
        idempotency::prune(&world.store, &mch(1), at(9), 9)
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        idempotency::prune(&world.store, &mch(0), at(4), 2)
            .await
            .unwrap(),
        2
    );
    assert!(get(world, "k2").await.is_none() && get(world, "k3").await.is_some());
    assert_eq!(
        idempotency::prune(&world.store, &mch(0), at(4), 9)
            .await
            .unwrap(),
        1
    );
    assert!(get(world, "k4").await.is_some());
}

async fn a_key_under_which_nothing_was_done_is_forgotten(world: &World) {
    let _done = reserve(world, "k1", 30).await.unwrap();
    let forget = |until| {
        run(world, move |tx| {
            idempotency::forget(tx, &key("k1"), at(until));
        })
    };
    let missed = forget(31).await.unwrap();
    assert_eq!(missed.rows("idempotency.forget"), 0, "another lease");
    let done = forget(30).await.unwrap();
    assert_eq!(done.rows("idempotency.forget"), 1);
    let _done = reserve(world, "k1", 60).await.unwrap();
    let answer = run(world, |tx| {
        idempotency::answer(tx, &key("k1"), at(60), "{}");
    });
    let _done = answer.await.unwrap();
    let kept = forget(60).await.unwrap();
    assert_eq!(kept.rows("idempotency.forget"), 0, "an answer is kept");
}
