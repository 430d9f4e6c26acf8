//! What a person must look at. Never a hidden state of an order: a list of its own.

use serde::{Deserialize, Serialize};

use crate::{MchId, Millis, OrderNo};

/// Why a fact from WeChat was not booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionKind {
    /// A second payment on one order: refund it.
    PaidTwice,
    /// A payment on a closed order: refund it.
    PaidAfterClose,
    /// A payment for an order number we never gave out.
    UnknownOrder,
    /// Paid with another amount than ordered.
    AmountMismatch,
    /// Paid in another currency than CNY.
    CurrencyMismatch,
    /// Paid to another merchant.
    MerchantMismatch,
    /// Paid in another app.
    AppMismatch,
    /// Paid by another person.
    PayerMismatch,
    /// A fact about another order than the one it was held against.
    OrderMismatch,
    /// More money went back than came in.
    RefundExceedsPayment,
    /// A report about a refund that differs from what was asked for.
    RefundMismatch,
    /// A report about a refund that contradicts its recorded end.
    RefundContradicted,
    /// A refund that finds no way to the buyer: name another.
    RefundAbnormal,
    /// The merchant's account holds too little money for a refund: top up.
    RefundWithoutFunds,
    /// WeChat does not know the payment that a refund is of.
    RefundWithoutPayment,
    /// The order could not be closed, however often it was tried.
    CannotClose,
}

impl ExceptionKind {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::PaidTwice,
        Self::PaidAfterClose,
        Self::UnknownOrder,
        Self::AmountMismatch,
        Self::CurrencyMismatch,
        Self::MerchantMismatch,
        Self::AppMismatch,
        Self::PayerMismatch,
        Self::OrderMismatch,
        Self::RefundExceedsPayment,
        Self::RefundMismatch,
        Self::RefundContradicted,
        Self::RefundAbnormal,
        Self::RefundWithoutFunds,
        Self::RefundWithoutPayment,
        Self::CannotClose,
    ];

    /// The word for it in the API, in the database and in events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PaidTwice => "paid_twice",
            Self::PaidAfterClose => "paid_after_close",
            Self::UnknownOrder => "unknown_order",
            Self::AmountMismatch => "amount_mismatch",
            Self::CurrencyMismatch => "currency_mismatch",
            Self::MerchantMismatch => "merchant_mismatch",
            Self::AppMismatch => "app_mismatch",
            Self::PayerMismatch => "payer_mismatch",
            Self::OrderMismatch => "order_mismatch",
            Self::RefundExceedsPayment => "refund_exceeds_payment",
            Self::RefundMismatch => "refund_mismatch",
            Self::RefundContradicted => "refund_contradicted",
            Self::RefundAbnormal => "refund_abnormal",
            Self::RefundWithoutFunds => "refund_without_funds",
            Self::RefundWithoutPayment => "refund_without_payment",
            Self::CannotClose => "cannot_close",
        }
    }

    /// The kind of this [`ExceptionKind::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One thing a person must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The merchant.
    pub mch_id: MchId,
    /// The order number as WeChat wrote it; there may be no such order.
    pub order_no: OrderNo,
    /// What is wrong.
    pub kind: ExceptionKind,
    /// What distinguishes this from another exception of the same kind and order, for a payment
    /// its `transaction_id`. The same fact is listed once, however often it is reported.
    pub fact: String,
    /// The sentence for the person: what happened and what to do. No openid, no body.
    pub detail: String,
    /// When we saw it first.
    pub at: Millis,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_one_name_everywhere() {
        for kind in ExceptionKind::ALL {
            assert_eq!(ExceptionKind::from_name(kind.name()), Some(kind));
            let json = serde_json::to_string(&kind).unwrap();
            assert_eq!(json, format!("\"{}\"", kind.name()));
        }
        assert_eq!(ExceptionKind::from_name("fine"), None);
    }
}
