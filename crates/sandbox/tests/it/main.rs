//! The sandbox from outside, over HTTP.

mod checks;
mod happy;
mod lifetimes;
mod orders;
mod shop;
mod world;
