//! The table of a run, in words and whole numbers. Ratios are printed with two decimals and are
//! computed in hundredths, because the workspace has no floating point.

use crate::floor::Floor;
use crate::load::Run;
use crate::mixed::Mixed;

/// Whether a run placed orders or received notifications.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Orders,
    Notifications,
}

/// One line of the table.
pub(crate) struct Line {
    pub(crate) engine: &'static str,
    pub(crate) kind: Kind,
    pub(crate) run: Run,
    /// CPU of the server over the run, microseconds.
    pub(crate) cpu_us: u64,
    pub(crate) peak_kib: u64,
}

impl Line {
    fn cpu_per_call_us(&self) -> u64 {
        self.cpu_us.checked_div(self.run.done).unwrap_or(0)
    }
}

/// Prints the floor of this machine as measured in this run.
#[expect(
    clippy::print_stdout,
    reason = "the report is what this program is for"
)]
pub(crate) fn print_floor(floor: &Floor, cores: u64) {
    println!("floor on this machine, best of interleaved rounds, one thread:");
    for (what, nanos) in [
        ("RSA-2048 sign", floor.sign_ns),
        ("RSA-2048 verify", floor.verify_ns),
        ("AES-256-GCM 1 KiB", floor.open_ns),
        ("durable commit", floor.commit_ns),
        ("  of that on the CPU", floor.commit_cpu_ns),
    ] {
        println!(
            "  {what:<22}{:>6}.{:02} us",
            nanos / 1000,
            nanos % 1000 / 10
        );
    }
    println!(
        "  an order (2 signs, verify, commit): {} us of CPU; {cores} cores allow {}/s",
        floor.order_cpu_us(),
        allowed(cores, floor.order_cpu_us()),
    );
    println!(
        "  a notification (verify, open, commit): {} us of CPU; {cores} cores allow {}/s\n",
        floor.notification_cpu_us(),
        allowed(cores, floor.notification_cpu_us()),
    );
    println!(
        "{:<9} {:<14} {:>7} {:>8} {:>7} {:>9} {:>9} {:>9} {:>11} {:>9} {:>8} {:>8}",
        "engine",
        "what",
        "callers",
        "done",
        "failed",
        "per_s",
        "p50_us",
        "p99_us",
        "cpu_us/call",
        "x floor",
        "peak_MB",
        "allowed"
    );
}

fn allowed(cores: u64, cpu_us: u64) -> u64 {
    (cores * 1_000_000).checked_div(cpu_us).unwrap_or(0)
}

/// Prints one line of the table.
#[expect(
    clippy::print_stdout,
    reason = "the report is what this program is for"
)]
pub(crate) fn print_line(line: &Line, floor: &Floor, cores: u64) {
    let (what, floor_us) = match line.kind {
        Kind::Orders => ("orders", floor.order_cpu_us()),
        Kind::Notifications => ("notifications", floor.notification_cpu_us()),
    };
    let cpu = line.cpu_per_call_us();
    let share = (line.run.per_second() * 100)
        .checked_div(allowed(cores, floor_us))
        .unwrap_or(0);
    println!(
        "{:<9} {:<14} {:>7} {:>8} {:>7} {:>9} {:>9} {:>9} {:>11} {:>9} {:>8} {share:>7}%",
        line.engine,
        what,
        line.run.callers,
        line.run.done,
        line.run.failed,
        line.run.per_second(),
        line.run.p50_us,
        line.run.p99_us,
        cpu,
        ratio(cpu, floor_us),
        line.peak_kib / 1024,
    );
    if line.run.callers == 1 && line.kind == Kind::Orders {
        println!(
            "{:<24} p50 is {} x the floor of {} us (two signatures, one verification, one commit)",
            "",
            ratio(line.run.p50_us, floor.order_latency_us()),
            floor.order_latency_us(),
        );
    }
}

/// Prints the head of the mixed table.
#[expect(
    clippy::print_stdout,
    reason = "the report is what this program is for"
)]
pub(crate) fn print_mixed_head() {
    println!(
        "{:<9} {:>8} {:>7} | {:>8} {:>6} {:>8} {:>8} {:>8} | {:>8} {:>9} | {:>8}",
        "engine",
        "ordering",
        "forging",
        "genuine",
        "failed",
        "p50_us",
        "p99_us",
        "max_us",
        "orders/s",
        "p99_us",
        "forged/s"
    );
}

/// Prints one line of the mixed table.
#[expect(
    clippy::print_stdout,
    reason = "the report is what this program is for"
)]
pub(crate) fn print_mixed(engine: &str, orders: usize, forgers: usize, mixed: &Mixed) {
    let paced = &mixed.paced;
    let per_second = |run: &Option<Run>| run.as_ref().map_or(0, Run::per_second);
    println!(
        "{engine:<9} {orders:>8} {forgers:>7} | {:>8} {:>6} {:>8} {:>8} {:>8} | {:>8} {:>9} | \
         {:>8}",
        paced.done,
        paced.failed,
        paced.p50_us,
        paced.p99_us,
        paced.max_us,
        per_second(&mixed.orders),
        mixed.orders.as_ref().map_or(0, |run| run.p99_us),
        per_second(&mixed.forged),
    );
}

/// `numerator / denominator` with two decimals.
fn ratio(numerator: u64, denominator: u64) -> String {
    let hundredths = (numerator * 100).checked_div(denominator).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::ratio;

    #[test]
    fn ratios_have_two_decimals_without_floats() {
        assert_eq!(ratio(130, 100), "1.30");
        assert_eq!(ratio(1, 3), "0.33");
        assert_eq!(ratio(1, 0), "0.00");
    }
}
