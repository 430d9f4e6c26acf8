//! A refund as the platform sees it.
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4013071036 (request, answer), 4013071031 (states).

use fen::Fen;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::OrderKey;
use crate::chance::Chance;
use crate::clock::{date_digits, rfc3339};

/// An order is refunded in this many parts at most. Whether a closed refund counts as a part is
/// uncertain; here it does.
pub(crate) const MAX_PARTS: u32 = 50;
/// An order is refunded for this long after it was paid.
pub(crate) const REFUND_WINDOW_SECONDS: i64 = 365 * 86_400;
/// A refund for which the merchant has no money waits this long, and closes.
pub(crate) const FUNDS_WAIT_SECONDS: i64 = 7 * 86_400;

/// Refunds are numbered by merchants.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RefundKey {
    /// The merchant.
    pub mchid: String,
    /// Its number for the refund.
    pub out_refund_no: String,
}

/// One refund.
#[derive(Clone, Debug)]
pub(crate) struct Refund {
    /// Whose, and which.
    pub key: RefundKey,
    /// Of which order.
    pub order: OrderKey,
    /// 29 digits.
    pub refund_id: String,
    /// WeChat's number of the payment.
    pub transaction_id: String,
    /// What goes back.
    pub amount: Fen,
    /// What the order came to.
    pub total: Fen,
    /// The whole first request, to which every repeat is compared.
    pub parameters: Value,
    /// Shown to the payer.
    pub reason: Option<String>,
    /// Where the notification goes; without one there is none.
    pub notify_url: Option<String>,
    /// Out of which account of the merchant's.
    pub funds_account: String,
    /// `amount.from`, as it was asked for.
    pub from: Value,
    /// Who asked for it.
    pub origin: Origin,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// Where it stands.
    pub status: RefundStatus,
    /// What somebody has decided to become of it; `None` takes its course.
    pub fate: Option<Fate>,
    /// Where the money goes.
    pub destination: Destination,
    /// Whether the merchant's account has been debited.
    pub is_funded: bool,
}

/// Who asked for a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The merchant's server.
    Api,
    /// A person in the merchant's console.
    Console,
}

/// `status`, with what is known in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// Accepted, under way.
    Processing,
    /// The money has arrived, and when.
    Success(Timestamp),
    /// It never will; what was refunded is free again.
    Closed,
    /// It could not be delivered, and waits for somebody to say where to.
    Abnormal,
}

impl RefundStatus {
    /// As it stands in answers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Processing => "PROCESSING",
            Self::Success(_) => "SUCCESS",
            Self::Closed => "CLOSED",
            Self::Abnormal => "ABNORMAL",
        }
    }

    /// `success_time`.
    pub(crate) fn success_time(self) -> Option<String> {
        match self {
            Self::Success(at) => Some(rfc3339(at)),
            Self::Processing | Self::Closed | Self::Abnormal => None,
        }
    }
}

/// What is to become of a refund.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It arrives.
    #[default]
    Success,
    /// It cannot be delivered.
    Abnormal,
    /// It closes.
    Closed,
    /// It stays under way until somebody decides otherwise.
    Processing,
}

/// Where the money goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Back the way it came: into the payer's purse.
    Payer,
    /// To a card of the payer's that the merchant named.
    UserCard {
        /// `ICBC_DEBIT`
        bank_type: String,
        /// The last digits, which answers show.
        tail: String,
    },
    /// To the merchant's own bank card; the payer is paid outside WeChat.
    MerchantCard,
}

impl Destination {
    /// `channel`
    pub(crate) fn channel(&self) -> &'static str {
        match self {
            Self::Payer => "ORIGINAL",
            Self::UserCard { .. } | Self::MerchantCard => "OTHER_BANKCARD",
        }
    }

    /// `user_received_account`: a text for people.
    pub(crate) fn account(&self) -> String {
        match self {
            Self::Payer => "支付用户零钱".to_owned(),
            Self::UserCard { bank_type, tail } => {
                format!("{}借记卡{tail}", bank_type.trim_end_matches("_DEBIT"))
            }
            Self::MerchantCard => "商户结算银行账户".to_owned(),
        }
    }
}

/// 29 digits, as real ones look: `503`, seven digits, the date, eleven digits.
pub(super) fn refund_id(chance: &Chance, now: Timestamp) -> String {
    format!(
        "503{}{}{}",
        chance.digits(7),
        date_digits(now),
        chance.digits(11)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refund_ids_look_like_wechats() {
        let now = "2018-07-03T12:00:00+08:00".parse().unwrap();
        let id = refund_id(&Chance::Machine, now);
        assert_eq!(id.len(), "50200207182018070300011301001".len());
        assert_eq!((&id[..3], &id[10..18]), ("503", "20180703"));
    }
}
