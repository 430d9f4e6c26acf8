//! The database seam: slow, refusing, or lost in the middle of a commit.

use std::time::Duration;

use store::{
    Tx,
    memory::{Call, Fate, Passage, Seam},
};

use super::Process;
use crate::{
    trace::say,
    weather::{Fault, Part},
};

/// How long the store waits for a database that does not answer before it says so.
const PATIENCE: Duration = Duration::from_secs(4);

impl Seam for Process {
    fn before(&self, call: Call) -> Passage<'_, Fate> {
        Box::pin(async move {
            self.pass(self.how_long(), "before a call to the database")
                .await;
            if self.world.weather.clogged(Part::Database).is_some() {
                self.world.time.sleep(PATIENCE).await;
                return Fate::Refused;
            }
            let fate = self.fate(call);
            if fate != Fate::Done {
                say!(
                    self.world.trace,
                    self.name,
                    "database: {call:?} becomes {fate:?}"
                );
            }
            fate
        })
    }

    fn committed(&self, tx: &Tx) {
        say!(self.world.trace, self.name, "commits {}", tx.name());
        self.world.after_commit(tx);
    }

    fn after(&self, call: Call) -> Passage<'_, ()> {
        let _ = call;
        Box::pin(self.pass(Duration::ZERO, "after a commit"))
    }
}

impl Process {
    /// Most calls take no time at all: then the order of those that wait is what it was.
    fn how_long(&self) -> Duration {
        if self.strikes(Fault::DatabaseSlow) {
            return self.chance.millis(1000, 9000);
        }
        match self.chance.below(4) {
            0 => self.chance.millis(1, 8),
            1 => Duration::from_millis(1),
            _ => Duration::ZERO,
        }
    }

    fn fate(&self, call: Call) -> Fate {
        if self.strikes(Fault::DatabaseRefuses) {
            return Fate::Refused;
        }
        match call {
            Call::Read(_) => Fate::Done,
            Call::Run(_) if self.strikes(Fault::CommitLostBefore) => Fate::LostBefore,
            Call::Run(_) if self.strikes(Fault::CommitLostAfter) => Fate::LostAfter,
            Call::Run(_) => Fate::Done,
        }
    }
}
