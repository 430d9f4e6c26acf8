#![doc = include_str!("../README.md")]

mod standby;

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

/// One server of PostgreSQL.
#[derive(Debug)]
pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    /// Starts an empty one.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or does not start.
    pub fn start() -> Result<Self> {
        let cluster = Self::prepare()?;
        let mut initdb = cluster.program("initdb");
        initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8"]);
        initdb.args(["--no-locale", "--no-sync"]);
        run(initdb.arg("-D").arg(cluster.data()))?;
        cluster.control("start")?;
        Ok(cluster)
    }

    /// A folder and a port, and nothing in them.
    fn prepare() -> Result<Self> {
        let programs = programs().context("the PostgreSQL programs are not installed")?;
        let folder = tempfile::tempdir()?;
        let cluster = Self {
            folder,
            programs,
            port: free_port()?,
        };
        if is_root() {
            run(Command::new("chown")
                .arg("postgres")
                .arg(cluster.folder.path()))
            .context("PostgreSQL does not run as root, and there is no user postgres")?;
        }
        Ok(cluster)
    }

    /// The superuser's URL.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// `host:port`, for a URL with several hosts.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Stops without last words to anybody, as PostgreSQL itself does it in an emergency.
    ///
    /// # Errors
    /// When it cannot.
    pub fn kill(&self) -> Result<()> {
        self.control("kill")
    }

    /// `kill -9` of the server and everything that it has started: as if the machine were gone.
    ///
    /// # Errors
    /// When it is not running.
    pub fn kill_9(&self) -> Result<()> {
        let pid = std::fs::read_to_string(self.data().join("postmaster.pid"))?;
        let pid = pid.lines().next().context("no process number")?.to_owned();
        let children = Command::new("ps")
            .args(["-o", "pid=", "--ppid", &pid])
            .output()?;
        let children = String::from_utf8_lossy(&children.stdout).into_owned();
        // The parent first, so that it starts nothing new.
        run(Command::new("kill").args(["-9", &pid]))?;
        for child in children.split_whitespace() {
            // One that has ended by itself meanwhile is as dead.
            run(Command::new("kill").args(["-9", child])).ok();
        }
        Ok(())
    }

    /// Starts it again, after a kill.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&self) -> Result<()> {
        self.control("start")
    }

    fn control(&self, action: &str) -> Result<()> {
        let mut command = self.program("pg_ctl");
        command.arg("-D").arg(self.data()).arg("-w");
        match action {
            "start" => {
                let folder = self.folder.path().display();
                let options = format!("-p {} -k {folder} -c listen_addresses=127.0.0.1", self.port);
                let log = self.folder.path().join("log");
                command.arg("-l").arg(log).args(["-o", &options, "start"]);
            }
            "kill" => {
                command.args(["-m", "immediate", "stop"]);
            }
            other => {
                command.arg(other);
            }
        }
        run(&mut command)
    }

    /// Appends to the configuration and has it read.
    ///
    /// # Errors
    /// When the file is not there, or the server is not running.
    pub fn configure(&self, settings: &str) -> Result<()> {
        use std::io::Write;
        let file = self.data().join("postgresql.conf");
        let mut file = std::fs::File::options().append(true).open(file)?;
        writeln!(file, "{settings}")?;
        self.control("reload")
    }

    /// From here on it takes encrypted connections only, and shows this certificate (both PEM).
    ///
    /// # Errors
    /// When the files cannot be given to the server's user, or it is not running.
    pub fn encrypt(&self, certificate: &str, key: &str) -> Result<()> {
        self.put("server.crt", certificate)?;
        self.put("server.key", key)?;
        self.put("pg_hba.conf", "hostssl all all 127.0.0.1/32 trust\n")?;
        self.configure("ssl = on")
    }

    /// Puts a file among its data, for its user only.
    fn put(&self, name: &str, text: &str) -> Result<()> {
        let path = self.data().join(name);
        std::fs::write(&path, text)?;
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&path))?;
        }
        run(Command::new("chmod").arg("600").arg(&path))
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
        // One that was killed already cannot be stopped, and need not be.
        self.control("kill").ok();
    }
}

/// Whether there is a PostgreSQL to start, and a user to start it as.
pub fn is_installed() -> bool {
    let has_user = || Command::new("id").args(["-u", "postgres"]).output();
    let user = !is_root() || has_user().is_ok_and(|user| user.status.success());
    user && programs().is_some()
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let status = command
        .status()
        .with_context(|| format!("cannot run `{name}`"))?;
    if !status.success() {
        let arguments: Vec<_> = command.get_args().map(|it| it.to_string_lossy()).collect();
        bail!("`{name} {}` failed", arguments.join(" "));
    }
    Ok(())
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

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    ensure!(port > 0, "the system has no port");
    Ok(port)
}
