//! Everything that a run needs: a platform, a database, one replica of the server or several, a
//! webhook receiver, and the clients' history.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use tempfile::TempDir;

use crate::database::Database;
use crate::history::History;
use crate::platform::Platform;
use crate::receiver::Receiver;
use crate::replica::Replica;
use crate::shop::Shop;

/// The key of the merchant's own system.
pub const API_KEY: &str = "a-key-for-chaos-only-0123456789";
/// A client gives up after this and asks again, elsewhere perhaps. Less than a paused replica
/// sleeps, so that what it does when it wakes up was done by another one before.
const CLIENT_PATIENCE: Duration = Duration::from_secs(5);
/// The platform is not what is tested: a loaded machine may take its time over it.
const PLATFORM_PATIENCE: Duration = Duration::from_secs(60);
/// Time moves in steps of so many seconds: less than the five minutes by which the two sides may
/// differ, because one of them moves first.
const STEP_S: u32 = 200;

/// How to set the stage.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The program of the server.
    pub server: PathBuf,
    /// Where it keeps its books; `None`: an SQLite file of the stage's own.
    pub database: Option<Database>,
    pub replicas: usize,
    pub pace: Pace,
}

/// How long a claimed job belongs to its worker, seconds: the least that the configuration takes.
pub const LEASE_S: u32 = 15;

/// How often the server looks for work that nobody asks it for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// All the time: what died with its worker is taken over soon.
    Brisk,
    /// Once a second: on PostgreSQL each look is a call, and the calls are to be numbered.
    Calm,
}

impl Pace {
    const fn tick_ms(self) -> u32 {
        match self {
            Self::Brisk => 100,
            Self::Calm => 1000,
        }
    }
}

#[derive(Debug)]
pub struct Stage {
    pub platform: Arc<Platform>,
    pub receiver: Receiver,
    pub database: Database,
    pub replicas: Vec<Arc<Replica>>,
    pub shop: Arc<Shop>,
    pub history: Arc<History>,
    /// How far both clocks are ahead of the machine's.
    ahead_ms: AtomicI64,
    folder: TempDir,
}

