//! WeChat answers with trouble of every kind. Nothing unknown is ever called a failure.

use serde_json::{Value, json};

use crate::world::{self, World, one_latte};

/// Places an order while the prepay suffers `fault`, and expects `code`; then repeats it in peace.
async fn prepay_under(fault: Value, code: &str) {
    let world = World::new().await;
    let token = world.log_in("demo").await;
    world.faults(json!([fault])).await;
    let answer = world.order(&token, "same", &one_latte()).await;
    let expected = if code == "GATEWAY_REFUSED" { 502 } else { 503 };
    assert_eq!(answer.refusal(), (expected, code.to_owned()), "{fault}");
    assert_eq!(answer.json()["retryable"], code == "GATEWAY_UNAVAILABLE");

    let page = world.get(&token, "/v1/mp/orders").await.json();
    assert_eq!(page["data"][0]["state"], "created", "{fault}: not failed");
    let order_no = page["data"][0]["order_no"].clone();

    world.no_faults().await;
    let answer = world.order(&token, "same", &one_latte()).await;
    assert_eq!(answer.status, 201, "{fault}: {answer:?}");
    assert_eq!(
        answer.json()["order"]["order_no"],
        order_no,
        "{fault}: the same order"
    );
    assert_eq!(
        world.pay("demo", &answer.json()["payment"]).await,
        "requestPayment:ok"
    );
    let order_no = order_no.as_str().expect("a number");
    world.wait_for(&token, order_no, "paid").await;
}

fn status(status: u16, code: &str) -> Value {
    json!({"on": "prepay", "kind": "status", "status": status, "code": code, "message": "made up"})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prepay_refused_as_unauthorised_is_a_refusal() {
    prepay_under(status(401, "SIGN_ERROR"), "GATEWAY_REFUSED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prepay_refused_for_its_parameters_is_a_refusal() {
    prepay_under(status(400, "PARAM_ERROR"), "GATEWAY_REFUSED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prepay_answered_404_is_a_refusal() {
    prepay_under(status(404, "RESOURCE_NOT_EXISTS"), "GATEWAY_REFUSED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prepay_that_came_too_often_may_be_repeated() {
    prepay_under(status(429, "FREQUENCY_LIMITED"), "GATEWAY_UNAVAILABLE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prepay_answered_500_is_unknown() {
    prepay_under(status(500, "SYSTEM_ERROR"), "GATEWAY_UNAVAILABLE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prepay_answered_502_with_html_is_unknown() {
    prepay_under(
        json!({"on": "prepay", "kind": "html"}),
        "GATEWAY_UNAVAILABLE",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prepay_answered_200_with_html_is_unknown() {
    let fault = json!({"on": "prepay", "kind": "html", "status": 200});
    prepay_under(fault, "GATEWAY_UNAVAILABLE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prepay_whose_effect_is_followed_by_500_is_unknown() {
    let fault = json!({"on": "prepay", "kind": "status", "status": 500, "code": "SYSTEM_ERROR",
        "after_effect": true});
    prepay_under(fault, "GATEWAY_UNAVAILABLE").await;
}

/// An answer without a signature is neither success nor failure.
#[tokio::test(flavor = "multi_thread")]
async fn p12_a_prepay_answered_unsigned_is_unknown() {
    prepay_under(
        json!({"on": "prepay", "kind": "unsigned"}),
        "GATEWAY_UNAVAILABLE",
    )
    .await;
}

/// An answer under a wrong signature is neither success nor failure.
#[tokio::test(flavor = "multi_thread")]
async fn p12_a_prepay_answered_under_a_wrong_signature_is_unknown() {
    prepay_under(
        json!({"on": "prepay", "kind": "wrong_signature"}),
        "GATEWAY_UNAVAILABLE",
    )
    .await;
}

/// An answer under one of WeChat's deliberately wrong signatures is not believed.
#[tokio::test(flavor = "multi_thread")]
async fn p12_a_prepay_answered_with_a_signature_probe_is_unknown() {
    prepay_under(
        json!({"on": "prepay", "kind": "signtest"}),
        "GATEWAY_UNAVAILABLE",
    )
    .await;
}

/// A prepay without an answer is a 503, and the same key goes on with the same order.
#[tokio::test(flavor = "multi_thread")]
async fn p01_a_prepay_that_timed_out_is_unknown_and_the_same_order_goes_on() {
    let fault = json!({"on": "prepay", "kind": "timeout", "after_effect": true, "delay_ms": 4000});
    prepay_under(fault, "GATEWAY_UNAVAILABLE").await;
}

async fn a_query_in_trouble_changes_nothing_and_is_asked_again(world: World) {
    let token = world.log_in("demo").await;
    world.lose_notifications().await;
    let (order_no, payment) = world.latte(&token).await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    let refresh = format!("/v1/mp/orders/{order_no}/refresh");
    let lost = json!({"on": "notification", "kind": "lose"});
    for (fault, code) in [
        (
            json!({"on": "query", "kind": "status", "status": 401, "code": "SIGN_ERROR"}),
            "GATEWAY_REFUSED",
        ),
        (
            json!({"on": "query", "kind": "status", "status": 404, "code": "RESOURCE_NOT_EXISTS"}),
            "GATEWAY_REFUSED",
        ),
        (
            json!({"on": "query", "kind": "status", "status": 429, "code": "FREQUENCY_LIMITED"}),
            "GATEWAY_UNAVAILABLE",
        ),
        (
            json!({"on": "query", "kind": "status", "status": 500, "code": "SYSTEM_ERROR"}),
            "GATEWAY_UNAVAILABLE",
        ),
        (
            json!({"on": "query", "kind": "html"}),
            "GATEWAY_UNAVAILABLE",
        ),
        (
            json!({"on": "query", "kind": "unsigned"}),
            "GATEWAY_UNAVAILABLE",
        ),
        (
            json!({"on": "query", "kind": "wrong_signature"}),
            "GATEWAY_UNAVAILABLE",
        ),
        (
            json!({"on": "query", "kind": "timeout", "delay_ms": 4000}),
            "GATEWAY_UNAVAILABLE",
        ),
    ] {
        world.faults(json!([lost, fault])).await;
        let answer = world.post(&token, &refresh, None, &json!({})).await;
        assert_eq!(answer.problem(), code, "{fault}");
        assert_eq!(
            world.state(&token, &order_no).await,
            "awaiting_payment",
            "{fault}"
        );
    }
    world.faults(json!([lost])).await;
    world.advance(10).await;
    assert_eq!(
        world.state(&token, &order_no).await,
        "paid",
        "the poll found it"
    );
}

async fn a_404_for_an_unsent_order_leaves_it_created(world: World) {
    let token = world.log_in("demo").await;
    world.faults(json!([status(500, "SYSTEM_ERROR")])).await;
    assert_eq!(world.order(&token, "same", &one_latte()).await.status, 503);
    world.no_faults().await;
    let page = world.get(&token, "/v1/mp/orders").await.json();
    let order_no = page["data"][0]["order_no"]
        .as_str()
        .expect("a number")
        .to_owned();
    let refresh = format!("/v1/mp/orders/{order_no}/refresh");
    let answer = world.post(&token, &refresh, None, &json!({})).await;
    assert_eq!(
        (answer.status, &answer.json()["order"]["state"]),
        (200, &json!("created"))
    );
}

world::on_both_engines! {
    a_query_in_trouble_changes_nothing_and_is_asked_again,
    a_404_for_an_unsent_order_leaves_it_created,
}
