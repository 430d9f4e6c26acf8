//! More than the server takes, and callers who do not play by the rules. What is over a limit is
//! refused early, and nobody else notices.

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    raw::Raw,
    sender::placed,
    world::{World, one_latte},
};

/// A world with little patience, so that a test need not have much.
async fn impatient() -> World {
    World::with(|config| config.server.request_timeout_ms = 1_000).await
}

/// Headers that are never finished hold a connection only for a while.
#[tokio::test(flavor = "multi_thread")]
async fn n11_headers_that_are_never_finished_end_the_connection() {
    let world = impatient().await;
    let mut slow: Vec<Raw> = Vec::new();
    for part in ["", "GET", "GET /livez HTTP/1.1\r\nhost: x\r\nx-a: "] {
        let mut raw = Raw::connect(&world).await;
        raw.send(part).await;
        slow.push(raw);
    }
    let alive = world.http.get(&world.url("/livez"), &[]).await;
    assert_eq!(alive.status, 200, "nobody else notices");
    for mut raw in slow {
        let rest = raw.rest().await;
        assert!(
            rest.is_empty() || rest.starts_with("HTTP/1.1 408"),
            "{rest}"
        );
    }
}

/// A kept connection that is not used is closed.
#[tokio::test(flavor = "multi_thread")]
async fn n11_a_kept_connection_that_is_idle_is_closed() {
    let world = impatient().await;
    let mut raw = Raw::connect(&world).await;
    raw.send("GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(raw.status().await, 200);
    let rest = raw.rest().await;
    assert!(rest.ends_with("{\"status\":\"ok\"}"), "{rest}");
}

/// A body that trickles is answered when its time is over, and its connection ends.
#[tokio::test(flavor = "multi_thread")]
async fn n11_a_body_that_never_comes_is_given_up() {
    let world = impatient().await;
    let mut raw = Raw::connect(&world).await;
    raw.send(
        "POST /v1/mp/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: 1000\r\n\r\n{\"code\":",
    )
    .await;
    assert_eq!(raw.status().await, 504);
    let rest = raw.rest().await;
    assert!(rest.contains("REQUEST_TIMED_OUT"), "{rest}");
}

/// Headers that are too many or too long are refused, and the memory they may take is bounded.
#[tokio::test(flavor = "multi_thread")]
async fn n11_too_many_headers_are_refused() {
    let world = World::new().await;
    let many: String = (0..65).map(|n| format!("x-{n}: 1\r\n")).collect();
    let long = format!("x-long: {}\r\n", "x".repeat(20_000));
    let path = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(20_000));
    for request in [
        format!("GET /livez HTTP/1.1\r\nhost: x\r\n{many}\r\n"),
        format!("GET /livez HTTP/1.1\r\nhost: x\r\n{long}\r\n"),
        path,
    ] {
        let mut raw = Raw::connect(&world).await;
        raw.try_send(request.as_bytes()).await;
        let status = raw.status().await;
        assert!([431, 414].contains(&status), "{status}");
    }
}

/// A body that could unpack to gigabytes is refused before a byte of it is read, on every route.
#[tokio::test(flavor = "multi_thread")]
async fn n11_a_packed_body_is_refused_unread() {
    let world = World::new().await;
    for path in ["/v1/mp/login", "/v1/orders", "/v1/wechat/notify/default"] {
        for encoding in ["gzip", "br", "gzip, identity", "deflate"] {
            let mut raw = Raw::connect(&world).await;
            raw.send(&format!(
                "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                 content-encoding: {encoding}\r\ncontent-length: 60000\r\n\r\n"
            ))
            .await;
            assert_eq!(raw.status().await, 415, "{path} {encoding}");
        }
    }
    let url = world.url("/v1/mp/login");
    let body = json!({"code": world.login_code("demo").await, "app_id": world.text("appid")});
    let answer = world
        .http
        .post(&url, &[("content-encoding", "gzip")], &body)
        .await;
    assert_eq!(
        answer.refusal(),
        (415, "CONTENT_ENCODING_UNSUPPORTED".into())
    );
    let identity = [("content-encoding", "identity")];
    assert_eq!(world.http.post(&url, &identity, &body).await.status, 200);
}

