//! Rows against books, and what is found into the list.

use domain::{
    BillDay, Millis, OrderNo, RefundState,
    reconcile::{
        BillEntry, BookEntry, Comparison, Difference, DifferenceKind, Found, Outcome, Subject,
    },
};
use store::{
    Tx, exceptions, orders,
    reconciliations::{
        self,
        books::{self, Place},
        differences,
    },
    refunds,
};
use tracing::warn;

use super::NAMED_MAX;
use crate::{app::App, flows::FlowError, merchant::Merchant, telemetry::names};

/// Strays written in one transaction.
const BATCH: usize = 100;

/// Holds a part of the bill against the books: first those of its day, then, for what they do not
/// explain, each row by its number.
pub(super) async fn compare(
    app: &App,
    merchant: &Merchant,
    day: BillDay,
    mut comparison: Comparison,
    within: &(dyn Fn(&Subject) -> bool + Sync),
) -> Result<Outcome, FlowError> {
    let (store, mch_id) = (&app.store, &merchant.mch_id);
    let mut next = Some(Place::before(day.start()));
    while let Some(place) = next {
        let (entries, place) = books::payments(store, mch_id, place, day.end()).await?;
        take(&mut comparison, entries, within);
        next = place;
    }
    let mut next = Some(Place::before(day.start()));
    while let Some(place) = next {
        let (entries, place) = books::refunds(store, mch_id, place, day.end()).await?;
        take(&mut comparison, entries, within);
        next = place;
    }
    for entry in comparison.unexplained() {
        let found = look_up(app, merchant, &entry).await?;
        comparison.found(&entry.subject, found);
    }
    Ok(comparison.finish())
}

fn take(
    comparison: &mut Comparison,
    entries: Vec<BookEntry>,
    within: &(dyn Fn(&Subject) -> bool + Sync),
) {
    for entry in entries.into_iter().filter(|entry| within(&entry.subject)) {
        comparison.book(entry);
    }
}

/// What the books know of a row that is not of their day.
async fn look_up(app: &App, merchant: &Merchant, entry: &BillEntry) -> Result<Found, FlowError> {
    let booked = match &entry.subject.refund_no {
        Some(_) => booked_refund(app, merchant, &entry.subject).await?,
        None => booked_payment(app, merchant, entry).await?,
    };
    if let Some(booked) = booked {
        return Ok(Found::OtherDay(booked));
    }
    let Ok(order_no) = OrderNo::new(entry.order_no.as_str()) else {
        return Ok(Found::Nothing);
    };
    let fact = entry.subject.number();
    let known = exceptions::knows(&app.store, &merchant.mch_id, &order_no, fact).await?;
    Ok(if known { Found::Known } else { Found::Nothing })
}

async fn booked_payment(
    app: &App,
    merchant: &Merchant,
    entry: &BillEntry,
) -> Result<Option<BookEntry>, FlowError> {
    let Ok(order_no) = OrderNo::new(entry.order_no.as_str()) else {
        return Ok(None);
    };
    let order = orders::get(&app.store, &merchant.mch_id, &order_no).await?;
    Ok(order.and_then(|order| {
        let payment = order.state.payment()?;
        Some(BookEntry {
            subject: Subject::payment(payment.transaction_id.clone()),
            order_no: order.order_no.as_str().to_owned(),
            amount: order.amount,
        })
    }))
}

/// A refund that WeChat took, whatever became of it.
async fn booked_refund(
    app: &App,
    merchant: &Merchant,
    subject: &Subject,
) -> Result<Option<BookEntry>, FlowError> {
    let Some(refund_no) = &subject.refund_no else {
        return Ok(None);
    };
    let refund = refunds::get(&app.store, &merchant.mch_id, refund_no).await?;
    Ok(refund.and_then(|refund| match &refund.state {
        RefundState::Requested
        | RefundState::Closed {
            refund_id: None, ..
        } => None,
        RefundState::Processing { .. }
        | RefundState::Succeeded { .. }
        | RefundState::Abnormal { .. }
        | RefundState::Closed {
            refund_id: Some(_), ..
        } => Some(BookEntry {
            subject: Subject::refund(refund.transaction_id.clone(), refund.refund_no.clone()),
            order_no: refund.order_no.as_str().to_owned(),
            amount: refund.amount,
        }),
    }))
}

/// Lists what was found by a run that began at `begun`. How many differences nobody had been told
/// of before.
pub(super) async fn record(
    app: &App,
    merchant: &Merchant,
    (day, begun): (BillDay, Millis),
    outcome: Outcome,
) -> Result<u64, FlowError> {
    let mch_id = &merchant.mch_id;
    // First what explains, then what is to be explained by it.
    for strays in outcome.strays.chunks(BATCH) {
        let mut tx = Tx::new("reconcile_strays");
        for subject in strays {
            reconciliations::insert_stray(&mut tx, mch_id, subject, day);
        }
        app.commit(tx).await?;
    }
    let next = reconciliations::get(&app.store, mch_id, day.next()).await?;
    let next_is_done = next.is_some_and(|run| run.state == reconciliations::RunState::Done);
    let mut announced = 0_u64;
    for difference in &outcome.differences {
        let waits = match difference.kind {
            DifferenceKind::Missing { .. } => {
                if is_stray(app, merchant, day, &difference.subject).await? {
                    continue;
                }
                !next_is_done
            }
            DifferenceKind::Unknown { .. }
            | DifferenceKind::AmountDiffers { .. }
            | DifferenceKind::Twice { .. } => false,
        };
        let of = differences::Of { mch_id, day };
        let mut tx = Tx::new("reconcile_difference");
        let now = app.clock.now();
        differences::insert(
            &mut tx,
            of,
            difference,
            waits,
            differences::Seen { begun, now },
        );
        let done = app.run(tx).await?;
        if done.rows("differences.announce") > 0 {
            announced = announced.saturating_add(1);
            told(merchant, day, difference, announced);
        }
    }
    Ok(announced)
}

/// Whether the bill of a day around this one has what seems to be missing: days end while money is
/// on its way. A refund may also be taken by WeChat long after it was asked for.
pub(super) async fn is_stray(
    app: &App,
    merchant: &Merchant,
    day: BillDay,
    subject: &Subject,
) -> Result<bool, FlowError> {
    let last = match subject.refund_no {
        Some(_) => BillDay::of(app.clock.now()),
        None => day.next(),
    };
    let days = (day.previous(), last);
    Ok(reconciliations::is_stray(&app.store, &merchant.mch_id, subject, days).await?)
}

/// Counts a difference that was told of, and names the first of a run in the log.
pub(super) fn told(merchant: &Merchant, day: BillDay, difference: &Difference, count: u64) {
    let kind = difference.kind_name();
    metrics::counter!(names::RECONCILIATION_DIFFERENCES_TOTAL, "kind" => kind).increment(1);
    if usize::try_from(count).is_ok_and(|count| count <= NAMED_MAX) {
        warn!(
            merchant = %merchant.key, bill.day = %day, kind,
            order.no = difference.order_no, number = difference.subject.number(),
            billed_fen = difference.kind.billed().map(fen::Fen::get),
            booked_fen = difference.kind.booked().map(fen::Fen::get),
            "bill and books differ: {kind}"
        );
    }
}
