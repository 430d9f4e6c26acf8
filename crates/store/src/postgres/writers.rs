//! Who writes. A transaction goes to the database at once while few are on their way; when enough
//! are, it waits, and whichever writer finishes first takes everything that waits into one
//! commit. Nothing is ever waited for in order to fill a batch.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use deadpool_postgres::Pool;
use tokio::sync::oneshot;

use crate::{Done, StoreError, Tx, error::Cause, stats::Counters};

use super::attempt::{Setback, attempt};

/// How many transactions may wait. What exceeds a fifth of a second is better told at once.
const QUEUE_MAX: usize = 4096;

/// How many transactions share one commit at most: one that fails makes the others begin anew.
const BATCH_MAX: usize = 64;

/// How many write at once when commits are quick. PostgreSQL itself lets commits that happen
/// together share a flush; fewer writers would idle while each waits for its own round trips.
const WRITERS_MIN: u32 = 4;

/// How many write at once when commits are slow, as with a synchronous standby far away: so many of
/// eight connections. The others are for reads.
const OF_EIGHT: u32 = 5;

/// For each of these that a commit takes, one more writer.
const LATENCY_PER_WRITER: Duration = Duration::from_millis(2);

/// How often a transaction begins anew after a conflict, a lost connection, or a failover.
const ATTEMPTS_MAX: u32 = 5;

/// How many may be taken out of a batch before the rest is committed one by one: a batch full of
/// repeated requests must not begin anew for each of them.
const SPOILED_MAX: usize = 3;

type Outcome = Result<Done, StoreError>;

struct Work {
    tx: Tx,
    answer: oneshot::Sender<Outcome>,
}

pub(super) struct Writers {
    pool: Pool,
    writers_max: u32,
    counters: Arc<Counters>,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Work>,
    writing: u32,
    /// What a commit takes lately, in microseconds: an eighth of it is the newest.
    latency_us: u64,
}

impl Queue {
    fn writers(&self, max: u32) -> u32 {
        let per_writer = u64::try_from(LATENCY_PER_WRITER.as_micros()).unwrap_or(u64::MAX);
        let more = u32::try_from(self.latency_us / per_writer).unwrap_or(u32::MAX);
        WRITERS_MIN.saturating_add(more).min(max)
    }

    fn learn(&mut self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.latency_us = self.latency_us - self.latency_us / 8 + took / 8;
    }
}

impl Writers {
    /// The writers of a pool of so many connections.
    pub(super) fn new(pool: Pool, size: usize, counters: Arc<Counters>) -> Self {
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        Self {
            pool,
            writers_max: (size.saturating_mul(OF_EIGHT) / 8).max(1),
            counters,
            queue: Mutex::default(),
        }
    }

    /// Runs in tasks of its own, so that a caller who goes away leaves no transaction half done
    /// on a connection that somebody else gets next.
    pub(super) async fn run(self: Arc<Self>, tx: Tx) -> Outcome {
        let name = tx.name();
        let (answer, outcome) = oneshot::channel();
        if let Some(work) = self.admit(Work { tx, answer })? {
            tokio::spawn(self.write(vec![work]));
        }
        let lost = || {
            Err(StoreError::OutcomeUnknown {
                tx: name,
                source: Cause::new("no answer"),
            })
        };
        outcome.await.unwrap_or_else(|_| lost())
    }

    /// The work, if it may be written at once; otherwise it waits now.
    fn admit(&self, work: Work) -> Result<Option<Work>, StoreError> {
        let mut queue = self.queue();
        if queue.writing < queue.writers(self.writers_max) {
            queue.writing += 1;
            return Ok(Some(work));
        }
        if queue.waiting.len() >= QUEUE_MAX {
            return Err(StoreError::Busy {
                waiting: queue.waiting.len(),
            });
        }
        queue.waiting.push_back(work);
        Ok(None)
    }

