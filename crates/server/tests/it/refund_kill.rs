//! The real program is killed between the transaction that records a refund and WeChat's answer.

use std::path::Path;

use domain::Clock;
use serde_json::{Value, json};
use server::clock::SystemClock;
use store::{Store, StoreOptions};

use crate::{
    postgres,
    program::{Stage, openid_of_demo, start, within},
    world::API_KEY,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_survives_kill_9_before_wechat_has_it() {
    survive(None, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_survives_kill_9_after_wechat_has_it() {
    survive(None, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_survives_kill_9_on_postgresql() {
    let Ok(server) = std::env::var("SHOUYIN_TEST_POSTGRES_URL") else {
        println!("SKIPPED refund_kill_9_on_postgresql: SHOUYIN_TEST_POSTGRES_URL is not set");
        return;
    };
    for after_effect in [false, true] {
        let url = postgres::fresh_database(&server).await;
        let store = Store::open(&url, StoreOptions::default()).unwrap();
        store.migrate(SystemClock.now()).await.unwrap();
        survive(Some(url), after_effect).await;
    }
}

/// The call hangs, before or after its effect; the program dies; its successor finishes the refund,
/// and the platform holds it once.
async fn survive(database: Option<String>, after_effect: bool) {
    let stage = Stage::new().await;
    let sqlite = stage.folder.path().join("shop.db");
    let sqlite = format!("sqlite:{}", sqlite.display());
    let config = stage.config(|text| {
        let text = text.replace(&sqlite, database.as_deref().unwrap_or(&sqlite));
        // Short limits: what waits for an answer of WeChat's does not wait for long.
        let short = "timeout_ms = 1000\nconnect_timeout_ms = 500";
        text.replace("timeout_ms = 2000", short)
    });
    let refunds = kill_while_asking(&stage, &config, after_effect).await;
    let mut program = start(&config, stage.address, &stage.http).await;
    finish(&stage, &refunds).await;
    program.kill().unwrap();
    program.wait().unwrap();
}

/// Asks for a refund, and kills the program before WeChat answers. Returns where refunds are.
async fn kill_while_asking(stage: &Stage, config: &Path, after_effect: bool) -> String {
    let mut program = start(config, stage.address, &stage.http).await;
    let order_no = paid(stage, "order").await;
    let kind = if after_effect {
        json!({"on": "refund", "kind": "delay", "delay_ms": 60_000, "times": 1})
    } else {
        json!({"on": "refund", "kind": "timeout", "delay_ms": 60_000, "times": 1})
    };
    let faults = format!("{}/control/faults", stage.sandbox.control_url());
    let body = json!({"faults": [kind]}).to_string().into_bytes();
    let json_type = [("content-type", "application/json")];
    stage
        .http
        .send("PUT", &faults, &json_type, Some(body))
        .await;

    let base = format!("http://{}", stage.address);
    let refunds = format!("{base}/v1/orders/{order_no}/refunds");
    let authorization = format!("Bearer {API_KEY}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("idempotency-key", "once"),
        ("content-type", "application/json"),
    ];
    let wanted = json!({"amount_fen": 1790});
    let asked = stage.http.try_send(
        "POST",
        &refunds,
        &headers,
        Some(wanted.to_string().into_bytes()),
    );
    let killed = async {
        within("the refund to be recorded", async {
            while stage.http.get(&refunds, &headers).await.json()["data"] == json!([]) {
                tokio::task::yield_now().await;
            }
        })
        .await;
        program.kill().unwrap();
        program.wait().unwrap();
    };
    let (answer, ()) = tokio::join!(asked, killed);
    assert!(answer.is_err(), "nobody was told anything: {answer:?}");
    refunds
}

/// The program that came after it brings the refund to its end; the platform holds it once.
async fn finish(stage: &Stage, refunds: &str) {
    let authorization = format!("Bearer {API_KEY}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("idempotency-key", "once"),
    ];
    let wanted = json!({"amount_fen": 1790});
    let answer = within("the key to be answered", async {
        loop {
            let answer = stage.http.post(refunds, &headers, &wanted).await;
            if answer.status == 200 {
                return answer.json();
            }
            assert_eq!(answer.refusal(), (409, "IDEMPOTENCY_KEY_IN_FLIGHT".into()));
        }
    })
    .await;
    within("WeChat to have the refund", async {
        while held(stage).await.is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let advance = format!("{}/control/clock/advance", stage.sandbox.control_url());
    stage.http.post(&advance, &[], &json!({"seconds": 6})).await;
    let order = refunds.trim_end_matches("/refunds");
    within("the order to be refunded", async {
        while stage.http.get(order, &headers).await.json()["order"]["state"] != "refunded" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let held = held(stage).await;
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["out_refund_no"], answer["refund"]["refund_no"]);
    let ours = stage.http.get(refunds, &headers).await.json();
    assert_eq!(ours["data"].as_array().map(Vec::len), Some(1));
}

async fn held(stage: &Stage) -> Vec<Value> {
    let url = format!("{}/control/refunds", stage.sandbox.control_url());
    let held = stage.http.get(&url, &[]).await.json();
    held["data"].as_array().unwrap().clone()
}

/// An order that was placed under this key and paid.
pub(crate) async fn paid(stage: &Stage, key: &str) -> String {
    let (control, api) = (stage.sandbox.control_url(), stage.sandbox.api_url());
    let openid = openid_of_demo(&stage.http, &stage.account, control, api).await;
    let base = format!("http://{}", stage.address);
    let authorization = format!("Bearer {API_KEY}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("idempotency-key", key),
    ];
    let body = json!({"app_id": stage.account["appid"], "openid": openid, "amount_fen": 1790,
        "description": "latte"});
    let placed = stage
        .http
        .post(&format!("{base}/v1/orders"), &headers, &body)
        .await;
    let placed = placed.json();
    let mut body = placed["payment"].clone();
    body["appid"] = stage.account["appid"].clone();
    body["user"] = json!("demo");
    let cashier = stage
        .http
        .post(&format!("{control}/control/cashier"), &[], &body)
        .await;
    let id = cashier.json()["cashier_id"].as_str().unwrap().to_owned();
    let pay = format!("{control}/control/cashier/{id}/pay");
    stage.http.post(&pay, &[], &json!({})).await;
    let order_no = placed["order"]["order_no"].as_str().unwrap().to_owned();
    let order = format!("{base}/v1/orders/{order_no}");
    within("the order to be paid", async {
        while stage.http.get(&order, &headers).await.json()["order"]["state"] != "paid" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    order_no
}
