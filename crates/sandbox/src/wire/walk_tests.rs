use serde_json::{Value, json};

use super::*;
use crate::ledger::Product;
use crate::wire::prepay;

fn sample() -> Value {
    json!({
        "appid": "wxd678efh567hg6787",
        "mchid": "1900007291",
        "description": "Image形象店-深圳腾大-QQ公仔",
        "out_trade_no": "1217752501201407033233368018",
        "notify_url": "https://www.weixin.qq.com/wxpay/pay.php",
        "amount": { "total": 100, "currency": "CNY" },
        "payer": { "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
    })
}

fn refused(pointer: &str, value: Value) -> (String, Value) {
    let mut body = sample();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = if parent.is_empty() {
        &mut body
    } else {
        body.pointer_mut(parent).unwrap()
    };
    parent[name] = value;
    let refusal = check_body(&body, prepay::fields(Product::Jsapi)).unwrap_err();
    assert_eq!(
        (refusal.status, refusal.code.as_str()),
        (400, "PARAM_ERROR")
    );
    (refusal.message, refusal.detail.unwrap())
}

#[test]
fn the_documentation_sample_passes() {
    check_body(&sample(), prepay::fields(Product::Jsapi)).unwrap();
}

/// The rest of the message after the place and the title.
fn explained(pointer: &str, value: Value, place: &str, why: &str) {
    let shown = match why.rsplit_once("字节数 ") {
        Some((_, number)) => json!(number.split('，').next().unwrap().parse::<usize>().unwrap()),
        None if why.contains("字符数 0") => json!(0),
        None => value.clone(),
    };
    let (message, detail) = refused(pointer, value);
    assert_eq!(message, format!("输入源“/body{pointer}”映射到{place}{why}"));
    assert_eq!(
        detail,
        json!({ "location": "body", "value": shown }),
        "{message}"
    );
}

#[test]
fn texts_are_measured_in_bytes() {
    let number = |value, why| explained("/out_trade_no", value, "值字段“商户订单号”", why);
    number(
        json!("x".repeat(35)),
        "字符串规则校验失败，字节数 35，大于最大值 32",
    );
    number(json!("abc"), "字符串规则校验失败，字节数 3，小于最小值 6");
    let text = |value, why| explained("/description", value, "值字段“商品描述”", why);
    text(json!(""), "字符串规则校验失败，字符数 0，小于最小值 1");
    text(
        json!("盘".repeat(43)),
        "字符串规则校验失败，字节数 129，大于最大值 127",
    );
}

#[test]
fn numbers_have_bounds() {
    let total = |value, why| explained("/amount/total", value, "数值字段“总金额”", why);
    total(json!(0), "规则校验失败，值低于最小值 1");
    total(
        json!(1_000_000_001),
        "规则校验失败，值高于最大值 1000000000",
    );
}

#[test]
fn patterns_words_and_times_are_quoted() {
    let why = "字符串规则校验失败，字符串必须匹配正则表达式“^https?://([^\\s/?#\\[\\]\\@]+\\@)?\
        ([^\\s/?#\\@:]+)(?::\\d{2,5})?([^\\s?#\\[\\]]*)$”";
    explained(
        "/notify_url",
        json!(" https://a.example/"),
        "值字段“商户回调地址”",
        why,
    );
    let why = "枚举规则校验失败，取值必须是“CNY”之一";
    explained("/amount/currency", json!("USD"), "值字段“货币类型”", why);
    let why = "规则校验失败，必须遵循RFC3339标准格式";
    explained(
        "/time_expire",
        json!("2026-01-01 10:00:00"),
        "时间字段“支付结束时间”",
        why,
    );
}

#[test]
fn a_wrong_type_is_told_from_a_wrong_value() {
    for (pointer, value, title, wanted) in [
        ("/amount/total", json!("100"), "总金额", "64 位有符号整数"),
        ("/amount/total", json!(1.5), "总金额", "64 位有符号整数"),
        ("/attach", Value::Null, "商户数据包", "字符串"),
        ("/payer", json!("o"), "支付者", "对象"),
        (
            "/support_fapiao",
            json!("true"),
            "电子发票入口开放标识",
            "布尔值",
        ),
        ("/limit_pay", json!("no_credit"), "指定支付方式", "数组"),
    ] {
        let (message, detail) = refused(pointer, value.clone());
        assert_eq!(
            message,
            format!(
                "无法将输入源“/body{pointer}”映射到目标字段“{title}”中，此字段需要一个合法的 {wanted}"
            )
        );
        assert_eq!(detail, json!({ "location": "body", "value": value }));
    }
}

#[test]
fn what_is_missing_is_named() {
    let mut body = sample();
    body["payer"] = json!({});
    let refusal = check_body(&body, prepay::fields(Product::Jsapi)).unwrap_err();
    assert_eq!(
        refusal.message,
        "输入源“/body/payer/openid”映射到字段“用户标识”必填性规则校验失败，此字段为必填项"
    );
    assert_eq!(
        refusal.detail,
        Some(json!({ "location": "body", "value": "" }))
    );
}

#[test]
fn unknown_members_are_reported_together_and_first() {
    let mut body = sample();
    body["amount"] = json!({ "total": 0, "refund": 1 });
    body["goods_id"] = json!("cup");
    let refusal = check_body(&body, prepay::fields(Product::Jsapi)).unwrap_err();
    assert_eq!(refusal.message, "请求中含有未在API文档中定义的参数");
    assert_eq!(
        refusal.detail,
        Some(json!({ "location": null, "value": ["/body/amount/refund", "/body/goods_id"] }))
    );
    assert_eq!(refusal.internal, EXTRA_PARAMETER);
}

#[test]
fn a_payer_is_unknown_to_native() {
    let refusal = check_body(&sample(), prepay::fields(Product::Native)).unwrap_err();
    assert_eq!(refusal.detail.unwrap()["value"], json!(["/body/payer"]));
}

#[test]
fn lists_are_walked_and_numbered() {
    let goods = json!([
        { "merchant_goods_id": "a", "quantity": 1, "unit_price": 1 },
        { "merchant_goods_id": "b", "quantity": 0, "unit_price": 1 },
    ]);
    let (message, _) = refused("/detail", json!({ "goods_detail": goods }));
    assert!(
        message.contains("/body/detail/goods_detail/1/quantity"),
        "{message}"
    );
    let name = "x".repeat(256);
    let one =
        json!({ "merchant_goods_id": "a", "quantity": 1, "unit_price": 1, "goods_name": name });
    let long = json!({ "goods_detail": vec![one; 24] });
    let (message, _) = refused("/detail", long);
    assert!(message.contains("大于最大值 6144"), "{message}");
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    assert!(check_body(&json!([]), prepay::fields(Product::Jsapi)).is_err());
}
