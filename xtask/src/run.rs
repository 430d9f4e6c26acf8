//! Running a command to its end, with a limit, and with Ctrl-C respected.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::clock::{Stopwatch, pause, readable};
use crate::interrupt;

/// How often a wait looks at the clock and at Ctrl-C. People do not notice; a core does not either.
const GLANCE: Duration = Duration::from_millis(50);
/// Between the polite signal and the impolite one.
const GRACE: Duration = Duration::from_secs(3);
/// Lines read ahead of the consumer. Beyond that the program waits, which loses nothing.
const LINES_AHEAD: usize = 1_024;

/// Runs `command` with its output on our terminal.
pub(crate) fn to_terminal(command: &mut Command, limit: Duration) -> anyhow::Result<ExitStatus> {
    let mut child = spawn(command)?;
    let watch = Stopwatch::start();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        stop_if_due(&mut child, watch, limit)?;
        pause(GLANCE);
    }
}

/// Runs `command` with both of its outputs in one stream, in order, handed over line by line.
pub(crate) fn by_line(
    command: &mut Command,
    limit: Duration,
    mut on_line: impl FnMut(&str),
) -> anyhow::Result<ExitStatus> {
    let (reader, writer) = std::io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child = spawn(command)?;
    // The command holds the other copies of the writing end; with ours gone, its end is our end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    drain(&mut child, &lines_of(reader), limit, &mut on_line)
}

/// Runs `command` and hands over its standard output line by line; errors go to our terminal.
pub(crate) fn output_by_line(
    command: &mut Command,
    limit: Duration,
    mut on_line: impl FnMut(&str),
) -> anyhow::Result<ExitStatus> {
    let mut child = spawn(command.stdout(Stdio::piped()))?;
    let stdout = child.stdout.take().context("the output was not captured")?;
    drain(&mut child, &lines_of(stdout), limit, &mut on_line)
}

/// Sends a signal to a command and to everything it started.
pub(crate) fn signal_group(child: &Child, signal: &str) {
    let target = format!("kill -s {signal} -- -{}", child.id());
    // Failing means that there is nobody left to receive it.
    drop(
        Command::new("/bin/sh")
            .args(["-c", &target])
            .stderr(Stdio::null())
            .status(),
    );
}

fn spawn(command: &mut Command) -> anyhow::Result<Child> {
    // A group of its own: the limit must stop the compiler's and the tests' processes as well.
    command.stdin(Stdio::null()).process_group(0);
    command
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))
}

fn lines_of(source: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = sync_channel(LINES_AHEAD);
    std::thread::spawn(move || {
        for line in BufReader::new(source).split(b'\n').map_while(Result::ok) {
            let text = String::from_utf8_lossy(&line)
                .trim_end_matches('\r')
                .to_owned();
            if sender.send(text).is_err() {
                return;
            }
        }
    });
    receiver
}

fn drain(
    child: &mut Child,
    lines: &Receiver<String>,
    limit: Duration,
    on_line: &mut dyn FnMut(&str),
) -> anyhow::Result<ExitStatus> {
    let watch = Stopwatch::start();
    loop {
        match lines.recv_timeout(GLANCE) {
            Ok(line) => on_line(&line),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                // A grandchild may hold the pipe open after the command itself has ended.
                if child.try_wait()?.is_some() {
                    signal_group(child, "KILL");
                }
            }
        }
        stop_if_due(child, watch, limit)?;
    }
    child.wait().context("cannot wait for the command")
}

fn stop_if_due(child: &mut Child, watch: Stopwatch, limit: Duration) -> anyhow::Result<()> {
    if interrupt::requested() {
        end(child)?;
        bail!("interrupted");
    }
    if watch.exceeds(limit) {
        end(child)?;
        bail!("stopped after {}, its limit", readable(limit));
    }
    Ok(())
}

fn end(child: &mut Child) -> anyhow::Result<()> {
    signal_group(child, "TERM");
    let watch = Stopwatch::start();
    while child.try_wait()?.is_none() {
        if watch.exceeds(GRACE) {
            signal_group(child, "KILL");
            child.wait()?;
        }
        pause(GLANCE);
    }
    // Whatever the command left behind in its group goes with it.
    signal_group(child, "KILL");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn both_outputs_arrive_in_the_order_they_were_written() {
        let mut seen = Vec::new();
        let script = "echo one; echo two >&2; echo three; exit 3";
        let status = by_line(&mut shell(script), LIMIT, |line| seen.push(line.to_owned())).unwrap();
        assert_eq!(seen, ["one", "two", "three"]);
        assert_eq!(status.code(), Some(3));
    }

    #[test]
    fn a_command_that_hangs_is_stopped_with_everything_it_started() {
        let mut pids = Vec::new();
        let script = "sleep 600 & echo $!; echo $$; wait";
        let limit = Duration::from_millis(300);
        let error = by_line(&mut shell(script), limit, |line| pids.push(line.to_owned()));
        assert!(error.unwrap_err().to_string().contains("its limit"));
        assert_eq!(pids.len(), 2);
        for pid in pids {
            let watch = Stopwatch::start();
            // A killed process is gone soon, not at once, on a machine that has other work.
            while is_running(&pid) {
                assert!(!watch.exceeds(LIMIT), "process {pid} is still there");
                pause(Duration::from_millis(5));
            }
        }
    }

    fn is_running(pid: &str) -> bool {
        let zombie = std::fs::read_to_string(format!("/proc/{pid}/stat"))
            .is_ok_and(|stat| stat.contains(") Z "));
        let alive = shell(&format!("kill -0 {pid} 2>/dev/null")).status();
        alive.unwrap().success() && !zombie
    }

    #[test]
    fn a_child_left_behind_does_not_keep_us_waiting() {
        let status = by_line(&mut shell("sleep 600 & exit 0"), LIMIT, |_| {}).unwrap();
        assert!(status.success());
    }
}
