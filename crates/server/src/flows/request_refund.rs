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
//! | the database was restored from a backup of before | nothing of it | a retry derives the same number and sends the same request: WeChat answers with the refund it has |
//!
//! The refund number is derived from the order and the `Idempotency-Key`: however often the key is
//! sent, to whatever database, there is one refund at WeChat. So a key is remembered as long as its
//! refund, also when its row in `idempotency` is pruned or lost.

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
    let (refund, lease) = match reserve(app, intent).await? {
        Begun::Now(refund, lease) => (refund, lease),
        Begun::Before => return earlier(app, intent).await,
        Begun::Known(refund) => return repeated(intent, &refund),
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

/// What TX 1 found.
enum Begun {
    /// A new key; the refund is recorded.
    Now(Refund, Lease),
    /// The key was used before, and its row is there.
    Before,
    /// The key's row is gone, but its refund is here.
    Known(Refund),
}

/// TX 1.
async fn reserve(app: &App, intent: &Intent) -> Result<Begun, FlowError> {
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
                return Ok(Begun::Now(refund, lease));
            }
            Err(error) if error.missed("idempotency.reserve") => return Ok(Begun::Before),
            Err(StoreError::GuardMissed { statement, .. }) => {
                let (mch_id, refund_no) = (&refund.mch_id, &refund.refund_no);
                if let Some(known) = refunds::get(&app.store, mch_id, refund_no).await? {
                    return Ok(Begun::Known(known));
                }
                if statement == "refunds.reserve" {
                    explain(app, intent, payment).await?;
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(FlowError::OrderBusy(wanted.order_no.clone()))
}

fn draft(app: &App, intent: &Intent, order: &Order, payment: &Payment) -> Refund {
    Refund {
        mch_id: order.mch_id.clone(),
        refund_no: number(intent, order),
        order_no: order.order_no.clone(),
        transaction_id: payment.transaction_id.clone(),
        amount: intent.wanted.amount,
        total: order.amount,
        reason: intent.wanted.reason.clone(),
        notify_url: Some(intent.merchant.notify_url.clone()),
        origin: RefundOrigin::Request,
        created_at: app.clock.now(),
        state: RefundState::Requested,
        version: Refund::FIRST_VERSION,
    }
}

/// The one number of this key and this order.
fn number(intent: &Intent, order: &Order) -> RefundNo {
    let key = &intent.key;
    let fields = [
        key.mch_id.as_str(),
        order.order_no.as_str(),
        &key.scope,
        &key.key,
    ];
    let hash = digest::sha256_of_fields(&fields);
    let mut digest = [0_u8; 8];
    digest.copy_from_slice(&hash[..8]);
    refund::of_request(order.created_at, digest)
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

/// The key's row was pruned, or lost with the database, and its refund is here all the same: that
/// is the answer. What is not kept of a refund that was heard of from WeChat is not compared.
fn repeated(intent: &Intent, refund: &Refund) -> Result<Requested, FlowError> {
    if refund.order_no != intent.wanted.order_no || refund.amount != intent.wanted.amount {
        return Err(FlowError::IdempotencyKeyReused);
    }
    let view = serde_json::to_value(RefundView::from(refund)).map_err(anyhow::Error::from)?;
    Ok(Requested::Before(view))
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
    let mut refunds = refunds::of(&app.store, mch_id, order_no, "", rows).await?;
    refunds.sort_by_key(|refund| refund.created_at);
    Ok(refunds)
}
