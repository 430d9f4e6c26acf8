//! Amounts of a bill that are no amount of an order: fees are finer and may be negative, sums may
//! be larger.

use std::fmt;

use fen::Fen;

/// A fee, or a fee that was given back: whole hundred-thousandths of a yuan, as bills write it.
///
/// ```
/// use wechatpay::Fee;
///
/// assert_eq!(Fee::parse("-7.79").unwrap().to_string(), "-7.79000");
/// assert!(Fee::parse("7.790001").is_none());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fee(i64);

/// Decimals of a fee.
const FEE_DECIMALS: usize = 5;
/// Units of a fee in one yuan.
const FEE_UNITS: i64 = 100_000;
/// More digits than any sum of a bill has.
const YUAN_DIGITS: usize = 12;

impl Fee {
    /// Reads yuan with up to five decimals. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, text) = match text.strip_prefix('-') {
            Some(text) => (-1, text),
            None => (1, text),
        };
        let (yuan, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let lawful = |digits: &str, most| {
            (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !lawful(yuan, YUAN_DIGITS) || !lawful(decimals, FEE_DECIMALS) {
            return None;
        }
        let whole = yuan.parse::<i64>().ok()?.checked_mul(FEE_UNITS)?;
        let part: i64 = format!("{decimals:0<FEE_DECIMALS$}").parse().ok()?;
        whole.checked_add(part)?.checked_mul(sign).map(Self)
    }

    /// The number of hundred-thousandths of a yuan.
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// Writes yuan with five decimals.
impl fmt::Display for Fee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let units = self.0.unsigned_abs();
        let yuan = FEE_UNITS.unsigned_abs();
        write!(f, "{sign}{}.{:05}", units / yuan, units % yuan)
    }
}

/// The sum of a bill's column, in fen: what no single payment may be, a day may bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BillTotal(i64);

impl BillTotal {
    /// Reads yuan with two decimals. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (yuan, cents) = text.split_once('.')?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !(1..=YUAN_DIGITS).contains(&yuan.len()) || cents.len() != 2 {
            return None;
        }
        if !digits(yuan) || !digits(cents) {
            return None;
        }
        let whole = yuan.parse::<i64>().ok()?.checked_mul(100)?;
        whole.checked_add(cents.parse().ok()?).map(Self)
    }

    /// The number of fen.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum with one more amount in it. It would take ninety thousand million amounts at the
    /// ceiling to reach the end of the numbers; there it stays.
    #[must_use]
    pub fn plus(self, amount: Fen) -> Self {
        Self(self.0.saturating_add(amount.get()))
    }
}

/// Writes yuan with two decimals.
impl fmt::Display for BillTotal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}
