//! Callers who are too fast, by session, API key and address.

use serde_json::json;

use crate::{
    http::Answer,
    sender::placed,
    world::{API_KEY, World},
};

/// One per second, and so five at once.
const SLOW: u32 = 1;
const AT_ONCE: usize = 5;

fn too_fast() -> (u16, String) {
    (429, "RATE_LIMITED".into())
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers[name].to_str().expect("text")
}

/// A session that calls too fast is told so, in the headers of the draft, until time has passed;
/// and another session notices nothing.
#[tokio::test(flavor = "multi_thread")]
async fn n11_a_session_has_its_own_limit() {
    let world = World::with(|config| config.limits.requests_per_session_per_s = SLOW).await;
    let hasty = world.log_in("demo").await;
    let other = world.another_user("calm").await;
    let calm = world.log_in(&other).await;
    let answer = world.get(&hasty, "/v1/mp/goods").await;
    assert_eq!(answer.status, 200);
    assert_eq!(header(&answer, "ratelimit-policy"), "\"session\";q=5;w=5");
    assert_eq!(header(&answer, "ratelimit"), "\"session\";r=4;t=1");

    // However slowly this test runs, in the end the calls are faster than one a second.
    let mut answer = world.get(&hasty, "/v1/mp/goods").await;
    for _ in 0..200 {
        if answer.status != 200 {
            break;
        }
        answer = world.get(&hasty, "/v1/mp/goods").await;
    }
    assert_eq!(answer.refusal(), too_fast());
    assert_eq!(answer.json()["retryable"], true);
    assert!(answer.detail().contains("session"), "{answer:?}");
    assert_eq!(header(&answer, "retry-after"), "1");
    assert!(header(&answer, "ratelimit").starts_with("\"session\";r=0;t="));
    assert_eq!(world.get(&calm, "/v1/mp/goods").await.status, 200);

    world.advance_clocks(60).await;
    assert_eq!(world.get(&hasty, "/v1/mp/goods").await.status, 200);
}

/// The merchant's systems have a limit by their key; a buyer of the same merchant notices nothing.
#[tokio::test(flavor = "multi_thread")]
async fn n11_an_api_key_has_its_own_limit() {
    let world = World::with(|config| config.limits.requests_per_api_key_per_s = SLOW).await;
    let authorization = format!("Bearer {API_KEY}");
    let read = || async {
        let headers = [("authorization", authorization.as_str())];
        world.http.get(&world.url("/v1/orders"), &headers).await
    };
    let mut refused = None;
    for _ in 0..200 {
        let answer = read().await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("refused in the end");
    assert_eq!(refused.refusal(), too_fast());
    assert!(refused.detail().contains("api_key"), "{refused:?}");
    let token = world.log_in("demo").await;
    assert_eq!(world.get(&token, "/v1/mp/goods").await.status, 200);
}

async fn log_in_from(world: &World, forwarded_for: &str) -> Answer {
    let url = world.url("/v1/mp/login");
    let body = json!({"code": "made-up", "app_id": world.text("appid")});
    let headers = [("x-forwarded-for", forwarded_for)];
    world.http.post(&url, &headers, &body).await
}

/// Logins are limited by the address that a trusted proxy names, whatever else the caller wrote
/// into the header; and another address notices nothing.
#[tokio::test(flavor = "multi_thread")]
async fn n11_logins_are_limited_by_address() {
    let world = World::with(|config| {
        config.limits.logins_per_address_per_s = SLOW;
        config.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let mut refused = None;
    for n in 0..200 {
        // The caller makes its own beginning up; the proxy appends where it really is.
        let answer = log_in_from(&world, &format!("10.9.8.{n}, 8.8.8.8")).await;
        if answer.status == 429 {
            refused = Some((n, answer));
            break;
        }
        assert_eq!(answer.refusal(), (401, "LOGIN_CODE_INVALID".into()));
    }
    let (after, refused) = refused.expect("refused in the end");
    assert!(after >= AT_ONCE, "{after}");
    assert_eq!(refused.refusal(), too_fast());
    assert!(refused.detail().contains("login"), "{refused:?}");
    assert_eq!(log_in_from(&world, "8.8.4.4").await.status, 401);
}

/// Behind a proxy that nobody named all callers would be one, so they are not limited by address;
/// what such a header says is not believed either.
#[tokio::test(flavor = "multi_thread")]
async fn n11_behind_an_unnamed_proxy_nobody_pays_for_others() {
    let world = World::with(|config| config.limits.logins_per_address_per_s = SLOW).await;
    for _ in 0..3 * AT_ONCE {
        assert_eq!(log_in_from(&world, "8.8.8.8").await.status, 401);
    }
}

/// WeChat comes from few addresses: its reports are never limited by address.
#[tokio::test(flavor = "multi_thread")]
async fn n11_notifications_are_not_limited_by_address() {
    let world = World::with(|config| config.limits.requests_per_address_per_s = SLOW).await;
    world.advance_clocks(60).await;
    let (_, _, notification) = placed(&world).await;
    for _ in 0..4 * AT_ONCE {
        assert_eq!(notification.send(&world).await.status, 204);
    }
    let mut statuses = Vec::new();
    for _ in 0..4 * AT_ONCE {
        let answer = world.http.get(&world.url("/no/such/route"), &[]).await;
        statuses.push(answer.status);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    let alive = world.http.get(&world.url("/livez"), &[]).await;
    assert_eq!(alive.status, 200);
}
