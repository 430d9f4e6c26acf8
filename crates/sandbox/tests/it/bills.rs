//! Trade bills: when there is one, what stands in it, and what can be wrong with it.

use std::process::{Command, Stdio};

use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, World, http};

const DAY_SECONDS: i64 = 86_400;

impl World {
    /// The day it is in Beijing, by virtual time.
    async fn today(&self) -> String {
        let now = self.control("GET", "/clock", json!({})).await["now"].clone();
        now.as_str().unwrap()[..10].to_owned()
    }

    /// Moves to that time of day: of today if it is not over, else of tomorrow.
    async fn until(&self, hour: i64) {
        let now = self.control("GET", "/clock", json!({})).await["now"].clone();
        let now = now.as_str().unwrap();
        let part = |range: std::ops::Range<usize>| now.get(range).unwrap().parse::<i64>().unwrap();
        let seconds = part(11..13) * 3600 + part(14..16) * 60 + part(17..19);
        self.advance((hour * 3600 - seconds).rem_euclid(DAY_SECONDS))
            .await;
    }

    async fn apply_for_bill(&self, day: &str, more: &str) -> Answer {
        let path = format!("/v3/bill/tradebill?bill_date={day}{more}");
        self.merchant.get(&path).await
    }

    /// The bytes behind a download address.
    async fn download(&self, url: &str) -> (u16, http::HeaderMap, Vec<u8>) {
        let (_, path) = url.split_once("/v3/").unwrap();
        let target = format!("/v3/{path}");
        let authorization = self.merchant.authorization("GET", &target, "");
        let request = http()
            .request(Method::GET, url)
            .header("authorization", authorization)
            .header("accept", "*/*")
            .header("user-agent", "it");
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.bytes().await.unwrap().to_vec())
    }

    /// The bill of a day, as lines, after its hash was checked by `sha1sum`.
    async fn bill(&self, day: &str, more: &str) -> Vec<String> {
        let applied = self.apply_for_bill(day, more).await;
        applied.verify(self.certificate().await.public_key());
        let applied = applied.json();
        assert_eq!(applied["hash_type"], "SHA1");
        let url = applied["download_url"].as_str().unwrap();
        let (status, headers, mut bytes) = self.download(url).await;
        assert_eq!(status, 200);
        assert!(
            !headers.contains_key("wechatpay-signature"),
            "files are not signed"
        );
        if more.contains("GZIP") {
            assert!(url.ends_with("&tartype=gzip"), "{url}");
            bytes = piped("gunzip", &["-c"], bytes);
        }
        let sum = String::from_utf8(piped("sha1sum", &[], bytes.clone())).unwrap();
        assert_eq!(applied["hash_value"], sum[..40]);
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

/// What a program of the machine makes of bytes: another implementation than ours.
fn piped(program: &str, arguments: &[&str], bytes: Vec<u8>) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, &bytes).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    output.stdout
}

