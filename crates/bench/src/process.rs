//! The server under load as a process of its own: started on a written configuration, watched
//! through `/proc`, stopped at the end of each run so that no run inherits another's work.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command};

use crate::client::{Connection, request};
use crate::clock;
use crate::keys::Keys;

/// A server that is not ready after this long will not become so.
const START_ATTEMPTS: u32 = 200;
const START_PAUSE: Duration = Duration::from_millis(50);

/// What a server is started with.
pub(crate) struct Setup<'a> {
    pub(crate) binary: &'a Path,
    pub(crate) folder: &'a Path,
    pub(crate) database_url: &'a str,
    pub(crate) upstream: &'a str,
    pub(crate) keys: &'a Keys,
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    pid: u32,
    pub(crate) address: String,
}

impl Server {
    pub(crate) async fn start(setup: &Setup<'_>) -> Result<Server> {
        let address = free_address()?;
        let config = setup.folder.join("shouyin.toml");
        fs::write(&config, configuration(setup, &address)?)?;
        let log = fs::File::create(setup.folder.join("shouyin.log"))?;
        let child = Command::new(setup.binary)
            .arg("--config")
            .arg(&config)
            .arg("serve")
            .env_clear()
            .stdout(Stdio::from(log.try_clone()?))
            .stderr(Stdio::from(log))
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", setup.binary.display()))?;
        let pid = child.id().context("the server ended at once")?;
        let mut server = Server {
            child,
            pid,
            address,
        };
        server.wait_until_ready(setup.folder).await?;
        Ok(server)
    }

    async fn wait_until_ready(&mut self, folder: &Path) -> Result<()> {
        for _ in 0..START_ATTEMPTS {
            if self.child.try_wait()?.is_some() {
                break;
            }
            if let Ok(mut connection) = Connection::open(&self.address).await {
                let call = request("GET", "/livez", &[], b"");
                if connection
                    .call(&call)
                    .await
                    .is_ok_and(|answer| answer.status == 200)
                {
                    return Ok(());
                }
            }
            clock::pause(START_PAUSE).await;
        }
        let log = fs::read_to_string(folder.join("shouyin.log")).unwrap_or_default();
        bail!("the server did not become ready; its log says:\n{log}")
    }

    /// CPU time of all threads so far, in microseconds.
    pub(crate) fn cpu_us(&self) -> Result<u64> {
        let mut nanos = 0u64;
        for thread in fs::read_dir(format!("/proc/{}/task", self.pid))? {
            // A thread that ended in between has nothing more to add.
            let on_cpu = clock::on_cpu_nanos(&thread?.path()).unwrap_or(0);
            nanos = nanos.saturating_add(on_cpu);
        }
        Ok(nanos / 1000)
    }

    /// The highest resident size so far, in KiB.
    pub(crate) fn peak_kib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|rest| rest.trim().strip_suffix(" kB"));
        kib.context("no VmHWM in /proc")?
            .trim()
            .parse()
            .context("VmHWM is not a number")
    }

    pub(crate) async fn stop(mut self) -> Result<()> {
        self.child.kill().await.context("cannot stop the server")
    }
}

fn free_address() -> Result<String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?.to_string())
}

fn configuration(setup: &Setup<'_>, address: &str) -> Result<String> {
    let keys = setup.keys;
    let admin = free_address()?;
    fs::write(setup.folder.join("apiclient_key.pem"), &keys.merchant_pem)?;
    fs::write(
        setup.folder.join("pub_key.pem"),
        keys.platform.public_key().to_pem(),
    )?;
    Ok(format!(
        r#"
[server]
listen = "{address}"
admin_listen = "{admin}"

[database]
url = "{database}"

[orders]
max_in_flight = 1024

[limits]
requests_per_session_per_s = 0
requests_per_address_per_s = 0

[reconciliation]
enabled = false

[wechat]
rate_percent = 10000
api_url = "{upstream}"
backup_url = ""
login_url = "{upstream}"

[log]
format = "json"

[merchants.default]
mch_id = "{mch_id}"
serial_no = "{serial}"
private_key_file = "apiclient_key.pem"
api_v3_key = "{api_v3_key}"
public_key_id = "{public_key_id}"
public_key_file = "pub_key.pem"
notify_url = "https://shop.example/v1/wechat/notify/default"

[[merchants.default.apps]]
app_id = "{app_id}"
app_secret = "0123456789abcdef0123456789abcdef"
"#,
        database = setup.database_url,
        upstream = setup.upstream,
        mch_id = keys.mch_id,
        serial = keys.merchant_serial,
        api_v3_key = keys.api_v3_key_text,
        public_key_id = keys.public_key_id,
        app_id = keys.app_id,
    ))
}