    async fn write(self: Arc<Self>, first: Vec<Work>) {
        let mut batch = first;
        loop {
            let began = stopwatch();
            self.commit(batch).await;
            match self.next(began.elapsed()) {
                Some(next) => batch = next,
                None => return,
            }
        }
    }

    /// What waits, or the end of this writer.
    fn next(&self, took: Duration) -> Option<Vec<Work>> {
        let mut queue = self.queue();
        queue.learn(took);
        if queue.waiting.is_empty() || queue.writing > queue.writers(self.writers_max) {
            queue.writing -= 1;
            return None;
        }
        let count = queue.waiting.len().min(BATCH_MAX);
        Some(queue.waiting.drain(..count).collect())
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits the batch together. One that spoils it is taken out and runs alone afterwards,
    /// because its guard may have missed on account of its neighbours.
    async fn commit(&self, mut batch: Vec<Work>) {
        let mut alone = Vec::new();
        while batch.len() > 1 && alone.len() < SPOILED_MAX {
            let txs: Vec<&Tx> = batch.iter().map(|work| &work.tx).collect();
            match attempt(&self.pool, &txs).await {
                Ok(done) => {
                    self.counters.commit();
                    for (work, done) in batch.drain(..).zip(done) {
                        answer(work, Ok(done));
                    }
                }
                Err(Setback::Spoiled { index, .. }) => alone.push(batch.remove(index)),
                Err(Setback::Undone { again: true, .. }) => break,
                Err(Setback::Undone {
                    again: false,
                    cause,
                }) => {
                    fail_all(batch.drain(..), |_| StoreError::Unavailable(cause.clone()));
                }
                Err(Setback::Unknown(source)) => {
                    fail_all(batch.drain(..), |tx| StoreError::OutcomeUnknown {
                        tx,
                        source: source.clone(),
                    });
                }
            }
        }
        self.commit_each(batch.into_iter().chain(alone)).await;
    }

    /// Commits one after the other. When the database turns out to be gone, those behind fail
    /// with it instead of finding out for themselves.
    async fn commit_each(&self, mut works: impl Iterator<Item = Work>) {
        while let Some(work) = works.next() {
            let outcome = self.commit_alone(&work.tx).await;
            let gone = match &outcome {
                Err(StoreError::Unavailable(cause)) => Some(cause.clone()),
                Ok(_) | Err(_) => None,
            };
            answer(work, outcome);
            if let Some(cause) = gone {
                fail_all(&mut works, |_| StoreError::Unavailable(cause.clone()));
            }
        }
    }

    async fn commit_alone(&self, tx: &Tx) -> Outcome {
        let mut attempts = 1;
        loop {
            match attempt(&self.pool, &[tx]).await {
                Ok(mut done) => {
                    self.counters.commit();
                    return Ok(done.pop().unwrap_or_else(|| Done::with_capacity(0)));
                }
                Err(Setback::Spoiled { error, .. }) => return Err(error),
                Err(Setback::Unknown(source)) => {
                    return Err(StoreError::OutcomeUnknown {
                        tx: tx.name(),
                        source,
                    });
                }
                Err(Setback::Undone { again: true, .. }) if attempts < ATTEMPTS_MAX => {
                    self.counters.retry();
                    attempts += 1;
                }
                Err(Setback::Undone { cause, .. }) => return Err(StoreError::Unavailable(cause)),
            }
        }
    }
}

fn answer(work: Work, outcome: Outcome) {
    // A caller that has gone needs no answer.
    drop(work.answer.send(outcome));
}

fn fail_all(works: impl Iterator<Item = Work>, error: impl Fn(&'static str) -> StoreError) {
    for work in works {
        let error = error(work.tx.name());
        answer(work, Err(error));
    }
}

/// For the number of writers only: how long the machine took, which no test's clock knows.
#[expect(
    clippy::disallowed_methods,
    reason = "measures the database, decides nothing of ours"
)]
fn stopwatch() -> Instant {
    Instant::now()
}
