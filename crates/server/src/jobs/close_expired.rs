//! Closes orders that nobody paid in time, after asking WeChat whether somebody just did. Also finishes
//! closes whose outcome was unknown.

use std::{sync::Arc, time::Duration};

use domain::{Exception, ExceptionKind, OrderNo, poll};
use futures_util::{StreamExt, stream};
use store::{Tx, exceptions, jobs, orders};
use tracing::{error, warn};

use super::{Job, Tick, kind};
use crate::{
    app::App,
    flows::{FlowError, close_order::close_order},
    merchant::Merchant,
};

pub(super) struct CloseExpired;

impl Job for CloseExpired {
    const NAME: &'static str = "close_expired";

    fn every(&self, app: &App) -> Duration {
        app.settings.jobs.tick()
    }

    async fn tick(&self, app: &App) -> anyhow::Result<Tick> {
        let mut tick = Tick::Idle;
        for merchant in app.merchants.iter() {
            if claim_and_close(app, merchant).await? == Tick::More {
                tick = Tick::More;
            }
        }
        Ok(tick)
    }
}

async fn claim_and_close(app: &App, merchant: &Arc<Merchant>) -> anyhow::Result<Tick> {
    let settings = &app.settings.jobs;
    let now = app.clock.now();
    let mch_id = &merchant.mch_id;
    let due = jobs::claim(
        &app.store,
        mch_id,
        kind::CLOSE,
        now,
        settings.lease(),
        settings.batch,
    )
    .await?;
    let full = u32::try_from(due.len()).is_ok_and(|claimed| claimed >= settings.batch);
    let width = usize::try_from(settings.concurrency).unwrap_or(1);
    stream::iter(due)
        .for_each_concurrent(width, |job| async move {
            if let Err(error) = close_one(app, merchant, &job).await {
                warn!(order.no = %job.subject, "could not close order: {:#}", anyhow::Error::from(error));
            }
        })
        .await;
    Ok(if full { Tick::More } else { Tick::Idle })
}

async fn close_one(app: &App, merchant: &Merchant, job: &jobs::Job) -> Result<(), FlowError> {
    let order_no = OrderNo::new(job.subject.as_str()).map_err(anyhow::Error::from)?;
    let outcome = match orders::get(&app.store, &merchant.mch_id, &order_no).await? {
        Some(order) => close_order(app, merchant, order).await.map(drop),
        None => Ok(()),
    };
    let mut tx = Tx::new("close_step");
    let again = match &outcome {
        // Closed, paid, or an exception that a human has: either way there is nothing more to ask.
        Ok(()) => None,
        Err(_) => poll::retry_close(job.attempts, app.clock.now()),
    };
    match again {
        Some(due) => jobs::reschedule(&mut tx, job, due),
        None => {
            jobs::finish(&mut tx, job);
            if let Err(error) = &outcome {
                give_up(app, &mut tx, merchant, &order_no, error);
            }
        }
    }
    app.commit(tx).await?;
    outcome
}

/// A week of attempts: WeChat itself has closed the order by now, but nobody told us so.
fn give_up(app: &App, tx: &mut Tx, merchant: &Merchant, order_no: &OrderNo, error: &FlowError) {
    error!(order.no = %order_no, "an order could not be closed for a week; look at it by hand: {error}");
    exceptions::insert(
        tx,
        &Exception {
            mch_id: merchant.mch_id.clone(),
            order_no: order_no.clone(),
            kind: ExceptionKind::CannotClose,
            fact: String::new(),
            detail: "the order could not be closed for a week; look at the merchant platform"
                .into(),
            at: app.clock.now(),
        },
    );
}
