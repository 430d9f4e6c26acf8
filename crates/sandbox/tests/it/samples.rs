//! The documentation's own samples, sent as they are printed but for names and numbers that only
//! WeChat knows.
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4012791856, 4012791860, 4012365336

use serde_json::{Value, json};

use crate::world::{JSAPI, World};

/// As printed on the page of JSAPI prepay.
const FULL: &str = r#"{
  "appid": "wxd678efh567hg6787",
  "mchid": "1230000109",
  "description": "Image形象店-深圳腾大-QQ公仔",
  "out_trade_no": "1217752501201407033233368018",
  "time_expire": "2018-06-08T10:34:56+08:00",
  "attach": "自定义数据说明",
  "notify_url": "https://www.weixin.qq.com/wxpay/pay.php",
  "goods_tag": "WXG",
  "support_fapiao": false,
  "amount": { "total": 100, "currency": "CNY" },
  "payer": { "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
  "detail": {
    "cost_price": 608800,
    "invoice_id": "微信123",
    "goods_detail": [
      {
        "merchant_goods_id": "1246464644",
        "wechatpay_goods_id": "1001",
        "goods_name": "iPhoneX 256G",
        "quantity": 1,
        "unit_price": 528800
      }
    ]
  },
  "scene_info": {
    "payer_client_ip": "14.23.150.211",
    "device_id": "013467007045764",
    "store_info": {
      "id": "0001",
      "name": "腾讯大厦分店",
      "area_code": "440305",
      "address": "广东省深圳市南山区科技中一道10000号"
    }
  },
  "settle_info": { "profit_sharing": false }
}"#;

#[tokio::test]
async fn the_sample_of_a_prepay_is_taken_byte_for_byte() {
    let world = World::start().await;
    let body = FULL
        .replace("wxd678efh567hg6787", world.merchant.text("appid"))
        .replace("1230000109", world.merchant.text("mchid"))
        .replace("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", &world.openid("demo").await);
    let header = world.merchant.authorization("POST", JSAPI, &body);
    let answer = world
        .merchant
        .send("POST", JSAPI, &body, Some(&header))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let prepay_id = answer.json()["prepay_id"].as_str().unwrap().to_owned();
    assert_eq!(
        prepay_id.len(),
        "wx201410272009395522657a690389285100".len()
    );
}

#[tokio::test]
async fn a_paid_order_has_the_members_of_the_sample() {
    let world = World::start().await;
    let mut order = world.order("SAMPLE01").await;
    order["scene_info"] = json!({ "payer_client_ip": "14.23.150.211",
        "device_id": "013467007045764" });
    let prepay = world.merchant.post(JSAPI, &order).await.json();
    world.pay(prepay["prepay_id"].as_str().unwrap()).await;
    let query = world.query("SAMPLE01").await.json();
    let sample: Value = serde_json::from_str(
        r#"{"transaction_id":"1217752501201407033233368018","amount":{"payer_total":100,
        "total":100,"currency":"CNY","payer_currency":"CNY"},"mchid":"1230000109",
        "trade_state":"SUCCESS","bank_type":"CMC","success_time":"2018-06-08T10:34:56+08:00",
        "payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
        "out_trade_no":"1217752501201407033233368018","appid":"wxd678efh567hg6787",
        "trade_state_desc":"支付成功","trade_type":"JSAPI","attach":"自定义数据",
        "promotion_detail":[],"scene_info":{"device_id":"013467007045764"}}"#,
    )
    .unwrap();
    assert_eq!(shape(&query), shape(&sample));
    for name in [
        "amount",
        "trade_state",
        "trade_state_desc",
        "trade_type",
        "attach",
        "scene_info",
    ] {
        assert_eq!(query[name], sample[name], "{name}");
    }
}

/// The names and kinds of everything, without the values.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), shape(value)))
            .collect(),
        Value::Array(values) => values.iter().map(shape).collect(),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!(0),
        Value::Bool(_) => json!(true),
        Value::Null => Value::Null,
    }
}
