//! A PostgreSQL that goes away in the middle of writing, and comes back.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use pg_cluster::Cluster;
use store::{Store, StoreError, orders};

use crate::{
    samples::{insert, load, order},
    world::World,
};

const CALLERS: i64 = 32;

/// How one order fared.
#[derive(Debug)]
enum Fate {
    Acknowledged(i64),
    Refused(i64),
    Unknown(i64),
}

/// Places one order after the other until the database is gone.
async fn place_until_it_is_gone(store: Store, caller: i64, placed: Arc<AtomicUsize>) -> Vec<Fate> {
    let mut fates = Vec::new();
    for number in 0.. {
        let number = number * CALLERS + caller;
        match insert(&store, &order(number)).await {
            Ok(()) => {
                placed.fetch_add(1, Ordering::Relaxed);
                fates.push(Fate::Acknowledged(number));
            }
            Err(StoreError::Unavailable(_)) => {
                fates.push(Fate::Refused(number));
                break;
            }
            Err(StoreError::OutcomeUnknown { .. }) => {
                fates.push(Fate::Unknown(number));
                break;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    fates
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_loses_nothing_it_acknowledged() {
    if !pg_cluster::is_installed() {
        let name = "outage::a_server_that_is_killed_loses_nothing_it_acknowledged";
        println!("SKIPPED {name}: PostgreSQL is not installed");
        return;
    }
    let cluster = Cluster::start().unwrap();
    let world = World::in_schema(cluster.url()).await;
    world.migrate().await;
    let placed = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (store, placed) = (world.store.clone(), placed.clone());
            tokio::spawn(place_until_it_is_gone(store, caller, placed))
        })
        .collect();
    while placed.load(Ordering::Relaxed) < 300 {
        tokio::task::yield_now().await;
    }
    tokio::task::block_in_place(|| cluster.kill().unwrap());
    let mut fates = Vec::new();
    for caller in callers {
        fates.extend(caller.await.unwrap());
    }
    assert!(matches!(
        world.store.ping().await,
        Err(StoreError::Unavailable(_))
    ));

    tokio::task::block_in_place(|| cluster.restart().unwrap());
    // The same store, whose connections are all dead.
    insert(&world.store, &order(-1)).await.unwrap();
    for fate in fates {
        let (Fate::Acknowledged(number) | Fate::Refused(number) | Fate::Unknown(number)) = fate;
        let sample = order(number);
        let kept = orders::get(&world.store, &sample.mch_id, &sample.order_no)
            .await
            .unwrap();
        match fate {
            Fate::Acknowledged(_) => assert_eq!(kept, Some(sample)),
            Fate::Refused(_) => assert_eq!(kept, None),
            // Wholly or not at all.
            Fate::Unknown(_) => assert!(kept.is_none_or(|kept| kept == sample)),
        }
    }
    let orders = world.number("SELECT COUNT(*) FROM orders").await;
    assert_eq!(
        orders,
        world.number("SELECT COUNT(*) FROM order_history").await
    );
    assert_eq!(load(&world.store, &order(-1)).await, order(-1));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    // Nobody listens on port 1.
    let url = "postgres://nobody@127.0.0.1:1/nothing";
    let store = Store::open(url, store::StoreOptions::default()).unwrap();
    assert!(matches!(
        store.ping().await,
        Err(StoreError::Unavailable(_))
    ));
    let placed = insert(&store, &order(1)).await;
    assert!(
        matches!(placed, Err(StoreError::Unavailable(_))),
        "{placed:?}"
    );
    assert!(matches!(
        store.schema_state().await,
        Err(StoreError::Unavailable(_))
    ));
    assert_eq!(store.stats().unavailable, 1);
}
