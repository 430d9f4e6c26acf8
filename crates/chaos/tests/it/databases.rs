//! A PostgreSQL that is cut off, stuck, or gone.

use std::time::Duration;

use chaos::{
    careful,
    clock::until,
    database::{Database, psql},
    failover::{Pair, fail_over},
    history::Entry,
    shop::Outcome,
    stage::{LEASE_S, Stage},
};
use futures_util::future::join_all;
use pg_cluster::Cluster;

use crate::world::{all_is_well, fresh_database, place, postgres_server, price, setup};

const PATIENCE: Duration = Duration::from_secs(60);

fn is_missing(test: &str) -> bool {
    let is_missing = !pg_cluster::is_installed();
    if is_missing {
        println!("SKIPPED {test}: PostgreSQL is not installed");
    }
    is_missing
}

/// A connection that is cut while it commits leaves the outcome unknown: nobody is told anything
/// for certain, and the repeat finds what the database kept.
#[tokio::test(flavor = "multi_thread")]
async fn s04_a_connection_cut_in_mid_commit_is_read_again_and_not_assumed() {
    if is_missing("s04_a_connection_cut_in_mid_commit") {
        return;
    }
    let cluster = tokio::task::block_in_place(Cluster::start).unwrap();
    let url = cluster.url();
    let database = Database::on_postgres(&url, "shop").await.unwrap();
    let shop = database.url();
    let stage = Stage::set(&setup(Some(database))).await.unwrap();
    stage.start().await.unwrap();
    // A commit is on the disk and waits for a standby that there is not: right in its middle.
    cluster
        .configure("synchronous_standby_names = 'nobody'")
        .unwrap();
    let (key, amount) = ("cut".to_owned(), price());
    stage.history.add(Entry::WantsOrder { key, amount });
    let asked = stage.shop.order(0, "cut", amount);
    let cut = async {
        let in_commit = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
            WHERE wait_event = 'SyncRep'";
        until("a commit to cut", PATIENCE, async || {
            let cut: i64 = psql(&url, in_commit).await?.parse()?;
            Ok((cut > 0).then_some(()))
        })
        .await
        .unwrap();
    };
    let (outcome, ()) = tokio::join!(asked, cut);
    assert!(matches!(outcome.unwrap(), Outcome::Uncertain));
    cluster.configure("synchronous_standby_names = ''").unwrap();
    let kept: i64 = until("the database to answer", PATIENCE, async || {
        let orders = psql(&shop, "SELECT COUNT(*) FROM orders").await;
        Ok(orders.ok().and_then(|orders| orders.parse().ok()))
    })
    .await
    .unwrap();
    assert_eq!(kept, 1, "it was kept, and nobody was told");
    // The lease of the key runs out, and the repeat takes over the very order that was kept.
    stage.advance(LEASE_S + 1).await.unwrap();
    careful::place(&stage.shop, &stage.history, "cut", amount)
        .await
        .unwrap();
    assert_eq!(all_is_well(&stage).await.counts.acknowledged_orders, 1);
}

/// While a table is locked for longer than anybody waits, with more callers than connections, each
/// call ends, none is acknowledged that is not there, and afterwards all of them succeed.
#[tokio::test(flavor = "multi_thread")]
async fn s04_a_stuck_database_and_an_exhausted_pool_end_every_call() {
    let Some(server) = postgres_server("s04_a_stuck_database_and_an_exhausted_pool") else {
        return;
    };
    let database = fresh_database(&server, "stuck").await;
    let url = database.url();
    let stage = Stage::set(&setup(Some(database))).await.unwrap();
    stage.start().await.unwrap();
    let lock = "BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(7); COMMIT";
    let locked = tokio::spawn({
        let url = url.clone();
        async move { psql(&url, lock).await }
    });
    until("the table to be locked", PATIENCE, async || {
        let locks = "SELECT COUNT(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted \
            AND relation = 'orders'::regclass";
        Ok((psql(&url, locks).await? == "1").then_some(()))
    })
    .await
    .unwrap();
    let keys: Vec<String> = (0..40).map(|number| format!("stuck-{number}")).collect();
    let callers = keys.iter().map(|key| place(&stage, key));
    join_all(callers).await;
    locked.await.unwrap().unwrap();
    let verdict = all_is_well(&stage).await;
    assert_eq!(verdict.counts.acknowledged_orders, 40);
    assert!(
        verdict.counts.attempts_without_certain_answer > 0,
        "nothing was stuck"
    );
}

/// The primary dies under load, its standby is promoted, and the server follows by itself; what was
/// acknowledged is there, and the old primary that comes back is written by nobody.
#[tokio::test(flavor = "multi_thread")]
async fn s05_a_failover_loses_nothing_that_was_acknowledged() {
    if is_missing("s05_a_failover") {
        return;
    }
    let pair = Pair::start().await.unwrap();
    let server = setup(None).server;
    let part = Duration::from_secs(4);
    let followed = fail_over(pair, server, 8, part, 5, |_| {}).await.unwrap();
    assert_eq!(
        followed.verdict.violations,
        [],
        "{:?}",
        followed.verdict.counts
    );
    assert!(followed.verdict.counts.acknowledged_orders > 0);
}
