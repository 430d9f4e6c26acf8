//! A database from an old backup heals itself from what WeChat says, and pays nothing back twice.
//!
//! The real program, the real commands: `shouyin backup` and `shouyin restore` for SQLite, and for
//! PostgreSQL the commands that docs/OPERATIONS.md names, taken from that page.

mod shop;

use domain::Clock;
use server::clock::SystemClock;
use store::{Store, StoreOptions};

use crate::postgres;
use shop::{Database, PRICE, Shop};

/// Orders and refunds that were there when the backup was made are brought to what they became; a
/// refund that is asked for again is the same refund at WeChat; an order that is lost shows as an
/// exception when it is paid.
#[tokio::test(flavor = "multi_thread")]
async fn s10_a_restored_sqlite_file_heals_without_a_second_refund() {
    let shop = Shop::new(Database::Sqlite).await;
    heal(shop).await;
}

/// The same with `pg_dump` and `pg_restore`.
#[tokio::test(flavor = "multi_thread")]
async fn s10_a_restored_postgresql_heals_without_a_second_refund() {
    let Ok(server) = std::env::var("SHOUYIN_TEST_POSTGRES_URL") else {
        println!("SKIPPED s10_a_restored_postgresql: SHOUYIN_TEST_POSTGRES_URL is not set");
        return;
    };
    let url = postgres::fresh_database(&server).await;
    let store = Store::open(&url, StoreOptions::default()).unwrap();
    store.migrate(SystemClock.now()).await.unwrap();
    drop(store);
    heal(Shop::new(Database::Postgres { server, url }).await).await;
}

/// What the backup holds.
struct Kept {
    /// Paid, and refunded since: wholly, in part, and two whose refunds WeChat mentions again.
    whole: String,
    part: String,
    told: [String; 2],
    /// Paid, with a refund underway.
    open: String,
    underway: String,
    /// Unpaid.
    waiting: String,
}

async fn heal(mut shop: Shop) {
    let mut program = shop.start().await;
    let (kept, payment) = before_the_backup(&shop).await;
    shop.back_up();
    shop.pay(&payment).await;
    shop.reaches(&kept.waiting, "paid").await;
    let numbers = refund_all(&shop, &kept).await;
    let lost_and_paid = shop.paid("lost-and-paid").await;
    let (lost, payment_of_lost) = shop.placed("lost").await;
    let at_wechat = shop.refunds_at_wechat().await;
    assert_eq!(at_wechat.len(), 5);

    program.kill().unwrap();
    program.wait().unwrap();
    shop.restore().await;
    let mut program = shop.start().await;
    what_was_open_is_asked_about(&shop, &kept).await;
    the_same_keys_are_the_same_refunds(&shop, &kept, &numbers).await;

    // An order that is lost with its key is placed anew: nobody has paid for that one.
    let (again, _) = shop.placed("lost-and-paid").await;
    assert_ne!(again, lost_and_paid);
    assert_eq!(shop.order(&again).await["state"], "awaiting_payment");
    // Money for an order that is lost is taken note of, kept, and put before a person.
    shop.pay(&payment_of_lost).await;
    shop.is_told_of_an_unknown_order(&lost).await;

    let now = shop.refunds_at_wechat().await;
    assert_eq!(now, at_wechat, "nothing went back twice");
    let Kept {
        whole,
        part,
        told,
        open,
        ..
    } = &kept;
    let refunded = [
        (whole, PRICE),
        (part, 500),
        (&told[0], 300),
        (&told[1], PRICE),
        (open, 40),
    ];
    for (order_no, fen) in refunded {
        assert_eq!(
            shop.order(order_no).await["refunded_fen"],
            fen,
            "{order_no}"
        );
    }
    program.kill().unwrap();
    program.wait().unwrap();
}

/// With the payment of the order that waits.
async fn before_the_backup(shop: &Shop) -> (Kept, serde_json::Value) {
    let whole = shop.paid("whole").await;
    let part = shop.paid("part").await;
    let told = [shop.paid("told").await, shop.paid("told-whole").await];
    let open = shop.paid("open").await;
    let (waiting, payment) = shop.placed("waiting").await;
    let underway = shop.refund(&open, "underway", 40, 202).await;
    let kept = Kept {
        whole,
        part,
        told,
        open,
        underway,
        waiting,
    };
    (kept, payment)
}

/// Refunds that the backup does not know; returns their numbers.
async fn refund_all(shop: &Shop, kept: &Kept) -> [String; 4] {
    let Kept {
        whole,
        part,
        told,
        open,
        ..
    } = kept;
    let numbers = [
        shop.refund(whole, "whole-back", PRICE, 202).await,
        shop.refund(part, "part-back", 500, 202).await,
        shop.refund(&told[0], "told-back", 300, 202).await,
        shop.refund(&told[1], "told-whole-back", PRICE, 202).await,
    ];
    shop.advance(6).await;
    for order_no in [whole, &told[1]] {
        shop.reaches(order_no, "refunded").await;
    }
    for order_no in [part, &told[0], open] {
        shop.reaches(order_no, "partially_refunded").await;
    }
    numbers
}

async fn what_was_open_is_asked_about(shop: &Shop, kept: &Kept) {
    shop.reaches(&kept.waiting, "paid").await;
    shop.reaches(&kept.open, "partially_refunded").await;
    let underway = shop.get(&format!("/v1/refunds/{}", kept.underway)).await;
    assert_eq!(underway["refund"]["state"], "succeeded");
    // A refund that WeChat mentions is taken over, under its number.
    for (order_no, state) in kept.told.iter().zip(["partially_refunded", "refunded"]) {
        shop.resend_refund(order_no).await;
        shop.reaches(order_no, state).await;
    }
}

/// The merchant's system repeats what it is not sure of.
async fn the_same_keys_are_the_same_refunds(shop: &Shop, kept: &Kept, numbers: &[String; 4]) {
    let Kept {
        whole, part, told, ..
    } = kept;
    let again = [
        shop.refund(whole, "whole-back", PRICE, 202).await,
        shop.refund(part, "part-back", 500, 202).await,
        shop.refund(&told[0], "told-back", 300, 200).await,
        shop.refund(&told[1], "told-whole-back", PRICE, 200).await,
    ];
    assert_eq!(again, *numbers);
    let other = shop.ask_for_refund(&told[0], "told-back", 301).await;
    assert_eq!(other.refusal(), (422, "IDEMPOTENCY_KEY_REUSED".into()));
    shop.reaches(whole, "refunded").await;
    shop.reaches(part, "partially_refunded").await;
}
