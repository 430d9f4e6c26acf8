//! What the platform says before business logic, in its order and with its words.

use serde_json::json;

use crate::world::{Answer, JSAPI, World, http, unix_seconds};

const CERTIFICATES: &str = "/v3/certificates";

fn refusal(status: u16, code: &str, message: &str) -> (u16, String, String) {
    (status, code.to_owned(), message.to_owned())
}

fn sign_error(message: &str) -> (u16, String, String) {
    refusal(401, "SIGN_ERROR", message)
}

async fn bare(world: &World, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
    let url = format!("{}{target}", world.sandbox.api_url());
    let method = http::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = http().request(method, url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn an_unknown_path_is_404_and_a_wrong_method_405_both_empty() {
    let world = World::start().await;
    for (method, target, status) in [
        ("GET", "/v3/pay/transactions/nothing", 404),
        ("GET", "/", 404),
        ("GET", JSAPI, 405),
        ("POST", CERTIFICATES, 405),
        ("DELETE", "/v3/pay/transactions/out-trade-no/x/close", 405),
    ] {
        let answer = bare(&world, method, target, &[]).await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (status, ""),
            "{method} {target}"
        );
        assert_eq!(answer.header("request-id"), None);
    }
}

#[tokio::test]
async fn one_family_asks_for_a_user_agent_before_anything_else() {
    let world = World::start().await;
    let answer = bare(&world, "GET", CERTIFICATES, &[]).await;
    let expected = refusal(400, "INVALID_REQUEST", "Http头缺少Accept或User-Agent");
    assert_eq!(answer.refusal(), expected);
    let answer = bare(&world, "GET", &world.query_path("X00001"), &[]).await;
    assert_eq!(answer.refusal(), sign_error("签名信息错误，验签失败"));
}

#[tokio::test]
async fn a_missing_or_foreign_authorization_is_refused_in_the_words_of_its_family() {
    let world = World::start().await;
    for authorization in [
        None,
        Some("Bearer abc"),
        Some("WECHATPAY2-SHA256-RSA2048 mchid=1"),
    ] {
        let answer = world
            .merchant
            .send("GET", CERTIFICATES, "", authorization)
            .await;
        let expected = "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》";
        assert_eq!(answer.refusal(), sign_error(expected));
        assert!(answer.header("request-id").is_some());
        let answer = world
            .merchant
            .send("POST", JSAPI, "{}", authorization)
            .await;
        assert_eq!(answer.refusal(), sign_error("签名信息错误，验签失败"));
        assert_eq!(answer.header("request-id"), None);
    }
}

#[tokio::test]
async fn a_wrong_scheme_is_told_before_the_timestamp() {
    let world = World::start().await;
    let header = world.merchant.authorization_with("1", "c2ln");
    let header = header.replace("WECHATPAY2-SHA256-RSA2048", "WECHATPAY2-SM2-WITH-SM3");
    let answer = world
        .merchant
        .send("POST", JSAPI, "{}", Some(&header))
        .await;
    assert_eq!(
        answer.refusal(),
        sign_error("HTTP头Authorization认证类型不正确")
    );
}

#[tokio::test]
async fn a_timestamp_is_judged_before_the_signature_and_300_seconds_are_allowed() {
    let world = World::start().await;
    let stale = "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟";
    for (off, message) in [
        (-330, stale),
        (330, stale),
        (unix_seconds() * 999, stale),
        (-290, "签名错误"),
        (290, "签名错误"),
    ] {
        let timestamp = (unix_seconds() + off).to_string();
        let header = world.merchant.authorization_with(&timestamp, "c2ln");
        let answer = world
            .merchant
            .send("POST", JSAPI, "{}", Some(&header))
            .await;
        assert_eq!(answer.refusal(), sign_error(message), "{off}");
    }
}

#[tokio::test]
async fn strangers_serials_and_certificates_have_their_own_words() {
    let world = World::start().await;
    let header = world.merchant.authorization("GET", CERTIFICATES, "");
    let (mchid, serial) = (
        world.merchant.text("mchid"),
        world.merchant.text("serial_no"),
    );
    for (from, to, message) in [
        (mchid, "1999999999", "签名错误"),
        (
            serial,
            &"A".repeat(40),
            "商户证书序列号有误。请使用签名私钥匹配的证书序列号",
        ),
    ] {
        let header = header.replace(from, to);
        let answer = world
            .merchant
            .send("GET", CERTIFICATES, "", Some(&header))
            .await;
        assert_eq!(answer.refusal(), sign_error(message));
        assert!(!answer.is_signed());
    }
    for (change, message) in [
        (json!({ "certificate": "expired" }), "商户证书已过期"),
        (json!({ "certificate": "revoked" }), "商户证书已作废"),
        (
            json!({ "certificate": "replaced" }),
            "已更换证书，请使用新证书",
        ),
        (json!({ "certificate": "none" }), "商户未申请过证书。"),
        (
            json!({ "certificate": "valid", "api_v3_key_set": false }),
            "商户未设置APIv3密钥。",
        ),
    ] {
        world
            .control("PUT", &format!("/merchants/{mchid}"), change)
            .await;
        let answer = world.merchant.get(CERTIFICATES).await;
        assert_eq!(answer.refusal(), sign_error(message));
    }
}

#[tokio::test]
async fn a_bad_signature_is_quoted_back() {
    let world = World::start().await;
    let body = r#"{"amount":{"total":1}}"#;
    let timestamp = unix_seconds().to_string();
    let header = world.merchant.authorization_with(&timestamp, "c2ln");
    let answer = world
        .merchant
        .send("POST", JSAPI, body, Some(&header))
        .await;
    let whole = format!("POST\n{JSAPI}\n{timestamp}\nnonce\n{body}\n");
    assert_eq!(
        answer.json(),
        json!({
            "code": "SIGN_ERROR",
            "message": "签名错误",
            "detail": {
                "detail": { "issue": "sign not match" },
                "field": "signature",
                "location": "authorization",
                "sign_information": {
                    "method": "POST",
                    "url": JSAPI,
                    "sign_message_length": whole.len(),
                    "truncated_sign_message":
                        format!("POST\n{JSAPI}\n{timestamp}\nnonce\n{{\"amount\n"),
                },
            },
        })
    );
    assert_eq!(answer.status, 401);
    let id = answer.header("request-id").unwrap();
    assert!(id.ends_with("-268443699"), "{id}");
}

#[tokio::test]
async fn json_schema_merchant_and_binding_come_in_this_order() {
    let world = World::start().await;
    let post = async |body: &str| {
        let header = world.merchant.authorization("POST", JSAPI, body);
        world
            .merchant
            .send("POST", JSAPI, body, Some(&header))
            .await
    };
    assert_eq!(post("{").await.refusal().1, "PARAM_ERROR");
    let mut order = world.order("CHK0001").await;
    order["mchid"] = json!("1999999999");
    order["appid"] = json!("wxnobody");
    order["amount"]["total"] = json!(0);
    let low = post(&order.to_string()).await;
    let message = "输入源“/body/amount/total”映射到数值字段“总金额”规则校验失败，值低于最小值 1";
    assert_eq!(low.refusal(), refusal(400, "PARAM_ERROR", message));
    assert_eq!(
        low.json()["detail"],
        json!({ "location": "body", "value": 0 })
    );
    assert!(low.header("request-id").unwrap().ends_with("-268435464"));
    assert!(!low.is_signed());
    order["amount"]["total"] = json!(1);
    let message = "http header中的mchid与post payload中的mchid不匹配";
    let answer = post(&order.to_string()).await;
    assert_eq!(answer.refusal(), refusal(400, "PARAM_ERROR", message));
    order["mchid"] = json!(world.merchant.text("mchid"));
    let answer = post(&order.to_string()).await;
    assert_eq!(answer.refusal().1, "APPID_MCHID_NOT_MATCH");
}

#[tokio::test]
async fn path_and_query_are_validated_too() {
    let world = World::start().await;
    let long = "x".repeat(35);
    let answer = world.query(&long).await;
    let message = "输入源“/uri_template/out_trade_no”映射到值字段“商户订单号”字符串规则校验失败，\
         字节数 35，大于最大值 32";
    assert_eq!(answer.refusal(), refusal(400, "PARAM_ERROR", message));
    assert_eq!(
        answer.json()["detail"],
        json!({ "location": "uri_template", "value": 35 })
    );
    let answer = world
        .merchant
        .get("/v3/pay/transactions/out-trade-no/ABCDEF")
        .await;
    let message = "输入源“/query/mchid”映射到字段“商户号”必填性规则校验失败，此字段为必填项";
    assert_eq!(answer.refusal(), refusal(400, "PARAM_ERROR", message));
    let path = format!("{}&x=1", world.query_path("ABCDEF"));
    let answer = world.merchant.get(&path).await;
    assert_eq!(answer.json()["detail"]["value"], json!(["/query/x"]));
}

#[tokio::test]
async fn a_body_of_two_megabytes_is_not_read() {
    let world = World::start().await;
    let body = "x".repeat(2 * 1024 * 1024);
    let url = format!("{}{JSAPI}", world.sandbox.api_url());
    // The connection may also be cut while the body is on its way; both are refusals.
    if let Ok(answer) = http().post(url).body(body).send().await {
        assert_eq!(answer.status(), 413);
    }
}
