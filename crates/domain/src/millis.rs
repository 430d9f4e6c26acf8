//! A point in time, as the whole product writes it.

use std::{fmt, time::Duration};

use jiff::{Timestamp, civil, tz::Offset};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// WeChat Pay and its bills live on Beijing time. China has had no daylight saving since 1991, so
/// a fixed offset is right for every payment and needs no time zone database.
const BEIJING: Offset = Offset::constant(8);

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
///
/// In JSON it is the RFC 3339 text of [`Millis::rfc3339`], which has whole seconds; the database
/// keeps the number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

impl Millis {
    /// This many seconds after 1970-01-01T00:00:00Z.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down; what WeChat calls a timestamp.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Later by `duration`; stays at the end of time instead of overflowing.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(whole_millis(duration)))
    }

    /// Earlier by `duration`; stays at the beginning of time instead of overflowing.
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(whole_millis(duration)))
    }

    /// How long it took from `earlier` until now; nothing when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }

    /// Beijing time with whole seconds: `2026-11-23T22:38:41+08:00`.
    pub fn rfc3339(self) -> String {
        let time = self.beijing();
        let (date, clock) = (time.date(), time.time());
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+08:00",
            date.year(),
            date.month(),
            date.day(),
            clock.hour(),
            clock.minute(),
            clock.second(),
        )
    }

    /// Reads RFC 3339 with any offset; what is finer than a millisecond is dropped.
    ///
    /// # Errors
    /// [`InvalidTime`] for anything else, a time without an offset among it.
    pub fn parse(text: &str) -> Result<Self, InvalidTime> {
        text.parse::<Timestamp>()
            .map(Self::from)
            .map_err(|_| InvalidTime::of(text))
    }

    /// The civil time in Beijing. Times no calendar has are shown as the nearest one it has.
    pub(crate) fn beijing(self) -> civil::DateTime {
        let nearest = if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        let timestamp = Timestamp::from_millisecond(self.0).unwrap_or(nearest);
        BEIJING.to_datetime(timestamp)
    }
}

/// How much of a refused text is repeated in the message.
const SHOWN_CHARS: usize = 40;

fn whole_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

impl From<Timestamp> for Millis {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp.as_millisecond())
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rfc3339())
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// For what is kept rather than shown: the number, because the text has whole seconds.
pub(crate) mod as_number {
    use super::{Deserialize, Deserializer, Millis, Serialize, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference"
    )]
    pub(crate) fn serialize<S: Serializer>(at: &Millis, serializer: S) -> Result<S::Ok, S::Error> {
        at.0.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Millis, D::Error> {
        i64::deserialize(from).map(Millis)
    }
}

/// A text that is not a point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a time; write it like 2026-11-23T22:38:41+08:00")]
pub struct InvalidTime(String);

impl InvalidTime {
    pub(crate) fn of(text: &str) -> Self {
        Self(text.chars().take(SHOWN_CHARS).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_beijing_and_read_back() {
        let at = Millis(1_795_444_721_123);
        assert_eq!(at.rfc3339(), "2026-11-23T22:38:41+08:00");
        assert_eq!(Millis::parse(&at.rfc3339()), Ok(Millis(1_795_444_721_000)));
        assert_eq!(Millis::parse("2026-11-23T14:38:41.123456Z"), Ok(at));
    }

    #[test]
    fn a_time_without_an_offset_is_refused() {
        assert!(Millis::parse("2026-11-23T14:38:41").is_err());
        assert!(Millis::parse("tomorrow").is_err());
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        let day = Duration::from_secs(86_400);
        assert_eq!(Millis(i64::MAX).plus(day), Millis(i64::MAX));
        assert_eq!(Millis(i64::MIN).minus(day), Millis(i64::MIN));
        assert_eq!(Millis(5).since(Millis(9)), Duration::ZERO);
        assert!(Millis(i64::MAX).rfc3339().starts_with("9999-12-"));
    }

    #[test]
    fn seconds_round_down_on_both_sides_of_1970() {
        assert_eq!(Millis(1999).seconds(), 1);
        assert_eq!(Millis(-1).seconds(), -1);
        assert_eq!(Millis::from_seconds(7), Millis(7000));
    }
}
