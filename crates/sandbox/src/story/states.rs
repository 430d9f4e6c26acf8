//! What changed in WeChat's books, before anybody is told.

use super::words::{self, Words};
use super::{Entry, Kind, Outcome, Party, link, refund_words};
use crate::ledger::{Became, Change};
use crate::platform::Platform;

/// Tells what the books have noted down since the last time.
pub(crate) fn tell(platform: &Platform) {
    if !platform.story.is_told() {
        return;
    }
    let changes = platform.ledger().take_changes();
    for change in changes {
        platform.story.tell(entry(platform, change));
    }
}

fn entry(platform: &Platform, change: Change) -> Entry {
    let (title, says) = words_of(&change.became);
    let parties = (Party::Platform, Party::Platform);
    let mut entry = Entry::new(change.at, Kind::State, parties, title);
    entry.says = Some(says);
    entry.trade_state = trade_state(&change.became);
    entry.refund_status = refund_status(&change.became);
    entry.outcome = Outcome::Ok;
    entry.user = link::payer(platform, Some(&change.key.out_trade_no));
    entry.mchid = Some(change.key.mchid);
    entry.out_trade_no = Some(change.key.out_trade_no);
    entry
}

/// An order is `REFUND` from the acceptance on; what becomes of the refund does not change it.
fn trade_state(became: &Became) -> Option<&'static str> {
    match became {
        Became::NotPay { .. } => Some("NOTPAY"),
        Became::Success { .. } => Some("SUCCESS"),
        Became::ClosedByMerchant | Became::ClosedByAge => Some("CLOSED"),
        Became::Refund(refund) => refund.is_acceptance().then_some("REFUND"),
    }
}

fn refund_status(became: &Became) -> Option<&'static str> {
    match became {
        Became::Refund(refund) => Some(refund.status.name()),
        Became::NotPay { .. }
        | Became::Success { .. }
        | Became::ClosedByMerchant
        | Became::ClosedByAge => None,
    }
}

fn words_of(became: &Became) -> (Words, Words) {
    match became {
        Became::NotPay { amount } => (
            ("订单：未支付 NOTPAY", "Order: NOTPAY").into(),
            (
                format!("微信记下了这笔订单：{amount} 元，等人来付。"),
                format!("WeChat has booked the order: {amount} yuan, waiting to be paid."),
            )
                .into(),
        ),
        Became::Success { transaction_id } => (
            ("订单：已支付 SUCCESS", "Order: SUCCESS").into(),
            (
                format!("钱已付，微信订单号 {transaction_id}。商户服务器此刻还不知道：要等通知，或自己去查。"),
                format!(
                    "the money is taken, transaction {transaction_id}. The merchant's server does \
                     not know yet: it waits for the notification, or asks."
                ),
            )
                .into(),
        ),
        Became::ClosedByMerchant => (
            ("订单：已关闭 CLOSED", "Order: CLOSED").into(),
            words::CLOSED_BY_MERCHANT.into(),
        ),
        Became::ClosedByAge => (
            ("订单：已关闭 CLOSED", "Order: CLOSED").into(),
            words::CLOSED_BY_AGE.into(),
        ),
        Became::Refund(refund) => refund_words::state(refund),
    }
}
