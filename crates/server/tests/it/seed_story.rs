//! The story that everything else is measured by.

use serde_json::json;

use crate::world::{self, World, one_latte};

async fn an_order_is_placed_paid_notified_and_booked(world: World) {
    let token = world.log_in("demo").await;

    let goods = world.get(&token, "/v1/mp/goods").await.json();
    assert_eq!(
        goods["data"][1],
        json!({"id": "latte", "title": "拿铁 Latte", "price_fen": 1790})
    );

    let answer = world
        .order(
            &token,
            "key-1",
            &json!({"goods_id": "latte", "quantity": 2}),
        )
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let body = answer.json();
    let order = &body["order"];
    assert_eq!(order["state"], "awaiting_payment");
    assert_eq!(order["amount_fen"], 3580);
    assert_eq!(order["refunded_fen"], 0);
    assert_eq!(order["currency"], "CNY");
    assert_eq!(order["description"], "拿铁 Latte ×2");
    assert_eq!(order["version"], 2);
    assert!(
        order["created_at"]
            .as_str()
            .is_some_and(|at| at.ends_with("+08:00"))
    );
    assert!(order.get("paid_at").is_none() && order.get("transaction_id").is_none());

    let payment = &body["payment"];
    let cashier = world.cashier("demo", payment).await;
    assert_eq!(cashier["amount_fen"], 3580, "{cashier}");
    assert_eq!(world.pay("demo", payment).await, "requestPayment:ok");

    let order_no = order["order_no"].as_str().expect("a number");
    world.wait_for(&token, order_no, "paid").await;
    let order = world
        .get(&token, &format!("/v1/mp/orders/{order_no}"))
        .await
        .json();
    assert_eq!(order["order"]["version"], 3);
    assert!(order["order"]["transaction_id"].is_string() && order["order"]["paid_at"].is_string());
    assert_eq!(
        world.history(order_no).await,
        ["created", "awaiting_payment", "paid"]
    );
    assert!(world.exceptions().await.is_empty());
}

/// A phone that reports a cancel: the order is still payable, under the same number.
async fn p03_a_buyer_who_left_the_cashier_pays_again_under_the_same_number(world: World) {
    let token = world.log_in("demo").await;
    let (order_no, first) = world.latte(&token).await;
    let cashier = world.cashier("demo", &first).await;
    let id = cashier["cashier_id"].as_str().expect("a cashier");
    let answer = world
        .control(&format!("cashier/{id}/cancel"), &json!({}))
        .await;
    assert_eq!(answer["errMsg"], "requestPayment:fail cancel");

    let again = format!("/v1/mp/orders/{order_no}/payment");
    let answer = world.post(&token, &again, None, &json!({})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let second = answer.json()["payment"].clone();
    assert_eq!(
        second["package"], first["package"],
        "the prepay_id is still good"
    );
    assert_ne!(
        second["nonceStr"], first["nonceStr"],
        "but it is signed afresh"
    );
    assert_eq!(world.pay("demo", &second).await, "requestPayment:ok");
    world.wait_for(&token, &order_no, "paid").await;

    let answer = world.post(&token, &again, None, &json!({})).await;
    assert_eq!(answer.refusal(), (409, "ORDER_NOT_PAYABLE".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_prepay_id_is_renewed_under_identical_parameters() {
    let world = World::with(|config| config.orders.expires_in_s = 6 * 3600).await;
    let token = world.log_in("demo").await;
    let (order_no, first) = world.latte(&token).await;
    world.advance(2 * 3600 + 60).await;
    assert_ne!(
        world.pay("demo", &first).await,
        "requestPayment:ok",
        "two hours are over"
    );

    let again = format!("/v1/mp/orders/{order_no}/payment");
    let answer = world.post(&token, &again, None, &json!({})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        world.pay("demo", &answer.json()["payment"]).await,
        "requestPayment:ok"
    );
    world.wait_for(&token, &order_no, "paid").await;
}

/// What the phone says is not even listened to: the refresh asks WeChat.
async fn p03_the_phones_word_is_a_hint_and_the_refresh_asks_wechat(world: World) {
    world.lose_notifications().await;
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    let refresh = format!("/v1/mp/orders/{order_no}/refresh");

    let answer = world.post(&token, &refresh, None, &json!({})).await;
    assert_eq!(
        answer.json()["order"]["state"],
        "awaiting_payment",
        "{answer:?}"
    );
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    let answer = world.post(&token, &refresh, None, &json!({})).await;
    assert_eq!(answer.json()["order"]["state"], "paid", "{answer:?}");
    let answer = world.post(&token, &refresh, None, &json!({})).await;
    assert_eq!(
        answer.json()["order"]["version"],
        3,
        "a second refresh changes nothing"
    );
}

async fn a_buyers_orders_are_listed_newest_first_in_pages(world: World) {
    let token = world.log_in("demo").await;
    let other = world.another_user("other").await;
    let others_token = world.log_in(&other).await;
    world.latte(&others_token).await;
    let mut placed = Vec::new();
    for _ in 0..5 {
        placed.push(world.latte(&token).await.0);
        world.advance_clocks(1).await;
    }
    placed.reverse();

    let (mut seen, mut path) = (Vec::new(), "/v1/mp/orders?limit=2".to_owned());
    loop {
        let page = world.get(&token, &path).await.json();
        let data = page["data"].as_array().expect("a list").clone();
        assert!(data.len() <= 2);
        seen.extend(
            data.iter()
                .filter_map(|order| order["order_no"].as_str().map(str::to_owned)),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/mp/orders?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, placed);
}

async fn the_price_of_an_order_is_frozen_when_it_is_placed(world: World) {
    let token = world.log_in("demo").await;
    let first = world.order(&token, "frozen", &one_latte()).await;
    let mut tx = store::Tx::new("test_price");
    store::goods::put(
        &mut tx,
        &store::goods::Goods {
            mch_id: world.mch_id(),
            goods_id: domain::GoodsId::new("latte").expect("lawful"),
            title: "Dearer".into(),
            price: fen::Fen::new(9999).expect("lawful"),
            image: None,
            stock: None,
        },
        world.now(),
    );
    world.app.commit(tx).await.expect("goods");
    let again = world.order(&token, "frozen", &one_latte()).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.json(), first.json());
}

world::on_both_engines! {
    an_order_is_placed_paid_notified_and_booked,
    p03_a_buyer_who_left_the_cashier_pays_again_under_the_same_number,
    p03_the_phones_word_is_a_hint_and_the_refresh_asks_wechat,
    a_buyers_orders_are_listed_newest_first_in_pages,
    the_price_of_an_order_is_frozen_when_it_is_placed,
}
