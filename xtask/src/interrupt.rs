//! Ctrl-C and its relatives become a flag, so that every wait can end early and clean up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::Context;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

static ASKED_TO_STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From now on the first signal only sets the flag; the second one ends the process at once.
pub(crate) fn watch() -> anyhow::Result<()> {
    let flag = ASKED_TO_STOP.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // Order matters: this handler looks at the flag before the next one sets it.
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(flag))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(flag)))
            .context("cannot watch for Ctrl-C")?;
    }
    Ok(())
}

pub(crate) fn requested() -> bool {
    ASKED_TO_STOP
        .get()
        .is_some_and(|flag| flag.load(Ordering::Relaxed))
}
