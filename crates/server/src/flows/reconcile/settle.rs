//! What becomes of differences: waits that end, and questions to WeChat.

use domain::{
    BillDay, RefundNo,
    reconcile::{Difference, DifferenceKind, DifferenceState},
};
use store::{
    PAGE_MAX, Tx,
    reconciliations::{self, RunState, differences},
};
use tracing::warn;
use wechatpay::{ApiCode, Operation};

use super::compare::{is_stray, told};
use crate::{
    app::App,
    flows::{
        FlowError,
        settle_payment::{Evidence, settle_payment},
        settle_refund::settle_refund,
    },
    gateway::{self, Reading},
    merchant::Merchant,
};

/// Questions of one run. A day on which another system shares the merchant number has as many
/// unknown payments as that system sold; the rest stays open, and on the list.
const QUESTIONS_MAX: u32 = 1_000;

/// Ends the waits that this day's bill decides: those of the day before, and its own when the next
/// day was compared meanwhile. How many were told of.
pub(super) async fn end_waits(
    app: &App,
    merchant: &Merchant,
    day: BillDay,
) -> Result<u64, FlowError> {
    let mut announced = 0_u64;
    for waiting in [day.previous(), day] {
        let run = reconciliations::get(&app.store, &merchant.mch_id, waiting.next()).await?;
        if run.is_none_or(|run| run.state != RunState::Done) {
            continue;
        }
        let mut pages = Pages::of(merchant, waiting, DifferenceState::Waiting);
        while let Some(page) = pages.next(app).await? {
            for difference in page {
                announced = end_wait(app, merchant, (waiting, &difference), announced).await?;
            }
        }
    }
    Ok(announced)
}

async fn end_wait(
    app: &App,
    merchant: &Merchant,
    (day, difference): (BillDay, &Difference),
    announced: u64,
) -> Result<u64, FlowError> {
    let of = of(merchant, day);
    let mut tx = Tx::new("end_wait");
    if is_stray(app, merchant, day, &difference.subject).await? {
        differences::settle(&mut tx, of, difference, app.clock.now());
    } else {
        differences::open(&mut tx, of, difference, app.clock.now());
    }
    if app.run(tx).await?.rows("differences.announce") == 0 {
        return Ok(announced);
    }
    let announced = announced.saturating_add(1);
    told(merchant, day, difference, announced);
    Ok(announced)
}

/// Asks WeChat about what the books do not know. To how many questions there was no certain answer.
pub(super) async fn ask(app: &App, merchant: &Merchant, day: BillDay) -> Result<u64, FlowError> {
    let (mut asked, mut unanswered) = (0_u32, 0_u64);
    let mut pages = Pages::of(merchant, day, DifferenceState::Open);
    while let Some(page) = pages.next(app).await? {
        let unknown =
            |difference: &Difference| matches!(difference.kind, DifferenceKind::Unknown { .. });
        for difference in page.into_iter().filter(unknown) {
            if asked >= QUESTIONS_MAX {
                warn!(
                    merchant = %merchant.key, bill.day = %day,
                    "more than {QUESTIONS_MAX} rows of this bill are unknown here; is the merchant \
                     number used by another system?"
                );
                return Ok(unanswered);
            }
            asked = asked.saturating_add(1);
            if !ask_about(app, merchant, day, &difference).await? {
                unanswered = unanswered.saturating_add(1);
            }
        }
    }
    Ok(unanswered)
}

/// `false` when there was no certain answer.
async fn ask_about(
    app: &App,
    merchant: &Merchant,
    day: BillDay,
    difference: &Difference,
) -> Result<bool, FlowError> {
    let answer = match &difference.subject.refund_no {
        Some(refund_no) => ask_about_refund(app, merchant, refund_no).await,
        None => ask_about_payment(app, merchant, difference).await,
    };
    match answer {
        Ok(true) => {
            let mut tx = Tx::new("settle_difference");
            differences::settle(&mut tx, of(merchant, day), difference, app.clock.now());
            app.commit(tx).await?;
            Ok(true)
        }
        // WeChat says something else than its bill: a person must look, and has been told.
        Ok(false) => Ok(true),
        Err(FlowError::Store(error)) => Err(error.into()),
        Err(error) => {
            let number = difference.subject.number();
            let error = anyhow::Error::from(error);
            warn!(merchant = %merchant.key, number, "a row stays unexplained: {error:#}");
            Ok(false)
        }
    }
}

/// Whether the payment is booked by now, or stands on the list of exceptions.
async fn ask_about_payment(
    app: &App,
    merchant: &Merchant,
    difference: &Difference,
) -> Result<bool, FlowError> {
    let number = gateway::transaction_id(&difference.subject.transaction_id)?;
    let query = merchant.client.query_by_transaction_id(&number);
    let transaction = match merchant.call(Operation::Query, query).await {
        Ok(transaction) => transaction,
        Err(error) if matches!(error.code(), Some(ApiCode::OrderNotExist)) => return Ok(false),
        Err(error) => return Err(FlowError::from_gateway(error)),
    };
    match gateway::read(&transaction)? {
        Reading::Paid(fact) if fact.transaction_id == difference.subject.transaction_id => {
            settle_payment(app, &merchant.mch_id, &fact, Evidence::Query).await?;
            Ok(true)
        }
        Reading::Paid(_) | Reading::Closed | Reading::Unpaid => Ok(false),
    }
}

/// Whether the refund is booked by now, or stands on the list of exceptions.
async fn ask_about_refund(
    app: &App,
    merchant: &Merchant,
    refund_no: &RefundNo,
) -> Result<bool, FlowError> {
    let number = gateway::out_refund_no(refund_no)?;
    let query = merchant.client.query_refund(&number);
    let answer = match merchant.call(Operation::RefundQuery, query).await {
        Ok(answer) => answer,
        Err(error) if matches!(error.code(), Some(ApiCode::ResourceNotExists)) => return Ok(false),
        Err(error) => return Err(FlowError::from_gateway(error)),
    };
    match gateway::read_refund(&merchant.mch_id, &answer)? {
        Some(fact) if fact.refund_no == *refund_no => {
            settle_refund(app, merchant, &fact, Evidence::Query).await?;
            Ok(true)
        }
        Some(_) | None => Ok(false),
    }
}

fn of(merchant: &Merchant, day: BillDay) -> differences::Of<'_> {
    differences::Of {
        mch_id: &merchant.mch_id,
        day,
    }
}

/// The differences of a day in one state. What is done about one of them takes it off this list and
/// moves none of the others.
struct Pages<'a> {
    of: differences::Of<'a>,
    state: DifferenceState,
    place: differences::Place,
}

impl<'a> Pages<'a> {
    fn of(merchant: &'a Merchant, day: BillDay, state: DifferenceState) -> Self {
        Self {
            of: of(merchant, day),
            state,
            place: differences::Place::default(),
        }
    }

    async fn next(&mut self, app: &App) -> Result<Option<Vec<Difference>>, FlowError> {
        let (of, state) = (self.of, self.state);
        let page = differences::in_state(&app.store, of, state, &self.place, PAGE_MAX).await?;
        let Some(last) = page.last() else {
            return Ok(None);
        };
        self.place = last.place();
        let page = page.into_iter().map(|listed| listed.difference);
        Ok(Some(page.collect()))
    }
}
