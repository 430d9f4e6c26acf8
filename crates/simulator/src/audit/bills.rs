//! I11: WeChat's bills were held against the books, and what differs is listed once.

use std::{collections::BTreeSet, iter::successors, time::Duration};

use domain::{BillDay, reconcile::first_look};

use super::{Listed, Violation};
use crate::{
    time::{EPOCH, HOUR},
    world::World,
};

/// A bill that has been there for so long is compared: servers look for one every three hours, and
/// again half an hour after a failure.
const PATIENCE: Duration = HOUR.saturating_mul(12);

/// Every bill was compared; what they are wrong about is listed and told of once, and nothing
/// else: what the books lacked was asked about and booked.
pub(super) fn bills_agree(world: &World) -> Result<(), Violation> {
    let broken = |what: String| Err(Violation::new("I11", what, None));
    let now = world.time.now();
    let days = successors(Some(BillDay::of(EPOCH)), |day| Some(day.next()));
    for day in days.take_while(|day| first_look(*day).plus(PATIENCE) <= now) {
        let sql = "SELECT state FROM reconciliations WHERE bill_date = $1";
        let state = world.look_one(sql, &[&day.to_string()]);
        if state.as_deref() != Some("done") {
            return broken(format!("the bill of {day} was not compared: {state:?}"));
        }
    }
    let sql = "SELECT kind, transaction_id FROM reconciliation_differences WHERE state = 'open'";
    let rows = world.look(sql, &[]);
    let listed: BTreeSet<_> = rows.iter().filter_map(|row| as_listed(row)).collect();
    let wrong = world.auditor.all_wrong_in_bills();
    if listed != wrong || listed.len() != rows.len() {
        return broken(format!(
            "bills are wrong about {wrong:?}, and listed is {rows:?}"
        ));
    }
    let sql = "SELECT kind, transaction_id FROM reconciliation_differences d WHERE state = 'open'
        AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.event_id = d.event_id)";
    if let Some(row) = world.look(sql, &[]).first() {
        return broken(format!("nobody was told of {row:?}"));
    }
    Ok(())
}

fn as_listed(row: &[String]) -> Option<Listed> {
    let [kind, number] = row else { return None };
    Some(Listed {
        kind: kind.clone(),
        number: number.clone(),
    })
}
