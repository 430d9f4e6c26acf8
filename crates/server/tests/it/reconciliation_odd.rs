//! Bills that do not come, and payments that are nobody's.

use std::process::Stdio;

use domain::BillDay;
use serde_json::{Value, json};
use server::flows::reconcile::{Progress, reconcile};

use crate::{
    program::{Stage, program},
    refunding::paid,
    world::{API_KEY, World},
};

/// Shops here compare their bills by themselves.
async fn world_with_the_job() -> World {
    World::with(|config| config.reconciliation.enabled = true).await
}

/// A refusal of the platform's, once.
fn refusal(on: &str, code: &str) -> Value {
    json!({"on": on, "kind": "status", "status": 400, "code": code, "times": 1})
}

/// A bill that is not there, not whole or not the one that was signed is looked for again every
/// half an hour, and nothing that is in it is believed.
#[tokio::test(flavor = "multi_thread")]
async fn b01_a_bill_that_is_not_ready_or_not_whole_is_tried_again_until_it_is() {
    let world = world_with_the_job().await;
    world.until_noon().await;
    let day = world.today();
    paid(&world).await;
    let troubles = [
        refusal("bill", "STATEMENT_CREATING"),
        json!({"on": "bill", "kind": "wrong_hash", "times": 1}),
        json!({"on": "bill_download", "kind": "truncated", "times": 1}),
        refusal("bill_download", "INVALID_REQUEST"),
        json!({"on": "bill", "kind": "unsigned", "times": 1}),
        json!({"on": "bill_download", "kind": "html", "times": 1}),
    ];
    let yesterday = day.previous();
    world.run_jobs().await;
    assert_eq!(
        world.run_of(yesterday).await["state"],
        "done",
        "a day without trade"
    );
    assert_eq!(world.run_of(yesterday).await["rows"], 0);

    world.advance(21 * 3600).await;
    assert_eq!(world.run_of(day).await, Value::Null, "it is nine o'clock");
    for (turn, trouble) in troubles.into_iter().enumerate() {
        world.faults(json!([trouble.clone()])).await;
        let wait = if turn == 0 { 3600 } else { 1800 };
        world.advance(wait).await;
        let run = world.run_of(day).await;
        assert_eq!(run["state"], "failed", "{trouble}: {run}");
        assert!(run["detail"].is_string(), "{run}");
        // Not before its time: the fault is gone, and the job does not look.
        world.no_faults().await;
        world.advance(60).await;
        assert_eq!(world.run_of(day).await["state"], "failed", "{trouble}");
    }
    world.advance(1800).await;
    let run = world.run_of(day).await;
    assert_eq!((&run["state"], &run["rows"]), (&json!("done"), &json!(1)));
    assert!(world.differences(day).await.is_empty());
    let asked = requests(&world, "/v3/bill/tradebill").await;
    world.advance(7200).await;
    assert_eq!(
        requests(&world, "/v3/bill/tradebill").await,
        asked,
        "the day is done"
    );
}

/// What a run has found is not taken for gone because the clock was set back while it ran.
#[tokio::test(flavor = "multi_thread")]
async fn k05_a_clock_that_is_set_back_while_a_bill_is_compared_settles_nothing() {
    let world = World::new().await;
    world.until_noon().await;
    let day = world.today();
    let extra = json!({"kind": "extra", "out_trade_no": "elsewhere-1",
        "transaction_id": "4200000000000000000000000001", "amount_fen": 500});
    world.bill_mistakes(json!([extra])).await;
    world.until_bill_of(day).await;
    let merchant = world.app.merchants.iter().next().unwrap();
    let back = |progress| {
        if matches!(progress, Progress::Fetched { .. }) {
            world.set_clock_off(-600);
        }
    };
    let run = reconcile(&world.app, &merchant, day, &back).await.unwrap();
    assert_eq!((run.announced, run.unanswered), (1, 1));
    let expected = "payment_unknown 4200000000000000000000000001 500 - open";
    assert_eq!(world.differences(day).await, [expected]);
}

