//! Many seeds, on all cores.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use crate::{
    run::{Outcome, Run, run},
    weather::Fault,
    world::Size,
};

/// One in so many seeds is run twice: the same seed must leave the same trace, to the byte.
const TWICE_EVERY: u64 = 50;

/// What is to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fleet {
    /// The first seed.
    pub from: u64,
    /// How many.
    pub seeds: u64,
    /// How large each is.
    pub size: Size,
    /// How many at one time.
    pub threads: usize,
}

/// What came of all of them.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many were run.
    pub seeds: u64,
    /// How many of them twice, with the same trace.
    pub twice: u64,
    /// In how many whole parts were clogged.
    pub swizzled: u64,
    /// Orders, payments and refunds of all.
    pub orders: u64,
    /// How many orders were paid.
    pub paid: u64,
    /// How many refunds there were.
    pub refunds: u64,
    /// How often each fault struck.
    pub faults: BTreeMap<Fault, u64>,
    /// The seeds that failed, and how. A trace that differs is one of them.
    pub failed: BTreeMap<u64, String>,
}

impl Tally {
    fn add(&mut self, outcome: Outcome) {
        self.seeds += 1;
        self.swizzled += u64::from(outcome.swizzled);
        self.orders += outcome.orders;
        self.paid += outcome.paid;
        self.refunds += outcome.refunds;
        for (fault, count) in outcome.faults {
            *self.faults.entry(fault).or_default() += count;
        }
    }

    /// How many faults struck in all.
    pub fn struck(&self) -> u64 {
        self.faults.values().sum()
    }
}

/// Runs them. `progress` is told after every seed; it says whether to go on.
pub fn sail(fleet: Fleet, progress: impl Fn(&Tally) -> bool + Sync) -> Tally {
    let tally = Mutex::new(Tally::default());
    let (next, going) = (AtomicU64::new(fleet.from), AtomicBool::new(true));
    let end = fleet.from.saturating_add(fleet.seeds);
    thread::scope(|scope| {
        for _ in 0..fleet.threads.max(1) {
            scope.spawn(|| {
                while going.load(Ordering::SeqCst) {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= end {
                        break;
                    }
                    let ended = one(seed, fleet.size);
                    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                    note(&mut tally, seed, ended);
                    if !progress(&tally) {
                        going.store(false, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    tally.into_inner().unwrap_or_else(PoisonError::into_inner)
}

struct Ended {
    outcome: anyhow::Result<Outcome>,
    twice: bool,
    repeated: bool,
}

fn one(seed: u64, size: Size) -> Ended {
    let twice = seed.is_multiple_of(TWICE_EVERY);
    let this = Run {
        size,
        keep_trace: twice,
        ..Run::of(seed)
    };
    let outcome = run(&this);
    let repeated = match &outcome {
        Ok(first) if twice => run(&this).is_ok_and(|again| {
            (again.trace_hash, &again.trace) == (first.trace_hash, &first.trace)
        }),
        Ok(_) | Err(_) => true,
    };
    Ended {
        outcome,
        twice,
        repeated,
    }
}

fn note(tally: &mut Tally, seed: u64, ended: Ended) {
    let failure = match &ended.outcome {
        Ok(outcome) => match &outcome.violation {
            Some(violation) => Some(violation.to_string()),
            None if !ended.repeated => {
                Some("I13 is broken: the same seed left another trace".to_owned())
            }
            None => None,
        },
        Err(error) => Some(format!("the simulator failed: {error:#}")),
    };
    if let Some(failure) = failure {
        tally.failed.insert(seed, failure);
    }
    tally.twice += u64::from(ended.twice);
    if let Ok(outcome) = ended.outcome {
        tally.add(outcome);
    }
}
