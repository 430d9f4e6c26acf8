//! `POST /v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund`
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4013071193; the texts of the refusals are made up.

use super::check_query;
use super::echo::key_of;
use super::read_body;
use super::refund::no_such_refund;
use crate::clock::later;
use crate::gateway::{Incoming, Outcome, Success};
use crate::ledger::{Destination, Ledger, Merchant, Refund, RefundStatus};
use crate::platform::Platform;
use crate::refusal::{ILLEGAL_PARAMETER, Refusal};
use crate::wire::refund::{
    ABNORMAL_REFUND, AbnormalKind, AbnormalRefundRequest as Request, REFUND_ID,
};
use crate::wire::refund_answer::answer;
use crate::wire::{Source, check_text, require};

/// So many digits of the card stand in answers.
const TAIL: usize = 4;

pub(super) fn run(
    platform: &Platform,
    merchant: &Merchant,
    id: &str,
    incoming: &Incoming,
) -> Outcome {
    let (name, title) = ("refund_id", "微信支付退款单号");
    check_text(Source::UriTemplate, name, title, id, REFUND_ID)?;
    check_query(incoming, &[])?;
    let (request, _) = read_body::<Request>(incoming, ABNORMAL_REFUND)?;
    let destination = match request.kind {
        AbnormalKind::MerchantBankCard => Destination::MerchantCard,
        AbnormalKind::UserBankCard => card(platform, merchant, &request, incoming)?,
    };
    let settings = platform.settings();
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    let refund = find(&ledger, merchant, id, &request)?;
    let refund = match refund.status {
        RefundStatus::Abnormal => {
            let due = later(now, settings.refund_seconds.into());
            let redirected = ledger.redirect_refund(&refund.key, destination, (now, due));
            redirected.ok_or_else(no_such_refund)?
        }
        // Asked for before: whether the platform answers a repeat so is uncertain.
        RefundStatus::Processing | RefundStatus::Success(_)
            if refund.destination == destination =>
        {
            refund
        }
        RefundStatus::Processing | RefundStatus::Success(_) | RefundStatus::Closed => {
            return Err(Refusal::invalid("退款单状态不是退款异常，不能发起异常退款"));
        }
    };
    drop(ledger);
    platform.clock.wake();
    Ok(Success::json(&answer(&refund)))
}

fn find(
    ledger: &Ledger,
    merchant: &Merchant,
    id: &str,
    request: &Request,
) -> Result<Refund, Refusal> {
    let refund = ledger.refunds.by_id(id);
    let own = refund.filter(|refund| refund.key.mchid == merchant.mchid);
    let refund = own.ok_or_else(no_such_refund)?;
    if refund.key.out_refund_no != request.out_refund_no {
        return Err(Refusal::invalid("商户退款单号与微信支付退款单号不匹配"));
    }
    Ok(refund.clone())
}

/// The payer's card. Number and name come sealed with the key that `Wechatpay-Serial` names.
fn card(
    platform: &Platform,
    merchant: &Merchant,
    request: &Request,
    incoming: &Incoming,
) -> Result<Destination, Refusal> {
    let missing = |name, title| move || require(Source::Body, name, title);
    let Request {
        bank_type,
        bank_account,
        real_name,
        ..
    } = request;
    let bank_type = bank_type.clone();
    let bank_type = bank_type.ok_or_else(missing("bank_type", "开户银行"))?;
    let account = bank_account.as_deref();
    let account = account.ok_or_else(missing("bank_account", "收款银行卡号"))?;
    let name = real_name.as_deref();
    let name = name.ok_or_else(missing("real_name", "收款用户姓名"))?;
    let key = key_of(platform, merchant, incoming.header("wechatpay-serial"))?;
    let open = |sealed: &str| {
        let opened = key.decrypt_oaep(sealed).ok();
        let opened = opened.and_then(|bytes| String::from_utf8(bytes).ok());
        let text = opened.filter(|text| !text.is_empty());
        text.ok_or_else(|| Refusal::parameter("解密失败", ILLEGAL_PARAMETER))
    };
    let account = open(account)?;
    open(name)?;
    if !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::parameter("收款银行卡号错误", ILLEGAL_PARAMETER));
    }
    let tail = account[account.len().saturating_sub(TAIL)..].to_owned();
    Ok(Destination::UserCard { bank_type, tail })
}
