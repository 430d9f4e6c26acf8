//! Bad input, each with its answer; and the shape of every refusal.

use serde_json::{Value, json};

use crate::world::{World, one_latte};

async fn refused(world: &World, token: &str, body: &Value) -> (u16, String, String) {
    let answer = world.order(token, &world.key(), body).await;
    let (status, code) = answer.refusal();
    (status, code, answer.detail())
}

/// A price in the body, under any name, is refused.
#[tokio::test(flavor = "multi_thread")]
async fn p11_a_price_in_the_body_is_refused_with_the_reason() {
    let world = World::new().await;
    let token = world.log_in("demo").await;
    for field in ["price", "price_fen", "amount", "amount_fen", "total"] {
        let mut body = one_latte();
        body[field] = json!(1);
        let (status, code, detail) = refused(&world, &token, &body).await;
        assert_eq!((status, code.as_str()), (400, "INVALID_REQUEST"), "{field}");
        assert!(
            detail.contains("amount comes from the catalogue"),
            "{detail}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_openid_in_the_body_is_refused_with_the_reason() {
    let world = World::new().await;
    let token = world.log_in("demo").await;
    for field in ["openid", "payer", "mch_id", "app_id"] {
        let mut body = one_latte();
        body[field] = json!("somebody");
        let (status, code, detail) = refused(&world, &token, &body).await;
        assert_eq!((status, code.as_str()), (400, "INVALID_REQUEST"), "{field}");
        assert!(detail.contains("payer from the session"), "{detail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quantity_of_nothing_less_than_nothing_or_a_billion_is_refused() {
    let world = World::new().await;
    let token = world.log_in("demo").await;
    for quantity in [
        json!(0),
        json!(-1),
        json!(1_000_000_000),
        json!(u64::MAX),
        json!(1e9),
    ] {
        let body = json!({"goods_id": "latte", "quantity": quantity});
        let (status, code, _) = refused(&world, &token, &body).await;
        assert_eq!(
            (status, code.as_str()),
            (400, "INVALID_REQUEST"),
            "{quantity}"
        );
    }
    for quantity in [json!(1.5), json!("1"), json!(null), json!([1])] {
        let body = json!({"goods_id": "latte", "quantity": quantity});
        let (status, code, _) = refused(&world, &token, &body).await;
        assert_eq!(
            (status, code.as_str()),
            (400, "INVALID_REQUEST"),
            "{quantity}"
        );
    }
    let page = world.get(&token, "/v1/mp/orders").await.json();
    assert_eq!(page["data"], json!([]), "nothing was ordered");
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_that_do_not_exist_or_cannot_exist_are_refused() {
    let world = World::new().await;
    let token = world.log_in("demo").await;
    let body = json!({"goods_id": "no-such-goods", "quantity": 1});
    assert_eq!(refused(&world, &token, &body).await.1, "GOODS_NOT_FOUND");
    for goods_id in ["", "' OR 1=1 --", &"g".repeat(100)] {
        let body = json!({"goods_id": goods_id, "quantity": 1});
        assert_eq!(
            refused(&world, &token, &body).await.1,
            "INVALID_REQUEST",
            "{goods_id}"
        );
    }
    let body = json!({"goods_id": "last-cup", "quantity": 2});
    assert_eq!(refused(&world, &token, &body).await.1, "OUT_OF_STOCK");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_json_is_refused() {
    let world = World::new().await;
    let token = world.log_in("demo").await;
    let authorization = format!("Bearer {token}");
    let url = world.url("/v1/mp/orders");
    let headers = |content_type: &'static str| {
        vec![
            ("authorization", authorization.as_str()),
            ("idempotency-key", "key"),
            ("content-type", content_type),
        ]
    };
    for body in ["", "{", "[]", "null", "{\"goods_id\":\"latte\"}", "\u{0}"] {
        let body = Some(body.as_bytes().to_vec());
        let answer = world
            .http
            .send("POST", &url, &headers("application/json"), body)
            .await;
        assert_eq!(
            answer.refusal(),
            (400, "INVALID_REQUEST".into()),
            "{answer:?}"
        );
    }
    let body = Some(one_latte().to_string().into_bytes());
    let answer = world
        .http
        .send("POST", &url, &headers("text/plain"), body)
        .await;
    assert_eq!(answer.refusal(), (415, "MEDIA_TYPE_UNSUPPORTED".into()));
    let body = Some(vec![b' '; 100_000]);
    let answer = world
        .http
        .send("POST", &url, &headers("application/json"), body)
        .await;
    assert_eq!(answer.refusal(), (413, "BODY_TOO_LARGE".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_routes_and_methods_are_problems_too() {
    let world = World::new().await;
    let no_such_route = (404, "ROUTE_NOT_FOUND".to_owned());
    for path in [
        "/",
        "/v1",
        "/v1/mp/orders/x/refunds",
        "/v1/no-such-route",
        "/metrics",
        "/errors/NOPE",
    ] {
        let answer = world.http.get(&world.url(path), &[]).await;
        assert_eq!(answer.refusal(), no_such_route, "{path}");
    }
    let answer = world
        .http
        .send("DELETE", &world.url("/v1/mp/orders"), &[], None)
        .await;
    assert_eq!(answer.refusal(), (405, "METHOD_NOT_ALLOWED".into()));
    assert!(
        answer.headers["allow"]
            .to_str()
            .is_ok_and(|allow| allow.contains("POST"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_problem_leads_to_its_page() {
    let world = World::new().await;
    let problem = world.http.get(&world.url("/v1/mp/goods"), &[]).await.json();
    let page = problem["type"].as_str().expect("a path");
    let answer = world.http.get(&world.url(page), &[]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.starts_with("# SESSION_INVALID"));
    assert!(answer.text.contains("怎么办") && answer.text.contains("What to do"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_harmless_request_id_is_kept_and_any_other_replaced() {
    let world = World::new().await;
    let url = world.url("/livez");
    let answer = world.http.get(&url, &[("x-request-id", "abc-123")]).await;
    assert_eq!(answer.headers["x-request-id"], "abc-123");
    for bad in ["with space", &"x".repeat(200)] {
        let answer = world.http.get(&url, &[("x-request-id", bad)]).await;
        assert_ne!(answer.headers["x-request-id"], *bad);
        assert!(!answer.headers["x-request-id"].is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_pages_and_cursors_are_refused() {
    let world = World::new().await;
    let token = world.log_in("demo").await;
    for query in [
        "limit=0",
        "limit=101",
        "limit=x",
        "cursor=!!",
        "cursor=AAAA",
        "page=2",
    ] {
        let answer = world.get(&token, &format!("/v1/mp/orders?{query}")).await;
        assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".into()), "{query}");
    }
    let answer = world.get(&token, "/v1/mp/orders/not%20a%20number").await;
    assert_eq!(answer.refusal(), (404, "ORDER_NOT_FOUND".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overloaded_server_sheds_early_and_says_when_to_come_back() {
    let world = World::with(|config| config.orders.max_in_flight = 1).await;
    let token = world.log_in("demo").await;
    let held = world
        .app
        .orders_in_flight
        .clone()
        .try_acquire_owned()
        .expect("free");
    let answer = world.order(&token, "key", &one_latte()).await;
    assert_eq!(answer.refusal(), (503, "OVERLOADED".into()));
    assert_eq!(answer.headers["retry-after"], "1");
    drop(held);
    assert_eq!(world.order(&token, "key", &one_latte()).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_says_what_is_missing() {
    let world = World::new().await;
    let live = world.http.get(&world.url("/livez"), &[]).await;
    assert_eq!((live.status, live.json()), (200, json!({"status": "ok"})));
    let ready = world.http.get(&world.url("/readyz"), &[]).await;
    assert_eq!(ready.status, 200, "{ready:?}");
    assert_eq!(ready.json()["database"], "ok");
    assert_eq!(ready.json()["merchants"][0]["key"], "default");
}
