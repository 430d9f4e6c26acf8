//! What WeChat says about a refund becomes the state of the refund and of its order. Our own
//! request's answer, the poll and the notification all end here.
//!
//! 1. read the order (unpaid here: ask WeChat about the payment first) and the refund;
//! 2. one transaction, guarded by the versions of both: the refund with history and event, the
//!    order `partially_refunded` or `refunded` when money arrived, the amount given free when the
//!    refund is closed, its job, and (for a notification) the inbox entry.
//!
//! A miss means that somebody else was faster: read and decide again. A refund that we do not know
//! was begun in WeChat's own console; it is imported. What contradicts our books is never booked
//! and never swallowed: it becomes a row in `exceptions`, an `order.exception` event, and one
//! `error!` for a human.
//!
//! | crash | what is left |
//! |---|---|
//! | before the commit | nothing; WeChat resends, and the poll asks |
//! | after the commit | all of it; a repeat finds it applied |

use domain::{
    Exception, ExceptionKind, Order, OrderEvent, OrderState, Refund, RefundEvent, RefundFact,
    RefundOrigin, RefundState, RefundTransition, Refusal, Transition, refund,
};
use fen::Fen;
use store::{StoreError, Tx, exceptions, jobs, orders, refunds};
use tracing::{error, info};

use super::{
    DECISIONS_MAX, FlowError,
    refresh_order::refresh_order,
    settle_payment::{Evidence, keep_only},
};
use crate::{app::App, jobs::kind, merchant::Merchant, telemetry::names};

/// What became of a report about a refund.
#[derive(Debug)]
pub enum SettledRefund {
    /// This call moved it.
    Now(Refund),
    /// It says nothing new.
    Before(Refund),
    /// It does not fit; a human has been told.
    Exception(ExceptionKind),
}

impl SettledRefund {
    /// The word for metrics and the inbox.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Now(_) => "settled",
            Self::Before(_) => "repeated",
            Self::Exception(_) => "exception",
        }
    }
}

/// # Errors
/// When the database fails, or when the order is unpaid here and WeChat gives no certain answer
/// about its payment. Every other outcome is a [`SettledRefund`].
pub async fn settle_refund(
    app: &App,
    merchant: &Merchant,
    fact: &RefundFact,
    mut evidence: Evidence<'_>,
) -> Result<SettledRefund, FlowError> {
    let evidence = &mut evidence;
    let mch_id = &merchant.mch_id;
    if fact.mch_id != *mch_id {
        let why = "WeChat reports a refund of another merchant".to_owned();
        return report(
            app,
            merchant,
            fact,
            evidence,
            ExceptionKind::MerchantMismatch,
            why,
        )
        .await;
    }
    for _ in 0..DECISIONS_MAX {
        let Some(mut order) = orders::get(&app.store, mch_id, &fact.order_no).await? else {
            let why = "a refund of an order that was not placed here".to_owned();
            return report(
                app,
                merchant,
                fact,
                evidence,
                ExceptionKind::UnknownOrder,
                why,
            )
            .await;
        };
        if order.state.is_payable() {
            // The refund overtook its payment, whose notification may be lost.
            order = refresh_order(app, merchant, order).await?;
        }
        let settled = match refunds::get(&app.store, mch_id, &fact.refund_no).await? {
            Some(refund) => known(app, merchant, &order, &refund, fact, evidence).await?,
            None => import(app, &order, fact, evidence).await?,
        };
        if let Some(settled) = settled {
            return Ok(settled);
        }
    }
    Err(FlowError::OrderBusy(fact.order_no.clone()))
}

/// `None` when somebody else changed the refund or the order first.
async fn known(
    app: &App,
    merchant: &Merchant,
    order: &Order,
    refund: &Refund,
    fact: &RefundFact,
    evidence: &mut Evidence<'_>,
) -> Result<Option<SettledRefund>, FlowError> {
    if let Err(mismatch) = refund.check(fact) {
        let (kind, why) = (ExceptionKind::RefundMismatch, mismatch.to_string());
        let reported = report(app, merchant, fact, evidence, kind, why).await?;
        return Ok(Some(reported));
    }
    match refund.apply(fact.event(app.clock.now())) {
        Ok(RefundTransition::AlreadyApplied) => {
            keep_only(app, evidence, "repeated").await?;
            Ok(Some(SettledRefund::Before(refund.clone())))
        }
        Ok(RefundTransition::Advanced(next)) => {
            let moved = advance(app, order, refund, &next, evidence).await?;
            Ok(moved.map(SettledRefund::Now))
        }
        Err(refusal) => {
            let kind = refusal
                .exception()
                .unwrap_or(ExceptionKind::RefundContradicted);
            let why = refusal.to_string();
            let reported = report(app, merchant, fact, evidence, kind, why).await?;
            Ok(Some(reported))
        }
    }
}

