//! A buyer in front of the cashier.

use std::collections::{BTreeMap, VecDeque};

use super::OrderKey;
use crate::chance::Chance;

/// Cashiers that nobody came back to are forgotten, oldest first.
const MAX_VISITS: usize = 10_000;

/// One opened cashier.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// What is to be paid.
    pub order: OrderKey,
    /// Under which prepay id it was opened.
    pub prepay_id: String,
    /// Who stands there.
    pub person: String,
}

/// Opened cashiers by id.
#[derive(Debug, Default)]
pub(crate) struct VisitBook {
    open: BTreeMap<String, Visit>,
    age: VecDeque<String>,
}

impl VisitBook {
    /// Opens a cashier.
    pub(crate) fn open(&mut self, chance: &Chance, visit: Visit) -> String {
        if self.age.len() >= MAX_VISITS
            && let Some(oldest) = self.age.pop_front()
        {
            self.open.remove(&oldest);
        }
        let id = chance.hex(16);
        self.open.insert(id.clone(), visit);
        self.age.push_back(id.clone());
        id
    }

    /// The cashier of that id.
    pub(crate) fn get(&self, id: &str) -> Option<&Visit> {
        self.open.get(id)
    }

    /// Whether somebody holds an open cashier for the order.
    pub(crate) fn leave(&mut self, id: &str) -> Option<Visit> {
        self.open.remove(id)
    }
}
