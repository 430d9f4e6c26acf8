//! Who makes trouble: kills, pauses and restarts replicas at random moments, and sets their clocks
//! wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;

use crate::chance::Chance;
use crate::clock::{Stopwatch, pause};
use crate::replica::Replica;
use crate::stage::{LEASE_S, Stage};

/// Between two troubles, and how long a dead replica stays dead, milliseconds.
const BETWEEN: (u64, u64) = (500, 2_500);
const DEAD: (u64, u64) = (0, 800);
/// A pause outlasts the patience of clients (five seconds), so that they have gone elsewhere when
/// the paused replica wakes up in the middle of it.
const PAUSED: (u64, u64) = (5_500, 7_000);
/// Time moves on meanwhile, for all replicas: beyond the leases that the paused one holds. The
/// platform follows when it is awake again.
const LEASES_S: u32 = LEASE_S + 1;
/// How far the clock of one replica goes wrong: as far as clocks of a healthy machine room differ,
/// and then some. (Five minutes would be refused by WeChat, and two take a replica out of service.)
const SKEW_MS: u64 = 30_000;

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Troubles {
    pub kills: u64,
    pub pauses: u64,
    pub skews: u64,
}

/// Counts that can be read while trouble is being made.
#[derive(Debug, Default)]
pub struct Tally {
    kills: AtomicU64,
    pauses: AtomicU64,
    skews: AtomicU64,
}

impl Tally {
    pub fn read(&self) -> Troubles {
        Troubles {
            kills: self.kills.load(Ordering::SeqCst),
            pauses: self.pauses.load(Ordering::SeqCst),
            skews: self.skews.load(Ordering::SeqCst),
        }
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::SeqCst);
}

/// Makes trouble for as long as that, and leaves every replica running and its clock right.
///
/// # Errors
/// When a replica does not start again, which is the worst that a kill can do.
pub async fn make(
    stage: &Stage,
    tally: &Tally,
    mut chance: Chance,
    limit: std::time::Duration,
) -> Result<()> {
    let watch = Stopwatch::start();
    let several = stage.replicas.len() > 1;
    while watch.elapsed() < limit {
        pause(chance.millis(BETWEEN.0, BETWEEN.1)).await;
        let index = chance.index(stage.replicas.len());
        let Some(replica) = stage.replicas.get(index).cloned() else {
            break;
        };
        match chance.below(if several { 10 } else { 1 }) {
            0..6 => kill(&replica, tally, &mut chance).await?,
            6..8 => {
                replica.pause().await?;
                count(&tally.pauses);
                // The others live on meanwhile, and one of them may be killed too.
                if chance.percent(50)
                    && let Some(other) = other(stage, index, &mut chance)
                {
                    kill(&other, tally, &mut chance).await?;
                }
                stage.advance_servers(LEASES_S)?;
                pause(chance.millis(PAUSED.0, PAUSED.1)).await;
                replica.resume().await?;
                stage.advance_platform(LEASES_S).await;
            }
            _ => {
                let skew = i64::try_from(chance.below(2 * SKEW_MS))?;
                let skew = skew - i64::try_from(SKEW_MS)?;
                replica
                    .faults
                    .set_clock_offset_ms(stage.ahead_ms() + skew)?;
                count(&tally.skews);
            }
        }
    }
    for replica in &stage.replicas {
        replica.faults.set_clock_offset_ms(stage.ahead_ms())?;
    }
    stage.start().await
}

async fn kill(replica: &Replica, tally: &Tally, chance: &mut Chance) -> Result<()> {
    replica.kill().await?;
    count(&tally.kills);
    pause(chance.millis(DEAD.0, DEAD.1)).await;
    replica.start().await
}

fn other(stage: &Stage, than: usize, chance: &mut Chance) -> Option<Arc<Replica>> {
    let steps = 1 + chance.index(stage.replicas.len().saturating_sub(1));
    let index = (than + steps) % stage.replicas.len().max(1);
    stage.replicas.get(index).cloned()
}
