//! `wx.request` and pictures: the way out of the phone.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use crate::phone::{Phone, SHOP};

/// Says what it was asked.
async fn echo(request: axum::extract::Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1_000_000).await.unwrap();
    let headers: serde_json::Map<String, Value> = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap())))
        .collect();
    let told = json!({
        "method": head.method.as_str(),
        "target": head.uri.to_string(),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
    });
    let cookies = [(header::SET_COOKIE, "a=1"), (header::SET_COOKIE, "b=2")];
    let mut response = (StatusCode::CREATED, told.to_string()).into_response();
    for (name, value) in cookies {
        response.headers_mut().append(name, value.parse().unwrap());
    }
    response
}

#[tokio::test]
async fn a_request_reaches_its_server_as_it_was_meant() {
    let phone = Phone::start(Router::new().fallback(echo)).await;
    let answer = phone
        .request(json!({
            "user": "demo",
            "url": format!("{SHOP}/api/orders?page=1&name=%E8%8C%B6#top"),
            "method": "post",
            "header": { "Content-Type": "application/json", "X-Token": "t", "Host": "evil.example",
                        "Referer": "https://evil.example", "Transfer-Encoding": "chunked" },
            "data": "{\"goods\":\"茶\"}",
            "timeout_ms": 5000,
        }))
        .await;
    assert_eq!(answer["statusCode"], 201);
    assert_eq!(answer["header"]["set-cookie"], "a=1,b=2");
    let told: Value = serde_json::from_str(answer["data"].as_str().unwrap()).unwrap();
    assert_eq!(told["method"], "POST");
    assert_eq!(told["target"], "/api/orders?page=1&name=%E8%8C%B6");
    assert_eq!(told["body"], "{\"goods\":\"茶\"}");
    assert_eq!(
        told["headers"]["host"], "shop.example",
        "as behind a real proxy"
    );
    assert_eq!(told["headers"]["x-token"], "t");
    assert_eq!(told["headers"]["referer"], Value::Null);
    let agent = told["headers"]["user-agent"].as_str().unwrap();
    assert!(agent.contains("MicroMessenger"), "{agent}");
}

#[tokio::test]
async fn a_request_leaves_the_phone_for_listed_domains_only() {
    let phone = Phone::start(Router::new().fallback(echo)).await;
    let foreign = "request:fail url not in domain list";
    for (url, expected) in [
        ("https://other.example/", foreign),
        ("http://shop.example/", foreign),
        ("https://shop.example:8443/", foreign),
        ("https://shop.example@other.example/", foreign),
        ("http://127.0.0.1:8091/control/merchant", foreign),
        ("/api", "request:fail invalid url"),
        (
            "https://dead.example/",
            "request:fail net::ERR_CONNECTION_REFUSED",
        ),
    ] {
        let wish = json!({ "user": "demo", "url": url });
        assert_eq!(phone.error(wish).await, expected, "{url}");
    }
    let wish = json!({ "user": "demo", "url": SHOP, "method": "TRACE" });
    assert_eq!(phone.error(wish).await, "request:fail invalid method");
}

#[tokio::test]
async fn a_request_has_an_end_in_time_and_in_size() {
    let silent = any(|| async { std::future::pending::<()>().await });
    let endless = get(|| async { vec![b'a'; 11 * 1024 * 1024] });
    let moved = get(|| async { (StatusCode::FOUND, [(header::LOCATION, "/endless")]) });
    let server = Router::new()
        .route("/silent", silent)
        .route("/endless", endless)
        .route("/moved", moved);
    let phone = Phone::start(server).await;
    let wish = |path: &str| json!({ "user": "demo", "url": format!("{SHOP}{path}") });
    let mut silent = wish("/silent");
    silent["timeout_ms"] = json!(100);
    assert_eq!(phone.error(silent).await, "request:fail timeout");
    let endless = phone.error(wish("/endless")).await;
    assert_eq!(endless, "request:fail response too large");
    let moved = phone.request(wish("/moved")).await;
    assert_eq!(moved["statusCode"], 302, "redirects are handed back");
    assert_eq!(moved["header"]["location"], "/endless");
}

#[tokio::test]
async fn a_picture_comes_from_a_listed_domain_and_is_a_picture() {
    let picture = get(|| async {
        let headers =
            HeaderMap::from_iter([(header::CONTENT_TYPE, "image/svg+xml".parse().unwrap())]);
        (headers, "<svg/>")
    });
    let server = Router::new()
        .route("/a.svg", picture)
        .route("/page", get(|| async { "text" }));
    let phone = Phone::start(server).await;
    let get = async |url: &str| phone.get(&format!("/phone/api/image?url={url}")).await;
    let svg = get("https%3A%2F%2Fshop.example%2Fa.svg").await;
    assert_eq!((svg.status, svg.text.as_str()), (200, "<svg/>"));
    let policy = svg.header("content-security-policy").unwrap();
    assert!(
        policy.contains("sandbox"),
        "a script in it never runs: {policy}"
    );
    assert_eq!(get("https%3A%2F%2Fshop.example%2Fpage").await.status, 502);
    assert_eq!(get("https%3A%2F%2Fother.example%2Fa.svg").await.status, 502);
}
