//! What crosses the wire, as the platform reads and writes it.
//!
//! These types and limits are the sandbox's own. They are not shared with the client, because a
//! double that shares the client's structs shares the client's misunderstandings.

pub(crate) mod bill;
pub(crate) mod pattern;
pub(crate) mod prepay;
pub(crate) mod refund;
pub(crate) mod refund_answer;
pub(crate) mod schema;
pub(crate) mod small;
pub(crate) mod transaction;
pub(crate) mod walk;

pub(crate) use schema::{Field, Source, Text};
pub(crate) use walk::{check_body, check_text, require, unknown_members};
