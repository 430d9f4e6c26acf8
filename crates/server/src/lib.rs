//! server
pub mod config;
pub mod telemetry;
