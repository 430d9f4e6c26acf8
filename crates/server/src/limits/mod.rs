//! How much is taken on: how fast callers may call, and how fast we may call WeChat.
//!
//! What may be done at the same time is bounded elsewhere, by the semaphores of [`crate::app::App`]
//! and by the listener. Time comes from our clock, and nothing here waits, so that a limit is a
//! pure function of what was asked and when.

pub(crate) mod bucket;
mod callers;
mod keyed;
pub(crate) mod pace;

pub(crate) use callers::{CallerLimits, Standing, network_of};
