//! An order as the platform sees it.
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4012791870 (states), 4012791856 (lifetimes).

use fen::Fen;
use jiff::Timestamp;
use serde_json::Value;

use super::Product;
use crate::chance::Chance;
use crate::clock::{date_digits, fourteen_digits, later};

/// A prepay id lives two hours, whatever `time_expire` says.
pub(super) const PREPAY_SECONDS: i64 = 2 * 3600;
/// An unpaid order closes itself after seven days.
pub(crate) const AUTO_CLOSE_SECONDS: i64 = 7 * 86_400;

/// Orders are numbered by merchants.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OrderKey {
    /// The merchant.
    pub mchid: String,
    /// Its number for the order.
    pub out_trade_no: String,
}

/// One order.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Whose, and which.
    pub key: OrderKey,
    /// The mini program (or app) it was placed under.
    pub appid: String,
    /// How it was placed.
    pub product: Product,
    /// The whole first request, to which every repeat is compared.
    pub parameters: Value,
    /// Shown in the cashier.
    pub description: String,
    /// Where the notification goes.
    pub notify_url: String,
    /// Comes back in answers.
    pub attach: Option<String>,
    /// Comes back in answers.
    pub device_id: Option<String>,
    /// What is to be paid.
    pub amount: Fen,
    /// Who may pay; only JSAPI names somebody.
    pub openid: Option<String>,
    /// When the first prepay came.
    pub created_at: Timestamp,
    /// The last moment at which it can be paid.
    pub expires_at: Timestamp,
    /// Handed-out prepay ids, oldest first.
    pub prepays: Vec<Prepay>,
    /// Where it stands.
    pub state: State,
    /// Refunds that were accepted, whatever became of them.
    pub parts: u32,
    /// What was refunded or is on its way back.
    pub refunded: Fen,
}

/// A prepay id (or `code_url`, `h5_url`) and its birth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prepay {
    /// `wx` + 14 digits + 20 hex digits.
    pub id: String,
    /// From here two hours count.
    pub issued_at: Timestamp,
}

/// `trade_state`, with what is known in each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Not paid; failed attempts and a passed `time_expire` stay here.
    NotPay,
    /// Paid; `REFUND` from the first accepted refund on, even if that closes.
    Success(Payment),
    /// Closed by the merchant or by age.
    Closed,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Payment {
    /// 28 digits.
    pub transaction_id: String,
    /// When.
    pub paid_at: Timestamp,
    /// From where; an open set of names.
    pub bank_type: String,
    /// The payer under the order's appid.
    pub openid: String,
    /// The payer's name here.
    pub person: String,
}

impl Order {
    /// An unpaid order closes itself. Says whether it did so now.
    pub(super) fn grow_old(&mut self, now: Timestamp) -> bool {
        let closes =
            self.state == State::NotPay && now >= later(self.created_at, AUTO_CLOSE_SECONDS);
        if closes {
            self.state = State::Closed;
        }
        closes
    }

    /// The newest prepay id, if it can still be used.
    pub(crate) fn living_prepay(&self, now: Timestamp) -> Option<&Prepay> {
        self.prepays.last().filter(|prepay| prepay.is_alive(now))
    }

    /// The prepay of that id.
    pub(crate) fn prepay(&self, id: &str) -> Option<&Prepay> {
        self.prepays.iter().find(|prepay| prepay.id == id)
    }
}

impl Prepay {
    /// A new one.
    pub(crate) fn issue(chance: &Chance, now: Timestamp) -> Self {
        let id = format!("wx{}{}", fourteen_digits(now), chance.hex(20));
        Self { id, issued_at: now }
    }

    /// Whether its two hours are not over.
    pub(crate) fn is_alive(&self, now: Timestamp) -> bool {
        now < later(self.issued_at, PREPAY_SECONDS)
    }
}

/// 28 digits, as real ones look: `42000`, five digits, the date, ten digits.
pub(super) fn transaction_id(chance: &Chance, now: Timestamp) -> String {
    format!(
        "42000{}{}{}",
        chance.digits(5),
        date_digits(now),
        chance.digits(10)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_like_wechats() {
        let now = "2014-10-27T12:09:39+08:00".parse().unwrap();
        let prepay = Prepay::issue(&Chance::Machine, now);
        assert_eq!(
            prepay.id.len(),
            "wx201410272009395522657a690389285100".len()
        );
        assert!(prepay.id.starts_with("wx20141027120939"));
        let id = transaction_id(&Chance::Machine, now);
        assert_eq!((id.len(), &id[..5]), (28, "42000"));
    }

    #[test]
    fn a_prepay_id_dies_after_two_hours_to_the_second() {
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        let prepay = Prepay::issue(&Chance::Machine, now);
        assert!(prepay.is_alive(later(now, PREPAY_SECONDS - 1)));
        assert!(!prepay.is_alive(later(now, PREPAY_SECONDS)));
    }
}
