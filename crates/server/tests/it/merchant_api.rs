//! What the merchant's own systems call.

use serde_json::{Value, json};

use crate::{
    http::Answer,
    world::{self, API_KEY, World},
};

async fn openid_of_demo(world: &World) -> String {
    let token = world.log_in("demo").await;
    let (order_no, _) = world.latte(&token).await;
    let number = domain::OrderNo::new(order_no).expect("lawful");
    let order = store::orders::get(&world.app.store, &world.mch_id(), &number).await;
    order
        .expect("read")
        .expect("there")
        .openid
        .as_str()
        .to_owned()
}

fn wanted(world: &World, openid: &str) -> Value {
    json!({"app_id": world.text("appid"), "openid": openid, "amount_fen": 4200,
        "description": "报名费", "metadata": {"course": "7"}})
}

async fn place(world: &World, key: &str, body: &Value) -> Answer {
    world.post(API_KEY, "/v1/orders", Some(key), body).await
}

async fn a_merchants_system_places_an_order_that_its_user_pays(world: World) {
    let openid = openid_of_demo(&world).await;
    let answer = place(&world, "k1", &wanted(&world, &openid)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["order"]["amount_fen"], 4200);
    assert_eq!(
        place(&world, "k1", &wanted(&world, &openid)).await.json(),
        body
    );
    assert_eq!(
        world.pay("demo", &body["payment"]).await,
        "requestPayment:ok"
    );

    let order_no = body["order"]["order_no"].as_str().expect("a number");
    let refresh = format!("/v1/orders/{order_no}/refresh");
    let answer = world.post(API_KEY, &refresh, None, &json!({})).await;
    assert_eq!(answer.json()["order"]["state"], "paid", "{answer:?}");
    let answer = world.get(API_KEY, &format!("/v1/orders/{order_no}")).await;
    assert_eq!(answer.json()["order"]["state"], "paid");
    let answer = world.get(API_KEY, "/v1/orders?state=paid").await;
    assert_eq!(
        answer.json()["data"].as_array().map(Vec::len),
        Some(1),
        "{answer:?}"
    );
    let close = format!("/v1/orders/{order_no}/close");
    let answer = world.post(API_KEY, &close, None, &json!({})).await;
    assert_eq!(
        (answer.status, &answer.json()["order"]["state"]),
        (200, &json!("paid"))
    );
}

async fn unlawful_orders_are_refused_with_the_field_named(world: World) {
    let openid = openid_of_demo(&world).await;
    let good = wanted(&world, &openid);
    for (field, value) in [
        ("amount_fen", json!(0)),
        ("amount_fen", json!(-1)),
        ("amount_fen", json!(1_000_000_001)),
        ("amount_fen", json!(12.5)),
        ("app_id", json!("wx0000000000000000")),
        ("openid", json!("")),
        ("description", json!("")),
        ("description", json!("长".repeat(200))),
        ("expires_in_s", json!(9)),
        ("expires_in_s", json!(604_801)),
        ("metadata", json!({"n": 1})),
        ("metadata", json!({"n": "x".repeat(3000)})),
        ("price", json!(1)),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        let answer = place(&world, &world.key(), &body).await;
        assert_eq!(
            answer.refusal(),
            (400, "INVALID_REQUEST".into()),
            "{field} = {value}"
        );
    }
    let mut other = good.clone();
    assert_eq!(place(&world, "k", &good).await.status, 201);
    other["amount_fen"] = json!(1);
    assert_eq!(
        place(&world, "k", &other).await.refusal(),
        (422, "IDEMPOTENCY_KEY_REUSED".into())
    );
}

async fn a_wrong_key_opens_nothing(world: World) {
    let session = world.log_in("demo").await;
    for key in [
        "",
        "wrong",
        &session,
        &API_KEY[1..],
        &API_KEY.to_uppercase(),
    ] {
        let answer = world.get(key, "/v1/orders").await;
        assert_eq!(answer.refusal(), (401, "API_KEY_INVALID".into()), "{key}");
    }
    let answer = world.get(API_KEY, "/v1/mp/orders").await;
    assert_eq!(
        answer.refusal(),
        (401, "SESSION_INVALID".into()),
        "nor is it a session"
    );
}

async fn a_list_is_narrowed_by_time_and_state_and_paged(world: World) {
    let token = world.log_in("demo").await;
    let start = world.now();
    let mut placed = Vec::new();
    for _ in 0..3 {
        world.advance_clocks(60).await;
        placed.push(world.latte(&token).await.0);
    }
    let list = async |query: &str| -> Vec<String> {
        let answer = world.get(API_KEY, &format!("/v1/orders?{query}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let data = answer.json()["data"].as_array().expect("a list").clone();
        data.iter()
            .filter_map(|order| order["order_no"].as_str().map(str::to_owned))
            .collect()
    };
    let at = |seconds: u64| {
        let at = start.plus(std::time::Duration::from_secs(seconds));
        at.rfc3339().replace('+', "%2B")
    };
    assert_eq!(list("").await.len(), 3);
    assert_eq!(
        list(&format!("from={}", at(150))).await,
        [placed[2].as_str()]
    );
    assert_eq!(list(&format!("to={}", at(90))).await, [placed[0].as_str()]);
    assert_eq!(list("state=closed").await.len(), 0);
    for query in ["state=nonsense", "from=yesterday", "limit=0", "who=me"] {
        let answer = world.get(API_KEY, &format!("/v1/orders?{query}")).await;
        assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".into()), "{query}");
    }
}

world::on_both_engines! {
    a_merchants_system_places_an_order_that_its_user_pays,
    unlawful_orders_are_refused_with_the_field_named,
    a_wrong_key_opens_nothing,
    a_list_is_narrowed_by_time_and_state_and_paged,
}
