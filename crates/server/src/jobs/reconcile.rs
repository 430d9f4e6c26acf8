//! Compares each day's bill with the books, from 10:00 of the next day on.
//!
//! A day is a row in the jobs table: put when the day should have been compared and was not, leased
//! while somebody does it, tried again every half an hour while there is no bill, and gone when the
//! day is done. Whether it should be there is read from what was done, so that a lost row comes
//! back.

use std::time::Duration;

use domain::{BillDay, Millis, reconcile};
use store::{Tx, jobs, reconciliations};
use tracing::{error, warn};

use super::{Job, Tick, kind};
use crate::{
    app::App,
    flows::reconcile::{ReconcileError, Reconciled, reconcile as reconcile_day},
    limits::pace::in_background,
    merchant::Merchant,
};

/// How often it is looked whether a day is due. Nobody waits for it.
const EVERY: Duration = Duration::from_secs(60);

/// How long a day belongs to who compares it. A download may take ten minutes; whoever takes longer
/// does it at the same time as another, which does no harm.
pub(super) const LEASE: Duration = Duration::from_secs(1800);

pub(super) struct Reconcile;

impl Job for Reconcile {
    const NAME: &'static str = "reconcile";

    fn every(&self, _: &App) -> Duration {
        EVERY
    }

    async fn tick(&self, app: &App) -> anyhow::Result<Tick> {
        if !app.settings.reconciliation.enabled {
            return Ok(Tick::Idle);
        }
        let mut tick = Tick::Idle;
        for merchant in app.merchants.iter() {
            put_due_days(app, &merchant).await?;
            let (mch_id, now) = (&merchant.mch_id, app.clock.now());
            for job in jobs::claim(&app.store, mch_id, kind::RECONCILE, now, LEASE, 1).await? {
                tick = Tick::More;
                step(app, &merchant, &job).await?;
            }
        }
        Ok(tick)
    }
}

async fn put_due_days(app: &App, merchant: &Merchant) -> anyhow::Result<()> {
    let mch_id = &merchant.mch_id;
    let latest = reconciliations::latest(&app.store, mch_id).await?;
    for day in reconcile::due_days(latest, app.clock.now()) {
        // A day that was tried in vain has its row, or was given up.
        if reconciliations::get(&app.store, mch_id, day)
            .await?
            .is_some()
        {
            continue;
        }
        let mut tx = Tx::new("put_reconciliation");
        let due = reconcile::first_look(day);
        jobs::put_new(&mut tx, mch_id, kind::RECONCILE, &day.to_string(), due);
        app.commit(tx).await?;
    }
    Ok(())
}

async fn step(app: &App, merchant: &Merchant, job: &jobs::Job) -> anyhow::Result<()> {
    let day = BillDay::parse(&job.subject)?;
    let outcome = in_background(reconcile_day(app, merchant, day, &|_| {})).await;
    let again = again(app, &outcome, job.attempts);
    report(merchant, day, &outcome, again);
    let mut tx = Tx::new("release_reconciliation");
    match again {
        Some(due) => jobs::reschedule(&mut tx, job, due),
        None => jobs::finish(&mut tx, job),
    }
    app.commit(tx).await?;
    Ok(())
}

/// When the day is tried again, if at all.
fn again(app: &App, outcome: &Result<Reconciled, ReconcileError>, looks: u32) -> Option<Millis> {
    match outcome {
        Ok(reconciled) if reconciled.unanswered == 0 => None,
        Ok(_) | Err(_) => reconcile::next_look(looks, app.clock.now()),
    }
}

fn report(
    merchant: &Merchant,
    day: BillDay,
    outcome: &Result<Reconciled, ReconcileError>,
    again: Option<Millis>,
) {
    let Err(failed) = outcome else {
        return;
    };
    let cause =
        std::error::Error::source(failed).map_or_else(String::new, |source| format!(": {source}"));
    match again {
        Some(due) => warn!(
            merchant = %merchant.key, bill.day = %day,
            "the bill of {day} was not compared and will be tried again at {due}: {failed}{cause}"
        ),
        None => error!(
            merchant = %merchant.key, bill.day = %day,
            "the bill of {day} was not compared and is given up; when the cause is gone, run \
             `shouyin reconcile --date {day}`: {failed}{cause}"
        ),
    }
}
