//! The one place that asks for randomness.
//!
//! Everything the platform invents (prepay ids, nonces, login codes) comes from here, so that a
//! reader who wonders whether something is predictable has one file to look at.

const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Fills the buffer with unpredictable bytes.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the sandbox's one source of chance"
)]
pub(crate) fn fill(bytes: &mut [u8]) {
    aws_lc_rs::rand::fill(bytes).expect("the system's random generator is always there");
}

/// Random bytes by value.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

/// `length` characters of `[0-9A-Za-z]`, as WeChat's nonces look.
pub(crate) fn letters(length: usize) -> String {
    pick(LETTERS, length)
}

/// `length` decimal digits.
pub(crate) fn digits(length: usize) -> String {
    pick(&LETTERS[..10], length)
}

/// `length` lower-case hex digits.
pub(crate) fn hex(length: usize) -> String {
    let mut bytes = vec![0; length.div_ceil(2)];
    fill(&mut bytes);
    let mut text = ::hex::encode(bytes);
    text.truncate(length);
    text
}

/// A random id in the form of a UUID, as notification ids look in practice.
pub(crate) fn uuid() -> String {
    uuid::Builder::from_random_bytes(bytes())
        .into_uuid()
        .to_string()
}

/// The modulo bias of a 62-letter alphabet over a byte does not matter for a test double.
fn pick(alphabet: &[u8], length: usize) -> String {
    let mut bytes = vec![0; length];
    fill(&mut bytes);
    bytes
        .iter()
        .map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()]))
        .collect()
}
