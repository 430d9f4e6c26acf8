//! Finds the order that an exchange is about, by the numbers that stand in it.

use super::Entry;
use crate::gateway::percent_decode;
use crate::ledger::{Ledger, OrderKey};
use crate::platform::Platform;

/// Merchant order numbers, prepay ids and login codes are all between these.
const LENGTHS: std::ops::RangeInclusive<usize> = 6..=64;

/// The order that an entry names; `None` if it names none, or, like a list, several.
pub(super) fn order_of(platform: &Platform, entry: &Entry) -> Option<String> {
    let ledger = platform.ledger();
    let found = entry.texts().flat_map(|text| numbers(&ledger, text));
    only_one(found)
}

/// The one order that a text names.
pub(super) fn order_in(platform: &Platform, text: &str) -> Option<String> {
    only_one(numbers(&platform.ledger(), text).into_iter())
}

/// Whether a prepay id stands in it as the mini program hands it to the cashier.
pub(super) fn holds_prepay(platform: &Platform, text: &str) -> bool {
    let ledger = platform.ledger();
    let mut after = text.split("prepay_id=").skip(1);
    after.any(|rest| {
        words(rest)
            .next()
            .is_some_and(|id| ledger.prepays.contains_key(id))
    })
}

/// Whether a login code stands in it.
pub(super) fn holds_login_code(platform: &Platform, text: &str) -> bool {
    let ledger = platform.ledger();
    words(text).any(|word| ledger.codes.person_of(word).is_some())
}

fn numbers(ledger: &Ledger, text: &str) -> Vec<String> {
    let text = percent_decode(text);
    words(&text)
        .filter_map(|word| number(ledger, word))
        .collect()
}

fn number(ledger: &Ledger, word: &str) -> Option<String> {
    if let Some(key) = ledger.prepays.get(word) {
        return Some(key.out_trade_no.clone());
    }
    let known = |mchid: &String| {
        ledger.orders.contains_key(&OrderKey {
            mchid: mchid.clone(),
            out_trade_no: word.to_owned(),
        })
    };
    let known = ledger.merchants.keys().any(known);
    known.then(|| word.to_owned())
}

/// Runs of the characters that a merchant order number may have.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let lawful = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '|' | '*');
    text.split(move |c| !lawful(c))
        .filter(|word| LENGTHS.contains(&word.len()))
}

fn only_one(mut found: impl Iterator<Item = String>) -> Option<String> {
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}
