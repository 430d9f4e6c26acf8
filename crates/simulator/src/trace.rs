//! What happened, in plain words and in order. Every line goes into a hash, so that two runs of one
//! seed can be compared; the words are kept only when somebody wants to read them.

use std::{
    fmt::{self, Write as _},
    sync::{Mutex, PoisonError},
};

use crate::{
    chance::{EMPTY, fold},
    time::Time,
};

#[derive(Debug)]
pub(crate) struct Trace {
    time: Time,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    hash: u64,
    lines: u64,
    line: String,
    kept: Option<String>,
}

impl Trace {
    pub(crate) fn new(time: Time, keep: bool) -> Self {
        let inner = Inner {
            hash: EMPTY,
            lines: 0,
            line: String::new(),
            kept: keep.then(String::new),
        };
        Self {
            time,
            inner: Mutex::new(inner),
        }
    }

    /// Adds a line: when, who, what.
    pub(crate) fn say(&self, who: &str, what: fmt::Arguments<'_>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *inner;
        inner.line.clear();
        let at = self.time.elapsed();
        let (hours, rest) = (at.as_secs() / 3600, at.as_secs() % 3600);
        let (minutes, seconds, ms) = (rest / 60, rest % 60, at.subsec_millis());
        // Writing into a String cannot fail.
        writeln!(
            inner.line,
            "{hours:02}:{minutes:02}:{seconds:02}.{ms:03}  {who:<10} {what}"
        )
        .unwrap_or_default();
        inner.hash = fold(inner.hash, inner.line.as_bytes());
        inner.lines += 1;
        if let Some(kept) = &mut inner.kept {
            kept.push_str(&inner.line);
        }
    }

    pub(crate) fn hash(&self) -> u64 {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.hash
    }

    /// Everything that was kept.
    pub(crate) fn text(&self) -> String {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.kept.clone().unwrap_or_default()
    }
}

/// `say!(trace, "who", "what {}", …)`
macro_rules! say {
    ($trace:expr, $who:expr, $($what:tt)*) => {
        $trace.say($who.as_ref(), format_args!($($what)*))
    };
}
pub(crate) use say;
