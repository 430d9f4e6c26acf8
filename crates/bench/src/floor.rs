//! What the machine charges for the work that nobody can leave out, measured beside the server in
//! the same run: RSA, AES-GCM, and a durable commit.

use anyhow::Result;
use rusqlite::Connection;

use crate::clock::Stopwatch;
use crate::keys::Keys;

/// Rounds are interleaved and the best one counts: other work on the machine only ever adds time.
const ROUNDS: usize = 5;
const SIGNATURES: u64 = 200;
const VERIFICATIONS: u64 = 2_000;
const COMMITS: u64 = 200;

/// Nanoseconds per operation, one thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Floor {
    pub(crate) sign_ns: u64,
    pub(crate) verify_ns: u64,
    pub(crate) open_ns: u64,
    /// Wall time of one durable SQLite commit of one small row.
    pub(crate) commit_ns: u64,
}

impl Floor {
    /// CPU of an order: two signatures, one verification. The commit is shared by its batch and
    /// waits for the disk rather than for a core.
    pub(crate) fn order_cpu_us(&self) -> u64 {
        (2 * self.sign_ns + self.verify_ns) / 1000
    }

    /// CPU of a notification: one verification, one decryption.
    pub(crate) fn notification_cpu_ns(&self) -> u64 {
        self.verify_ns + self.open_ns
    }

    /// The shortest an order can take for a lone caller: the CPU above and one durable commit.
    pub(crate) fn order_latency_us(&self) -> u64 {
        self.order_cpu_us() + self.commit_ns / 1000
    }
}

/// Takes a few seconds of one core.
pub(crate) fn measure(keys: &Keys, folder: &std::path::Path) -> Result<Floor> {
    let message = vec![b'x'; 444];
    let signature = keys.platform.sign(&message);
    let public = keys.platform.public_key();
    let sealed = keys
        .api_v3_key
        .seal("0123456789ab", "transaction", &vec![b'y'; 1024])?;
    let database = database(folder)?;
    let mut best = Floor {
        sign_ns: u64::MAX,
        verify_ns: u64::MAX,
        open_ns: u64::MAX,
        commit_ns: u64::MAX,
    };
    for round in 0..ROUNDS {
        best.sign_ns = best.sign_ns.min(per_call(SIGNATURES, |_| {
            std::hint::black_box(keys.merchant.sign(&message));
            Ok(())
        })?);
        best.verify_ns = best.verify_ns.min(per_call(VERIFICATIONS, |_| {
            Ok(public.verify(&message, &signature)?)
        })?);
        best.open_ns = best.open_ns.min(per_call(VERIFICATIONS, |_| {
            std::hint::black_box(
                keys.api_v3_key
                    .open("0123456789ab", "transaction", &sealed)?,
            );
            Ok(())
        })?);
        best.commit_ns = best.commit_ns.min(per_call(COMMITS, |index| {
            let id = i64::try_from(index)? + i64::try_from(round)? * 1_000_000;
            database.execute("INSERT INTO floor (id, body) VALUES (?1, 'row')", [id])?;
            Ok(())
        })?);
    }
    Ok(best)
}

fn database(folder: &std::path::Path) -> Result<Connection> {
    let database = Connection::open(folder.join("floor.db"))?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.execute(
        "CREATE TABLE floor (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
        [],
    )?;
    Ok(database)
}

fn per_call(calls: u64, mut call: impl FnMut(u64) -> Result<()>) -> Result<u64> {
    let watch = Stopwatch::start();
    for index in 0..calls {
        call(index)?;
    }
    Ok(watch.nanos() / calls)
}