/// WeChat refused to begin, and knows no such refund: it is closed, and its amount given free. A
/// call that was still on its way may yet be taken; the refund's job asks about that once more, and
/// a report of it opens the refund again.
///
/// # Errors
/// When the database fails.
pub(super) async fn settle_refusal(
    app: &App,
    mut refund: Refund,
    reason: &str,
) -> Result<Refund, FlowError> {
    for _ in 0..DECISIONS_MAX {
        let event = RefundEvent::Refused {
            at: app.clock.now(),
            reason: reason.to_owned(),
        };
        // What was accepted meanwhile stands.
        let Ok(RefundTransition::Advanced(next)) = refund.apply(event) else {
            return Ok(refund);
        };
        let order = orders::get(&app.store, &refund.mch_id, &refund.order_no).await?;
        let order = order.ok_or_else(|| FlowError::OrderNotFound(refund.order_no.clone()))?;
        if let Some(moved) = advance(app, &order, &refund, &next, &mut Evidence::Query).await? {
            return Ok(moved);
        }
        let read = refunds::get(&app.store, &refund.mch_id, &refund.refund_no).await?;
        refund = read.ok_or_else(|| FlowError::RefundNotFound(refund.refund_no.clone()))?;
    }
    Err(FlowError::OrderBusy(refund.order_no))
}

/// The one transaction of a known refund. `None` when a guard missed.
async fn advance(
    app: &App,
    order: &Order,
    refund: &Refund,
    next: &RefundState,
    evidence: &mut Evidence<'_>,
) -> Result<Option<Refund>, FlowError> {
    let now = app.clock.now();
    let order_next = order_after(app, order, refund, next).await?;
    let mut tx = Tx::new("settle_refund");
    let moved = refunds::record(&mut tx, refund, next, order_move(order, &order_next), now);
    let was_refused = refund.state.is_refused();
    let committed = commit(app, tx, &moved, was_refused, &order_next, evidence).await?;
    Ok(committed.then_some(moved))
}

/// A refund that we did not ask for, of an order that is ours. `None` when a guard missed.
async fn import(
    app: &App,
    order: &Order,
    fact: &RefundFact,
    evidence: &mut Evidence<'_>,
) -> Result<Option<SettledRefund>, FlowError> {
    let now = app.clock.now();
    let begun = Refund {
        mch_id: fact.mch_id.clone(),
        refund_no: fact.refund_no.clone(),
        order_no: fact.order_no.clone(),
        transaction_id: fact.transaction_id.clone(),
        amount: fact.amount,
        total: fact.total,
        reason: None,
        notify_url: None,
        origin: RefundOrigin::External,
        created_at: now,
        state: RefundState::Requested,
        version: Refund::FIRST_VERSION,
    };
    let Ok(RefundTransition::Advanced(state)) = begun.apply(fact.event(now)) else {
        return Err(anyhow::anyhow!("a refund that has just begun takes every report").into());
    };
    let refund = Refund { state, ..begun };
    let order_next = order_after(app, order, &refund, &refund.state).await?;
    let mut tx = Tx::new("import_refund");
    refunds::import(&mut tx, &refund, order_move(order, &order_next));
    let committed = commit(app, tx, &refund, false, &order_next, evidence).await?;
    if committed {
        info!(refund.no = %refund.refund_no, "a refund begun elsewhere was imported");
    }
    Ok(committed.then_some(SettledRefund::Now(refund)))
}

/// What a refund does to its order; a refusal leaves the order as it is and alerts a human.
type OrderNext = Result<Option<OrderState>, Refusal>;

fn order_move<'a>(order: &'a Order, next: &'a OrderNext) -> Option<(&'a Order, &'a OrderState)> {
    let next = next.as_ref().ok()?.as_ref()?;
    Some((order, next))
}

