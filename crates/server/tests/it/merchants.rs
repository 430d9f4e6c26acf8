//! Several merchants in one process, and both ways to know WeChat's signature.

use serde_json::{Value, json};
use server::config::{AppConfig, Config};

use crate::{
    http::Http,
    program::openid_of_demo,
    world::{API_KEY, World, start_sandbox},
};

const SECOND_API_KEY: &str = "the-second-merchants-key-0123456789";

/// The second merchant as a section of the configuration, from the sandbox's papers.
fn add_second(config: &mut Config, papers: &Value) {
    let text = |field: &str| papers[field].as_str().unwrap().to_owned();
    let mut second = config.merchants["default"].clone();
    second.mch_id = text("mchid");
    second.serial_no = text("serial_no");
    second.private_key = text("private_key_pem").into();
    second.certificate = Some(text("certificate_pem"));
    second.api_v3_key = text("api_v3_key").into();
    second.public_key_id = Some(text("public_key_id"));
    second.public_key = Some(text("public_key_pem"));
    second.notify_url = second.notify_url.replace("/default", "/second");
    second.api_key = Some(SECOND_API_KEY.to_owned().into());
    second.apps = vec![AppConfig {
        app_id: text("appid"),
        app_secret: text("app_secret").into(),
    }];
    config.merchants.insert("second".to_owned(), second);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_merchants_in_one_process_see_nothing_of_each_other() {
    let sandbox = start_sandbox().await;
    let (control, api) = (
        sandbox.control_url().to_owned(),
        sandbox.api_url().to_owned(),
    );
    let http = Http::new();
    let papers = http
        .post(&format!("{control}/control/merchants"), &[], &json!({}))
        .await
        .json();
    let world = World::at(sandbox, |config| add_second(config, &papers)).await;

    let body = json!({"code": world.login_code("demo").await});
    let answer = http.post(&world.url("/v1/mp/login"), &[], &body).await;
    assert_eq!(
        answer.refusal().0,
        400,
        "with two apps a login has to say which"
    );
    assert!(answer.detail().contains("app_id"), "{answer:?}");

    let openid = openid_of_demo(&http, &papers, &control, &api).await;
    let wanted = json!({"app_id": papers["appid"], "openid": openid, "amount_fen": 500,
        "description": "from the second merchant"});
    let answer = world
        .post(SECOND_API_KEY, "/v1/orders", Some("k"), &wanted)
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let order_no = answer.json()["order"]["order_no"]
        .as_str()
        .unwrap()
        .to_owned();

    let mut cashier = answer.json()["payment"].clone();
    cashier["appid"] = papers["appid"].clone();
    cashier["user"] = json!("demo");
    let cashier = world.control("cashier", &cashier).await;
    let id = cashier["cashier_id"]
        .as_str()
        .unwrap_or_else(|| panic!("{cashier}"));
    world
        .control(&format!("cashier/{id}/pay"), &json!({}))
        .await;
    let path = format!("/v1/orders/{order_no}");
    let paid = async {
        while world.get(SECOND_API_KEY, &path).await.json()["order"]["state"] != "paid" {
            tokio::task::yield_now().await;
        }
    };
    crate::program::within("the second merchant's notification", paid).await;

    assert_eq!(
        world.get(API_KEY, &path).await.refusal(),
        (404, "ORDER_NOT_FOUND".into())
    );
    assert_eq!(
        world.get(API_KEY, "/v1/orders").await.json()["data"],
        json!([])
    );
    let answer = world.post(API_KEY, "/v1/orders", Some("k"), &wanted).await;
    assert_eq!(
        answer.refusal(),
        (400, "INVALID_REQUEST".into()),
        "not an app of the first"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_that_a_reload_adds_takes_orders_at_once_and_the_first_goes_on() {
    let world = World::new().await;
    let papers = world.control("merchants", &json!({})).await;
    let mut config = world.config.clone();
    add_second(&mut config, &papers);
    let api = &config.wechat.api_url;
    let openid = openid_of_demo(&world.http, &papers, &world.control, api).await;
    let wanted = json!({"app_id": papers["appid"], "openid": openid, "amount_fen": 500,
        "description": "from the second merchant"});
    let order = async || {
        let key = Some("k");
        world.post(SECOND_API_KEY, "/v1/orders", key, &wanted).await
    };
    assert_eq!(order().await.refusal(), (401, "API_KEY_INVALID".into()));
    let reload = world.app.renew_merchants(&config.merchants).await;
    reload.unwrap();
    let placed = order().await;
    assert_eq!(placed.status, 201, "{placed:?}");
    let token = world.log_in("demo").await;
    world.latte(&token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_with_platform_certificates_downloads_them_and_takes_money() {
    let sandbox = start_sandbox().await;
    let http = Http::new();
    let account = sandbox.merchant().mchid.clone();
    let url = format!("{}/control/merchants/{account}", sandbox.control_url());
    let mode = Some(json!({"key_mode": "certificate"}).to_string().into_bytes());
    let json_type = [("content-type", "application/json")];
    assert_eq!(http.send("PUT", &url, &json_type, mode).await.status, 200);
    let world = World::at(sandbox, |config| {
        let merchant = config.merchants.get_mut("default").unwrap();
        (merchant.public_key_id, merchant.public_key) = (None, None);
    })
    .await;

    let ready = world.http.get(&world.url("/readyz"), &[]).await;
    assert_eq!(
        (ready.status, &ready.json()["merchants"][0]["platform_keys"]),
        (503, &json!(0))
    );
    world.run_jobs().await;
    let ready = world.http.get(&world.url("/readyz"), &[]).await;
    assert_eq!(
        (ready.status, &ready.json()["merchants"][0]["platform_keys"]),
        (200, &json!(1))
    );

    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    world.wait_for(&token, &order_no, "paid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_refuses_two_merchants_that_it_could_not_tell_apart() {
    let world = World::new().await;
    let account = world.account.clone();
    let twin = |change: fn(&mut Config)| {
        let folder = tempfile::tempdir().unwrap();
        let address = ([127, 0, 0, 1], 8080).into();
        let text = crate::world::config_text(&account, "http://127.0.0.1:1", address, &folder);
        let mut config = Config::from_toml(&text).unwrap();
        let second = config.merchants["default"].clone();
        config.merchants.insert("second".to_owned(), second);
        change(&mut config);
        let seams = server::app::Seams {
            store: world.app.store.clone(),
            clock: world.app.clock.clone(),
            ids: world.app.ids.clone(),
            transport: server::app::transport(&config.wechat).unwrap(),
            courier: world.app.courier.clone(),
        };
        server::app::App::new(&config, seams)
            .err()
            .unwrap()
            .to_string()
    };
    assert!(twin(|_| {}).contains("have one mch_id"));
    let said = twin(|config| {
        let second = config.merchants.get_mut("second").unwrap();
        second.mch_id = "1900009999".into();
    });
    assert!(said.contains("belongs to merchants"), "{said}");
}
