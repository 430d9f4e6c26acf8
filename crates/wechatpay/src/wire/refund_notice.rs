use fen::Fen;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Extra, ReceivedAccount, RefundStatus, beijing, lenient};
use crate::{MchId, OutTradeNo, TransactionId};

/// What a notification says about a refund. The answer to a refund query has another shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefundNotice {
    /// The merchant that pays back.
    pub mchid: MchId,
    /// WeChat's number of the payment.
    pub transaction_id: TransactionId,
    /// The merchant's order number.
    pub out_trade_no: OutTradeNo,
    /// WeChat's number of the refund.
    pub refund_id: String,
    /// The merchant's number of the refund.
    pub out_refund_no: String,
    /// Where it stands.
    pub refund_status: RefundStatus,
    /// When it arrived; only on success.
    #[serde(default, with = "beijing", skip_serializing_if = "Option::is_none")]
    pub success_time: Option<Timestamp>,
    /// The account that received it, in words.
    #[serde(
        default,
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub user_received_account: Option<ReceivedAccount>,
    /// The money.
    pub amount: RefundAmount,
    /// The members that this crate does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The money of a refund, in fen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefundAmount {
    /// The order's amount.
    pub total: Fen,
    /// What is paid back.
    pub refund: Fen,
    /// What the buyer had paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer_total: Option<Fen>,
    /// What the buyer gets back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer_refund: Option<Fen>,
    /// The members that this crate does not know.
    #[serde(flatten)]
    pub extra: Extra,
}
