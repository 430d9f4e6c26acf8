//! A program that cannot outlive us.
//!
//! A small shell stands between this process and the program. It holds one end of a pipe, and when
//! the other end closes it stops the program. The kernel closes that end whatever happens to us: a
//! return, a panic, a second Ctrl-C, even `kill -9`.

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context;

use crate::clock::{Stopwatch, pause};
use crate::run;

/// `$1` is the signal that asks the program to stop, the rest is its command line.
/// Shells give background commands an empty standard input, hence the copy on 3.
const GUARD: &str = r#"
    signal=$1; shift
    exec 3<&0
    "$@" </dev/null 3<&- & program=$!
    { read -r _ <&3; kill -s "$signal" "$program" 2>/dev/null; } & watcher=$!
    wait "$program"; code=$?
    kill "$watcher" 2>/dev/null
    exit "$code"
"#;

/// Longer than a graceful stop of the server (which drains requests), short enough for a person.
const STOP_LIMIT: Duration = Duration::from_secs(15);

pub(crate) struct Guarded {
    name: &'static str,
    child: Child,
    lifeline: Option<ChildStdin>,
    log: PathBuf,
}

/// How to start one program under the guard.
pub(crate) struct Start<'a> {
    pub(crate) name: &'static str,
    /// The signal that means "stop in good order" to this program.
    pub(crate) stop_signal: &'static str,
    pub(crate) log: &'a Path,
    /// Another user to run as, by number: `(uid, gid)`.
    pub(crate) user: Option<(u32, u32)>,
}

impl Guarded {
    /// Starts `command` with both outputs going to the log file.
    pub(crate) fn start(how: &Start<'_>, command: &Command) -> anyhow::Result<Self> {
        let log = File::create(how.log)
            .with_context(|| format!("cannot write the log {}", how.log.display()))?;
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", GUARD, "guard", how.stop_signal])
            .arg(command.get_program())
            .args(command.get_args())
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0);
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            shell.current_dir(folder);
        }
        if let Some((uid, gid)) = how.user {
            shell.uid(uid).gid(gid);
        }
        let mut child = shell
            .spawn()
            .with_context(|| format!("cannot start {}", how.name))?;
        let lifeline = child.stdin.take();
        Ok(Self {
            name: how.name,
            child,
            lifeline,
            log: how.log.to_path_buf(),
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// How the program ended, if it did.
    pub(crate) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Everything that the program has written so far.
    pub(crate) fn log_text(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Asks the program to stop, and kills it when it does not. Says whether it went by itself.
    pub(crate) fn stop(&mut self) -> bool {
        drop(self.lifeline.take());
        let watch = Stopwatch::start();
        while !watch.exceeds(STOP_LIMIT) {
            match self.child.try_wait() {
                Ok(None) => pause(Duration::from_millis(20)),
                Ok(Some(_)) | Err(_) => return true,
            }
        }
        run::signal_group(&self.child, "KILL");
        self.child.wait().is_err()
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(script: &str, log: &Path) -> Guarded {
        let how = Start {
            name: "test program",
            stop_signal: "TERM",
            log,
            user: None,
        };
        Guarded::start(&how, Command::new("/bin/sh").args(["-c", script])).unwrap()
    }

    #[test]
    fn a_program_is_stopped_in_good_order_when_the_guard_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let script = "trap 'echo goodbye; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
        let mut program = start(script, &log);
        while !program.log_text().contains("ready") {
            pause(Duration::from_millis(5));
        }
        assert!(program.stop());
        assert_eq!(program.log_text(), "ready\ngoodbye\n");
    }

    #[test]
    fn the_exit_code_of_the_program_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let mut program = start("echo broken >&2; exit 7", &folder.path().join("log"));
        let status = loop {
            if let Some(status) = program.ended().unwrap() {
                break status;
            }
            pause(Duration::from_millis(5));
        };
        assert_eq!(status.code(), Some(7));
        assert_eq!(program.log_text(), "broken\n");
    }
}
