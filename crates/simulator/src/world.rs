//! Everything of one seed: the virtual clock, the weather, WeChat, the database, the processes, and
//! whoever looks on.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body};
use bytes::Bytes;
use http::{Request, Response};
use sandbox::Embedded;
use server::app::App;
use store::{Tx, memory::Memory};
use tokio::sync::Notify;

use crate::{
    audit::{Auditor, Violation},
    chance::Chance,
    client::Intents,
    platform::{self, Habits, Trust},
    receiver::Receiver,
    run::Run,
    seams::Process,
    shop::Shop,
    time::{HOUR, Time},
    trace::{Trace, say},
    weather::Weather,
};

/// The size of a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// How many orders buyers intend to place.
    pub orders: u32,
    /// How long things go wrong and orders come in.
    pub storm: Duration,
    /// How long everything may take to settle afterwards.
    pub settle: Duration,
}

impl Default for Size {
    /// A hundred orders over three days: two of storm, one to settle.
    fn default() -> Self {
        Self {
            orders: 100,
            storm: HOUR.saturating_mul(48),
            settle: HOUR.saturating_mul(24),
        }
    }
}

/// A server that runs.
pub(crate) struct Running {
    pub(crate) process: Arc<Process>,
    pub(crate) app: Arc<App>,
    pub(crate) router: Router,
}

/// See the module.
pub(crate) struct World {
    pub(crate) size: Size,
    pub(crate) time: Time,
    pub(crate) chance: Chance,
    pub(crate) weather: Weather,
    pub(crate) trace: Trace,
    pub(crate) platform: Embedded,
    pub(crate) memory: Memory,
    pub(crate) shop: Shop,
    pub(crate) receiver: Receiver,
    pub(crate) intents: Intents,
    pub(crate) auditor: Auditor,
    pub(crate) habits: Mutex<Habits>,
    /// Told of every commit: the jobs look again.
    pub(crate) activity: Notify,
    /// Told when WeChat may have something to send.
    pub(crate) platform_activity: Notify,
    replicas: Mutex<BTreeMap<usize, Arc<Running>>>,
    calls: AtomicU64,
    violation: Mutex<Option<Violation>>,
    violated: Notify,
}

impl World {
    /// The world of a seed, before anything happens in it.
    ///
    /// # Errors
    /// When no keys or no tables can be made.
    pub(crate) fn new(run: &Run) -> anyhow::Result<Self> {
        let (time, chance) = (Time::begin(), Chance::new(run.seed));
        let trust = Trust::thrown(&chance);
        let platform = platform::new(&chance, time, trust)?;
        Ok(Self {
            size: run.size,
            time,
            weather: Weather::new(&chance, time, run.size.storm, run.without.clone()),
            trace: Trace::new(time, run.keep_trace),
            shop: Shop::new(&platform.merchant(), trust)?,
            platform,
            memory: Memory::new()?,
            chance,
            receiver: Receiver::default(),
            intents: Intents::default(),
            auditor: Auditor::default(),
            habits: Mutex::default(),
            activity: Notify::new(),
            platform_activity: Notify::new(),
            replicas: Mutex::default(),
            calls: AtomicU64::new(0),
            violation: Mutex::default(),
            violated: Notify::new(),
        })
    }

    // Processes.

    pub(crate) fn is_up(&self, replica: usize, running: Arc<Running>) {
        self.replicas().insert(replica, running);
    }

    pub(crate) fn is_down(&self, replica: usize) {
        self.replicas().remove(&replica);
    }

    /// One of the servers that run, as a load balancer picks one.
    pub(crate) fn some_replica(&self, chance: &Chance) -> Option<Arc<Running>> {
        let replicas = self.replicas();
        let all: Vec<_> = replicas.values().collect();
        chance.pick(&all).map(|running| Arc::clone(running))
    }

    pub(crate) fn all_replicas(&self) -> Vec<Arc<Running>> {
        self.replicas().values().cloned().collect()
    }

    /// No server runs any longer.
    pub(crate) fn ends(&self) {
        self.replicas().clear();
    }

    fn replicas(&self) -> std::sync::MutexGuard<'_, BTreeMap<usize, Arc<Running>>> {
        self.replicas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request to one of the servers. `None` when nobody answers: no server runs, or the
    /// one that took the request died.
    pub(crate) async fn request(
        &self,
        chance: &Chance,
        request: Request<Body>,
    ) -> Option<Response<Body>> {
        use tower::ServiceExt as _;
        self.time.sleep(chance.millis(1, 60)).await;
        let running = self.some_replica(chance)?;
        let answer = tokio::select! {
            biased;
            () = running.process.death() => None,
            Ok(answer) = running.router.clone().oneshot(request) => Some(answer),
        };
        self.time.sleep(chance.millis(1, 60)).await;
        answer
    }

    // The platform.

    /// WeChat, at this moment.
    pub(crate) fn wechat(&self) -> &Embedded {
        self.platform.set_now(self.time.timestamp());
        &self.platform
    }

    pub(crate) fn ask_wechat(&self, request: &Request<Bytes>) -> Response<Bytes> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let answer = self.wechat().serve(request.clone());
        self.platform_activity.notify_one();
        answer
    }

    /// How many calls WeChat had to answer.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    // Looking on.

    pub(crate) fn after_commit(&self, tx: &Tx) {
        self.activity.notify_waiters();
        if let Err(violation) = self.auditor.after_commit(self, tx) {
            self.fail(violation);
        }
    }

    /// The first violation counts; the run ends with it.
    pub(crate) fn fail(&self, violation: Violation) {
        let mut first = self
            .violation
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if first.is_none() {
            say!(self.trace, "AUDIT", "{violation}");
            *first = Some(violation);
            self.violated.notify_one();
        }
    }

    pub(crate) fn violation(&self) -> Option<Violation> {
        let first = self
            .violation
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        first.clone()
    }

    /// Returns when something is wrong.
    pub(crate) async fn until_violated(&self) {
        self.violated.notified().await;
    }

    /// What the books say; a statement that SQLite refuses is a mistake of the simulator's own.
    pub(crate) fn look(&self, sql: &str, params: &[&str]) -> Vec<Vec<String>> {
        match self.memory.look(sql, params) {
            Ok(rows) => rows,
            Err(error) => {
                let what = format!("the simulator cannot look into the books: {error:?}");
                self.fail(Violation::new("I0", what, None));
                Vec::new()
            }
        }
    }

    /// The first column of the first row.
    pub(crate) fn look_one(&self, sql: &str, params: &[&str]) -> Option<String> {
        let row = self.look(sql, params).into_iter().next()?;
        row.into_iter().next()
    }
}
