//! A call under an `Idempotency-Key`: done once, and answered alike from then on.
//!
//! Orders and refunds have their keys in the transactions of their own flows. This is for every
//! other call that changes something.
//!
//! 1. TX `reserve_key`: the key with a hash of the request, leased;
//! 2. the work, whatever it is. Work that would do more when it is done twice puts its answer into
//!    its own transaction (`Claim::keep`);
//! 3. TX `keep_answer`, unless 2 kept it.
//!
//! | crash or failure | what is left | what happens next |
//! |---|---|---|
//! | before 1 | nothing | a retry is a first try |
//! | in 2, or before 3 | the key in flight | the lease ends within seconds and a retry does the work again: it finds what was done, because the work is idempotent by the state of its order, or has kept its answer with its effect |
//! | refused for certain | nothing: the key is forgotten | the key may come again, also with another request |
//! | outcome unknown | the lease released | a retry does the work again |
//! | the lease was lost under 2 | what the taker does | 409; a retry gets the answer that counts |
//!
//! With a key the work is done in a task of its own: a caller that hangs up finds its answer when
//! it comes again.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde::{Deserialize, Serialize};
use store::{StoreError, Tx, idempotency};

use super::{
    FlowError,
    lease::{self, Lease},
    log_in::Buyer,
    place_order,
};
use crate::{app::App, digest::sha256_of_fields, merchant::Merchant};

/// What makes a repeat a repeat.
pub struct Call {
    /// None when the caller did not name the call: then every request is a first one.
    pub key: Option<idempotency::Key>,
    /// A hash of everything that was asked for.
    pub request_hash: String,
}

impl Call {
    /// The call of a buyer.
    pub fn of_buyer(buyer: &Buyer, key: Option<String>, request: &[&str]) -> Self {
        let scope = place_order::scope_of(buyer);
        Self::new(&buyer.merchant, scope, key, sha256_of_fields(request))
    }

    /// The call of the merchant's own system.
    pub fn of_merchant(merchant: &Merchant, key: Option<String>, request: &[&str]) -> Self {
        let scope = place_order::API_SCOPE.to_owned();
        Self::new(merchant, scope, key, merchant.keyed_hash(request))
    }

    fn new(merchant: &Merchant, scope: String, key: Option<String>, hash: [u8; 32]) -> Self {
        let mch_id = merchant.mch_id.clone();
        let key = key.map(|key| idempotency::Key { mch_id, scope, key });
        let request_hash = hex::encode(hash);
        Self { key, request_hash }
    }
}

/// An answer as it is kept and repeated. Nothing secret may stand in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    pub status: u16,
    /// JSON text.
    pub body: String,
}

impl Saved {
    /// As it stands in the database.
    fn text(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are always JSON")
    }
}

/// An answer, and whether it was given before.
pub enum Answered {
    Now(Saved),
    Before(Saved),
}

/// The right to do the work of a call.
#[derive(Clone)]
pub struct Claim(Option<Arc<Held>>);

struct Held {
    lease: Lease,
    kept: AtomicBool,
    /// Somebody began it before and did not end it.
    again: bool,
}

impl Claim {
    /// Puts the answer into the transaction of the work's effect. When the commit misses
    /// `idempotency.answer`, nothing was done: see [`is_lost`].
    pub(crate) fn keep(&self, tx: &mut Tx, answer: &Saved) {
        if let Some(held) = &self.0 {
            held.lease.answer(tx, &answer.text());
            held.kept.store(true, Ordering::SeqCst);
        }
    }

    /// Whether the work may have been done before, by somebody who died.
    pub(crate) fn is_again(&self) -> bool {
        self.0.as_ref().is_some_and(|held| held.again)
    }
}

/// Whether a commit failed because somebody has taken the key over.
pub(crate) fn is_lost(error: &StoreError) -> bool {
    error.missed("idempotency.answer")
}

/// Does the work, or says what came of it before.
///
/// # Errors
/// Those of the work; `IdempotencyKeyReused`, `IdempotencyKeyInFlight`.
pub async fn once<W, F>(app: &Arc<App>, call: Call, work: W) -> Result<Answered, FlowError>
where
    W: FnOnce(Claim) -> F,
    F: Future<Output = Result<Saved, FlowError>> + Send + 'static,
{
    let Some(key) = call.key else {
        return work(Claim(None)).await.map(Answered::Now);
    };
    let held = match begin(app, key, &call.request_hash).await? {
        Begun::Ours(held) => Arc::new(held),
        Begun::Before(saved) => return Ok(Answered::Before(saved)),
    };
    let (own, work) = (app.clone(), work(Claim(Some(held.clone()))));
    let task = app.spawn(async move {
        let outcome = held.lease.hold(&own, work).await;
        finish(&own, &held, outcome).await
    });
    task.await.map_err(anyhow::Error::from)?.map(Answered::Now)
}

enum Begun {
    Ours(Held),
    Before(Saved),
}

async fn begin(app: &App, key: idempotency::Key, request_hash: &str) -> Result<Begun, FlowError> {
    let now = app.clock.now();
    let lease = Lease::begin(key.clone(), now);
    let mut tx = Tx::new("reserve_key");
    let reservation = idempotency::Reservation {
        key,
        request_hash: request_hash.to_owned(),
        subject: String::new(),
        lease_until: lease.until(),
        created_at: now,
    };
    idempotency::reserve(&mut tx, &reservation);
    match app.commit(tx).await {
        Ok(()) => return Ok(Begun::Ours(Held::new(lease, false))),
        Err(StoreError::GuardMissed { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let key = &reservation.key;
    let Some(row) = idempotency::get(&app.store, key).await? else {
        // Forgotten or pruned in between; the caller's retry starts afresh.
        return Err(FlowError::IdempotencyKeyInFlight);
    };
    if row.request_hash != request_hash {
        return Err(FlowError::IdempotencyKeyReused);
    }
    if let Some(answer) = &row.answer {
        let saved = serde_json::from_str(answer).map_err(anyhow::Error::from)?;
        return Ok(Begun::Before(saved));
    }
    if lease::is_held(app, row.lease_until) {
        return Err(FlowError::IdempotencyKeyInFlight);
    }
    let lease = Lease::take_over(app, key, row.lease_until).await?;
    Ok(Begun::Ours(Held::new(lease, true)))
}

impl Held {
    fn new(lease: Lease, again: bool) -> Self {
        let kept = AtomicBool::new(false);
        Self { lease, kept, again }
    }
}

async fn finish(
    app: &App,
    held: &Held,
    outcome: Result<Saved, FlowError>,
) -> Result<Saved, FlowError> {
    match outcome {
        Ok(saved) if held.kept.load(Ordering::SeqCst) => Ok(saved),
        Ok(saved) => keep(app, held, saved).await,
        Err(error) if error.says_that_nothing_was_done() => {
            held.lease.forget(app).await;
            Err(error)
        }
        Err(error) => {
            held.lease.release(app).await;
            Err(error)
        }
    }
}

/// The work is done; an answer that cannot be kept is given all the same, and a retry does the work
/// again. One that somebody else gave first is the one that counts.
async fn keep(app: &App, held: &Held, saved: Saved) -> Result<Saved, FlowError> {
    let mut tx = Tx::new("keep_answer");
    held.lease.answer(&mut tx, &saved.text());
    match app.commit(tx).await {
        Err(StoreError::GuardMissed { .. }) => Err(FlowError::IdempotencyKeyInFlight),
        Ok(()) | Err(_) => Ok(saved),
    }
}
