//! What an order costs: `cargo run -p shouyin-store --example bytes_per_order [URL] [ORDERS]`.
//!
//! Each order does what the server does for one that is bought and paid: it is placed under an
//! `Idempotency-Key` with a job, gets its prepay id and its answer, is paid by a notification that
//! is kept, and its event gets its place. Prints bytes per order in each table and its indexes,
//! bytes of write-ahead log, and transactions and commits. Without a URL it uses an SQLite file in
//! the system's folder for temporary files. On PostgreSQL it wants a database of its own.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement prints, and has nobody to report to"
)]

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    AppId, MchId, Millis, OpenId, Order, OrderEvent, OrderState, Payment, Prepay, PrepayId,
    TransactionId, Transition, order_no,
};
use store::{Engine, Store, StoreOptions, Tx, idempotency, inbox, jobs, orders, outbox};
use tokio::sync::Semaphore;

const ORDERS: i64 = 20_000;

/// As many at once as a busy shop has; they share commits.
const CALLERS: usize = 64;

/// Between two orders of the same buyer lie so many others.
const BUYERS: i64 = 4_999;

/// A notification of WeChat's: the sealed transaction in base64 in its envelope, about 1.1 KB.
const BODY_BYTES: usize = 1_100;

const FIRST: Millis = Millis(1_795_444_721_000);

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("bytes.db").display());
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or(file);
    let count = arguments
        .next()
        .map_or(ORDERS, |text| text.parse().unwrap());
    let store = Store::open(&url, StoreOptions::default()).unwrap();
    store.migrate(FIRST).await.unwrap();

    let log = Log::begin(&store, &url).await;
    let before = store.stats();
    let callers = Arc::new(Semaphore::new(CALLERS));
    let mut tasks = Vec::new();
    for number in 0..count {
        let place = callers.clone().acquire_owned().await.unwrap();
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            buy(&store, number).await;
            drop(place);
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    while outbox::place(&store, &merchant(), 100).await.unwrap() > 0 {}
    let after = store.stats();
    let per_order = |number: u64| tenths(i64::try_from(number).unwrap(), count);
    println!("{:?}, {count} orders, {CALLERS} at once", store.engine());
    println!(
        "{} transactions and {} commits per order; {} bytes of write-ahead log per order",
        per_order(after.transactions - before.transactions),
        per_order(after.commits - before.commits),
        log.end(&url).await / count,
    );
    print_tables(&tables(&store, &url).await, count);
}

/// Bytes of a table, and of its indexes.
type Tables = BTreeMap<String, [i64; 2]>;

fn print_tables(tables: &Tables, orders: i64) {
    println!("{:<24}{:>14}{:>14}", "bytes per order", "table", "indexes");
    let mut all = [0, 0];
    for (name, bytes) in tables {
        if bytes[0] + bytes[1] >= orders {
            println!(
                "{name:<24}{:>14}{:>14}",
                bytes[0] / orders,
                bytes[1] / orders
            );
        }
        all = [all[0] + bytes[0], all[1] + bytes[1]];
    }
    println!(
        "{:<24}{:>14}{:>14}",
        "all",
        all[0] / orders,
        all[1] / orders
    );
}

