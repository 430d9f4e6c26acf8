//! The sandbox from outside, over HTTP.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on stops where it is"
)]

mod bills;
mod cashier;
mod checks;
mod control;
mod embedded;
mod events;
mod faults;
mod happy;
mod inspector;
mod keys;
mod lifetimes;
mod live;
mod login;
mod notifications;
mod openssl;
mod orders;
mod phone;
mod refund_fates;
mod refund_rules;
mod refund_story;
mod refunds;
mod request;
mod samples;
mod shop;
mod story;
mod world;
