//! The sandbox from outside, over HTTP.

mod cashier;
mod checks;
mod control;
mod faults;
mod happy;
mod inspector;
mod keys;
mod lifetimes;
mod login;
mod notifications;
mod openssl;
mod orders;
mod samples;
mod shop;
mod world;
