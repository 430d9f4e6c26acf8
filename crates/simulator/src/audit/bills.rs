//! I11: WeChat's bills were held against the books, and what differs is listed once.

use std::collections::BTreeSet;

use super::{Listed, Violation};
use crate::world::World;

/// The days whose bills are there before everything ends: those of the storm.
const DAYS: [&str; 2] = ["2026-11-02", "2026-11-03"];

/// Both bills were compared; what they are wrong about is listed and told of once, and nothing
/// else: what the books lacked was asked about and booked.
pub(super) fn bills_agree(world: &World) -> Result<(), Violation> {
    let broken = |what: String| Err(Violation::new("I11", what, None));
    for day in DAYS {
        let sql = "SELECT state FROM reconciliations WHERE bill_date = $1";
        let state = world.look_one(sql, &[day]);
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
