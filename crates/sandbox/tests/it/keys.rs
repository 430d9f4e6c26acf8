//! Platform keys in both modes, certificates and their rotation, the self test, more merchants.

use sandbox::{KeySource, Keys, Sandbox, SandboxOptions};
use serde_json::{Value, json};
use wechatpay::crypto::{ApiV3Key, Certificate};

use crate::world::{Answer, Caller, World, http};

fn opened(world: &World, answer: &Answer) -> Vec<Certificate> {
    let key = ApiV3Key::new(world.merchant.text("api_v3_key")).unwrap();
    let open = |entry: &Value| {
        let sealed = &entry["encrypt_certificate"];
        let text = |name: &str| sealed[name].as_str().unwrap();
        assert_eq!(text("associated_data"), "certificate");
        let pem = key
            .open(text("nonce"), text("associated_data"), text("ciphertext"))
            .unwrap();
        let certificate = Certificate::from_pem(&String::from_utf8(pem).unwrap()).unwrap();
        assert_eq!(entry["serial_no"], certificate.serial_no().as_str());
        certificate
    };
    answer.json()["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(open)
        .collect()
}

#[tokio::test]
async fn certificates_are_sealed_and_signed_by_one_of_themselves() {
    let world = World::start().await;
    let answer = world.merchant.get("/v3/certificates").await;
    let certificates = opened(&world, &answer);
    assert_eq!(certificates.len(), 1);
    answer.verify(certificates[0].public_key());
    let serial = certificates[0].serial_no().as_str();
    assert_eq!(answer.header("wechatpay-serial"), Some(serial));
    assert_eq!((serial.len(), serial.starts_with('0')), (40, false));
    let sm2 = world
        .merchant
        .get("/v3/certificates?algorithm_type=SM2")
        .await;
    assert_eq!(sm2.json(), json!({ "data": [] }));
}

#[tokio::test]
async fn a_rotation_lists_both_and_signs_with_the_new_one() {
    let world = World::start().await;
    let old = world.certificate().await;
    let rotated = world
        .control("POST", "/platform-certificates/rotate", json!({}))
        .await;
    let answer = world.merchant.get("/v3/certificates").await;
    let certificates = opened(&world, &answer);
    assert_eq!(certificates.len(), 2);
    assert_eq!(
        certificates[0].serial_no().as_str(),
        old.serial_no().as_str()
    );
    assert_eq!(
        answer.header("wechatpay-serial"),
        rotated["serial_no"].as_str()
    );
    answer.verify(certificates[1].public_key());
}

#[tokio::test]
async fn the_request_says_which_key_it_can_verify_with() {
    let mut world = World::start().await;
    let id = world.merchant.text("public_key_id").to_owned();
    world.merchant.verifies_with = Some(id.clone());
    world.prepay("K000001").await;
    let answer = world.query("K000001").await;
    assert_eq!(answer.header("wechatpay-serial"), Some(id.as_str()));
    answer.verify(&world.merchant.public_key());
    let closed = world.close("K000001").await;
    assert_eq!((closed.status, closed.text.as_str()), (204, ""));
    closed.verify(&world.merchant.public_key());
    world.merchant.verifies_with = None;
    let certificate = world.certificate().await;
    world
        .query("K000001")
        .await
        .verify(certificate.public_key());
}

#[tokio::test]
async fn an_unknown_key_in_a_request_is_pointed_out() {
    let mut world = World::start().await;
    world.merchant.verifies_with = Some("PUB_KEY_ID_0000000000000000000000000000".to_owned());
    let certificate = world.certificate().await;
    world.prepay("K000009").await;
    let record = world.newest_request().await;
    assert_eq!(record["verdict"], "valid");
    assert_eq!(record["causes"][0]["cause"], "unknown_wechatpay_serial");
    let serial = &record["answer_headers"]["wechatpay-serial"];
    assert_eq!(serial, certificate.serial_no().as_str());
}

#[tokio::test]
async fn a_merchant_may_have_one_kind_of_key_only() {
    let mut world = World::start().await;
    let id = world.merchant.text("public_key_id").to_owned();
    let path = format!("/merchants/{}", world.merchant.text("mchid"));
    world
        .control("PUT", &path, json!({ "key_mode": "public_key" }))
        .await;
    let refusal = world.merchant.get("/v3/certificates").await.refusal();
    let message = "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。";
    assert_eq!(
        refusal,
        (404, "RESOURCE_NOT_EXISTS".to_owned(), message.to_owned())
    );
    world.paid("K000002").await;
    world
        .query("K000002")
        .await
        .verify(&world.merchant.public_key());
    assert_eq!(world.shop.received()[0].header("wechatpay-serial"), id);

    world
        .control("PUT", &path, json!({ "key_mode": "certificate" }))
        .await;
    world.merchant.verifies_with = Some(id);
    let certificate = world.certificate().await;
    world
        .query("K000002")
        .await
        .verify(certificate.public_key());
}

#[tokio::test]
async fn notifications_follow_the_newest_request_or_a_fixed_rule() {
    let mut world = World::start().await;
    let id = world.merchant.text("public_key_id").to_owned();
    let serial = world.certificate().await.serial_no().as_str().to_owned();
    let path = format!("/merchants/{}", world.merchant.text("mchid"));
    let mut seen = Vec::new();
    for (number, rule, asks) in [
        ("K000003", "as_requested", false),
        ("K000004", "as_requested", true),
        ("K000005", "certificate", true),
        ("K000006", "public_key", false),
        ("K000007", "alternate", true),
        ("K000008", "alternate", true),
    ] {
        world
            .control("PUT", &path, json!({ "notify_key": rule }))
            .await;
        world.merchant.verifies_with = asks.then(|| id.clone());
        world.paid(number).await;
        let received = world.shop.received().pop().unwrap();
        seen.push(received.header("wechatpay-serial").to_owned());
    }
    assert_eq!(
        seen[..4],
        [serial.clone(), id.clone(), serial.clone(), id.clone()]
    );
    assert!(
        seen[4..].contains(&serial) && seen[4..].contains(&id),
        "one of each"
    );
}

#[tokio::test]
async fn the_self_test_opens_and_seals() {
    let mut world = World::start().await;
    let plain = world
        .merchant
        .post("/v3/security/echo", &json!({ "echo_message": "hi" }))
        .await;
    assert_eq!(plain.json(), json!({ "echo_message": "hi" }));
    let sealed = world
        .merchant
        .public_key()
        .encrypt_oaep("你好".as_bytes())
        .unwrap();
    let body = json!({ "echo_message": "hi", "encrypted_echo_message": sealed });
    let missing = world.merchant.post("/v3/security/echo", &body).await;
    let message = "HTTP header缺少微信支付平台证书序列号(Wechatpay-Serial)";
    assert_eq!(missing.refusal().2, message);
    world.merchant.verifies_with = Some("A".repeat(40));
    let wrong = world.merchant.post("/v3/security/echo", &body).await;
    assert_eq!(wrong.refusal().2, "平台证书序列号Wechatpay-Serial错误");
    world.merchant.verifies_with = Some(world.merchant.text("public_key_id").to_owned());
    let answer = world.merchant.post("/v3/security/echo", &body).await.json();
    let answer = answer["encrypted_echo_message"].as_str().unwrap();
    let opened = world.merchant.key.decrypt_oaep(answer).unwrap();
    assert_eq!(opened, "你好".as_bytes());
}

#[tokio::test]
async fn more_merchants_have_keys_of_their_own_and_may_share_an_app() {
    let world = World::start().await;
    let appid = world.merchant.text("appid");
    let wish = json!({ "mchid": "1900000109", "name": "第二家", "appids": [appid] });
    let info = world.control("POST", "/merchants", wish.clone()).await;
    assert_eq!(info["app_secret"], world.merchant.text("app_secret"));
    assert_ne!(info["serial_no"], world.merchant.text("serial_no"));
    assert_ne!(info["public_key_id"], world.merchant.text("public_key_id"));
    let other = Caller::new(world.sandbox.api_url(), info);
    let mut order = world.order("SAME0001").await;
    order["mchid"] = json!(other.text("mchid"));
    let answer = other.post(crate::world::JSAPI, &order).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    world.prepay("SAME0001").await;
    let again = world.try_control("POST", "/merchants", wish).await;
    assert_eq!(again.status, 409);
    for bad in [
        json!({ "mchid": "abc" }),
        json!({ "appids": [""] }),
        json!({ "nme": "x" }),
    ] {
        let answer = world.try_control("POST", "/merchants", bad).await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }
    let all = world.control("GET", "/merchants", json!({})).await;
    assert_eq!(all["data"].as_array().unwrap().len(), 2);
    assert!(!all.to_string().contains("PRIVATE"));
}

#[tokio::test]
async fn a_folder_of_keys_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let start = async || {
        let keys = KeySource::Folder(folder.path().to_owned());
        Sandbox::start(SandboxOptions {
            keys,
            ..SandboxOptions::default()
        })
        .await
        .unwrap()
    };
    let (first, second) = (start().await, start().await);
    let papers = |sandbox: &Sandbox| serde_json::to_value(sandbox.merchant()).unwrap();
    assert_eq!(papers(&first), papers(&second));
    first.shutdown().await;
    second.shutdown().await;
    let found = std::fs::read_to_string(folder.path().join("apiclient_cert.pem")).unwrap();
    assert!(found.starts_with("-----BEGIN CERTIFICATE-----"));
}

