//! Fetches WeChat's platform certificates for merchants that verify by certificate. They are
//! renewed in advance of their end, so that asking every few hours is often enough; a notification
//! with an unknown serial causes a refresh of its own.

use std::time::Duration;

use tracing::{error, info, warn};
use wechatpay::{ApiCode, Operation};

use super::{Job, Tick};
use crate::{app::App, merchant::Merchant};

/// While a merchant has no key at all nothing can be verified: ask again soon.
const RETRY_WITHOUT_KEYS: Duration = Duration::from_secs(15);

pub(super) struct RefreshKeys;

impl Job for RefreshKeys {
    const NAME: &'static str = "refresh_keys";

    fn every(&self, app: &App) -> Duration {
        let waiting = app
            .merchants
            .iter()
            .any(|merchant| merchant.platform_keys() == 0);
        let regular = Duration::from_secs(app.settings.jobs.refresh_keys_every_s.into());
        if waiting {
            RETRY_WITHOUT_KEYS.min(regular)
        } else {
            regular
        }
    }

    async fn tick(&self, app: &App) -> anyhow::Result<Tick> {
        for merchant in app
            .merchants
            .iter()
            .filter(|merchant| merchant.uses_certificates())
        {
            refresh(app, &merchant).await;
        }
        Ok(Tick::Idle)
    }
}

async fn refresh(app: &App, merchant: &Merchant) {
    if !merchant.certificates_due(app.clock.now(), app.settings.jobs.refresh_keys_every_s) {
        return;
    }
    let call = merchant.client.refresh_certificates();
    match merchant.call(Operation::Certificates, call).await {
        Ok(_) => {
            merchant.certificates_refreshed(app.clock.now());
            let keys = merchant.platform_keys();
            info!(merchant = %merchant.key, keys, "platform certificates refreshed");
        }
        Err(error) if matches!(error.code(), Some(ApiCode::ResourceNotExists)) => {
            merchant.certificates_refreshed(app.clock.now());
            if merchant.certificates_denied() {
                return;
            }
            error!(
                merchant = %merchant.key,
                "this merchant has no platform certificates, only a WeChat Pay public key: set \
                 merchants.{0}.public_key_id and merchants.{0}.public_key_file",
                merchant.key
            );
        }
        Err(error) => warn!(
            merchant = %merchant.key, wechat.request_id = error.request_id(),
            "platform certificates could not be refreshed; will try again: {error}"
        ),
    }
}
