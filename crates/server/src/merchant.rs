//! One value per merchant account: its client, its apps, its secrets' hashes. Several live in one
//! process and share nothing but the transport.
//!
//! A value never changes its keys: a reload of the configuration makes a new one in its place, and
//! what was begun with the old one ends with it.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use anyhow::Context;
use domain::{AppId, Clock, Ids, MchId, Millis};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;
use tracing::{error, info};
use wechatpay::{
    Ambient, AppSecret, Client, Endpoints, KeyRing, MiniProgram, Operation, Transport,
    crypto::{ApiV3Key, Certificate, PrivateKey, PublicKey, SerialNo},
};

use crate::{
    clock::Stopwatch,
    config,
    digest::{keyed_hash_of_fields, sha256},
    limits::pace::Pace,
    telemetry::names,
};

/// What WeChat says when there are too many calls, whichever code it spells in the body.
const TOO_MANY_REQUESTS: u16 = 429;

/// What all merchants reach WeChat by.
pub(crate) struct Wiring {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) ambient: Arc<dyn Ambient>,
    pub(crate) endpoints: Endpoints,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    /// How much of the pace that WeChat allows is ours.
    pub(crate) rate_percent: u32,
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
    pace: Arc<Pace>,
    apps: BTreeMap<AppId, MiniApp>,
    api_key_hash: Option<[u8; 32]>,
    has_public_key: bool,
    /// Unix ms of the last certificate refresh; 0 before the first.
    certificates_at: AtomicI64,
    /// Whether WeChat said that this merchant has none.
    certificates_denied: AtomicBool,
    /// Whether the clock was found too far from WeChat's, so that it is said once.
    out_of_time: AtomicBool,
}

/// Above this WeChat Pay's five-minute window is near, and both directions would soon fail.
const CLOCK_SKEW_S_MAX: u64 = 120;

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
        let client = |account, keys| {
            Client::builder(account, keys)
                .transport(wiring.transport.clone())
                .ambient(wiring.ambient.clone())
                .endpoints(wiring.endpoints.clone())
                .build()
        };
        Self::with_client(key, settings, wiring, client)
    }

    /// The same merchant with the keys, apps and names of new settings. What it has learnt about
    /// WeChat, its certificates, its clock and its pace, comes along.
    ///
    /// # Errors
    /// As [`Merchant::new`].
    pub(crate) fn renewed(
        &self,
        key: &str,
        settings: &config::Merchant,
        wiring: &Wiring,
    ) -> anyhow::Result<Self> {
        let client = |account, keys| self.client.renewed(account, keys);
        let mut renewed = Self::with_client(key, settings, wiring, client)?;
        renewed.pace = Arc::clone(&self.pace);
        let certificates_at = self.certificates_at.load(Ordering::Relaxed);
        renewed
            .certificates_at
            .store(certificates_at, Ordering::Relaxed);
        let out_of_time = self.out_of_time.load(Ordering::Relaxed);
        renewed.out_of_time.store(out_of_time, Ordering::Relaxed);
        Ok(renewed)
    }

    fn with_client(
        key: &str,
        settings: &config::Merchant,
        wiring: &Wiring,
        client: impl FnOnce(wechatpay::Merchant, KeyRing) -> Client,
    ) -> anyhow::Result<Self> {
        let at = |name: &str| format!("merchants.{key}.{name}");
        let account = account(settings, &at)?;
        let keys = key_ring(settings, &at)?;
        let client = client(account, keys.clone());
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
            pace: Arc::new(Pace::new(
                key,
                wiring.rate_percent,
                wiring.clock.clone(),
                wiring.ids.clone(),
            )),
            apps,
            api_key_hash: api_key.map(|key| sha256(key.expose_secret().as_bytes())),
            has_public_key: settings.public_key_id.is_some(),
            certificates_at: AtomicI64::new(0),
            certificates_denied: AtomicBool::new(false),
            out_of_time: AtomicBool::new(false),
        })
    }

    pub fn app(&self, app_id: &AppId) -> Option<&MiniApp> {
        self.apps.get(app_id)
    }

    /// The names of its mini programs.
    pub(crate) fn app_ids(&self) -> impl Iterator<Item = &AppId> {
        self.apps.keys()
    }

    /// Whether this is the hash of the merchant's API key, in constant time.
    pub(crate) fn has_api_key(&self, hash: &[u8; 32]) -> bool {
        let own = self.api_key_hash.as_ref();
        own.is_some_and(|own| bool::from(own.ct_eq(hash)))
    }

    /// A hash of what one of its systems asks for. The key is the API key's hash, which is in no
    /// database: a request may hold the number of a card.
    pub(crate) fn keyed_hash(&self, fields: &[&str]) -> [u8; 32] {
        keyed_hash_of_fields(&self.api_key_hash.unwrap_or_default(), fields)
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
        // A refresh in the future was made before the clock was set back.
        self.platform_keys() == 0 || now >= last.plus(every) || now < last
    }

    pub(crate) fn certificates_refreshed(&self, now: Millis) {
        self.certificates_at.store(now.0, Ordering::Relaxed);
    }

    /// Makes a call to WeChat when its turn comes, and measures it. Every call of a flow or a job
    /// goes through here, so that the pace holds for all of them together.
    ///
    /// # Errors
    /// Those of the call; and one that says that it was held back, without having been signed.
    pub async fn call<T>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<T, wechatpay::Error>>,
    ) -> Result<T, wechatpay::Error> {
        if let Err(held) = self.pace.turn(operation).await {
            return Err(wechatpay::Error::held_back(operation, held));
        }
        let stopwatch = Stopwatch::start();
        let outcome = call.await;
        let word = match &outcome {
            Ok(_) => "ok",
            Err(error) if error.is_ambiguous() => "ambiguous",
            Err(_) => "refused",
        };
        let labels = [("api", operation.name()), ("outcome", word)];
        metrics::histogram!(names::WECHAT_REQUEST_DURATION_SECONDS, &labels)
            .record(stopwatch.elapsed());
        self.watch_clock();
        if let Err(error) = &outcome
            && error.status() == Some(TOO_MANY_REQUESTS)
        {
            self.pace.limited(operation, error.retry_after_seconds());
        }
        outcome
    }

    /// Says once that the clock left the lawful range, and once that it is back.
    fn watch_clock(&self) {
        let (merchant, skew_s) = (&self.key, self.clock_skew_s().unwrap_or_default());
        let out = !self.is_in_time();
        match (self.out_of_time.swap(out, Ordering::Relaxed), out) {
            (false, true) => error!(
                %merchant, skew_s,
                "this machine's clock is {skew_s} s ahead of WeChat Pay's; beyond 300 s either way \
                 every call and every notification is refused: set the clock (timedatectl)"
            ),
            (true, false) => info!(%merchant, skew_s, "this machine's clock is right again"),
            (true, true) | (false, false) => {}
        }
    }

    /// Whether our clock is close enough to WeChat's, as far as its answers have told.
    pub fn is_in_time(&self) -> bool {
        let skew = self.clock_skew_s();
        skew.is_none_or(|skew| skew.unsigned_abs() <= CLOCK_SKEW_S_MAX)
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
    let previous = (
        &settings.previous_api_v3_key,
        settings.previous_api_v3_key_until,
    );
    let account = match previous {
        (Some(key), Some(until)) => {
            let key = ApiV3Key::new(key.expose_secret());
            let key = key.with_context(|| at("previous_api_v3_key"))?;
            account.with_previous_api_v3_key(key, until)
        }
        _ => account,
    };
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
