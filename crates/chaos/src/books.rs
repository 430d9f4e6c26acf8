//! What everybody holds in the end: the server by its own API and its database, the platform by its
//! ledger, the merchant's system by what it was told.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use fen::Fen;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An order as the server shows it. The description holds the key of the intent, so that both
/// ends of an order can be matched without trusting any memory of the server's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub order_no: String,
    pub state: String,
    pub amount_fen: Fen,
    pub refunded_fen: Fen,
    pub description: String,
    pub version: i64,
}

/// A refund as the server shows it. The reason holds the key of the intent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub refund_no: String,
    pub order_no: String,
    pub amount_fen: Fen,
    pub state: String,
    #[serde(default)]
    pub reason: String,
}

/// An event as the server shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    pub r#type: String,
    /// The order number or the refund number that it is about.
    #[serde(skip)]
    pub subject: String,
}

impl Event {
    /// # Errors
    /// When it is about nothing.
    pub fn read(value: &Value) -> Result<Self> {
        let mut event: Self = serde_json::from_value(value.clone())?;
        let field = if event.r#type.starts_with("refund.") {
            "refund_no"
        } else {
            "order_no"
        };
        event.subject = text(value, &format!("/data/{field}"))?;
        Ok(event)
    }
}

/// An order as the platform holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldOrder {
    pub order_no: String,
    pub trade_state: String,
    pub amount: Fen,
}

impl HeldOrder {
    /// # Errors
    /// When a field is missing.
    pub fn read(value: &Value) -> Result<Self> {
        Ok(Self {
            order_no: text(value, "/out_trade_no")?,
            trade_state: text(value, "/trade_state")?,
            amount: amount(value, "/amount/total")?,
        })
    }

    /// Whether the buyer's money is or was there.
    pub fn is_paid(&self) -> bool {
        matches!(self.trade_state.as_str(), "SUCCESS" | "REFUND")
    }
}

/// A refund as the platform holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRefund {
    pub refund_no: String,
    pub order_no: String,
    pub status: String,
    pub amount: Fen,
    pub reason: String,
}

impl HeldRefund {
    /// # Errors
    /// When a field is missing.
    pub fn read(value: &Value) -> Result<Self> {
        Ok(Self {
            refund_no: text(value, "/out_refund_no")?,
            order_no: text(value, "/out_trade_no")?,
            status: text(value, "/status")?,
            amount: amount(value, "/amount/refund")?,
            reason: text(value, "/reason").unwrap_or_default(),
        })
    }
}

/// Everything that is compared in the end.
#[derive(Clone, Debug, Default)]
pub struct Books {
    pub orders: Vec<Order>,
    pub refunds: Vec<Refund>,
    /// In the order in which `GET /v1/events` gives them, read once more from the beginning.
    pub events: Vec<Event>,
    /// The position of the newest event, as the database has it.
    pub last_position: i64,
    /// The versions and states of each order, as its history has them.
    pub histories: BTreeMap<String, Vec<(i64, String)>>,
    /// What was put before a person.
    pub exceptions: Vec<String>,
    pub held_orders: Vec<HeldOrder>,
    pub held_refunds: Vec<HeldRefund>,
    /// The ids of events that a reader met who followed the events all the time.
    pub followed: Vec<String>,
    /// The ids of events that the webhook receiver took, repeats included.
    pub told: Vec<String>,
}

fn text(value: &Value, pointer: &str) -> Result<String> {
    let text = value.pointer(pointer).and_then(Value::as_str);
    Ok(text.with_context(|| format!("no `{pointer}`"))?.to_owned())
}

fn amount(value: &Value, pointer: &str) -> Result<Fen> {
    let number = value.pointer(pointer).and_then(Value::as_i64);
    Ok(Fen::new(
        number.with_context(|| format!("no `{pointer}`"))?,
    )?)
}
