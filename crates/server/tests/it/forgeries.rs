//! What strangers send to the notification URL: forged, spoilt, replayed. Nothing of it is kept.

use std::process::Stdio;

use serde_json::json;

use crate::{
    program::{Stage, program, wait_until_up},
    sender::{Notification, Wire, placed},
    world::{self, World},
};

fn rejected() -> (u16, String) {
    (401, "NOTIFICATION_REJECTED".into())
}

/// No row, no exception, no event: strangers must not fill our disk or wake our people.
async fn left_no_trace(world: &World, token: &str, order_no: &str) {
    assert_eq!(world.state(token, order_no).await, "awaiting_payment");
    assert!(world.inbox(Some(order_no)).await.is_empty());
    assert!(world.inbox(None).await.is_empty());
    assert!(world.exceptions().await.is_empty());
    assert!(world.events().await.is_empty());
}

/// Each of the four headers is needed: without one of them it is a 401.
async fn n05_an_unsigned_notification_is_refused_whichever_header_is_missing(world: World) {
    let (token, order_no, notification) = placed(&world).await;
    let missing = [
        "wechatpay-timestamp",
        "wechatpay-nonce",
        "wechatpay-signature",
        "wechatpay-serial",
    ];
    for header in missing {
        let answer = notification.wire(&world).without(header).send(&world).await;
        assert_eq!(answer.refusal(), rejected(), "{header}");
    }
    left_no_trace(&world, &token, &order_no).await;
}

/// Spoilt in one place each, from a notification that is right in all others.
fn forgeries(world: &World, genuine: &Notification) -> Vec<(&'static str, Wire)> {
    let keys = sandbox::Keys::shared();
    let signed_by = |key: &wechatpay::crypto::PrivateKey| {
        let mut forged = genuine.clone();
        forged.key = key.clone();
        forged.wire(world)
    };
    let under = |serial: &str| {
        let mut forged = genuine.clone();
        forged.serial = serial.to_owned();
        forged.wire(world)
    };
    let merchants = wechatpay::crypto::PrivateKey::from_pem(&world.text("private_key_pem"));
    let mut of_another = genuine.clone();
    of_another.plaintext["out_trade_no"] = json!("another-order");
    let signature = of_another.wire(world).header("wechatpay-signature");
    let right = || genuine.wire(world);
    let mut flipped = right();
    let middle = flipped.body.len() / 2;
    flipped.body[middle] ^= 1;
    let mut longer = right();
    longer.body.push(b' ');
    let later = (genuine.timestamp + 1).to_string();
    vec![
        ("another key of WeChat's", signed_by(&keys.platform.key)),
        ("our own key", signed_by(&merchants.expect("a key"))),
        (
            "the serial of another key",
            under(keys.platform.certificate.serial_no().as_str()),
        ),
        (
            "a serial nobody knows",
            under("7132D72A03E93CDDF8C03BBD1F37EEDF5A7B5C11"),
        ),
        ("our own serial", under(&world.text("serial_no"))),
        ("one bit of the body", flipped),
        ("a longer body", longer),
        ("the time", right().with("wechatpay-timestamp", later)),
        ("the nonce", right().with("wechatpay-nonce", "0")),
        (
            "another message's signature",
            right().with("wechatpay-signature", signature),
        ),
        ("no signature", right().with("wechatpay-signature", "")),
        (
            "no base64",
            right().with("wechatpay-signature", "not base64!"),
        ),
    ]
}

/// Forged in twelve ways, and by none of them is anything paid or kept.
async fn n05_a_forged_notification_is_refused_whatever_is_wrong_with_it(world: World) {
    let (token, order_no, genuine) = placed(&world).await;
    for (what, wire) in forgeries(&world, &genuine) {
        assert_eq!(wire.send(&world).await.refusal(), rejected(), "{what}");
    }
    left_no_trace(&world, &token, &order_no).await;
    assert_eq!(genuine.send(&world).await.status, 204, "the right one");
    assert_eq!(world.state(&token, &order_no).await, "paid");
}

async fn a_truncated_notification_is_refused(world: World) {
    let (token, order_no, notification) = placed(&world).await;
    let mut cut = notification.wire(&world);
    cut.body.truncate(cut.body.len() - 10);
    assert_eq!(cut.send(&world).await.refusal(), rejected());
    let mut empty = notification.wire(&world);
    empty.body.clear();
    assert_eq!(empty.send(&world).await.refusal(), rejected());
    left_no_trace(&world, &token, &order_no).await;
}

