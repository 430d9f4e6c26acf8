//! The requests around refunds.
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4013071036 (refund), 4013071193 (abnormal refund).

use fen::Fen;
use serde::Deserialize;

use super::pattern::{NOTIFY_URL, REFUND_NUMBER};
use super::prepay::MAX_TOTAL;
use super::schema::{Field, Rule, Text, optional, required, shaped, text};

/// The rule for `out_refund_no`, in the body and in the path.
pub(crate) const OUT_REFUND_NO: Text = Text {
    min: 1,
    max: 64,
    pattern: Some(REFUND_NUMBER),
};
/// The rule for `refund_id` in the path.
pub(crate) const REFUND_ID: Text = Text {
    min: 1,
    max: 32,
    pattern: None,
};

/// At least one fen, at most what a payment may come to.
const FEN: Rule = Rule::Integer {
    min: 1,
    max: MAX_TOTAL,
};
const COUNT: Rule = Rule::Integer {
    min: 1,
    max: i64::MAX,
};
const FROM: Rule = Rule::Object(&[
    required(
        "account",
        "出资账户类型",
        Rule::Word(&["AVAILABLE", "UNAVAILABLE"]),
    ),
    required("amount", "出资金额", FEN),
]);
const AMOUNT: Rule = Rule::Object(&[
    required("refund", "退款金额", FEN),
    optional("from", "退款出资账户及金额", Rule::List(&FROM)),
    required("total", "原订单金额", FEN),
    required("currency", "退款币种", Rule::Word(&["CNY"])),
]);
const GOODS: Rule = Rule::Object(&[
    required("merchant_goods_id", "商户侧商品编码", text(1, 32)),
    optional("wechatpay_goods_id", "微信支付商品编码", text(1, 32)),
    optional("goods_name", "商品名称", text(1, 256)),
    required("unit_price", "商品单价", FEN),
    required("refund_amount", "商品退款金额", FEN),
    required("refund_quantity", "商品退货数量", COUNT),
]);
const FUNDS: Rule = Rule::Word(&["AVAILABLE", "UNSETTLED"]);

/// `POST /v3/refund/domestic/refunds`
pub(crate) const REFUND: &[Field] = &[
    optional("transaction_id", "微信支付订单号", text(1, 32)),
    optional("out_trade_no", "商户订单号", text(1, 32)),
    required("out_refund_no", "商户退款单号", Rule::Text(OUT_REFUND_NO)),
    optional("reason", "退款原因", text(1, 80)),
    optional("notify_url", "退款结果回调url", shaped(1, 256, NOTIFY_URL)),
    optional("funds_account", "退款资金来源", FUNDS),
    required("amount", "金额信息", AMOUNT),
    optional("goods_detail", "退款商品", Rule::List(&GOODS)),
];

/// The banks whose cards an abnormal refund can go to.
const BANKS: Rule = Rule::Word(&[
    "CMB_DEBIT",
    "COMM_DEBIT",
    "ABC_DEBIT",
    "CCB_DEBIT",
    "ICBC_DEBIT",
    "BOC_DEBIT",
    "PAB_DEBIT",
    "SPDB_DEBIT",
    "CITIC_DEBIT",
    "CEB_DEBIT",
    "CMBC_DEBIT",
    "CIB_DEBIT",
    "GDB_DEBIT",
    "PSBC_DEBIT",
    "NBCB_DEBIT",
]);

/// `POST /v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund`
pub(crate) const ABNORMAL_REFUND: &[Field] = &[
    required("out_refund_no", "商户退款单号", Rule::Text(OUT_REFUND_NO)),
    required(
        "type",
        "异常退款处理方式",
        Rule::Word(&["USER_BANK_CARD", "MERCHANT_BANK_CARD"]),
    ),
    optional("bank_type", "开户银行", BANKS),
    optional("bank_account", "收款银行卡号", text(1, 1024)),
    optional("real_name", "收款用户姓名", text(1, 1024)),
];

/// A refund request that has passed its table.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RefundRequest {
    /// WeChat's number of the payment; this or the next.
    pub transaction_id: Option<String>,
    /// The merchant's number of the order.
    pub out_trade_no: Option<String>,
    /// The merchant's number of the refund.
    pub out_refund_no: String,
    /// Shown to the payer.
    pub reason: Option<String>,
    /// Where the notification goes.
    pub notify_url: Option<String>,
    /// Out of which account.
    pub funds_account: Option<String>,
    /// How much.
    pub amount: RefundAmount,
}

/// `amount`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RefundAmount {
    /// What goes back.
    pub refund: Fen,
    /// What the order came to.
    pub total: Fen,
    /// Out of which accounts, for orders with profit sharing.
    #[serde(default)]
    pub from: Vec<FromAccount>,
}

/// One of `amount.from`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct FromAccount {
    /// `AVAILABLE` or `UNAVAILABLE`.
    pub account: String,
    /// How much of it.
    pub amount: Fen,
}

/// An abnormal refund request that has passed its table.
#[derive(Debug, Deserialize)]
pub(crate) struct AbnormalRefundRequest {
    /// Must be the refund's.
    pub out_refund_no: String,
    /// Where the money is to go.
    #[serde(rename = "type")]
    pub kind: AbnormalKind,
    /// The payer's bank.
    pub bank_type: Option<String>,
    /// The payer's card, sealed.
    pub bank_account: Option<String>,
    /// The payer's name, sealed.
    pub real_name: Option<String>,
}

/// Where the money of an abnormal refund is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AbnormalKind {
    /// A card of the payer's.
    UserBankCard,
    /// The merchant's own card.
    MerchantBankCard,
}
