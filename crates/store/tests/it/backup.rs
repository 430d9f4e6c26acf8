//! A copy is one moment of a database that others write to, and takes its place whole.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use store::{
    Store, StoreOptions, Tx,
    backup::{self, BackupError, Progress},
};
use tempfile::TempDir;

use crate::{
    samples::{insert, load, order, payment, step},
    world::World,
};

/// Enough orders for several steps of a copy.
const MANY: i64 = 6000;

fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn target(folder: &TempDir) -> PathBuf {
    folder.path().join("copy.db")
}

fn open(path: &Path) -> Store {
    let url = format!("sqlite:{}", path.display());
    Store::open(&url, StoreOptions::default()).unwrap()
}

async fn filled(orders: i64) -> World {
    let world = World::on_sqlite();
    world.migrate().await;
    for first in (0..orders).step_by(500) {
        let mut tx = Tx::new("fill");
        for number in first..orders.min(first + 500) {
            store::orders::insert(&mut tx, &order(number));
        }
        world.store.run(tx).await.map(drop).unwrap();
    }
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_one_moment_although_somebody_writes() {
    let world = filled(MANY).await;
    let folder = tempfile::tempdir().unwrap();
    let (url, path) = (world.url.clone(), target(&folder));
    let enough = std::sync::Arc::new(AtomicBool::new(false));
    let writer = {
        let (store, enough) = (world.store.clone(), enough.clone());
        tokio::spawn(async move {
            // Each pays an old order and adds a new one: a copy of two moments has one half of it.
            let mut pairs = 0;
            while !enough.load(Ordering::Relaxed) {
                step(&store, &order(pairs), payment("t1")).await.unwrap();
                insert(&store, &order(MANY + pairs)).await.unwrap();
                pairs += 1;
            }
            pairs
        })
    };
    let copied = tokio::task::spawn_blocking(move || {
        let mut steps = 0;
        let mut written = 0;
        let outcome = backup::copy(&url, &path, &mut |progress| {
            steps += 1;
            assert!(progress.done > written && progress.done <= progress.all);
            written = progress.done;
            ControlFlow::Continue(())
        });
        (outcome.unwrap(), steps)
    });
    let (contents, steps) = copied.await.unwrap();
    enough.store(true, Ordering::Relaxed);
    let pairs = writer.await.unwrap();

    assert!(steps > 1, "one step is no test");
    assert_eq!(
        contents.schema,
        world.store.schema_state().await.unwrap().wanted
    );
    let copy = rusqlite::Connection::open(target(&folder)).unwrap();
    let count = |sql: &str| copy.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let paid = count("SELECT COUNT(*) FROM orders WHERE state = 'paid'");
    let added = count("SELECT COUNT(*) FROM orders") - MANY;
    assert!(
        paid == added || paid == added + 1,
        "{paid} paid, {added} added"
    );
    assert!(pairs >= added, "{pairs} pairs, {added} added");
    assert_eq!(contents.rows[0], ("orders", MANY + added));
    assert_eq!(count("SELECT COUNT(*) FROM outbox"), paid);
    world.close().await;
}

#[tokio::test]
async fn a_copy_is_a_database_like_the_first() {
    let world = filled(3).await;
    let folder = tempfile::tempdir().unwrap();
    let contents = backup::copy(&world.url, &target(&folder), &mut go_on).unwrap();
    assert_eq!(contents.rows[0], ("orders", 3));
    assert_eq!(contents.bytes, target(&folder).metadata().unwrap().len());
    let copy = open(&target(&folder));
    assert!(copy.schema_state().await.unwrap().is_current());
    assert_eq!(load(&copy, &order(2)).await, order(2));
    step(&copy, &order(2), payment("t1")).await.unwrap();
    assert_eq!(load(&world.store, &order(2)).await, order(2));
    world.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_copy_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let world = filled(1).await;
    let folder = tempfile::tempdir().unwrap();
    backup::copy(&world.url, &target(&folder), &mut go_on).unwrap();
    let mode = target(&folder).metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    world.close().await;
}

#[tokio::test]
async fn nothing_is_overwritten_and_nothing_half_done_is_left() {
    let world = filled(1).await;
    let folder = tempfile::tempdir().unwrap();
    let path = target(&folder);
    std::fs::write(&path, "mine").unwrap();
    let refused = backup::copy(&world.url, &path, &mut go_on);
    assert!(matches!(refused, Err(BackupError::Exists(at)) if at == path));
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    std::fs::remove_file(&path).unwrap();

    let missing = format!("sqlite:{}", folder.path().join("missing.db").display());
    let refused = backup::copy(&missing, &path, &mut go_on);
    assert!(matches!(refused, Err(BackupError::Sqlite { .. })));
    assert!(matches!(
        backup::copy("postgres://h/d", &path, &mut go_on),
        Err(BackupError::NotSqlite)
    ));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    world.close().await;
}

#[tokio::test]
async fn a_copy_that_is_stopped_leaves_nothing() {
    let world = filled(MANY).await;
    let folder = tempfile::tempdir().unwrap();
    let stopped = backup::copy(
        &world.url,
        &target(&folder),
        &mut |_| ControlFlow::Break(()),
    );
    assert!(matches!(stopped, Err(BackupError::Stopped)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    world.close().await;
}

#[tokio::test]
async fn a_damaged_database_is_no_backup() {
    let world = filled(500).await;
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("spoilt.db");
    backup::copy(&world.url, &source, &mut go_on).unwrap();
    // A whole page in the middle of the tables.
    let mut bytes = std::fs::read(&source).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xAA);
    std::fs::write(&source, bytes).unwrap();
    let url = format!("sqlite:{}", source.display());
    let refused = backup::copy(&url, &target(&folder), &mut go_on);
    assert!(
        matches!(refused, Err(BackupError::Damaged { .. })),
        "{refused:?}"
    );
    assert!(!target(&folder).exists());
    let before = std::fs::read(world.path()).unwrap();
    let refused = backup::restore(&world.url, &source, "x", &mut go_on);
    assert!(
        matches!(refused, Err(BackupError::Damaged { .. })),
        "{refused:?}"
    );
    assert_eq!(std::fs::read(world.path()).unwrap(), before);
    world.close().await;
}

#[tokio::test]
async fn a_backup_takes_the_place_of_a_database_that_nobody_serves_from() {
    let world = filled(2).await;
    let folder = tempfile::tempdir().unwrap();
    backup::copy(&world.url, &target(&folder), &mut go_on).unwrap();
    let exclusive = || {
        let options = StoreOptions {
            exclusive: true,
            ..StoreOptions::default()
        };
        Store::open(&world.url, options).unwrap()
    };
    let serving = exclusive();
    // In the log only: no checkpoint was due yet.
    insert(&serving, &order(7)).await.unwrap();
    let refused = backup::restore(&world.url, &target(&folder), "x", &mut go_on);
    assert!(matches!(refused, Err(BackupError::InUse(_))), "{refused:?}");
    assert_eq!(load(&serving, &order(7)).await, order(7));
    drop(serving);

    let restored = backup::restore(&world.url, &target(&folder), "x", &mut go_on).unwrap();
    assert_eq!(restored.contents.rows[0], ("orders", 2));
    let now = exclusive();
    assert_eq!(load(&now, &order(1)).await, order(1));
    let lost = store::orders::get(&now, &order(7).mch_id, &order(7).order_no).await;
    assert_eq!(lost.unwrap(), None);
    insert(&now, &order(8)).await.unwrap();

    let kept = restored.kept.unwrap();
    assert!(kept.to_string_lossy().ends_with(".before-x"), "{kept:?}");
    assert_eq!(load(&open(&kept), &order(7)).await, order(7));
    let again = backup::restore(&world.url, &target(&folder), "x", &mut go_on);
    assert!(matches!(again, Err(BackupError::InUse(_))));
    drop(now);
    let again = backup::restore(&world.url, &target(&folder), "x", &mut go_on);
    assert!(matches!(again, Err(BackupError::Exists(at)) if at == kept));
    world.close().await;
}

#[tokio::test]
async fn a_log_that_was_left_behind_is_not_read_as_the_backups_own() {
    let world = filled(2).await;
    let folder = tempfile::tempdir().unwrap();
    backup::copy(&world.url, &target(&folder), &mut go_on).unwrap();
    insert(&world.store, &order(7)).await.unwrap();
    // As after a power cut: the file and its log, without a word of farewell.
    let shop = folder.path().join("shop.db");
    for suffix in ["", "-wal"] {
        let from = format!("{}{suffix}", world.path().display());
        std::fs::copy(from, format!("{}{suffix}", shop.display())).unwrap();
    }
    let url = format!("sqlite:{}", shop.display());
    let restored = backup::restore(&url, &target(&folder), "x", &mut go_on).unwrap();
    assert_eq!(restored.contents.rows[0], ("orders", 2));
    let lost = store::orders::get(&open(&shop), &order(7).mch_id, &order(7).order_no).await;
    assert_eq!(lost.unwrap(), None);
    assert_eq!(
        load(&open(&restored.kept.unwrap()), &order(7)).await,
        order(7)
    );
    world.close().await;
}
