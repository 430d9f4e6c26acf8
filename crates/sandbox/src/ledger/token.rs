//! Access tokens of mini programs, in both kinds; they are isolated from each other.
//!
//! Source: developers.weixin.qq.com/miniprogram/dev, `getAccessToken` and `getStableAccessToken`.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::chance::Chance;
use crate::clock::{date_digits, later};

/// Two hours.
pub(super) const TOKEN_SECONDS: i64 = 7200;
/// The last five minutes, in which the stable token is renewed and both are good.
const RENEW_SECONDS: i64 = 300;
/// A replaced ordinary token stays good this long (uncertain: from the general documentation).
const GRACE_SECONDS: i64 = 300;
/// Forced refreshes per day and mini program.
const FORCED_PER_DAY: u32 = 20;
/// Forced refreshes closer than this give the same token again.
const FORCED_GAP_SECONDS: i64 = 30;

/// A token and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// What goes into `access_token=`.
    pub text: String,
    /// When it stops.
    pub expires_at: Timestamp,
}

/// Tokens by appid.
#[derive(Debug, Default)]
pub(crate) struct TokenBook {
    ordinary: HashMap<String, Vec<Token>>,
    stable: HashMap<String, Stable>,
}

#[derive(Debug, Default)]
struct Stable {
    tokens: Vec<Token>,
    forced_at: Option<Timestamp>,
    forced_day: String,
    forced_count: u32,
}

/// Whether `force_refresh` was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refresh {
    /// Give the current one.
    Normal,
    /// Make a new one and end the old, within the limits.
    Forced,
}

impl Token {
    /// Made now.
    fn issue(chance: &Chance, now: Timestamp) -> Self {
        // Real tokens have some 136 characters; the documentation says to reserve 512.
        let text = format!("{}_{}", chance.digits(2), chance.letters(133));
        Self {
            text,
            expires_at: later(now, TOKEN_SECONDS),
        }
    }

    /// Whole seconds that are left.
    pub(crate) fn seconds_left(&self, now: Timestamp) -> i64 {
        self.expires_at.duration_since(now).as_secs().max(0)
    }

    fn shorten(&mut self, end: Timestamp) {
        self.expires_at = self.expires_at.min(end);
    }
}

impl TokenBook {
    /// `getAccessToken`: each call makes a new one, the one before stays good for five minutes.
    pub(crate) fn ordinary(&mut self, chance: &Chance, appid: &str, now: Timestamp) -> Token {
        let tokens = self.ordinary.entry(appid.to_owned()).or_default();
        tokens.retain(|token| now < token.expires_at);
        for token in tokens.iter_mut() {
            token.shorten(later(now, GRACE_SECONDS));
        }
        let token = Token::issue(chance, now);
        tokens.push(token.clone());
        token
    }

    /// `getStableAccessToken`.
    pub(crate) fn stable(
        &mut self,
        chance: &Chance,
        (appid, refresh): (&str, Refresh),
        now: Timestamp,
    ) -> Token {
        let stable = self.stable.entry(appid.to_owned()).or_default();
        stable.tokens.retain(|token| now < token.expires_at);
        if refresh == Refresh::Forced && stable.may_force(now) {
            stable.tokens.clear();
            stable.forced_at = Some(now);
            stable.forced_count += 1;
        }
        match stable.tokens.last() {
            Some(token) if token.seconds_left(now) > RENEW_SECONDS => token.clone(),
            Some(_) | None => {
                let token = Token::issue(chance, now);
                stable.tokens.push(token.clone());
                token
            }
        }
    }

    /// Whether the token is good for that mini program now.
    #[cfg(test)]
    pub(crate) fn is_good(&self, appid: &str, text: &str, now: Timestamp) -> bool {
        let ordinary = self.ordinary.get(appid).into_iter().flatten();
        let stable = self
            .stable
            .get(appid)
            .into_iter()
            .flat_map(|stable| &stable.tokens);
        ordinary
            .chain(stable)
            .any(|token| token.text == text && now < token.expires_at)
    }
}

impl Stable {
    fn may_force(&mut self, now: Timestamp) -> bool {
        let today = date_digits(now);
        if self.forced_day != today {
            self.forced_day = today;
            self.forced_count = 0;
        }
        let rested = self
            .forced_at
            .is_none_or(|last| now >= later(last, FORCED_GAP_SECONDS));
        rested && self.forced_count < FORCED_PER_DAY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Timestamp {
        "2026-03-01T12:00:00+08:00".parse().unwrap()
    }

    #[test]
    fn an_ordinary_token_is_new_each_time_and_the_old_one_fades() {
        let mut book = TokenBook::default();
        let first = book.ordinary(&Chance::Machine, "wx1", noon());
        let second = book.ordinary(&Chance::Machine, "wx1", later(noon(), 10));
        assert_ne!(first, second);
        assert!(book.is_good("wx1", &first.text, later(noon(), 309)));
        assert!(!book.is_good("wx1", &first.text, later(noon(), 310)));
        assert!(book.is_good("wx1", &second.text, later(noon(), 7209)));
        assert!(!book.is_good("wx2", &second.text, noon()));
    }

    #[test]
    fn a_stable_token_is_the_same_until_its_last_five_minutes() {
        let mut book = TokenBook::default();
        let first = book.stable(&Chance::Machine, ("wx1", Refresh::Normal), noon());
        let again = book.stable(
            &Chance::Machine,
            ("wx1", Refresh::Normal),
            later(noon(), 6899),
        );
        assert_eq!(first, again);
        let renewed = book.stable(
            &Chance::Machine,
            ("wx1", Refresh::Normal),
            later(noon(), 6900),
        );
        assert_ne!(first, renewed);
        assert!(
            book.is_good("wx1", &first.text, later(noon(), 7199)),
            "both are good"
        );
    }

    #[test]
    fn forcing_is_limited_to_every_thirty_seconds_and_twenty_a_day() {
        let mut book = TokenBook::default();
        let mut last = book.stable(&Chance::Machine, ("wx1", Refresh::Forced), noon());
        let early = book.stable(
            &Chance::Machine,
            ("wx1", Refresh::Forced),
            later(noon(), 29),
        );
        assert_eq!(last, early);
        for turn in 1..20 {
            let next = book.stable(
                &Chance::Machine,
                ("wx1", Refresh::Forced),
                later(noon(), turn * 30),
            );
            assert_ne!(last, next);
            assert!(!book.is_good("wx1", &last.text, later(noon(), turn * 30)));
            last = next;
        }
        assert_eq!(
            last,
            book.stable(
                &Chance::Machine,
                ("wx1", Refresh::Forced),
                later(noon(), 900)
            )
        );
        let tomorrow = later(noon(), 13 * 3600);
        assert_ne!(
            last,
            book.stable(&Chance::Machine, ("wx1", Refresh::Forced), tomorrow)
        );
    }

    #[test]
    fn the_two_kinds_do_not_touch_each_other() {
        let mut book = TokenBook::default();
        let stable = book.stable(&Chance::Machine, ("wx1", Refresh::Normal), noon());
        book.ordinary(&Chance::Machine, "wx1", noon());
        book.ordinary(&Chance::Machine, "wx1", noon());
        assert_eq!(
            stable,
            book.stable(&Chance::Machine, ("wx1", Refresh::Normal), noon())
        );
    }
}
