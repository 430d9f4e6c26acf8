//! From a row of `orders` to an [`Order`], refusing what no state can hold.

use domain::{Millis, Order, OrderState, Payment, Prepay, PrepayId, TransactionId};
use fen::Fen;

use crate::{
    StoreError,
    row::{Columns, Row},
};

/// The columns that tell the state, before it is known whether they fit together.
struct Facts {
    prepay_id: Option<PrepayId>,
    prepay_issued_at: Option<Millis>,
    transaction_id: Option<TransactionId>,
    paid_at: Option<Millis>,
    refunded: Fen,
    closed_at: Option<Millis>,
}

pub(super) fn decode(row: Row) -> Result<Order, StoreError> {
    let mut row = Columns::keyed("orders", row);
    let mut order = Order {
        order_no: row.id("order_no")?,
        mch_id: row.id("mch_id")?,
        app_id: row.id("app_id")?,
        openid: row.id("openid")?,
        amount: row.fen("amount_fen")?,
        description: row.text("description")?,
        notify_url: row.text("notify_url")?,
        metadata: row.text_or_null("metadata")?,
        created_at: row.millis("created_at")?,
        expires_at: row.millis("expires_at")?,
        state: OrderState::Created,
        version: 0,
    };
    let name = row.text("state")?;
    order.version = row.int("version")?;
    let facts = Facts {
        prepay_id: row.id_or_null("prepay_id")?,
        prepay_issued_at: row.millis_or_null("prepay_issued_at")?,
        transaction_id: row.id_or_null("transaction_id")?,
        paid_at: row.millis_or_null("paid_at")?,
        refunded: row.fen("refunded_fen")?,
        closed_at: row.millis_or_null("closed_at")?,
    };
    order.state = state(&name, order.amount, facts).map_err(|column| row.inconsistent(column))?;
    Ok(order)
}

/// The state of this name with these facts, or the column that does not fit it. Every fact is
/// taken out by the state that has it; what is left over does not belong there.
fn state(name: &str, amount: Fen, mut facts: Facts) -> Result<OrderState, &'static str> {
    let state = match name {
        "created" => OrderState::Created,
        "awaiting_payment" => OrderState::AwaitingPayment {
            prepay: facts.prepay()?,
        },
        "paid" => OrderState::Paid {
            payment: facts.payment()?,
        },
        "partially_refunded" => {
            let payment = facts.payment()?;
            let refunded = facts.refunded(|refunded| !refunded.is_zero() && refunded < amount)?;
            OrderState::PartiallyRefunded { payment, refunded }
        }
        "refunded" => {
            let payment = facts.payment()?;
            facts.refunded(|refunded| refunded == amount)?;
            OrderState::Refunded { payment }
        }
        "closed" => OrderState::Closed {
            closed_at: facts.closed_at.take().ok_or("closed_at")?,
        },
        _ => return Err("state"),
    };
    facts.nothing_left()?;
    Ok(state)
}

impl Facts {
    fn prepay(&mut self) -> Result<Prepay, &'static str> {
        Ok(Prepay {
            prepay_id: self.prepay_id.take().ok_or("prepay_id")?,
            issued_at: self.prepay_issued_at.take().ok_or("prepay_issued_at")?,
        })
    }

    fn payment(&mut self) -> Result<Payment, &'static str> {
        Ok(Payment {
            transaction_id: self.transaction_id.take().ok_or("transaction_id")?,
            paid_at: self.paid_at.take().ok_or("paid_at")?,
        })
    }

    fn refunded(&mut self, fits: impl FnOnce(Fen) -> bool) -> Result<Fen, &'static str> {
        let refunded = std::mem::take(&mut self.refunded);
        if fits(refunded) {
            Ok(refunded)
        } else {
            Err("refunded_fen")
        }
    }

    fn nothing_left(&self) -> Result<(), &'static str> {
        let left = [
            (self.prepay_id.is_some(), "prepay_id"),
            (self.prepay_issued_at.is_some(), "prepay_issued_at"),
            (self.transaction_id.is_some(), "transaction_id"),
            (self.paid_at.is_some(), "paid_at"),
            (!self.refunded.is_zero(), "refunded_fen"),
            (self.closed_at.is_some(), "closed_at"),
        ];
        match left.into_iter().find(|(is_left, _)| *is_left) {
            Some((_, column)) => Err(column),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which column is refused for an order of 100 fen in this state, spoiled like this.
    fn refused(name: &str, spoil: impl FnOnce(&mut Facts)) -> Option<&'static str> {
        let mut facts = Facts {
            prepay_id: None,
            prepay_issued_at: None,
            transaction_id: None,
            paid_at: None,
            refunded: Fen::ZERO,
            closed_at: None,
        };
        match name {
            "awaiting_payment" => {
                facts.prepay_id = Some(PrepayId::new("p1").unwrap());
                facts.prepay_issued_at = Some(Millis(1));
            }
            "paid" | "partially_refunded" | "refunded" => {
                facts.transaction_id = Some(TransactionId::new("t1").unwrap());
                facts.paid_at = Some(Millis(1));
            }
            "closed" => facts.closed_at = Some(Millis(1)),
            _ => {}
        }
        facts.refunded = match name {
            "partially_refunded" => fen(30),
            "refunded" => fen(100),
            _ => Fen::ZERO,
        };
        spoil(&mut facts);
        let decoded = state(name, fen(100), facts);
        if let Ok(state) = &decoded {
            assert_eq!(state.name(), name);
        }
        decoded.err()
    }

    fn fen(fen: i64) -> Fen {
        Fen::new(fen).unwrap()
    }

    #[test]
    fn every_state_is_read_back() {
        for name in OrderState::NAMES {
            assert_eq!(refused(name, |_| {}), None, "{name}");
        }
    }

    #[test]
    fn a_fact_that_is_missing_is_named() {
        assert_eq!(
            refused("awaiting_payment", |f| f.prepay_id = None),
            Some("prepay_id")
        );
        assert_eq!(
            refused("paid", |f| f.transaction_id = None),
            Some("transaction_id")
        );
        assert_eq!(refused("refunded", |f| f.paid_at = None), Some("paid_at"));
        assert_eq!(refused("closed", |f| f.closed_at = None), Some("closed_at"));
    }

    #[test]
    fn a_fact_of_another_state_is_named() {
        assert_eq!(
            refused("created", |f| f.paid_at = Some(Millis(1))),
            Some("paid_at")
        );
        assert_eq!(
            refused("paid", |f| f.closed_at = Some(Millis(1))),
            Some("closed_at")
        );
        assert_eq!(
            refused("paid", |f| f.refunded = fen(1)),
            Some("refunded_fen")
        );
        assert_eq!(
            refused("closed", |f| f.refunded = fen(1)),
            Some("refunded_fen")
        );
    }

    #[test]
    fn a_refund_that_does_not_fit_its_state_is_named() {
        assert_eq!(
            refused("partially_refunded", |f| f.refunded = fen(0)),
            Some("refunded_fen")
        );
        assert_eq!(
            refused("partially_refunded", |f| f.refunded = fen(100)),
            Some("refunded_fen")
        );
        assert_eq!(
            refused("refunded", |f| f.refunded = fen(99)),
            Some("refunded_fen")
        );
    }

    #[test]
    fn a_state_that_does_not_exist_is_named() {
        assert_eq!(refused("lost", |_| {}), Some("state"));
    }
}
