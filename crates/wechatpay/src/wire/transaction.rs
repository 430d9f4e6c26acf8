use std::fmt;

use fen::Fen;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{Extra, TradeState, TradeType, beijing, lenient};
use crate::{AppId, Attach, MchId, OpenId, OutTradeNo, TransactionId};

/// A payment as the platform knows it: the answer to a query, and the content of a notification.
///
/// Everything but the numbers and the state is optional, because an unpaid order leaves most of it
/// out. Read the state, then compare `mchid`, `appid`, amount and payer with the order.
///
/// ```
/// use wechatpay::{TradeState, Transaction};
///
/// let unpaid: Transaction = serde_json::from_str(r#"{
///     "amount": {"total": 1}, "appid": "wxd678efh567hg6787", "mchid": "1900007291",
///     "out_trade_no": "20261123223841", "payer": {}, "promotion_detail": [],
///     "trade_state": "NOTPAY", "trade_state_desc": "订单未支付", "new_member": 7
/// }"#).unwrap();
/// assert_eq!(unpaid.trade_state, TradeState::NotPay);
/// assert_eq!(unpaid.transaction_id, None);
/// assert_eq!(unpaid.extra["new_member"], 7);
/// ```
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791858; which members an unpaid order has is
/// uncertain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transaction {
    /// The app that placed the order.
    pub appid: AppId,
    /// The merchant that is paid.
    pub mchid: MchId,
    /// The merchant's order number.
    pub out_trade_no: OutTradeNo,
    /// WeChat's number; only once paid.
    #[serde(
        default,
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub transaction_id: Option<TransactionId>,
    /// How it was paid; only once paid.
    #[serde(
        default,
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub trade_type: Option<TradeType>,
    /// Where it stands.
    pub trade_state: TradeState,
    /// The state in words, for people.
    #[serde(default)]
    pub trade_state_desc: String,
    /// The paying bank or purse: an open set of words.
    #[serde(
        default,
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub bank_type: Option<String>,
    /// The merchant's own data of the prepay.
    #[serde(
        default,
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub attach: Option<Attach>,
    /// When it was paid.
    #[serde(default, with = "beijing", skip_serializing_if = "Option::is_none")]
    pub success_time: Option<Timestamp>,
    /// Who paid.
    #[serde(default)]
    pub payer: Payer,
    /// How much.
    #[serde(
        default,
        deserialize_with = "amount",
        skip_serializing_if = "Option::is_none"
    )]
    pub amount: Option<TransactionAmount>,
    /// The coupons used, as they came.
    #[serde(default, skip_serializing_if = "Promotions::is_empty")]
    pub promotion_detail: Promotions,
    /// The members that this crate does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Who paid. Empty until somebody did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Payer {
    /// The payer, as the order's `appid` knows them.
    #[serde(
        default,
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub openid: Option<OpenId>,
    /// The members that this crate does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The money of a payment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransactionAmount {
    /// The order's amount, in fen.
    pub total: Fen,
    /// What the buyer paid: the total less coupons, in fen. Only once paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer_total: Option<Fen>,
    /// The currency of `total`: `CNY`.
    #[serde(
        default,
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub currency: Option<String>,
    /// The currency in which the buyer paid.
    #[serde(
        default,
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub payer_currency: Option<String>,
    /// The members that this crate does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The coupons of a payment, as they came.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Promotions(pub Vec<Value>);

impl Promotions {
    /// Whether no coupon was used.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Promotions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Promotions({})", self.0.len())
    }
}

/// Reads the amount; an object without a total is none, as an unpaid order may have it.
fn amount<'de, D>(from: D) -> Result<Option<TransactionAmount>, D::Error>
where
    D: Deserializer<'de>,
{
    #[derive(Deserialize)]
    struct Sparse {
        total: Option<Fen>,
        payer_total: Option<Fen>,
        #[serde(default, deserialize_with = "lenient::text")]
        currency: Option<String>,
        #[serde(default, deserialize_with = "lenient::text")]
        payer_currency: Option<String>,
        #[serde(flatten)]
        extra: Extra,
    }

    let Some(sparse) = Option::<Sparse>::deserialize(from)? else {
        return Ok(None);
    };
    let Sparse {
        total,
        payer_total,
        currency,
        payer_currency,
        extra,
    } = sparse;
    let with_total = |total| TransactionAmount {
        total,
        payer_total,
        currency,
        payer_currency,
        extra,
    };
    Ok(total.map(with_total))
}
