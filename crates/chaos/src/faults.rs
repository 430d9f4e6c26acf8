//! What can be made to go wrong between the server and the kernel: the other end of
//! `shim/fault.c`, which says how.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow, bail};
use tokio::process::Command;

const SOURCE: &str = include_str!("../shim/fault.c");

// The fields of `struct control`, in its order.
const COUNTED: u64 = 0;
const STRIKE_AT: u64 = 8;
const STRIKES: u64 = 16;
const STRUCK: u64 = 24;
const KINDS: u64 = 32;
const ACTION: u64 = 36;
const CLOCK_MS: u64 = 40;
const IMAGES: u64 = 48;
const PATH: u64 = 56;
const TRAIL: u64 = 120;
const NOTE: usize = 64;
const NOTES: u64 = 1024;
const SIZE: u64 = TRAIL + NOTES * 64;

/// Kinds of calls, to be added up.
pub mod calls {
    /// Bytes go to a file.
    pub const WRITE: u32 = 1;
    /// A file is synced.
    pub const SYNC: u32 = 2;
    /// A file is cut or grown.
    pub const TRUNCATE: u32 = 4;
    /// Bytes go to a peer over TCP.
    pub const SEND: u32 = 8;
    /// Everything that lasts or that somebody else sees.
    pub const ALL: u32 = WRITE | SYNC | TRUNCATE | SEND;
}

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The process is killed instead.
    DieBefore,
    /// The process is killed when it has happened.
    DieAfter,
    /// The process is killed when half of the bytes are written.
    DieHalfway,
    /// It fails, as on a broken disk.
    Eio,
    /// It fails, as on a full disk.
    Enospc,
    /// Half of the bytes are written, and the caller is told so.
    Half,
}

impl Action {
    const fn number(self) -> u32 {
        match self {
            Self::DieBefore => 1,
            Self::DieAfter => 2,
            Self::DieHalfway => 3,
            Self::Eio => 4,
            Self::Enospc => 5,
            Self::Half => 6,
        }
    }
}

/// When a fault strikes, and what it does.
#[derive(Clone, Copy, Debug)]
pub struct Fault<'a> {
    /// The kinds of calls that count, from [`calls`].
    pub kinds: u32,
    /// Files count when their path holds this.
    pub path: &'a str,
    /// The first call that goes wrong, beginning with 1; 0 only counts.
    pub at: u64,
    /// How many in a row go wrong.
    pub times: u64,
    pub action: Action,
}

impl<'a> Fault<'a> {
    /// Nothing goes wrong; what would be a place for it is counted.
    pub const fn count_only(kinds: u32, path: &'a str) -> Self {
        Self {
            kinds,
            path,
            at: 0,
            times: 0,
            action: Action::DieBefore,
        }
    }

    /// From now on and until disarmed.
    pub const fn always(kinds: u32, path: &'a str, action: Action) -> Self {
        Self {
            kinds,
            path,
            at: 1,
            times: u64::MAX,
            action,
        }
    }

    /// Once, at this call.
    pub const fn once(kinds: u32, path: &'a str, at: u64, action: Action) -> Self {
        Self {
            kinds,
            path,
            at,
            times: 1,
            action,
        }
    }
}

/// The control file of one process and its successors.
#[derive(Debug)]
pub struct Faults {
    file: File,
    control: PathBuf,
    library: PathBuf,
}

impl Faults {
    /// Nothing goes wrong yet. The file is made at this path.
    ///
    /// # Errors
    /// When there is no C compiler, or no room for the file.
    pub fn new(control: PathBuf) -> Result<Self> {
        let library = library()?;
        let file = File::options()
            .create(true)
            .truncate(true)
            .read(true)
            .write(true)
            .open(&control)?;
        file.set_len(SIZE)?;
        Ok(Self {
            file,
            control,
            library,
        })
    }

    /// Puts the shim between this program and the C library.
    pub fn load_into(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAULT_CONTROL", &self.control);
    }

