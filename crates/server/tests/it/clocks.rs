//! A clock that is wrong, and one that is set back.

use serde_json::json;
use store::jobs;

use crate::world::{World, on_both_engines, one_latte};

on_both_engines!(
    k05_with_a_clock_ten_minutes_ahead_nothing_is_booked_wrongly_and_nothing_is_lost,
    k05_with_a_clock_ten_minutes_behind_nothing_is_booked_wrongly_and_nothing_is_lost,
    k05_after_the_clock_jumped_back_a_dead_workers_lease_does_not_last_for_ever,
);

/// With a clock ten minutes ahead of WeChat's, calls and notifications are refused, readiness says
/// why, and when it is right again the same requests and the resent notifications succeed.
async fn k05_with_a_clock_ten_minutes_ahead_nothing_is_booked_wrongly_and_nothing_is_lost(
    world: World,
) {
    ten_minutes_off(world, 600).await;
}

/// With a clock ten minutes behind WeChat's, the same.
async fn k05_with_a_clock_ten_minutes_behind_nothing_is_booked_wrongly_and_nothing_is_lost(
    world: World,
) {
    ten_minutes_off(world, -600).await;
}

async fn ten_minutes_off(world: World, seconds: i64) {
    let token = world.log_in("demo").await;
    let (paid_meanwhile, payment) = world.latte(&token).await;
    world.set_clock_off(seconds);
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    let refused = world.order(&token, "same", &one_latte()).await;
    assert_eq!(refused.refusal(), (502, "GATEWAY_REFUSED".into()));
    let ready = world.http.get(&world.url("/readyz"), &[]).await;
    assert_eq!(ready.status, 503);
    let skew = ready.json()["merchants"][0]["clock_skew_s"]
        .as_i64()
        .unwrap();
    assert!((seconds - skew).abs() <= 30, "{skew}");
    // The first sending of the notification came at the wrong time.
    world.control("clock/advance", &json!({"seconds": 0})).await;
    assert_eq!(
        world.state(&token, &paid_meanwhile).await,
        "awaiting_payment"
    );

    world.set_clock_off(-seconds);
    let placed = world.order(&token, "same", &one_latte()).await;
    assert_eq!(placed.status, 201, "{placed:?}");
    let ready = world.http.get(&world.url("/readyz"), &[]).await;
    assert_eq!(ready.status, 200, "{ready:?}");
    world
        .control("clock/advance", &json!({"seconds": 60}))
        .await;
    world.set_clock_off(60);
    world.wait_for(&token, &paid_meanwhile, "paid").await;
    assert_eq!(
        world.history(&paid_meanwhile).await,
        ["created", "awaiting_payment", "paid"]
    );
    assert!(world.exceptions().await.is_empty());
}

/// A worker claimed a job while the clock was a day ahead, and died; when the clock is right again
/// the job is taken up within the minute instead of a day later.
async fn k05_after_the_clock_jumped_back_a_dead_workers_lease_does_not_last_for_ever(world: World) {
    const DAY: i64 = 24 * 3600;
    let token = world.log_in("demo").await;
    world.lose_notifications().await;
    let (order_no, payment) = world.latte(&token).await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    world.set_clock_off(DAY);
    let (store, lease) = (&world.app.store, world.app.settings.jobs.lease());
    let claimed = jobs::claim(store, &world.mch_id(), "poll", world.now(), lease, 10).await;
    assert_eq!(claimed.unwrap().len(), 1);
    world.set_clock_off(-DAY);
    world.run_jobs().await;
    assert_eq!(world.state(&token, &order_no).await, "paid");
}
