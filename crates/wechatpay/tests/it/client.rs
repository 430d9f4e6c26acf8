//! What is sent: headers, paths, bodies, hosts.

use fen::Fen;
use http::{HeaderMap, Method, Request};
use jiff::Timestamp;
use wechatpay::crypto::message;
use wechatpay::{Attach, KeyRing, OutTradeNo, PrepayOptions, TradeState, TransactionId};

use crate::fixtures::{
    FixedAmbient, MCH_ID, MERCHANT_SERIAL, NONCE, NOW, PUBLIC_KEY_ID, client, client_with,
    merchant_key, newer, number, older, order, public_key_ring,
};
use crate::platform::{PREPAID, Script, UNPAID, lost, refused_to_connect, say};

type Sent = Request<bytes::Bytes>;

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .unwrap_or_else(|| panic!("{name} is missing"))
        .to_str()
        .unwrap()
}

/// The value of a pair in the `Authorization` header.
fn pair<'a>(request: &'a Sent, name: &str) -> &'a str {
    let authorization = header(request.headers(), "authorization");
    let pairs = authorization
        .strip_prefix("WECHATPAY2-SHA256-RSA2048 ")
        .unwrap();
    let start = format!("{name}=\"");
    pairs
        .split(',')
        .find_map(|pair| pair.strip_prefix(&start)?.strip_suffix('"'))
        .unwrap()
}

/// Checks the signature of a request over exactly what was sent.
#[track_caller]
fn assert_signed(request: &Sent) {
    let path = request.uri().path_and_query().unwrap().as_str();
    let method = request.method().as_str();
    let (timestamp, nonce) = (pair(request, "timestamp"), pair(request, "nonce_str"));
    let signed = message::request(method, path, timestamp, nonce, request.body());
    let public = merchant_key().public_key();
    assert_eq!(public.verify(&signed, pair(request, "signature")), Ok(()));
}

#[tokio::test]
async fn a_prepay_is_the_documentations_request_byte_for_byte() {
    let script = Script::new([say(200, PREPAID).signed()]);
    let prepay_id = client(&script).jsapi_prepay(&order()).await.unwrap();
    assert_eq!(prepay_id.as_str(), "wx201410272009395522657a690389285100");

    let request = script.only_request();
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.uri(), "https://main.test/v3/pay/transactions/jsapi");
    assert_eq!(
        request.body().as_ref(),
        include_bytes!("../fixtures/documentation_prepay.json")
    );
    assert_eq!(pair(&request, "mchid"), MCH_ID);
    assert_eq!(pair(&request, "serial_no"), MERCHANT_SERIAL);
    assert_eq!(pair(&request, "timestamp"), NOW.to_string());
    assert_eq!(pair(&request, "nonce_str"), NONCE);
    assert_signed(&request);
    assert_eq!(header(request.headers(), "accept"), "application/json");
    assert_eq!(
        header(request.headers(), "content-type"),
        "application/json"
    );
    assert!(header(request.headers(), "user-agent").starts_with("shouyin-wechatpay/"));
    assert_eq!(header(request.headers(), "wechatpay-serial"), PUBLIC_KEY_ID);
}

fn every_option() -> PrepayOptions {
    PrepayOptions {
        goods_tag: Some(wechatpay::Text::new("WXG").unwrap()),
        support_fapiao: Some(false),
        detail: Some(wechatpay::OrderDetail {
            cost_price: Some(Fen::new(608_800).unwrap()),
            invoice_id: None,
            goods_detail: vec![wechatpay::GoodsDetail {
                merchant_goods_id: wechatpay::Text::new("1246464644").unwrap(),
                wechatpay_goods_id: None,
                goods_name: Some(wechatpay::Text::new("iPhoneX 256G").unwrap()),
                quantity: 1,
                unit_price: Fen::new(528_800).unwrap(),
            }],
        }),
        device_id: Some(wechatpay::Text::new("013467007045764").unwrap()),
        store_info: Some(wechatpay::StoreInfo {
            id: wechatpay::Text::new("0001").unwrap(),
            name: None,
            area_code: Some(wechatpay::Text::new("440305").unwrap()),
            address: None,
        }),
        profit_sharing: Some(true),
    }
}

