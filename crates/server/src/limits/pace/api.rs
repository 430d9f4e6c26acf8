//! The pace of one interface for one merchant, as pure steps.

use std::time::Duration;

use domain::Millis;
use wechatpay::Operation;

use crate::limits::bucket::{Bucket, Rate};

/// The figure for interfaces whose limit WeChat does not publish: that of placing orders, which is
/// the busiest. Where it is too much, 429 says so and the pace follows.
const UNPUBLISHED_PER_S: u32 = 500;

/// A fifth of a second's calls may go at once.
const BURSTS_PER_S: u32 = 5;

/// However often WeChat says 429, one call in each second finds out whether it still does.
const PER_S_MIN: u32 = 1;

/// The pause after the first 429 that does not say how long; each further one in a row doubles it.
const PAUSE: Duration = Duration::from_secs(1);
const DOUBLINGS_MAX: u32 = 4;

/// The longest pause that is taken on WeChat's word: payments must not stop for an hour because of
/// one header.
const PAUSE_MAX_S: u32 = 60;

/// 255 of these are a fifth.
const JITTER_PARTS: u32 = 255 * 5;

/// How long a pace holds before it grows by a tenth of the whole.
const RECOVERY_STEP: Duration = Duration::from_secs(5);
const RECOVERY_PARTS: u32 = 10;

/// Calls per second that WeChat takes from one merchant.
///
/// Source: the platform's payment skill (prepay about 500, query of refunds 300), the older refund
/// page 4013071036 (150), and the certificates' page (1000). None is promised, and an account may
/// have other figures; queries and closes of orders and trade bills have no published
/// one.
const fn published_per_s(operation: Operation) -> u32 {
    match operation {
        Operation::Prepay => 500,
        Operation::Refund | Operation::RefundApply => 150,
        Operation::RefundQuery => 300,
        Operation::Certificates => 1_000,
        Operation::Query
        | Operation::Close
        | Operation::Bill
        | Operation::BillDownload
        | Operation::Echo => UNPUBLISHED_PER_S,
    }
}

pub(super) struct ApiPace {
    whole_per_s: u32,
    per_s: u32,
    bucket: Bucket,
    /// No call before this moment.
    paused_until: Millis,
    /// When the pace last changed.
    changed_at: Millis,
    /// How often WeChat said 429 since it last recovered wholly.
    strikes: u32,
}

impl ApiPace {
    pub(super) fn new(operation: Operation, percent: u32) -> Self {
        let whole_per_s = (published_per_s(operation).saturating_mul(percent) / 100).max(PER_S_MIN);
        Self {
            whole_per_s,
            per_s: whole_per_s,
            bucket: Bucket::default(),
            paused_until: Millis(0),
            changed_at: Millis(0),
            strikes: 0,
        }
    }

    pub(super) const fn per_s(&self) -> u32 {
        self.per_s
    }

    /// Takes the turn of a call that a buyer waits for, or says how long until there may be one.
    pub(super) fn ask(&mut self, now: Millis) -> Result<(), Duration> {
        self.take(0, now)
    }

    /// The same for a job, which leaves half of the calls to buyers.
    pub(super) fn ask_for_job(&mut self, now: Millis) -> Result<(), Duration> {
        self.take(self.rate().burst() / 2, now)
    }

    fn take(&mut self, reserve: u32, now: Millis) -> Result<(), Duration> {
        let pause = self.paused_until.since(now);
        // Longer than any pause is a clock that was set back.
        if !pause.is_zero() && pause <= Duration::from_secs(PAUSE_MAX_S.into()) * 2 {
            return Err(pause);
        }
        self.recover(now);
        self.bucket.take(self.rate(), reserve, now).map(drop)
    }

    fn rate(&self) -> Rate {
        Rate::new(self.per_s, self.per_s / BURSTS_PER_S)
    }

    /// Halves the pace and pauses, by `chance` up to a fifth longer than asked, so that several
    /// servers do not come back at one moment. Calls that were under way when WeChat first said so,
    /// and are told the same, say nothing new.
    pub(super) fn slow_down(&mut self, retry_after_s: Option<u32>, chance: u8, now: Millis) {
        if now < self.paused_until {
            return;
        }
        self.recover(now);
        let doublings = self.strikes.min(DOUBLINGS_MAX);
        let pause = match retry_after_s {
            Some(seconds) => Duration::from_secs(seconds.clamp(1, PAUSE_MAX_S).into()),
            None => PAUSE * 2_u32.pow(doublings),
        };
        let pause = pause + pause * u32::from(chance) / JITTER_PARTS;
        self.strikes = self.strikes.saturating_add(1);
        self.per_s = (self.per_s / 2).max(PER_S_MIN);
        self.paused_until = now.plus(pause);
        self.changed_at = self.paused_until;
    }

