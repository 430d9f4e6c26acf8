//! Lines of two measurements, paired round by round: machines are noisy, so what counts is the
//! median of what both made of the same minute.

use std::collections::BTreeMap;

/// Which of the two was measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    Before,
    After,
}

impl Side {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// The numbers of one line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Row {
    failed: u64,
    per_s: u64,
    p50_us: u64,
    p99_us: u64,
    cpu_us: u64,
}

/// One number of a row.
type Number = fn(&Row) -> u64;

/// What is compared, with its heading.
const COLUMNS: [(&str, Number); 4] = [
    ("per_s", |row| row.per_s),
    ("p50_us", |row| row.p50_us),
    ("p99_us", |row| row.p99_us),
    ("cpu_us/call", |row| row.cpu_us),
];

/// The rows of both sides, by engine, kind of call and callers, in the order of the rounds.
#[derive(Default)]
pub(super) struct Table(BTreeMap<(String, String, u64), [Vec<Row>; 2]>);

impl Table {
    /// Keeps a line when it is a row of the load generator's table.
    pub(super) fn take(&mut self, side: Side, line: &str) {
        let words: Vec<_> = line.split_whitespace().collect();
        let [
            engine,
            what,
            callers,
            _done,
            failed,
            per_s,
            p50,
            p99,
            cpu,
            ..,
        ] = words.as_slice()
        else {
            return;
        };
        let numbers = [callers, failed, per_s, p50, p99, cpu].map(|word| word.parse().ok());
        if let [
            Some(callers),
            Some(failed),
            Some(per_s),
            Some(p50_us),
            Some(p99_us),
            Some(cpu_us),
        ] = numbers
        {
            let key = ((*engine).to_owned(), (*what).to_owned(), callers);
            let [before, after] = self.0.entry(key).or_default();
            let rows = match side {
                Side::Before => before,
                Side::After => after,
            };
            rows.push(Row {
                failed,
                per_s,
                p50_us,
                p99_us,
                cpu_us,
            });
        }
    }

    /// For each line: the median of each side, and the median of the ratios of the rounds.
    pub(super) fn print(&self, commit: &str) {
        println!("\n{commit} -> the present tree; medians, and the median ratio of the rounds\n");
        print!("{:<9} {:<14} {:>7}", "engine", "what", "callers");
        for (heading, _) in COLUMNS {
            print!(" | {heading:>23}");
        }
        println!(" | failed");
        for ((engine, what, callers), [before, after]) in &self.0 {
            print!("{engine:<9} {what:<14} {callers:>7}");
            for (_, number) in COLUMNS {
                let both = [before, after].map(|rows| median(rows.iter().map(number).collect()));
                let ratio = median_ratio(before, after, number);
                print!(" | {:>7} -> {:>7} {ratio:>4}", both[0], both[1]);
            }
            let failed = |rows: &[Row]| rows.iter().map(|row| row.failed).sum::<u64>();
            println!(" | {} -> {}", failed(before), failed(after));
        }
    }
}

/// `after / before` in the middle round, with two decimals.
fn median_ratio(before: &[Row], after: &[Row], number: Number) -> String {
    let ratios = before.iter().zip(after).filter_map(|(before, after)| {
        let hundredths = number(after).saturating_mul(100);
        hundredths.checked_div(number(before))
    });
    let middle = median(ratios.collect());
    format!("{}.{:02}", middle / 100, middle % 100)
}

fn median(mut numbers: Vec<u64>) -> u64 {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "engine    what  callers done failed per_s p50_us p99_us cpu_us/call x peak";

    fn row(per_s: u64) -> String {
        format!("sqlite    orders  32  4000  0  {per_s}  3000  9000  700  1.30  40  60%")
    }

    #[test]
    fn rows_are_paired_by_what_they_measure_and_other_lines_are_none() {
        let mut table = Table::default();
        for (side, per_s) in [(Side::Before, 1000), (Side::After, 900), (Side::After, 800)] {
            table.take(side, &row(per_s));
        }
        table.take(Side::Before, HEAD);
        table.take(Side::Before, "  RSA-2048 sign   650.00 us");
        assert_eq!(table.0.len(), 1);
        let (key, [before, after]) = table.0.first_key_value().unwrap();
        assert_eq!(key, &("sqlite".to_owned(), "orders".to_owned(), 32));
        assert_eq!((before.len(), after.len()), (1, 2));
        assert_eq!(median_ratio(before, after, |row| row.per_s), "0.90");
    }

    #[test]
    fn the_ratio_is_the_middle_round_and_not_the_ratio_of_the_medians() {
        let rows = |rates: [u64; 3]| {
            let mut table = Table::default();
            rates
                .iter()
                .for_each(|rate| table.take(Side::Before, &row(*rate)));
            table.0.into_values().next().unwrap()[0].clone()
        };
        let (before, after) = (rows([100, 200, 400]), rows([50, 220, 300]));
        assert_eq!(median_ratio(&before, &after, |row| row.per_s), "0.75");
        assert_eq!(median_ratio(&[], &[], |row| row.per_s), "0.00");
    }
}
