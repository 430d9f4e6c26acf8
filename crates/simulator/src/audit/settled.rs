//! When the storm is over and the time to settle as well: our books equal WeChat's to the fen, each
//! event was told, each intent had one effect, and nothing is left to do.

use std::collections::BTreeMap;

use sandbox::{OrderState, RefundStatus};

use super::{Violation, bills::bills_agree};
use crate::world::World;

type Checked = Result<(), Violation>;

/// How many calls WeChat may be bothered with for each order, on the average of a seed: about
/// twelve polls, a prepay, a close, refunds and their queries, and all of it repeated in a storm.
const CALLS_PER_ORDER_MAX: u64 = 400;

/// All of it.
pub(crate) fn settled(world: &World) -> Checked {
    every_payment_arrived(world)?;
    every_refund_agrees(world)?;
    bills_agree(world)?;
    each_intent_had_one_effect(world)?;
    every_event_was_told(world)?;
    nothing_is_left_to_do(world)?;
    nobody_was_called_in_vain(world)?;
    nothing_personal_was_told(world)
}

/// I3: what was paid at WeChat is paid here, or went back.
fn every_payment_arrived(world: &World) -> Checked {
    for truth in world.wechat().orders() {
        let order_no = truth.out_trade_no.as_str();
        let sql = "SELECT state FROM orders WHERE order_no = $1";
        let Some(state) = world.look_one(sql, &[order_no]) else {
            let what = format!("WeChat has order {order_no}, which was not placed here");
            return Err(Violation::new("I3", what, Some(order_no)));
        };
        let fits = match &truth.state {
            OrderState::Paid { transaction_id, .. } => match state.as_str() {
                "paid" | "partially_refunded" | "refunded" => true,
                "closed" => {
                    closed_before_the_money(world, order_no)?;
                    went_back(world, order_no, transaction_id)
                }
                _ => false,
            },
            OrderState::NotPay | OrderState::Closed => state == "closed",
        };
        if !fits {
            let what = format!(
                "{order_no} is {:?} at WeChat and still {state} here",
                truth.state
            );
            return Err(Violation::new("I3", what, Some(order_no)));
        }
    }
    Ok(())
}

/// P6: we close what WeChat has closed. Then only an unfaithful platform takes money for it.
fn closed_before_the_money(world: &World, order_no: &str) -> Checked {
    if world.auditor.is_misplaced(order_no) {
        return Ok(());
    }
    let what = format!("{order_no} was closed here while it could be paid at WeChat, and was");
    Err(Violation::new("P6", what, Some(order_no)))
}

/// Money on a closed order was sent back, if only because the bill told of it; or WeChat gave the
/// refund up, and a person was told.
fn went_back(world: &World, order_no: &str, transaction_id: &str) -> bool {
    let sql = "SELECT state FROM refunds WHERE order_no = $1 AND transaction_id = $2";
    let told = "SELECT kind FROM exceptions WHERE order_no = $1 AND kind = 'paid_after_close'";
    match world.look_one(sql, &[order_no, transaction_id]).as_deref() {
        Some("succeeded") => true,
        Some("closed") => world.look_one(told, &[order_no]).is_some(),
        Some(_) | None => false,
    }
}

/// I4: the same refunds with the same amounts in the same states, on both sides.
fn every_refund_agrees(world: &World) -> Checked {
    let sql = "SELECT refund_no, state, amount_fen, order_no FROM refunds ORDER BY refund_no";
    let mut ours = BTreeMap::new();
    for row in world.look(sql, &[]) {
        let [refund_no, state, amount, order_no] = row.as_slice() else {
            continue;
        };
        ours.insert(
            refund_no.clone(),
            (state.clone(), amount.clone(), order_no.clone()),
        );
    }
    for truth in world.wechat().refunds() {
        let (number, order_no) = (&truth.out_refund_no, truth.out_trade_no.as_str());
        let expected = match truth.status {
            RefundStatus::Processing => "processing",
            RefundStatus::Success(_) => "succeeded",
            RefundStatus::Closed => "closed",
            RefundStatus::Abnormal => "abnormal",
        };
        let found = ours.remove(number);
        let Some((state, amount, _)) = found else {
            let what =
                format!("refund {number} of {order_no} is {expected} at WeChat and unknown here");
            return Err(Violation::new("I4", what, Some(order_no)));
        };
        if state != expected || amount != truth.amount.get().to_string() {
            let what = format!(
                "refund {number} of {order_no} is {state} over {amount} here and {expected} \
                over {} at WeChat",
                truth.amount.get()
            );
            return Err(Violation::new("I3", what, Some(order_no)));
        }
    }
    // What WeChat never took must be closed here.
    for (number, (state, _, order_no)) in ours {
        if state != "closed" {
            let what = format!("refund {number} is {state} here and unknown to WeChat");
            return Err(Violation::new("I4", what, Some(&order_no)));
        }
    }
    sums_agree(world)
}

