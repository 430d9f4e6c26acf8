//! The only wiring: everything that flows, handlers and jobs are given, and nothing global.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use domain::{Clock, Ids};
use store::{Done, Store, StoreError, Tx, merchants};
use tokio::{
    runtime::Handle,
    sync::{Notify, Semaphore},
    task::JoinHandle,
};
use wechatpay::{BaseUrl, Endpoints, HttpTransport, Transport};

use crate::{
    clock::{OurAmbient, Stopwatch},
    config::{self, Config},
    limits::{
        CallerLimits,
        bucket::{Bucket, Rate},
    },
    merchant::{Merchant, Wiring},
    merchants::{Merchants, Roster},
    telemetry::names,
    webhooks::{Courier, HttpCourier, SystemLookup},
};

/// Idle connections to WeChat that are kept: as many as orders in flight by default, since a call
/// that finds none has to shake hands again.
const IDLE_CONNECTIONS_MAX: usize = 256;

/// The largest answer of WeChat that is read; a certificate list takes a few KiB.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Enough to see what is refused and why; the figures count the rest.
const REJECTIONS_LOGGED_PER_S: u32 = 5;

/// The part of the configuration that flows and handlers look at.
#[derive(Clone, Debug)]
pub struct Settings {
    pub server: config::Server,
    pub orders: config::Orders,
    pub refunds: config::Refunds,
    pub notifications: config::Notifications,
    pub reconciliation: config::Reconciliation,
    pub sessions: config::Sessions,
    pub jobs: config::Jobs,
    pub webhooks: config::Webhooks,
    /// How long a call to WeChat that a request makes may be under way.
    pub prepay_time: Duration,
}

/// A running shop: shared by every request and every job.
pub struct App {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub merchants: Merchants,
    /// Calls the merchants' own systems.
    pub courier: Arc<dyn Courier>,
    pub settings: Settings,
    /// A signature costs 0.23 ms of a core, so calls that sign are bounded and the rest is shed
    /// early.
    pub orders_in_flight: Arc<Semaphore>,
    /// The lane of WeChat's reports. Orders do not take from it, nor forged reports from theirs.
    pub notifications_in_flight: Arc<Semaphore>,
    /// Logins wait for WeChat; strangers who make up codes must not fill anything but this.
    pub logins_in_flight: Arc<Semaphore>,
    /// Calls that only read share the database's connections with all others.
    pub reads_in_flight: Arc<Semaphore>,
    pub(crate) caller_limits: CallerLimits,
    rejections_logged: Mutex<Bucket>,
    /// Where work that signs runs, when it has threads of its own.
    signers: OnceLock<Handle>,
    /// Wakes the jobs before their clock does. It carries no data and may be lost.
    pub wake: Notify,
    wiring: Wiring,
}

/// Where time, chance and bytes come from; tests bring their own.
pub struct Seams {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub transport: Arc<dyn Transport>,
    pub courier: Arc<dyn Courier>,
}

impl App {
    /// # Errors
    /// When a key does not parse or does not fit its certificate; the message names the setting.
    pub fn new(config: &Config, seams: Seams) -> anyhow::Result<Arc<Self>> {
        let ambient = OurAmbient {
            clock: seams.clock.clone(),
            ids: seams.ids.clone(),
        };
        let wiring = Wiring {
            transport: seams.transport,
            ambient: Arc::new(ambient),
            endpoints: endpoints(&config.wechat)?,
            clock: seams.clock.clone(),
            ids: seams.ids.clone(),
            rate_percent: config.wechat.rate_percent,
        };
        let mut all = Vec::with_capacity(config.merchants.len());
        for (key, settings) in &config.merchants {
            all.push(Arc::new(Merchant::new(key, settings, &wiring)?));
        }
        let room = |places: u32| anyhow::Ok(Arc::new(Semaphore::new(usize::try_from(places)?)));
        let limits = &config.limits;
        Ok(Arc::new(Self {
            store: seams.store,
            clock: seams.clock,
            ids: seams.ids,
            courier: seams.courier,
            merchants: Merchants::new(Roster::new(all)?),
            settings: Settings {
                server: config.server.clone(),
                orders: config.orders.clone(),
                refunds: config.refunds.clone(),
                notifications: config.notifications.clone(),
                reconciliation: config.reconciliation.clone(),
                sessions: config.sessions.clone(),
                jobs: config.jobs.clone(),
                webhooks: config.webhooks.clone(),
                prepay_time: prepay_time(&config.wechat),
            },
            orders_in_flight: room(config.orders.max_in_flight)?,
            notifications_in_flight: room(limits.max_notifications_in_flight)?,
            logins_in_flight: room(limits.max_logins_in_flight)?,
            reads_in_flight: room(limits.max_reads_in_flight)?,
            caller_limits: CallerLimits::new(limits),
            rejections_logged: Mutex::default(),
            signers: OnceLock::new(),
            wake: Notify::new(),
            wiring,
        }))
    }

