//! From an intent to buy to the five fields of `wx.requestPayment`, once per `Idempotency-Key`.
//!
//! 1. read session and goods, compute the amount;
//! 2. TX 1 `place_order`: reserve the key (guarded), insert the order `created` with every
//!    parameter of the prepay frozen, its history, and a poll job due in 5 s;
//! 3. prepay at WeChat, with no transaction open;
//! 4. TX 2 `prepay_issued`: order `awaiting_payment` (guarded by version) and the saved answer;
//! 5. sign for the phone, answer 201.
//!
//! | crash or failure | what is left | what happens next |
//! |---|---|---|
//! | before TX 1 | nothing | a retry is a first try |
//! | after TX 1, before or during the prepay | `created`, key in flight | the lease ends within seconds; a retry takes over **the same order** and repeats the prepay identically; the poll job watches meanwhile |
//! | prepay outcome unknown | `created`, lease released | 503: a retry with the same key repeats identically; the poll finds a payment should there be one |
//! | prepay refused for certain | `created`, lease released | 502: after the fix a retry with the same key succeeds; at expiry the order is closed |
//! | after the prepay, before TX 2 | as above; WeChat has the order | as above: WeChat answers an identical prepay again |
//! | after TX 2 | `awaiting_payment`, answer saved | a retry gets the identical payment: an RSA PKCS#1 v1.5 signature over the saved fields is deterministic. After a renewal of the merchant's certificate it is signed with the new key |
//! | the order changed under TX 2 | a closed or paid order, or a twin's answer | that is read and answered; the new `prepay_id` is given to nobody |
//!
//! The flow runs in a task of its own: a phone that hangs up in the middle loses its answer, not
//! its order.

mod draft;
mod earlier;

use std::sync::Arc;

use domain::{GoodsId, Order, OrderEvent, Transition, poll};
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx, idempotency, jobs, orders};
use tokio::sync::OwnedSemaphorePermit;
use tracing::info;
use wechatpay::RequestPayment;

pub use draft::{API_SCOPE, MerchantOrder, scope_of};

use super::{FlowError, lease::Lease, log_in::Buyer, prepay};
use crate::{app::App, gateway, jobs::kind, merchant::Merchant};

/// The outcome, for the status code: new or repeated.
pub enum Placed {
    Now {
        order: Order,
        payment: RequestPayment,
    },
    Before {
        order: Order,
        payment: RequestPayment,
    },
}

/// Who intends what, under which key.
struct Intent {
    merchant: Arc<Merchant>,
    key: idempotency::Key,
    request_hash: String,
}

/// The order that an intent would become; `Err` when it cannot be placed now, though a repeat of an
/// earlier success is answered all the same.
type Drafted = Result<Order, FlowError>;

/// The right to bring this key's order to its answer.
struct Claim {
    order: Order,
    lease: Lease,
}

/// What is saved of an answer: everything from which the identical payment is signed again.
#[derive(Debug, Serialize, Deserialize)]
struct SavedAnswer {
    prepay_id: String,
    timestamp: i64,
    nonce: String,
}

/// A buyer takes goods from the catalogue.
///
/// # Errors
/// See [`FlowError`]; `GatewayUnavailable` means that the order may exist at WeChat.
pub async fn buy(
    app: Arc<App>,
    permit: OwnedSemaphorePermit,
    buyer: Buyer,
    key: String,
    goods_id: GoodsId,
    quantity: u32,
) -> Result<Placed, FlowError> {
    let (intent, draft) = draft::of_buyer(&app, buyer, key, &goods_id, quantity).await?;
    detached(&app.clone(), permit, async move {
        place(&app, intent, draft).await
    })
    .await
}

/// The merchant's own system orders for one of its users.
///
/// # Errors
/// See [`FlowError`].
pub async fn order(
    app: Arc<App>,
    permit: OwnedSemaphorePermit,
    merchant: Arc<Merchant>,
    key: String,
    wanted: MerchantOrder,
) -> Result<Placed, FlowError> {
    let (intent, draft) = draft::of_merchant(&app, merchant, key, wanted)?;
    detached(&app.clone(), permit, async move {
        place(&app, intent, draft).await
    })
    .await
}

/// Runs to the end whether or not the caller is still there; the permit counts it until then.
pub(super) async fn detached<T: Send + 'static>(
    app: &App,
    permit: OwnedSemaphorePermit,
    work: impl Future<Output = Result<T, FlowError>> + Send + 'static,
) -> Result<T, FlowError> {
    let task = app.spawn(async move {
        let outcome = work.await;
        drop(permit);
        outcome
    });
    task.await.map_err(anyhow::Error::from)?
}