fn sums_agree(world: &World) -> Checked {
    for truth in world.wechat().orders() {
        let order_no = truth.out_trade_no.as_str();
        let sql = "SELECT refunded_fen FROM orders WHERE order_no = $1
            AND state IN ('paid', 'partially_refunded', 'refunded')";
        let Some(ours) = world.look_one(sql, &[order_no]) else {
            continue;
        };
        let theirs = truth.refunded.get().to_string();
        if ours != theirs {
            let what = format!("{order_no}: {ours} fen went back here, {theirs} at WeChat");
            return Err(Violation::new("I4", what, Some(order_no)));
        }
    }
    Ok(())
}

/// I9: each buyer's intent took goods of its own, and each refund's reason carries its key.
fn each_intent_had_one_effect(world: &World) -> Checked {
    let doubled = [
        "SELECT description, COUNT(*) FROM orders GROUP BY description HAVING COUNT(*) > 1",
        "SELECT reason, COUNT(*) FROM refunds WHERE origin = 'request'
            GROUP BY reason HAVING COUNT(*) > 1",
    ];
    for sql in doubled {
        if let Some(row) = world.look(sql, &[]).first() {
            let what = format!("one intent had several effects: {row:?}");
            return Err(Violation::new("I9", what, None));
        }
    }
    for (key, answer) in world.intents.all() {
        let kept = match (answer["order_no"].as_str(), answer["refund_no"].as_str()) {
            (Some(number), _) => world.look("SELECT 1 FROM orders WHERE order_no = $1", &[number]),
            (_, Some(number)) => {
                world.look("SELECT 1 FROM refunds WHERE refund_no = $1", &[number])
            }
            (None, None) => continue,
        };
        if kept.is_empty() {
            let what = format!("key {key} was answered {answer}, and that is gone");
            return Err(Violation::new("I7", what, None));
        }
    }
    Ok(())
}

/// I6: positions without gaps; each event told to the receiver, and read once by the follower.
fn every_event_was_told(world: &World) -> Checked {
    let wrong = |what: String| Err(Violation::new("I6", what, None));
    let sql = "SELECT COUNT(*), COALESCE(MAX(position), 0), COUNT(DISTINCT position) FROM outbox";
    let counted = world.look(sql, &[]).into_iter().next().unwrap_or_default();
    if counted.windows(2).any(|pair| pair[0] != pair[1]) {
        return wrong(format!(
            "[events, last position, positions] are {counted:?}"
        ));
    }
    let (told, read) = (world.receiver.told(), world.auditor.all_read());
    let events = world.look("SELECT event_id FROM outbox ORDER BY event_id", &[]);
    for event_id in events.iter().flatten() {
        if !told.contains_key(event_id) {
            return wrong(format!("event {event_id} was never delivered"));
        }
        if !read.contains(event_id) {
            return wrong(format!("event {event_id} was never listed"));
        }
    }
    let known = |id: &&String| events.iter().flatten().any(|event| event == *id);
    if let Some(invented) = told.keys().chain(&read).find(|id| !known(id)) {
        return wrong(format!("event {invented} was told and never happened"));
    }
    Ok(())
}

/// I12: no job is left but for refunds that a bank still has.
fn nothing_is_left_to_do(world: &World) -> Checked {
    let sql = "SELECT kind, subject, attempts FROM jobs WHERE NOT EXISTS (SELECT 1 FROM refunds
        WHERE refund_no = subject AND state IN ('processing', 'abnormal'))";
    if let Some(row) = world.look(sql, &[]).first() {
        let what = format!("a job is still there: {row:?}");
        return Err(Violation::new("I12", what, None));
    }
    let sql = "SELECT event_id, state FROM webhook_deliveries WHERE state <> 'delivered'";
    if let Some(row) = world.look(sql, &[]).first() {
        let what = format!("a delivery has not ended: {row:?}");
        return Err(Violation::new("I12", what, None));
    }
    Ok(())
}

/// I12: a storm makes us patient, not importunate.
fn nobody_was_called_in_vain(world: &World) -> Checked {
    let bound = u64::from(world.size.orders).saturating_mul(CALLS_PER_ORDER_MAX);
    let calls = world.calls();
    if calls > bound {
        let what = format!(
            "WeChat was called {calls} times for {} orders",
            world.size.orders
        );
        return Err(Violation::new("I12", what, None));
    }
    Ok(())
}

/// I10: no event carries a buyer's openid, a session or a key.
fn nothing_personal_was_told(world: &World) -> Checked {
    let sql = "SELECT o.event_id FROM outbox o WHERE EXISTS (SELECT 1 FROM orders b
        WHERE b.order_no = o.order_no AND instr(o.event_data, b.openid) > 0)";
    if let Some(row) = world.look(sql, &[]).first() {
        let what = format!("an event tells who the buyer is: {row:?}");
        return Err(Violation::new("I10", what, None));
    }
    Ok(())
}
