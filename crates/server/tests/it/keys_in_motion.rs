//! Keys change while orders, answers and notifications are under way.

use futures_util::future::join_all;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use server::config::Config;
use wechatpay::REFRESH_INTERVAL_SECONDS;

use crate::{
    http::Http,
    refunding::put_control,
    sender::{Notification, placed},
    world::{World, one_latte, start_sandbox},
};

/// A merchant that verifies by platform certificates, downloaded longer ago than the interval.
async fn with_certificates() -> World {
    let sandbox = start_sandbox().await;
    let mchid = sandbox.merchant().mchid.clone();
    let url = format!("{}/control/merchants/{mchid}", sandbox.control_url());
    let mode = Some(json!({"key_mode": "certificate"}).to_string().into_bytes());
    let json_type = [("content-type", "application/json")];
    let set = Http::new().send("PUT", &url, &json_type, mode).await;
    assert_eq!(set.status, 200, "{set:?}");
    let world = World::at(sandbox, without_public_key).await;
    world.run_jobs().await;
    later(&world).await;
    world
}

/// Past the interval in which certificates are not asked for again.
async fn later(world: &World) {
    let seconds = u64::try_from(REFRESH_INTERVAL_SECONDS).unwrap() + 1;
    world.advance_clocks(seconds).await;
}

fn without_public_key(config: &mut Config) {
    let merchant = config.merchants.get_mut("default").unwrap();
    (merchant.public_key_id, merchant.public_key) = (None, None);
}

/// Puts a changed configuration in force, as a reload does.
async fn reload(world: &World, change: impl FnOnce(&mut server::config::Merchant)) {
    let mut merchants = world.config.merchants.clone();
    change(merchants.get_mut("default").unwrap());
    world.app.renew_merchants(&merchants).await.unwrap();
}

async fn change_merchant(world: &World, changes: Value) {
    put_control(
        world,
        &format!("merchants/{}", world.text("mchid")),
        changes,
    )
    .await;
}

/// How often the platform was asked for its certificates.
async fn downloads(world: &World) -> usize {
    let targets = requests(world, "target").await;
    let downloads = targets
        .iter()
        .filter(|target| *target == "/v3/certificates");
    downloads.count()
}

/// One member of each request that the platform got, oldest first.
async fn requests(world: &World, member: &str) -> Vec<Value> {
    let url = format!("{}/control/requests", world.control);
    let answer = world.http.get(&url, &[]).await.json();
    let all = answer["data"].as_array().unwrap();
    all.iter().map(|record| record[member].clone()).collect()
}

/// The serials that signed notifications, after checking that each was taken at its first sending.
async fn serials_of_notifications(world: &World) -> Vec<String> {
    let serial = |notice: &Value| {
        let attempts = notice["attempts"].as_array().unwrap();
        assert_eq!(attempts.len(), 1, "{notice}");
        assert_eq!(attempts[0]["status"], 204, "{notice}");
        let serial = &attempts[0]["headers"]["wechatpay-serial"];
        serial.as_str().unwrap().to_owned()
    };
    notifications(world).await.iter().map(serial).collect()
}

/// Pays so many lattes at once and waits until all are paid here.
async fn pay_lattes(world: &World, token: &str, count: usize) {
    let orders = join_all((0..count).map(|_| world.latte(token))).await;
    pay_all(world, token, &orders).await;
}

async fn pay_all(world: &World, token: &str, orders: &[(String, Value)]) {
    for paid in join_all(orders.iter().map(|(_, payment)| world.pay("demo", payment))).await {
        assert_eq!(paid, "requestPayment:ok");
    }
    join_all(
        orders
            .iter()
            .map(|(order_no, _)| world.wait_for(token, order_no, "paid")),
    )
    .await;
}

