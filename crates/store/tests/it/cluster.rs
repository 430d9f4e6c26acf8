//! A PostgreSQL of a test's own, which it may stop.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

pub(crate) struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    /// Starts one, or says why there is none.
    pub(crate) fn start() -> Result<Self, String> {
        let programs = programs().ok_or("the PostgreSQL programs are not installed")?;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let port = free_port();
        let cluster = Self {
            folder,
            programs,
            port,
        };
        if is_root() {
            let folder = cluster.folder.path();
            if !succeeds(Command::new("chown").arg("postgres").arg(folder)) {
                return Err(
                    "PostgreSQL does not run as root, and there is no user postgres".into(),
                );
            }
        }
        let mut initdb = cluster.program("initdb");
        initdb.args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
        ]);
        if !succeeds(initdb.arg("-D").arg(cluster.data())) {
            return Err("initdb failed".into());
        }
        if cluster.control("start") {
            Ok(cluster)
        } else {
            Err("pg_ctl start failed".into())
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// As if the power failed: no last words to anybody.
    pub(crate) fn kill(&self) {
        assert!(self.control("kill"));
    }

    pub(crate) fn restart(&self) {
        assert!(self.control("start"));
    }

    fn control(&self, action: &str) -> bool {
        let mut command = self.program("pg_ctl");
        command.arg("-D").arg(self.data()).arg("-w");
        match action {
            "start" => {
                let folder = self.folder.path().display();
                let options = format!("-p {} -k {folder} -c listen_addresses=127.0.0.1", self.port);
                let log = self.folder.path().join("log");
                command.arg("-l").arg(log).args(["-o", &options, "start"]);
            }
            _ => {
                command.args(["-m", "immediate", "stop"]);
            }
        }
        succeeds(&mut command)
    }

    /// A program of PostgreSQL, as a user under whom it is willing to run.
    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
                .arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(self.folder.path());
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.control("kill");
    }
}

fn succeeds(command: &mut Command) -> bool {
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    let user = Command::new("id").arg("-u").output();
    user.is_ok_and(|user| user.stdout.trim_ascii() == b"0")
}

/// Where Debian puts them, the newest version first, or wherever the path leads.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|folders| {
            folders
                .flatten()
                .map(|folder| folder.path().join("bin"))
                .collect()
        })
        .unwrap_or_default();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let anywhere = std::env::split_paths(&path);
    versions
        .into_iter()
        .rev()
        .chain(anywhere)
        .find(|folder| has_postgres(folder))
}

fn has_postgres(folder: &Path) -> bool {
    folder.join("initdb").is_file() && folder.join("pg_ctl").is_file()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
