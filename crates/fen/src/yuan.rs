//! Yuan text, both ways.

use std::fmt;

use crate::{Fen, FenError};

/// How much of a refused text is kept for the message: enough to recognise it, little enough to
/// log.
const SHOWN_CHARS: usize = 32;

/// No lawful amount has more digits before the point; longer ones are above the ceiling anyway and
/// need not be multiplied out.
const MAX_YUAN_DIGITS: usize = 12;

pub(crate) fn parse(text: &str) -> Result<Fen, FenError> {
    let refused = || FenError::NotYuan(text.chars().take(SHOWN_CHARS).collect());
    let (yuan, cents) = match text.split_once('.') {
        Some((yuan, cents)) if cents.len() == 2 => (yuan, cents),
        Some(_) => return Err(refused()),
        None => (text, "00"),
    };
    let superfluous_zero = yuan.len() > 1 && yuan.starts_with('0');
    if !is_digits(yuan) || !is_digits(cents) || superfluous_zero {
        return Err(refused());
    }
    if yuan.len() > MAX_YUAN_DIGITS {
        return Err(FenError::AboveLimit(i64::MAX));
    }
    let yuan: i64 = yuan.parse().map_err(|_| refused())?;
    let cents: i64 = cents.parse().map_err(|_| refused())?;
    Fen::new(yuan.saturating_mul(100).saturating_add(cents))
}

pub(crate) fn write(fen: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{}.{:02}", fen / 100, fen % 100)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
