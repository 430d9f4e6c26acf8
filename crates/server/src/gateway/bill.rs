//! Rows of bills, between WeChat's words and ours.

use domain::{
    MchId, RefundNo, TransactionId,
    reconcile::{BillEntry, Subject},
};
use wechatpay::{RowKind, TradeRow};

/// Reads a row of the bill. What was not a payment or a refund in CNY to this merchant has no place
/// in our books.
///
/// # Errors
/// What is wrong with it, in words that name nobody.
pub fn read_bill_row(mch_id: &MchId, row: &TradeRow) -> Result<BillEntry, &'static str> {
    if row.mchid != mch_id.as_str() {
        return Err("it is another merchant's");
    }
    if row.currency != "CNY" {
        return Err("its currency is not CNY");
    }
    let transaction_id = TransactionId::new(row.transaction_id.as_str())
        .map_err(|_| "its payment has no number that we can keep")?;
    let (subject, amount) = match &row.kind {
        RowKind::Payment { amount, .. } => (Subject::payment(transaction_id), *amount),
        RowKind::Refund(refund) => {
            let refund_no = RefundNo::new(refund.out_refund_no.as_str())
                .map_err(|_| "its refund has no number that we can keep")?;
            (Subject::refund(transaction_id, refund_no), refund.amount)
        }
        RowKind::Unknown(_) => return Err("it is neither a payment nor a refund"),
    };
    Ok(BillEntry {
        subject,
        order_no: row.out_trade_no.as_str().to_owned(),
        amount,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wechatpay::TradeBill;

    const HEADER: &str = "交易时间,商户号,微信订单号,商户订单号,交易状态,货币种类,应结订单金额,\
        代金券金额,微信退款单号,商户退款单号,退款金额,订单金额,申请退款金额";
    const PAID: &str = "`2026-11-23 22:38:41,`1900000100,`4200001,`20261123223841,`SUCCESS,`CNY,\
        `17.00,`0.00,`0,`0,`0.00,`17.90,`0.00";
    const REFUNDED: &str = "`2026-11-23 22:38:41,`1900000100,`4200001,`20261123223841,`REFUND,`CNY,\
        `0.00,`0.00,`50300,`R1,`4.00,`0.00,`5.00";

    fn reading(row: &str) -> Result<BillEntry, &'static str> {
        let text = format!("{HEADER}\n{row}\n");
        let mut bill = TradeBill::new(text.as_bytes()).unwrap();
        let row = bill.next_row().unwrap().unwrap().unwrap();
        read_bill_row(&MchId::new("1900000100").unwrap(), &row)
    }

    #[test]
    fn a_payment_is_the_orders_total_and_a_refund_what_was_asked_for() {
        let paid = reading(PAID).unwrap();
        assert_eq!(
            (paid.subject.number(), paid.amount.get()),
            ("4200001", 1790)
        );
        let refund = reading(REFUNDED).unwrap();
        assert_eq!((refund.subject.number(), refund.amount.get()), ("R1", 500));
        assert_eq!(refund.subject.transaction_id.as_str(), "4200001");
        assert_eq!(refund.order_no, "20261123223841");
    }

    #[test]
    fn what_has_no_place_in_our_books_is_named() {
        for (from, to) in [
            ("`1900000100", "`1900000101"),
            ("`CNY", "`USD"),
            ("`SUCCESS", "`REVOKED"),
        ] {
            assert!(reading(&PAID.replace(from, to)).is_err(), "{to}");
        }
        assert!(reading(&REFUNDED.replace("`R1", "`R 1")).is_err());
    }
}