    fn recover(&mut self, now: Millis) {
        if self.per_s == self.whole_per_s {
            return;
        }
        let steps = now.since(self.changed_at).as_millis() / RECOVERY_STEP.as_millis();
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        if steps == 0 {
            return;
        }
        let step = (self.whole_per_s / RECOVERY_PARTS).max(1);
        let grown = self.per_s.saturating_add(step.saturating_mul(steps));
        self.per_s = grown.min(self.whole_per_s);
        self.changed_at = now;
        if self.per_s == self.whole_per_s {
            self.strikes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Millis = Millis(1_800_000_000_000);

    fn later(seconds: u64) -> Millis {
        NOON.plus(Duration::from_secs(seconds))
    }

    fn refunds() -> ApiPace {
        ApiPace::new(Operation::Refund, 100)
    }

    #[test]
    fn jobs_leave_half_of_the_calls_to_buyers() {
        let mut pace = refunds();
        let jobs = (0..1_000).take_while(|_| pace.ask_for_job(NOON).is_ok());
        assert_eq!(jobs.count(), 15, "half of a fifth of 150");
        let buyers = (0..1_000).take_while(|_| pace.ask(NOON).is_ok());
        assert_eq!(buyers.count(), 15);
    }

    #[test]
    fn in_one_second_no_more_calls_go_than_wechat_takes_and_one_burst() {
        let mut pace = refunds();
        let ms = 0..1_000;
        let calls = ms.filter(|ms| pace.ask(Millis(NOON.0 + ms)).is_ok());
        assert!((150..=180).contains(&calls.count()));
    }

    /// A 429 halves the pace and pauses for as long as WeChat asks; those that were under way with
    /// it change nothing; and the pace comes back by tenths.
    #[test]
    fn p09_a_429_slows_down_and_the_pace_comes_back() {
        let mut pace = refunds();
        for _ in 0..20 {
            pace.slow_down(Some(7), 0, NOON);
        }
        assert_eq!(pace.per_s(), 75);
        assert_eq!(pace.ask(NOON), Err(Duration::from_secs(7)));
        assert!(pace.ask(later(7)).is_ok());
        for (seconds, per_s) in [(11, 75), (12, 90), (17, 105), (60, 150), (600, 150)] {
            assert!(pace.ask(later(seconds)).is_ok());
            assert_eq!(pace.per_s(), per_s, "after {seconds} s");
        }
    }

    /// Without a word on how long, pauses double up to a bound, and begin anew after a recovery.
    #[test]
    fn p09_pauses_double_up_to_a_bound() {
        let (mut pace, mut now) = (refunds(), NOON);
        for expected in [1, 2, 4, 8, 16, 16, 16] {
            pace.slow_down(None, 0, now);
            assert_eq!(pace.ask(now), Err(Duration::from_secs(expected)));
            now = now.plus(Duration::from_secs(expected));
        }
        assert_eq!(pace.per_s(), PER_S_MIN);
        now = now.plus(Duration::from_secs(600));
        assert!(pace.ask(now).is_ok());
        pace.slow_down(None, 0, now);
        assert_eq!(pace.ask(now), Err(Duration::from_secs(1)));
    }

    /// Servers that were told the same pause do not all come back at one moment.
    #[test]
    fn p09_chance_makes_a_pause_up_to_a_fifth_longer() {
        let mut pace = refunds();
        pace.slow_down(Some(10), u8::MAX, NOON);
        assert_eq!(pace.ask(NOON), Err(Duration::from_secs(12)));
    }

    #[test]
    fn no_header_stops_payments_for_longer_than_a_minute() {
        let mut pace = refunds();
        pace.slow_down(Some(86_400), 0, NOON);
        assert_eq!(pace.ask(NOON), Err(Duration::from_secs(60)));
        let hour_ago = Millis(NOON.0 - 3_600_000);
        assert!(pace.ask(hour_ago).is_ok(), "nor does a clock set back");
    }

    #[test]
    fn a_share_is_a_share_of_every_figure() {
        assert_eq!(ApiPace::new(Operation::Prepay, 25).per_s(), 125);
        assert_eq!(ApiPace::new(Operation::Prepay, 1).per_s(), 5);
        assert_eq!(ApiPace::new(Operation::Prepay, 10_000).per_s(), 50_000);
    }
}
