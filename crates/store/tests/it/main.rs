//! The conformance suite: every function of the store on both engines, by the same tests.
//!
//! SQLite always. PostgreSQL when `SHOUYIN_TEST_POSTGRES_URL` names a server on which schemas may
//! be made; each test makes its own and drops it when it succeeds. Otherwise each of those tests
//! says `SKIPPED` with its name.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on stops where it is; a skipped one says so"
)]

mod world;

mod backup;
mod books;
mod catalogue;
mod durability;
mod exceptions;
mod executor;
mod goods;
mod idempotency;
mod inbox;
mod jobs;
mod merchants;
mod migrations;
mod orders;
mod outage;
mod outbox;
mod pages;
mod reconciliations;
mod refunds;
mod runtimes;
mod samples;
mod sessions;
mod shards;
mod tls;
mod trial;
mod upgrade;
mod webhooks;
