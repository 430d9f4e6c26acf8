//! The seams of one process. At each of them the scheduler decides when the process goes on, and
//! whether it does: virtual time passes, it may stand still, and it may die.
//!
//! A process that died is one whose seams never answer again: nothing it still computes can have an
//! effect, or be seen by anybody.

mod courier;
mod database;
mod still;
mod wechat;

pub(crate) use still::Still;

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::Millis;
use tokio::sync::Notify;

use crate::{chance::Chance, time::MachineClock, trace::say, weather::Fault, world::World};

/// One life of a server.
pub(crate) struct Process {
    pub(crate) name: String,
    pub(crate) clock: MachineClock,
    world: Arc<World>,
    chance: Chance,
    alive: AtomicBool,
    died: Notify,
    /// Unix ms.
    stands_still_until: AtomicI64,
}

impl Process {
    pub(crate) fn new(world: Arc<World>, name: String, clock: MachineClock) -> Self {
        let chance = world.chance.named(&name);
        Self {
            name,
            clock,
            world,
            chance,
            alive: AtomicBool::new(true),
            died: Notify::new(),
            stands_still_until: AtomicI64::new(0),
        }
    }

    pub(crate) fn ids(&self) -> domain::SeededIds {
        self.chance.named("ids").ids()
    }

    /// Returns when the process has died.
    pub(crate) async fn death(&self) {
        while self.alive.load(Ordering::SeqCst) {
            self.died.notified().await;
        }
    }

    /// Ends the process, as kill -9 does.
    pub(crate) fn kill(&self, at: &str) {
        if self.alive.swap(false, Ordering::SeqCst) {
            say!(self.world.trace, self.name, "dies {at}");
            self.died.notify_waiters();
            self.died.notify_one();
        }
    }

    /// Lets time pass; the process may stand still, or never go on.
    async fn pass(&self, takes: Duration, at: &str) {
        if !takes.is_zero() {
            self.world.time.sleep(takes).await;
        }
        let until = Millis(self.stands_still_until.load(Ordering::SeqCst));
        if until > self.world.time.now() {
            self.world.time.sleep_until(until).await;
        }
        if self.strikes(Fault::Crash) {
            self.kill(at);
        }
        if !self.alive.load(Ordering::SeqCst) {
            pending::<()>().await;
        }
        if self.strikes(Fault::Pause) {
            let length = self.chance.seconds(20, 900);
            say!(
                self.world.trace,
                self.name,
                "stands still for {} s {at}",
                length.as_secs()
            );
            let until = self.world.time.now().plus(length);
            self.stands_still_until.store(until.0, Ordering::SeqCst);
            self.world.time.sleep_until(until).await;
        }
    }

    fn strikes(&self, fault: Fault) -> bool {
        self.world.weather.strikes(fault, &self.chance)
    }
}