/// Connections beyond the bound wait their turn, and are served when one of the others ends.
#[tokio::test(flavor = "multi_thread")]
async fn n11_connections_beyond_the_bound_wait_their_turn() {
    let world = World::with(|config| config.limits.max_connections = 16).await;
    let mut held = Vec::new();
    // The world's own client keeps a connection or two.
    for _ in 0..16 {
        held.push(Raw::connect(&world).await);
    }
    let mut late = Raw::connect(&world).await;
    late.send("GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(late.is_silent().await);
    drop(held);
    assert_eq!(late.status().await, 200);
}

/// Orders, notifications, logins and reads have room of their own: what fills one keeps none of the
/// others waiting.
#[tokio::test(flavor = "multi_thread")]
async fn n11_no_lane_takes_the_room_of_another() {
    let world = World::new().await;
    let (token, order_no, notification) = placed(&world).await;
    let app = &world.app;
    let full = |lane: &std::sync::Arc<tokio::sync::Semaphore>| {
        let all = u32::try_from(lane.available_permits()).unwrap();
        lane.clone().try_acquire_many_owned(all).unwrap()
    };
    let shed = (503, "OVERLOADED".to_owned());

    let orders = full(&app.orders_in_flight);
    let answer = world.order(&token, &world.key(), &one_latte()).await;
    assert_eq!(answer.refusal(), shed);
    assert_eq!(notification.send(&world).await.status, 204);
    assert_eq!(world.state(&token, &order_no).await, "paid");
    drop(orders);

    let notifications = full(&app.notifications_in_flight);
    let answer = notification.send(&world).await;
    assert_eq!(answer.refusal(), shed);
    assert_eq!(answer.headers["retry-after"], "1");
    let answer = world.order(&token, &world.key(), &one_latte()).await;
    assert_eq!(answer.status, 201);
    drop(notifications);

    let reads = full(&app.reads_in_flight);
    let answer = world.get(&token, "/v1/mp/orders").await;
    assert_eq!(answer.refusal(), shed);
    let answer = world.order(&token, &world.key(), &one_latte()).await;
    assert_eq!(answer.status, 201);
    assert_eq!(notification.send(&world).await.status, 204);
    drop(reads);

    let logins = full(&app.logins_in_flight);
    let body = json!({"code": "whatever", "app_id": world.text("appid")});
    let answer = world
        .http
        .post(&world.url("/v1/mp/login"), &[], &body)
        .await;
    assert_eq!(answer.refusal(), shed);
    assert_eq!(world.get(&token, "/v1/mp/orders").await.status, 200);
    drop(logins);
}

/// Senders who begin a notification and do not finish it hold no place in its lane.
#[tokio::test(flavor = "multi_thread")]
async fn n11_slow_notifications_hold_no_place() {
    let world = World::with(|config| config.limits.max_notifications_in_flight = 1).await;
    let (token, order_no, notification) = placed(&world).await;
    let wire = notification.wire(&world);
    let begin = format!(
        "{}content-length: {}\r\n\r\n{{",
        wire.head(),
        wire.body.len()
    );
    let mut slow = Vec::new();
    for _ in 0..20 {
        let mut raw = Raw::connect(&world).await;
        raw.send(&begin).await;
        slow.push(raw);
    }
    assert_eq!(notification.send(&world).await.status, 204);
    assert_eq!(world.state(&token, &order_no).await, "paid");
    // Theirs is over before WeChat would have given up, or at once where the genuine one was met.
    for mut raw in slow {
        let status = raw.status().await;
        assert!([503, 504].contains(&status), "{status}");
    }
}

/// Forged notifications by the thousand, of the dearest kind to refuse, neither get through nor
/// keep orders and genuine notifications from it.
#[tokio::test(flavor = "multi_thread")]
async fn n11_a_flood_of_forgeries_keeps_nobody_waiting() {
    let world = World::new().await;
    let (token, order_no, notification) = placed(&world).await;
    let genuine = notification.wire(&world);
    let forged = genuine.clone().with("wechatpay-nonce", "another-nonce");
    let stranger = genuine.clone().with(
        "wechatpay-serial",
        "7132D72A03E93CDDF8C03BBD1F37EEDF5A7B5C11",
    );
    let flood = async {
        for _ in 0..20 {
            let wave = (0..50).map(|n| if n % 2 == 0 { &forged } else { &stranger });
            for answer in join_all(wave.map(|wire| wire.send(&world))).await {
                // 503 would be honest too, were the lane full.
                assert!([401, 503].contains(&answer.status), "{answer:?}");
            }
        }
    };
    let honest = async {
        for _ in 0..5 {
            let answer = world.order(&token, &world.key(), &one_latte()).await;
            assert_eq!(answer.status, 201, "{answer:?}");
        }
        assert_eq!(genuine.send(&world).await.status, 204);
        assert_eq!(world.state(&token, &order_no).await, "paid");
    };
    tokio::join!(flood, honest);
}

/// What is shed is shed before its session is looked up and before its body is read.
#[tokio::test(flavor = "multi_thread")]
async fn n11_a_shed_order_is_refused_unread_whoever_sends_it() {
    let world = World::with(|config| config.orders.max_in_flight = 1).await;
    let _held = world.app.orders_in_flight.clone().try_acquire_owned();
    let mut raw = Raw::connect(&world).await;
    raw.send(
        "POST /v1/mp/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer nobody\r\n\
         content-type: application/json\r\ncontent-length: 60000\r\n\r\n",
    )
    .await;
    assert_eq!(raw.status().await, 503);
}
