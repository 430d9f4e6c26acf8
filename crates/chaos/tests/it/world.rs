//! A stage with one server on an SQLite file, and what tests of it have in common.

use chaos::{
    audit::{Verdict, audit},
    careful,
    database::Database,
    load::Follower,
    shop::{Placed, Reply},
    stage::{Pace, Setup, Stage},
};
use fen::Fen;

pub(crate) fn setup(database: Option<Database>) -> Setup {
    Setup {
        server: env!("CARGO_BIN_EXE_shouyin-under-test").into(),
        database,
        replicas: 1,
        pace: Pace::Brisk,
    }
}

/// A running server on a file of its own.
pub(crate) async fn on_sqlite() -> Stage {
    let stage = Stage::set(&setup(None)).await.unwrap();
    stage.start().await.unwrap();
    stage
}

pub(crate) fn price() -> Fen {
    Fen::new(1790).unwrap()
}

pub(crate) async fn place(stage: &Stage, key: &str) -> Placed {
    careful::place(&stage.shop, &stage.history, key, price())
        .await
        .unwrap()
}

/// An order that the buyer has paid, as far as the platform is concerned.
pub(crate) async fn pay(stage: &Stage, placed: &Placed) {
    assert!(stage.shop.pay(placed).await.unwrap());
}

/// `GET /readyz`, read to its end.
pub(crate) async fn readiness(stage: &Stage) -> Reply {
    let reply = stage.shop.call(0, "GET", "/readyz", &[], None).await;
    reply.expect("a server that is up answers")
}

/// The end of every test: everything settles, and nothing was lost, doubled or left out.
pub(crate) async fn all_is_well(stage: &Stage) -> Verdict {
    let verdict = audit(stage, Follower::new(stage.shop.clone()))
        .await
        .unwrap();
    assert_eq!(verdict.violations, [], "{:?}", verdict.counts);
    verdict
}

/// The PostgreSQL that tests may use, or a line that says why not.
pub(crate) fn postgres_server(test: &str) -> Option<String> {
    let server = std::env::var("SHOUYIN_TEST_POSTGRES_URL").ok();
    if server.is_none() {
        println!("SKIPPED {test}: SHOUYIN_TEST_POSTGRES_URL is not set");
    }
    server
}

/// A database of a test's own.
pub(crate) async fn fresh_database(server: &str, name: &str) -> Database {
    let name = format!("chaos_{name}_{}", std::process::id());
    Database::on_postgres(server, &name).await.unwrap()
}
