//! Yesterday's bill held against the books, so that what every other way has missed is found.
//!
//! 1. apply for the bill, download it (into a file without a name when it is long), and verify its
//!    hash;
//! 2. read it through once, and refuse it when it is not whole;
//! 3. part by part, in bounded memory: rows against books, each difference in a transaction of its
//!    own with its event;
//! 4. one transaction says that the day is done; what an earlier run found and this one did not is
//!    settled in it;
//! 5. what the bill of the day before lacked, and this one has not either, is told of;
//! 6. WeChat is asked about what the books do not know, and its answer enters by the same flows as
//!    everything else.
//!
//! | a crash after | leaves | and then |
//! |---|---|---|
//! | 1, 2 | nothing: a file had no name | the day begins again |
//! | a part of 3 | some differences, each whole | the same: what is listed is not listed again |
//! | 4 | the day done, its waits and questions not | the same |
//! | 6 | the payment booked, its difference open | the next run finds that both agree |
//!
//! Two who do this at once find the same, and what one of them has listed the other passes over.

mod bill;
mod compare;
mod fetch;
mod read;
mod settle;

use std::io;

use domain::BillDay;
use store::{
    StoreError, Tx,
    reconciliations::{self, Reconciliation, RunState, differences},
};
use tracing::{error, info, warn};
use wechatpay::{BillError, TradeTotals};

use super::FlowError;
use crate::{app::App, merchant::Merchant, telemetry::names};

/// How many lines that cannot be read are named in the run and in the log; the rest are counted.
const NAMED_MAX: usize = 20;

/// Why there was nothing to compare. The day can be tried again, whatever it is.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    #[error("the bill of {0} is not ready yet; there is one after 10:00 of the next day")]
    NotReady(BillDay),
    #[error("WeChat Pay gave no bill")]
    Gateway(#[source] wechatpay::Error),
    #[error("what came is not a whole bill")]
    NotABill(#[from] BillError),
    #[error("the bill cannot be kept in the temporary folder")]
    Disk(#[from] io::Error),
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl From<StoreError> for ReconcileError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Reconciled {
    /// As it was recorded.
    pub run: Reconciliation,
    /// Differences that this run was the first to tell of.
    pub announced: u64,
    /// Questions to which WeChat gave no certain answer: to be asked again.
    pub unanswered: u64,
}

/// How far a run is, for somebody who watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The bill is here, and whole.
    Fetched { rows: u64 },
    /// So many parts of it were compared.
    Compared { parts: u64, of: u64 },
}

/// Compares one day of one merchant. Safe to repeat and to run twice at once.
///
/// # Errors
/// [`ReconcileError`], which is recorded as the day's newest attempt.
pub async fn reconcile(
    app: &App,
    merchant: &Merchant,
    day: BillDay,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Reconciled, ReconcileError> {
    let outcome = run(app, merchant, day, progress).await;
    let word = match &outcome {
        Ok(_) => "done",
        Err(ReconcileError::NotReady(_)) => "not_ready",
        Err(_) => "failed",
    };
    let labels = [
        ("merchant", merchant.key.clone()),
        ("outcome", word.to_owned()),
    ];
    metrics::counter!(names::RECONCILIATIONS_TOTAL, &labels).increment(1);
    if let Err(error) = &outcome {
        record_failure(app, merchant, day, error).await?;
    }
    outcome
}

async fn run(
    app: &App,
    merchant: &Merchant,
    day: BillDay,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Reconciled, ReconcileError> {
    let begun = app.clock.now();
    let bill = fetch::fetch(merchant, day).await?;
    let checked = read::check(&bill, &merchant.mch_id).await?;
    progress(Progress::Fetched {
        rows: checked.counted.rows,
    });
    let mut announced = 0_u64;
    for part in 0..checked.parts {
        let comparison = read::part(&bill, &merchant.mch_id, (part, checked.parts)).await?;
        let within = |subject: &_| read::part_of(subject, checked.parts) == part;
        let outcome = compare::compare(app, merchant, day, comparison, &within).await?;
        let new = compare::record(app, merchant, (day, begun), outcome).await?;
        announced = announced.saturating_add(new);
        progress(Progress::Compared {
            parts: part.saturating_add(1),
            of: checked.parts,
        });
    }
    let run = finish(app, merchant, day, (&checked, begun)).await?;
    let late = settle::end_waits(app, merchant, day).await?;
    let unanswered = settle::ask(app, merchant, day).await?;
    let reconciled = Reconciled {
        run,
        announced: announced.saturating_add(late),
        unanswered,
    };
    report(merchant, &reconciled);
    Ok(reconciled)
}

/// The day is done: one transaction with the end of what was not found again.
async fn finish(
    app: &App,
    merchant: &Merchant,
    day: BillDay,
    (checked, begun): (&read::Checked, domain::Millis),
) -> Result<Reconciliation, StoreError> {
    let now = app.clock.now();
    let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    let TradeTotals {
        rows,
        orders,
        refunds,
    } = checked.counted;
    let run = Reconciliation {
        mch_id: merchant.mch_id.clone(),
        day,
        state: RunState::Done,
        rows: count(rows),
        unreadable: count(checked.unreadable),
        payments_fen: orders.get(),
        refunds_fen: refunds.get(),
        detail: checked.detail(),
        at: now,
    };
    let of = differences::Of {
        mch_id: &merchant.mch_id,
        day,
    };
    let mut tx = Tx::new("reconcile");
    differences::settle_unseen(&mut tx, of, begun, now);
    reconciliations::finish(&mut tx, &run);
    app.commit(tx).await?;
    Ok(run)
}

async fn record_failure(
    app: &App,
    merchant: &Merchant,
    day: BillDay,
    error: &ReconcileError,
) -> Result<(), StoreError> {
    let mut detail = error.to_string();
    if let ReconcileError::Gateway(cause) = error {
        detail = format!("{detail}: {cause}");
    }
    let run = Reconciliation {
        mch_id: merchant.mch_id.clone(),
        day,
        state: RunState::Failed,
        rows: 0,
        unreadable: 0,
        payments_fen: 0,
        refunds_fen: 0,
        detail,
        at: app.clock.now(),
    };
    let mut tx = Tx::new("reconcile_failed");
    reconciliations::fail(&mut tx, &run);
    app.commit(tx).await
}

fn report(merchant: &Merchant, reconciled: &Reconciled) {
    let run = &reconciled.run;
    if run.unreadable > 0 {
        error!(
            merchant = %merchant.key, bill.day = %run.day, lines = run.unreadable,
            "the bill of {} has lines that cannot be read, and so were not compared: {}",
            run.day, run.detail
        );
    } else if !run.detail.is_empty() {
        warn!(
            merchant = %merchant.key, bill.day = %run.day,
            "the bill of {}: {}", run.day, run.detail
        );
    }
    let new = reconciled.announced;
    if new > 0 {
        error!(
            merchant = %merchant.key, bill.day = %run.day, differences = new,
            "the bill of {} and the books differ in {new} places that nobody was told of before: \
             GET /v1/reconciliations/{}/differences", run.day, run.day
        );
    } else {
        info!(
            merchant = %merchant.key, bill.day = %run.day, rows = run.rows,
            "the bill of {} was compared, {} rows", run.day, run.rows
        );
    }
}
