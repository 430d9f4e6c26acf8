//! Threads of their own for what signs: orders, refunds, and the jobs.
//!
//! A signature keeps a thread for a quarter of a millisecond. On the threads that take requests a
//! rush of orders makes a notification wait behind hundreds of signatures, for seconds; on others
//! the operating system shares the cores out between both. `cargo xtask bench -- --mixed` shows
//! what a notification takes beside a rush of orders; docs/adr/0004 has the figures.

use anyhow::Context;
use tokio::runtime::{Builder, Handle, Runtime};

pub(super) struct Signers(Option<Runtime>);

impl Signers {
    /// One thread for each core.
    ///
    /// # Errors
    /// When the system has no threads left.
    pub(super) fn start() -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .thread_name("signer")
            .enable_all()
            .build()
            .context("cannot start the threads that sign")?;
        Ok(Self(Some(runtime)))
    }

    pub(super) fn handle(&self) -> Handle {
        let runtime = self.0.as_ref();
        runtime
            .expect("it is there until it is dropped")
            .handle()
            .clone()
    }
}

impl Drop for Signers {
    /// Without waiting, which an asynchronous thread may not. Whoever stops has waited for the work
    /// before; what is cut off here was leased.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
