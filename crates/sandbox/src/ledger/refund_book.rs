//! All refunds, and which of them settles next.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::OrderKey;
use super::refund::{Refund, RefundKey, refund_id};
use crate::chance::Chance;

/// Refunds by number and by id, with an agenda of what falls due.
#[derive(Debug, Default)]
pub(crate) struct RefundBook {
    refunds: BTreeMap<RefundKey, Refund>,
    ids: HashMap<String, RefundKey>,
    orders: HashMap<String, OrderKey>,
    age: Vec<RefundKey>,
    agenda: BTreeMap<(Timestamp, u64), RefundKey>,
    places: BTreeMap<RefundKey, (Timestamp, u64)>,
    booked: u64,
}

impl RefundBook {
    /// The refund of that number.
    pub(crate) fn get(&self, key: &RefundKey) -> Option<&Refund> {
        self.refunds.get(key)
    }

    /// The refund of that id.
    pub(crate) fn by_id(&self, refund_id: &str) -> Option<&Refund> {
        self.refunds.get(self.ids.get(refund_id)?)
    }

    /// The order of a refund number; if several merchants gave it, that of the newest refund.
    pub(crate) fn order_of(&self, out_refund_no: &str) -> Option<&OrderKey> {
        self.orders.get(out_refund_no)
    }

    /// All of them, oldest first.
    pub(crate) fn list(&self) -> impl Iterator<Item = &Refund> {
        self.age.iter().filter_map(|key| self.refunds.get(key))
    }

    /// When a refund falls due.
    pub(crate) fn due_of(&self, key: &RefundKey) -> Option<Timestamp> {
        self.places.get(key).map(|(at, _)| *at)
    }

    /// When the next one falls due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.agenda.keys().next().map(|(at, _)| *at)
    }

    /// Takes the earliest that is due by then off the agenda.
    pub(crate) fn take_due(&mut self, by: Timestamp) -> Option<(Timestamp, RefundKey)> {
        self.next_due().filter(|at| *at <= by)?;
        let ((at, _), key) = self.agenda.pop_first()?;
        self.places.remove(&key);
        Some((at, key))
    }

    /// A refund id that was never given.
    pub(crate) fn new_id(&self, chance: &Chance, now: Timestamp) -> String {
        loop {
            let id = refund_id(chance, now);
            if !self.ids.contains_key(&id) {
                return id;
            }
        }
    }

    pub(super) fn get_mut(&mut self, key: &RefundKey) -> Option<&mut Refund> {
        self.refunds.get_mut(key)
    }

    pub(super) fn add(&mut self, refund: Refund) {
        let key = refund.key.clone();
        self.ids.insert(refund.refund_id.clone(), key.clone());
        self.orders
            .insert(key.out_refund_no.clone(), refund.order.clone());
        self.age.push(key.clone());
        self.refunds.insert(key, refund);
    }

    /// Puts a refund on the agenda, in place of where it stood.
    pub(super) fn book(&mut self, key: &RefundKey, at: Option<Timestamp>) {
        if let Some(place) = self.places.remove(key) {
            self.agenda.remove(&place);
        }
        if let Some(at) = at {
            self.booked += 1;
            let place = (at, self.booked);
            self.agenda.insert(place, key.clone());
            self.places.insert(key.clone(), place);
        }
    }

    /// What waits for the merchant's money.
    pub(super) fn unfunded(&self, mchid: &str) -> Vec<RefundKey> {
        let waiting = |key: &&RefundKey| {
            key.mchid == mchid && self.get(key).is_some_and(|refund| !refund.is_funded)
        };
        self.agenda.values().filter(waiting).cloned().collect()
    }
}
