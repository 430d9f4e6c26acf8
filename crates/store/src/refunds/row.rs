//! From a row of `refunds` to a [`Refund`], refusing what no state can hold.

use domain::{Refund, RefundOrigin, RefundState};

use crate::{
    StoreError,
    row::{Columns, Row},
};

/// The state with its facts, as JSON text.
pub(super) fn encode(state: &RefundState) -> String {
    serde_json::to_string(state).expect("texts and numbers in named fields are always JSON")
}

pub(super) fn decode(row: Row) -> Result<Refund, StoreError> {
    let mut row = Columns::keyed("refunds", row);
    Ok(Refund {
        refund_no: row.id("refund_no")?,
        mch_id: row.id("mch_id")?,
        order_no: row.id("order_no")?,
        transaction_id: row.id("transaction_id")?,
        amount: row.fen("amount_fen")?,
        total: row.fen("total_fen")?,
        reason: row.text_or_null("reason")?,
        notify_url: row.text_or_null("notify_url")?,
        origin: {
            let name = row.text("origin")?;
            RefundOrigin::from_name(&name).ok_or_else(|| row.inconsistent("origin"))?
        },
        created_at: row.millis("created_at")?,
        state: {
            let name = row.text("state")?;
            let facts = row.text("facts")?;
            let state: RefundState =
                serde_json::from_str(&facts).map_err(|_| row.inconsistent("facts"))?;
            if state.name() != name {
                return Err(row.inconsistent("state"));
            }
            state
        },
        version: row.int("version")?,
    })
}
