//! A payment as WeChat reports it, held against the order it claims to pay.

use fen::Fen;

use crate::{
    AppId, ExceptionKind, MchId, Millis, OpenId, Order, OrderEvent, OrderNo, Payment, TransactionId,
};

/// The only currency of an ordinary merchant.
const CURRENCY: &str = "CNY";

/// A confirmed payment in our words, whether it came by notification, query or bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentFact {
    /// Who was paid.
    pub mch_id: MchId,
    /// In which app.
    pub app_id: AppId,
    /// For which order.
    pub order_no: OrderNo,
    /// WeChat's number of the payment.
    pub transaction_id: TransactionId,
    /// The order's total, before WeChat's own discounts.
    pub amount: Fen,
    /// `CNY`.
    pub currency: String,
    /// Who paid, where the product tells.
    pub payer: Option<OpenId>,
    /// When, by WeChat's clock.
    pub paid_at: Millis,
}

impl PaymentFact {
    /// The event for [`Order::apply`]. Call [`Order::check`] first.
    pub fn event(&self) -> OrderEvent {
        OrderEvent::PaymentConfirmed(Payment {
            transaction_id: self.transaction_id.clone(),
            paid_at: self.paid_at,
        })
    }
}

/// A payment that does not fit the order. It is stored for a person and never booked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// Another amount.
    #[error("paid {reported} yuan for an order of {ordered} yuan")]
    Amount {
        /// What the order says.
        ordered: Fen,
        /// What WeChat says.
        reported: Fen,
    },
    /// Another currency.
    #[error("paid in another currency than CNY")]
    Currency,
    /// Another merchant.
    #[error("paid to merchant {reported}, not to the order's")]
    Merchant {
        /// What WeChat says.
        reported: MchId,
    },
    /// Another app.
    #[error("paid in app {reported}, not in the order's")]
    App {
        /// What WeChat says.
        reported: AppId,
    },
    /// Another person. Neither is named: openids are personal.
    #[error("paid by another person than the order's buyer")]
    Payer,
    /// The caller looked up one order and held the payment of another against it.
    #[error("paid for order {reported}, which is not this one")]
    OrderNo {
        /// What WeChat says.
        reported: OrderNo,
    },
}

impl Mismatch {
    /// Under which kind it is listed.
    pub const fn exception(&self) -> ExceptionKind {
        match self {
            Self::Amount { .. } => ExceptionKind::AmountMismatch,
            Self::Currency => ExceptionKind::CurrencyMismatch,
            Self::Merchant { .. } => ExceptionKind::MerchantMismatch,
            Self::App { .. } => ExceptionKind::AppMismatch,
            Self::Payer => ExceptionKind::PayerMismatch,
            Self::OrderNo { .. } => ExceptionKind::OrderMismatch,
        }
    }
}

impl Order {
    /// Whether the payment is for this order, merchant, app and payer, and of this amount. A fact
    /// that names no payer is not refused for it: not every product tells.
    ///
    /// # Errors
    /// The first [`Mismatch`] found.
    pub fn check(&self, fact: &PaymentFact) -> Result<(), Mismatch> {
        if fact.mch_id != self.mch_id {
            return Err(Mismatch::Merchant {
                reported: fact.mch_id.clone(),
            });
        }
        if fact.order_no != self.order_no {
            return Err(Mismatch::OrderNo {
                reported: fact.order_no.clone(),
            });
        }
        if fact.app_id != self.app_id {
            return Err(Mismatch::App {
                reported: fact.app_id.clone(),
            });
        }
        if fact.currency != CURRENCY {
            return Err(Mismatch::Currency);
        }
        if fact.amount != self.amount {
            return Err(Mismatch::Amount {
                ordered: self.amount,
                reported: fact.amount,
            });
        }
        match &fact.payer {
            Some(payer) if *payer != self.openid => Err(Mismatch::Payer),
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OrderState;

    fn order() -> Order {
        Order {
            mch_id: MchId::new("1900000100").unwrap(),
            order_no: OrderNo::new("order-1").unwrap(),
            app_id: AppId::new("wx1").unwrap(),
            openid: OpenId::new("buyer").unwrap(),
            amount: Fen::new(100).unwrap(),
            description: "tea".into(),
            notify_url: "https://example.com/".into(),
            metadata: None,
            created_at: Millis(0),
            expires_at: Millis(1_800_000),
            state: OrderState::Created,
            version: 1,
        }
    }

    fn fact() -> PaymentFact {
        PaymentFact {
            mch_id: MchId::new("1900000100").unwrap(),
            app_id: AppId::new("wx1").unwrap(),
            order_no: OrderNo::new("order-1").unwrap(),
            transaction_id: TransactionId::new("t1").unwrap(),
            amount: Fen::new(100).unwrap(),
            currency: "CNY".into(),
            payer: Some(OpenId::new("buyer").unwrap()),
            paid_at: Millis(1000),
        }
    }

    /// What `check` says when `spoil` has its way with a good fact.
    fn checked(spoil: impl FnOnce(&mut PaymentFact)) -> Option<&'static str> {
        let mut fact = fact();
        spoil(&mut fact);
        order()
            .check(&fact)
            .err()
            .map(|mismatch| mismatch.exception().name())
    }

    #[test]
    fn a_payment_that_fits_passes_with_or_without_its_payer() {
        assert_eq!(checked(|_| {}), None);
        assert_eq!(checked(|fact| fact.payer = None), None);
    }

    #[test]
    fn each_difference_has_its_name() {
        let other = || MchId::new("1900000101").unwrap();
        assert_eq!(checked(|f| f.mch_id = other()), Some("merchant_mismatch"));
        assert_eq!(
            checked(|f| f.app_id = AppId::new("wx2").unwrap()),
            Some("app_mismatch")
        );
        assert_eq!(
            checked(|f| f.amount = Fen::new(99).unwrap()),
            Some("amount_mismatch")
        );
        assert_eq!(
            checked(|f| f.currency = "USD".into()),
            Some("currency_mismatch")
        );
        assert_eq!(
            checked(|f| f.currency = String::new()),
            Some("currency_mismatch")
        );
        let thief = || OpenId::new("thief").unwrap();
        assert_eq!(checked(|f| f.payer = Some(thief())), Some("payer_mismatch"));
        let other = || OrderNo::new("order-2").unwrap();
        assert_eq!(checked(|f| f.order_no = other()), Some("order_mismatch"));
    }
}
