//! Bills: what can be asked for, the file that an application names, and what stands in it.

mod amounts;
mod gunzip;
mod lines;
mod problem;
mod row;
mod trade;

use std::fmt;

pub use amounts::{BillTotal, Fee};
pub(crate) use gunzip::Gunzip;
pub use problem::{BillError, LineFault, LineProblem};
pub use row::{BillRefundStatus, RefundRow, RowKind, TradeRow};
pub use trade::{StatedTotals, TradeBill, TradeTotals};

/// Which rows a trade bill has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TradeBillType {
    /// Payments and refunds.
    All,
    /// Payments.
    Success,
    /// Refunds, with their own times.
    Refund,
}

impl TradeBillType {
    /// The word, as WeChat spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Success => "SUCCESS",
            Self::Refund => "REFUND",
        }
    }
}

/// Which account a fund bill is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FundAccount {
    /// What came in.
    Basic,
    /// For operations.
    Operation,
    /// For fees.
    Fees,
}

impl FundAccount {
    /// The word, as WeChat spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "BASIC",
            Self::Operation => "OPERATION",
            Self::Fees => "FEES",
        }
    }
}

/// How a bill travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BillPacking {
    /// As it is.
    Plain,
    /// As a gzip file, which is some ten times smaller.
    Gzip,
}

/// A bill that can be downloaded, for minutes. `Debug` does not show the address: it holds a token.
#[derive(Clone, PartialEq, Eq)]
pub struct BillFile {
    pub(crate) hash: Sha1Hash,
    pub(crate) path: String,
    pub(crate) packing: BillPacking,
}

impl BillFile {
    /// The SHA-1 of the unpacked file in lower-case hexadecimal digits, as the platform signed it.
    pub fn sha1(&self) -> String {
        self.hash.to_string()
    }
}

impl fmt::Debug for BillFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BillFile")
            .field("sha1", &self.sha1())
            .field("packing", &self.packing)
            .finish_non_exhaustive()
    }
}

/// Twenty bytes. SHA-1 protects nobody from a forger who chooses both files; here the platform
/// chose the one, and no better hash is offered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sha1Hash([u8; 20]);

impl Sha1Hash {
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 40 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 20];
        for (index, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(index * 2..index * 2 + 2)?;
            *byte = u8::from_str_radix(digits, 16).ok()?;
        }
        Some(Self(bytes))
    }

    pub(crate) fn is(self, bytes: &[u8]) -> bool {
        self.0 == bytes
    }
}

impl fmt::Display for Sha1Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
