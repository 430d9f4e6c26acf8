//! `POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close`
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4012791860

use super::query::no_such_order;
use super::{read_body, same_merchant};
use crate::gateway::{Incoming, Outcome, Success};
use crate::ledger::{Merchant, OrderKey, State};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::settings::UnknownClose;
use crate::wire::prepay::OUT_TRADE_NO;
use crate::wire::small::{CLOSE, CloseRequest};
use crate::wire::{Source, check_text};

const ORDER_PAID: u32 = 268_449_538;

pub(super) fn run(
    platform: &Platform,
    merchant: &Merchant,
    number: &str,
    incoming: &Incoming,
) -> Outcome {
    check_text(
        Source::UriTemplate,
        "out_trade_no",
        "商户订单号",
        number,
        OUT_TRADE_NO,
    )?;
    let (request, _) = read_body::<CloseRequest>(incoming, CLOSE)?;
    same_merchant(merchant, &request.mchid)?;
    let settings = platform.settings();
    let now = platform.clock.now();
    let key = OrderKey {
        mchid: merchant.mchid.clone(),
        out_trade_no: number.to_owned(),
    };
    let mut ledger = platform.ledger();
    let Some(order) = ledger.order(&key, now) else {
        return match settings.unknown_close {
            UnknownClose::NotFound => Err(no_such_order(&settings)),
            UnknownClose::NoContent => {
                ledger.burnt.insert(key);
                Ok(Success::NoContent)
            }
        };
    };
    match order.state {
        State::Success(_) => {
            let code = settings.spelling.order_paid();
            Err(Refusal::new(400, code, "该订单已支付", ORDER_PAID))
        }
        // Closing again is fine: the call is re-entrant.
        State::NotPay | State::Closed => {
            ledger.close(&key, now);
            Ok(Success::NoContent)
        }
    }
}
