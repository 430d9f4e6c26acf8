//! The closed loop: a fixed number of callers, each with one connection and one call in flight.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, anyhow};

use crate::client::Connection;
use crate::clock::Stopwatch;

/// The requests of one run, made ready before the clock starts, and the status that means success.
pub(crate) struct Work {
    pub(crate) requests: Vec<Vec<u8>>,
    pub(crate) success: u16,
}

/// What one run measured. Times are microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) callers: usize,
    pub(crate) done: u64,
    pub(crate) failed: u64,
    pub(crate) wall_us: u64,
    pub(crate) p50_us: u64,
    pub(crate) p99_us: u64,
}

impl Run {
    /// Successful calls per second.
    pub(crate) fn per_second(&self) -> u64 {
        self.done
            .saturating_mul(1_000_000)
            .checked_div(self.wall_us)
            .unwrap_or(0)
    }
}

/// Runs until the work or the time is used up, whichever comes first.
pub(crate) async fn run(
    address: &str,
    callers: usize,
    work: Arc<Work>,
    limit: Duration,
) -> Result<Run> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut connections = Vec::with_capacity(callers);
    for _ in 0..callers {
        connections.push(Connection::open(address).await?);
    }
    let watch = Stopwatch::start();
    let tasks: Vec<_> = connections
        .into_iter()
        .map(|connection| {
            tokio::spawn(caller(
                connection,
                Arc::clone(&work),
                Arc::clone(&next),
                watch,
                limit,
            ))
        })
        .collect();
    let (mut latencies, mut failed) = (Vec::with_capacity(work.requests.len()), 0);
    for task in tasks {
        let part = task.await.map_err(|_| anyhow!("a caller panicked"))??;
        latencies.extend(part.latencies);
        failed += part.failed;
    }
    let wall_us = watch.micros();
    latencies.sort_unstable();
    Ok(Run {
        callers,
        done: u64::try_from(latencies.len())?,
        failed,
        wall_us,
        p50_us: percentile(&latencies, 50),
        p99_us: percentile(&latencies, 99),
    })
}

#[derive(Default)]
struct Part {
    latencies: Vec<u64>,
    failed: u64,
}

async fn caller(
    mut connection: Connection,
    work: Arc<Work>,
    next: Arc<AtomicUsize>,
    watch: Stopwatch,
    limit: Duration,
) -> Result<Part> {
    let mut part = Part::default();
    while watch.elapsed() < limit {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(request) = work.requests.get(index) else {
            break;
        };
        let call = Stopwatch::start();
        let status = connection.call(request).await?.status;
        if status == work.success {
            part.latencies.push(call.micros());
        } else {
            part.failed += 1;
        }
    }
    Ok(part)
}

pub(crate) fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_of_a_known_list() {
        let sorted: Vec<u64> = (1..=100).collect();
        assert_eq!(percentile(&sorted, 50), 51);
        assert_eq!(percentile(&sorted, 99), 100);
        assert_eq!(percentile(&[], 99), 0);
    }
}
