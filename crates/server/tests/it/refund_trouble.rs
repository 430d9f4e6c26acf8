//! WeChat's answers to a refund are lost, late, or no. There is one refund all the same.

use serde_json::{Value, json};

use crate::{
    refunding::{
        at_platform, number, paid, put_control, read, refund, requests, settings, taken, wait_for,
    },
    world::{self, World},
};

/// Longer than the lease of a request whose answer is open: then the job has it.
const TO_THE_JOB: u64 = 30;

/// Refunds while the call suffers `fault` and no notification arrives; expects that it stays open,
/// and that there is one refund at WeChat after the job has looked, with this many requests.
async fn refund_under(world: World, fault: Value, expected_requests: usize) {
    let (token, order_no) = paid(&world).await;
    let lost = json!({"on": "notification", "kind": "lose"});
    world.faults(json!([fault, lost])).await;
    let open = taken(&world, &order_no, 1790).await;
    assert_eq!(open["state"], "requested", "{fault}: unknown is not failed");
    let refund_no = number(&open);
    world.lose_notifications().await;
    assert_eq!(requests(&world).await, 1);
    world.advance(TO_THE_JOB).await;
    assert_eq!(requests(&world).await, expected_requests, "{fault}");
    let held = at_platform(&world).await;
    assert_eq!(held.len(), 1, "{fault}");
    assert_eq!(held[0]["out_refund_no"], refund_no, "{fault}");
    world.advance(70).await;
    wait_for(&world, refund_no, "succeeded").await;
    assert_eq!(world.state(&token, &order_no).await, "refunded");
}

fn status(status: u16, code: &str, after_effect: bool) -> Value {
    json!({"on": "refund", "kind": "status", "status": status, "code": code, "message": "made up",
        "after_effect": after_effect, "times": 1})
}

/// A 500 after the effect: queried, and not sent a second time.
async fn r01_a_500_after_the_effect_is_queried_and_not_sent_again(world: World) {
    refund_under(world, status(500, "SYSTEM_ERROR", true), 1).await;
}

/// A 500 before the effect: queried, then sent again under the same number.
async fn r01_a_500_before_the_effect_is_queried_and_sent_again(world: World) {
    refund_under(world, status(500, "SYSTEM_ERROR", false), 2).await;
}

/// A 429 for a refund that was accepted all the same: queried, and not sent a second time.
async fn r01_a_429_for_a_refund_that_was_accepted_is_queried(world: World) {
    refund_under(world, status(429, "FREQUENCY_LIMITED", true), 1).await;
}

/// An answer that nobody signed proves nothing: queried.
async fn r01_an_answer_without_a_signature_is_queried(world: World) {
    let fault = json!({"on": "refund", "kind": "unsigned", "times": 1});
    refund_under(world, fault, 1).await;
}

/// No answer and no effect: queried, then sent again under the same number.
async fn r01_a_refund_that_is_never_answered_is_queried_and_sent_again(world: World) {
    let fault = json!({"on": "refund", "kind": "timeout", "delay_ms": 2500, "times": 1});
    refund_under(world, fault, 2).await;
}

/// `NOT_ENOUGH` alerts once, and the same refund goes through when there is money.
async fn r06_too_little_money_is_an_alert_and_the_same_refund_later(world: World) {
    let (token, order_no) = paid(&world).await;
    settings(&world, json!({"short_of_funds": "refused"})).await;
    let account = format!("merchants/{}", world.text("mchid"));
    put_control(&world, &account, json!({"balance_fen": 0})).await;
    let open = taken(&world, &order_no, 1790).await;
    assert_eq!(open["state"], "requested");
    let refund_no = number(&open);
    world.advance(TO_THE_JOB).await;
    assert_eq!(world.exceptions().await, ["refund_without_funds"], "once");
    assert!(at_platform(&world).await.is_empty());

    put_control(&world, &account, json!({"balance_fen": 5000})).await;
    world.advance(60 * 60).await;
    let held = at_platform(&world).await;
    assert_eq!(
        (held.len(), &held[0]["out_refund_no"]),
        (1, &json!(refund_no))
    );
    world.advance(120).await;
    wait_for(&world, refund_no, "succeeded").await;
    assert_eq!(world.state(&token, &order_no).await, "refunded");
}

