//! WeChat's bookkeeper, who now and then writes a bill that is wrong.

use std::{sync::Arc, time::Duration};

use domain::{BillDay, reconcile::first_look};
use serde_json::json;

use super::misfortune::must;
use crate::{
    audit::Listed,
    platform,
    time::{EPOCH, HOUR},
    trace::say,
    weather::Fault,
    world::World,
};

/// An hour before the bill of the first day is there, it is written; the second day's comes in the
/// calm, and is right.
const BEFORE_IT_IS_THERE: Duration = HOUR;

/// No more mistakes than these in one bill.
const MISTAKES_MAX: u64 = 3;

/// Writes the bill of the first day, mistakes and all.
pub(crate) async fn write_bills(world: Arc<World>) {
    let chance = world.chance.named("bookkeeper");
    let day = BillDay::of(EPOCH);
    let written_at = first_look(day).minus(BEFORE_IT_IS_THERE);
    world.time.sleep_until(written_at).await;
    if !world.weather.strikes(Fault::BillMistake, &chance) {
        return;
    }
    let sql = "SELECT order_no, transaction_id, amount_fen FROM orders
        WHERE paid_at < CAST($1 AS INTEGER) ORDER BY order_no";
    let mut paid = world.look(sql, &[&day.end().0.to_string()]);
    let mut mistakes = Vec::new();
    for _ in 0..chance.between(1, MISTAKES_MAX) {
        if paid.is_empty() {
            break;
        }
        let row = paid.swap_remove(chance.index(paid.len()));
        let [number, transaction_id, fen] = row.as_slice() else {
            continue;
        };
        let other = fen.parse::<i64>().unwrap_or_default().saturating_add(1);
        let (kind, mistake) = match chance.below(3) {
            0 => (
                "payment_missing",
                json!({"kind": "missing", "number": number}),
            ),
            1 => ("payment_twice", json!({"kind": "twice", "number": number})),
            _ => (
                "payment_differs",
                json!({"kind": "amount", "number": number, "amount_fen": other}),
            ),
        };
        say!(
            world.trace,
            "wechat",
            "the bill will be wrong about {number}: {kind}"
        );
        world.auditor.bill_is_wrong(Listed {
            kind: kind.to_owned(),
            number: transaction_id.clone(),
        });
        mistakes.push(mistake);
    }
    must(
        &world,
        platform::change_habits(&world, |habits| habits.bill_mistakes = mistakes),
    );
}
