//! What must hold, whatever goes wrong. The names are those of the invariants in the README.
//!
//! After every commit the orders it names are compared with their history, their announcements and
//! with WeChat's own books; when everything has settled, all of it is compared with all of it.

mod bills;
mod order;
mod settled;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Mutex, PoisonError},
};

use store::Tx;

pub(crate) use settled::settled;

use crate::world::World;

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant: `I1` to `I13`, a row of the fault catalogue, or `I0` when the simulator
    /// itself is at fault.
    pub invariant: &'static str,
    /// What was seen.
    pub what: String,
    /// Of which order.
    pub order_no: Option<String>,
}

impl Violation {
    pub(crate) fn new(invariant: &'static str, what: String, order_no: Option<&str>) -> Self {
        Self {
            invariant,
            what,
            order_no: order_no.map(str::to_owned),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is broken: {}", self.invariant, self.what)
    }
}

/// What was seen so far.
#[derive(Debug, Default)]
pub(crate) struct Auditor {
    /// State and version of each order, as last seen.
    orders: Mutex<BTreeMap<String, (String, u64)>>,
    /// The orders on which money landed that no faithful platform would take.
    misplaced: Mutex<BTreeSet<String>>,
    /// The events that the follower read.
    read: Mutex<BTreeSet<String>>,
    /// What a bill of WeChat's says that is not so.
    wrong_in_bills: Mutex<BTreeSet<Listed>>,
}

/// A difference between the books and a bill.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Listed {
    /// In the words of the API.
    pub(crate) kind: String,
    /// WeChat's number of the payment.
    pub(crate) number: String,
}

impl Auditor {
    /// Looks at every order that a transaction named.
    pub(crate) fn after_commit(&self, world: &World, tx: &Tx) -> Result<(), Violation> {
        let mut seen = BTreeSet::new();
        for text in tx.texts() {
            if is_order_no(text) && seen.insert(text) {
                self.look_at(world, text)?;
            }
        }
        Ok(())
    }

    fn look_at(&self, world: &World, order_no: &str) -> Result<(), Violation> {
        let Some(now) = order::Books::read(world, order_no) else {
            return Ok(());
        };
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let before = orders.get(order_no);
        order::moved_lawfully(before, &now, order_no)?;
        orders.insert(order_no.to_owned(), (now.state.clone(), now.version));
        drop(orders);
        order::agrees_with_itself(world, &now, order_no)?;
        order::agrees_with_wechat(world, &now, order_no)
    }

    /// Notes that it is about to be, once for each order.
    pub(crate) fn money_is_misplaced(&self, order_no: &str) -> bool {
        let mut misplaced = self
            .misplaced
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        misplaced.insert(order_no.to_owned())
    }

    fn is_misplaced(&self, order_no: &str) -> bool {
        let misplaced = self
            .misplaced
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        misplaced.contains(order_no)
    }

    /// Notes an event that the follower read.
    ///
    /// # Errors
    /// I6, when it was read before.
    pub(crate) fn read(&self, event_id: &str) -> Result<(), Violation> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.insert(event_id.replace(':', ".")) {
            Ok(())
        } else {
            let what = format!("event {event_id} was listed twice");
            Err(Violation::new("I6", what, None))
        }
    }

    /// Notes what the next bill will be wrong about.
    pub(crate) fn bill_is_wrong(&self, about: Listed) {
        let mut wrong = self
            .wrong_in_bills
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        wrong.insert(about);
    }

    fn all_wrong_in_bills(&self) -> BTreeSet<Listed> {
        let wrong = self
            .wrong_in_bills
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        wrong.clone()
    }

    pub(crate) fn all_read(&self) -> BTreeSet<String> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.clone()
    }
}

/// Ours have 29 characters and begin with the time.
fn is_order_no(text: &str) -> bool {
    text.len() == 29 && text.starts_with("20") && text.bytes().all(|b| b.is_ascii_alphanumeric())
}
