//! Counters for metrics.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::{Done, StoreError};

/// What was counted since the store was opened. Rates and averages are the reader's business:
/// `transactions / commits` is how many transactions shared a commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Transactions that were committed and answered.
    pub transactions: u64,
    /// Commits that held them; many transactions share one.
    pub commits: u64,
    /// Transactions that were undone because a guard missed. Ordinary under contention.
    pub guard_misses: u64,
    /// Transactions turned away because too many were waiting.
    pub busy: u64,
    /// Transactions that failed because the database could not be reached or could not write.
    pub unavailable: u64,
    /// Commits of which nobody knows whether they were kept.
    pub outcomes_unknown: u64,
    /// Transactions begun anew after a serialization failure or a deadlock.
    pub retries: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    transactions: AtomicU64,
    commits: AtomicU64,
    guard_misses: AtomicU64,
    busy: AtomicU64,
    unavailable: AtomicU64,
    outcomes_unknown: AtomicU64,
    retries: AtomicU64,
    leases: AtomicU64,
    /// Whether the last transaction that needed the disk failed for its sake.
    failing: AtomicBool,
}

impl Counters {
    pub(crate) fn count(&self, outcome: &Result<Done, StoreError>) {
        match outcome {
            Ok(_) => {
                add(&self.transactions);
                self.failing.store(false, Ordering::Relaxed);
            }
            Err(StoreError::GuardMissed { .. }) => add(&self.guard_misses),
            Err(StoreError::Busy { .. }) => add(&self.busy),
            Err(StoreError::Unavailable(_)) => {
                add(&self.unavailable);
                self.failing.store(true, Ordering::Relaxed);
            }
            Err(StoreError::OutcomeUnknown { .. }) => {
                add(&self.outcomes_unknown);
                self.failing.store(true, Ordering::Relaxed);
            }
            Err(
                StoreError::Inconsistent { .. }
                | StoreError::Refused { .. }
                | StoreError::Schema(_)
                | StoreError::InUse { .. }
                | StoreError::Config(_),
            ) => {}
        }
    }

    pub(crate) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    pub(crate) fn commit(&self) {
        add(&self.commits);
    }

    pub(crate) fn retry(&self) {
        add(&self.retries);
    }

    pub(crate) fn next_lease(&self) -> u64 {
        self.leases.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn snapshot(&self) -> Stats {
        Stats {
            transactions: get(&self.transactions),
            commits: get(&self.commits),
            guard_misses: get(&self.guard_misses),
            busy: get(&self.busy),
            unavailable: get(&self.unavailable),
            outcomes_unknown: get(&self.outcomes_unknown),
            retries: get(&self.retries),
        }
    }
}

// The counters stand alone; nobody reads one to learn about memory that another thread wrote.
fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
