//! Money goes back, once per `Idempotency-Key` and never more than was paid.
//!
//! 1. read the order and its payment;
//! 2. TX 1 `request_refund`: reserve the key (guarded), make room in the order's row (guarded by
//!    what was paid, 50 parts and a year), insert the refund `requested` with every parameter of
//!    the call frozen, its history, and a job that pursues it;
//! 3. ask WeChat, with no transaction open;
//! 4. what it answers is settled by the flow of all other reports ([`super::settle_refund`]);
//! 5. save the answer, and answer 202.
//!
//! | crash or failure | what is left | what happens next |
//! |---|---|---|
//! | before TX 1 | nothing | a retry is a first try |
//! | after TX 1, before or during the call | `requested`, key in flight | the job asks WeChat **about** the refund; only when WeChat does not know it, the identical request is sent again |
//! | outcome unknown | `requested`, answered 202 | as above |
//! | refused, and WeChat knows no such refund | `closed` with WeChat's code, amount free | 202 says so; another attempt is another refund |
//! | the merchant's money does not suffice | `requested`, an alert | the job repeats it under the same number until there is money |
//! | after the answer, before it is settled | `requested` | the job asks and settles |
//! | after settling, before the answer is saved | as settled; the lease ends within seconds | a retry reads the refund |
//!
//! The refund number is made before the first call and never another: however often it is sent,
//! there is one refund at WeChat.

use std::sync::Arc;

use domain::{
    Order, OrderNo, Payment, Refund, RefundNo, RefundOrigin, RefundState, RefundView, refund,
};
use fen::Fen;
use serde_json::Value;
use store::{StoreError, Tx, idempotency, jobs, orders, refunds};
use tokio::sync::OwnedSemaphorePermit;
use tracing::{debug, info, warn};

use super::{
    DECISIONS_MAX, FlowError,
    lease::{self, Lease},
    place_order, read_orders,
    submit_refund::submit,
};
use crate::{app::App, digest, jobs::kind, merchant::Merchant};

/// Keys of refunds are apart from keys of orders.
const SCOPE: &str = "api.refunds";

/// What the merchant's system wants.
pub struct WantedRefund {
    pub order_no: OrderNo,
    pub amount: Fen,
    pub reason: Option<String>,
}

/// The outcome, for the status code: new, or the first answer again.
pub enum Requested {
    Now(Value),
    Before(Value),
}

struct Intent {
    merchant: Arc<Merchant>,
    key: idempotency::Key,
    request_hash: String,
    wanted: WantedRefund,
}

/// # Errors
/// See [`FlowError`]. When WeChat gives no certain answer this is no error: the refund is recorded
/// and pursued.
pub async fn request_refund(
    app: Arc<App>,
    permit: OwnedSemaphorePermit,
    merchant: Arc<Merchant>,
    key: String,
    wanted: WantedRefund,
) -> Result<Requested, FlowError> {
    if wanted.amount.is_zero() {
        let text = "amount_fen: WeChat Pay pays back 1 fen at least";
        return Err(FlowError::Invalid(text.to_owned()));
    }
    if let Some(reason) = &wanted.reason {
        wechatpay::RefundReason::new(reason.as_str())
            .map_err(|error| FlowError::Invalid(error.to_string()))?;
    }
    let hash = digest::sha256_of_fields(&[
        wanted.order_no.as_str(),
        &wanted.amount.get().to_string(),
        if wanted.reason.is_some() {
            "reason"
        } else {
            ""
        },
        wanted.reason.as_deref().unwrap_or_default(),
    ]);
    let intent = Intent {
        key: idempotency::Key {
            mch_id: merchant.mch_id.clone(),
            scope: SCOPE.to_owned(),
            key,
        },
        merchant,
        request_hash: hex::encode(hash),
        wanted,
    };
    place_order::detached(
        &app.clone(),
        permit,
        async move { run(&app, &intent).await },
    )
    .await
}

async fn run(app: &App, intent: &Intent) -> Result<Requested, FlowError> {
    let Some((refund, lease)) = reserve(app, intent).await? else {
        return earlier(app, intent).await;
    };
    let refund_no = refund.refund_no.clone();
    let call = submit(app, &intent.merchant, refund);
    let refund = match lease.hold(app, call).await {
        Ok(refund) => refund,
        Err(error) => {
            let error = anyhow::Error::from(error);
            warn!(refund.no = %refund_no, "a refund is recorded and will be pursued: {error:#}");
            read(app, &intent.merchant, &refund_no).await?
        }
    };
    let view = serde_json::to_value(RefundView::from(&refund)).map_err(anyhow::Error::from)?;
    let mut tx = Tx::new("answer_refund");
    lease.answer(&mut tx, &view.to_string());
    if let Err(error) = app.commit(tx).await {
        // The refund itself is on disk; a retry reads it when the lease has ended.
        debug!("the answer of a refund was not saved: {error}");
    }
    Ok(Requested::Now(view))
}

