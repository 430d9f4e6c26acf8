//! Login codes and sessions, used and misused.

use serde_json::json;

use crate::world::{self, World, one_latte};

async fn a_login_code_works_once(world: World) {
    let body = json!({"code": world.login_code("demo").await});
    let login = world.url("/v1/mp/login");
    let answer = world.http.post(&login, &[], &body).await;
    assert_eq!(
        answer.status, 200,
        "one app is configured, so app_id may be left out: {answer:?}"
    );
    let token = answer.json()["token"].as_str().expect("a token").to_owned();
    let (mch_id, random) = token.split_once('.').expect("a dot");
    assert_eq!(mch_id, world.text("mchid"));
    assert_eq!(random.len(), 43);

    let again = world.http.post(&login, &[], &body).await;
    assert_eq!(again.refusal(), (401, "LOGIN_CODE_INVALID".into()));
}

async fn a_wrong_an_old_and_an_endless_login_code_are_refused(world: World) {
    let login = world.url("/v1/mp/login");
    let old = world.login_code("demo").await;
    world.advance_clocks(6 * 60).await;
    for code in [
        "no-such-code".to_owned(),
        String::new(),
        "x".repeat(5000),
        old,
    ] {
        let answer = world.http.post(&login, &[], &json!({"code": code})).await;
        assert_eq!(
            answer.refusal(),
            (401, "LOGIN_CODE_INVALID".into()),
            "{code}"
        );
    }
}

async fn an_app_that_is_not_ours_is_not_found(world: World) {
    let body = json!({"app_id": "wx0000000000000000", "code": world.login_code("demo").await});
    let answer = world
        .http
        .post(&world.url("/v1/mp/login"), &[], &body)
        .await;
    assert_eq!(answer.refusal(), (404, "MERCHANT_NOT_FOUND".into()));
}

async fn an_unknown_session_is_refused_on_every_call(world: World) {
    let good = world.log_in("demo").await;
    let forged = format!("{}.{}", world.text("mchid"), "A".repeat(43));
    let elsewhere = format!("1900009999.{}", good.split_once('.').expect("a dot").1);
    for token in [
        "",
        "nonsense",
        &forged,
        &elsewhere,
        &good.to_uppercase(),
        &"x".repeat(4000),
    ] {
        for path in [
            "/v1/mp/goods",
            "/v1/mp/orders",
            "/v1/mp/orders/20261123000000000AAAAAAAAAAA",
        ] {
            let answer = world.get(token, path).await;
            assert_eq!(
                answer.refusal(),
                (401, "SESSION_INVALID".into()),
                "{token} {path}"
            );
        }
        let answer = world.order(token, "key", &one_latte()).await;
        assert_eq!(answer.refusal(), (401, "SESSION_INVALID".into()), "{token}");
    }
    let answer = world.http.get(&world.url("/v1/mp/goods"), &[]).await;
    assert_eq!(
        answer.refusal(),
        (401, "SESSION_INVALID".into()),
        "no header at all"
    );
    let basic = [("authorization", "Basic dXNlcjpwYXNz")];
    let answer = world.http.get(&world.url("/v1/mp/goods"), &basic).await;
    assert_eq!(
        answer.refusal(),
        (401, "SESSION_INVALID".into()),
        "another scheme"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_expires() {
    let world = World::with(|config| config.sessions.expires_in_s = 3600).await;
    let token = world.log_in("demo").await;
    // No job runs: the session is still there, and worthless all the same.
    world.advance_clocks(3600 - 60).await;
    assert_eq!(world.get(&token, "/v1/mp/goods").await.status, 200);
    world.advance_clocks(61).await;
    let answer = world.get(&token, "/v1/mp/goods").await;
    assert_eq!(answer.refusal(), (401, "SESSION_INVALID".into()));
}

async fn a_busy_wechat_is_no_wrong_code(world: World) {
    world
        .faults(json!([{"on": "login", "kind": "status", "code": "-1", "message": "system error"}]))
        .await;
    let body = json!({"code": world.login_code("demo").await});
    let answer = world
        .http
        .post(&world.url("/v1/mp/login"), &[], &body)
        .await;
    assert_eq!(answer.refusal(), (503, "GATEWAY_UNAVAILABLE".into()));
    assert_eq!(answer.json()["retryable"], true);
}

async fn an_order_of_somebody_else_does_not_exist(world: World) {
    let mine = world.log_in("demo").await;
    let (order_no, _) = world.latte(&mine).await;
    let other = world.another_user("other").await;
    let theirs = world.log_in(&other).await;
    let not_found = (404, "ORDER_NOT_FOUND".to_owned());
    let path = format!("/v1/mp/orders/{order_no}");
    assert_eq!(world.get(&theirs, &path).await.refusal(), not_found);
    for verb in ["payment", "refresh", "close"] {
        let answer = world
            .post(&theirs, &format!("{path}/{verb}"), None, &json!({}))
            .await;
        assert_eq!(answer.refusal(), not_found, "{verb}");
    }
    assert_eq!(world.state(&mine, &order_no).await, "awaiting_payment");
    let page = world.get(&theirs, "/v1/mp/orders").await.json();
    assert_eq!(page, json!({"data": [], "next_cursor": null}));
}

world::on_both_engines! {
    a_login_code_works_once,
    a_wrong_an_old_and_an_endless_login_code_are_refused,
    an_app_that_is_not_ours_is_not_found,
    an_unknown_session_is_refused_on_every_call,
    a_busy_wechat_is_no_wrong_code,
    an_order_of_somebody_else_does_not_exist,
}
