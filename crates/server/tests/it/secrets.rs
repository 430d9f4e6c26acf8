//! What must never reach a log, at the most talkative level that an operator would choose.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::{
    program::{Stage, openid_of_demo, program, wait_until_up, within},
    world::API_KEY,
};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_reaches_the_log() {
    let stage = Stage::new().await;
    let log_settings = "\n[log]\nformat = \"json\"\nfilter = \"debug,server=trace,store=trace\"\n";
    let config = stage.config(|text| text + log_settings);
    let log = stage.folder.path().join("log");
    let mut command = program(&config, "serve");
    let mut running = command
        .stdout(std::fs::File::create(&log).unwrap())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    wait_until_up(stage.address, &stage.http).await;
    let mut secrets = a_whole_life(&stage).await;
    running.kill().unwrap();
    running.wait().unwrap();

    let text = |field: &str| stage.account[field].as_str().unwrap().to_owned();
    secrets.extend([text("api_v3_key"), text("app_secret"), API_KEY.to_owned()]);
    secrets.push(text("private_key_pem").lines().nth(1).unwrap().to_owned());
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(
        log.contains("order is paid"),
        "the log has the events:\n{log}"
    );
    for secret in secrets {
        assert!(!log.contains(&secret), "`{secret}` stands in the log");
    }
}

/// Login, order, payment and notification; returns what was secret about them.
async fn a_whole_life(stage: &Stage) -> Vec<String> {
    let (control, api) = (stage.sandbox.control_url(), stage.sandbox.api_url());
    let http = &stage.http;
    let base = format!("http://{}", stage.address);
    let appid = &stage.account["appid"];
    let login = json!({"appid": appid, "user": "demo"});
    let login = http
        .post(&format!("{control}/control/login"), &[], &login)
        .await
        .json();
    let code = login["code"].as_str().unwrap().to_owned();
    let session = http
        .post(&format!("{base}/v1/mp/login"), &[], &json!({"code": code}))
        .await;
    let token = session.json()["token"].as_str().unwrap().to_owned();
    let openid = openid_of_demo(http, &stage.account, control, api).await;

    let authorization = format!("Bearer {API_KEY}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("idempotency-key", "k"),
    ];
    let wanted =
        json!({"app_id": appid, "openid": openid, "amount_fen": 1, "description": "a secret wish"});
    let answer = http
        .post(&format!("{base}/v1/orders"), &headers, &wanted)
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let payment = answer.json()["payment"].clone();
    pay(stage, &payment).await;
    let order_no = answer.json()["order"]["order_no"]
        .as_str()
        .unwrap()
        .to_owned();
    let url = format!("{base}/v1/orders/{order_no}");
    within("the payment to be booked", async {
        while http.get(&url, &headers).await.json()["order"]["state"] != "paid" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let pay_sign = payment["paySign"].as_str().unwrap().to_owned();
    vec![code, token, openid, pay_sign, "a secret wish".to_owned()]
}

async fn pay(stage: &Stage, payment: &Value) {
    let mut body = payment.clone();
    body["appid"] = stage.account["appid"].clone();
    body["user"] = json!("demo");
    let control = format!("{}/control/cashier", stage.sandbox.control_url());
    let cashier = stage.http.post(&control, &[], &body).await.json();
    let id = cashier["cashier_id"]
        .as_str()
        .unwrap_or_else(|| panic!("{cashier}"));
    stage
        .http
        .post(&format!("{control}/{id}/pay"), &[], &json!({}))
        .await;
}
