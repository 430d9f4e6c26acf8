//! A PostgreSQL for one run: a fresh cluster in a temporary folder, gone afterwards.

mod find;
mod install;

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use tempfile::TempDir;

use crate::clock::{Stopwatch, pause};
use crate::guarded::{Guarded, Start};
use crate::interrupt;
use crate::run;

/// `initdb` writes some 40 MB with fsync; slow disks exist.
const INITDB_LIMIT: Duration = Duration::from_secs(120);
/// A fresh cluster is ready within a second; a loaded machine may need many.
const READY_LIMIT: Duration = Duration::from_secs(60);
/// Printed once it takes connections. The cluster's language is C, so the words are stable.
const READY: &str = "database system is ready to accept connections";
/// Tests run in parallel, each with a small pool; the server's default of 100 is near that.
const CONNECTIONS: u32 = 300;

pub(crate) struct Postgres {
    // Fields are dropped in this order: the server first, then the folder that it writes to.
    server: Guarded,
    _folder: TempDir,
    port: u16,
}

impl Postgres {
    /// Finds or installs PostgreSQL and starts it. The error says what is missing.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let programs = match find::programs() {
            Some(folder) => folder,
            None => {
                install::postgres()?;
                find::programs().context("PostgreSQL was installed, but initdb is not there")?
            }
        };
        Self::start_from(&programs)
    }

    fn start_from(programs: &Path) -> anyhow::Result<Self> {
        let user = find::user_for_server()?;
        let folder = tempfile::Builder::new()
            .prefix("shouyin-postgres-")
            .tempdir()?;
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(folder.path(), Some(uid), Some(gid))?;
        }
        initdb(programs, folder.path(), user)?;
        let port = free_port()?;
        let server = serve(programs, folder.path(), user, port)?;
        let mut postgres = Self {
            server,
            _folder: folder,
            port,
        };
        postgres.wait_until_ready()?;
        Ok(postgres)
    }

    /// The superuser's URL, for a client that makes its own databases.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let watch = Stopwatch::start();
        loop {
            let log = self.server.log_text();
            if log.contains(READY) {
                return Ok(());
            }
            let ended = self.server.ended()?.is_some();
            if ended || watch.exceeds(READY_LIMIT) || interrupt::requested() {
                bail!("PostgreSQL did not become ready; it wrote:\n{log}");
            }
            pause(Duration::from_millis(50));
        }
    }
}

fn initdb(programs: &Path, folder: &Path, user: Option<(u32, u32)>) -> anyhow::Result<()> {
    let mut command = Command::new(programs.join("initdb"));
    command
        .arg("--pgdata")
        .arg(folder.join("data"))
        .args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
        ])
        .current_dir(folder);
    if let Some((uid, gid)) = user {
        use std::os::unix::process::CommandExt;
        command.uid(uid).gid(gid);
    }
    let mut log = String::new();
    let status = run::by_line(&mut command, INITDB_LIMIT, |line| {
        log.push_str(line);
        log.push('\n');
    })?;
    if !status.success() {
        bail!("initdb failed:\n{log}");
    }
    Ok(())
}

fn serve(
    programs: &Path,
    folder: &Path,
    user: Option<(u32, u32)>,
    port: u16,
) -> anyhow::Result<Guarded> {
    let mut command = Command::new(programs.join("postgres"));
    command
        .arg("-D")
        .arg(folder.join("data"))
        .current_dir(folder);
    let sockets = format!("unix_socket_directories={}", folder.display());
    let settings = [
        "listen_addresses=127.0.0.1",
        // Real durability: what the tests prove must hold for a merchant's disk too.
        "fsync=on",
        // A client that connects and says nothing may hold up a stop for so many seconds.
        "authentication_timeout=5",
        &sockets,
        &format!("port={port}"),
        &format!("max_connections={CONNECTIONS}"),
    ];
    for setting in settings {
        command.args(["-c", setting]);
    }
    let log = folder.join("server.log");
    // SIGINT is PostgreSQL's "fast" shutdown: it does not wait for clients to go away.
    let how = Start {
        name: "PostgreSQL",
        stop_signal: "INT",
        log: &log,
        user,
    };
    Guarded::start(&how, &command)
}

fn free_port() -> anyhow::Result<u16> {
    // Between this and the server's start somebody could take it; then the start says so.
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn a_server_takes_connections_and_is_gone_afterwards() {
        let Some(programs) = find::programs() else {
            println!("SKIPPED a_server_takes_connections: PostgreSQL is not installed");
            return;
        };
        let mut postgres = Postgres::start_from(&programs).unwrap();
        let (port, folder) = (postgres.port, postgres._folder.path().to_path_buf());
        assert!(postgres.url().ends_with(&format!(":{port}/postgres")));
        // A client that stays connected must not keep the server from stopping.
        let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        client.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).unwrap();
        let mut answer = [0];
        client.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"N", "the answer to `shall we speak TLS?`");
        let stopped = postgres.server.stop();
        assert!(
            stopped,
            "had to be killed; it wrote:\n{}",
            postgres.server.log_text()
        );
        drop(postgres);
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
        assert!(!folder.exists());
    }
}
