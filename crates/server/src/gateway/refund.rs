//! Refunds, between WeChat's words and ours.

use domain::{MchId, Millis, ReceivedAccount, Refund, RefundFact, RefundStatus};
use wechatpay::{CreateRefund, RefundNotice, RefundOf, RefundReason};

use super::ours;
use crate::flows::FlowError;

/// The refund request, every parameter from the row: the same row always gives the same request.
pub fn create_refund(refund: &Refund) -> Result<CreateRefund, FlowError> {
    let notify_url = refund.notify_url.as_deref().unwrap_or_default();
    let reason = refund.reason.as_deref().map(RefundReason::new).transpose();
    Ok(CreateRefund {
        of: RefundOf::Transaction(super::transaction_id(&refund.transaction_id)?),
        out_refund_no: out_refund_no(&refund.refund_no)?,
        reason: ours(reason)?,
        notify_url: ours(wechatpay::NotifyUrl::new(notify_url))?,
        refund: refund.amount,
        total: refund.total,
    })
}

pub fn out_refund_no(refund_no: &domain::RefundNo) -> Result<wechatpay::OutRefundNo, FlowError> {
    ours(wechatpay::OutRefundNo::new(refund_no.as_str()))
}

/// Reads a verified answer to a request or a query. `None` when it says nothing that we know:
/// nothing may be concluded from it.
///
/// # Errors
/// When a refund that arrived lacks its time: nothing may be guessed about money.
pub fn read_refund(
    mch_id: &MchId,
    refund: &wechatpay::Refund,
) -> Result<Option<RefundFact>, FlowError> {
    let account = refund.user_received_account.as_ref();
    let Some(status) = status(&refund.status, refund.success_time, account)? else {
        return Ok(None);
    };
    Ok(Some(RefundFact {
        mch_id: mch_id.clone(),
        refund_no: ours(domain::RefundNo::new(refund.out_refund_no.as_str()))?,
        refund_id: ours(domain::RefundId::new(refund.refund_id.as_str()))?,
        order_no: ours(domain::OrderNo::new(refund.out_trade_no.as_str()))?,
        transaction_id: ours(domain::TransactionId::new(refund.transaction_id.as_str()))?,
        amount: refund.amount.refund,
        total: refund.amount.total,
        status,
    }))
}

/// Reads a verified notification; else as [`read_refund`].
///
/// # Errors
/// As [`read_refund`].
pub fn read_refund_notice(notice: &RefundNotice) -> Result<Option<RefundFact>, FlowError> {
    let account = notice.user_received_account.as_ref();
    let Some(status) = status(&notice.refund_status, notice.success_time, account)? else {
        return Ok(None);
    };
    Ok(Some(RefundFact {
        mch_id: ours(MchId::new(notice.mchid.as_str()))?,
        refund_no: ours(domain::RefundNo::new(notice.out_refund_no.as_str()))?,
        refund_id: ours(domain::RefundId::new(notice.refund_id.as_str()))?,
        order_no: ours(domain::OrderNo::new(notice.out_trade_no.as_str()))?,
        transaction_id: ours(domain::TransactionId::new(notice.transaction_id.as_str()))?,
        amount: notice.amount.refund,
        total: notice.amount.total,
        status,
    }))
}

fn status(
    word: &wechatpay::RefundStatus,
    success_time: Option<jiff::Timestamp>,
    account: Option<&wechatpay::ReceivedAccount>,
) -> Result<Option<RefundStatus>, FlowError> {
    Ok(match word {
        wechatpay::RefundStatus::Processing => Some(RefundStatus::Processing),
        wechatpay::RefundStatus::Success => {
            let at = success_time
                .ok_or_else(|| anyhow::anyhow!("a refund that arrived lacks `success_time`"))?;
            Some(RefundStatus::Succeeded {
                at: Millis(at.as_millisecond()),
                received_account: account.map(|account| ReceivedAccount(account.0.clone())),
            })
        }
        wechatpay::RefundStatus::Closed => Some(RefundStatus::Closed),
        wechatpay::RefundStatus::Abnormal => Some(RefundStatus::Abnormal),
        wechatpay::RefundStatus::Unknown(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(status: &str) -> RefundNotice {
        serde_json::from_value(serde_json::json!({
            "mchid": "1900000100", "transaction_id": "4200001", "out_trade_no": "20261123223841",
            "refund_id": "50200001", "out_refund_no": "R1", "refund_status": status,
            "success_time": "2026-11-23T22:38:41+08:00", "user_received_account": "支付用户零钱",
            "amount": {"total": 999, "refund": 500, "payer_total": 999, "payer_refund": 500}
        }))
        .unwrap()
    }

    #[test]
    fn a_notice_and_an_answer_say_the_same() {
        let answer = serde_json::json!({
            "transaction_id": "4200001", "out_trade_no": "20261123223841",
            "refund_id": "50200001", "out_refund_no": "R1", "status": "SUCCESS",
            "success_time": "2026-11-23T22:38:41+08:00", "user_received_account": "支付用户零钱",
            "amount": {"total": 999, "refund": 500}
        });
        let mch_id = MchId::new("1900000100").unwrap();
        let answer = read_refund(&mch_id, &serde_json::from_value(answer).unwrap());
        let notice = read_refund_notice(&notice("SUCCESS"));
        let notice = notice.unwrap().unwrap();
        assert_eq!(answer.unwrap().unwrap(), notice);
        assert_eq!((notice.amount.get(), notice.total.get()), (500, 999));
    }

    #[test]
    fn nothing_is_guessed_about_a_refund() {
        assert!(matches!(
            read_refund_notice(&notice("SOMETHING_NEW")),
            Ok(None)
        ));
        let mut timeless = notice("SUCCESS");
        timeless.success_time = None;
        let read = read_refund_notice(&timeless);
        assert!(matches!(read, Err(FlowError::Internal(_))));
    }
}
