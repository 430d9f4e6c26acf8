use std::fmt;

use fen::Fen;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    BankType, Extra, FundsAccount, Promotions, RefundAmount, RefundChannel, RefundStatus, beijing,
    lenient,
};
use crate::{
    BankAccount, NotifyUrl, OutRefundNo, OutTradeNo, RealName, RefundId, RefundReason,
    TransactionId,
};

/// The only currency of an ordinary merchant.
const CURRENCY: &str = "CNY";

/// Money to be paid back. See [`Client::create_refund`](crate::Client::create_refund).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateRefund {
    /// Of which payment.
    pub of: RefundOf,
    /// The merchant's number of the refund. Chosen before the first call, and never another for
    /// the same refund.
    pub out_refund_no: OutRefundNo,
    /// Why, as the buyer reads it.
    pub reason: Option<RefundReason>,
    /// Where the platform announces the end of it. Without one it sends the older XML notification
    /// to a configured address, or none at all.
    pub notify_url: NotifyUrl,
    /// How much, in fen: at least 1, and no more than is left.
    pub refund: Fen,
    /// The amount of the whole order, in fen, exactly as it was ordered.
    pub total: Fen,
}

/// A payment, by either of its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundOf {
    /// WeChat's number. To be preferred: it names one payment, also where an order was paid twice.
    Transaction(TransactionId),
    /// The merchant's order number.
    Order(OutTradeNo),
}

/// A refund that is [stuck](RefundStatus::Abnormal), to be sent another way. See
/// [`Client::apply_abnormal_refund`](crate::Client::apply_abnormal_refund).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbnormalRefund {
    /// WeChat's number of the refund.
    pub refund_id: RefundId,
    /// The merchant's number of the refund.
    pub out_refund_no: OutRefundNo,
    /// Where the money goes instead.
    pub to: RefundTo,
}

/// Where a stuck refund goes instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundTo {
    /// A debit card of the buyer's. Number and name are encrypted before they leave.
    BuyersCard {
        /// The bank that issued it.
        bank_type: BankType,
        /// Its number.
        bank_account: BankAccount,
        /// Its holder.
        real_name: RealName,
    },
    /// The merchant's settlement account, for the merchant to pay the buyer by itself.
    Merchant,
}

/// A refund as the platform knows it: the answer to a request, to a query, and to an abnormal
/// refund. A notification has another shape, [`RefundNotice`](crate::RefundNotice).
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4013071036
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refund {
    /// WeChat's number of the refund.
    pub refund_id: RefundId,
    /// The merchant's number of the refund.
    pub out_refund_no: OutRefundNo,
    /// WeChat's number of the payment.
    pub transaction_id: TransactionId,
    /// The merchant's order number.
    pub out_trade_no: OutTradeNo,
    /// The way it takes.
    #[serde(
        default,
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub channel: Option<RefundChannel>,
    /// The account that receives it, in words.
    #[serde(
        default,
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub user_received_account: Option<ReceivedAccount>,
    /// When it arrived; only on success.
    #[serde(default, with = "beijing", skip_serializing_if = "Option::is_none")]
    pub success_time: Option<Timestamp>,
    /// When it was accepted.
    #[serde(default, with = "beijing", skip_serializing_if = "Option::is_none")]
    pub create_time: Option<Timestamp>,
    /// Where it stands.
    pub status: RefundStatus,
    /// The merchant's account that it is taken from.
    #[serde(
        default,
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub funds_account: Option<FundsAccount>,
    /// The money.
    pub amount: RefundAmount,
    /// The coupons that went back, as they came.
    #[serde(default, skip_serializing_if = "Promotions::is_empty")]
    pub promotion_detail: Promotions,
    /// The members that this crate does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The account that received a refund, in words, as `招商银行信用卡0403`. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReceivedAccount(pub String);

impl fmt::Debug for ReceivedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceivedAccount([redacted])")
    }
}

/// The body of a refund request. Absent fields are left out: the platform refuses `null`.
#[derive(Serialize)]
pub(crate) struct RefundBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<&'a TransactionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out_trade_no: Option<&'a OutTradeNo>,
    out_refund_no: &'a OutRefundNo,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a RefundReason>,
    notify_url: &'a NotifyUrl,
    amount: Amount,
}

#[derive(Serialize)]
struct Amount {
    refund: Fen,
    total: Fen,
    currency: &'static str,
}

impl CreateRefund {
    pub(crate) fn body(&self) -> RefundBody<'_> {
        let (transaction_id, out_trade_no) = match &self.of {
            RefundOf::Transaction(id) => (Some(id), None),
            RefundOf::Order(number) => (None, Some(number)),
        };
        RefundBody {
            transaction_id,
            out_trade_no,
            out_refund_no: &self.out_refund_no,
            reason: self.reason.as_ref(),
            notify_url: &self.notify_url,
            amount: Amount {
                refund: self.refund,
                total: self.total,
                currency: CURRENCY,
            },
        }
    }
}

/// The body of an abnormal refund; `bank_account` and `real_name` are ciphertexts.
#[derive(Serialize)]
pub(crate) struct AbnormalBody<'a> {
    pub(crate) out_refund_no: &'a OutRefundNo,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bank_type: Option<&'a BankType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bank_account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) real_name: Option<String>,
}
