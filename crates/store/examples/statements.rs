//! Every statement of this program, for `tests/it/statements/`: run it before a migration is added,
//! on the commit before it, so that what today's program sends is tried on tomorrow's schema.
//!
//! `cargo run -p shouyin-store --example statements > crates/store/tests/it/statements/NNNN.txt`,
//! where `NNNN` is the newest migration of today.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool prints, and has nobody to report to"
)]

use store::{Engine, Store, StoreOptions, catalogue};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("empty.db").display());
    let store = Store::open(&url, StoreOptions::default()).unwrap();
    let schema = store.schema_state().await.unwrap().wanted;
    println!("-- What the program of schema {schema} sends. Written by `--example statements`.");
    for statement in catalogue() {
        let engine = match statement.engine {
            None => "both",
            Some(Engine::Sqlite) => "sqlite",
            Some(Engine::Postgres) => "postgres",
        };
        println!("\n-- engine: {engine}\n{}", statement.sql);
    }
}