/// How often the platform was asked for this path.
async fn requests(world: &World, path: &str) -> usize {
    let url = format!("{}/control/requests", world.control);
    let answer = world.http.get(&url, &[]).await.json();
    let all = answer["data"].as_array().unwrap().iter();
    all.filter(|it| it["target"].as_str().unwrap().starts_with(path))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn missed_days_are_made_up_for() {
    let world = world_with_the_job().await;
    world.until_noon().await;
    let day = world.today();
    world.run_jobs().await;
    world.advance(4 * 86_400).await;
    let runs = world
        .get(API_KEY, "/v1/reconciliations?limit=3")
        .await
        .json();
    let dates = |page: &Value| {
        let runs = page["data"].as_array().unwrap().iter();
        runs.map(|run| run["date"].clone()).collect::<Vec<_>>()
    };
    let days = |from: i64, to: i64| {
        let days = (from..=to).rev().map(|days| json!(day.plus(days)));
        days.collect::<Vec<_>>()
    };
    assert_eq!(dates(&runs), days(1, 3));
    let cursor = runs["next_cursor"].as_str().unwrap();
    let path = format!("/v1/reconciliations?limit=3&cursor={cursor}");
    let rest = world.get(API_KEY, &path).await.json();
    assert_eq!(dates(&rest), days(-1, 0));
    assert_eq!(rest["next_cursor"], Value::Null);
}

/// A payment for an order that is not ours is on the list of exceptions, and one that WeChat itself
/// does not know stays open (B2).
#[tokio::test(flavor = "multi_thread")]
async fn b02_a_payment_that_is_nobodys_is_put_before_a_person() {
    let world = World::new().await;
    world.until_noon().await;
    let day = world.today();
    let (_, ours) = paid(&world).await;
    world.lose_notifications().await;
    let merchant = world.app.merchants.by_key("default").unwrap();
    let client = &merchant.client;
    let openid = world.load(&ours).await.openid;
    let order = wechatpay::JsapiPrepay {
        appid: wechatpay::AppId::new(world.text("appid")).unwrap(),
        description: wechatpay::Description::new("of another system").unwrap(),
        out_trade_no: wechatpay::OutTradeNo::new("ANOTHER-SYSTEM-1").unwrap(),
        time_expire: None,
        attach: None,
        notify_url: wechatpay::NotifyUrl::new("http://127.0.0.1:9999/notify").unwrap(),
        amount: fen::Fen::new(5).unwrap(),
        openid: wechatpay::OpenId::new(openid.as_str()).unwrap(),
        options: wechatpay::PrepayOptions::default(),
    };
    let prepay_id = client.jsapi_prepay(&order).await.unwrap();
    let payment = client.request_payment(&order.appid, &prepay_id);
    let payment = serde_json::to_value(payment).unwrap();
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    let invented = json!([{
        "kind": "extra", "out_trade_no": "an order@elsewhere", "transaction_id": "4200000000001",
        "amount_fen": 7,
    }]);
    world.bill_mistakes(invented).await;
    world.until_bill_of(day).await;
    assert_eq!(world.reconcile(day).await.announced, 2);
    assert_eq!(world.exceptions().await, ["unknown_order"]);
    let id = world.transaction_id("ANOTHER-SYSTEM-1").await;
    let mut expected = [
        "payment_unknown 4200000000001 7 - open".to_owned(),
        format!("payment_unknown {id} 5 - settled"),
    ];
    expected.sort();
    let mut found = world.differences(day).await;
    found.sort();
    assert_eq!(found, expected);
    // On the list of exceptions it is known, and no difference any more.
    assert_eq!(world.reconcile(day).await.announced, 0);
    assert_eq!(world.exceptions().await.len(), 1);
}

/// When WeChat cannot be asked, the day is done and the question stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_without_an_answer_is_asked_again() {
    let world = world_with_the_job().await;
    world.until_noon().await;
    let day = world.today();
    world.run_jobs().await;
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    world.lose_notifications().await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    world.until_bill_of(day).await;
    world
        .faults(json!([{"on": "query", "kind": "status", "status": 500, "code": "SYSTEM_ERROR"}]))
        .await;
    let reconciled = world.reconcile(day).await;
    assert_eq!((reconciled.announced, reconciled.unanswered), (1, 1));
    let id = world.transaction_id(&order_no).await;
    let open = format!("payment_unknown {id} 1790 - open");
    assert_eq!(world.differences(day).await, [open]);
    world.no_faults().await;
    assert_eq!(world.reconcile(day).await.unanswered, 0);
    assert_eq!(world.load(&order_no).await.state.name(), "paid");
    let settled = format!("payment_unknown {id} 1790 - settled");
    assert_eq!(world.differences(day).await, [settled]);
}

