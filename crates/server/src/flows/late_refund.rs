//! Money that came too late, or twice, goes back by itself.
//!
//! The refund is recorded in the transaction that puts the payment before a person, with a number
//! derived from the payment: however often the payment is reported, there is one. From there on
//! the job that pursues every refund has it.

use domain::{
    ExceptionKind, Order, PaymentFact, Refund, RefundOrigin, RefundState, refund::of_late_payment,
};
use store::{Tx, jobs, refunds};

use super::FlowError;
use crate::{app::App, config::LatePayments, jobs::kind};

/// What the buyer reads; within WeChat's 80 bytes.
const REASON: &str = "重复或逾期付款，原路退回";

/// The refund to begin for a payment that `order` refuses; `None` when the configuration keeps the
/// money, when it has begun, or when the refusal is of another kind.
pub(super) async fn owed(
    app: &App,
    order: &Order,
    fact: &PaymentFact,
    kind: ExceptionKind,
) -> Result<Option<Refund>, FlowError> {
    let misplaced = matches!(
        kind,
        ExceptionKind::PaidTwice | ExceptionKind::PaidAfterClose
    );
    if !misplaced || app.settings.refunds.late_payments == LatePayments::Keep {
        return Ok(None);
    }
    let refund_no = of_late_payment(&fact.transaction_id);
    if refunds::get(&app.store, &order.mch_id, &refund_no)
        .await?
        .is_some()
    {
        return Ok(None);
    }
    Ok(Some(Refund {
        mch_id: order.mch_id.clone(),
        refund_no,
        order_no: order.order_no.clone(),
        transaction_id: fact.transaction_id.clone(),
        amount: fact.amount,
        total: fact.amount,
        reason: Some(REASON.to_owned()),
        notify_url: Some(order.notify_url.clone()),
        origin: RefundOrigin::LatePayment,
        created_at: app.clock.now(),
        state: RefundState::Requested,
        version: Refund::FIRST_VERSION,
    }))
}

/// Records it, with the job that pursues it. Guarded: misses when it has begun meanwhile.
pub(super) fn begin(tx: &mut Tx, refund: &Refund) {
    refunds::owe(tx, refund);
    let (mch_id, refund_no) = (&refund.mch_id, refund.refund_no.as_str());
    jobs::put(tx, mch_id, kind::REFUND, refund_no, refund.created_at);
}
