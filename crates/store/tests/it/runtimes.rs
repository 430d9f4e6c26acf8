//! A store that several runtimes use: each has connections of its own, and all together no more
//! than they may.

use futures_util::future::join_all;
use store::{Store, StoreOptions, orders};
use tokio::runtime::Builder;
use tokio_postgres::NoTls;

use crate::{
    samples::{insert, order},
    world::World,
};

/// Four for each of two runtimes.
const CONNECTIONS_MAX: usize = 8;
const CALLERS: i64 = 40;

/// Writes and reads many orders at once.
async fn use_it(store: &Store, first: i64) {
    let each = (first..first + CALLERS).map(|number| async move {
        let order = order(number);
        insert(store, &order).await.unwrap();
        let read = orders::get(store, &order.mch_id, &order.order_no).await;
        assert_eq!(read.unwrap(), Some(order));
    });
    join_all(each).await;
}

fn use_it_in_another_runtime(store: &Store, first: i64) {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
            runtime.block_on(use_it(store, first));
        });
    });
}

/// How many connections the program of this name has open.
async fn connections(url: &str, program: &str) -> i64 {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = $1";
    let count = client.query_one(sql, &[&program]).await.unwrap().get(0);
    drop(client);
    driver.await.unwrap().unwrap();
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_runtime_has_its_share_of_the_connections() {
    let name = "runtimes::each_runtime_has_its_share_of_the_connections";
    let Some(world) = World::on_postgres(name).await else {
        return;
    };
    world.migrate().await;
    let program = "two_runtimes";
    let options = StoreOptions {
        connections_max: CONNECTIONS_MAX,
        runtimes: 2,
        ..StoreOptions::default()
    };
    let url = format!("{}&application_name={program}", world.url);
    let store = Store::open(&url, options).unwrap();
    use_it(&store, 0).await;
    let of_the_first = connections(&world.url, program).await;
    assert!((1..=4).contains(&of_the_first), "{of_the_first}");

    let other = Builder::new_multi_thread().enable_all().build().unwrap();
    let second = store.clone();
    other
        .spawn(async move { use_it(&second, 100).await })
        .await
        .unwrap();
    let all = connections(&world.url, program).await;
    assert!(of_the_first < all && all <= 8, "{of_the_first}, then {all}");
    other.shutdown_background();

    // A runtime too many, and one whose number may be that of a runtime which has ended.
    for first in [200, 300] {
        tokio::task::block_in_place(|| use_it_in_another_runtime(&store, first));
    }
    use_it(&store, 400).await;
    assert!(connections(&world.url, program).await <= 8);
    drop(store);
    world.close().await;
}
