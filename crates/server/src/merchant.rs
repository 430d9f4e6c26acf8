//! One value per merchant account: its client, its apps, its secrets' hashes. Several live in one
//! process and share nothing but the transport.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use anyhow::Context;
use domain::{AppId, MchId, Millis};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;
use wechatpay::{
    Ambient, AppSecret, Client, Endpoints, KeyRing, MiniProgram, Transport,
    crypto::{ApiV3Key, Certificate, PrivateKey, PublicKey, SerialNo},
};

use crate::{clock::Stopwatch, config, digest::sha256, flows::FlowError, telemetry::names};

/// What all merchants reach WeChat by.
pub(crate) struct Wiring {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) ambient: Arc<dyn Ambient>,
    pub(crate) endpoints: Endpoints,
}

/// A mini program that takes money for its merchant.
pub struct MiniApp {
    pub app_id: AppId,
    pub mini_program: MiniProgram,
}

/// A merchant account of WeChat Pay.
pub struct Merchant {
    /// The last path segment of its `notify_url`.
    pub key: String,
    pub name: String,
    pub mch_id: MchId,
    pub notify_url: String,
    pub client: Client,
    keys: KeyRing,
    apps: BTreeMap<AppId, MiniApp>,
    api_key_hash: Option<[u8; 32]>,
    has_public_key: bool,
    /// Unix ms of the last certificate refresh; 0 before the first.
    certificates_at: AtomicI64,
    /// Whether WeChat said that this merchant has none.
    certificates_denied: AtomicBool,
}

impl fmt::Debug for Merchant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merchant")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl Merchant {
    /// # Errors
    /// When a key does not parse, or private key, certificate and serial do not belong together.
    /// The message names the setting.
    pub(crate) fn new(
        key: &str,
        settings: &config::Merchant,
        wiring: &Wiring,
    ) -> anyhow::Result<Self> {
        let at = |name: &str| format!("merchants.{key}.{name}");
        let account = account(settings, &at)?;
        let keys = key_ring(settings, &at)?;
        let client = Client::builder(account, keys.clone())
            .transport(wiring.transport.clone())
            .ambient(wiring.ambient.clone())
            .endpoints(wiring.endpoints.clone())
            .build();
        let mut apps = BTreeMap::new();
        for app in &settings.apps {
            let app = mini_app(app, wiring).with_context(|| at("apps"))?;
            apps.insert(app.app_id.clone(), app);
        }
        wechatpay::NotifyUrl::new(settings.notify_url.as_str())
            .with_context(|| at("notify_url"))?;
        let api_key = settings.api_key.as_ref();
        Ok(Self {
            key: key.to_owned(),
            name: settings.name.clone(),
            mch_id: MchId::new(settings.mch_id.as_str()).with_context(|| at("mch_id"))?,
            notify_url: settings.notify_url.clone(),
            client,
            keys,
            apps,
            api_key_hash: api_key.map(|key| sha256(key.expose_secret().as_bytes())),
            has_public_key: settings.public_key_id.is_some(),
            certificates_at: AtomicI64::new(0),
            certificates_denied: AtomicBool::new(false),
        })
    }

    pub fn app(&self, app_id: &AppId) -> Option<&MiniApp> {
        self.apps.get(app_id)
    }

    /// How many platform keys can verify now.
    pub fn platform_keys(&self) -> usize {
        self.keys.serials().len()
    }

    /// Merchants with a WeChat Pay public key verify with it; all others by platform certificates.
    pub fn uses_certificates(&self) -> bool {
        !self.has_public_key
    }

    /// Notes that WeChat has no certificates for this merchant; whether that was known before, so
    /// that it is said once.
    pub(crate) fn certificates_denied(&self) -> bool {
        self.certificates_denied.swap(true, Ordering::Relaxed)
    }

    /// Words for the start-up log.
    pub fn key_mode(&self) -> &'static str {
        if self.has_public_key {
            "WeChat Pay public key"
        } else {
            "platform certificates"
        }
    }

    /// Whether a refresh is due: never had, no key at all, or older than `every_s`.
    pub(crate) fn certificates_due(&self, now: Millis, every_s: u32) -> bool {
        let last = Millis(self.certificates_at.load(Ordering::Relaxed));
        let every = std::time::Duration::from_secs(every_s.into());
        self.platform_keys() == 0 || now >= last.plus(every)
    }

    pub(crate) fn certificates_refreshed(&self, now: Millis) {
        self.certificates_at.store(now.0, Ordering::Relaxed);
    }

    /// Measures a call to WeChat.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn timed<T>(
        &self,
        api: &'static str,
        call: impl Future<Output = Result<T, wechatpay::Error>>,
    ) -> Result<T, wechatpay::Error> {
        let stopwatch = Stopwatch::start();
        let outcome = call.await;
        let word = match &outcome {
            Ok(_) => "ok",
            Err(error) if error.is_ambiguous() => "ambiguous",
            Err(_) => "refused",
        };
        let labels = [("api", api), ("outcome", word)];
        metrics::histogram!(names::WECHAT_REQUEST_DURATION_SECONDS, &labels)
            .record(stopwatch.elapsed());
        outcome
    }

    /// Seconds that our clock is ahead of WeChat's, as its newest answer told.
    pub fn clock_skew_s(&self) -> Option<i64> {
        self.client.clock_skew_seconds()
    }
}