async fn a_refusal_closes_the_refund_and_frees_its_amount(world: World) {
    let (token, order_no) = paid(&world).await;
    world
        .faults(json!([status(403, "USER_ACCOUNT_ABNORMAL", false)]))
        .await;
    let closed = taken(&world, &order_no, 1790).await;
    assert_eq!(closed["state"], "closed");
    assert_eq!(closed["closed_reason"], "USER_ACCOUNT_ABNORMAL");
    assert_eq!(world.state(&token, &order_no).await, "paid");
    world.no_faults().await;
    let second = taken(&world, &order_no, 1790).await;
    assert_eq!(second["state"], "processing");
}

/// A refund that was refused, and whose earlier call WeChat takes after all: 1000 of 1790 fen.
async fn refused_and_then_taken(world: &World, order_no: &str) -> String {
    world
        .faults(json!([status(403, "USER_ACCOUNT_ABNORMAL", false)]))
        .await;
    let closed = taken(world, order_no, 1000).await;
    assert_eq!(closed["state"], "closed");
    world.no_faults().await;
    let refund_no = number(&closed).to_owned();
    let body = json!({"out_trade_no": order_no, "amount_fen": 1000, "out_refund_no": refund_no,
        "notify_url": world.url("/v1/wechat/notify/default")});
    world.control("refunds", &body).await;
    refund_no
}

/// A refusal that WeChat takes back by a signed report: the books follow, the amount counts again,
/// and a person is told, because it may have been refunded anew meanwhile.
async fn r04_a_refused_refund_that_wechat_began_after_all_counts_again(world: World) {
    let (token, order_no) = paid(&world).await;
    let refund_no = refused_and_then_taken(&world, &order_no).await;
    world.advance_clocks(6).await;
    let refund_ = wait_for(&world, &refund_no, "succeeded").await;
    assert_eq!(
        (&refund_["version"], refund_.get("closed_reason")),
        (&json!(3), None)
    );
    assert_eq!(world.exceptions().await, ["refund_contradicted"]);
    assert_eq!(world.state(&token, &order_no).await, "partially_refunded");
    let answer = refund(&world, &order_no, "too-much", 791).await;
    assert_eq!(answer.refusal(), (409, "REFUND_EXCEEDS_PAYMENT".into()));
    taken(&world, &order_no, 790).await;
}

/// The same when WeChat's report is lost: it is asked once more, when no earlier call can be on its
/// way any longer, and then no more.
async fn r04_a_refused_refund_is_asked_about_once_more(world: World) {
    let (token, order_no) = paid(&world).await;
    let refund_no = refused_and_then_taken(&world, &order_no).await;
    world.lose_notifications().await;
    world.advance(9 * 60).await;
    assert_eq!(read(&world, &refund_no).await["state"], "closed");
    world.advance(60).await;
    wait_for(&world, &refund_no, "succeeded").await;
    assert_eq!(world.state(&token, &order_no).await, "partially_refunded");

    world
        .faults(json!([status(403, "USER_ACCOUNT_ABNORMAL", false)]))
        .await;
    assert_eq!(taken(&world, &order_no, 790).await["state"], "closed");
    world.advance(11 * 60).await;
    let job = store::jobs::next_due(&world.app.store, &world.mch_id(), "refund").await;
    assert_eq!(job.unwrap(), None, "nobody asks for ever");
}

