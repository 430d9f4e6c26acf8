//! What a disk can do to an SQLite file, and what the server then says.

use std::{fs::OpenOptions, io::Write, os::unix::fs::FileExt, path::Path};

use chaos::{
    faults::{Action, Fault, calls},
    power,
    shop::Outcome,
    stage::Stage,
};

use crate::world::{all_is_well, on_sqlite, pay, place, price, readiness};

/// The database and what lies beside it.
const FILES: &str = "shop.db";

/// While every write fails: an order is refused clearly, a payment's notification is not
/// acknowledged, and the server says that it is not ready. With the disk back, all of it is done.
async fn refuses_and_recovers(stage: &Stage, action: Action) {
    let paid_meanwhile = place(stage, "before").await;
    let faults = &stage.server().faults;
    faults
        .arm(Fault::always(calls::WRITE, FILES, action))
        .unwrap();

    let body = serde_json::json!({"app_id": stage.platform.text("appid").unwrap(),
        "openid": stage.platform.openid().await.unwrap(), "amount_fen": 1790,
        "description": "while", "expires_in_s": 600});
    let refused = stage
        .shop
        .merchant(0, "POST", "/v1/orders", Some("while"), Some(&body))
        .await
        .expect("a clear answer");
    assert_eq!(
        (refused.status, refused.code()),
        (503, "DATABASE_UNAVAILABLE")
    );
    let ready = readiness(stage).await;
    assert_eq!(ready.status, 503);
    assert_eq!(ready.body["database"], "unavailable");
    pay(stage, &paid_meanwhile).await;
    stage.advance(1).await.unwrap();
    let order_no = &paid_meanwhile.order.order_no;
    let Outcome::Done(order) = stage.shop.about(0, order_no, "").await.unwrap() else {
        panic!("what is there can still be read");
    };
    assert_eq!(
        order.state, "awaiting_payment",
        "nothing is booked that does not last"
    );

    assert!(
        faults.struck().unwrap() > 0,
        "nothing went wrong, so nothing was shown"
    );
    faults.disarm().unwrap();
    assert_eq!(readiness(stage).await.status, 200);
    place(stage, "while").await;
    assert_eq!(all_is_well(stage).await.counts.acknowledged_orders, 2);
}

/// A full disk refuses clearly, loses nothing, and is forgotten when there is room again.
#[tokio::test(flavor = "multi_thread")]
async fn s02_a_full_disk_refuses_and_recovers() {
    refuses_and_recovers(&on_sqlite().await, Action::Enospc).await;
}

/// A disk that fails every write refuses clearly, loses nothing, and recovers when it works again.
#[tokio::test(flavor = "multi_thread")]
async fn s02_an_io_error_refuses_and_recovers() {
    refuses_and_recovers(&on_sqlite().await, Action::Eio).await;
}

/// Writes that the kernel takes by halves are completed.
#[tokio::test(flavor = "multi_thread")]
async fn s02_short_writes_are_completed() {
    let stage = on_sqlite().await;
    let faults = &stage.server().faults;
    faults
        .arm(Fault::always(calls::WRITE, FILES, Action::Half))
        .unwrap();
    let placed = place(&stage, "by-halves").await;
    pay(&stage, &placed).await;
    all_is_well(&stage).await;
    assert!(faults.struck().unwrap() > 0);
}

/// When the disk does not confirm a write, nothing is acknowledged any more and the program ends by
/// itself; from what the disk alone has, its successor goes on.
#[tokio::test(flavor = "multi_thread")]
async fn s02_a_failed_fsync_ends_the_program_and_what_was_acknowledged_stays() {
    let stage = on_sqlite().await;
    let server = stage.server();
    server.faults.keep_images_of(FILES).unwrap();
    place(&stage, "before").await;
    server
        .faults
        .arm(Fault::once(calls::SYNC, FILES, 1, Action::Eio))
        .unwrap();
    stage.history.add(chaos::history::Entry::WantsOrder {
        key: "unconfirmed".into(),
        amount: price(),
    });
    let outcome = stage.shop.order(0, "unconfirmed", price()).await.unwrap();
    assert!(matches!(outcome, Outcome::Uncertain), "{outcome:?}");
    let status = server.end().await.unwrap();
    assert_eq!(status.code(), Some(1));
    let log = server.log_text();
    assert!(log.contains("the disk did not confirm a write"), "{log}");

    server.faults.disarm().unwrap();
    power::cut(stage.sqlite_file().unwrap()).unwrap();
    stage.start().await.unwrap();
    place(&stage, "unconfirmed").await;
    all_is_well(&stage).await;
}

