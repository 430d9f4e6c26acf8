//! Finds the order that an exchange is about, by the numbers that stand in it.

use crate::gateway::percent_decode;
use crate::ledger::{Ledger, OrderKey};
use crate::platform::Platform;

/// Merchant order numbers, prepay ids and login codes are all between these.
const LENGTHS: std::ops::RangeInclusive<usize> = 6..=64;

/// The order that texts name; `None` if they name none, or, like a list, several.
pub(super) fn order_among<'a>(
    platform: &Platform,
    texts: impl IntoIterator<Item = &'a String>,
) -> Option<String> {
    let ledger = platform.ledger();
    let mut found = texts.into_iter().flat_map(|text| numbers(&ledger, text));
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
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
    if let Some(key) = ledger.refunds.order_of(word) {
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

/// Looking the payer up goes through all people; with more than these it is left out.
const MAX_PEOPLE: usize = 64;

/// Who may pay an order.
pub(super) fn payer(platform: &Platform, out_trade_no: Option<&str>) -> Option<String> {
    let ledger = platform.ledger();
    if ledger.people.len() > MAX_PEOPLE {
        return None;
    }
    let order = ledger.merchants.keys().find_map(|mchid| {
        ledger.orders.get(&OrderKey {
            mchid: mchid.clone(),
            out_trade_no: out_trade_no?.to_owned(),
        })
    })?;
    let person = ledger.person_of(&order.appid, order.openid.as_deref()?)?;
    Some(person.name.clone())
}
