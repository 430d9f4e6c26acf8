//! Whether a refund can be accepted, in the order in which the platform looks (uncertain).

use jiff::Timestamp;

use crate::clock::later;
use crate::ledger::{
    Ledger, MAX_PARTS, Order, OrderKey, Payment, REFUND_WINDOW_SECONDS, RefundLuck, State,
};
use crate::refusal::{ILLEGAL_PARAMETER, Refusal};
use crate::settings::{Settings, ShortOfFunds};
use crate::wire::refund::{RefundAmount, RefundRequest};

const NO_SUCH_ORDER: u32 = 268_512_771;
const OTHER_MERCHANT: u32 = 268_447_843;

/// A request, by whom and when.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    mchid: &'a str,
    request: &'a RefundRequest,
    now: Timestamp,
}

impl<'a> Asked<'a> {
    pub(super) fn new(mchid: &'a str, request: &'a RefundRequest, now: Timestamp) -> Self {
        Self {
            mchid,
            request,
            now,
        }
    }
}

/// The order that is meant; whether it exists is not looked at. Of both numbers `transaction_id`
/// decides, and the other has to agree.
pub(super) fn find_order(ledger: &Ledger, asked: &Asked<'_>) -> Result<OrderKey, Refusal> {
    let RefundRequest {
        transaction_id,
        out_trade_no,
        ..
    } = asked.request;
    let Some(id) = transaction_id else {
        let message = "transaction_id与out_trade_no必须二选一";
        let missing = || Refusal::parameter(message, ILLEGAL_PARAMETER);
        return Ok(OrderKey {
            mchid: asked.mchid.to_owned(),
            out_trade_no: out_trade_no.clone().ok_or_else(missing)?,
        });
    };
    let key = ledger.transactions.get(id).ok_or_else(no_such_order)?;
    if key.mchid != asked.mchid {
        let refusal = Refusal::invalid("商户号和订单信息不匹配");
        return Err(refusal.with_internal(OTHER_MERCHANT));
    }
    match out_trade_no {
        Some(number) if *number != key.out_trade_no => {
            Err(Refusal::invalid("微信支付订单号与商户订单号不是同一笔订单"))
        }
        Some(_) | None => Ok(key.clone()),
    }
}

/// The payment that the money is taken back from.
pub(super) fn check(
    ledger: &mut Ledger,
    asked: &Asked<'_>,
    key: &OrderKey,
    settings: &Settings,
) -> Result<Payment, Refusal> {
    let left = ledger.refundable(key);
    let order = ledger.order(key, asked.now).ok_or_else(no_such_order)?;
    let State::Success(payment) = &order.state else {
        return Err(no_such_order());
    };
    let (payment, amount) = (payment.clone(), &asked.request.amount);
    if amount.total != order.amount {
        return Err(Refusal::invalid("订单金额与原订单不一致"));
    }
    if left.is_zero() {
        return Err(Refusal::invalid("订单已全额退款"));
    }
    if amount.refund > left {
        return Err(Refusal::invalid("退款金额大于可退金额"));
    }
    if order.parts >= MAX_PARTS {
        return Err(Refusal::invalid("一笔订单最多退款50次"));
    }
    if asked.now > later(payment.paid_at, REFUND_WINDOW_SECONDS) {
        // The status is uncertain.
        let (code, message) = ("TRADE_OVERDUE", "订单已超过可退款的最大期限");
        return Err(Refusal::new(403, code, message, ILLEGAL_PARAMETER));
    }
    check_from(order, amount)?;
    check_accounts(ledger, asked, key, settings)?;
    Ok(payment)
}

fn no_such_order() -> Refusal {
    let code = "RESOURCE_NOT_EXISTS";
    Refusal::new(404, code, "订单不存在或未支付", NO_SUCH_ORDER)
}

/// Accounts can only be named for an order with profit sharing.
fn check_from(order: &Order, amount: &RefundAmount) -> Result<(), Refusal> {
    let Some(first) = amount.from.first() else {
        return Ok(());
    };
    if order.parameters.pointer("/settle_info/profit_sharing") != Some(&true.into()) {
        return Err(Refusal::invalid("非分账订单不能指定退款出资账户"));
    }
    let others = &amount.from[1..];
    if amount.from.len() > 2 || others.iter().any(|from| from.account == first.account) {
        return Err(Refusal::invalid("退款出资账户类型不能重复"));
    }
    let sum: i64 = amount.from.iter().map(|from| from.amount.get()).sum();
    if sum != amount.refund.get() {
        return Err(Refusal::invalid("出资金额之和与退款金额不一致"));
    }
    Ok(())
}

/// The payer's account and the merchant's.
fn check_accounts(
    ledger: &Ledger,
    asked: &Asked<'_>,
    key: &OrderKey,
    settings: &Settings,
) -> Result<(), Refusal> {
    if ledger.luck_of_payer(key) == RefundLuck::Refused {
        let (code, message) = ("USER_ACCOUNT_ABNORMAL", "用户账号注销");
        return Err(Refusal::new(403, code, message, ILLEGAL_PARAMETER));
    }
    let merchant = ledger.merchants.get(asked.mchid);
    let balance = merchant.and_then(|merchant| merchant.balance);
    let is_short = balance.is_some_and(|balance| balance < asked.request.amount.refund);
    if is_short && settings.short_of_funds == ShortOfFunds::Refused {
        let (code, message) = ("NOT_ENOUGH", "账户可用余额不足，请充值后重新发起");
        return Err(Refusal::new(403, code, message, ILLEGAL_PARAMETER));
    }
    Ok(())
}
