//! One intent, one order, however often it is sent.

use std::time::Duration;

use serde_json::json;

use crate::world::{self, World, one_latte};

async fn a_repeat_gets_the_identical_order_and_payment(world: World) {
    let token = world.log_in("demo").await;
    let first = world.order(&token, "same", &one_latte()).await;
    assert_eq!(first.status, 201, "{first:?}");
    world.advance_clocks(90).await;
    let again = world.order(&token, "same", &one_latte()).await;
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(
        again.json(),
        first.json(),
        "the five fields too: the signature is deterministic"
    );
    assert_eq!(
        world.pay("demo", &again.json()["payment"]).await,
        "requestPayment:ok"
    );
}

async fn a_repeat_after_the_payment_shows_the_paid_order(world: World) {
    let token = world.log_in("demo").await;
    let first = world.order(&token, "same", &one_latte()).await.json();
    let order_no = first["order"]["order_no"].as_str().expect("a number");
    assert_eq!(
        world.pay("demo", &first["payment"]).await,
        "requestPayment:ok"
    );
    world.wait_for(&token, order_no, "paid").await;
    let again = world.order(&token, "same", &one_latte()).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.json()["order"]["state"], "paid");
    assert_eq!(again.json()["payment"], first["payment"]);
}

/// One key with other goods or another quantity is a 422, whatever became of the first.
async fn p10_a_key_that_comes_with_another_body_is_refused(world: World) {
    let token = world.log_in("demo").await;
    assert_eq!(world.order(&token, "same", &one_latte()).await.status, 201);
    for body in [
        json!({"goods_id": "latte", "quantity": 2}),
        json!({"goods_id": "last-cup", "quantity": 1}),
        json!({"goods_id": "no-such-goods", "quantity": 1}),
    ] {
        let answer = world.order(&token, "same", &body).await;
        assert_eq!(
            answer.refusal(),
            (422, "IDEMPOTENCY_KEY_REUSED".into()),
            "{body}"
        );
    }
}

async fn two_buyers_may_use_the_same_key(world: World) {
    let mine = world.log_in("demo").await;
    let other = world.another_user("other").await;
    let theirs = world.log_in(&other).await;
    let first = world.order(&mine, "same", &one_latte()).await;
    let second = world.order(&theirs, "same", &one_latte()).await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_ne!(
        first.json()["order"]["order_no"],
        second.json()["order"]["order_no"]
    );
}

async fn a_missing_or_unlawful_key_is_refused(world: World) {
    let token = world.log_in("demo").await;
    let missing = (400, "IDEMPOTENCY_KEY_MISSING".to_owned());
    let answer = world
        .post(&token, "/v1/mp/orders", None, &one_latte())
        .await;
    assert_eq!(answer.refusal(), missing);
    for key in ["", "with space", &"k".repeat(256)] {
        assert_eq!(
            world.order(&token, key, &one_latte()).await.refusal(),
            missing,
            "{key}"
        );
    }
    assert_eq!(
        world
            .order(&token, &"k".repeat(255), &one_latte())
            .await
            .status,
        201
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_flight_is_refused_and_free_again_when_the_answer_is_there() {
    let world = World::with(|config| config.wechat.timeout_ms = 8000).await;
    let token = world.log_in("demo").await;
    world
        .faults(json!([{"on": "prepay", "kind": "delay", "delay_ms": 1500, "times": 1}]))
        .await;
    let body = one_latte();
    let slow = world.order(&token, "same", &body);
    let eager = async {
        // The first request is in flight as soon as its order can be seen.
        while world.get(&token, "/v1/mp/orders").await.json()["data"] == json!([]) {
            tokio::task::yield_now().await;
        }
        world.order(&token, "same", &body).await
    };
    let (first, second) = tokio::join!(slow, eager);
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(second.refusal(), (409, "IDEMPOTENCY_KEY_IN_FLIGHT".into()));
    assert_eq!(second.json()["retryable"], true);
    assert_eq!(second.headers["retry-after"], "1");
    assert_eq!(
        world.order(&token, "same", &body).await.json(),
        first.json()
    );
}

/// Sixteen requests of one intent at the same moment: one order.
async fn p05_sixteen_taps_at_once_make_one_order(world: World) {
    let token = world.log_in("demo").await;
    let body = one_latte();
    let all = (0..16).map(|_| world.order(&token, "same", &body));
    let answers = futures_util::future::join_all(all).await;
    let placed = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(placed, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert!(matches!(answer.status, 200 | 409), "{answer:?}");
    }
    let page = world.get(&token, "/v1/mp/orders").await.json();
    assert_eq!(page["data"].as_array().map(Vec::len), Some(1));
}

/// The prepay took effect and nobody saved its answer: a retry gets a usable one, for the same
/// order.
async fn p02_a_key_whose_process_died_is_taken_over_with_the_same_order(world: World) {
    let token = world.log_in("demo").await;
    // The prepay took effect, but its answer never came, and the lease was never released.
    world
        .faults(
            json!([{"on": "prepay", "kind": "timeout", "after_effect": true, "delay_ms": 60000}]),
        )
        .await;
    let url = world.url("/v1/mp/orders");
    let authorization = format!("Bearer {token}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("idempotency-key", "same"),
    ];
    let body = one_latte();
    let abandoned = world.http.post(&url, &headers, &body);
    let abandoned = tokio::time::timeout(Duration::from_millis(300), abandoned).await;
    assert!(abandoned.is_err(), "the phone hung up");
    let page = world.get(&token, "/v1/mp/orders").await.json();
    let order_no = page["data"][0]["order_no"]
        .as_str()
        .expect("created")
        .to_owned();

    world.no_faults().await;
    world.advance_clocks(60).await;
    let answer = world.order(&token, "same", &one_latte()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.json()["order"]["order_no"], order_no.as_str());
    assert_eq!(
        world.pay("demo", &answer.json()["payment"]).await,
        "requestPayment:ok"
    );
    world.wait_for(&token, &order_no, "paid").await;
}

async fn goods_that_sold_out_since_do_not_spoil_a_repeat(world: World) {
    let token = world.log_in("demo").await;
    let body = json!({"goods_id": "last-cup", "quantity": 1});
    let first = world.order(&token, "same", &body).await;
    assert_eq!(first.status, 201, "{first:?}");
    let mut tx = store::Tx::new("test_sold_out");
    store::goods::put(
        &mut tx,
        &store::goods::Goods {
            mch_id: world.mch_id(),
            goods_id: domain::GoodsId::new("last-cup").expect("lawful"),
            title: "The last cup".into(),
            price: fen::Fen::new(100).expect("lawful"),
            image: None,
            stock: Some(0),
        },
        world.now(),
    );
    world.app.commit(tx).await.expect("goods");
    assert_eq!(
        world.order(&token, "same", &body).await.json(),
        first.json()
    );
    let fresh = world.order(&token, "fresh", &body).await;
    assert_eq!(fresh.refusal(), (409, "OUT_OF_STOCK".into()));
}

world::on_both_engines! {
    a_repeat_gets_the_identical_order_and_payment,
    a_repeat_after_the_payment_shows_the_paid_order,
    p10_a_key_that_comes_with_another_body_is_refused,
    two_buyers_may_use_the_same_key,
    a_missing_or_unlawful_key_is_refused,
    p05_sixteen_taps_at_once_make_one_order,
    p02_a_key_whose_process_died_is_taken_over_with_the_same_order,
    goods_that_sold_out_since_do_not_spoil_a_repeat,
}