/// A power cut takes what was written and not synced, and leaves everything acknowledged.
#[tokio::test(flavor = "multi_thread")]
async fn s01_a_power_cut_takes_nothing_that_was_acknowledged() {
    let stage = on_sqlite().await;
    let server = stage.server();
    server.faults.keep_images_of(FILES).unwrap();
    for round in 0..4 {
        for number in 0..5 {
            let placed = place(&stage, &format!("{round}-{number}")).await;
            pay(&stage, &placed).await;
        }
        server.kill().await.unwrap();
        power::cut(stage.sqlite_file().unwrap()).unwrap();
        stage.start().await.unwrap();
    }
    assert_eq!(all_is_well(&stage).await.counts.acknowledged_orders, 20);
}

/// A log whose end was written and not synced may be torn anywhere: what was acknowledged stays,
/// and what was not is there whole or not at all.
#[tokio::test(flavor = "multi_thread")]
async fn s03_a_torn_tail_of_the_log_takes_nothing_that_was_acknowledged() {
    let stage = on_sqlite().await;
    let file = stage.sqlite_file().unwrap().to_owned();
    let faults = &stage.server().faults;
    faults.keep_images_of(FILES).unwrap();
    for (round, damage) in [cut_off, garble, zero, lengthen].into_iter().enumerate() {
        for eighths in [0, 3, 7] {
            place(&stage, &format!("acknowledged-{round}-{eighths}")).await;
            let synced = power::synced_length(&file).unwrap();
            // Dead between the write and the sync.
            faults
                .arm(Fault::once(
                    calls::SYNC,
                    "shop.db-wal",
                    1,
                    Action::DieBefore,
                ))
                .unwrap();
            let key = format!("torn-{round}-{eighths}");
            let (wanted, amount) = (key.clone(), price());
            stage.history.add(chaos::history::Entry::WantsOrder {
                key: wanted,
                amount,
            });
            let outcome = stage.shop.order(0, &key, price()).await.unwrap();
            assert!(matches!(outcome, Outcome::Uncertain), "{outcome:?}");
            stage.server().end().await.unwrap();
            faults.disarm().unwrap();
            let length = std::fs::metadata(power::wal(&file)).unwrap().len();
            assert!(
                length > synced,
                "there must be a tail to tear: {length}, {synced}"
            );
            damage(&power::wal(&file), synced + (length - synced) * eighths / 8);
            stage.start().await.unwrap();
            place(&stage, &key).await;
        }
    }
    assert_eq!(all_is_well(&stage).await.counts.acknowledged_orders, 24);
}

fn cut_off(log: &Path, at: u64) {
    OpenOptions::new()
        .write(true)
        .open(log)
        .unwrap()
        .set_len(at)
        .unwrap();
}

fn garble(log: &Path, at: u64) {
    let file = OpenOptions::new().write(true).open(log).unwrap();
    file.write_all_at(&[0xA5; 700], at).unwrap();
}

fn zero(log: &Path, at: u64) {
    let file = OpenOptions::new().write(true).open(log).unwrap();
    let length = file.metadata().unwrap().len();
    let rest = usize::try_from(length - at).unwrap();
    file.write_all_at(&vec![0; rest], at).unwrap();
}

fn lengthen(log: &Path, _: u64) {
    let mut file = OpenOptions::new().append(true).open(log).unwrap();
    file.write_all(&[0x5A; 5000]).unwrap();
}

/// The index of the log is memory that processes share; without it the log itself is read.
#[tokio::test(flavor = "multi_thread")]
async fn s03_a_lost_index_of_the_log_is_made_again() {
    let stage = on_sqlite().await;
    let placed = place(&stage, "before").await;
    pay(&stage, &placed).await;
    stage.server().kill().await.unwrap();
    let index = power::with_suffix(stage.sqlite_file().unwrap(), "-shm");
    assert!(index.exists());
    power::remove_if_there(&index).unwrap();
    stage.start().await.unwrap();
    place(&stage, "after").await;
    all_is_well(&stage).await;
}
