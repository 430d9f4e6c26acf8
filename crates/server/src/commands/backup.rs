//! `shouyin backup` and `shouyin restore`: the SQLite database in a file, and a file in its place.

use std::{
    io::{IsTerminal, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::bail;
use domain::{Clock, order_no};
use secrecy::ExposeSecret;
use store::backup::{self as copies, Contents, Progress};

use crate::cli::{BackupArgs, RestoreArgs};
use crate::clock::SystemClock;
use crate::config::Config;

/// What to do instead, in commands that can be pasted.
const ON_POSTGRES: &str = "\
nothing was copied: PostgreSQL has its own programs for this · PostgreSQL 请用其自带工具
  pg_dump --format=custom --file=shouyin.dump \"$DATABASE_URL\"              # 备份 · back up
  pg_restore --exit-on-error --no-owner --dbname=\"$NEW_URL\" shouyin.dump   # 还原到空库 · restore
  pg_basebackup 加 WAL 归档只丢数秒 · pg_basebackup with WAL archiving loses seconds, not a day
  docs/OPERATIONS.md 有完整说明 · has the whole of it";

const MIB: u64 = 1024 * 1024;

/// Copies the database. May be stopped by Ctrl-C, which leaves nothing behind.
///
/// # Errors
/// When there is no sound copy; nothing is at the target then.
pub async fn run(args: &BackupArgs, config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    let url = sqlite_url(config)?;
    let target = match &args.to {
        Some(path) => path.clone(),
        None => beside(&url, &time()),
    };
    let to = target.clone();
    let copy = move |watch: Watch| copies::copy(&url, &to, &mut { watch });
    let contents = watched(copy).await??;
    let shown = target.display();
    writeln!(out, "已备份 · backed up to {shown}")?;
    describe(&contents, out)?;
    writeln!(
        out,
        "请把它复制到另一台机器 · copy it to another machine; 还原 · to restore: shouyin restore {shown}"
    )?;
    Ok(())
}

/// Puts a backup in the place of the database.
///
/// # Errors
/// When a server runs, or the backup is not sound; the database is then what it was.
pub async fn restore(
    args: &RestoreArgs,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let url = sqlite_url(config)?;
    let from = args.from.clone();
    let restore = move |watch: Watch| copies::restore(&url, &from, &time(), &mut { watch });
    let restored = watched(restore).await??;
    writeln!(out, "已还原 · restored from {}", args.from.display())?;
    describe(&restored.contents, out)?;
    if let Some(kept) = restored.kept {
        let kept = kept.display();
        writeln!(
            out,
            "原数据库保留为 · the database of before is kept as {kept}"
        )?;
    }
    writeln!(
        out,
        "备份之后的付款与退款会自行核对 · what happened since the backup heals as far as WeChat tells: \
         docs/OPERATIONS.md “After a restore”"
    )?;
    Ok(())
}

fn sqlite_url(config: &Config) -> anyhow::Result<String> {
    let url = config.database.url.expose_secret();
    if !url.starts_with("sqlite:") {
        bail!(ON_POSTGRES);
    }
    Ok(url.to_owned())
}

/// To the second, Beijing time, as in order numbers: `20261128163012`.
fn time() -> String {
    let mut time = order_no::time_prefix(SystemClock.now());
    time.truncate(14);
    time
}

/// `shouyin.db` becomes `shouyin-20261128163012.db`.
fn beside(url: &str, time: &str) -> PathBuf {
    let path = Path::new(url.strip_prefix("sqlite:").unwrap_or(url));
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or("db".as_ref()).to_string_lossy();
    path.with_file_name(format!("{stem}-{time}.{extension}"))
}

type Watch = Box<dyn FnMut(Progress) -> ControlFlow<()> + Send>;

/// Runs something long where it may block, shows how far it is, and lets Ctrl-C stop it.
async fn watched<T: Send + 'static>(
    work: impl FnOnce(Watch) -> T + Send + 'static,
) -> anyhow::Result<T> {
    let stop = Arc::new(AtomicBool::new(false));
    let wanted = stop.clone();
    let signal = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            wanted.store(true, Ordering::Relaxed);
        }
    });
    // A file or a mail of cron's needs no progress.
    let shown = std::io::stderr().is_terminal();
    let watch = move |progress: Progress| {
        if shown {
            show(progress);
        }
        if stop.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let done = tokio::task::spawn_blocking(move || work(Box::new(watch))).await;
    signal.abort();
    Ok(done?)
}

/// One line that is written over; its last state is followed by what was done.
fn show(Progress { done, all }: Progress) {
    let percent = done * 100 / all.max(1);
    let end = if done >= all { "\n" } else { "" };
    let mut stderr = std::io::stderr();
    let (done, all) = (mib(done), mib(all));
    let line = format!("\r复制中 · copying {percent:>3}%  {done} / {all} MiB{end}");
    // Who cannot be shown it goes without.
    stderr.write_all(line.as_bytes()).ok();
    stderr.flush().ok();
}

fn mib(bytes: u64) -> String {
    let tenths = bytes * 10 / MIB;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn describe(contents: &Contents, out: &mut dyn Write) -> std::io::Result<()> {
    let (size, schema) = (mib(contents.bytes), contents.schema);
    writeln!(out, "  完整性 · integrity: ok, {size} MiB")?;
    writeln!(out, "  结构版本 · schema: {schema}")?;
    for (table, rows) in &contents.rows {
        writeln!(out, "  {} · {table}: {rows}", chinese(table))?;
    }
    Ok(())
}

fn chinese(table: &str) -> &'static str {
    match table {
        "orders" => "订单",
        "refunds" => "退款",
        "inbox" => "通知",
        "outbox" => "事件",
        "exceptions" => "异常",
        _ => "其他",
    }
}

#[cfg(test)]
mod tests {
    use super::{beside, mib};

    #[test]
    fn a_backup_is_named_after_its_database_and_its_time() {
        let name = |url| beside(url, "20261128163012");
        let expected = "/var/lib/shouyin/shouyin-20261128163012.db";
        assert_eq!(
            name("sqlite:/var/lib/shouyin/shouyin.db").to_str(),
            Some(expected)
        );
        assert_eq!(name("sqlite:shop").to_str(), Some("shop-20261128163012.db"));
    }

    #[test]
    fn sizes_are_shown_to_a_tenth() {
        assert_eq!(mib(0), "0.0");
        assert_eq!(mib(1_625_292), "1.5");
    }
}
