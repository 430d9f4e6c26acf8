//! A pool of connections, with its writers, for each runtime.
//!
//! A connection lives in the runtime that opened it: whoever uses it from another one wakes a
//! thread of each for every answer of the database, which costs more than the answer. So a runtime
//! has connections of its own; and what is slow in one of them, such as a rush of orders, keeps no
//! connection from the other.

use std::sync::{Arc, PoisonError, RwLock};

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio::runtime::{Handle, Id};

use crate::{StoreError, StoreOptions, stats::Counters};

use super::{
    CONNECTION_TIMEOUT, SESSION,
    newest::{Newest, Seen},
    url::Settings,
    writers::Writers,
};

/// With fewer connections than these to each, all runtimes share one lane.
const CONNECTIONS_MIN: usize = 4;

/// See the module.
#[derive(Clone)]
pub(super) struct Lane {
    pub(super) pool: Pool,
    pub(super) writers: Arc<Writers>,
}

pub(super) struct Lanes {
    settings: Box<Settings>,
    seen: Seen,
    counters: Arc<Counters>,
    /// Connections of each.
    size: usize,
    /// How many there may be; runtimes beyond that share the first.
    lanes_max: usize,
    lanes: RwLock<Vec<(Id, Lane)>>,
}

impl Lanes {
    pub(super) fn new(settings: Settings, options: &StoreOptions, counters: Arc<Counters>) -> Self {
        let all = options.connections_max.max(1);
        let share = all.checked_div(options.runtimes).unwrap_or(all);
        let (size, lanes_max) = if share < CONNECTIONS_MIN {
            (all, 1)
        } else {
            (share, options.runtimes)
        };
        Self {
            settings: Box::new(settings),
            seen: Seen::default(),
            counters,
            size,
            lanes_max,
            lanes: RwLock::default(),
        }
    }

    /// The lane of the runtime that this is called in.
    ///
    /// # Errors
    /// When no pool can be made of the settings.
    pub(super) fn lane(&self) -> Result<Lane, StoreError> {
        let here = Handle::try_current().map_err(|_| {
            StoreError::Config("PostgreSQL can only be used inside a tokio runtime".into())
        })?;
        let here = here.id();
        let lanes = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = self.find(&lanes, here) {
            return Ok(lane);
        }
        drop(lanes);
        let mut lanes = self.lanes.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have made it while nobody held the lock.
        if let Some(lane) = self.find(&lanes, here) {
            return Ok(lane);
        }
        let lane = self.open()?;
        lanes.push((here, lane.clone()));
        Ok(lane)
    }

    fn find(&self, lanes: &[(Id, Lane)], here: Id) -> Option<Lane> {
        let own = lanes.iter().find(|(id, _)| *id == here);
        let first = lanes.first().filter(|_| lanes.len() >= self.lanes_max);
        own.or(first).map(|(_, lane)| lane.clone())
    }

    fn open(&self) -> Result<Lane, StoreError> {
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let (config, seen) = (self.settings.config.clone(), self.seen.clone());
        let manager = match self.settings.tls.clone() {
            Some(tls) => Manager::from_connect(config, Newest::new(tls, seen), recycling),
            None => {
                let plain = Newest::new(tokio_postgres::NoTls, seen);
                Manager::from_connect(config, plain, recycling)
            }
        };
        let pool = Pool::builder(manager)
            .max_size(self.size)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(CONNECTION_TIMEOUT))
            .create_timeout(Some(CONNECTION_TIMEOUT))
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move {
                    client
                        .batch_execute(SESSION)
                        .await
                        .map_err(HookError::Backend)
                })
            }))
            .build()
            .map_err(|error| StoreError::Config(error.to_string()))?;
        let writers = Writers::new(pool.clone(), self.size, self.counters.clone());
        Ok(Lane {
            pool,
            writers: Arc::new(writers),
        })
    }
}
