//! A lenient reader of PEM armour.
//!
//! Key files reach us through web forms, environment variables and chat windows: line lengths, CRLF
//! and a literal `\n` between the lines are all met. The content is what decides, so the armour is
//! read generously and its label strictly.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use super::KeyError;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The columns at which [`write`] breaks, as RFC 7468 wants.
const LINE: usize = 64;

pub(super) struct Pem<'a> {
    pub(super) label: &'a str,
    /// Zeroised when dropped, because it may be a private key.
    pub(super) der: Zeroizing<Vec<u8>>,
}

/// Reads the first block of `text`; `wanted` is for the error message.
pub(super) fn read<'a>(text: &'a str, wanted: &'static str) -> Result<Pem<'a>, KeyError> {
    let no_pem = || KeyError::NoPem { wanted };
    let damaged = |reason| KeyError::Damaged { wanted, reason };
    let (_, rest) = text.split_once(BEGIN).ok_or_else(no_pem)?;
    let (label, rest) = rest.split_once(DASHES).ok_or_else(no_pem)?;
    let (body, _) = rest
        .split_once(END)
        .ok_or_else(|| damaged("its END line is missing"))?;

    let mut compact = Zeroizing::new(Vec::with_capacity(body.len()));
    let mut bytes = body.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            // A line break that some shell or form wrote as two characters.
            b'\\' => drop(bytes.next()),
            byte if byte.is_ascii_whitespace() => {}
            byte => compact.push(byte),
        }
    }
    let der = BASE64_STANDARD
        .decode(compact)
        .map_err(|_| damaged("its text is not base64"))?;
    Ok(Pem {
        label,
        der: Zeroizing::new(der),
    })
}

pub(super) fn write(label: &str, der: &[u8]) -> String {
    let body = BASE64_STANDARD.encode(der);
    let mut text = format!("{BEGIN}{label}{DASHES}\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(LINE));
        text.push_str(line);
        text.push('\n');
        rest = tail;
    }
    text.push_str(END);
    text.push_str(label);
    text.push_str(DASHES);
    text.push('\n');
    text
}

/// Names what a label stands for, so that a swapped file is recognised at once.
pub(super) fn describe(label: &str) -> String {
    match label {
        "CERTIFICATE" => "a certificate".to_owned(),
        "PUBLIC KEY" | "RSA PUBLIC KEY" => "a public key".to_owned(),
        "PRIVATE KEY" | "RSA PRIVATE KEY" => "a private key".to_owned(),
        "ENCRYPTED PRIVATE KEY" => {
            "a private key protected by a password (remove it with `openssl pkey`)".to_owned()
        }
        "EC PRIVATE KEY" => "an elliptic-curve private key".to_owned(),
        "SIMULATED PRIVATE KEY" | "SIMULATED PUBLIC KEY" => {
            "a key for simulations, which proves nothing".to_owned()
        }
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => "a certificate request".to_owned(),
        other => format!("\"{}\"", other.chars().take(LINE).collect::<String>()),
    }
}
