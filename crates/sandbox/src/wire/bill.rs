//! The trade bill as a file.
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4013071227 and lines of a real merchant's bills.

use fen::Fen;
use jiff::Timestamp;

use crate::clock::bill_time;
use crate::ledger::{Order, Payment, Refund, RefundStatus};

/// Which rows a bill has, by the words of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BillType {
    /// `ALL`
    All,
    /// `SUCCESS`
    Success,
    /// `REFUND`
    Refund,
}

impl BillType {
    /// The type of that word.
    pub(crate) fn of(word: &str) -> Option<Self> {
        match word {
            "ALL" => Some(Self::All),
            "SUCCESS" => Some(Self::Success),
            "REFUND" => Some(Self::Refund),
            _ => None,
        }
    }
}

/// A row, in the books' words.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// When it happened, which puts the rows in order.
    pub at: Timestamp,
    paid_at: Timestamp,
    appid: String,
    mchid: String,
    transaction_id: String,
    /// The merchant's number of the order.
    pub out_trade_no: String,
    openid: String,
    trade_type: &'static str,
    bank_type: String,
    description: String,
    attach: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Payment {
        amount: Fen,
    },
    Refund {
        refund_id: String,
        out_refund_no: String,
        amount: Fen,
        status: &'static str,
        arrived_at: Option<Timestamp>,
    },
}

impl Row {
    /// The row of a payment.
    pub(crate) fn payment(order: &Order, payment: &Payment) -> Self {
        let amount = order.amount;
        Self::of(order, payment, payment.paid_at, Kind::Payment { amount })
    }

    /// The row of a refund, as it stands now.
    pub(crate) fn refund(order: &Order, payment: &Payment, refund: &Refund) -> Self {
        let (status, arrived_at) = match refund.status {
            RefundStatus::Processing => ("PROCESSING", None),
            RefundStatus::Success(at) => ("SUCCESS", Some(at)),
            RefundStatus::Closed => ("FAIL", None),
            RefundStatus::Abnormal => ("CHANGE", None),
        };
        let kind = Kind::Refund {
            refund_id: refund.refund_id.clone(),
            out_refund_no: refund.key.out_refund_no.clone(),
            amount: refund.amount,
            status,
            arrived_at,
        };
        Self::of(order, payment, refund.created_at, kind)
    }

    fn of(order: &Order, payment: &Payment, at: Timestamp, kind: Kind) -> Self {
        Self {
            at,
            paid_at: payment.paid_at,
            appid: order.appid.clone(),
            mchid: order.key.mchid.clone(),
            transaction_id: payment.transaction_id.clone(),
            out_trade_no: order.key.out_trade_no.clone(),
            openid: payment.openid.clone(),
            trade_type: order.product.trade_type(),
            bank_type: payment.bank_type.clone(),
            description: order.description.clone(),
            attach: order.attach.clone().unwrap_or_default(),
            kind,
        }
    }

    /// A payment of which the books know nothing: the platform contradicts itself.
    pub(crate) fn invented(
        mchid: &str,
        out_trade_no: &str,
        transaction_id: String,
        amount: Fen,
        at: Timestamp,
    ) -> Self {
        Self {
            at,
            paid_at: at,
            appid: String::new(),
            mchid: mchid.to_owned(),
            transaction_id,
            out_trade_no: out_trade_no.to_owned(),
            openid: String::new(),
            trade_type: "JSAPI",
            bank_type: "OTHERS".to_owned(),
            description: String::new(),
            attach: String::new(),
            kind: Kind::Payment { amount },
        }
    }

    /// Whether it is about the refund, or the payment of the order, of that number.
    pub(crate) fn is(&self, number: &str) -> bool {
        match &self.kind {
            Kind::Payment { .. } => self.out_trade_no == number,
            Kind::Refund { out_refund_no, .. } => out_refund_no == number,
        }
    }

    /// Says another amount.
    pub(crate) fn set_amount(&mut self, other: Fen) {
        match &mut self.kind {
            Kind::Payment { amount } | Kind::Refund { amount, .. } => *amount = other,
        }
    }

    /// Whether a bill of that type has it.
    pub(crate) fn belongs(&self, bill_type: BillType) -> bool {
        match (&self.kind, bill_type) {
            (_, BillType::All)
            | (Kind::Payment { .. }, BillType::Success)
            | (Kind::Refund { .. }, BillType::Refund) => true,
            (Kind::Payment { .. }, BillType::Refund) | (Kind::Refund { .. }, BillType::Success) => {
                false
            }
        }
    }

    fn ordered(&self) -> Fen {
        match self.kind {
            Kind::Payment { amount } => amount,
            Kind::Refund { .. } => Fen::ZERO,
        }
    }

