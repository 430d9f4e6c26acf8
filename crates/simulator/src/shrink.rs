//! A failure with as little as possible: fewer orders, fewer kinds of faults, fewer faults.

use crate::{
    run::{Outcome, Run, run},
    weather::Fault,
};

/// The most runs that shrinking takes: one for each kind of fault, and a few for the numbers.
const RUNS_MAX: u32 = 120;

/// The smallest run of the same seed that breaks the same invariant, with its trace. `None` when
/// the run that was given does not fail.
pub fn shrink(failing: &Run) -> Option<(Run, Outcome)> {
    let mut shrinking = Shrinking {
        best: failing.clone(),
        invariant: run(failing).ok()?.violation?.invariant,
        runs: 0,
    };
    shrinking.fewer_orders();
    shrinking.fewer_kinds();
    shrinking.fewer_faults();
    let smallest = Run {
        keep_trace: true,
        ..shrinking.best
    };
    let outcome = run(&smallest).ok()?;
    Some((smallest, outcome))
}

struct Shrinking {
    best: Run,
    invariant: &'static str,
    runs: u32,
}

impl Shrinking {
    /// Takes the smaller run if it fails in the same way.
    fn try_this(&mut self, smaller: Run) -> bool {
        if self.runs >= RUNS_MAX {
            return false;
        }
        self.runs += 1;
        let failed = run(&smaller).ok().and_then(|outcome| outcome.violation);
        let same = failed.is_some_and(|violation| violation.invariant == self.invariant);
        if same {
            self.best = smaller;
        }
        same
    }

    fn fewer_orders(&mut self) {
        loop {
            let mut smaller = self.best.clone();
            smaller.size.orders /= 2;
            if smaller.size.orders == 0 || !self.try_this(smaller) {
                return;
            }
        }
    }

    fn fewer_kinds(&mut self) {
        let mut smaller = self.best.clone();
        smaller.without.swizzle = true;
        self.try_this(smaller);
        for fault in Fault::ALL {
            let mut smaller = self.best.clone();
            smaller.without.faults.insert(*fault);
            self.try_this(smaller);
        }
    }

    /// The first so many faults are enough.
    fn fewer_faults(&mut self) {
        let Ok(outcome) = run(&self.best) else { return };
        let (mut low, mut high) = (0, outcome.faults.values().sum::<u64>());
        while low < high {
            let middle = low + (high - low) / 2;
            let mut smaller = self.best.clone();
            smaller.without.after = Some(middle);
            if self.try_this(smaller) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
    }
}
