//! Money goes back: in parts and whole, never more than was paid, by notification and by poll.

use serde_json::json;

use crate::{
    refunding::{at_platform, number, of_order, paid, read, refund, settings, taken, wait_for},
    world::{self, API_KEY, World},
};

async fn a_whole_refund_arrives_and_the_order_follows(world: World) {
    let (token, order_no) = paid(&world).await;
    let answer = refund(&world, &order_no, "whole", 1790).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let first = answer.json();
    let refund_no = number(&first["refund"]).to_owned();
    assert!(refund_no.starts_with('R') && refund_no.len() == 29);
    assert_eq!(first["refund"]["state"], "processing");
    assert_eq!(first["refund"]["order_no"], order_no);
    assert_eq!(first["refund"]["amount_fen"], 1790);
    assert_eq!(first["refund"]["reason"], "商品已售完");
    // Nothing went back yet.
    assert_eq!(world.state(&token, &order_no).await, "paid");

    world.advance_clocks(6).await;
    let arrived = wait_for(&world, &refund_no, "succeeded").await;
    assert!(arrived["succeeded_at"].is_string() && arrived["refund_id"].is_string());
    assert_eq!(arrived["received_account"], "支付用户零钱");
    assert_eq!(world.state(&token, &order_no).await, "refunded");
    let order = world.get(API_KEY, &format!("/v1/orders/{order_no}")).await;
    assert_eq!(order.json()["order"]["refunded_fen"], 1790);
    assert_eq!(
        world.history(&order_no).await,
        ["created", "awaiting_payment", "paid", "refunded"]
    );
    assert_eq!(of_order(&world, &order_no).await, [arrived]);

    // The same key: the first answer, byte for byte, and nothing new.
    let again = refund(&world, &order_no, "whole", 1790).await;
    assert_eq!((again.status, again.json()), (200, first));
    let other = refund(&world, &order_no, "whole", 1).await;
    assert_eq!(other.refusal(), (422, "IDEMPOTENCY_KEY_REUSED".into()));
    assert_eq!(at_platform(&world).await.len(), 1);
    assert!(world.exceptions().await.is_empty());
    world.run_jobs().await;
    assert_eq!(world.events().await, ["order.paid", "refund.succeeded"]);
}

async fn parts_add_up_to_the_whole(world: World) {
    let (token, order_no) = paid(&world).await;
    let mut numbers = Vec::new();
    for fen in [500, 290, 1000] {
        numbers.push(number(&taken(&world, &order_no, fen).await).to_owned());
    }
    let more = refund(&world, &order_no, "more", 1).await;
    assert_eq!(more.refusal(), (409, "REFUND_EXCEEDS_PAYMENT".into()));
    assert!(more.detail().contains("0.00"), "{more:?}");
    world.advance_clocks(6).await;
    for refund_no in &numbers {
        wait_for(&world, refund_no, "succeeded").await;
    }
    assert_eq!(world.state(&token, &order_no).await, "refunded");
    let history = world.history(&order_no).await;
    assert_eq!(
        history[3..],
        ["partially_refunded", "partially_refunded", "refunded"]
    );
    assert_eq!(of_order(&world, &order_no).await.len(), 3);
}

/// Ten refunds at once: as many as fit into the payment, and not one fen more.
async fn r05_refunds_asked_for_at_once_stay_within_the_payment(world: World) {
    let (token, order_no) = paid(&world).await;
    let keys: Vec<String> = (0..10).map(|n| format!("at-once-{n}")).collect();
    let all = keys.iter().map(|key| refund(&world, &order_no, key, 500));
    let mut taken = 0;
    for answer in futures_util::future::join_all(all).await {
        match answer.status {
            202 => taken += 1,
            _ => assert_eq!(answer.refusal(), (409, "REFUND_EXCEEDS_PAYMENT".into())),
        }
    }
    assert_eq!(taken, 3, "17.90 yuan hold three times 5.00");
    assert_eq!(at_platform(&world).await.len(), 3);
    world.advance(70).await;
    world
        .wait_for(&token, &order_no, "partially_refunded")
        .await;
}

async fn one_key_at_once_is_one_refund(world: World) {
    let (_, order_no) = paid(&world).await;
    let all = (0..8).map(|_| refund(&world, &order_no, "same", 100));
    let mut taken = 0;
    for answer in futures_util::future::join_all(all).await {
        match answer.status {
            202 => taken += 1,
            200 => {}
            _ => assert_eq!(answer.refusal(), (409, "IDEMPOTENCY_KEY_IN_FLIGHT".into())),
        }
    }
    assert_eq!(taken, 1);
    assert_eq!(at_platform(&world).await.len(), 1);
}

