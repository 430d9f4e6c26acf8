//! Looking at runs and differences; it changes nothing and asks nobody.

use domain::{BillDay, MchId, reconcile::DifferenceState};
use store::reconciliations::{
    self, Reconciliation,
    differences::{self, Listed, Of, Place},
};

use super::FlowError;
use crate::app::App;

/// The run of a day, if there was one.
///
/// # Errors
/// When the database fails.
pub async fn run(
    app: &App,
    mch_id: &MchId,
    day: BillDay,
) -> Result<Option<Reconciliation>, FlowError> {
    Ok(reconciliations::get(&app.store, mch_id, day).await?)
}

/// The runs of days before one, newest first.
///
/// # Errors
/// When the database fails.
pub async fn runs(
    app: &App,
    mch_id: &MchId,
    before: Option<BillDay>,
    limit: u32,
) -> Result<Vec<Reconciliation>, FlowError> {
    Ok(reconciliations::page(&app.store, mch_id, before, limit).await?)
}

/// The differences of a day after a place, all of them or those in one state.
///
/// # Errors
/// When the database fails.
pub async fn differences(
    app: &App,
    mch_id: &MchId,
    day: BillDay,
    state: Option<DifferenceState>,
    after: &Place,
    limit: u32,
) -> Result<Vec<Listed>, FlowError> {
    let (store, of) = (&app.store, Of { mch_id, day });
    Ok(match state {
        Some(state) => differences::in_state(store, of, state, after, limit).await?,
        None => differences::page(store, of, after, limit).await?,
    })
}
