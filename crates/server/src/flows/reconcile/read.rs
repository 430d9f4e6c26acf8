//! Reading a bill: once to see that it is whole, and then once for each part of it.
//!
//! A part holds the rows whose subjects fall into it, so that all rows about one subject are in the
//! same part, in the memory of one part, however many rows there are.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io::{BufReader, Read},
};

use domain::{
    MchId,
    reconcile::{BillEntry, Comparison, Subject},
};
use wechatpay::{BillError, BillTotal, StatedTotals, TradeBill, TradeTotals};

use super::{NAMED_MAX, ReconcileError, bill::Bill};
use crate::gateway;

/// Rows of one part: some thirty megabytes of memory.
const PART_ROWS: u64 = 100_000;

/// What is read from the disk at a time.
const READ_BYTES: usize = 256 * 1024;

/// What the first reading found.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) counted: TradeTotals,
    pub(super) unreadable: u64,
    pub(super) parts: u64,
    /// The first of the lines that cannot be read.
    named: Vec<String>,
    /// What the bill says of itself, when that is not what was counted.
    stated: Option<StatedTotals>,
}

impl Checked {
    /// What a person should know, in one line; empty when all is well.
    pub(super) fn detail(&self) -> String {
        let mut parts = self.named.clone();
        let more = usize::try_from(self.unreadable)
            .unwrap_or(usize::MAX)
            .saturating_sub(self.named.len());
        if more > 0 {
            parts.push(format!("and {more} more lines"));
        }
        if let Some(stated) = &self.stated {
            let sum =
                |sum: Option<BillTotal>| sum.map_or("nothing".to_owned(), |sum| sum.to_string());
            parts.push(format!(
                "its summary states {} yuan paid and {} refunded, and its rows come to {} and {}",
                sum(stated.orders),
                sum(stated.refunds),
                self.counted.orders,
                self.counted.refunds
            ));
        }
        parts.join("; ")
    }
}

/// Reads the whole bill, and refuses one that is not whole.
pub(super) async fn check(bill: &Bill, mch_id: &MchId) -> Result<Checked, ReconcileError> {
    let mut checked = Checked::default();
    let mch_id = mch_id.clone();
    let reading = move |bill: &mut dyn Read| {
        let (counted, stated) = each_row(bill, &mch_id, |row| {
            if let Err(problem) = row {
                checked.unreadable = checked.unreadable.saturating_add(1);
                if checked.named.len() < NAMED_MAX {
                    checked.named.push(problem);
                }
            }
        })?;
        checked.counted = counted;
        checked.parts = counted.rows.div_ceil(PART_ROWS).max(1);
        // A sum over lines that cannot be read says nothing.
        checked.stated = stated.filter(|stated| checked.unreadable == 0 && !stated.fits(&counted));
        Ok(checked)
    };
    let read = bill.read(reading).await?;
    Ok(read.unwrap_or(Checked {
        parts: 1,
        ..Checked::default()
    }))
}

/// The rows of one part, taken into a comparison.
pub(super) async fn part(
    bill: &Bill,
    mch_id: &MchId,
    (part, parts): (u64, u64),
) -> Result<Comparison, ReconcileError> {
    let mut comparison = Comparison::default();
    let mch_id = mch_id.clone();
    let reading = move |bill: &mut dyn Read| {
        each_row(bill, &mch_id, |row| {
            if let Ok(entry) = row
                && part_of(&entry.subject, parts) == part
            {
                comparison.bill(entry);
            }
        })?;
        Ok(comparison)
    };
    Ok(bill.read(reading).await?.unwrap_or_default())
}

/// Into which of so many parts a subject falls.
pub(super) fn part_of(subject: &Subject, parts: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    subject.hash(&mut hasher);
    hasher.finish().checked_rem(parts).unwrap_or(0)
}