async fn place(app: &App, intent: Intent, draft: Drafted) -> Result<Placed, FlowError> {
    let draft = match draft {
        Ok(draft) => draft,
        Err(refusal) => return earlier::answer_or(app, &intent, refusal).await,
    };
    let claim = match reserve(app, &intent, draft).await? {
        Some(claim) => claim,
        None => match earlier::look(app, &intent).await? {
            earlier::Earlier::Answered(placed) => return Ok(placed),
            earlier::Earlier::TakenOver(claim) => claim,
        },
    };
    match complete(app, &intent, &claim).await {
        Ok(placed) => Ok(placed),
        Err(error) => {
            claim.lease.release(app).await;
            Err(error)
        }
    }
}

/// TX 1. `None` when the key was used before.
async fn reserve(app: &App, intent: &Intent, order: Order) -> Result<Option<Claim>, FlowError> {
    let now = order.created_at;
    let lease = Lease::begin(intent.key.clone(), now);
    let mut tx = Tx::new("place_order");
    idempotency::reserve(
        &mut tx,
        &idempotency::Reservation {
            key: intent.key.clone(),
            request_hash: intent.request_hash.clone(),
            subject: order.order_no.as_str().to_owned(),
            lease_until: lease.until(),
            created_at: now,
        },
    );
    orders::insert(&mut tx, &order);
    let due = poll::next(now, order.expires_at, now).at();
    jobs::put(
        &mut tx,
        &order.mch_id,
        kind::POLL,
        order.order_no.as_str(),
        due,
    );
    match app.commit(tx).await {
        Ok(()) => {
            super::entered(order.state.name());
            Ok(Some(Claim { order, lease }))
        }
        Err(StoreError::GuardMissed { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// From a claimed order to its answer: prepay unless a usable one is there, TX 2, signature.
async fn complete(app: &App, intent: &Intent, claim: &Claim) -> Result<Placed, FlowError> {
    let order = &claim.order;
    prepay::check_payable(order, app.clock.now())?;
    let (issued, next) = match prepay::usable(order, app.clock.now()) {
        Some(prepay) => (prepay.clone(), None),
        None => {
            let call = prepay::prepay(app, &intent.merchant, order);
            let issued = claim.lease.hold(app, call).await?;
            match order.apply(OrderEvent::PrepayIssued(issued.clone())) {
                Ok(Transition::Advanced(next)) => (issued, Some(next)),
                Ok(Transition::AlreadyApplied) => (issued, None),
                Err(_) => return Err(prepay::not_payable(order, order.state.name())),
            }
        }
    };

    let now = app.clock.now();
    let saved = SavedAnswer {
        prepay_id: issued.prepay_id.as_str().to_owned(),
        timestamp: now.seconds(),
        nonce: crate::clock::nonce(&*app.ids),
    };
    let mut tx = Tx::new("prepay_issued");
    let order = match &next {
        Some(next) => orders::record(&mut tx, order, next, now),
        None => order.clone(),
    };
    let answer = serde_json::to_string(&saved).map_err(anyhow::Error::from)?;
    claim.lease.answer(&mut tx, &answer);
    // The signature takes 0.2 ms of this core; the commit takes about as long of the disk. Side by
    // side.
    let (committed, payment) = tokio::join!(app.commit(tx), async {
        pay_parameters(&intent.merchant, &order, &saved)
    });
    match committed {
        Ok(_) => {
            super::entered(order.state.name());
            info!(order.no = %order.order_no, amount_fen = order.amount.get(), "order is placed");
            Ok(Placed::Now {
                order,
                payment: payment?,
            })
        }
        Err(StoreError::GuardMissed { .. }) => earlier::after_lost_race(app, intent, &order).await,
        Err(error) => Err(error.into()),
    }
}

fn pay_parameters(
    merchant: &Merchant,
    order: &Order,
    saved: &SavedAnswer,
) -> Result<RequestPayment, FlowError> {
    let app_id = gateway::app_id(&order.app_id)?;
    let prepay_id =
        wechatpay::PrepayId::new(saved.prepay_id.as_str()).map_err(anyhow::Error::from)?;
    Ok(merchant
        .client
        .request_payment_with(&app_id, &prepay_id, saved.timestamp, &saved.nonce))
}