impl Stage {
    /// Sets everything up and starts nothing.
    ///
    /// # Errors
    /// When a port, a file or a C compiler is missing.
    pub async fn set(setup: &Setup) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("shouyin-chaos-")
            .tempdir()?;
        let platform = Arc::new(Platform::start(client(PLATFORM_PATIENCE)?).await?);
        let http = client(CLIENT_PATIENCE)?;
        let database = setup.database.clone();
        let database = database.unwrap_or_else(|| Database::sqlite_in(folder.path()));
        let mut replicas = Vec::with_capacity(setup.replicas);
        for number in 1..=setup.replicas {
            let name = format!("replica-{number}");
            let replica = Replica::new(&setup.server, folder.path(), &name, http.clone())?;
            replicas.push(Arc::new(replica));
        }
        let first = replicas.first().context("no replica was asked for")?;
        // WeChat reports to one address, as through a proxy that has lost sight of the others.
        let public = first.address;
        for replica in &replicas {
            let text = configuration(&platform, &database, replica, public, setup.pace)?;
            replica.configure(&text)?;
        }
        let history = Arc::new(History::default());
        let addresses = replicas.iter().map(|replica| replica.address).collect();
        let shop = Shop::new(http, addresses, platform.clone(), history.clone()).await?;
        Ok(Self {
            platform,
            receiver: Receiver::start().await?,
            database,
            replicas,
            shop: Arc::new(shop),
            history,
            ahead_ms: AtomicI64::new(0),
            folder,
        })
    }

    /// Starts every replica that is not running, and makes the webhook endpoint if it is missing.
    ///
    /// # Errors
    /// When one does not start.
    pub async fn start(&self) -> Result<()> {
        for replica in &self.replicas {
            if !replica.is_running().await? {
                replica.start().await?;
            }
        }
        self.shop.listen_to_webhooks(&self.receiver.url).await
    }

    /// The first replica, for runs that have one.
    pub fn server(&self) -> &Replica {
        // `set` has seen that there is one.
        &self.replicas[0]
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file of an SQLite database.
    ///
    /// # Errors
    /// When the books are kept elsewhere.
    pub fn sqlite_file(&self) -> Result<&Path> {
        match &self.database {
            Database::Sqlite(path) => Ok(path),
            Database::Postgres(_) => anyhow::bail!("this run has no SQLite file"),
        }
    }

    /// Both clocks move, and what falls due at the platform happens.
    ///
    /// # Errors
    /// When a control file is gone.
    pub async fn advance(&self, seconds: u32) -> Result<()> {
        let mut left = seconds;
        while left > 0 {
            let step = left.min(STEP_S);
            self.advance_servers(step)?;
            self.advance_platform(step).await;
            left -= step;
        }
        Ok(())
    }

    /// The servers' half of [`Stage::advance`], for less than the two sides may differ.
    ///
    /// # Errors
    /// When a control file is gone.
    pub fn advance_servers(&self, seconds: u32) -> Result<()> {
        let ms = i64::from(seconds) * 1000;
        let ahead = self.ahead_ms.fetch_add(ms, Ordering::SeqCst) + ms;
        for replica in &self.replicas {
            replica.faults.set_clock_offset_ms(ahead)?;
        }
        Ok(())
    }

    /// The platform's half. It waits for every notification that falls due, and so for a replica
    /// that is paused.
    pub async fn advance_platform(&self, seconds: u32) {
        self.platform.sandbox.advance(seconds).await;
    }

    /// How far the clocks are ahead, for somebody who wants one of them to differ.
    pub fn ahead_ms(&self) -> i64 {
        self.ahead_ms.load(Ordering::SeqCst)
    }

    /// Makes the platform's calls and notifications go wrong, or right again with `[]`.
    ///
    /// # Errors
    /// When the sandbox refuses.
    pub async fn platform_faults(&self, faults: &serde_json::Value) -> Result<()> {
        self.platform.set_faults(faults).await
    }

    /// Loses every notification from now on.
    ///
    /// # Errors
    /// When the sandbox refuses.
    pub async fn lose_notifications(&self) -> Result<()> {
        self.platform_faults(&json!([{"on": "notification", "kind": "lose"}]))
            .await
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a client under test is not the product's transport"
)]
fn client(patience: Duration) -> Result<reqwest::Client> {
    let builder = reqwest::Client::builder().timeout(patience);
    Ok(builder.build()?)
}

fn configuration(
    platform: &Platform,
    database: &Database,
    replica: &Replica,
    public: std::net::SocketAddr,
    pace: Pace,
) -> Result<String> {
    Ok(format!(
        r#"
[server]
listen = "{listen}"
admin_listen = "{admin}"
public_url = "http://{public}"
shutdown_grace_s = 5
[database]
url = "{database}"
[wechat]
api_url = "{api}"
login_url = "{api}"
# Short limits make short leases: what died with its process is taken over soon.
timeout_ms = 1000
connect_timeout_ms = 500
[jobs]
tick_ms = {tick_ms}
lease_s = {LEASE_S}
[webhooks]
allow_http = true
allow_private_addresses = true
timeout_ms = 2000
[log]
format = "json"
[merchants.default]
mch_id = "{mch_id}"
serial_no = "{serial_no}"
private_key = '''{private_key}'''
api_v3_key = "{api_v3_key}"
public_key_id = "{public_key_id}"
public_key = '''{public_key}'''
api_key = "{API_KEY}"
[[merchants.default.apps]]
app_id = "{app_id}"
app_secret = "{app_secret}"
"#,
        listen = replica.address,
        admin = replica.admin,
        database = database.url(),
        api = platform.sandbox.api_url(),
        tick_ms = pace.tick_ms(),
        mch_id = platform.text("mchid")?,
        serial_no = platform.text("serial_no")?,
        private_key = platform.text("private_key_pem")?,
        api_v3_key = platform.text("api_v3_key")?,
        public_key_id = platform.text("public_key_id")?,
        public_key = platform.text("public_key_pem")?,
        app_id = platform.text("appid")?,
        app_secret = platform.text("app_secret")?,
    ))
}
