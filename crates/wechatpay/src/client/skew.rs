use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use http::header::DATE;
use jiff::fmt::rfc2822::DateTimeParser;

/// The `Date` of the newest answer and our own time when it came.
#[derive(Default)]
pub(super) struct Skew(Mutex<Option<(i64, i64)>>);

impl Skew {
    pub(super) fn record(&self, headers: &HeaderMap, now: i64) {
        let date = headers
            .get(DATE)
            .and_then(|date| DateTimeParser::new().parse_timestamp(date.as_bytes()).ok());
        if let Some(date) = date {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((date.as_second(), now));
        }
    }

    pub(super) fn last(&self) -> Option<(i64, i64)> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
