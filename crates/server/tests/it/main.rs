//! Journeys: the real router, the real store and the sandbox, talking HTTP on ports of their own.

#![expect(clippy::unwrap_used, reason = "a test that fails there says where")]

mod bad_input;
mod buyer;
mod clocks;
mod closing;
mod config;
mod contract;
mod doctor;
mod events;
mod forgeries;
mod gateway_trouble;
mod goods;
mod http;
mod idempotency;
mod idempotent_calls;
mod keys_in_motion;
mod kill;
mod late_money;
mod late_notices;
mod login;
mod merchant_api;
mod merchants;
mod notifications;
mod paying;
mod polling;
mod postgres;
mod program;
mod receiver;
mod refund_kill;
mod refund_trouble;
mod refunding;
mod refunds;
mod reload;
mod secrets;
mod seed_story;
mod sender;
mod webhook_samples;
mod webhooks;
mod webhooks_guard;
mod world;
