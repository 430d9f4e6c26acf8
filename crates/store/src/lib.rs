#![doc = include_str!("../README.md")]

pub mod backup;
mod catalogue;
mod error;
pub mod exceptions;
pub mod goods;
pub mod history;
pub mod idempotency;
pub mod inbox;
pub mod jobs;
#[cfg(feature = "simulation")]
pub mod memory;
pub mod merchants;
mod migrate;
mod options;
pub mod orders;
pub mod outbox;
mod postgres;
pub mod reconciliations;
pub mod refunds;
mod row;
pub mod sessions;
#[cfg(feature = "shards")]
pub mod shards;
mod sqlite;
mod stats;
mod store;
mod tx;
pub mod webhook_attempts;
pub mod webhook_deliveries;
pub mod webhook_endpoints;

pub use catalogue::{Statement, catalogue};
pub use error::{Cause, SchemaError, StoreError};
pub use migrate::SchemaState;
pub use options::StoreOptions;
pub use stats::Stats;
pub use store::{Engine, PAGE_MAX, Store};
pub use tx::{Done, Tx};