fn account(
    settings: &config::Merchant,
    at: &dyn Fn(&str) -> String,
) -> anyhow::Result<wechatpay::Merchant> {
    let mch_id = wechatpay::MchId::new(settings.mch_id.as_str()).with_context(|| at("mch_id"))?;
    let serial_no = SerialNo::new(&settings.serial_no).with_context(|| at("serial_no"))?;
    let private_key = PrivateKey::from_pem(settings.private_key.expose_secret())
        .with_context(|| at("private_key"))?;
    let api_v3_key =
        ApiV3Key::new(settings.api_v3_key.expose_secret()).with_context(|| at("api_v3_key"))?;
    let account = wechatpay::Merchant::new(mch_id, serial_no, private_key, api_v3_key);
    match &settings.certificate {
        None => Ok(account),
        Some(pem) => {
            let certificate = Certificate::from_pem(pem).with_context(|| at("certificate"))?;
            account
                .with_certificate(&certificate)
                .with_context(|| at("certificate"))
        }
    }
}

fn key_ring(settings: &config::Merchant, at: &dyn Fn(&str) -> String) -> anyhow::Result<KeyRing> {
    let keys = KeyRing::new();
    match (&settings.public_key_id, &settings.public_key) {
        (Some(id), Some(pem)) => {
            let id = SerialNo::new(id).with_context(|| at("public_key_id"))?;
            let public_key = PublicKey::from_pem(pem).with_context(|| at("public_key"))?;
            Ok(keys.with_public_key(id, public_key))
        }
        _ => Ok(keys),
    }
}

fn mini_app(app: &config::AppConfig, wiring: &Wiring) -> anyhow::Result<MiniApp> {
    let mini_program = MiniProgram::new(
        wechatpay::AppId::new(app.app_id.as_str())?,
        AppSecret::new(app.app_secret.expose_secret())?,
        wiring.transport.clone(),
        wiring.ambient.clone(),
        &wiring.endpoints,
    );
    Ok(MiniApp {
        app_id: AppId::new(app.app_id.as_str())?,
        mini_program,
    })
}

/// All merchants of the process, by each name that a request can bring.
#[derive(Debug)]
pub struct Merchants {
    by_key: BTreeMap<String, Arc<Merchant>>,
    by_mch_id: BTreeMap<String, Arc<Merchant>>,
    by_app_id: BTreeMap<String, Arc<Merchant>>,
}

impl Merchants {
    /// # Errors
    /// When two merchants share a `mch_id` or an `app_id`: a login could not tell whose buyer it
    /// is.
    pub(crate) fn new(all: Vec<Arc<Merchant>>) -> anyhow::Result<Self> {
        let mut merchants = Self {
            by_key: BTreeMap::new(),
            by_mch_id: BTreeMap::new(),
            by_app_id: BTreeMap::new(),
        };
        for merchant in all {
            let mch_id = merchant.mch_id.as_str().to_owned();
            if let Some(other) = merchants.by_mch_id.insert(mch_id, merchant.clone()) {
                anyhow::bail!(
                    "merchants `{}` and `{}` have one mch_id",
                    other.key,
                    merchant.key
                );
            }
            for app_id in merchant.apps.keys() {
                let app_id = app_id.as_str().to_owned();
                if let Some(other) = merchants.by_app_id.insert(app_id.clone(), merchant.clone()) {
                    let (one, two) = (&other.key, &merchant.key);
                    anyhow::bail!("app `{app_id}` belongs to merchants `{one}` and `{two}`");
                }
            }
            merchants.by_key.insert(merchant.key.clone(), merchant);
        }
        Ok(merchants)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Merchant>> {
        self.by_key.values()
    }

    pub fn by_key(&self, key: &str) -> Option<&Arc<Merchant>> {
        self.by_key.get(key)
    }

    pub fn by_mch_id(&self, mch_id: &str) -> Option<&Arc<Merchant>> {
        self.by_mch_id.get(mch_id)
    }

    /// The merchant whose API key this is. Hashes are compared in constant time, and all of them,
    /// so that the time taken says nothing about a key.
    pub fn by_api_key(&self, api_key: &str) -> Option<Arc<Merchant>> {
        let hash = sha256(api_key.as_bytes());
        let mut found = None;
        for merchant in self.by_key.values() {
            if let Some(expected) = &merchant.api_key_hash
                && bool::from(expected.ct_eq(&hash))
            {
                found = Some(merchant.clone());
            }
        }
        found
    }

    /// The app that a login is for; it may be left out when there is only one.
    pub(crate) fn app_for_login(
        &self,
        app_id: Option<&str>,
    ) -> Result<(&Arc<Merchant>, &MiniApp), FlowError> {
        let found = match app_id {
            Some(app_id) => self.by_app_id.get_key_value(app_id),
            None if self.by_app_id.len() == 1 => self.by_app_id.iter().next(),
            None => {
                let text = "app_id is required: this server serves several apps";
                return Err(FlowError::Invalid(text.to_owned()));
            }
        };
        found
            .and_then(|(app_id, merchant)| {
                let app = merchant
                    .apps
                    .values()
                    .find(|app| app.app_id.as_str() == app_id)?;
                Some((merchant, app))
            })
            .ok_or_else(|| FlowError::AppNotFound(app_id.unwrap_or_default().to_owned()))
    }
}
