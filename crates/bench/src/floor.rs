//! What the machine charges for the work that nobody can leave out, measured beside the server in
//! the same run: RSA, AES-GCM, and a durable commit.

use std::path::Path;

use anyhow::Result;
use rusqlite::Connection;

use crate::clock::{self, Stopwatch};
use crate::keys::Keys;

/// Rounds are interleaved and the best one counts: other work on the machine only ever adds time.
const ROUNDS: usize = 5;
const SIGNATURES: u64 = 200;
const VERIFICATIONS: u64 = 2_000;
const COMMITS: u64 = 200;

const CREATE: &str = "CREATE TABLE floor (id INTEGER PRIMARY KEY, body TEXT NOT NULL)";
const INSERT: &str = "INSERT INTO floor (id, body) VALUES (?1, 'row')";

/// Nanoseconds per operation, one thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Floor {
    pub(crate) sign_ns: u64,
    pub(crate) verify_ns: u64,
    pub(crate) open_ns: u64,
    /// Wall time of one durable SQLite commit of one small row.
    pub(crate) commit_ns: u64,
    /// CPU of the same commit; the rest of it waits for the disk.
    pub(crate) commit_cpu_ns: u64,
}

impl Floor {
    /// CPU of an order: two signatures, one verification, one durable commit.
    pub(crate) fn order_cpu_us(&self) -> u64 {
        (2 * self.sign_ns + self.verify_ns + self.commit_cpu_ns) / 1000
    }

    /// CPU of a notification: one verification, one decryption, one durable commit.
    pub(crate) fn notification_cpu_us(&self) -> u64 {
        (self.verify_ns + self.open_ns + self.commit_cpu_ns) / 1000
    }

    /// The shortest an order can take for a lone caller: the same work, waiting for the disk.
    pub(crate) fn order_latency_us(&self) -> u64 {
        (2 * self.sign_ns + self.verify_ns + self.commit_ns) / 1000
    }
}

/// Takes a few seconds of one core.
pub(crate) fn measure(keys: &Keys, folder: &Path) -> Result<Floor> {
    let message = vec![b'x'; 444];
    let signature = keys.platform.sign(&message);
    let public = keys.platform.public_key();
    let key = &keys.api_v3_key;
    let (nonce, data) = ("0123456789ab", "transaction");
    let sealed = key.seal(nonce, data, &vec![b'y'; 1024])?;
    let database = database(folder)?;
    let mut id = 0i64;
    let mut best = [Cost::MAX; 4];
    for _ in 0..ROUNDS {
        let round = [
            per_call(SIGNATURES, || {
                std::hint::black_box(keys.merchant.sign(&message));
                Ok(())
            })?,
            per_call(VERIFICATIONS, || Ok(public.verify(&message, &signature)?))?,
            per_call(VERIFICATIONS, || {
                std::hint::black_box(key.open(nonce, data, &sealed)?);
                Ok(())
            })?,
            per_call(COMMITS, || {
                id += 1;
                database.prepare_cached(INSERT)?.execute([id])?;
                Ok(())
            })?,
        ];
        for (best, new) in best.iter_mut().zip(round) {
            *best = best.min(new);
        }
    }
    let [sign, verify, open, commit] = best;
    Ok(Floor {
        sign_ns: sign.wall_ns,
        verify_ns: verify.wall_ns,
        open_ns: open.wall_ns,
        commit_ns: commit.wall_ns,
        commit_cpu_ns: commit.cpu_ns,
    })
}

fn database(folder: &Path) -> Result<Connection> {
    let database = Connection::open(folder.join("floor.db"))?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.execute(CREATE, [])?;
    Ok(database)
}

/// Nanoseconds of one call.
#[derive(Clone, Copy)]
struct Cost {
    wall_ns: u64,
    cpu_ns: u64,
}

impl Cost {
    const MAX: Self = Self {
        wall_ns: u64::MAX,
        cpu_ns: u64::MAX,
    };

    fn min(self, other: Self) -> Self {
        Self {
            wall_ns: self.wall_ns.min(other.wall_ns),
            cpu_ns: self.cpu_ns.min(other.cpu_ns),
        }
    }
}

fn per_call(calls: u64, mut call: impl FnMut() -> Result<()>) -> Result<Cost> {
    let (watch, cpu) = (Stopwatch::start(), clock::thread_cpu_nanos()?);
    for _ in 0..calls {
        call()?;
    }
    Ok(Cost {
        wall_ns: watch.nanos() / calls,
        cpu_ns: clock::thread_cpu_nanos()?.saturating_sub(cpu) / calls,
    })
}