/// Adds to a transaction that moves `refund` what each of them needs, and commits it. `false` when
/// a guard missed: nothing was written.
async fn commit(
    app: &App,
    mut tx: Tx,
    refund: &Refund,
    was_refused: bool,
    order_next: &OrderNext,
    evidence: &mut Evidence<'_>,
) -> Result<bool, FlowError> {
    let (mch_id, subject) = (&refund.mch_id, refund.refund_no.as_str());
    match refund::next_look(refund, app.clock.now()) {
        Some(due) => jobs::put(&mut tx, mch_id, kind::REFUND, subject, due),
        None => jobs::remove(&mut tx, mch_id, kind::REFUND, subject),
    }
    let alerts = alerts(app, refund, was_refused, order_next.as_ref().err());
    for alert in &alerts {
        exceptions::insert(&mut tx, alert);
    }
    evidence.keep(&mut tx, "settled");
    match app.commit(tx).await {
        Ok(()) => {
            let order = order_next.as_ref().ok().and_then(Option::as_ref);
            moved_on(app, refund, order, &alerts);
            Ok(true)
        }
        Err(StoreError::GuardMissed { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What the order becomes when the refund becomes `next`. The order was read before the sum is, so
/// that a refund which arrives in between moves the order's version and this decision is repeated.
async fn order_after(
    app: &App,
    order: &Order,
    refund: &Refund,
    next: &RefundState,
) -> Result<OrderNext, FlowError> {
    let of_this_payment = order
        .state
        .payment()
        .is_some_and(|payment| payment.transaction_id == refund.transaction_id);
    if !matches!(next, RefundState::Succeeded { .. }) || !of_this_payment {
        return Ok(Ok(None));
    }
    let before = refunds::succeeded(&app.store, refund).await?;
    // A sum that no amount of money can be is above what was paid in any case.
    let refunded_total = Fen::new(before.saturating_add(refund.amount.get())).unwrap_or(Fen::MAX);
    Ok(
        match order.apply(OrderEvent::RefundSucceeded { refunded_total }) {
            Ok(Transition::Advanced(next)) => Ok(Some(next)),
            Ok(Transition::AlreadyApplied) => Ok(None),
            Err(refusal) => Err(refusal),
        },
    )
}

/// What a person must look at, now that the refund is what it is.
fn alerts(
    app: &App,
    refund: &Refund,
    was_refused: bool,
    refusal: Option<&Refusal>,
) -> Vec<Exception> {
    let began = was_refused.then(|| {
        let why = format!(
            "WeChat refused refund {} of {} yuan, and has begun it all the same: if it was asked \
             for anew meanwhile, the buyer may get it twice",
            refund.refund_no, refund.amount
        );
        (ExceptionKind::RefundContradicted, why)
    });
    let stuck = matches!(refund.state, RefundState::Abnormal { .. }).then(|| {
        let why = format!(
            "refund {} finds no way to the buyer: name a card of the buyer's, or take it back and \
             pay by hand: POST /v1/refunds/{}/abnormal",
            refund.refund_no, refund.refund_no
        );
        (ExceptionKind::RefundAbnormal, why)
    });
    let refused = refusal.map(|refusal| {
        let kind = refusal
            .exception()
            .unwrap_or(ExceptionKind::RefundContradicted);
        (kind, refusal.to_string())
    });
    let all = began.into_iter().chain(stuck).chain(refused);
    all.map(|(kind, why)| exception(app, refund, kind, why))
        .collect()
}

/// An alert about a refund, once per refund and kind.
pub(super) fn exception(
    app: &App,
    refund: &Refund,
    kind: ExceptionKind,
    detail: String,
) -> Exception {
    Exception {
        mch_id: refund.mch_id.clone(),
        order_no: refund.order_no.clone(),
        kind,
        fact: refund.refund_no.as_str().to_owned(),
        detail,
        at: app.clock.now(),
    }
}

fn moved_on(app: &App, refund: &Refund, order: Option<&OrderState>, alerts: &[Exception]) {
    let state = refund.state.name();
    info!(
        refund.no = %refund.refund_no, order.no = %refund.order_no,
        amount_fen = refund.amount.get(), "refund is {state}"
    );
    metrics::counter!(names::REFUNDS_TOTAL, "state" => state).increment(1);
    if let RefundState::Succeeded { .. } = &refund.state {
        let fen = u64::try_from(refund.amount.get()).unwrap_or_default();
        let merchant = app.merchants.by_mch_id(refund.mch_id.as_str());
        let merchant = merchant.map_or_else(String::new, |merchant| merchant.key.clone());
        metrics::counter!(names::REFUNDED_FEN_TOTAL, "merchant" => merchant).increment(fen);
    }
    if let Some(order) = order {
        super::entered(order.name());
    }
    for alert in alerts {
        cry(alert);
    }
}

/// One line and one count for what was put before a human.
pub(super) fn cry(alert: &Exception) {
    metrics::counter!(names::EXCEPTIONS_TOTAL, "kind" => alert.kind.name()).increment(1);
    error!(
        order.no = %alert.order_no, refund.no = alert.fact, kind = alert.kind.name(),
        "a refund needs a person: {}", alert.detail
    );
}

/// Puts a report that does not fit before a human, once per order, kind and refund.
async fn report(
    app: &App,
    merchant: &Merchant,
    fact: &RefundFact,
    evidence: &mut Evidence<'_>,
    kind: ExceptionKind,
    why: String,
) -> Result<SettledRefund, FlowError> {
    let alert = Exception {
        mch_id: merchant.mch_id.clone(),
        order_no: fact.order_no.clone(),
        kind,
        fact: fact.refund_no.as_str().to_owned(),
        detail: why,
        at: app.clock.now(),
    };
    let mut tx = Tx::new("report_exception");
    exceptions::insert(&mut tx, &alert);
    evidence.keep(&mut tx, kind.name());
    let done = app.run(tx).await?;
    if done.rows("exceptions.insert") > 0 {
        cry(&alert);
    }
    Ok(SettledRefund::Exception(kind))
}
