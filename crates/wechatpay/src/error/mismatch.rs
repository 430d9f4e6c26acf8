use std::fmt;

use super::SignInformation;

/// How many bytes of the body the platform shows when a signature is wrong, and so do we.
const SHOWN_BODY_BYTES: usize = 8;

/// What we signed, cut as the platform cuts it, so that it can be shown without the body.
#[derive(Clone, Debug, Default)]
pub(crate) struct SignedMessage {
    length: usize,
    head: String,
}

impl SignedMessage {
    /// Takes the whole message and the length of the body in it.
    pub(crate) fn new(message: &[u8], body_length: usize) -> Self {
        let header_length = message.len().saturating_sub(body_length.saturating_add(1));
        let shown = header_length.saturating_add(body_length.min(SHOWN_BODY_BYTES));
        let mut head =
            String::from_utf8_lossy(message.get(..shown).unwrap_or(message)).into_owned();
        head.push('\n');
        Self {
            length: message.len(),
            head,
        }
    }
}

/// Our signed string beside the platform's, as far as a refused signature shows it.
///
/// Both are cut after the first 8 bytes of the body. `Display` says in words where they part, and
/// what that usually means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignMismatch {
    /// What we signed: four header lines and the beginning of the body.
    pub ours: String,
    /// What the platform signed over, cut alike.
    pub theirs: String,
    /// The length of our whole string in bytes.
    pub our_length: u64,
    /// The length of the platform's.
    pub their_length: u64,
    /// The line, from 1, in which the two first differ.
    pub first_line: Option<usize>,
}

impl SignMismatch {
    pub(super) fn new(signed: &SignedMessage, information: &SignInformation) -> Self {
        let theirs = information.truncated_sign_message.clone();
        Self {
            first_line: first_line(&signed.head, &theirs),
            ours: signed.head.clone(),
            our_length: u64::try_from(signed.length).unwrap_or(u64::MAX),
            their_length: information.sign_message_length,
            theirs,
        }
    }
}

/// The first line that differs. Trailing line feeds are not compared: the platform's cut adds one.
fn first_line(ours: &str, theirs: &str) -> Option<usize> {
    let (ours, theirs) = (ours.trim_end_matches('\n'), theirs.trim_end_matches('\n'));
    let length = ours.split('\n').count().max(theirs.split('\n').count());
    let line = |text: &str, at| text.split('\n').nth(at).map(str::to_owned);
    (0..length)
        .find(|at| line(ours, *at) != line(theirs, *at))
        .map(|at| at + 1)
}

impl fmt::Display for SignMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |text: &str, at: usize| text.split('\n').nth(at - 1).unwrap_or("").to_owned();
        match self.first_line {
            Some(at) => write!(
                f,
                "line {at} differs: we signed {:?}, WeChat signed over {:?}",
                line(&self.ours, at),
                line(&self.theirs, at),
            ),
            None if self.our_length != self.their_length => write!(
                f,
                "the strings begin alike, and ours has {} bytes where WeChat's has {}: the body \
                 was changed on its way, as by a proxy",
                self.our_length, self.their_length,
            ),
            None => f.write_str(
                "the strings are alike as far as can be seen: the private key is not the one of \
                 this serial number, or the merchant number is another's",
            ),
        }
    }
}
