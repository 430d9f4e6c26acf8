//! A seam at which nothing ever happens, for setting up.

use std::future::ready;

use store::{
    Tx,
    memory::{Call, Fate, Passage, Seam},
};

pub(crate) struct Still;

impl Seam for Still {
    fn before(&self, _call: Call) -> Passage<'_, Fate> {
        Box::pin(ready(Fate::Done))
    }

    fn committed(&self, _tx: &Tx) {}

    fn after(&self, _call: Call) -> Passage<'_, ()> {
        Box::pin(ready(()))
    }
}
