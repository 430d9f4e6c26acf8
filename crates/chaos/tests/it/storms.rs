//! Trouble under load, for some seconds; `cargo xtask chaos` makes it for as long as one likes.

use std::time::Duration;

use chaos::{
    stage::Stage,
    storm::{Aftermath, Storm, rage},
    trouble::Tally,
};

use crate::world::{fresh_database, postgres_server, setup};

const STORM: Storm = Storm {
    clients: 16,
    time: Duration::from_secs(8),
    seed: 4,
};

async fn survive(stage: &Stage) -> Aftermath {
    stage.start().await.unwrap();
    let aftermath = rage(stage, STORM, &Tally::default()).await.unwrap();
    assert_eq!(
        aftermath.verdict.violations,
        [],
        "{:?}",
        aftermath.verdict.counts
    );
    assert!(aftermath.verdict.counts.acknowledged_orders > 0);
    assert!(aftermath.troubles.kills > 0);
    aftermath
}

/// Sixteen clients and a server that is killed at random lose nothing and double nothing.
#[tokio::test(flavor = "multi_thread")]
async fn s01_random_kills_under_load_on_sqlite() {
    survive(&Stage::set(&setup(None)).await.unwrap()).await;
}

/// The same on PostgreSQL.
#[tokio::test(flavor = "multi_thread")]
async fn s01_random_kills_under_load_on_postgresql() {
    let Some(server) = postgres_server("s01_random_kills_under_load_on_postgresql") else {
        return;
    };
    let database = fresh_database(&server, "kills").await;
    survive(&Stage::set(&setup(Some(database))).await.unwrap()).await;
}

/// Three replicas on one database race for the same keys, orders, jobs and notifications, while
/// they are killed, paused and resumed, and their clocks are set wrong.
#[tokio::test(flavor = "multi_thread")]
async fn s06_three_replicas_under_load_lose_nothing_and_double_nothing() {
    let Some(server) = postgres_server("s06_three_replicas_under_load") else {
        return;
    };
    let mut setup = setup(Some(fresh_database(&server, "replicas").await));
    setup.replicas = 3;
    survive(&Stage::set(&setup).await.unwrap()).await;
}
