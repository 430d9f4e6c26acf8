//! When a day's bill is looked for.

use std::time::Duration;

use crate::{BillDay, Millis};

/// Bills can be had from 10:00 of the next day on. Source:
/// pay.weixin.qq.com/doc/v3/merchant/4013071227
const READY: Duration = Duration::from_secs(10 * 3600);

/// The pause after a look that brought no bill: WeChat asks for half an hour.
const PAUSE: Duration = Duration::from_secs(1800);

/// Looks for one bill: a day of them. After that it is not WeChat that is slow, and a person is
/// told.
const LOOKS_MAX: u32 = 48;

/// How many days are made up for when nobody looked: a server that stood still over a holiday.
const CATCH_UP_DAYS: i64 = 7;

/// When the bill of this day is looked for first.
pub fn first_look(day: BillDay) -> Millis {
    day.end().plus(READY)
}

/// When to look again after so many looks without a bill; `None` when it has been enough.
pub fn next_look(looks: u32, now: Millis) -> Option<Millis> {
    (looks < LOOKS_MAX).then(|| now.plus(PAUSE))
}

/// The days whose bills should have been compared by now, oldest first. Where nothing was ever
/// compared that is one day: what was before is the books of another system.
pub fn due_days(latest: Option<BillDay>, now: Millis) -> Vec<BillDay> {
    let yesterday = BillDay::of(now).previous();
    let newest = if now < first_look(yesterday) {
        yesterday.previous()
    } else {
        yesterday
    };
    let oldest = newest.plus(1_i64.saturating_sub(CATCH_UP_DAYS));
    let mut day = latest.map_or(newest, |latest| latest.next().max(oldest));
    let mut days = Vec::new();
    while day <= newest {
        days.push(day);
        day = day.next();
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> BillDay {
        BillDay::parse(text).unwrap()
    }

    fn due(latest: Option<&str>, now: &str) -> Vec<String> {
        let days = due_days(latest.map(day), Millis::parse(now).unwrap());
        days.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_day_is_due_at_ten_in_the_morning_after_it() {
        assert_eq!(
            first_look(day("2026-11-23")).rfc3339(),
            "2026-11-24T10:00:00+08:00"
        );
        let latest = Some("2026-11-22");
        assert!(due(latest, "2026-11-24T09:59:59+08:00").is_empty());
        assert_eq!(due(latest, "2026-11-24T10:00:00+08:00"), ["2026-11-23"]);
        assert!(due(Some("2026-11-23"), "2026-11-24T23:59:59+08:00").is_empty());
    }

    #[test]
    fn missed_days_are_made_up_for_and_no_more_than_a_week_of_them() {
        let now = "2026-11-24T12:00:00+08:00";
        assert_eq!(
            due(Some("2026-11-20"), now),
            ["2026-11-21", "2026-11-22", "2026-11-23"]
        );
        let week = due(Some("2026-01-01"), now);
        assert_eq!((week.len(), week[0].as_str()), (7, "2026-11-17"));
        assert_eq!(due(None, now), ["2026-11-23"]);
        assert_eq!(due(None, "2026-11-24T08:00:00+08:00"), ["2026-11-22"]);
    }

    #[test]
    fn looking_goes_on_every_half_hour_for_a_day() {
        let mut now = first_look(day("2026-11-23"));
        let mut looks = 1;
        while let Some(next) = next_look(looks, now) {
            assert_eq!(next.since(now), Duration::from_secs(1800));
            now = next;
            looks = looks.saturating_add(1);
        }
        assert_eq!(now.rfc3339(), "2026-11-25T09:30:00+08:00");
    }
}
