//! A second server that follows the first one, without which the first one acknowledges nothing.

use anyhow::Result;

use crate::{Cluster, run};

/// How the primary knows its standby.
const NAME: &str = "standby";

impl Cluster {
    /// Starts a standby of this primary, from a copy of it. From then on a commit here is
    /// acknowledged only when the standby has it on its disk.
    ///
    /// # Errors
    /// When the copy or the start fails.
    pub fn start_standby(&self) -> Result<Self> {
        let standby = Self::prepare()?;
        let mut copy = standby.program("pg_basebackup");
        let source = format!(
            "host=127.0.0.1 port={} user=postgres application_name={NAME}",
            self.port
        );
        copy.args([
            "-d",
            &source,
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "--no-sync",
        ]);
        run(copy.arg("-D").arg(standby.data()))?;
        // The copy brought the settings along; what a standby waits for is nobody.
        standby.control("start")?;
        self.configure(&format!("synchronous_standby_names = '{NAME}'"))?;
        Ok(standby)
    }

    /// Makes a primary of this standby: it takes writes, and waits for nobody.
    ///
    /// # Errors
    /// When it was none.
    pub fn promote(&self) -> Result<()> {
        self.control("promote")
    }
}