fn tenths(number: i64, of: i64) -> String {
    let hundredths = number * 100 / of;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

// What the server does for an order.

async fn buy(store: &Store, number: i64) {
    let order = order(number);
    let key = idempotency::Key {
        mch_id: order.mch_id.clone(),
        // SHA-256 of the buyer, in hex, and a UUID.
        scope: format!("{number:064x}"),
        key: format!("01890a5d-ac96-774b-bcce-{number:012}"),
    };
    let lease_until = order.created_at.plus(std::time::Duration::from_secs(31));
    let mut tx = Tx::new("place_order");
    let reservation = idempotency::Reservation {
        key: key.clone(),
        request_hash: format!("{number:064x}"),
        subject: order.order_no.as_str().to_owned(),
        lease_until,
        created_at: order.created_at,
    };
    idempotency::reserve(&mut tx, &reservation);
    orders::insert(&mut tx, &order);
    let order_no = order.order_no.as_str();
    jobs::put(&mut tx, &order.mch_id, "poll", order_no, order.expires_at);
    run(store, tx).await;

    let prepay = Prepay {
        prepay_id: PrepayId::new(format!("wx2611232238411234567890{number:012}")).unwrap(),
        issued_at: order.created_at,
    };
    let mut tx = Tx::new("prepay_issued");
    let next = next(&order, OrderEvent::PrepayIssued(prepay));
    let waiting = orders::record(&mut tx, &order, &next, order.created_at);
    let answer = format!(
        r#"{{"prepay_id":"wx2611232238411234567890{number:012}","timestamp":1795444721,"nonce":"{number:032x}"}}"#
    );
    idempotency::answer(&mut tx, &key, lease_until, &answer);
    run(store, tx).await;
    settle(store, &waiting, number).await;
}

async fn settle(store: &Store, waiting: &Order, number: i64) {
    let payment = Payment {
        transaction_id: TransactionId::new(format!("4200001234{number:018}")).unwrap(),
        paid_at: waiting.created_at,
    };
    let mut tx = Tx::new("settle_payment");
    let next = next(waiting, OrderEvent::PaymentConfirmed(payment));
    let paid = orders::record(&mut tx, waiting, &next, waiting.created_at);
    jobs::remove(&mut tx, &paid.mch_id, "poll", paid.order_no.as_str());
    let entry = inbox::InboxEntry {
        mch_id: paid.mch_id.clone(),
        order_no: Some(paid.order_no.clone()),
        notification_id: format!("EV-2018022511223320{number:016}"),
        event_type: "TRANSACTION.SUCCESS".into(),
        serial: "PUB_KEY_ID_0119000000012024101000000000000000".into(),
        timestamp: "1795444721".into(),
        nonce: format!("{number:032x}"),
        // RSA-2048 in base64.
        signature: "s".repeat(344),
        body: vec![b'c'; BODY_BYTES],
        received_at: paid.created_at,
        outcome: "settled".into(),
    };
    inbox::insert(&mut tx, &entry);
    run(store, tx).await;
}

async fn run(store: &Store, tx: Tx) {
    store.run(tx).await.map(drop).unwrap();
}

fn merchant() -> MchId {
    MchId::new("1900000100").unwrap()
}

/// One order each millisecond.
fn order(number: i64) -> Order {
    let created_at = Millis(FIRST.0 + number);
    Order {
        mch_id: merchant(),
        order_no: order_no::generate(created_at, number.to_le_bytes()),
        app_id: AppId::new("wxd678efh567hg6787").unwrap(),
        openid: OpenId::new(format!("oUpF8uMuAJO_M2pxb1Q9{:08}", number * 7919 % BUYERS)).unwrap(),
        amount: fen::Fen::new(1790).unwrap(),
        description: "拿铁 Latte".into(),
        notify_url: "https://shop.example/v1/wechat/notify/default".into(),
        metadata: None,
        created_at,
        expires_at: created_at.plus(std::time::Duration::from_secs(1800)),
        state: OrderState::Created,
        version: Order::FIRST_VERSION,
    }
}

fn next(order: &Order, event: OrderEvent) -> OrderState {
    match order.apply(event) {
        Ok(Transition::Advanced(next)) => next,
        other => panic!("{other:?}"),
    }
}

// Past the store: how large things are.

fn path(url: &str) -> &str {
    url.strip_prefix("sqlite:").unwrap()
}

async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}

/// The write-ahead log from here on.
enum Log {
    /// A reader that stays at one moment keeps the log from beginning anew, so that its size tells.
    Sqlite(rusqlite::Connection),
    Postgres(String),
}

impl Log {
    async fn begin(store: &Store, url: &str) -> Self {
        match store.engine() {
            Engine::Sqlite => {
                let reader = rusqlite::Connection::open(path(url)).unwrap();
                reader
                    .execute_batch("BEGIN; SELECT COUNT(*) FROM orders;")
                    .unwrap();
                Self::Sqlite(reader)
            }
            Engine::Postgres => {
                let client = connect(url).await;
                let row = client
                    .query_one("SELECT pg_current_wal_lsn()::TEXT", &[])
                    .await
                    .unwrap();
                Self::Postgres(row.get(0))
            }
        }
    }

    async fn end(self, url: &str) -> i64 {
        match self {
            Self::Postgres(begun) => {
                let sql = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), $1::TEXT::PG_LSN)::BIGINT";
                let row = connect(url).await.query_one(sql, &[&begun]).await.unwrap();
                row.get(0)
            }
            Self::Sqlite(reader) => {
                let log = std::fs::metadata(format!("{}-wal", path(url))).unwrap();
                drop(reader);
                i64::try_from(log.len()).unwrap()
            }
        }
    }
}

async fn tables(store: &Store, url: &str) -> Tables {
    let mut tables = Tables::new();
    let mut add = |table: String, is_index: bool, bytes: i64| {
        tables.entry(table).or_default()[usize::from(is_index)] += bytes;
    };
    match store.engine() {
        Engine::Sqlite => {
            let connection = rusqlite::Connection::open(path(url)).unwrap();
            let sql = "SELECT tbl_name, type = 'index', SUM(pgsize)
                FROM dbstat JOIN sqlite_schema USING (name) GROUP BY dbstat.name";
            let mut statement = connection.prepare(sql).unwrap();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                add(
                    row.get(0).unwrap(),
                    row.get(1).unwrap(),
                    row.get(2).unwrap(),
                );
            }
        }
        Engine::Postgres => {
            let sql = "SELECT relname::TEXT, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class
                WHERE relkind = 'r' AND relnamespace = CURRENT_SCHEMA::REGNAMESPACE";
            for row in connect(url).await.query(sql, &[]).await.unwrap() {
                add(row.get(0), false, row.get(1));
                add(row.get(0), true, row.get(2));
            }
        }
    }
    tables
}
