//! A day as bills know days.

use std::{fmt, time::Duration};

use jiff::{Span, civil::Date};
use serde::Serialize;

use crate::{InvalidTime, Millis};

/// A day in Beijing, written `2026-11-23`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct BillDay(Date);

/// Beijing is ahead of UTC by so much, all year round.
const AHEAD: Duration = Duration::from_secs(8 * 3600);

impl BillDay {
    /// The day that it is in Beijing.
    pub fn of(at: Millis) -> Self {
        Self(at.beijing().date())
    }

    /// The day of a calendar's date.
    pub const fn from_date(date: Date) -> Self {
        Self(date)
    }

    /// The date in a calendar.
    pub const fn date(self) -> Date {
        self.0
    }

    /// Reads `2026-11-23`, and nothing else that means a date.
    ///
    /// # Errors
    /// [`InvalidTime`] for any other text.
    pub fn parse(text: &str) -> Result<Self, InvalidTime> {
        let day = text.parse().map(Self);
        let same = day.ok().filter(|day| day.to_string() == text);
        same.ok_or_else(|| InvalidTime::of(text))
    }

    /// Its first moment.
    pub fn start(self) -> Millis {
        let midnight = self.0.to_datetime(jiff::civil::Time::midnight());
        let utc = jiff::tz::Offset::UTC.to_timestamp(midnight);
        utc.map_or(Millis(0), Millis::from).minus(AHEAD)
    }

    /// The first moment after it.
    pub fn end(self) -> Millis {
        self.next().start()
    }

    /// The day after it. The last day of the calendar is its own next.
    #[must_use]
    pub fn next(self) -> Self {
        self.plus(1)
    }

    /// The day before it.
    #[must_use]
    pub fn previous(self) -> Self {
        self.plus(-1)
    }

    /// So many days later, or earlier.
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(Span::new().days(days)))
    }
}

impl fmt::Display for BillDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.0;
        write!(
            f,
            "{:04}-{:02}-{:02}",
            date.year(),
            date.month(),
            date.day()
        )
    }
}

impl TryFrom<String> for BillDay {
    type Error = InvalidTime;

    fn try_from(text: String) -> Result<Self, InvalidTime> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_beijing() {
        let day = BillDay::parse("2026-11-23").unwrap();
        assert_eq!(day.start().rfc3339(), "2026-11-23T00:00:00+08:00");
        assert_eq!(day.end().rfc3339(), "2026-11-24T00:00:00+08:00");
        assert_eq!(BillDay::of(day.start()), day);
        assert_eq!(BillDay::of(Millis(day.end().0.saturating_sub(1))), day);
        assert_eq!(BillDay::of(day.end()), day.next());
        assert_eq!(day.next().previous(), day);
    }

    #[test]
    fn only_one_way_to_write_a_day_is_read() {
        assert_eq!(
            BillDay::parse("2024-02-29").unwrap().next().to_string(),
            "2024-03-01"
        );
        for text in [
            "",
            "2026-1-2",
            "20261123",
            "2026-02-29",
            "2026-11-23T00:00",
            " 2026-11-23",
            "today",
        ] {
            assert!(BillDay::parse(text).is_err(), "{text}");
        }
    }
}
