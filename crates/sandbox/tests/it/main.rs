//! The sandbox from outside, over HTTP.

mod cashier;
mod checks;
mod happy;
mod inspector;
mod lifetimes;
mod notifications;
mod orders;
mod shop;
mod world;