#[tokio::test]
async fn every_optional_member_of_a_prepay_is_spelled_as_wechat_does() {
    let script = Script::new([say(200, PREPAID).signed()]);
    let mut order = order();
    order.time_expire = Some("2026-11-23T14:38:41.9Z".parse::<Timestamp>().unwrap());
    order.attach = Some(Attach::new("自定义数据").unwrap());
    order.options = every_option();
    client(&script).jsapi_prepay(&order).await.unwrap();
    let body: serde_json::Value = serde_json::from_slice(script.only_request().body()).unwrap();
    expect_test::expect![[r#"
        {
          "amount": {
            "currency": "CNY",
            "total": 100
          },
          "appid": "wxd678efh567hg6787",
          "attach": "自定义数据",
          "description": "Image形象店-深圳腾大-QQ公仔",
          "detail": {
            "cost_price": 608800,
            "goods_detail": [
              {
                "goods_name": "iPhoneX 256G",
                "merchant_goods_id": "1246464644",
                "quantity": 1,
                "unit_price": 528800
              }
            ]
          },
          "goods_tag": "WXG",
          "mchid": "1900007291",
          "notify_url": "https://www.weixin.qq.com/wxpay/pay.php",
          "out_trade_no": "1217752501201407033233368018",
          "payer": {
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
          },
          "scene_info": {
            "device_id": "013467007045764",
            "store_info": {
              "area_code": "440305",
              "id": "0001"
            }
          },
          "settle_info": {
            "profit_sharing": true
          },
          "support_fapiao": false,
          "time_expire": "2026-11-23T22:38:41+08:00"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&body).unwrap());
}

#[tokio::test]
async fn the_other_products_go_to_their_own_paths() {
    let script = Script::new([
        say(200, PREPAID).signed(),
        say(200, r#"{"code_url":"weixin://wxpay/bizpayurl?pr=1"}"#).signed(),
        say(
            200,
            r#"{"h5_url":"https://wx.tenpay.com/cgi-bin/m?prepay_id=wx1"}"#,
        )
        .signed(),
    ]);
    let (client, from) = (client(&script), order());
    macro_rules! same {
        ($name:ident { $($own:ident),* }) => {
            wechatpay::$name {
                appid: from.appid.clone(),
                description: from.description.clone(),
                out_trade_no: from.out_trade_no.clone(),
                time_expire: None,
                attach: None,
                notify_url: from.notify_url.clone(),
                amount: from.amount,
                $($own,)*
                options: PrepayOptions::default(),
            }
        };
    }
    client.app_prepay(&same!(AppPrepay {})).await.unwrap();
    let code_url = client.native_prepay(&same!(NativePrepay {})).await.unwrap();
    assert_eq!(code_url.as_str(), "weixin://wxpay/bizpayurl?pr=1");
    let h5_info = wechatpay::H5Info {
        kind: wechatpay::H5Type::Ios,
        app_name: None,
        app_url: None,
        bundle_id: Some(wechatpay::Text::new("com.tencent.wzryiOS").unwrap()),
        package_name: None,
    };
    let payer_client_ip = "14.23.150.211".parse().unwrap();
    let order = same!(H5Prepay {
        payer_client_ip,
        h5_info
    });
    client.h5_prepay(&order).await.unwrap();

    let requests = script.requests();
    let paths: Vec<_> = requests
        .iter()
        .map(|request| request.uri().path())
        .collect();
    let prefix = "/v3/pay/transactions/";
    assert_eq!(
        paths,
        ["app", "native", "h5"].map(|product| format!("{prefix}{product}"))
    );
    requests.iter().for_each(assert_signed);
    let bodies: Vec<_> = requests
        .iter()
        .map(|at| String::from_utf8(at.body().to_vec()).unwrap())
        .collect();
    assert!(!bodies[0].contains("payer") && !bodies[1].contains("scene_info"));
    assert!(bodies[2].ends_with(concat!(
        r#""scene_info":{"payer_client_ip":"14.23.150.211","#,
        r#""h5_info":{"type":"iOS","bundle_id":"com.tencent.wzryiOS"}}}"#,
    )));
}

#[tokio::test]
async fn an_order_of_nothing_is_not_sent() {
    let script = Script::new([]);
    let mut order = order();
    order.amount = Fen::ZERO;
    let error = client(&script).jsapi_prepay(&order).await.unwrap_err();
    assert_eq!(error.advice(), wechatpay::Advice::Fix);
    assert!(!error.is_ambiguous());
    assert!(error.to_string().contains("the amount is 0"), "{error}");
}

#[tokio::test]
async fn queries_name_the_merchant_and_have_no_body() {
    let script = Script::new([say(200, UNPAID).signed(), say(200, UNPAID).signed()]);
    let client = client(&script);
    let payment = client.query_by_out_trade_no(&number()).await.unwrap();
    assert_eq!(payment.trade_state, TradeState::NotPay);
    let transaction_id = TransactionId::new("4200000000202601010000000001").unwrap();
    client
        .query_by_transaction_id(&transaction_id)
        .await
        .unwrap();

    let requests = script.requests();
    let base = "https://main.test/v3/pay/transactions";
    let ours = format!("{base}/out-trade-no/{}?mchid={MCH_ID}", number());
    assert_eq!(requests[0].uri().to_string(), ours);
    let theirs = format!("{base}/id/4200000000202601010000000001?mchid={MCH_ID}");
    assert_eq!(requests[1].uri().to_string(), theirs);
    for request in &requests {
        assert_eq!(request.method(), Method::GET);
        assert!(request.body().is_empty());
        assert!(!request.headers().contains_key("content-type"));
        assert_signed(request);
    }
    assert_ne!(
        pair(&requests[0], "nonce_str"),
        pair(&requests[1], "nonce_str")
    );
}

#[tokio::test]
async fn the_path_is_signed_as_it_is_sent_however_odd_the_number() {
    let script = Script::new([say(200, UNPAID).signed(), say(204, "").signed()]);
    let client = client(&script);
    let odd = OutTradeNo::new("a|b*c-d_e|9").unwrap();
    client.query_by_out_trade_no(&odd).await.unwrap();
    client.close(&odd).await.unwrap();
    let requests = script.requests();
    let path = "/v3/pay/transactions/out-trade-no/a%7Cb*c-d_e%7C9";
    assert_eq!(requests[0].uri().path(), path);
    assert_eq!(requests[1].uri().path(), format!("{path}/close"));
    requests.iter().for_each(assert_signed);
}

#[tokio::test]
async fn a_close_is_done_with_204_and_its_empty_body_is_verified() {
    let script = Script::new([say(204, "").media_type(None).signed()]);
    client(&script).close(&number()).await.unwrap();
    let request = script.only_request();
    assert_eq!(
        request.body().as_ref(),
        format!(r#"{{"mchid":"{MCH_ID}"}}"#).as_bytes()
    );
    assert_signed(&request);
}

#[tokio::test]
async fn an_echo_comes_back() {
    let script = Script::new([say(200, r#"{"echo_message":"你好"}"#).signed()]);
    assert_eq!(client(&script).echo("你好").await.unwrap(), "你好");
    let request = script.only_request();
    assert_eq!(request.uri().path(), "/v3/security/echo");
    assert_eq!(
        request.body().as_ref(),
        r#"{"echo_message":"你好"}"#.as_bytes()
    );
}

#[tokio::test]
async fn the_serial_header_names_the_key_that_we_can_verify_with() {
    let both = public_key_ring();
    both.insert_certificate(older().certificate.clone());
    let certificates = KeyRing::new();
    certificates.insert_certificate(older().certificate.clone());
    certificates.insert_certificate(newer().certificate.clone());
    let serial = |ring: &KeyRing| ring.advertised().map(|serial| serial.as_str().to_owned());

    for ring in [public_key_ring(), both, certificates, KeyRing::new()] {
        let script = Script::new([lost()]);
        let client = client_with(&script, ring.clone(), FixedAmbient::new());
        client.query_by_out_trade_no(&number()).await.unwrap_err();
        let request = script.only_request();
        let sent = request
            .headers()
            .get("wechatpay-serial")
            .map(|at| at.to_str().unwrap());
        assert_eq!(sent, serial(&ring).as_deref());
    }
    assert_eq!(serial(&KeyRing::new()), None);
}

#[tokio::test]
async fn the_backup_host_gets_the_same_request_when_nothing_was_sent() {
    let script = Script::new([refused_to_connect(), say(200, PREPAID).signed()]);
    client(&script).jsapi_prepay(&order()).await.unwrap();
    assert_eq!(script.hosts(), ["main.test", "backup.test"]);
    let requests = script.requests();
    assert_eq!(requests[0].headers(), requests[1].headers());
    assert_eq!(requests[0].body(), requests[1].body());
    assert_eq!(
        requests[0].uri().path_and_query(),
        requests[1].uri().path_and_query()
    );
}

#[tokio::test]
async fn the_backup_host_is_left_alone_when_the_request_may_have_arrived() {
    let script = Script::new([lost()]);
    let error = client(&script).jsapi_prepay(&order()).await.unwrap_err();
    assert_eq!(script.hosts(), ["main.test"]);
    assert!(error.is_ambiguous());
}

#[tokio::test]
async fn a_call_that_reached_no_host_had_no_effect() {
    let script = Script::new([refused_to_connect(), refused_to_connect()]);
    let error = client(&script).jsapi_prepay(&order()).await.unwrap_err();
    assert_eq!(script.hosts(), ["main.test", "backup.test"]);
    assert!(!error.is_ambiguous());
    assert_eq!(error.advice(), wechatpay::Advice::RepeatIdentically);
}
