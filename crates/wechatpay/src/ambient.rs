//! Time and chance.

/// Where the client takes the time and its random texts from, so that a test can set both.
pub trait Ambient: Send + Sync + 'static {
    /// Seconds since 1970.
    fn unix_seconds(&self) -> i64;

    /// 32 characters of `[0-9A-Za-z]` that nobody can guess.
    fn nonce(&self) -> String;
}

/// The clock of the machine and its cryptographic source of chance.
///
/// ```
/// use wechatpay::{Ambient, SystemAmbient};
///
/// let nonce = SystemAmbient.nonce();
/// assert_eq!(nonce.len(), 32);
/// assert_ne!(nonce, SystemAmbient.nonce());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemAmbient;

const NONCE_CHARS: usize = 32;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The largest multiple of 62 in a byte. Bytes from here on are thrown away: taking their remainder
/// would make some characters likelier than others.
const UNBIASED: u8 = 248;

impl Ambient for SystemAmbient {
    fn unix_seconds(&self) -> i64 {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one clock of the crate"
        )]
        let now = std::time::SystemTime::now();
        let since = now
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }

    fn nonce(&self) -> String {
        let mut nonce = String::with_capacity(NONCE_CHARS);
        while nonce.len() < NONCE_CHARS {
            let drawn = draw();
            let wanted = NONCE_CHARS - nonce.len();
            let lawful = drawn.iter().filter(|byte| **byte < UNBIASED).take(wanted);
            nonce.extend(lawful.map(|byte| char::from(ALPHABET[usize::from(byte % 62)])));
        }
        nonce
    }
}

/// Draws somewhat more than a nonce needs, so that a second draw is rare.
fn draw() -> [u8; NONCE_CHARS + 8] {
    let mut bytes = [0; NONCE_CHARS + 8];
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one source of chance of the crate"
    )]
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system always yields random bytes");
    bytes
}
