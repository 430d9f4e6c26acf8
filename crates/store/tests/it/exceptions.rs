use domain::{Exception, ExceptionKind};
use store::{StoreError, Tx, exceptions, outbox};

use crate::{
    samples::{at, mch, order},
    world::{World, for_each_engine},
};

for_each_engine! {
    an_exception_is_listed_and_announced_once
    exceptions_come_newest_first
    an_exception_seen_by_many_at_once_is_announced_once
    a_kind_nobody_knows_is_named
}

fn exception(fact: &str, millis: i64) -> Exception {
    Exception {
        mch_id: mch(0),
        order_no: order(1).order_no,
        kind: ExceptionKind::PaidTwice,
        fact: fact.into(),
        detail: "refund it".into(),
        at: at(millis),
    }
}

/// Lists it, and says whether it was new.
async fn insert(world: &World, exception: &Exception) -> bool {
    let mut tx = Tx::new("settle_payment");
    exceptions::insert(&mut tx, exception);
    world.store.run(tx).await.unwrap().rows("exceptions.insert") == 1
}

async fn an_exception_is_listed_and_announced_once(world: &World) {
    assert!(insert(world, &exception("t2", 10)).await);
    assert!(!insert(world, &exception("t2", 20)).await);
    // Another payment is another matter, in the same millisecond too.
    assert!(insert(world, &exception("t3", 10)).await);
    let events = outbox::page(&world.store, &mch(0), None, at(99), 9)
        .await
        .unwrap();
    let mut facts: Vec<String> = Vec::new();
    for event in &events {
        assert_eq!(event.kind, "order.exception");
        assert_eq!(event.created_at, at(10));
        let data: serde_json::Value = serde_json::from_str(&event.data).unwrap();
        facts.push(data["fact"].as_str().unwrap().into());
    }
    facts.sort();
    assert_eq!(facts, ["t2", "t3"]);
}

async fn exceptions_come_newest_first(world: &World) {
    for (fact, millis) in [("t1", 10), ("t3", 30), ("t2", 20)] {
        assert!(insert(world, &exception(fact, millis)).await);
    }
    let page = exceptions::page(&world.store, &mch(0), None, 2)
        .await
        .unwrap();
    let found: Vec<&Exception> = page.iter().map(|(_, exception)| exception).collect();
    assert_eq!(found, [&exception("t3", 30), &exception("t2", 20)]);
    let cursor = &page[1].0;
    let rest = exceptions::page(&world.store, &mch(0), Some(cursor), 9)
        .await
        .unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].1, exception("t1", 10));
}

async fn an_exception_seen_by_many_at_once_is_announced_once(world: &World) {
    let tasks: Vec<_> = (0..16)
        .map(|millis| {
            let store = world.store.clone();
            tokio::spawn(async move {
                let mut tx = Tx::new("settle_payment");
                exceptions::insert(&mut tx, &exception("t2", millis));
                store.run(tx).await.unwrap().rows("exceptions.insert")
            })
        })
        .collect();
    let mut listed = 0;
    for task in tasks {
        listed += task.await.unwrap();
    }
    assert_eq!(listed, 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM exceptions").await, 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM outbox").await, 1);
}

async fn a_kind_nobody_knows_is_named(world: &World) {
    assert!(insert(world, &exception("t2", 10)).await);
    world.sql("UPDATE exceptions SET kind = 'odd'").await;
    match exceptions::page(&world.store, &mch(0), None, 9).await {
        Err(StoreError::Inconsistent { table, column, .. }) => {
            assert_eq!((table, column), ("exceptions", "kind"));
        }
        other => panic!("{other:?}"),
    }
}