    /// Puts the merchants of a configuration in the place of those in force, all at once. What is
    /// under way ends with the keys it began with.
    ///
    /// # Errors
    /// When a key does not parse or fit, when a merchant is missing, or when the database does not
    /// take them; then nothing has changed.
    pub async fn renew_merchants(
        &self,
        settings: &BTreeMap<String, config::Merchant>,
    ) -> anyhow::Result<()> {
        let before = self.merchants.roster();
        let mut all = Vec::with_capacity(settings.len());
        for (key, settings) in settings {
            let merchant = match before.by_mch_id(&settings.mch_id) {
                Some(known) => known.renewed(key, settings, &self.wiring)?,
                None => Merchant::new(key, settings, &self.wiring)?,
            };
            all.push(Arc::new(merchant));
        }
        let after = Roster::new(all)?;
        for merchant in before.iter() {
            if after.by_mch_id(merchant.mch_id.as_str()).is_none() {
                anyhow::bail!(
                    "merchant `{}` ({}) is gone from the configuration; nobody would look after \
                     its open orders: only a restart takes a merchant away",
                    merchant.key,
                    merchant.mch_id
                );
            }
        }
        self.introduce(&after).await?;
        self.merchants.replace(after);
        // A new merchant may have no platform key yet.
        self.wake.notify_waiters();
        Ok(())
    }

    /// Gives work that signs threads of its own, once and before the first request.
    pub fn sign_on(&self, signers: Handle) {
        self.signers.get_or_init(|| signers);
    }

    /// Where work that signs belongs: on its own threads, or on those of whoever asks.
    pub(crate) fn signers(&self) -> Handle {
        self.signers.get().cloned().unwrap_or_else(Handle::current)
    }

    /// Starts work that signs, where such work belongs.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.signers().spawn(work)
    }

    /// Whether one more rejected notification may be logged: a flood of forgeries must not become
    /// one of lines.
    pub(crate) fn may_log_rejection(&self) -> bool {
        let rate = Rate::new(REJECTIONS_LOGGED_PER_S, REJECTIONS_LOGGED_PER_S);
        let mut logged = self
            .rejections_logged
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        logged.take(rate, 0, self.clock.now()).is_ok()
    }

    /// Runs a transaction. When this returns `Ok`, it is durable.
    ///
    /// # Errors
    /// As [`Store::run`]: above all a missed guard, on which the caller reads and decides again.
    pub async fn commit(&self, tx: Tx) -> Result<(), StoreError> {
        self.run(tx).await.map(drop)
    }

    /// The same for who wants to know how many rows it changed.
    ///
    /// # Errors
    /// As [`App::commit`].
    pub async fn run(&self, tx: Tx) -> Result<Done, StoreError> {
        let (name, stopwatch) = (tx.name(), Stopwatch::start());
        let outcome = self.store.run(tx).await;
        let word = match &outcome {
            Ok(_) => "done",
            Err(StoreError::GuardMissed { .. }) => "guard_missed",
            Err(_) => "failed",
        };
        let labels = [("tx", name), ("outcome", word)];
        metrics::histogram!(names::STORE_TX_DURATION_SECONDS, &labels).record(stopwatch.elapsed());
        outcome
    }

    /// Makes the merchants of the configuration known to the database.
    ///
    /// # Errors
    /// When the database does not take them.
    pub async fn introduce_merchants(&self) -> anyhow::Result<()> {
        self.introduce(&self.merchants.roster()).await
    }

    async fn introduce(&self, roster: &Roster) -> anyhow::Result<()> {
        for merchant in roster.iter() {
            // One each: no transaction is about two merchants, so that they may lie apart.
            let mut tx = Tx::new("introduce_merchant");
            merchants::put(
                &mut tx,
                &merchants::Merchant {
                    mch_id: merchant.mch_id.clone(),
                    key: merchant.key.clone(),
                    name: merchant.name.clone(),
                },
                self.clock.now(),
            );
            self.commit(tx).await?;
        }
        Ok(())
    }
}

/// Longer than the slowest honest prepay, which tries two hosts with a time limit each, and its two
/// commits.
fn prepay_time(wechat: &config::Wechat) -> Duration {
    const COMMITS: Duration = Duration::from_secs(5);
    (wechat.connect_timeout() + wechat.timeout()) * 2 + COMMITS
}

/// The hosts of the configuration.
pub fn endpoints(wechat: &config::Wechat) -> anyhow::Result<Endpoints> {
    Ok(Endpoints {
        api: BaseUrl::new(&wechat.api_url)?,
        backup: wechat.backup_url.as_deref().map(BaseUrl::new).transpose()?,
        login: BaseUrl::new(&wechat.login_url)?,
    })
}

/// The connection pool to WeChat, shared by all merchants.
pub fn transport(wechat: &config::Wechat) -> anyhow::Result<Arc<dyn Transport>> {
    let transport = HttpTransport::builder()
        .connect_timeout(wechat.connect_timeout())
        .timeout(wechat.timeout())
        .max_answer_bytes(ANSWER_BYTES_MAX)
        .max_idle_per_host(IDLE_CONNECTIONS_MAX)
        .build()?;
    Ok(Arc::new(transport))
}

/// Who calls the merchants' own systems.
pub fn courier(webhooks: &config::Webhooks) -> anyhow::Result<Arc<dyn Courier>> {
    Ok(Arc::new(HttpCourier::new(
        webhooks,
        Arc::new(SystemLookup),
    )?))
}
