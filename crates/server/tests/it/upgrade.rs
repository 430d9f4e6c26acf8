//! A rolling upgrade: the database is migrated by a newer program while this one is at work.

use domain::Clock;
use serde_json::json;
use server::clock::SystemClock;
use store::{Store, StoreOptions};

use crate::{
    postgres,
    program::{Stage, free_address, refusal_to_start, start},
    refund_kill::paid,
    world::API_KEY,
};

/// What a program of the future may do while this one runs: it only adds.
const ADDS: &str = "ALTER TABLE orders ADD COLUMN of_the_future BIGINT NOT NULL DEFAULT 0;
    CREATE TABLE future (mch_id TEXT NOT NULL, a BIGINT NOT NULL);
    CREATE INDEX future_by_state ON refunds (mch_id, state);
    INSERT INTO schema_migrations (version, name, checksum, applied_at)
    VALUES (9999, '9999_future', 'x', 0);";

/// And what it says when it does more than that.
const BREAKS: &str = "INSERT INTO schema_breaks VALUES (9999, 9999)";

/// A program that is at work when a newer one migrates the database goes on, another of its version
/// starts beside it, and both serve the same orders; one that would not survive does not start.
#[tokio::test(flavor = "multi_thread")]
async fn s09_an_older_program_goes_on_and_starts_on_a_newer_schema() {
    let Ok(server) = std::env::var("SHOUYIN_TEST_POSTGRES_URL") else {
        println!("SKIPPED s09_an_older_program: SHOUYIN_TEST_POSTGRES_URL is not set");
        return;
    };
    let url = postgres::fresh_database(&server).await;
    let store = Store::open(&url, StoreOptions::default()).unwrap();
    store.migrate(SystemClock.now()).await.unwrap();
    drop(store);
    let stage = Stage::new().await;
    let sqlite = format!("sqlite:{}", stage.folder.path().join("shop.db").display());
    let config = stage.config(|text| text.replace(&sqlite, &url));
    let mut first = start(&config, stage.address, &stage.http).await;
    let before = paid(&stage, "before").await;
    postgres::execute(&url, ADDS).await;
    let after = paid(&stage, "after").await;

    // The same installation a second time, as after a restart or a downgrade.
    let other = free_address();
    let text = std::fs::read_to_string(&config).unwrap();
    let text = text
        .replace(
            &format!("listen = \"{}\"", stage.address),
            &format!("listen = \"{other}\""),
        )
        .replace(&stage.admin.to_string(), &free_address().to_string());
    let beside = stage.folder.path().join("beside.toml");
    std::fs::write(&beside, text).unwrap();
    let mut second = start(&beside, other, &stage.http).await;
    let authorization = format!("Bearer {API_KEY}");
    for (order_no, address) in [(&before, other), (&after, stage.address)] {
        let headers = [
            ("authorization", authorization.as_str()),
            ("idempotency-key", order_no.as_str()),
        ];
        let refunds = format!("http://{address}/v1/orders/{order_no}/refunds");
        let body = json!({"amount_fen": 1});
        let taken = stage.http.post(&refunds, &headers, &body).await;
        assert_eq!(taken.status, 202, "{taken:?}");
    }
    for program in [&mut first, &mut second] {
        program.kill().unwrap();
        program.wait().unwrap();
    }

    postgres::execute(&url, BREAKS).await;
    let said = refusal_to_start(&config).await;
    assert!(said.contains("use a newer program"), "{said}");
}