#[tokio::test]
async fn the_shop_can_be_given_a_name_and_keeps_it_through_a_reset() {
    let sandbox = Sandbox::start(SandboxOptions {
        keys: KeySource::Given(Keys::shared()),
        merchant_name: Some("山间茶铺".into()),
        ..SandboxOptions::default()
    })
    .await
    .unwrap();
    assert_eq!(sandbox.merchant().name, "山间茶铺");
    let control = sandbox.control_url();
    let reset = http().post(format!("{control}/control/reset")).send();
    assert_eq!(reset.await.unwrap().status(), 200);
    let merchants = http().get(format!("{control}/control/merchants")).send();
    let merchants = Answer::read(merchants.await.unwrap()).await.json();
    assert_eq!(merchants["data"][0]["name"], "山间茶铺");
}

#[tokio::test]
async fn a_renewed_certificate_works_beside_the_old_one_until_that_is_withdrawn() {
    let world = World::start().await;
    let path = format!("/merchants/{}/certificate", world.merchant.text("mchid"));
    let renew = async |withdraw| {
        let papers = world.control("POST", &path, json!({ "withdraw": withdraw }));
        Caller::new(world.sandbox.api_url(), papers.await)
    };
    let second = renew(false).await;
    assert_ne!(second.text("serial_no"), world.merchant.text("serial_no"));
    assert_eq!(
        second.text("public_key_id"),
        world.merchant.text("public_key_id")
    );
    for caller in [&world.merchant, &second] {
        assert_eq!(caller.get("/v3/certificates").await.status, 200);
    }
    let third = renew(true).await;
    assert_eq!(third.get("/v3/certificates").await.status, 200);
    for withdrawn in [&world.merchant, &second] {
        let refusal = withdrawn.get("/v3/certificates").await.refusal();
        assert_eq!(
            (refusal.0, refusal.2.as_str()),
            (401, "已更换证书，请使用新证书")
        );
    }
}

