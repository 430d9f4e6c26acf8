#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod yuan;

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount of money in fen (分): a whole number, never negative, never above [`Fen::MAX`].
///
/// It is an integer on the wire too, as WeChat Pay API v3 wants it; reading one checks the bounds.
///
/// ```
/// use fen::Fen;
///
/// let price = Fen::from_yuan("17.90")?;
/// assert_eq!(price.get(), 1790);
/// assert_eq!(price.times(3)?.to_string(), "53.70");
/// assert_eq!(serde_json::to_string(&price).unwrap(), "1790");
/// # Ok::<(), fen::FenError>(())
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(into = "i64", try_from = "i64")]
pub struct Fen(i64);

impl Fen {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The ceiling: 10,000,000 yuan.
    ///
    /// WeChat documents this bound for one part of a combined payment and none for a single
    /// payment; an amount above it is a mistake in the caller. It also keeps every product with a
    /// `u32` inside an `i64`.
    pub const MAX: Self = Self(1_000_000_000);

    /// Takes a number of fen.
    ///
    /// # Errors
    /// [`FenError::Negative`] below zero, [`FenError::AboveLimit`] above [`Fen::MAX`].
    pub const fn new(fen: i64) -> Result<Self, FenError> {
        if fen < 0 {
            Err(FenError::Negative(fen))
        } else if fen > Self::MAX.0 {
            Err(FenError::AboveLimit(fen))
        } else {
            Ok(Self(fen))
        }
    }

    /// The number of fen.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether this is no money at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`FenError::AboveLimit`] when it passes the ceiling.
    pub fn plus(self, other: Self) -> Result<Self, FenError> {
        Self::new(self.0.saturating_add(other.0))
    }

    /// The difference, or `None` when more would be taken than there is.
    pub fn minus(self, other: Self) -> Option<Self> {
        Self::new(self.0.saturating_sub(other.0)).ok()
    }

    /// This amount so many times, as in unit price by quantity.
    ///
    /// # Errors
    /// [`FenError::AboveLimit`] when it passes the ceiling.
    pub fn times(self, count: u32) -> Result<Self, FenError> {
        Self::new(self.0.saturating_mul(i64::from(count)))
    }

    /// Reads yuan text: `"17.90"` or `"17"`, exactly two decimals or none.
    ///
    /// Signs, spaces, thousands separators, superfluous leading zeros and one decimal are refused:
    /// a text that two people could read as two amounts is not an amount.
    ///
    /// # Errors
    /// [`FenError::NotYuan`] for any other form, [`FenError::AboveLimit`] above [`Fen::MAX`].
    pub fn from_yuan(text: &str) -> Result<Self, FenError> {
        yuan::parse(text)
    }
}

/// Writes yuan with two decimals: `17.90`.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        yuan::write(self.0, f)
    }
}

impl From<Fen> for i64 {
    fn from(fen: Fen) -> Self {
        fen.0
    }
}

impl TryFrom<i64> for Fen {
    type Error = FenError;

    fn try_from(fen: i64) -> Result<Self, FenError> {
        Self::new(fen)
    }
}

/// Why something is not an amount of money. Repeating the call cannot help; the value must change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FenError {
    /// Below zero; the number is in fen.
    #[error("{0} fen is negative; an amount of money starts at 0")]
    Negative(i64),
    /// Above [`Fen::MAX`]; the number is in fen and saturates at `i64::MAX`.
    #[error("{0} fen is above the ceiling of 1000000000 fen (10,000,000 yuan)")]
    AboveLimit(i64),
    /// Not yuan text; at most 32 characters of what was found.
    #[error("\"{0}\" is not an amount in yuan; write it like 17.90 or 17")]
    NotYuan(String),
}

#[cfg(test)]
mod tests;
