use std::ops::RangeInclusive;

/// A text that breaks the rule of its type. It does not repeat the text, which may be personal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} {problem}")]
pub struct InvalidValue {
    /// The field, as WeChat spells it.
    pub name: &'static str,
    /// What is wrong.
    pub problem: ValueProblem,
}

/// Which part of a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueProblem {
    /// Fewer bytes than the platform takes.
    #[error("has {bytes} bytes and needs at least {min}")]
    TooShort {
        /// Bytes given.
        bytes: usize,
        /// The least.
        min: usize,
    },
    /// More bytes than the platform takes.
    #[error("has {bytes} bytes and may have at most {max}")]
    TooLong {
        /// Bytes given.
        bytes: usize,
        /// The most.
        max: usize,
    },
    /// A character that does not belong there.
    #[error("may hold only {allowed}")]
    Alphabet {
        /// What belongs there, in words.
        allowed: &'static str,
    },
    /// Not the form that is wanted.
    #[error("{0}")]
    Form(&'static str),
}

pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) bytes: RangeInclusive<usize>,
    pub(super) alphabet: Alphabet,
}

#[derive(Clone, Copy)]
pub(super) enum Alphabet {
    Digits,
    Alphanumeric,
    TradeNo,
    RefundNo,
    Visible,
    Text,
}

impl Rule {
    pub(super) fn check(&self, text: &str) -> Result<(), InvalidValue> {
        let refuse = |problem| {
            Err(InvalidValue {
                name: self.name,
                problem,
            })
        };
        let bytes = text.len();
        if bytes < *self.bytes.start() {
            return refuse(ValueProblem::TooShort {
                bytes,
                min: *self.bytes.start(),
            });
        }
        if bytes > *self.bytes.end() {
            return refuse(ValueProblem::TooLong {
                bytes,
                max: *self.bytes.end(),
            });
        }
        if !self.alphabet.holds(text) {
            return refuse(ValueProblem::Alphabet {
                allowed: self.alphabet.words(),
            });
        }
        Ok(())
    }
}

impl Alphabet {
    fn holds(self, text: &str) -> bool {
        match self {
            Self::Digits => text.bytes().all(|byte| byte.is_ascii_digit()),
            Self::Alphanumeric => text.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            Self::TradeNo => text.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'|' | b'*')
            }),
            Self::RefundNo => text.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'|' | b'*' | b'@')
            }),
            Self::Visible => text.bytes().all(|byte| byte.is_ascii_graphic()),
            Self::Text => !text.chars().any(char::is_control),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Alphanumeric => "letters and digits",
            Self::TradeNo => "letters, digits and _ - | *",
            Self::RefundNo => "letters, digits and _ - | * @",
            Self::Visible => "visible ASCII characters without spaces",
            Self::Text => "text without control characters",
        }
    }
}
