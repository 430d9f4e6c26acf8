//! A confirmed payment becomes a paid order. Notification, query, poll and a refused close all end
//! here.
//!
//! One transaction, guarded by the order's version: order `paid` with history and outbox event, its
//! jobs finished, and (for a notification) the inbox entry. A miss means that somebody else was
//! faster: read and decide again. Money that does not fit is never booked and never swallowed: it
//! becomes a row in `exceptions`, an `order.exception` event, and one `error!` for a human.
//!
//! | crash | what is left |
//! |---|---|
//! | before the commit | nothing; WeChat resends, and the poll asks |
//! | after the commit | all of it; a repeat finds it applied |

use domain::{
    Exception, ExceptionKind, MchId, Order, OrderState, PaymentFact, Refund, Refusal, Transition,
};
use store::{StoreError, Tx, exceptions, inbox, jobs, orders};
use tracing::{error, info};

use super::{DECISIONS_MAX, FlowError, late_refund};
use crate::{app::App, jobs::kind, telemetry::names};

/// What became of a confirmed payment.
#[derive(Debug)]
pub enum Settled {
    /// This call booked it.
    Now(Order),
    /// It had been booked before.
    Before(Order),
    /// It does not fit; a human has been told.
    Exception(ExceptionKind),
    /// We have no such order; a human has been told.
    UnknownOrder,
}

/// Where the fact came from; a notification is kept in the same transaction as its effect.
#[derive(Debug)]
pub enum Evidence<'a> {
    Notification(&'a mut inbox::InboxEntry),
    Query,
}

impl Evidence<'_> {
    pub(super) fn keep(&mut self, tx: &mut Tx, outcome: &str) {
        match self {
            Self::Notification(entry) => {
                outcome.clone_into(&mut entry.outcome);
                inbox::insert(tx, entry);
            }
            Self::Query => {}
        }
    }
}

/// # Errors
/// Only when the database fails: every other outcome is a [`Settled`].
pub async fn settle_payment(
    app: &App,
    mch_id: &MchId,
    fact: &PaymentFact,
    mut evidence: Evidence<'_>,
) -> Result<Settled, FlowError> {
    let evidence = &mut evidence;
    for _ in 0..DECISIONS_MAX {
        let Some(order) = orders::get(&app.store, mch_id, &fact.order_no).await? else {
            let why = "no such order was placed here".to_owned();
            report(
                app,
                mch_id,
                fact,
                evidence,
                ExceptionKind::UnknownOrder,
                (why, None),
            )
            .await?;
            return Ok(Settled::UnknownOrder);
        };
        if let Err(mismatch) = order.check(fact) {
            let kind = mismatch.exception();
            let why = (mismatch.to_string(), None);
            report(app, mch_id, fact, evidence, kind, why).await?;
            return Ok(Settled::Exception(kind));
        }
        match order.apply(fact.event()) {
            Ok(Transition::AlreadyApplied) => {
                keep_only(app, evidence, "repeated").await?;
                return Ok(Settled::Before(order));
            }
            Ok(Transition::Advanced(next)) => {
                if let Some(order) = book(app, &order, &next, evidence).await? {
                    return Ok(Settled::Now(order));
                }
            }
            Err(refusal) => {
                let kind = misplaced(&refusal);
                let owed = late_refund::owed(app, &order, fact, kind).await?;
                let why = refusal.to_string();
                match report(app, mch_id, fact, evidence, kind, (why, owed)).await {
                    Ok(()) => return Ok(Settled::Exception(kind)),
                    // Its refund has begun meanwhile: look again.
                    Err(FlowError::Store(StoreError::GuardMissed { .. })) => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Err(FlowError::OrderBusy(fact.order_no.clone()))
}

/// `None` when somebody else changed the order first.
async fn book(
    app: &App,
    order: &Order,
    next: &OrderState,
    evidence: &mut Evidence<'_>,
) -> Result<Option<Order>, FlowError> {
    let mut tx = Tx::new("settle_payment");
    let order = orders::record(&mut tx, order, next, app.clock.now());
    // A job to close it, which few orders have, finds it paid and ends by itself.
    jobs::remove(&mut tx, &order.mch_id, kind::POLL, order.order_no.as_str());
    evidence.keep(&mut tx, "settled");
    match app.commit(tx).await {
        Ok(()) => {
            info!(order.no = %order.order_no, amount_fen = order.amount.get(), "order is paid");
            super::entered(next.name());
            let fen = u64::try_from(order.amount.get()).unwrap_or_default();
            let merchant = app.merchants.by_mch_id(order.mch_id.as_str());
            let merchant = merchant.map_or_else(String::new, |merchant| merchant.key.clone());
            metrics::counter!(names::PAID_FEN_TOTAL, "merchant" => merchant).increment(fen);
            Ok(Some(order))
        }
        Err(StoreError::GuardMissed { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The evidence alone: its effect was there before.
pub(super) async fn keep_only(
    app: &App,
    evidence: &mut Evidence<'_>,
    outcome: &str,
) -> Result<(), FlowError> {
    match evidence {
        Evidence::Query => Ok(()),
        Evidence::Notification(_) => {
            let mut tx = Tx::new("keep_notification");
            evidence.keep(&mut tx, outcome);
            app.commit(tx).await?;
            Ok(())
        }
    }
}

/// A payment that the order refuses is money in the wrong place, whichever way it is refused.
fn misplaced(refusal: &Refusal) -> ExceptionKind {
    refusal.exception().unwrap_or_else(|| {
        debug_assert!(false, "a payment was refused without a kind: {refusal}");
        ExceptionKind::OrderMismatch
    })
}

/// Puts money that does not fit before a human, once per order, kind and transaction; with the
/// refund that pays it back, when there is to be one.
async fn report(
    app: &App,
    mch_id: &MchId,
    fact: &PaymentFact,
    evidence: &mut Evidence<'_>,
    kind: ExceptionKind,
    (why, owed): (String, Option<Refund>),
) -> Result<(), FlowError> {
    let why = match &owed {
        Some(refund) => format!("{why}; refund {} has begun by itself", refund.refund_no),
        None => why,
    };
    let exception = Exception {
        mch_id: mch_id.clone(),
        order_no: fact.order_no.clone(),
        kind,
        fact: fact.transaction_id.as_str().to_owned(),
        detail: why,
        at: app.clock.now(),
    };
    let mut tx = Tx::new("report_exception");
    exceptions::insert(&mut tx, &exception);
    if let Some(refund) = &owed {
        late_refund::begin(&mut tx, refund);
    }
    evidence.keep(&mut tx, kind.name());
    let done = app.run(tx).await?;
    if owed.is_some() {
        app.wake.notify_waiters();
    }
    if done.rows("exceptions.insert") == 0 {
        // It was reported before; only this delivery is news.
        return Ok(());
    }
    metrics::counter!(names::EXCEPTIONS_TOTAL, "kind" => kind.name()).increment(1);
    error!(
        order.no = %fact.order_no, wechat.transaction_id = %fact.transaction_id, kind = kind.name(),
        "a payment does not fit and was NOT booked: {}; look at the order and at the merchant \
         platform, then refund or correct by hand", exception.detail
    );
    Ok(())
}
