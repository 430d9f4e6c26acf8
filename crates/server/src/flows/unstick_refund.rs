//! The operator names another way for a refund that is stuck.
//!
//! 1. read the refund: only one that is `abnormal` has this way;
//! 2. ask WeChat, with no transaction open; card and name are encrypted and never kept here;
//! 3. what it answers is settled by [`super::settle_refund`].
//!
//! | crash or failure | what is left |
//! |---|---|
//! | outcome unknown | `abnormal`, and the job asks soon: should WeChat have taken it, the refund moves on |
//! | refused | `abnormal`: correct the card and call again |

use std::time::Duration;

use domain::{Refund, RefundNo, RefundState};
use store::{Tx, jobs};
use wechatpay::{AbnormalRefund, Operation, RefundTo};

use super::{FlowError, request_refund::read, submit_refund::settle_answer};
use crate::{app::App, gateway, jobs::kind, merchant::Merchant};

/// After an unknown outcome WeChat is asked this soon.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// # Errors
/// `RefundNotAbnormal`; `GatewayUnavailable` when WeChat gave no certain answer, and the same call
/// may be made again; `GatewayRefused` when it said no.
pub async fn unstick_refund(
    app: &App,
    merchant: &Merchant,
    refund_no: &RefundNo,
    to: RefundTo,
) -> Result<Refund, FlowError> {
    let refund = read(app, merchant, refund_no).await?;
    let RefundState::Abnormal { refund_id, .. } = &refund.state else {
        return Err(FlowError::RefundNotAbnormal {
            refund_no: refund_no.clone(),
            state: refund.state.name(),
        });
    };
    let request = AbnormalRefund {
        refund_id: wechatpay::RefundId::new(refund_id.as_str()).map_err(anyhow::Error::from)?,
        out_refund_no: gateway::out_refund_no(refund_no)?,
        to,
    };
    let call = merchant.client.apply_abnormal_refund(&request);
    match merchant.call(Operation::RefundApply, call).await {
        Ok(answer) => settle_answer(app, merchant, refund, &answer).await,
        Err(error) => {
            let error = FlowError::from_gateway(error);
            if matches!(error, FlowError::GatewayUnavailable(_)) {
                let mut tx = Tx::new("refund_later");
                let due = app.clock.now().plus(ASK_AGAIN);
                jobs::put(
                    &mut tx,
                    &merchant.mch_id,
                    kind::REFUND,
                    refund_no.as_str(),
                    due,
                );
                app.commit(tx).await?;
            }
            Err(error)
        }
    }
}