/// Fifty parts, and not fifty-one.
async fn r05_the_fifty_first_refund_is_refused(world: World) {
    let (_, order_no) = paid(&world).await;
    for _ in 0..50 {
        taken(&world, &order_no, 1).await;
    }
    let answer = refund(&world, &order_no, "51", 1).await;
    assert_eq!(answer.refusal(), (409, "REFUND_LIMIT_REACHED".into()));
    assert_eq!(at_platform(&world).await.len(), 50);
}

async fn what_cannot_be_refunded_is_refused_before_wechat_is_asked(world: World) {
    let token = world.log_in("demo").await;
    let (unpaid, _) = world.latte(&token).await;
    let answer = refund(&world, &unpaid, "k", 1).await;
    assert_eq!(answer.refusal(), (409, "ORDER_NOT_REFUNDABLE".into()));
    let answer = refund(&world, "no-such-order", "k", 1).await;
    assert_eq!(answer.refusal(), (404, "ORDER_NOT_FOUND".into()));
    let answer = refund(&world, &unpaid, "k", 0).await;
    assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".into()));

    let path = format!("/v1/orders/{unpaid}/refunds");
    let long = json!({"amount_fen": 1, "reason": "完".repeat(27)});
    let answer = world.post(API_KEY, &path, Some("k"), &long).await;
    assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".into()));
    let unknown = json!({"amount_fen": 1, "refund_no": "mine"});
    let answer = world.post(API_KEY, &path, Some("k"), &unknown).await;
    assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".into()));
    let answer = world
        .post(API_KEY, &path, None, &json!({"amount_fen": 1}))
        .await;
    assert_eq!(answer.refusal(), (400, "IDEMPOTENCY_KEY_MISSING".into()));
    // A buyer's session is no API key.
    let answer = world
        .post(&token, &path, Some("k"), &json!({"amount_fen": 1}))
        .await;
    assert_eq!(answer.refusal(), (401, "API_KEY_INVALID".into()));
    for refund_no in ["R0", "no%20such"] {
        let answer = world
            .get(API_KEY, &format!("/v1/refunds/{refund_no}"))
            .await;
        assert_eq!(answer.refusal(), (404, "REFUND_NOT_FOUND".into()));
    }
    assert!(at_platform(&world).await.is_empty());
}

/// A refund that is on its way for twelve days, and whose notification is lost, is followed to its
/// end.
async fn r02_a_refund_that_takes_twelve_days_is_followed(world: World) {
    let (_, order_no) = paid(&world).await;
    world.lose_notifications().await;
    settings(&world, json!({"refund_seconds": 12 * 86_400})).await;
    let refund_no = number(&taken(&world, &order_no, 1790).await).to_owned();
    for day in 1..12 {
        world.advance(86_400).await;
        let state = &read(&world, &refund_no).await["state"];
        assert_eq!(state, "processing", "day {day}");
    }
    world.advance(86_400 + 6 * 3600).await;
    assert_eq!(read(&world, &refund_no).await["state"], "succeeded");
    let order = world.get(API_KEY, &format!("/v1/orders/{order_no}")).await;
    assert_eq!(order.json()["order"]["state"], "refunded");
}

async fn a_refund_whose_notification_is_lost_is_found_by_polling(world: World) {
    let (token, order_no) = paid(&world).await;
    world.lose_notifications().await;
    let refund_no = number(&taken(&world, &order_no, 1790).await).to_owned();
    world.advance(10).await;
    assert_eq!(
        read(&world, &refund_no).await["state"],
        "processing",
        "not due yet"
    );
    world.advance(60).await;
    assert_eq!(read(&world, &refund_no).await["state"], "succeeded");
    assert_eq!(world.state(&token, &order_no).await, "refunded");
}

