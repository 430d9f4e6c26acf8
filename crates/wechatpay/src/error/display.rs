//! Errors in words: what happened, what it means, whether it is safe to repeat.

use std::error::Error as StdError;
use std::fmt;

use super::{Advice, ApiCode, Error, Kind, Operation, Refused, Undecodable};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.operation())?;
        match self.kind() {
            Kind::Transport(error) => write!(f, "{error}")?,
            Kind::Api(refused) => write!(f, "{refused}")?,
            Kind::Unverified(reason) => {
                write!(
                    f,
                    "an answer came that cannot be shown to be WeChat's: {reason}"
                )?;
            }
            Kind::Undecodable(what) => write!(f, "WeChat's answer cannot be understood: {what}")?,
            Kind::Damaged(how) => write!(f, "the file that came is not used: {how}")?,
            Kind::Misconfigured(what) => f.write_str(what)?,
        }
        if let Some(hint) = self.hint() {
            write!(f, "; {hint}")?;
        }
        if let Some(mismatch) = self.sign_mismatch() {
            write!(f, "; {mismatch}")?;
        }
        write!(f, "; {}", in_words(self.advice()))?;
        if let Some(request_id) = self.request_id() {
            write!(f, " (Request-ID {request_id})")?;
        }
        Ok(())
    }
}

impl Error {
    /// What a code means in a place where its message does not say it.
    fn hint(&self) -> Option<&'static str> {
        match (self.operation(), self.code()) {
            (Operation::Certificates, Some(ApiCode::ResourceNotExists)) => Some(
                "this merchant has no platform certificates: configure the WeChat Pay public key \
                 (PUB_KEY_ID_… and pub_key.pem from the merchant platform, API security) instead",
            ),
            (_, _) => None,
        }
    }
}

const fn in_words(advice: Advice) -> &'static str {
    match advice {
        Advice::RepeatIdentically => "it is safe to repeat with identical parameters",
        Advice::QueryFirst => "ask for the order's state before anything else",
        Advice::Fix => "repeating cannot help until the request or the settings are changed",
        Advice::Stop => "this is final, repeating cannot help",
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WeChat answered {}", self.status.as_u16())?;
        if let Some((_, text)) = &self.code {
            write!(f, " {text}")?;
        }
        if let Some(message) = &self.message {
            write!(f, " \"{message}\"")?;
        }
        Ok(())
    }
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MediaType(found) => write!(f, "its media type is \"{found}\", not JSON"),
            Self::Json { line, column } => {
                write!(
                    f,
                    "its JSON is not as documented at line {line}, column {column}"
                )
            }
            Self::Content(what) => f.write_str(what),
        }
    }
}

/// The same words as `Display`, and no body.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("operation", &self.operation())
            .field("status", &self.status())
            .field("code", &self.code_text())
            .field("advice", &self.advice())
            .field("words", &self.to_string())
            .field("detail", &self.detail())
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self.kind() {
            Kind::Transport(error) => error.source(),
            Kind::Api(_)
            | Kind::Unverified(_)
            | Kind::Undecodable(_)
            | Kind::Damaged(_)
            | Kind::Misconfigured(_) => None,
        }
    }
}
