//! On Debian as root PostgreSQL is installed; elsewhere the error says what to install.

use std::path::Path;

use anyhow::bail;

use crate::parts::{apt, apt_is_ours};

/// Debian's package starts a cluster of its own after installation unless this file says no.
const CLUSTER_SETTINGS: &str = "/etc/postgresql-common/createcluster.conf";

pub(super) fn postgres() -> anyhow::Result<()> {
    if !apt_is_ours() {
        bail!(
            "PostgreSQL is not installed. Install it (Debian: apt-get install postgresql, macOS: \
             brew install postgresql), or set SHOUYIN_TEST_POSTGRES_URL to a superuser's URL"
        );
    }
    let settings = Path::new(CLUSTER_SETTINGS);
    if !settings.exists() {
        std::fs::create_dir_all(settings.parent().unwrap_or(Path::new("/")))?;
        std::fs::write(settings, "create_main_cluster = false\n")?;
    }
    apt(&["postgresql"])
}
