//! What a flow can end in besides success. `api/error.rs` turns each into an answer.

use domain::{GoodsId, OrderNo, RefundNo};
use fen::Fen;
use store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// A value that parsed but breaks a rule; the sentence says which and what is allowed.
    #[error("{0}")]
    Invalid(String),
    #[error("order `{0}` does not exist, or belongs to somebody else")]
    OrderNotFound(OrderNo),
    #[error("there is no event `{}`", domain::webhook::message_id(.0))]
    EventNotFound(domain::EventId),
    #[error("webhook endpoint `{0}` does not exist, or belongs to somebody else")]
    EndpointNotFound(String),
    #[error("there are no goods `{0}`; refresh the list of goods")]
    GoodsNotFound(GoodsId),
    #[error("goods `{goods_id}`: {wanted} wanted, {stock} in stock")]
    OutOfStock {
        goods_id: GoodsId,
        wanted: u32,
        stock: i64,
    },
    #[error("app `{0}` is not configured; set `app_id` to one of the merchant's apps")]
    AppNotFound(String),
    #[error("order `{order_no}` is {state} and cannot be paid; place a new order to buy again")]
    OrderNotPayable {
        order_no: OrderNo,
        state: &'static str,
    },
    #[error("order `{order_no}` is {state}: there is no payment to refund")]
    OrderNotRefundable {
        order_no: OrderNo,
        state: &'static str,
    },
    #[error("of order `{order_no}` {left} yuan are left to refund; ask for no more than that")]
    RefundExceedsPayment { order_no: OrderNo, left: Fen },
    #[error("order `{0}` has been refunded in 50 parts, which is WeChat Pay's limit")]
    RefundLimitReached(OrderNo),
    #[error("order `{0}` was paid more than a year ago; WeChat Pay refunds it no more")]
    RefundWindowOver(OrderNo),
    #[error("refund `{0}` does not exist, or belongs to somebody else")]
    RefundNotFound(RefundNo),
    #[error("refund `{refund_no}` is {state}; only one that is abnormal can be sent another way")]
    RefundNotAbnormal {
        refund_no: RefundNo,
        state: &'static str,
    },
    #[error("order `{0}` is being worked on by another request; try again in a few seconds")]
    OrderBusy(OrderNo),
    #[error(
        "this Idempotency-Key came earlier with a different request; nothing was done now, use a \
         new key for a different intent"
    )]
    IdempotencyKeyReused,
    #[error(
        "a request with this Idempotency-Key is in flight; repeat it shortly with the same key"
    )]
    IdempotencyKeyInFlight,
    #[error(
        "the login code is wrong, was used, or is older than five minutes; call wx.login again"
    )]
    LoginCodeInvalid,
    #[error("WeChat blocked the login of this user as high-risk")]
    LoginBlocked,
    #[error(
        "WeChat did not answer the login for certain; call wx.login again and retry with a new code"
    )]
    LoginUnavailable(#[source] wechatpay::LoginError),
    #[error(
        "WeChat refused the app's credentials; check app_id and app_secret with `shouyin doctor`"
    )]
    LoginRefused(#[source] wechatpay::LoginError),
    /// The outcome is unknown: never to be reported as failure.
    #[error("WeChat Pay gave no certain answer; repeat with the same Idempotency-Key")]
    GatewayUnavailable(#[source] wechatpay::Error),
    /// WeChat said no, verifiably.
    #[error("WeChat Pay refused")]
    GatewayRefused(#[source] wechatpay::Error),
    #[error("the database failed")]
    Store(#[from] StoreError),
    #[error("internal error")]
    Internal(#[from] anyhow::Error),
}

impl FlowError {
    /// Whether the request was refused before it had any effect, here or at WeChat, so that its
    /// `Idempotency-Key` is free again.
    pub(crate) fn says_that_nothing_was_done(&self) -> bool {
        match self {
            Self::Invalid(_)
            | Self::OrderNotFound(_)
            | Self::EventNotFound(_)
            | Self::EndpointNotFound(_)
            | Self::GoodsNotFound(_)
            | Self::OutOfStock { .. }
            | Self::AppNotFound(_)
            | Self::OrderNotPayable { .. }
            | Self::OrderNotRefundable { .. }
            | Self::RefundExceedsPayment { .. }
            | Self::RefundLimitReached(_)
            | Self::RefundWindowOver(_)
            | Self::RefundNotFound(_)
            | Self::RefundNotAbnormal { .. }
            | Self::LoginCodeInvalid
            | Self::LoginBlocked
            | Self::LoginRefused(_)
            | Self::GatewayRefused(_) => true,
            Self::OrderBusy(_)
            | Self::IdempotencyKeyReused
            | Self::IdempotencyKeyInFlight
            | Self::LoginUnavailable(_)
            | Self::GatewayUnavailable(_)
            | Self::Store(_)
            | Self::Internal(_) => false,
        }
    }

    /// Sorts a failed call to WeChat into "unknown" and "refused". Everything that is not a
    /// verifiable refusal of the request itself counts as unknown.
    pub(crate) fn from_gateway(error: wechatpay::Error) -> Self {
        use wechatpay::Advice;
        match error.advice() {
            Advice::RepeatIdentically | Advice::QueryFirst => Self::GatewayUnavailable(error),
            Advice::Fix | Advice::Stop if error.is_ambiguous() => Self::GatewayUnavailable(error),
            Advice::Fix | Advice::Stop => Self::GatewayRefused(error),
        }
    }
}
