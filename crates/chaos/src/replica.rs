//! One process of the server: started, killed, paused, resumed, and its faults.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;

use crate::clock::{Stopwatch, pause, until};
use crate::faults::Faults;

/// A start takes a tenth of a second; a machine that has other work may need many.
const START_LIMIT: Duration = Duration::from_secs(60);
/// A killed process is gone soon, not at once.
const DEATH_LIMIT: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(10);
/// Of a log that explains why a start failed.
const LOG_TAIL_BYTES: usize = 4096;

/// A place for a process: its ports, its files, and the process itself while it runs.
#[derive(Debug)]
pub struct Replica {
    pub address: SocketAddr,
    pub admin: SocketAddr,
    pub faults: Faults,
    binary: PathBuf,
    config: PathBuf,
    log: PathBuf,
    http: reqwest::Client,
    child: Mutex<Option<Child>>,
}

/// Below what the system gives out by itself: while a server is dead, nobody else may be given its
/// port, neither a listener that asks for any nor a connection that goes out.
const PORTS: std::ops::Range<u32> = 12_000..30_000;

/// A port that nobody has, and that this process has not given out before.
fn free_address() -> Result<SocketAddr> {
    static GIVEN: AtomicU32 = AtomicU32::new(0);

    let count = PORTS.end - PORTS.start;
    // Several processes at once begin at different places.
    let begin = std::process::id().wrapping_mul(211);
    for _ in 0..count {
        let offset = begin.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed)) % count;
        let port = u16::try_from(PORTS.start + offset)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    bail!("every port from {} to {} is taken", PORTS.start, PORTS.end)
}

impl Replica {
    /// A place with everything but a configuration, which [`Replica::configure`] writes.
    ///
    /// # Errors
    /// When there are no ports or no files to be had.
    pub fn new(binary: &Path, folder: &Path, name: &str, http: reqwest::Client) -> Result<Self> {
        Ok(Self {
            address: free_address()?,
            admin: free_address()?,
            faults: Faults::new(folder.join(format!("{name}.faults")))?,
            binary: binary.to_owned(),
            config: folder.join(format!("{name}.toml")),
            log: folder.join(format!("{name}.log")),
            http,
            child: Mutex::new(None),
        })
    }

    /// # Errors
    /// When the file cannot be written.
    pub fn configure(&self, text: &str) -> Result<()> {
        fs::write(&self.config, text)?;
        Ok(())
    }

    /// Starts the process and waits until it answers.
    ///
    /// # Errors
    /// When it does not; the end of its log is part of the error.
    pub async fn start(&self) -> Result<()> {
        self.spawn().await?;
        let watch = Stopwatch::start();
        loop {
            if self.answers().await {
                return Ok(());
            }
            if !self.is_running().await? || watch.elapsed() > START_LIMIT {
                bail!(
                    "the server did not start; its log ends:\n{}",
                    self.log_tail()
                );
            }
            pause(GLANCE).await;
        }
    }

    /// The same for a process that may die before it answers; says whether it lives.
    ///
    /// # Errors
    /// When it neither answers nor dies.
    pub async fn try_start(&self) -> Result<bool> {
        self.spawn().await?;
        until("the server to answer or to die", START_LIMIT, async || {
            if self.answers().await {
                return Ok(Some(true));
            }
            Ok((!self.is_running().await?).then_some(false))
        })
        .await
    }

    async fn spawn(&self) -> Result<()> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(&self.binary);
        command.arg("serve").arg("--config").arg(&self.config);
        // The machine's own settings have no place in a configuration of ours.
        command.env_clear();
        self.faults.load_into(&mut command);
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", self.binary.display()))?;
        *self.child.lock().await = Some(child);
        Ok(())
    }

    async fn answers(&self) -> bool {
        let url = format!("http://{}/livez", self.address);
        self.http.get(url).send().await.is_ok()
    }

    /// Whether the process is there, paused or not.
    ///
    /// # Errors
    /// When the operating system cannot say.
    pub async fn is_running(&self) -> Result<bool> {
        match &mut *self.child.lock().await {
            Some(child) => Ok(child.try_wait()?.is_none()),
            None => Ok(false),
        }
    }

    /// `kill -9`, and waits until it is gone. No harm when it is gone already.
    ///
    /// # Errors
    /// When it stays.
    pub async fn kill(&self) -> Result<()> {
        if let Some(mut child) = self.child.lock().await.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Waits for a process that is about to die by itself.
    ///
    /// # Errors
    /// When it lives on.
    pub async fn end(&self) -> Result<ExitStatus> {
        until(
            "the server to die",
            DEATH_LIMIT,
            async || match &mut *self.child.lock().await {
                Some(child) => Ok(child.try_wait()?),
                None => bail!("there is no server that could die"),
            },
        )
        .await
    }

    /// The process stops in the middle of whatever it does, and does not notice.
    ///
    /// # Errors
    /// When there is none.
    pub async fn pause(&self) -> Result<()> {
        self.signal("STOP").await
    }

    /// It goes on where it was.
    ///
    /// # Errors
    /// When there is none.
    pub async fn resume(&self) -> Result<()> {
        self.signal("CONT").await
    }

    async fn signal(&self, name: &str) -> Result<()> {
        let child = self.child.lock().await;
        let pid = child.as_ref().and_then(Child::id);
        let pid = pid.context("there is no server to send a signal to")?;
        let mut kill = Command::new("kill");
        let status = kill
            .args([&format!("-{name}"), &pid.to_string()])
            .status()
            .await?;
        if !status.success() {
            bail!("`kill -{name} {pid}` failed");
        }
        Ok(())
    }

    /// Everything it logged, over all its lives.
    pub fn log_text(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn log_tail(&self) -> String {
        let text = self.log_text();
        let mut from = text.len().saturating_sub(LOG_TAIL_BYTES);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        text.get(from..).unwrap_or_default().to_owned()
    }
}
