//! The sandbox from outside, over HTTP.

mod happy;
mod shop;
mod world;
