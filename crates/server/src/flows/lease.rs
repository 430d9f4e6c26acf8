//! The right to bring an `Idempotency-Key` to its answer, for as long as its holder lives.
//!
//! The lease is short and is renewed while its holder waits for WeChat, so that a key whose process
//! died is free again within seconds, however slow WeChat may be. It is fenced: whoever takes a key
//! over changes the end that names the lease, and what the one of before still writes finds its
//! guard missed and is undone. So nothing rests on the clocks of two machines agreeing; when they
//! do not, a call is made twice, identically, and one answer counts.

use std::{
    pin::pin,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use domain::Millis;
use store::{StoreError, Tx, idempotency};
use tracing::debug;

use super::FlowError;
use crate::app::App;

/// A holder that has not renewed for so long is taken for dead. Longer than two commits of a slow
/// disk take beside one renewal that was lost.
const LEASE: Duration = Duration::from_secs(6);

/// How often a waiting holder says that it lives. Most calls have ended before.
const RENEW_EVERY: Duration = Duration::from_secs(2);

/// How far apart the clocks of machines that share a database may be. A lease that ends later than
/// this allows was given before the clock was set back, and counts as over.
const CLOCKS_APART: Duration = Duration::from_secs(120);

/// Whether the lease that ends at `until` keeps others out now.
pub(super) fn is_held(app: &App, until: Millis) -> bool {
    let now = app.clock.now();
    now < until && until <= now.plus(LEASE + CLOCKS_APART)
}

/// A key in hand.
pub(super) struct Lease {
    key: idempotency::Key,
    /// Unix ms; names the lease in the database.
    until: AtomicI64,
}

impl Lease {
    /// The lease of a key that is about to be reserved.
    pub(super) fn begin(key: idempotency::Key, now: Millis) -> Self {
        let until = AtomicI64::new(now.plus(LEASE).0);
        Self { key, until }
    }

    /// Takes over a key whose lease, which ended at `seen`, is held no more.
    ///
    /// # Errors
    /// `IdempotencyKeyInFlight` when somebody else was first.
    pub(super) async fn take_over(
        app: &App,
        key: &idempotency::Key,
        seen: Millis,
    ) -> Result<Self, FlowError> {
        let lease = Self::begin(key.clone(), app.clock.now());
        let mut tx = Tx::new("take_over_key");
        idempotency::take_over(&mut tx, key, seen, lease.until());
        match app.commit(tx).await {
            Ok(()) => Ok(lease),
            Err(StoreError::GuardMissed { .. }) => Err(FlowError::IdempotencyKeyInFlight),
            Err(error) => Err(error.into()),
        }
    }

    /// Its end, as the database has it.
    pub(super) fn until(&self) -> Millis {
        Millis(self.until.load(Ordering::SeqCst))
    }

    /// Does `work`, and renews the lease until it is done. The work ends by itself: every call in
    /// it has a time limit.
    pub(super) async fn hold<T>(&self, app: &App, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            match tokio::time::timeout(RENEW_EVERY, &mut work).await {
                Ok(done) => return done,
                Err(_elapsed) => self.renew(app).await,
            }
        }
    }

    /// Best effort: should the lease be lost, the answer finds its guard missed.
    async fn renew(&self, app: &App) {
        let (seen, until) = (self.until(), app.clock.now().plus(LEASE));
        if seen == until {
            return;
        }
        let mut tx = Tx::new("renew_key");
        idempotency::take_over(&mut tx, &self.key, seen, until);
        match app.commit(tx).await {
            Ok(()) => self.until.store(until.0, Ordering::SeqCst),
            Err(error) => debug!("an idempotency lease was not renewed: {error}"),
        }
    }

    /// Puts the answer into a transaction. Guarded by the lease: `idempotency.answer` misses when
    /// somebody has taken the key over.
    pub(super) fn answer(&self, tx: &mut Tx, answer: &str) {
        idempotency::answer(tx, &self.key, self.until(), answer);
    }

    /// Gives the key free without an answer, for a repeat that goes on. Best effort: without it a
    /// repeat waits for the lease to end, nothing worse.
    pub(super) async fn release(&self, app: &App) {
        let mut tx = Tx::new("release_key");
        idempotency::release(&mut tx, &self.key, self.until());
        self.commit_at_best(app, tx).await;
    }

    /// Forgets the key, because nothing was done under it. Best effort, as above.
    pub(super) async fn forget(&self, app: &App) {
        let mut tx = Tx::new("forget_key");
        idempotency::forget(&mut tx, &self.key, self.until());
        self.commit_at_best(app, tx).await;
    }

    async fn commit_at_best(&self, app: &App, tx: Tx) {
        if let Err(error) = app.commit(tx).await {
            debug!("an idempotency lease was not given back and will run out: {error}");
        }
    }
}
