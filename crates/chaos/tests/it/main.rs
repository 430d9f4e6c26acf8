//! The real server under faults that no test inside a process can make.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on stops where it is; a skipped one says so"
)]

mod crashes;
mod databases;
mod replicas;
mod storage;
mod storms;
mod world;