#[tokio::test]
async fn a_changed_api_v3_key_seals_from_then_on() {
    let world = World::start().await;
    let old = ApiV3Key::new(world.merchant.text("api_v3_key")).unwrap();
    let path = format!("/merchants/{}", world.merchant.text("mchid"));
    let new = "a-new-key-of-exactly-32-bytes-ok";
    world
        .control("PUT", &path, json!({ "api_v3_key": new }))
        .await;
    let answer = world.merchant.get("/v3/certificates").await.json();
    let sealed = &answer["data"][0]["encrypt_certificate"];
    let text = |name: &str| sealed[name].as_str().unwrap();
    let open = |key: &ApiV3Key| key.open(text("nonce"), "certificate", text("ciphertext"));
    assert!(open(&old).is_err());
    open(&ApiV3Key::new(new).unwrap()).unwrap();
    let papers = world.control("GET", "/merchant", json!({})).await;
    assert_eq!(papers["api_v3_key"], new);
    let short = world
        .try_control("PUT", &path, json!({ "api_v3_key": "short" }))
        .await;
    assert_eq!(short.status, 400);
}

#[tokio::test]
async fn answers_are_dated_by_the_clock_that_signs() {
    let world = World::start().await;
    world
        .control("PUT", "/settings", json!({ "wire_clock": "virtual" }))
        .await;
    world
        .control("POST", "/clock/advance", json!({ "seconds": 200 }))
        .await;
    let answer = world.merchant.get("/v3/certificates").await;
    let dated = answer.header("date").unwrap().to_owned();
    let dated = jiff::fmt::rfc2822::parse(&dated)
        .unwrap()
        .timestamp()
        .as_second();
    let signed: i64 = answer
        .header("wechatpay-timestamp")
        .unwrap()
        .parse()
        .unwrap();
    assert!((dated - signed).abs() <= 1, "{dated} and {signed}");
}