#[tokio::test(flavor = "multi_thread")]
async fn differences_are_read_in_pages_and_by_state() {
    let world = World::new().await;
    world.until_noon().await;
    let day = world.today();
    let mistakes: Vec<Value> = (1..=3)
        .map(|number| {
            json!({"kind": "extra", "out_trade_no": format!("ELSEWHERE{number}"),
                "transaction_id": format!("420000000000{number}"), "amount_fen": number})
        })
        .collect();
    world.bill_mistakes(json!(mistakes)).await;
    world.until_bill_of(day).await;
    world.reconcile(day).await;
    let base = format!("/v1/reconciliations/{day}/differences");
    let (mut path, mut amounts) = (format!("{base}?limit=2&state=open"), Vec::new());
    for more in [true, false] {
        let page = world.get(API_KEY, &path).await.json();
        for difference in page["data"].as_array().unwrap() {
            assert_eq!(difference["kind"], "payment_unknown");
            assert!(difference["found_at"].is_string() && difference.get("refund_no").is_none());
            amounts.push(difference["billed_fen"].clone());
        }
        assert_eq!(page["next_cursor"].is_string(), more, "{page}");
        let cursor = page["next_cursor"].as_str().unwrap_or_default();
        path = format!("{base}?limit=2&state=open&cursor={cursor}");
    }
    assert_eq!(amounts, [1, 2, 3]);
    let waiting = world.get(API_KEY, &format!("{base}?state=waiting")).await;
    assert_eq!(waiting.json()["data"], json!([]));
    for odd in [
        "/v1/reconciliations/yesterday/differences",
        "/v1/reconciliations?date=2026-1-1",
        "/v1/reconciliations?cursor=x",
        &format!("{base}?state=odd"),
        &format!("{base}?cursor=!"),
        &format!("{base}?limit=0"),
    ] {
        let answer = world.get(API_KEY, odd).await;
        assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".into()), "{odd}");
    }
    let answer = world.get("a-wrong-key", &base).await;
    assert_eq!(answer.status, 401, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_shows_a_table_and_says_by_its_status_whether_somebody_must_look() {
    let stage = Stage::new().await;
    let config = stage.config(|text| text);
    let run = async |day: BillDay| {
        let mut command = program(&config, "reconcile");
        command
            .args(["--date", &day.to_string(), "--merchant", "default"])
            .stdout(Stdio::piped());
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    };
    let url = format!("{}/control/clock", stage.sandbox.control_url());
    let now = stage.http.get(&url, &[]).await.json()["now"].clone();
    let now = domain::Millis::parse(now.as_str().unwrap()).unwrap();
    let day = BillDay::of(now).plus(-2);
    let quiet = run(day).await;
    let text = String::from_utf8(quiet.stdout).unwrap();
    assert!(quiet.status.success(), "{text}");
    assert!(
        text.contains("bill and books agree") && text.contains("账实相符"),
        "{text}"
    );

    let extra = json!({"bill_mistakes": [{"kind": "extra", "out_trade_no": "ELSEWHERE",
        "transaction_id": "4200000000001", "amount_fen": 1790}]});
    let url = format!("{}/control/settings", stage.sandbox.control_url());
    let json_type = [("content-type", "application/json")];
    let body = Some(extra.to_string().into_bytes());
    assert!(stage.http.send("PUT", &url, &json_type, body).await.status < 300);
    for _ in 0..2 {
        let differs = run(day).await;
        let text = String::from_utf8(differs.stdout).unwrap();
        assert_eq!(differs.status.code(), Some(2), "{text}");
        let row = text
            .lines()
            .find(|line| line.starts_with("payment_unknown "));
        let words: Vec<_> = row.unwrap().split_whitespace().collect();
        assert_eq!(
            words,
            [
                "payment_unknown",
                "open",
                "4200000000001",
                "ELSEWHERE",
                "17.90",
                "-"
            ]
        );
        let progress = String::from_utf8(differs.stderr).unwrap();
        assert!(progress.contains("its hash is right: 1 rows"), "{progress}");
    }
    let today = run(BillDay::of(now).plus(1)).await;
    let text = String::from_utf8(today.stderr).unwrap();
    assert_eq!(today.status.code(), Some(1), "{text}");
    assert!(
        text.contains("未能对账") && text.contains("INVALID_REQUEST"),
        "{text}"
    );
}
