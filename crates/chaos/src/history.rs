//! What the clients saw: written down before and after each call, never changed. The check at the
//! end believes this and the platform's ledger, and nothing that the server says about itself.

use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use fen::Fen;
use serde::Serialize;

use crate::books::{Order, Refund};

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// Somebody wants an order, and asks under this key until there is a certain answer.
    WantsOrder { key: String, amount: Fen },
    /// The server answered with an order: 2xx. Without a key it was read, closed or refreshed.
    ToldOrder { key: Option<String>, order: Order },
    /// The platform's cashier took the buyer's money.
    Paid { order_no: String },
    /// Somebody wants money back.
    WantsRefund {
        key: String,
        order_no: String,
        amount: Fen,
    },
    /// The server answered with a refund: 2xx.
    ToldRefund { key: String, refund: Refund },
    /// No answer, or one that says that the outcome is not certain. `status` 0: no answer.
    Uncertain { key: String, status: u16 },
    /// A certain no.
    Refused { key: String, code: String },
}

/// The entries in the order in which they happened to the clients together.
#[derive(Debug, Default)]
pub struct History(Mutex<Vec<Entry>>);

impl History {
    pub fn add(&self, entry: Entry) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(entry);
    }

    /// Everything so far.
    pub fn entries(&self) -> Vec<Entry> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.clone()
    }

    /// Writes one line of JSON per entry.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_to(&self, path: &Path) -> Result<()> {
        let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
        for entry in self.entries() {
            serde_json::to_writer(&mut file, &entry)?;
            file.write_all(b"\n")?;
        }
        file.flush()?;
        Ok(())
    }
}
