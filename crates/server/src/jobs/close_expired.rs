//! Closes orders that nobody paid in time, after asking WeChat whether somebody just did. Also
//! finishes closes whose outcome was unknown.

use domain::{Exception, ExceptionKind, OrderNo, poll};
use store::{Tx, exceptions, jobs, orders};
use tracing::{error, info};

use super::{
    each_due::{Step, Stepped},
    kind,
};
use crate::{
    app::App,
    flows::{FlowError, close_order::close_order},
    merchant::Merchant,
};

pub(super) struct CloseExpired;

impl Step for CloseExpired {
    const NAME: &'static str = "close_expired";
    const KIND: &'static str = kind::CLOSE;

    async fn step(app: &App, merchant: &Merchant, job: &jobs::Job) -> Result<Stepped, FlowError> {
        let order_no = OrderNo::new(job.subject.as_str()).map_err(anyhow::Error::from)?;
        let outcome = match orders::get(&app.store, &merchant.mch_id, &order_no).await? {
            Some(order) => close_order(app, merchant, order).await.map(drop),
            None => Ok(()),
        };
        let mut tx = Tx::new("close_step");
        let stepped = match outcome {
            // Closed, paid, or an exception that a human has: there is nothing more to ask.
            Ok(()) => {
                jobs::finish(&mut tx, job);
                Stepped::Done
            }
            Err(error) => try_again(app, &mut tx, merchant, job, &order_no, error),
        };
        app.commit(tx).await?;
        Ok(stepped)
    }
}

fn try_again(
    app: &App,
    tx: &mut Tx,
    merchant: &Merchant,
    job: &jobs::Job,
    order_no: &OrderNo,
    error: FlowError,
) -> Stepped {
    let error = anyhow::Error::from(error);
    let now = app.clock.now();
    if let Some(due) = poll::retry_close(job.attempts, now) {
        info!(order.no = %order_no, "a close comes again at {due}: {error:#}");
        jobs::reschedule(tx, job, due);
        return Stepped::Again;
    }
    // WeChat itself has closed the order by now, but nobody told us so.
    error!(order.no = %order_no, "an order could not be closed for a week; look at it: {error:#}");
    jobs::finish(tx, job);
    exceptions::insert(
        tx,
        &Exception {
            mch_id: merchant.mch_id.clone(),
            order_no: order_no.clone(),
            kind: ExceptionKind::CannotClose,
            fact: String::new(),
            detail: "not closed after a week of attempts; look at the merchant platform".into(),
            at: now,
        },
    );
    Stepped::Done
}
