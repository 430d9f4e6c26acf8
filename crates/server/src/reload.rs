//! Reading the configuration again while the server runs, so that keys are changed without a stop.
//!
//! 1. read all layers anew and check them whole, as at the start;
//! 2. make the merchants with their keys: each key is parsed, and pair and serial are checked;
//! 3. TX `introduce_merchants`;
//! 4. put them in the place of those in force, all at once.
//!
//! Whatever fails before 4 changes nothing: the old configuration stays in force, and one line says
//! why. Only merchants change; the listeners, the database and everything else are as they were at
//! the start, and a line names what was edited in vain.

use std::collections::BTreeMap;

use tracing::{error, info, warn};

use crate::{
    app::App,
    config::{Loaded, Setting, Sources},
    telemetry::names,
};

/// What every setting of a merchant begins with.
const MERCHANTS: &str = "merchants.";

/// Only read to make notification URLs, which belong to merchants.
const PUBLIC_URL: &str = "server.public_url";

/// Where the configuration comes from, and what of it is in force.
pub(crate) struct Reloader {
    sources: Sources,
    in_force: Vec<Setting>,
}

impl Reloader {
    pub(crate) fn new(sources: Sources, loaded: &Loaded) -> Self {
        let in_force = loaded.settings.clone();
        Self { sources, in_force }
    }

    /// Takes the configuration of now into use, or says why not.
    pub(crate) async fn reload(&mut self, app: &App) {
        let result = match self.try_reload(app).await {
            Ok(()) => "applied",
            Err(error) => {
                error!("the configuration was NOT reloaded, the old one stays in force: {error:#}");
                "refused"
            }
        };
        metrics::counter!(names::CONFIG_RELOADS_TOTAL, "result" => result).increment(1);
    }

    async fn try_reload(&mut self, app: &App) -> anyhow::Result<()> {
        let loaded = self.sources.load()?;
        app.renew_merchants(&loaded.config.merchants).await?;
        let in_vain = in_vain(&self.in_force, &loaded.settings);
        if !in_vain.is_empty() {
            let settings = in_vain.join(", ");
            warn!(
                settings,
                "changed, but only a restart brings into force: {settings}"
            );
        }
        // The rest stays as it was at the start, so that the next reload still says so.
        self.in_force.retain(|setting| !is_reloaded(&setting.key));
        let taken = loaded.settings.into_iter();
        self.in_force
            .extend(taken.filter(|setting| is_reloaded(&setting.key)));
        for merchant in app.merchants.iter() {
            info!(
                merchant = %merchant.key, mch_id = %merchant.mch_id,
                serial_no = %merchant.client.serial_no(),
                "configuration reloaded: merchant `{}` signs under {}, verifies WeChat Pay by {}",
                merchant.key, merchant.client.serial_no(), merchant.key_mode()
            );
        }
        Ok(())
    }
}

fn is_reloaded(key: &str) -> bool {
    key.starts_with(MERCHANTS) || key == PUBLIC_URL
}

/// The names of settings that differ and are not reloaded. Secrets are compared as they are shown:
/// that the password in `database.url` changed is not seen.
fn in_vain(before: &[Setting], after: &[Setting]) -> Vec<String> {
    let shown = |settings: &[Setting]| -> BTreeMap<String, String> {
        let fixed = settings.iter().filter(|it| !is_reloaded(&it.key));
        fixed.map(|it| (it.key.clone(), it.shown.clone())).collect()
    };
    let (before, after) = (shown(before), shown(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| before.get(*name) != after.get(*name));
    names.into_iter().cloned().collect()
}
