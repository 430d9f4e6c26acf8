//! Merchants spread over three databases. (The whole suite runs on them as well: the third module
//! of `for_each_engine!`.)

use domain::Order;
use store::{StoreError, Tx, jobs, orders};

use crate::{
    samples::{at, insert, load, mch, order, payment, step},
    world::{SHARDS, World, shard_of},
};

const MERCHANTS: u8 = 7;

fn order_of(merchant: u8, number: i64) -> Order {
    Order {
        mch_id: mch(merchant),
        ..order(number)
    }
}

async fn on_shards(test: &str) -> Option<World> {
    let world = World::on_shards(test).await?;
    world.migrate().await;
    Some(world)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_merchant_is_in_one_database_and_nowhere_else() {
    let Some(world) = on_shards("shards::each_merchant_is_in_one_database").await else {
        return;
    };
    for merchant in 0..MERCHANTS {
        for number in 0..3 {
            let placed = order_of(merchant, number);
            insert(&world.store, &placed).await.unwrap();
            let paid = step(&world.store, &placed, payment("t1")).await.unwrap();
            assert_eq!(load(&world.store, &placed).await, paid);
        }
        let mut tx = Tx::new("put");
        jobs::put(&mut tx, &mch(merchant), "poll", "subject", at(0));
        let _done = world.store.run(tx).await.unwrap();
    }
    let homes: Vec<usize> = (0..MERCHANTS)
        .map(|merchant| shard_of(mch(merchant).as_str()))
        .collect();
    for shard in 0..SHARDS {
        assert!(
            homes.contains(&shard),
            "shard {shard} has nobody: {homes:?}"
        );
        for merchant in 0..MERCHANTS {
            let expected = i64::from(homes[usize::from(merchant)] == shard);
            for (table, rows) in [
                ("orders", 3),
                ("order_history", 6),
                ("outbox", 3),
                ("jobs", 1),
            ] {
                let sql = format!(
                    "SELECT COUNT(*) FROM {table} WHERE mch_id = '{}'",
                    mch(merchant)
                );
                let found = world.number_on(shard, &sql).await;
                assert_eq!(found, rows * expected, "{table} of {merchant} on {shard}");
            }
        }
    }
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_about_two_merchants_is_refused_and_does_nothing() {
    let Some(world) = on_shards("shards::a_transaction_about_two_merchants").await else {
        return;
    };
    let mut tx = Tx::new("both");
    orders::insert(&mut tx, &order_of(0, 1));
    orders::insert(&mut tx, &order_of(1, 1));
    let refused = world.store.run(tx).await;
    assert!(matches!(refused, Err(StoreError::Config(_))), "{refused:?}");
    assert_eq!(world.number("SELECT COUNT(*) FROM orders").await, 0);
    world.close().await;
}
