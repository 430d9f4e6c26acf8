//! What is wrong with the configuration: every problem at once, each with its place.

use std::fmt;

use super::tree::Origin;

/// One thing to put right. Never holds the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// `None` when something is absent everywhere.
    pub origin: Option<Origin>,
    /// The dotted name of the setting; empty when a whole file is at fault.
    pub key: String,
    pub message: String,
}

impl Problem {
    pub(super) fn at(origin: &Origin, key: &str, message: impl Into<String>) -> Problem {
        Problem {
            origin: Some(origin.clone()),
            key: key.to_owned(),
            message: message.into(),
        }
    }

    pub(super) fn absent(key: &str, message: impl Into<String>) -> Problem {
        Problem {
            origin: None,
            key: key.to_owned(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(f, "{origin}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

/// The configuration cannot be used; nothing was started. Lists every problem that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    pub problems: Vec<Problem>,
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.as_slice() {
            [only] => write!(f, "configuration: {only}"),
            all => {
                write!(f, "configuration: {} problems", all.len())?;
                all.iter()
                    .try_for_each(|problem| write!(f, "\n  - {problem}"))
            }
        }
    }
}