/// When the platform's certificate rotates while payments are reported and queries answered, all of
/// them together cost one download, each is believed at its first sending, and what the old
/// certificate signs is believed too.
#[tokio::test(flavor = "multi_thread")]
async fn k01_a_rotation_in_mid_flight_costs_one_download_and_loses_nothing() {
    let world = with_certificates().await;
    let (token, by_old_key, notification) = placed(&world).await;
    let orders = join_all((0..8).map(|_| world.latte(&token))).await;
    let before = downloads(&world).await;

    let rotated = world
        .control("platform-certificates/rotate", &json!({}))
        .await;
    let refreshes = orders.iter().map(async |(order_no, _)| {
        let path = format!("/v1/mp/orders/{order_no}/refresh");
        let answer = world.post(&token, &path, None, &json!({})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    });
    tokio::join!(pay_all(&world, &token, &orders), join_all(refreshes));
    assert_eq!(downloads(&world).await, before + 1);
    let serials = serials_of_notifications(&world).await;
    assert_eq!(serials.len(), 8);
    assert!(
        serials
            .iter()
            .all(|serial| rotated["serial_no"] == **serial)
    );

    let notification = by_old_certificate(&world, notification);
    assert_eq!(notification.send(&world).await.status, 204);
    assert_eq!(world.state(&token, &by_old_key).await, "paid");
    assert_eq!(downloads(&world).await, before + 1);
}

/// From platform certificates to the WeChat Pay public key while WeChat signs a growing share of
/// notifications with it: each of both kinds is believed at its first sending, without a stop.
#[tokio::test(flavor = "multi_thread")]
async fn k02_both_platform_keys_verify_while_wechat_switches_by_shares() {
    let world = World::with(without_public_key).await;
    world.run_jobs().await;
    let token = world.log_in("demo").await;
    let share = async |permille: u16| {
        let changes = json!({"notify_key": "share", "notify_share_permille": permille});
        change_merchant(&world, changes).await;
        pay_lattes(&world, &token, 4).await;
    };
    share(0).await;
    reload(&world, |merchant| {
        merchant.public_key_id = Some(world.text("public_key_id"));
        merchant.public_key = Some(world.text("public_key_pem"));
    })
    .await;
    let before = downloads(&world).await;
    for permille in [0, 500, 1000] {
        share(permille).await;
    }
    let serials = serials_of_notifications(&world).await;
    let public = world.text("public_key_id");
    let by_public_key = serials.iter().filter(|serial| **serial == public).count();
    assert_eq!((serials.len(), by_public_key), (16, 2 + 4));
    assert_eq!(
        downloads(&world).await,
        before,
        "the certificates came along"
    );
}

/// After a restart with the public key configured, a notification that is still signed with the
/// certificate brings the certificate by itself.
#[tokio::test(flavor = "multi_thread")]
async fn k02_a_server_that_starts_with_the_public_key_fetches_the_certificate_when_it_is_met() {
    let world = World::new().await;
    let token = world.log_in("demo").await;
    change_merchant(&world, json!({"notify_key": "alternate"})).await;
    assert_eq!(downloads(&world).await, 0);
    pay_lattes(&world, &token, 4).await;
    assert_eq!(serials_of_notifications(&world).await.len(), 4);
    assert_eq!(downloads(&world).await, 1);
}

/// While the APIv3 key changes, what is sealed with either key is opened; when the time of the old
/// one is over, it opens nothing more.
#[tokio::test(flavor = "multi_thread")]
async fn k03_current_and_previous_api_v3_key_open_until_the_previous_one_ends() {
    const NEW: &str = "a-new-key-of-exactly-32-bytes-ok";
    let world = World::new().await;
    let (token, sealed_with_old, old) = placed(&world).await;
    change_merchant(&world, json!({"api_v3_key": NEW})).await;
    let with_new_key = |order_no: &str, openid: &str| Notification {
        api_v3_key: NEW.to_owned(),
        ..Notification::paid(&world, order_no, openid)
    };
    let openid = old.plaintext["payer"]["openid"]
        .as_str()
        .unwrap()
        .to_owned();
    let (not_yet, _) = world.latte(&token).await;
    let early = with_new_key(&not_yet, &openid);
    assert_eq!(
        early.send(&world).await.refusal().0,
        500,
        "WeChat comes again"
    );

    let day = jiff::SignedDuration::from_hours(24);
    let until = jiff::Timestamp::from_second(world.now().seconds()).unwrap() + day;
    reload(&world, |merchant| {
        let key = merchant.api_v3_key.expose_secret().to_owned().into();
        merchant.previous_api_v3_key = Some(key);
        merchant.previous_api_v3_key_until = Some(until);
        merchant.api_v3_key = NEW.to_owned().into();
    })
    .await;
    assert_eq!(old.send(&world).await.status, 204);
    assert_eq!(world.state(&token, &sealed_with_old).await, "paid");
    assert_eq!(early.send(&world).await.status, 204);
    assert_eq!(world.state(&token, &not_yet).await, "paid");
    pay_lattes(&world, &token, 1).await;

    world.advance_clocks(24 * 3600).await;
    let (too_late, _) = world.latte(&world.log_in("demo").await).await;
    let late = Notification::paid(&world, &too_late, &openid);
    assert_eq!(
        late.send(&world).await.refusal().1,
        "NOTIFICATION_UNREADABLE"
    );
    assert_eq!(
        with_new_key(&too_late, &openid).send(&world).await.status,
        204
    );
}

/// A renewed merchant certificate is in force from the reload on; an order that was under way ends
/// with the old one, and its payment, signed with the old key, is still taken by the cashier.
#[tokio::test(flavor = "multi_thread")]
async fn k04_a_merchant_certificate_is_renewed_while_an_order_is_under_way() {
    let world = World::new().await;
    let token = world.log_in("demo").await;
    let path = format!("merchants/{}/certificate", world.text("mchid"));
    let papers = world.control(&path, &json!({})).await;
    let text = |name: &str| papers[name].as_str().unwrap().to_owned();
    assert_ne!(text("serial_no"), world.text("serial_no"));
    world
        .faults(json!([{"on": "prepay", "kind": "delay", "delay_ms": 1000, "times": 1}]))
        .await;
    let body = one_latte();
    let slow = world.order(&token, "slow", &body);
    let renewal = async {
        // It has been signed when the platform has it.
        while !requests(&world, "target")
            .await
            .contains(&json!("/v3/pay/transactions/jsapi"))
        {
            tokio::task::yield_now().await;
        }
        reload(&world, |merchant| {
            merchant.serial_no = text("serial_no");
            merchant.private_key = text("private_key_pem").into();
            merchant.certificate = Some(text("certificate_pem"));
        })
        .await;
    };
    let (slow, ()) = tokio::join!(slow, renewal);
    assert_eq!(slow.status, 201, "{slow:?}");
    let (_, new) = world.latte(&token).await;
    let signed_under = |record: &Value| {
        let authorization = record["authorization"].as_str().unwrap().to_owned();
        let (_, rest) = authorization.split_once("serial_no=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let serials: Vec<_> = requests(&world, "headers")
        .await
        .iter()
        .filter(|it| it["authorization"].is_string())
        .map(signed_under)
        .collect();
    assert_eq!(serials, [world.text("serial_no"), text("serial_no")]);
    for payment in [&slow.json()["payment"], &new] {
        assert_eq!(world.pay("demo", payment).await, "requestPayment:ok");
    }
}

/// Papers that do not belong together, and a merchant that is gone, are refused whole: what was in
/// force stays in force.
#[tokio::test(flavor = "multi_thread")]
async fn k04_papers_that_do_not_fit_change_nothing() {
    let world = World::new().await;
    let mut merchants = world.config.merchants.clone();
    merchants.get_mut("default").unwrap().serial_no =
        "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C".to_owned();
    let said = world.app.renew_merchants(&merchants).await.unwrap_err();
    assert!(
        format!("{said:#}").contains("merchants.default.certificate"),
        "{said:#}"
    );
    let said = world.app.renew_merchants(&Default::default()).await;
    let said = said.unwrap_err().to_string();
    assert!(said.contains("is gone from the configuration"), "{said}");
    let token = world.log_in("demo").await;
    pay_lattes(&world, &token, 1).await;
}

/// While the list of certificates cannot be had unspoilt, nothing new is believed and everything
/// known still is; afterwards the resent notification is.
#[tokio::test(flavor = "multi_thread")]
async fn k06_a_spoilt_list_of_certificates_is_not_taken_and_the_old_keys_stay() {
    let world = with_certificates().await;
    let (token, by_old_key, notification) = placed(&world).await;
    let (by_new_key, payment) = world.latte(&token).await;
    world
        .control("platform-certificates/rotate", &json!({}))
        .await;
    let keys = async || {
        let ready = world.http.get(&world.url("/readyz"), &[]).await.json();
        ready["merchants"][0]["platform_keys"].clone()
    };
    let before = downloads(&world).await;
    let spoilt = |kind| world.faults(json!([{"on": "certificates", "kind": kind}]));
    spoilt("wrong_signature").await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    let id = only_notification(&world).await;
    let resend = format!("notifications/{id}/resend");
    for kind in ["wrong_signature", "unsigned", "stale", "html"] {
        spoilt(kind).await;
        later(&world).await;
        world.control(&resend, &json!({})).await;
        assert_eq!(last_answer(&world).await, 401, "{kind}");
        assert_eq!(keys().await, json!(1), "{kind}");
    }
    assert!(downloads(&world).await >= before + 4);
    let notification = by_old_certificate(&world, notification);
    assert_eq!(notification.send(&world).await.status, 204);
    assert_eq!(world.state(&token, &by_old_key).await, "paid");
    assert_eq!(world.state(&token, &by_new_key).await, "awaiting_payment");

    world.no_faults().await;
    later(&world).await;
    world.control(&resend, &json!({})).await;
    assert_eq!(last_answer(&world).await, 204);
    assert_eq!(keys().await, json!(2));
    assert_eq!(world.state(&token, &by_new_key).await, "paid");
}

/// The same notification, signed with the platform's first certificate, now.
fn by_old_certificate(world: &World, notification: Notification) -> Notification {
    let old = &sandbox::Keys::shared().platform;
    Notification {
        serial: old.certificate.serial_no().as_str().to_owned(),
        key: old.key.clone(),
        timestamp: world.now().seconds(),
        ..notification
    }
}

async fn notifications(world: &World) -> Vec<Value> {
    let url = format!("{}/control/notifications", world.control);
    let answer = world.http.get(&url, &[]).await.json();
    answer["data"].as_array().unwrap().clone()
}

/// The id of the one notification, once it was sent for the first time.
async fn only_notification(world: &World) -> String {
    let sent = async {
        loop {
            let all = notifications(world).await;
            if all.iter().any(|notice| notice["attempts"] != json!([])) {
                return all[0]["id"].as_str().unwrap().to_owned();
            }
            tokio::task::yield_now().await;
        }
    };
    crate::program::within("the first sending", sent).await
}

/// What the merchant answered to the newest sending of the one notification.
async fn last_answer(world: &World) -> Value {
    let notice = notifications(world).await.remove(0);
    notice["attempts"].as_array().unwrap().last().unwrap()["status"].clone()
}