    /// Begins to count, and strikes when it is time.
    ///
    /// # Errors
    /// When the control file is gone.
    pub fn arm(&self, fault: Fault<'_>) -> Result<()> {
        self.disarm()?;
        let mut path = [0_u8; NOTE];
        let wanted = fault.path.as_bytes();
        path.get_mut(..wanted.len())
            .filter(|_| wanted.len() < NOTE)
            .context("the pattern is too long")?
            .copy_from_slice(wanted);
        self.file.write_all_at(&path, PATH)?;
        self.put(COUNTED, 0)?;
        self.put(STRUCK, 0)?;
        self.put(STRIKE_AT, fault.at)?;
        self.put(STRIKES, fault.times)?;
        self.file
            .write_all_at(&fault.action.number().to_ne_bytes(), ACTION)?;
        // The kinds last: with them it begins.
        self.file.write_all_at(&fault.kinds.to_ne_bytes(), KINDS)?;
        Ok(())
    }

    /// Everything works again.
    ///
    /// # Errors
    /// When the control file is gone.
    pub fn disarm(&self) -> Result<()> {
        self.file.write_all_at(&0_u32.to_ne_bytes(), KINDS)?;
        Ok(())
    }

    /// After each successful sync, a copy of the file is kept beside it; see
    /// [`crate::power::cut`].
    ///
    /// # Errors
    /// When the control file is gone.
    pub fn keep_images_of(&self, path: &str) -> Result<()> {
        self.arm(Fault::count_only(calls::SYNC, path))?;
        self.put(IMAGES, 1)
    }

    /// Puts the clock of the process ahead of the machine's, or behind.
    ///
    /// # Errors
    /// When the control file is gone.
    pub fn set_clock_offset_ms(&self, ms: i64) -> Result<()> {
        self.file.write_all_at(&ms.to_ne_bytes(), CLOCK_MS)?;
        Ok(())
    }

    /// How many calls counted since it was armed.
    ///
    /// # Errors
    /// When the control file is gone.
    pub fn counted(&self) -> Result<u64> {
        self.get(COUNTED)
    }

    /// How many calls went wrong since it was armed.
    ///
    /// # Errors
    /// When the control file is gone.
    pub fn struck(&self) -> Result<u64> {
        self.get(STRUCK)
    }

    /// What call `number` was, in words: `fdatasync shop.db-wal`.
    ///
    /// # Errors
    /// When the control file is gone.
    pub fn call(&self, number: u64) -> Result<String> {
        let mut note = [0_u8; NOTE];
        let slot = number.saturating_sub(1) % NOTES;
        self.file.read_exact_at(&mut note, TRAIL + slot * 64)?;
        let text = note.split(|byte| *byte == 0).next().unwrap_or_default();
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    fn put(&self, field: u64, value: u64) -> Result<()> {
        self.file.write_all_at(&value.to_ne_bytes(), field)?;
        Ok(())
    }

    fn get(&self, field: u64) -> Result<u64> {
        let mut bytes = [0_u8; 8];
        self.file.read_exact_at(&mut bytes, field)?;
        Ok(u64::from_ne_bytes(bytes))
    }
}

/// The compiled shim, made once by each process, beside that process's program.
fn library() -> Result<PathBuf> {
    static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    MADE.get_or_init(|| compile().map_err(|error| format!("{error:#}")))
        .clone()
        .map_err(|error| anyhow!(error))
}

fn compile() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program.parent().unwrap_or(Path::new("."));
    let library = folder.join("shouyin-fault.so");
    // Under a name of its own first: another process may be using the old one.
    let fresh = folder.join(format!("shouyin-fault.{}.so", std::process::id()));
    let mut compiler = std::process::Command::new("cc");
    compiler.args([
        "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-x", "c", "-",
    ]);
    let compiler = compiler.arg("-o").arg(&fresh).arg("-ldl");
    let spawned = compiler
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = spawned.context("a C compiler, `cc`, is needed for faults")?;
    let mut stdin = child.stdin.take().context("no way to talk to `cc`")?;
    stdin.write_all(SOURCE.as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        bail!("`cc` did not take shim/fault.c:\n{said}");
    }
    std::fs::rename(&fresh, &library)?;
    Ok(library)
}
