#![doc = include_str!("../README.md")]

mod actors;
mod audit;
mod chance;
mod client;
mod fleet;
mod logs;
mod platform;
mod receiver;
mod run;
mod seams;
mod shop;
mod shrink;
mod story;
mod time;
mod trace;
mod weather;
mod world;

pub use audit::Violation;
pub use fleet::{Fleet, Tally, sail};
pub use run::{Outcome, Run, run};
pub use shrink::shrink;
pub use story::{failure, story_of};
pub use weather::{Fault, Without};
pub use world::Size;
