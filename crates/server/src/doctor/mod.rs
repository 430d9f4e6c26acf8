//! The questions that fill support threads, asked of this installation and answered in one line
//! each: what is wrong, and what to do about it.
//!
//! Checks are functions from facts to [`Finding`]s; only [`online`] and [`database`] fetch facts.
//! Nothing here prints a secret.

pub mod database;
pub mod finding;
pub mod keys;
pub mod login;
pub mod online;
pub mod places;
pub mod refusal;
pub mod sign_error;
pub mod skew;

pub use finding::{Finding, Question, Verdict, Words, words};