    fn refunded(&self) -> Fen {
        match self.kind {
            Kind::Payment { .. } => Fen::ZERO,
            Kind::Refund { amount, .. } => amount,
        }
    }

    /// The value of a column.
    fn value(&self, column: &str) -> String {
        let (amount, refunded) = (self.ordered().to_string(), self.refunded().to_string());
        match column {
            "交易时间" => bill_time(self.paid_at),
            "公众账号ID" => self.appid.clone(),
            "商户号" => self.mchid.clone(),
            "特约商户号" => "0".to_owned(),
            "微信订单号" => self.transaction_id.clone(),
            "商户订单号" => self.out_trade_no.clone(),
            "用户标识" => self.openid.clone(),
            "交易类型" => self.trade_type.to_owned(),
            "付款银行" => self.bank_type.clone(),
            "货币种类" => "CNY".to_owned(),
            "应结订单金额" | "订单金额" => amount,
            "退款金额" | "申请退款金额" => refunded,
            "代金券金额" | "充值券退款金额" => Fen::ZERO.to_string(),
            "商品名称" => flat(&self.description),
            "商户数据包" => flat(&self.attach),
            "手续费" => "0.00000".to_owned(),
            "费率" => "0.00%".to_owned(),
            _ => self.refund_value(column),
        }
    }

    fn refund_value(&self, column: &str) -> String {
        match &self.kind {
            Kind::Payment { .. } => match column {
                "交易状态" => "SUCCESS",
                "微信退款单号" | "商户退款单号" => "0",
                _ => "",
            }
            .to_owned(),
            Kind::Refund {
                refund_id,
                out_refund_no,
                status,
                arrived_at,
                ..
            } => match column {
                "交易状态" => "REFUND".to_owned(),
                "微信退款单号" => refund_id.clone(),
                "商户退款单号" => out_refund_no.clone(),
                "退款类型" => "ORIGINAL".to_owned(),
                "退款状态" => (*status).to_owned(),
                "退款申请时间" => bill_time(self.at),
                "退款成功时间" => arrived_at.map(bill_time).unwrap_or_default(),
                _ => String::new(),
            },
        }
    }
}

/// Texts that people wrote: a comma becomes `\ `, and the end of a line `\n`.
fn flat(text: &str) -> String {
    text.replace(',', "\\ ").replace('\n', "\\n")
}

const BEFORE_REFUND: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,\
    交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额";
const REFUND_TIMES: &str = "退款申请时间,退款成功时间";
const REFUND: &str = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态";
const AFTER_REFUND: &str = "商品名称,商户数据包,手续费,费率,订单金额";
const REFUND_ASKED: &str = "申请退款金额";
const LAST: &str = "费率备注";
const SUMMARY: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,\
    申请退款总金额";

/// The header of a bill of that type: 27, 20 or 29 columns.
fn header(bill_type: BillType) -> String {
    let parts: &[&str] = match bill_type {
        BillType::All => &[BEFORE_REFUND, REFUND, AFTER_REFUND, REFUND_ASKED, LAST],
        BillType::Success => &[BEFORE_REFUND, AFTER_REFUND, LAST],
        BillType::Refund => &[
            BEFORE_REFUND,
            REFUND_TIMES,
            REFUND,
            AFTER_REFUND,
            REFUND_ASKED,
            LAST,
        ],
    };
    parts.join(",")
}

/// The whole file. Line ends and the missing byte order mark are as in the v3 bills that were seen.
pub(crate) fn file(bill_type: BillType, rows: &[Row]) -> String {
    let header = header(bill_type);
    let mut text = header.clone() + "\n";
    let ticked = |values: Vec<String>| format!("`{}\n", values.join(",`"));
    for row in rows {
        text += &ticked(header.split(',').map(|name| row.value(name)).collect());
    }
    let sum = |amount: fn(&Row) -> Fen| {
        let fen: i64 = rows.iter().map(|row| amount(row).get()).sum();
        format!("{}.{:02}", fen / 100, fen % 100)
    };
    let (ordered, refunded) = (sum(Row::ordered), sum(Row::refunded));
    text += SUMMARY;
    text += "\n";
    text += &ticked(vec![
        rows.len().to_string(),
        ordered.clone(),
        refunded.clone(),
        "0.00".to_owned(),
        "0.00000".to_owned(),
        ordered,
        refunded,
    ]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_has_as_many_columns_as_its_type() {
        for (bill_type, columns) in [
            (BillType::All, 27),
            (BillType::Success, 20),
            (BillType::Refund, 29),
        ] {
            assert_eq!(header(bill_type).split(',').count(), columns);
        }
    }
}
