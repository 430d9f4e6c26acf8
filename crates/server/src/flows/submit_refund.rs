//! A recorded refund is brought to WeChat, and asked about. The request and the job that pursues it
//! end here; both may run at once, because the number makes the call idempotent.
//!
//! 1. the request, every parameter from the row, or the query; no transaction is open;
//! 2. what WeChat answers is settled by [`super::settle_refund`].
//!
//! | crash or failure | what is left |
//! |---|---|
//! | outcome unknown | `requested`: the job queries before it sends again |
//! | after the answer | as before it: the next query says the same |

use std::time::Duration;

use domain::{ExceptionKind, Refund};
use store::{Tx, exceptions};
use tracing::warn;
use wechatpay::{ApiCode, Operation};

use super::{
    FlowError,
    request_refund::read,
    settle_payment::Evidence,
    settle_refund::{SettledRefund, cry, exception, settle_refund, settle_refusal},
};
use crate::{app::App, gateway, merchant::Merchant};

/// A payment that WeChat denies for so long is no matter of one of its places lagging behind
/// another: a person is told.
const DENIED_ALERT: Duration = Duration::from_secs(10 * 60);

/// A refund whose payment WeChat denies for so long is closed. It was repeated some fifty times.
const DENIED_END: Duration = Duration::from_secs(24 * 3600);

/// Sends the request. Call it for a refund that WeChat does not have, or has under this number.
///
/// # Errors
/// `GatewayUnavailable` when nothing is certain: the refund is asked about before it is sent again.
pub(crate) async fn submit(
    app: &App,
    merchant: &Merchant,
    refund: Refund,
) -> Result<Refund, FlowError> {
    let request = gateway::create_refund(&refund)?;
    let call = merchant.client.create_refund(&request);
    let error = match merchant.call(Operation::Refund, call).await {
        Ok(answer) => return settle_answer(app, merchant, refund, &answer).await,
        Err(error) => error,
    };
    if matches!(error.code(), Some(ApiCode::NotEnough)) {
        without_funds(app, &refund).await?;
        return Err(FlowError::GatewayUnavailable(error));
    }
    if matches!(error.code(), Some(ApiCode::ResourceNotExists)) {
        return payment_denied(app, merchant, refund, error).await;
    }
    match FlowError::from_gateway(error) {
        FlowError::GatewayRefused(error) => refused(app, merchant, refund, error).await,
        other => Err(other),
    }
}

/// A refusal is not signed, so it alone does not give an amount free: WeChat must also not know the
/// refund.
async fn refused(
    app: &App,
    merchant: &Merchant,
    refund: Refund,
    error: wechatpay::Error,
) -> Result<Refund, FlowError> {
    match observe_refund(app, merchant, refund).await? {
        (refund, AtWechat::Known) => Ok(refund),
        (refund, AtWechat::Unknown) => {
            let code = error
                .code()
                .map_or_else(|| error.name().to_owned(), ToString::to_string);
            warn!(
                refund.no = %refund.refund_no, wechat.request_id = error.request_id(),
                "WeChat refused a refund with {code}; its amount is free again: {error}"
            );
            settle_refusal(app, refund, &code).await
        }
    }
}

/// WeChat knows no payment that could be refunded, though it told us of one. It is asked again for
/// a day; a person is told once, and then the refund ends as any that was refused.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4013071036, `RESOURCE_NOT_EXISTS`.
async fn payment_denied(
    app: &App,
    merchant: &Merchant,
    refund: Refund,
    error: wechatpay::Error,
) -> Result<Refund, FlowError> {
    let age = app.clock.now().since(refund.created_at);
    if age >= DENIED_ALERT {
        let why = format!(
            "WeChat does not know the payment that refund {} of {} yuan is of: look the order up \
             on the merchant platform; the refund is closed a day after it was asked for",
            refund.refund_no, refund.amount
        );
        alert_once(app, &refund, ExceptionKind::RefundWithoutPayment, why).await?;
    }
    if age >= DENIED_END {
        return refused(app, merchant, refund, error).await;
    }
    Err(FlowError::GatewayUnavailable(error))
}

/// Whether WeChat has a refund of this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtWechat {
    Known,
    /// It was not accepted: it is safe to send it again.
    Unknown,
}

/// Queries, and settles what the query says.
///
/// # Errors
/// `GatewayUnavailable` when WeChat gave no certain answer.
pub(crate) async fn observe_refund(
    app: &App,
    merchant: &Merchant,
    refund: Refund,
) -> Result<(Refund, AtWechat), FlowError> {
    let number = gateway::out_refund_no(&refund.refund_no)?;
    let call = merchant.client.query_refund(&number);
    match merchant.call(Operation::RefundQuery, call).await {
        Ok(answer) => {
            let refund = settle_answer(app, merchant, refund, &answer).await?;
            Ok((refund, AtWechat::Known))
        }
        Err(error) if matches!(error.code(), Some(ApiCode::ResourceNotExists)) => {
            Ok((refund, AtWechat::Unknown))
        }
        // Whatever else it says, it is not an answer to the question.
        Err(error) => Err(FlowError::GatewayUnavailable(error)),
    }
}

/// Settles an answer of WeChat about `refund`, and returns the refund as it is then.
pub(super) async fn settle_answer(
    app: &App,
    merchant: &Merchant,
    refund: Refund,
    answer: &wechatpay::Refund,
) -> Result<Refund, FlowError> {
    if answer.out_refund_no.as_str() != refund.refund_no.as_str() {
        let text = "WeChat answered a question about one refund with another refund";
        return Err(FlowError::Internal(anyhow::anyhow!(text)));
    }
    let Some(fact) = gateway::read_refund(&merchant.mch_id, answer)? else {
        let status = answer.status.as_str();
        warn!(refund.no = %refund.refund_no, status, "WeChat says a new word about a refund");
        return Ok(refund);
    };
    match settle_refund(app, merchant, &fact, Evidence::Query).await? {
        SettledRefund::Now(refund) | SettledRefund::Before(refund) => Ok(refund),
        SettledRefund::Exception(_) => read(app, merchant, &refund.refund_no).await,
    }
}

/// The merchant's account holds too little: an alert, once per refund; the job repeats it.
async fn without_funds(app: &App, refund: &Refund) -> Result<(), FlowError> {
    let why = format!(
        "the merchant's account holds too little for refund {} of {} yuan: top up at the merchant \
         platform; it is repeated by itself under the same number",
        refund.refund_no, refund.amount
    );
    alert_once(app, refund, ExceptionKind::RefundWithoutFunds, why).await
}

/// Puts a refund before a person, once for each kind of trouble.
async fn alert_once(
    app: &App,
    refund: &Refund,
    kind: ExceptionKind,
    why: String,
) -> Result<(), FlowError> {
    let alert = exception(app, refund, kind, why);
    let mut tx = Tx::new("alert_of_refund");
    exceptions::insert(&mut tx, &alert);
    if app.run(tx).await?.rows("exceptions.insert") > 0 {
        cry(&alert);
    }
    Ok(())
}