/// A refusal is not signed: alone it does not give an amount free.
async fn a_refund_whose_payment_wechat_denies_is_put_before_a_person_and_ends_after_a_day(
    world: World,
) {
    let (_, order_no) = paid(&world).await;
    let denied = json!({"on": "refund", "kind": "status", "status": 404,
        "code": "RESOURCE_NOT_EXISTS", "message": "made up"});
    world.faults(json!([denied])).await;
    let refund = taken(&world, &order_no, 1790).await;
    assert_eq!(refund["state"], "requested");
    for _ in 0..4 {
        world.advance(60).await;
    }
    assert!(world.exceptions().await.is_empty(), "it may only be late");
    for _ in 0..4 {
        world.advance(30 * 60).await;
    }
    assert_eq!(world.exceptions().await, ["refund_without_payment"]);
    assert_eq!(read(&world, number(&refund)).await["state"], "requested");

    world.advance(24 * 3600).await;
    let closed = read(&world, number(&refund)).await;
    assert_eq!(closed["state"], "closed");
    assert_eq!(closed["closed_reason"], "RESOURCE_NOT_EXISTS");
    assert_eq!(world.exceptions().await.len(), 1, "a person was told once");
    world.no_faults().await;
    taken(&world, &order_no, 1790).await;
}

async fn a_refusal_of_a_refund_that_was_accepted_frees_nothing(world: World) {
    let (_, order_no) = paid(&world).await;
    world
        .faults(json!([status(400, "INVALID_REQUEST", true)]))
        .await;
    let refund_ = taken(&world, &order_no, 1790).await;
    assert_eq!(refund_["state"], "processing");
    let answer = refund(&world, &order_no, "again", 1).await;
    assert_eq!(answer.refusal(), (409, "REFUND_EXCEEDS_PAYMENT".into()));
}

/// `PROCESSING` that arrives after `SUCCESS` moves nothing back.
async fn n03_a_notification_that_overtakes_our_own_answer_wins(world: World) {
    let (token, order_no) = paid(&world).await;
    world
        .faults(json!([{"on": "refund", "kind": "delay", "delay_ms": 1500, "times": 1}]))
        .await;
    let overtaking = async {
        let held = loop {
            if let Some(held) = at_platform(&world).await.pop() {
                break held;
            }
            tokio::task::yield_now().await;
        };
        let path = format!("refunds/{}", held["refund_id"].as_str().expect("an id"));
        put_control(&world, &path, json!({"outcome": "success"})).await;
        world.wait_for(&token, &order_no, "refunded").await;
    };
    let (answer, ()) = tokio::join!(taken(&world, &order_no, 1790), overtaking);
    assert_eq!(
        answer["state"], "succeeded",
        "PROCESSING came after SUCCESS"
    );
    assert_eq!(read(&world, number(&answer)).await["version"], 2);
    assert!(world.exceptions().await.is_empty());
}

/// A refund notice that overtakes its payment, whose own is lost, has WeChat asked about it first.
async fn n03_a_refund_notified_before_its_payment_asks_about_the_payment(world: World) {
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    settings(&world, json!({"refund_seconds": 1})).await;
    world.lose_notifications().await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    world.no_faults().await;
    let body = json!({"out_trade_no": order_no, "amount_fen": 1790,
        "notify_url": world.url("/v1/wechat/notify/default")});
    world.control("refunds", &body).await;
    // Before the timed question about the order, which would find the payment as well.
    world.advance_clocks(2).await;
    world.wait_for(&token, &order_no, "refunded").await;
    assert_eq!(
        world.history(&order_no).await,
        ["created", "awaiting_payment", "paid", "refunded"]
    );
}

world::on_both_engines!(
    r01_a_500_after_the_effect_is_queried_and_not_sent_again,
    r01_a_500_before_the_effect_is_queried_and_sent_again,
    r01_a_429_for_a_refund_that_was_accepted_is_queried,
    r01_an_answer_without_a_signature_is_queried,
    r01_a_refund_that_is_never_answered_is_queried_and_sent_again,
    r06_too_little_money_is_an_alert_and_the_same_refund_later,
    a_refusal_closes_the_refund_and_frees_its_amount,
    r04_a_refused_refund_that_wechat_began_after_all_counts_again,
    r04_a_refused_refund_is_asked_about_once_more,
    a_refund_whose_payment_wechat_denies_is_put_before_a_person_and_ends_after_a_day,
    a_refusal_of_a_refund_that_was_accepted_frees_nothing,
    n03_a_notification_that_overtakes_our_own_answer_wins,
    n03_a_refund_notified_before_its_payment_asks_about_the_payment,
);