/// A genuine message of an hour ago is refused for its age alone.
async fn n06_a_notification_replayed_an_hour_later_is_refused(world: World) {
    let (token, order_no, notification) = placed(&world).await;
    let recorded = notification.wire(&world);
    world.advance_clocks(3600).await;
    assert_eq!(recorded.send(&world).await.refusal(), rejected());
    left_no_trace(&world, &token, &order_no).await;
}

/// Within five minutes a replay is acknowledged without effect, and so is the same payment under a
/// new id; afterwards the replay is refused.
async fn n06_a_replay_has_no_second_effect(world: World) {
    let (token, order_no, notification) = placed(&world).await;
    let recorded = notification.wire(&world);
    assert_eq!(recorded.send(&world).await.status, 204);
    world.advance_clocks(200).await;
    assert_eq!(recorded.send(&world).await.status, 204);
    let mut told_anew = notification.clone();
    told_anew.id = "EV-told-anew".into();
    told_anew.timestamp = world.now().seconds();
    assert_eq!(told_anew.send(&world).await.status, 204);
    world.advance_clocks(101).await;
    assert_eq!(recorded.send(&world).await.refusal(), rejected());
    assert_eq!(world.state(&token, &order_no).await, "paid");
    assert_eq!(world.history(&order_no).await.len(), 3);
    assert_eq!(world.events().await, ["order.paid"]);
    assert!(world.exceptions().await.is_empty());
}

/// A probe is a 401 that says so, and leaves nothing behind.
async fn n07_wechats_signature_probe_is_an_ordinary_rejection(world: World) {
    let (token, order_no, notification) = placed(&world).await;
    let answer = probe(notification.wire(&world)).send(&world).await;
    assert_eq!(answer.refusal(), rejected());
    assert!(answer.detail().contains("probe"), "{answer:?}");
    left_no_trace(&world, &token, &order_no).await;
}

fn probe(wire: Wire) -> Wire {
    wire.with("wechatpay-signature", "WECHATPAY/SIGNTEST/c2lnbmF0dXJl")
}

const PROBES: usize = 40;

/// Forty probes are forty counts and not one warning: nobody is called out of bed for them.
#[tokio::test(flavor = "multi_thread")]
async fn n07_many_probes_are_counted_and_alert_nobody() {
    let stage = Stage::new().await;
    let config = stage.config(|text| text + "\n[log]\nformat = \"json\"\n");
    let log = stage.folder.path().join("log");
    let mut command = program(&config, "serve");
    let file = std::fs::File::create(&log).unwrap();
    let mut running = command
        .stdout(file)
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    wait_until_up(stage.address, &stage.http).await;
    let loud = || {
        let log = std::fs::read_to_string(&log).unwrap();
        let is_loud = |line: &&str| line.contains("\"WARN\"") || line.contains("\"ERROR\"");
        log.lines()
            .filter(is_loud)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let before = loud();
    let url = format!("http://{}/v1/wechat/notify/default", stage.address);
    let now = domain::Clock::now(&server::clock::SystemClock).seconds();
    let headers = [
        ("content-type", "application/json"),
        ("wechatpay-timestamp", &now.to_string()),
        ("wechatpay-nonce", "fedcba9876543210fedcba9876543210"),
        ("wechatpay-signature", "WECHATPAY/SIGNTEST/c2lnbmF0dXJl"),
        (
            "wechatpay-serial",
            stage.account["public_key_id"].as_str().unwrap(),
        ),
    ];
    for _ in 0..PROBES {
        let body = Some(b"{}".to_vec());
        let answer = stage.http.send("POST", &url, &headers, body).await;
        assert_eq!(answer.refusal(), rejected());
    }
    let figures = format!("http://{}/metrics", stage.admin);
    let figures = stage.http.get(&figures, &[]).await.text;
    running.kill().unwrap();
    running.wait().unwrap();
    let counted = figures
        .lines()
        .find(|line| line.starts_with("shouyin_notifications_total") && line.contains("probe"));
    let counted = counted.unwrap_or_else(|| panic!("no counter in\n{figures}"));
    assert!(counted.ends_with(&format!(" {PROBES}")), "{counted}");
    assert_eq!(loud(), before);
}

world::on_both_engines! {
    n05_an_unsigned_notification_is_refused_whichever_header_is_missing,
    n05_a_forged_notification_is_refused_whatever_is_wrong_with_it,
    a_truncated_notification_is_refused,
    n06_a_notification_replayed_an_hour_later_is_refused,
    n06_a_replay_has_no_second_effect,
    n07_wechats_signature_probe_is_an_ordinary_rejection,
}