/// TX 1. `None` when the key was used before.
async fn reserve(app: &App, intent: &Intent) -> Result<Option<(Refund, Lease)>, FlowError> {
    let wanted = &intent.wanted;
    for _ in 0..DECISIONS_MAX {
        let order = read_orders::of_merchant(app, &intent.merchant, &wanted.order_no).await?;
        let payment = order
            .state
            .payment()
            .ok_or_else(|| not_refundable(&order))?;
        let refund = draft(app, intent, &order, payment);
        let lease = Lease::begin(intent.key.clone(), refund.created_at);
        let mut tx = Tx::new("request_refund");
        idempotency::reserve(
            &mut tx,
            &idempotency::Reservation {
                key: intent.key.clone(),
                request_hash: intent.request_hash.clone(),
                subject: refund.refund_no.as_str().to_owned(),
                lease_until: lease.until(),
                created_at: refund.created_at,
            },
        );
        refunds::request(&mut tx, &refund);
        // Until then the request is in this flow's hands; afterwards in the job's.
        let due = refund.created_at.plus(app.settings.prepay_time);
        jobs::put(
            &mut tx,
            &refund.mch_id,
            kind::REFUND,
            refund.refund_no.as_str(),
            due,
        );
        match app.commit(tx).await {
            Ok(()) => {
                info!(
                    refund.no = %refund.refund_no, order.no = %refund.order_no,
                    amount_fen = refund.amount.get(), "refund is requested"
                );
                return Ok(Some((refund, lease)));
            }
            Err(error) if error.missed("idempotency.reserve") => return Ok(None),
            Err(error) if error.missed("refunds.reserve") => {
                explain(app, intent, payment).await?;
            }
            // The number was taken: another one.
            Err(StoreError::GuardMissed { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(FlowError::OrderBusy(wanted.order_no.clone()))
}

fn draft(app: &App, intent: &Intent, order: &Order, payment: &Payment) -> Refund {
    let now = app.clock.now();
    let mut entropy = [0_u8; 8];
    app.ids.fill(&mut entropy);
    Refund {
        mch_id: order.mch_id.clone(),
        refund_no: refund::generate_no(now, entropy),
        order_no: order.order_no.clone(),
        transaction_id: payment.transaction_id.clone(),
        amount: intent.wanted.amount,
        total: order.amount,
        reason: intent.wanted.reason.clone(),
        notify_url: Some(intent.merchant.notify_url.clone()),
        origin: RefundOrigin::Request,
        created_at: now,
        state: RefundState::Requested,
        version: Refund::FIRST_VERSION,
    }
}

fn not_refundable(order: &Order) -> FlowError {
    FlowError::OrderNotRefundable {
        order_no: order.order_no.clone(),
        state: order.state.name(),
    }
}

/// Why there was no room; `Ok` when there is by now.
async fn explain(app: &App, intent: &Intent, payment: &Payment) -> Result<(), FlowError> {
    let (merchant, wanted) = (&intent.merchant, &intent.wanted);
    let order_no = || wanted.order_no.clone();
    let room = refunds::room(&app.store, &merchant.mch_id, &wanted.order_no).await?;
    let room = room.ok_or_else(|| FlowError::OrderNotFound(order_no()))?;
    let order = read_orders::of_merchant(app, merchant, &wanted.order_no).await?;
    if app.clock.now() >= payment.paid_at.plus(refund::REFUND_WINDOW) {
        return Err(FlowError::RefundWindowOver(order_no()));
    }
    let left = order.amount.minus(room.reserved).unwrap_or(Fen::ZERO);
    if wanted.amount > left {
        return Err(FlowError::RefundExceedsPayment {
            order_no: order_no(),
            left,
        });
    }
    if room.count >= refund::REFUNDS_PER_ORDER_MAX {
        return Err(FlowError::RefundLimitReached(order_no()));
    }
    Ok(())
}

/// The key was used before: repeat the answer, wait, or refuse.
async fn earlier(app: &App, intent: &Intent) -> Result<Requested, FlowError> {
    let Some(row) = idempotency::get(&app.store, &intent.key).await? else {
        // Pruned in between; the caller's retry starts afresh.
        return Err(FlowError::IdempotencyKeyInFlight);
    };
    if row.request_hash != intent.request_hash {
        return Err(FlowError::IdempotencyKeyReused);
    }
    if let Some(answer) = &row.answer {
        let view = serde_json::from_str(answer).map_err(anyhow::Error::from)?;
        return Ok(Requested::Before(view));
    }
    if lease::is_held(app, row.lease_until) {
        return Err(FlowError::IdempotencyKeyInFlight);
    }
    // Whoever asked died before answering. The refund is recorded and pursued; it is the answer.
    let refund_no = RefundNo::new(row.subject.as_str()).map_err(anyhow::Error::from)?;
    let refund = read(app, &intent.merchant, &refund_no).await?;
    let view = serde_json::to_value(RefundView::from(&refund)).map_err(anyhow::Error::from)?;
    let mut tx = Tx::new("answer_refund");
    idempotency::answer(&mut tx, &intent.key, row.lease_until, &view.to_string());
    match app.commit(tx).await {
        Ok(()) => Ok(Requested::Before(view)),
        Err(StoreError::GuardMissed { .. }) => Err(FlowError::IdempotencyKeyInFlight),
        Err(error) => Err(error.into()),
    }
}

/// The refund of this number.
///
/// # Errors
/// `RefundNotFound`, or a database that fails.
pub async fn read(
    app: &App,
    merchant: &Merchant,
    refund_no: &RefundNo,
) -> Result<Refund, FlowError> {
    let refund = refunds::get(&app.store, &merchant.mch_id, refund_no).await?;
    refund.ok_or_else(|| FlowError::RefundNotFound(refund_no.clone()))
}

/// The refunds of an order, oldest first.
///
/// # Errors
/// `OrderNotFound`, or a database that fails.
pub async fn read_of_order(
    app: &App,
    merchant: &Merchant,
    order_no: &OrderNo,
) -> Result<Vec<Refund>, FlowError> {
    let order = orders::get(&app.store, &merchant.mch_id, order_no).await?;
    order.ok_or_else(|| FlowError::OrderNotFound(order_no.clone()))?;
    let (mch_id, rows) = (&merchant.mch_id, store::PAGE_MAX);
    Ok(refunds::of(&app.store, mch_id, order_no, "", rows).await?)
}
