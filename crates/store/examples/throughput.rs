//! How fast this machine keeps orders: `cargo run --release --example throughput [URL]`.
//!
//! Each caller places orders (order, history, job) and pays them (order, history, announcement,
//! job gone), two durable transactions for each order. Without a URL it uses a file in the
//! system's folder for temporary files; make sure that this is a disk and not memory.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a measurement prints, reads the machine's clock, and has nobody to report to"
)]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use domain::{
    AppId, MchId, Millis, OpenId, Order, OrderEvent, OrderState, Payment, TransactionId,
    Transition, order_no,
};
use store::{Store, StoreOptions, Tx, jobs, orders};

const CALLERS: [u32; 4] = [1, 16, 64, 256];
const TIME: Duration = Duration::from_secs(3);
const READS: u32 = 20_000;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("throughput.db").display());
    let url = std::env::args().nth(1).unwrap_or(file);
    let store = Store::open(&url, StoreOptions::default()).unwrap();
    store.migrate(Millis(0)).await.unwrap();
    let mut last = None;
    for callers in CALLERS {
        last = write(&store, callers).await.or(last);
    }
    read(&store, &last.unwrap()).await;
}

/// Places and pays from so many callers at once; prints the rate, and returns one of the orders.
async fn write(store: &Store, callers: u32) -> Option<Order> {
    let before = store.stats();
    let began = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|caller| tokio::spawn(place_and_pay(store.clone(), caller, began)))
        .collect();
    let mut orders = 0;
    let mut latencies = Vec::new();
    let mut last = None;
    for task in tasks {
        let (took, order) = task.await.unwrap();
        orders += took.len();
        latencies.extend(took);
        last = order.or(last);
    }
    let rate = orders as u128 * 1000 / began.elapsed().as_millis();
    latencies.sort_unstable();
    let after = store.stats();
    let shared = (after.transactions - before.transactions) / (after.commits - before.commits);
    println!(
        "{callers:>4} callers: {rate:>6} orders/s, p50 {:?}, p99 {:?}, {shared} per commit",
        latencies[latencies.len() / 2],
        latencies[latencies.len() * 99 / 100],
    );
    last
}

async fn place_and_pay(
    store: Store,
    caller: u32,
    began: Instant,
) -> (Vec<Duration>, Option<Order>) {
    let mut latencies = Vec::new();
    let mut last = None;
    while began.elapsed() < TIME {
        let start = Instant::now();
        let order = order(caller);
        let mut tx = Tx::new("place_order");
        orders::insert(&mut tx, &order);
        jobs::put(
            &mut tx,
            &order.mch_id,
            "poll",
            order.order_no.as_str(),
            order.expires_at,
        );
        let _durable = store.run(tx).await.unwrap();

        let mut tx = Tx::new("settle_payment");
        orders::record(&mut tx, &order, &paid(&order), order.created_at);
        jobs::remove(&mut tx, &order.mch_id, "poll", order.order_no.as_str());
        let _durable = store.run(tx).await.unwrap();
        latencies.push(start.elapsed());
        last = Some(order);
    }
    (latencies, last)
}

/// An order of this caller, placed now. Each of ten thousand buyers is as likely as the other.
fn order(caller: u32) -> Order {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let number = u64::from(now.subsec_nanos()) << 32 | u64::from(caller);
    let buyer = u64::from(now.subsec_nanos()) % 9973;
    let now = Millis(i64::try_from(now.as_millis()).unwrap());
    Order {
        mch_id: MchId::new("1900000100").unwrap(),
        order_no: order_no::generate(now, number.to_le_bytes()),
        app_id: AppId::new("wxd678efh567hg6787").unwrap(),
        openid: OpenId::new(format!("oUpF8uMuAJO_M2pxb1Q9{buyer:08}")).unwrap(),
        amount: fen::Fen::new(1790).unwrap(),
        description: "Tea".into(),
        notify_url: "https://shop.example/v1/wechat/notify/default".into(),
        metadata: None,
        created_at: now,
        expires_at: now.plus(Duration::from_secs(1800)),
        state: OrderState::Created,
        version: Order::FIRST_VERSION,
    }
}

fn paid(order: &Order) -> OrderState {
    let transaction_id = TransactionId::new("4200001234567890123456789012").unwrap();
    let payment = Payment {
        transaction_id,
        paid_at: order.created_at,
    };
    match order.apply(OrderEvent::PaymentConfirmed(payment)) {
        Ok(Transition::Advanced(next)) => next,
        other => panic!("{other:?}"),
    }
}

async fn read(store: &Store, order: &Order) {
    let began = Instant::now();
    for _ in 0..READS {
        orders::get(store, &order.mch_id, &order.order_no)
            .await
            .unwrap()
            .unwrap();
    }
    println!("point read: {:?}", began.elapsed() / READS);
    let began = Instant::now();
    let filter = orders::Filter::default();
    for _ in 0..READS / 100 {
        let page = orders::page(store, &order.mch_id, &filter, None, 50)
            .await
            .unwrap();
        assert_eq!(page.len(), 50);
    }
    println!("page of 50: {:?}", began.elapsed() / (READS / 100));
}
