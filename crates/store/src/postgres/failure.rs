//! What an error of PostgreSQL means for the transaction it came from.

use std::{error::Error, fmt};

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

use crate::error::Cause;

/// What to do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A conflict with another transaction: begin anew.
    Again,
    /// This server has become a standby: find the new primary.
    ReadOnly,
    /// The server cannot write now: its disk is full, or it is out of memory.
    Unable,
    /// The statement waited too long, for a lock most likely.
    Stuck,
    /// The connection is gone, or the server is going.
    Lost,
    /// The statement is at fault, or a constraint.
    Refused,
}

pub(super) fn kind(error: &tokio_postgres::Error) -> Kind {
    match error.code() {
        Some(code) => kind_of(code),
        None if error.is_closed() || is_io(error) || is_out_of_step(error) => Kind::Lost,
        // A value that does not fit its parameter, for instance: a mistake of ours.
        None => Kind::Refused,
    }
}

fn kind_of(code: &SqlState) -> Kind {
    match code.code() {
        "40001" | "40P01" => Kind::Again,
        "25006" => Kind::ReadOnly,
        // The limits of one statement and of one lock; nothing of it was kept.
        "57014" | "55P03" => Kind::Stuck,
        // The outcome is unknown, by its own words; and a session that was closed for idling.
        "40003" | "25P03" => Kind::Lost,
        code if code.starts_with("08") || code.starts_with("57") => Kind::Lost,
        code if code.starts_with("53") || code.starts_with("58") => Kind::Unable,
        _ => Kind::Refused,
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    error
        .source()
        .is_some_and(|source| source.is::<std::io::Error>())
}

/// Whether the server said something that does not belong here. The driver has no other name for
/// it than its text.
fn is_out_of_step(error: &tokio_postgres::Error) -> bool {
    error.source().is_none() && error.to_string().starts_with("unexpected message")
}

/// What may be told of an error: of the server's own words its code and message. Its detail
/// repeats the values of rows.
pub(super) fn cause(error: tokio_postgres::Error) -> Cause {
    match error.as_db_error() {
        Some(said) => Cause::new(Said {
            code: said.code().code().to_owned(),
            message: said.message().to_owned(),
        }),
        None => Cause::new(error),
    }
}

pub(super) fn pool_cause(error: PoolError) -> Cause {
    match error {
        PoolError::Backend(error) => cause(error),
        other => Cause::new(other),
    }
}

#[derive(Debug)]
struct Said {
    code: String,
    message: String,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SQLSTATE {})", self.message, self.code)
    }
}

impl Error for Said {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_by_what_to_do() {
        let kind = |code| kind_of(&SqlState::from_code(code));
        assert_eq!(kind("40001"), Kind::Again);
        assert_eq!(kind("40P01"), Kind::Again);
        assert_eq!(kind("25006"), Kind::ReadOnly);
        assert_eq!(kind("57P01"), Kind::Lost);
        assert_eq!(kind("08006"), Kind::Lost);
        assert_eq!(kind("25P03"), Kind::Lost);
        assert_eq!(kind("57014"), Kind::Stuck);
        assert_eq!(kind("53100"), Kind::Unable);
        assert_eq!(kind("23505"), Kind::Refused);
        assert_eq!(kind("42P01"), Kind::Refused);
    }
}
