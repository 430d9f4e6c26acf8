//! Both lanes at once: what a genuine notification takes while orders are placed as fast as the
//! machine can, and while somebody floods the notification route with forgeries.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow};

use crate::client::Connection;
use crate::clock::{self, Stopwatch};
use crate::load::{self, Run, Work, percentile};

/// Genuine notifications per second: what a shop with as many payments has.
const PACE_PER_S: u64 = 200;
/// Connections that the genuine notifications come by, in turn.
const PACERS: u64 = 8;

/// What the genuine notifications met. Times are microseconds since each was due, so that one that
/// had to wait for its turn counts with its waiting.
#[derive(Clone, Debug)]
pub(crate) struct Paced {
    pub(crate) done: u64,
    pub(crate) failed: u64,
    pub(crate) p50_us: u64,
    pub(crate) p99_us: u64,
    pub(crate) max_us: u64,
}

/// Who loads the server beside the genuine notifications: how many callers, with what.
pub(crate) struct Crowd {
    pub(crate) callers: usize,
    pub(crate) work: Arc<Work>,
}

/// What all met at once.
pub(crate) struct Mixed {
    pub(crate) paced: Paced,
    pub(crate) orders: Option<Run>,
    pub(crate) forged: Option<Run>,
}

/// Runs all three for `limit`.
pub(crate) async fn run(
    address: &str,
    genuine: Arc<Work>,
    orders: Option<Crowd>,
    forged: Option<Crowd>,
    limit: Duration,
) -> Result<Mixed> {
    let (paced, orders, forged) = tokio::try_join!(
        paced(address, genuine, limit),
        crowd(address, orders, limit),
        crowd(address, forged, limit),
    )?;
    Ok(Mixed {
        paced,
        orders,
        forged,
    })
}

async fn crowd(address: &str, crowd: Option<Crowd>, limit: Duration) -> Result<Option<Run>> {
    match crowd {
        Some(Crowd { callers, work }) => load::run(address, callers, work, limit).await.map(Some),
        None => Ok(None),
    }
}

async fn paced(address: &str, work: Arc<Work>, limit: Duration) -> Result<Paced> {
    let watch = Stopwatch::start();
    let mut tasks = Vec::new();
    for first in 0..PACERS {
        let connection = Connection::open(address).await?;
        let work = Arc::clone(&work);
        tasks.push(tokio::spawn(pacer(connection, work, first, watch, limit)));
    }
    let (mut latencies, mut failed) = (Vec::new(), 0);
    for task in tasks {
        let (part, refused) = task.await.map_err(|_| anyhow!("a pacer panicked"))??;
        latencies.extend(part);
        failed += refused;
    }
    latencies.sort_unstable();
    Ok(Paced {
        done: u64::try_from(latencies.len())?,
        failed,
        p50_us: percentile(&latencies, 50),
        p99_us: percentile(&latencies, 99),
        max_us: latencies.last().copied().unwrap_or(0),
    })
}

async fn pacer(
    mut connection: Connection,
    work: Arc<Work>,
    first: u64,
    watch: Stopwatch,
    limit: Duration,
) -> Result<(Vec<u64>, u64)> {
    let (mut latencies, mut failed, mut index) = (Vec::new(), 0, first);
    let limit_us = u64::try_from(limit.as_micros())?;
    while let Some(request) = work.requests.get(usize::try_from(index)?) {
        let due = index * 1_000_000 / PACE_PER_S;
        if due > limit_us {
            break;
        }
        clock::pause(Duration::from_micros(due.saturating_sub(watch.micros()))).await;
        if connection.call(request).await?.status == work.success {
            latencies.push(watch.micros().saturating_sub(due));
        } else {
            failed += 1;
        }
        index += PACERS;
    }
    Ok((latencies, failed))
}