/// A refund begun in WeChat's console is imported as external, and counts.
async fn r07_a_refund_from_wechats_console_is_imported(world: World) {
    let (token, order_no) = paid(&world).await;
    let body = json!({"out_trade_no": order_no, "amount_fen": 700,
        "notify_url": world.url("/v1/wechat/notify/default")});
    world.control("refunds", &body).await;
    world.advance_clocks(6).await;
    world
        .wait_for(&token, &order_no, "partially_refunded")
        .await;
    let refunds = of_order(&world, &order_no).await;
    assert_eq!(refunds.len(), 1);
    assert_eq!(refunds[0]["amount_fen"], 700);
    assert_eq!(refunds[0]["state"], "succeeded");
    let refund_no = domain::RefundNo::new(number(&refunds[0])).unwrap();
    let here = store::refunds::get(&world.app.store, &world.mch_id(), &refund_no).await;
    let origin = here.unwrap().unwrap().origin;
    assert_eq!(origin, domain::RefundOrigin::External);
    // It counts: what is left is what WeChat would give.
    let answer = refund(&world, &order_no, "too-much", 1091).await;
    assert_eq!(answer.refusal(), (409, "REFUND_EXCEEDS_PAYMENT".into()));
    taken(&world, &order_no, 1090).await;
}

/// What WeChat closed can be refunded anew, under another number.
async fn r04_a_closed_refund_frees_its_amount(world: World) {
    let (token, order_no) = paid(&world).await;
    settings(&world, json!({"refund_outcome": "closed"})).await;
    let refund_no = number(&taken(&world, &order_no, 1790).await).to_owned();
    world.advance_clocks(6).await;
    let closed = wait_for(&world, &refund_no, "closed").await;
    assert_eq!(closed.get("closed_reason"), None);
    assert_eq!(world.state(&token, &order_no).await, "paid");

    settings(&world, json!({"refund_outcome": "success"})).await;
    let second = number(&taken(&world, &order_no, 1790).await).to_owned();
    assert_ne!(second, refund_no);
    world.advance_clocks(6).await;
    wait_for(&world, &second, "succeeded").await;
    assert_eq!(world.state(&token, &order_no).await, "refunded");
}

/// An abnormal refund is a person's task, once, and succeeds only after another way was named.
async fn r03_a_stuck_refund_goes_another_way(world: World) {
    let (token, order_no) = paid(&world).await;
    settings(&world, json!({"refund_outcome": "abnormal"})).await;
    let mut numbers = Vec::new();
    for fen in [790, 1000] {
        numbers.push(number(&taken(&world, &order_no, fen).await).to_owned());
    }
    world.advance_clocks(6).await;
    let card = json!({"to": "buyers_card", "bank_type": "CMB_DEBIT",
        "bank_account": "6225880000000001", "real_name": "张三"});
    for (refund_no, way) in numbers.iter().zip([json!({"to": "merchant"}), card]) {
        let path = format!("/v1/refunds/{refund_no}/abnormal");
        wait_for(&world, refund_no, "abnormal").await;
        for spoilt in [
            json!({"to": "nobody"}),
            json!({"to": "merchant", "bank_type": "CMB_DEBIT"}),
            json!({"to": "buyers_card", "bank_type": "MY_BANK", "bank_account": "1",
                "real_name": "a"}),
        ] {
            let answer = world.post(API_KEY, &path, None, &spoilt).await;
            assert_eq!(
                answer.refusal(),
                (400, "INVALID_REQUEST".into()),
                "{spoilt}"
            );
        }
        let answer = world.post(API_KEY, &path, None, &way).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["refund"]["state"], "processing");
        let answer = world.post(API_KEY, &path, None, &way).await;
        assert_eq!(answer.refusal(), (409, "REFUND_NOT_ABNORMAL".into()));
    }
    assert_eq!(
        world.exceptions().await,
        ["refund_abnormal", "refund_abnormal"],
        "an operator was told, once each"
    );
    world.advance_clocks(6).await;
    for refund_no in &numbers {
        wait_for(&world, refund_no, "succeeded").await;
    }
    assert_eq!(world.state(&token, &order_no).await, "refunded");
}

world::on_both_engines!(
    a_whole_refund_arrives_and_the_order_follows,
    parts_add_up_to_the_whole,
    r05_refunds_asked_for_at_once_stay_within_the_payment,
    one_key_at_once_is_one_refund,
    r05_the_fifty_first_refund_is_refused,
    what_cannot_be_refunded_is_refused_before_wechat_is_asked,
    r02_a_refund_that_takes_twelve_days_is_followed,
    a_refund_whose_notification_is_lost_is_found_by_polling,
    r07_a_refund_from_wechats_console_is_imported,
    r04_a_closed_refund_frees_its_amount,
    r03_a_stuck_refund_goes_another_way,
);
