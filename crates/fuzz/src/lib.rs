#![doc = include_str!("../README.md")]

use proptest::{prelude::*, sample::Index};

/// Inputs of one target in an ordinary test run: a second or so of a core.
const CASES: u32 = 1_000;

/// Says how many inputs there are instead; `cargo xtask fuzz` sets it.
const ASKED: &str = "PROPTEST_CASES";

/// Changes to one sample. With more, hardly anything of it is left.
const EDITS_MAX: usize = 5;

/// The longest piece that is cut out, repeated or taken over.
const PIECE_MAX: usize = 64;

/// How often a piece is repeated. Deep nesting begins like that.
const TIMES_MAX: usize = 200;

/// What parsers stumble over.
const WORDS: [&[u8]; 32] = [
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"=",
    b"'''",
    b"\0",
    b"\r\n",
    b"\xff",
    b"\xef\xbb\xbf",
    "𝄞".as_bytes(),
    "１".as_bytes(),
    b"null",
    b"true",
    b"-1",
    b"0.1",
    b"1e400",
    b"9007199254740993",
    b"99999999999999999999",
    b"%00",
    b"`",
    b"-----BEGIN CERTIFICATE-----",
    b"-----END CERTIFICATE-----",
    b"==",
    b"WECHATPAY/SIGNTEST/",
    b"+08:00",
];

/// How targets run. Nothing is kept on the disk: what fails is printed, and gets a test of its own.
pub fn config() -> ProptestConfig {
    config_of(CASES)
}

/// The same for a target whose inputs take longer.
pub fn config_of(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = match std::env::var_os(ASKED) {
        Some(_) => asked.cases,
        None => cases,
    };
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..asked
    }
}

/// One of the samples, changed in up to five places; also unchanged.
///
/// # Panics
/// When there is no sample.
pub fn spoilt(samples: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    assert!(!samples.is_empty(), "something has to be spoilt");
    let edits = proptest::collection::vec(edit(), 0..=EDITS_MAX);
    (any::<Index>(), edits).prop_map(move |(which, edits)| {
        let mut bytes = which.get(&samples).clone();
        for edit in edits {
            edit.make(&mut bytes, &samples);
        }
        bytes
    })
}

/// The same as text; what is none any more is made into some.
///
/// # Panics
/// When there is no sample.
pub fn spoilt_text(samples: &[&str]) -> impl Strategy<Value = String> {
    let samples = samples.iter().map(|sample| sample.as_bytes().to_vec());
    spoilt(samples.collect()).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// One change. A place is a part of the length, so that it fits whatever the edits before left.
#[derive(Clone, Debug)]
enum Edit {
    Flip(Index, u8),
    Insert(Index, &'static [u8]),
    Replace(Index, &'static [u8]),
    Cut(Index, usize),
    Repeat(Index, usize, usize),
    EndAt(Index),
    EndAs(Index, Index, Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let place = any::<Index>;
    let word = || proptest::sample::select(&WORDS[..]);
    let piece = 1..=PIECE_MAX;
    prop_oneof![
        4 => (place(), 0..8_u8).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        4 => (place(), word()).prop_map(|(at, word)| Edit::Insert(at, word)),
        3 => (place(), word()).prop_map(|(at, word)| Edit::Replace(at, word)),
        2 => (place(), piece.clone()).prop_map(|(at, length)| Edit::Cut(at, length)),
        2 => (place(), piece, 1..=TIMES_MAX)
            .prop_map(|(at, length, times)| Edit::Repeat(at, length, times)),
        1 => place().prop_map(Edit::EndAt),
        1 => (place(), place(), place())
            .prop_map(|(at, other, from)| Edit::EndAs(at, other, from)),
    ]
}

impl Edit {
    fn make(self, bytes: &mut Vec<u8>, samples: &[Vec<u8>]) {
        let length = bytes.len();
        let place = |at: Index| at.index(length + 1);
        let end = |from: usize, piece: usize| (from + piece).min(length);
        match self {
            Self::Flip(at, bit) => {
                if let Some(byte) = bytes.get_mut(place(at)) {
                    *byte ^= 1 << bit;
                }
            }
            Self::Insert(at, word) => {
                drop(bytes.splice(place(at)..place(at), word.iter().copied()));
            }
            Self::Replace(at, word) => {
                let from = place(at);
                drop(bytes.splice(from..end(from, word.len()), word.iter().copied()));
            }
            Self::Cut(at, piece) => drop(bytes.drain(place(at)..end(place(at), piece))),
            Self::Repeat(at, piece, times) => {
                let from = place(at);
                let piece = bytes[from..end(from, piece)].repeat(times);
                drop(bytes.splice(from..from, piece));
            }
            Self::EndAt(at) => bytes.truncate(place(at)),
            Self::EndAs(at, other, from) => {
                let other = other.get(samples);
                bytes.truncate(place(at));
                bytes.extend_from_slice(&other[from.index(other.len() + 1)..]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    use super::*;

    #[test]
    fn samples_come_whole_and_spoilt_in_many_ways() {
        let samples = vec![br#"{"amount":{"total":100}}"#.to_vec(), b"end".to_vec()];
        let strategy = spoilt(samples.clone());
        let mut runner = TestRunner::deterministic();
        let seen: BTreeSet<_> = (0..2_000)
            .map(|_| strategy.new_tree(&mut runner).unwrap().current())
            .collect();
        assert!(samples.iter().all(|sample| seen.contains(sample)));
        assert!(seen.len() > 1_000, "{} different ones", seen.len());
    }
}
