//! What the documentation leaves open, as switches.
//!
//! The default is what we hold most likely; `PUT /control/settings` turns one the other way. Each
//! is uncertain at the source and says so in the README.

use fen::Fen;
use serde::{Deserialize, Serialize};

use crate::ledger::Fate;

/// Behaviour that nobody outside WeChat can settle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// By which clock signatures are dated and judged.
    pub wire_clock: WireClock,
    /// What an identical repeat of a prepay gives while the first prepay id lives.
    pub repeated_prepay: RepeatedPrepay,
    /// How a repeat with other parameters is refused.
    pub changed_prepay: ChangedPrepay,
    /// Closing a number that was never used.
    pub unknown_close: UnknownClose,
    /// The spelling of the codes that have two.
    pub spelling: Spelling,
    /// Whether business refusals carry a signature.
    pub refusals: Refusals,
    /// The `errcode` for a login code that was used before.
    pub reused_login_code: ReusedLoginCode,
    /// The latest `time_expire`; a later one is silently brought back to it.
    pub latest_time_expire: LatestTimeExpire,
    /// How much an unpaid order shows in a query.
    pub unpaid_answer: UnpaidAnswer,
    /// How long after its acceptance a refund settles, in virtual time.
    pub refund_seconds: RefundSeconds,
    /// What becomes of refunds that are accepted from now on.
    pub refund_outcome: Fate,
    /// A refund for which the merchant's account has not enough.
    pub short_of_funds: ShortOfFunds,
    /// What bills say that is not so.
    pub bill_mistakes: Vec<BillMistake>,
}

/// See [`Settings::wire_clock`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WireClock {
    /// The machine's: a client that was not told about virtual time goes on working.
    #[default]
    Real,
    /// Virtual: for a client that shares it.
    Virtual,
}

/// See [`Settings::repeated_prepay`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RepeatedPrepay {
    /// The one that is still alive.
    #[default]
    Same,
    /// A fresh one each time; earlier ones stay payable for their own two hours.
    New,
}

/// See [`Settings::changed_prepay`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChangedPrepay {
    /// `400 INVALID_REQUEST` 请求重入时，参数与首次请求时不一致: every field report.
    #[default]
    InvalidRequest,
    /// `403 OUT_TRADE_NO_USED`: the documentation's table.
    OutTradeNoUsed,
}

/// See [`Settings::unknown_close`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UnknownClose {
    /// `404 ORDER_NOT_EXIST`: the documentation's table.
    #[default]
    NotFound,
    /// 204, and the number is burnt: a later prepay is refused as a changed repeat.
    NoContent,
}

/// See [`Settings::spelling`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Spelling {
    /// `ORDERPAID`, `ORDER_CLOSED`, `ORDER_NOT_EXIST`: what is met today.
    #[default]
    Field,
    /// `ORDER_PAID`, `ORDER_CLOSED`, `ORDER_NOT_EXIST`: the official skill.
    Underscore,
    /// `ORDERPAID`, `ORDERCLOSED`, `ORDERNOTEXIST`: the pages of 2020.
    Old,
}

impl Spelling {
    /// The order was paid before.
    pub(crate) fn order_paid(self) -> &'static str {
        match self {
            Self::Field | Self::Old => "ORDERPAID",
            Self::Underscore => "ORDER_PAID",
        }
    }

    /// The order was closed before.
    pub(crate) fn order_closed(self) -> &'static str {
        match self {
            Self::Field | Self::Underscore => "ORDER_CLOSED",
            Self::Old => "ORDERCLOSED",
        }
    }

    /// There is no such order.
    pub(crate) fn order_not_exist(self) -> &'static str {
        match self {
            Self::Field | Self::Underscore => "ORDER_NOT_EXIST",
            Self::Old => "ORDERNOTEXIST",
        }
    }
}

/// See [`Settings::refusals`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Refusals {
    /// As the refusals before business are, which was seen.
    #[default]
    Unsigned,
    /// As the sentence "all answers are signed" has it.
    Signed,
}

/// See [`Settings::reused_login_code`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ReusedLoginCode {
    /// `code been used`, from the common table.
    #[default]
    #[serde(rename = "40163")]
    Used,
    /// `invalid code`, from the page itself.
    #[serde(rename = "40029")]
    Invalid,
}

/// See [`Settings::latest_time_expire`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LatestTimeExpire {
    /// The Native page.
    #[default]
    #[serde(rename = "7d")]
    SevenDays,
    /// The JSAPI, H5 and APP pages; the order is still closed after seven.
    #[serde(rename = "15d")]
    FifteenDays,
}

/// See [`Settings::unpaid_answer`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UnpaidAnswer {
    /// `amount.total`, an empty `payer`, an empty `promotion_detail`: as quoted from the field.
    #[default]
    Field,
    /// Only the members that are documented as always there.
    Bare,
}

/// See [`Settings::refund_seconds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RefundSeconds(u32);

/// To a purse it takes five minutes at most; nobody watches for so long.
impl Default for RefundSeconds {
    fn default() -> Self {
        Self(5)
    }
}

impl From<RefundSeconds> for i64 {
    fn from(seconds: RefundSeconds) -> Self {
        seconds.0.into()
    }
}

/// See [`Settings::short_of_funds`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ShortOfFunds {
    /// `403 NOT_ENOUGH`, and nothing is booked.
    #[default]
    Refused,
    /// Accepted; it waits for money for seven days and closes.
    Accepted,
}

/// See [`Settings::bill_mistakes`]. `number` is an `out_refund_no`, or the `out_trade_no` of a
/// payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum BillMistake {
    /// It is not there.
    Missing {
        /// Which.
        number: String,
    },
    /// It is there once more.
    Twice {
        /// Which.
        number: String,
    },
    /// It has another amount.
    Amount {
        /// Which.
        number: String,
        /// The other amount.
        amount_fen: Fen,
    },
    /// A payment that was never made is in every bill.
    Extra {
        /// Of which order.
        out_trade_no: String,
        /// Under which number.
        transaction_id: String,
        /// How much.
        amount_fen: Fen,
    },
}
