//! One order: its row, its history, its announcements, its refunds, and WeChat's word on it.

use sandbox::OrderState;

use super::Violation;
use crate::world::World;

/// What our books say of an order.
#[derive(Clone, Debug)]
pub(super) struct Books {
    pub(super) state: String,
    pub(super) version: u64,
    amount: i64,
    transaction_id: String,
    refunded: i64,
}

const ROW: &str = "SELECT state, version, amount_fen, COALESCE(transaction_id, ''), refunded_fen
    FROM orders WHERE order_no = $1";

impl Books {
    pub(super) fn read(world: &World, order_no: &str) -> Option<Self> {
        let row = world.look(ROW, &[order_no]).into_iter().next()?;
        let [state, version, amount, transaction_id, refunded] = row.try_into().ok()?;
        Some(Self {
            state,
            version: version.parse().ok()?,
            amount: amount.parse().ok()?,
            transaction_id,
            refunded: refunded.parse().ok()?,
        })
    }

    fn has_money(&self) -> bool {
        matches!(
            self.state.as_str(),
            "paid" | "partially_refunded" | "refunded"
        )
    }
}

/// The only ways from one state to another. `None` is an order that was not there before.
fn lawful(from: Option<&str>, to: &str) -> bool {
    match from {
        None => to == "created",
        Some("created") => matches!(to, "awaiting_payment" | "paid" | "closed"),
        Some("awaiting_payment") => matches!(to, "awaiting_payment" | "paid" | "closed"),
        Some("paid") => matches!(to, "partially_refunded" | "refunded"),
        Some("partially_refunded") => matches!(to, "partially_refunded" | "refunded"),
        Some(_) => false,
    }
}

/// I8: along the lattice, and I5: one version at a time.
pub(super) fn moved_lawfully(
    before: Option<&(String, u64)>,
    now: &Books,
    order_no: &str,
) -> Result<(), Violation> {
    let (state, version) = match before {
        Some((state, version)) => (Some(state.as_str()), *version),
        None => (None, 0),
    };
    if now.version == version && state == Some(now.state.as_str()) {
        return Ok(());
    }
    if now.version != version + 1 || !lawful(state, &now.state) {
        let what = format!(
            "{order_no} went from {state:?} (version {version}) to {} (version {})",
            now.state, now.version
        );
        return Err(Violation::new("I8", what, Some(order_no)));
    }
    Ok(())
}

/// I5: history without gaps, and one announcement for each change that has one.
pub(super) fn agrees_with_itself(
    world: &World,
    now: &Books,
    order_no: &str,
) -> Result<(), Violation> {
    let wrong = |what: String| Err(Violation::new("I5", what, Some(order_no)));
    let sql =
        "SELECT COUNT(*), COALESCE(SUM(state = 'paid'), 0), COALESCE(SUM(state = 'closed'), 0)
        FROM order_history WHERE order_no = $1";
    let history = numbers(world, sql, order_no);
    let [entries, paid, closed] = history.as_slice() else {
        return wrong(format!("{order_no} has no history"));
    };
    if u64::try_from(*entries) != Ok(now.version) || *paid > 1 || *closed > 1 {
        let version = now.version;
        return wrong(format!(
            "{order_no} is at version {version} with {entries} entries of history, paid {paid} and \
             closed {closed} times"
        ));
    }
    let sql =
        "SELECT COALESCE(SUM(kind = 'order.paid'), 0), COALESCE(SUM(kind = 'order.closed'), 0)
        FROM outbox WHERE order_no = $1";
    let announced = numbers(world, sql, order_no);
    if announced != [*paid, *closed] {
        return wrong(format!(
            "{order_no}: [paid, closed] happened [{paid}, {closed}] times and was announced \
             {announced:?} times"
        ));
    }
    Ok(())
}

fn numbers(world: &World, sql: &str, order_no: &str) -> Vec<i64> {
    let row = world.look(sql, &[order_no]).into_iter().next();
    let row = row.unwrap_or_default();
    row.iter().filter_map(|text| text.parse().ok()).collect()
}

/// I1, I2, I4: money that we have is money that WeChat has, and nothing went back that WeChat has
/// not sent back.
pub(super) fn agrees_with_wechat(
    world: &World,
    now: &Books,
    order_no: &str,
) -> Result<(), Violation> {
    let truth = world.wechat().order(order_no);
    if !now.has_money() {
        return Ok(());
    }
    let Some(truth) = truth else {
        let what = format!("{order_no} is {} here and unknown to WeChat", now.state);
        return Err(Violation::new("I2", what, Some(order_no)));
    };
    let OrderState::Paid { transaction_id, .. } = &truth.state else {
        let what = format!(
            "{order_no} is {} here and {:?} at WeChat",
            now.state, truth.state
        );
        return Err(Violation::new("I2", what, Some(order_no)));
    };
    let amount = truth.amount;
    if amount.get() != now.amount || *transaction_id != now.transaction_id {
        let what = format!("{order_no} is paid with another amount or transaction at WeChat");
        return Err(Violation::new("I1", what, Some(order_no)));
    }
    let back = truth.refunded.get();
    if now.refunded > back || back > amount.get() {
        let what = format!(
            "{order_no}: {} fen went back by our books, {back} of {} by WeChat's",
            now.refunded,
            amount.get()
        );
        return Err(Violation::new("I4", what, Some(order_no)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn books(state: &str, version: u64) -> Books {
        Books {
            state: state.to_owned(),
            version,
            amount: 100,
            transaction_id: String::new(),
            refunded: 0,
        }
    }

    #[test]
    fn an_order_moves_along_the_lattice_and_by_one_version() {
        let from = |state: &str, version| Some((state.to_owned(), version));
        let check = |before: Option<(String, u64)>, now: Books| {
            moved_lawfully(before.as_ref(), &now, "x").is_ok()
        };
        assert!(check(None, books("created", 1)));
        assert!(check(from("created", 1), books("created", 1)));
        assert!(check(from("awaiting_payment", 2), books("paid", 3)));
        assert!(!check(None, books("paid", 1)));
        assert!(!check(from("paid", 3), books("closed", 4)));
        assert!(!check(from("closed", 3), books("paid", 4)));
        assert!(!check(from("awaiting_payment", 2), books("paid", 4)));
        assert!(!check(from("paid", 3), books("refunded", 3)));
    }
}
