//! The real program is killed, without warning and more than once, in the middle of 200 orders.
//!
//! Afterwards every order that the platform holds as paid is paid here, exactly once: one history,
//! one announcement, one amount.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use domain::{Clock, MchId, Millis, OrderNo};
use serde_json::{Value, json};
use server::clock::SystemClock;
use store::{Store, StoreOptions, history, outbox};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::{
    http::Http,
    postgres,
    program::{free_address, openid_of_demo, start, within},
    world::{API_KEY, config_text, start_sandbox},
};

const ORDERS: usize = 200;
const BUYERS: usize = 16;
/// The program dies when this many orders have been placed.
const KILL_AFTER: [usize; 3] = [30, 90, 150];
const END_OF_TIME: Millis = Millis(i64::MAX);

struct Shop {
    http: Http,
    account: Value,
    control: String,
    openid: String,
    base: String,
    /// Whether the program is up.
    up: watch::Receiver<bool>,
    /// The numbers of orders that are still to be placed.
    queue: Mutex<VecDeque<usize>>,
    placed: AtomicUsize,
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_orders_survive_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("shop.db").display());
    survive(&folder, &url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_orders_survive_kill_9_on_postgresql() {
    let Ok(server) = std::env::var("SHOUYIN_TEST_POSTGRES_URL") else {
        println!("SKIPPED kill_9_on_postgresql: SHOUYIN_TEST_POSTGRES_URL is not set");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let url = postgres::fresh_database(&server).await;
    Store::open(&url, StoreOptions::default())
        .unwrap()
        .migrate(SystemClock.now())
        .await
        .unwrap();
    survive(&folder, &url).await;
}

async fn survive(folder: &TempDir, database: &str) {
    let sandbox = start_sandbox().await;
    let address = free_address();
    let http = Http::new();
    let url = format!("{}/control/merchant", sandbox.control_url());
    let account = http.get(&url, &[]).await.json();
    let config = folder.path().join("shouyin.toml");
    let text = config_text(&account, sandbox.api_url(), address, folder);
    let sqlite = format!("sqlite:{}", folder.path().join("shop.db").display());
    let text = text.replace(&sqlite, database);
    // Short limits: what waits for an answer of WeChat's does not wait for long.
    let text = text.replace(
        "timeout_ms = 2000",
        "timeout_ms = 1000\nconnect_timeout_ms = 500",
    );
    std::fs::write(&config, text).unwrap();

    let (is_up, up) = watch::channel(false);
    let control = sandbox.control_url().to_owned();
    let openid = openid_of_demo(&http, &account, &control, sandbox.api_url()).await;
    let base = format!("http://{address}");
    let (queue, placed) = (Mutex::new((0..ORDERS).collect()), AtomicUsize::new(0));
    let shop = Arc::new(Shop {
        http,
        account,
        control,
        openid,
        base,
        up,
        queue,
        placed,
    });

    let buyers: Vec<_> = (0..BUYERS)
        .map(|_| tokio::spawn(buy(shop.clone())))
        .collect();
    let mut program = start(&config, address, &shop.http).await;
    is_up.send_replace(true);
    for count in KILL_AFTER {
        within("orders to be placed", async {
            while shop.placed.load(Ordering::SeqCst) < count {
                tokio::task::yield_now().await;
            }
        })
        .await;
        is_up.send_replace(false);
        program.kill().unwrap();
        program.wait().unwrap();
        program = start(&config, address, &shop.http).await;
        is_up.send_replace(true);
    }
    let mut order_nos = Vec::new();
    for buyer in buyers {
        order_nos.extend(within("every order to be placed", buyer).await.unwrap());
    }
    within(
        "every paid order to be paid here",
        all_paid(&shop, &order_nos),
    )
    .await;
    program.kill().unwrap();
    program.wait().unwrap();
    check_platform(&shop, &order_nos).await;
    check_books(&shop, database, &order_nos).await;
}

/// The platform holds these orders, all paid, and no other: no retry became a second order.
async fn check_platform(shop: &Shop, order_nos: &[String]) {
    let url = format!("{}/control/orders", shop.control);
    let held = shop.http.get(&url, &[]).await.json();
    let held = held["data"].as_array().unwrap();
    assert!(held.iter().all(|order| order["trade_state"] == "SUCCESS"));
    let held: BTreeSet<_> = held
        .iter()
        .map(|it| it["out_trade_no"].as_str().unwrap())
        .collect();
    let ours: BTreeSet<_> = order_nos.iter().map(String::as_str).collect();
    assert_eq!((held.len(), held), (ORDERS, ours));
}

/// Takes keys from the queue until every order is placed and paid. A key without a certain answer
/// goes back to the end of the queue, as a careful client would keep it for later.
async fn buy(shop: Arc<Shop>) -> Vec<String> {
    let mut order_nos = Vec::new();
    while shop.placed.load(Ordering::SeqCst) < ORDERS {
        shop.up.clone().wait_for(|up| *up).await.unwrap();
        let next = shop.queue.lock().unwrap().pop_front();
        let Some(n) = next else {
            tokio::task::yield_now().await;
            continue;
        };
        match place(&shop, &format!("kill-{n}")).await {
            Some(answer) => {
                pay(&shop, &answer["payment"]).await;
                order_nos.push(answer["order"]["order_no"].as_str().unwrap().to_owned());
                shop.placed.fetch_add(1, Ordering::SeqCst);
            }
            None => shop.queue.lock().unwrap().push_back(n),
        }
    }
    order_nos
}

/// One attempt; `None` when the outcome is unknown or the server says to come again.
async fn place(shop: &Shop, key: &str) -> Option<Value> {
    let body = json!({"app_id": shop.account["appid"], "openid": shop.openid, "amount_fen": 1790,
        "description": "latte"});
    let authorization = format!("Bearer {API_KEY}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("idempotency-key", key),
        ("content-type", "application/json"),
    ];
    let (url, body) = (
        format!("{}/v1/orders", shop.base),
        Some(body.to_string().into_bytes()),
    );
    let answer = shop
        .http
        .try_send("POST", &url, &headers, body)
        .await
        .ok()?;
    if matches!(answer.status, 200 | 201) {
        return Some(answer.json());
    }
    assert_eq!(answer.json()["retryable"], true, "{answer:?}");
    None
}

async fn pay(shop: &Shop, payment: &Value) {
    let mut body = payment.clone();
    body["appid"] = shop.account["appid"].clone();
    body["user"] = json!("demo");
    let cashier = shop
        .http
        .post(&format!("{}/control/cashier", shop.control), &[], &body)
        .await;
    let id = cashier.json()["cashier_id"]
        .as_str()
        .unwrap_or_else(|| panic!("{cashier:?}"))
        .to_owned();
    let url = format!("{}/control/cashier/{id}/pay", shop.control);
    let answer = shop.http.post(&url, &[], &json!({})).await;
    assert_eq!(answer.json()["errMsg"], "requestPayment:ok", "{answer:?}");
}

async fn all_paid(shop: &Shop, order_nos: &[String]) {
    let authorization = format!("Bearer {API_KEY}");
    for order_no in order_nos {
        let url = format!("{}/v1/orders/{order_no}", shop.base);
        loop {
            let answer = shop
                .http
                .get(&url, &[("authorization", &authorization)])
                .await;
            if answer.json()["order"]["state"] == "paid" {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
}

/// What the database says when nobody is there to touch it up.
async fn check_books(shop: &Shop, database: &str, order_nos: &[String]) {
    let store = Store::open(database, StoreOptions::default()).unwrap();
    let mch_id = MchId::new(shop.account["mchid"].as_str().unwrap()).unwrap();
    for order_no in order_nos {
        let order_no = OrderNo::new(order_no.as_str()).unwrap();
        let history = history::list(&store, &mch_id, &order_no, 0, 100)
            .await
            .unwrap();
        let states: Vec<_> = history.iter().map(|change| change.state.name()).collect();
        assert_eq!(
            states,
            ["created", "awaiting_payment", "paid"],
            "{order_no}"
        );
    }
    let (mut paid, mut after) = (0, None);
    loop {
        let page = outbox::page(&store, &mch_id, after.as_ref(), END_OF_TIME, 100)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.event_id.clone());
        assert!(
            page.iter().all(|event| event.kind == "order.paid"),
            "and nothing else"
        );
        paid += page.len();
    }
    assert_eq!(paid, ORDERS, "one announcement each");
}
