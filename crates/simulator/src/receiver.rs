//! The merchant's own system: remembers which events it was told of.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Receiver {
    told: Mutex<BTreeMap<String, u32>>,
}

impl Receiver {
    pub(crate) fn take(&self, event_id: &str, _body: &[u8]) {
        // Outside, ids are written without dots, because signatures use them as separators.
        let event_id = event_id.replace(':', ".");
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        *told.entry(event_id).or_default() += 1;
    }

    /// How often it was told of each event.
    pub(crate) fn told(&self) -> BTreeMap<String, u32> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.clone()
    }
}