/// The fields of a row by the names of the header.
fn fields(header: &str, row: &str) -> Value {
    let fields = row.strip_prefix('`').unwrap().split(",`");
    let pairs = header.split(',').zip(fields);
    pairs
        .map(|(name, field)| (name.to_owned(), json!(field)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Noon of a fresh day, so that what follows stays within it.
async fn at_noon() -> World {
    let world = World::start().await;
    world.until(12).await;
    world
}

#[tokio::test]
async fn a_bill_has_the_payments_and_refunds_of_its_day() {
    let world = at_noon().await;
    world.paid("B000001").await;
    world.paid("B000002").await;
    world.refunded("B000001", "BR1", 40).await;
    world.prepay("B000003").await;
    let day = world.today().await;
    world.until(10).await;
    world.paid("B000004").await;

    let lines = world.bill(&day, "").await;
    assert_eq!(lines.len(), 6, "{lines:?}");
    assert_eq!(lines[0].split(',').count(), 27);
    let rows: Vec<Value> = lines[1..4]
        .iter()
        .map(|row| fields(&lines[0], row))
        .collect();
    let paid = rows
        .iter()
        .find(|row| row["商户订单号"] == "B000002")
        .unwrap();
    assert_eq!(
        (&paid["交易状态"], &paid["订单金额"]),
        (&json!("SUCCESS"), &json!("1.00"))
    );
    assert_eq!(
        (&paid["微信退款单号"], &paid["特约商户号"]),
        (&json!("0"), &json!("0"))
    );
    assert_eq!(paid["微信订单号"].as_str().unwrap().len(), 28);
    let refund = rows
        .iter()
        .find(|row| row["商户退款单号"] == "BR1")
        .unwrap();
    assert_eq!(
        (&refund["交易状态"], &refund["订单金额"]),
        (&json!("REFUND"), &json!("0.00"))
    );
    assert_eq!(
        (&refund["申请退款金额"], &refund["退款状态"]),
        (&json!("0.40"), &json!("SUCCESS"))
    );
    assert_eq!(fields(&lines[4], &lines[5])["总交易单数"], "3");
    assert_eq!(fields(&lines[4], &lines[5])["订单总金额"], "2.00");
    assert_eq!(fields(&lines[4], &lines[5])["申请退款总金额"], "0.40");

    let paid = world.bill(&day, "&bill_type=SUCCESS&tar_type=GZIP").await;
    assert_eq!((paid.len(), paid[0].split(',').count()), (5, 20));
    let refunds = world.bill(&day, "&bill_type=REFUND").await;
    assert_eq!((refunds.len(), refunds[0].split(',').count()), (4, 29));
}

#[tokio::test]
async fn a_bill_is_there_from_ten_o_clock_of_the_next_day() {
    let world = at_noon().await;
    world.paid("B000001").await;
    let day = world.today().await;
    let refusal = world.apply_for_bill(&day, "").await.refusal();
    assert_eq!(
        (refusal.0, refusal.1.as_str()),
        (400, "INVALID_REQUEST"),
        "not on the day itself"
    );
    world.until(9).await;
    let refusal = world.apply_for_bill(&day, "").await.refusal();
    assert_eq!(
        refusal,
        (
            400,
            "STATEMENT_CREATING".to_owned(),
            "账单生成中".to_owned()
        )
    );
    world.until(10).await;
    assert_eq!(world.apply_for_bill(&day, "").await.status, 200);
    world.advance(100 * DAY_SECONDS).await;
    let refusal = world.apply_for_bill(&day, "").await.refusal();
    assert_eq!(
        (refusal.0, refusal.1.as_str()),
        (400, "INVALID_REQUEST"),
        "older than three months"
    );
}

#[tokio::test]
async fn a_day_without_trade_has_no_bill() {
    let world = at_noon().await;
    let day = world.today().await;
    world.until(10).await;
    let refusal = world.apply_for_bill(&day, "").await.refusal();
    assert_eq!(
        refusal,
        (
            400,
            "NO_STATEMENT_EXIST".to_owned(),
            "请求的账单文件不存在".to_owned()
        )
    );
}

#[tokio::test]
async fn what_is_asked_for_wrongly_is_refused() {
    let world = at_noon().await;
    for (day, more) in [
        ("20261123", ""),
        ("2026-13-01", ""),
        ("2026-11-23", "&bill_type=SOME"),
        ("2026-11-23", "&tar_type=ZIP"),
        ("2026-11-23", "&account_type=BASIC"),
        ("", ""),
    ] {
        let refusal = world.apply_for_bill(day, more).await.refusal();
        assert_eq!(
            (refusal.0, refusal.1.as_str()),
            (400, "PARAM_ERROR"),
            "{day} {more}"
        );
    }
}

#[tokio::test]
async fn an_address_lives_for_five_minutes_and_for_its_merchant() {
    let world = at_noon().await;
    world.paid("B000001").await;
    let day = world.today().await;
    world.until(10).await;
    let url = world.apply_for_bill(&day, "").await.json()["download_url"].clone();
    let url = url.as_str().unwrap();
    assert_eq!(world.download(url).await.0, 200);
    let (status, _, body) = world.download(&url.replace("token=", "token=x")).await;
    assert_eq!(status, 400, "{}", String::from_utf8_lossy(&body));
    world.advance(299).await;
    assert_eq!(world.download(url).await.0, 200, "as often as one likes");
    world.advance(1).await;
    let (status, _, body) = world.download(url).await;
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, &body["code"]), (400, &json!("INVALID_REQUEST")));
    // Unsigned requests do not get as far as the token.
    assert_eq!(http().get(url).send().await.unwrap().status(), 400);
    let unsigned = http()
        .get(url)
        .header("user-agent", "it")
        .header("accept", "*/*");
    assert_eq!(unsigned.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_bill_can_be_made_to_contradict_the_books() {
    let world = at_noon().await;
    for number in ["B000001", "B000002", "B000003"] {
        world.paid(number).await;
    }
    world.refunded("B000003", "BR1", 40).await;
    let day = world.today().await;
    world.until(10).await;
    let mistakes = json!([
        { "kind": "missing", "number": "B000001" },
        { "kind": "amount", "number": "B000002", "amount_fen": 101 },
        { "kind": "twice", "number": "BR1" },
        { "kind": "extra", "out_trade_no": "ELSEWHERE", "transaction_id": "4200009",
          "amount_fen": 7 },
    ]);
    world.settings(json!({ "bill_mistakes": mistakes })).await;
    let lines = world.bill(&day, "").await;
    let rows: Vec<Value> = lines[1..lines.len() - 2]
        .iter()
        .map(|row| fields(&lines[0], row))
        .collect();
    let mut seen: Vec<_> = rows
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap();
            (text("商户订单号"), text("商户退款单号"), text("订单金额"))
        })
        .collect();
    seen.sort_unstable();
    let expected = [
        ("B000002", "0", "1.01"),
        ("B000003", "0", "1.00"),
        ("B000003", "BR1", "0.00"),
        ("B000003", "BR1", "0.00"),
        ("ELSEWHERE", "0", "0.07"),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_file_can_be_made_not_to_be_the_one_that_was_signed() {
    let world = at_noon().await;
    world.paid("B000001").await;
    let day = world.today().await;
    world.until(10).await;
    let good = world.apply_for_bill(&day, "").await.json();
    world
        .fault(json!({ "on": "bill", "kind": "wrong_hash", "times": 1 }))
        .await;
    let wrong = world.apply_for_bill(&day, "").await;
    wrong.verify(world.certificate().await.public_key());
    let wrong = wrong.json();
    assert_ne!(wrong["hash_value"], good["hash_value"]);
    assert_eq!(wrong["hash_value"].as_str().unwrap().len(), 40);
    let url = good["download_url"].as_str().unwrap();
    let whole = world.download(url).await.2;
    world
        .fault(json!({ "on": "bill_download", "kind": "truncated", "times": 1 }))
        .await;
    let half = world.download(url).await.2;
    assert_eq!(half, whole[..whole.len() / 2]);
    assert_eq!(world.download(url).await.2, whole);
}
