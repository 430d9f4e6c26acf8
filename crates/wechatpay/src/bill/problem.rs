//! What can be wrong with a bill: with one of its lines, or with the whole of it.

use std::{fmt, io};

/// One line that cannot be read. The others are not lost by it.
///
/// It says where and what, and repeats nothing that stands there: a line whose columns have moved
/// has a person's openid where an amount should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineProblem {
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1, with its name in the header; none when it is the line as a whole.
    pub column: Option<(usize, &'static str)>,
    /// What is wrong.
    pub fault: LineFault,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// Longer than any line of a bill.
    #[error("the line has more than {0} bytes")]
    TooLong(usize),
    /// Not text.
    #[error("the line is not UTF-8")]
    NotUtf8,
    /// A row begins with a backtick, as each of its fields does.
    #[error("a row begins with a backtick, and this line does not")]
    NotARow,
    /// Another number of fields than the header has.
    #[error("the header has {expected} columns and this line {found} fields")]
    Fields {
        /// In the header.
        expected: usize,
        /// In the line.
        found: usize,
    },
    /// Not yuan with two decimals.
    #[error("this is not an amount in yuan like 17.90")]
    NotAnAmount,
    /// Not yuan with up to five decimals.
    #[error("this is not a fee in yuan like 0.10740")]
    NotAFee,
    /// Not a time.
    #[error("this is not a time like 2026-11-23 22:38:41")]
    NotATime,
    /// Not a number of the kind that belongs there.
    #[error("{0}")]
    Value(crate::InvalidValue),
}

impl fmt::Display for LineProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some((column, name)) = self.column {
            write!(f, ", column {column} ({name})")?;
        }
        write!(f, ": {}", self.fault)
    }
}

/// Why a file is not a bill.
#[derive(Debug, thiserror::Error)]
pub enum BillError {
    /// It cannot be read.
    #[error("the bill cannot be read")]
    Read(#[from] io::Error),
    /// Its first line is not the header of a trade bill.
    #[error("the first line is not the header of a trade bill: it has no column {0}")]
    Header(&'static str),
    /// It ends before its summary: something is missing.
    #[error("the bill ends at line {0} without a summary: it is not whole")]
    NoSummary(u64),
    /// Its summary cannot be read.
    #[error("the summary at line {0} cannot be read")]
    Summary(u64),
    /// Something follows the summary.
    #[error("line {0} comes after the summary")]
    AfterSummary(u64),
}