/// Hands over each row, or what is wrong with it, and returns what was counted and what is stated.
fn each_row(
    bill: &mut dyn Read,
    mch_id: &MchId,
    mut take: impl FnMut(Result<BillEntry, String>),
) -> Result<(TradeTotals, Option<StatedTotals>), BillError> {
    let mut bill = TradeBill::new(BufReader::with_capacity(READ_BYTES, bill))?;
    while let Some(row) = bill.next_row()? {
        take(match row {
            Ok(row) => gateway::read_bill_row(mch_id, &row)
                .map_err(|problem| format!("line {}: {problem}", row.line)),
            Err(problem) => Err(problem.to_string()),
        });
    }
    Ok((bill.counted(), bill.stated()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const HEADER: &str = "交易时间,商户号,微信订单号,商户订单号,交易状态,货币种类,应结订单金额,\
        代金券金额,订单金额";

    fn mch_id() -> MchId {
        MchId::new("1900000100").unwrap()
    }

    /// A bill of so many rows of one yuan each, whose summary states so many.
    fn bill(rows: u32, stated: u32, change: impl Fn(u32, String) -> String) -> Bill {
        let mut text = format!("{HEADER}\n");
        for row in 0..rows {
            let line = format!(
                "`2026-11-23 22:38:41,`1900000100,`42{row:05},`order-{row:05},`SUCCESS,`CNY,`1.00,\
                 `0.00,`1.00\n"
            );
            text += &change(row, line);
        }
        text += &format!("总交易单数,订单总金额\n`{stated},`{stated}.00\n");
        Bill::Short(text.into_bytes().into())
    }

    /// The parts of a bill are together the whole of it, and share no subject.
    #[tokio::test]
    async fn b04_a_large_bill_is_compared_part_by_part() {
        let twice = |row, line: String| if row == 7 { line.repeat(2) } else { line };
        let bill = bill(300, 301, twice);
        let checked = check(&bill, &mch_id()).await.unwrap();
        assert_eq!((checked.counted.rows, checked.parts), (301, 1));
        assert_eq!(checked.detail(), "");
        let mut seen = BTreeSet::new();
        for number in 0..4 {
            let comparison = part(&bill, &mch_id(), (number, 4)).await.unwrap();
            let entries = comparison.unexplained();
            assert!(entries.len() > 30, "part {number} has {}", entries.len());
            for entry in entries {
                assert_eq!(part_of(&entry.subject, 4), number);
                assert!(seen.insert(entry.subject), "in two parts");
            }
        }
        assert_eq!(seen.len(), 300);
    }

    /// Lines that cannot be read are counted, and the first of them are named by their place.
    #[tokio::test]
    async fn b04_lines_that_cannot_be_read_are_named_and_the_others_are_compared() {
        let broken = |row, line: String| match row {
            0..30 => line.replace("`CNY,`1.00", "`CNY,`one"),
            30 => line.replace("`1900000100", "`1900000101"),
            _ => line,
        };
        let bill = bill(40, 40, broken);
        let checked = check(&bill, &mch_id()).await.unwrap();
        assert_eq!((checked.counted.rows, checked.unreadable), (40, 31));
        let detail = checked.detail();
        assert!(
            detail.starts_with("line 2, column 7 (应结订单金额): "),
            "{detail}"
        );
        assert!(detail.ends_with("; and 11 more lines"), "{detail}");
        let comparison = part(&bill, &mch_id(), (0, 1)).await.unwrap();
        assert_eq!(comparison.unexplained().len(), 9);
    }

    #[tokio::test]
    async fn a_summary_that_is_not_what_the_rows_come_to_is_told_of() {
        let bill = bill(2, 3, |_, line| line);
        let checked = check(&bill, &mch_id()).await.unwrap();
        let detail = checked.detail();
        assert!(
            detail.contains("states 3.00 yuan paid and nothing refunded"),
            "{detail}"
        );
        assert!(detail.contains("come to 2.00 and 0.00"), "{detail}");
    }

    #[tokio::test]
    async fn a_day_without_trade_is_a_bill_without_rows() {
        let checked = check(&Bill::None, &mch_id()).await.unwrap();
        assert_eq!((checked.counted.rows, checked.parts), (0, 1));
        let comparison = part(&Bill::None, &mch_id(), (0, 1)).await.unwrap();
        assert!(comparison.unexplained().is_empty());
    }
}
