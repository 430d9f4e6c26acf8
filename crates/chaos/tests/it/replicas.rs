//! Several processes of the server on one PostgreSQL, and one of them falls asleep or has a wrong
//! clock.

use std::time::Duration;

use chaos::{
    clock::{pause, until},
    history::Entry,
    shop::Outcome,
    stage::{LEASE_S, Stage},
};
use fen::Fen;
use futures_util::future::join_all;
use serde_json::json;

use crate::world::{all_is_well, fresh_database, pay, place, postgres_server, setup};

const PATIENCE: Duration = Duration::from_secs(90);
/// Longer than it takes to see that a call has begun, shorter than the server waits for WeChat.
const DELAY_MS: u32 = 700;

async fn two_replicas(server: &str, name: &str) -> Stage {
    let mut setup = setup(Some(fresh_database(server, name).await));
    setup.replicas = 2;
    Stage::set(&setup).await.unwrap()
}

/// A replica that falls asleep while it asks WeChat about an order, and wakes up when its lease is
/// over and another one has booked the payment, changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn s07_a_replica_that_slept_through_its_lease_changes_nothing() {
    let Some(server) = postgres_server("s07_a_replica_that_slept_through_its_lease") else {
        return;
    };
    let stage = two_replicas(&server, "asleep").await;
    let (sleeper, other) = (&stage.replicas[0], &stage.replicas[1]);
    sleeper.start().await.unwrap();
    stage
        .shop
        .listen_to_webhooks(&stage.receiver.url)
        .await
        .unwrap();
    let placed = place(&stage, "slept-through").await;
    let lost_and_slow = json!([
        {"on": "notification", "kind": "lose"},
        {"on": "query", "kind": "delay", "delay_ms": DELAY_MS, "times": 1},
    ]);
    stage.platform_faults(&lost_and_slow).await.unwrap();
    pay(&stage, &placed).await;

    let store = stage.database.open().unwrap();
    let mch_id = stage.platform.mch_id().unwrap();
    let due = async || store::jobs::next_due(&store, &mch_id, "poll").await;
    let before = due().await.unwrap();
    stage.advance(6).await.unwrap();
    until("the poll to be claimed", PATIENCE, async || {
        Ok((due().await? != before).then_some(()))
    })
    .await
    .unwrap();
    sleeper.pause().await.unwrap();

    // The lease runs out, and somebody else does the work.
    stage.advance(LEASE_S + 1).await.unwrap();
    other.start().await.unwrap();
    let order_no = &placed.order.order_no;
    until(
        "the other replica to book the payment",
        PATIENCE,
        async || {
            let seen = stage.shop.about(1, order_no, "").await?;
            Ok(matches!(seen, Outcome::Done(order) if order.state == "paid").then_some(()))
        },
    )
    .await
    .unwrap();
    sleeper.resume().await.unwrap();
    until("the sleeper to wake up", PATIENCE, async || {
        Ok(stage.shop.call(0, "GET", "/livez", &[], None).await)
    })
    .await
    .unwrap();
    // Time for what it had in hand: the answer that it waited for has long arrived.
    pause(Duration::from_millis(u64::from(DELAY_MS))).await;
    assert_eq!(all_is_well(&stage).await.counts.events, 1);
}

/// A replica that falls asleep in the middle of a refund finds, when it wakes up, that another one
/// has brought it to its end, once.
#[tokio::test(flavor = "multi_thread")]
async fn s07_a_refund_that_its_replica_slept_through_is_made_once() {
    let Some(server) = postgres_server("s07_a_refund_that_its_replica_slept_through") else {
        return;
    };
    let stage = two_replicas(&server, "refund").await;
    stage.start().await.unwrap();
    let placed = place(&stage, "to-be-refunded").await;
    pay(&stage, &placed).await;
    let order_no = placed.order.order_no.clone();
    chaos::careful::state(&stage.shop, &order_no, "paid")
        .await
        .unwrap();
    let slow = json!([{"on": "refund", "kind": "delay", "delay_ms": DELAY_MS, "times": 1}]);
    stage.platform_faults(&slow).await.unwrap();

    let amount = Fen::new(700).unwrap();
    let key = "back";
    stage.history.add(Entry::WantsRefund {
        key: key.into(),
        order_no: order_no.clone(),
        amount,
    });
    let asked = stage.shop.refund(0, key, &order_no, amount);
    let slept = async {
        until("the refund to be written down", PATIENCE, async || {
            let path = format!("/v1/orders/{order_no}/refunds");
            let reply = stage.shop.merchant(1, "GET", &path, None, None).await;
            Ok(reply.filter(|reply| reply.body["data"] != json!([])))
        })
        .await
        .unwrap();
        stage.replicas[0].pause().await.unwrap();
    };
    let (outcome, ()) = tokio::join!(asked, slept);
    drop(outcome.unwrap());
    // The leases of the key and of the job run out.
    stage.advance(LEASE_S + 1).await.unwrap();
    until(
        "the other replica to answer for the refund",
        PATIENCE,
        async || {
            let outcome = stage.shop.refund(1, key, &order_no, amount).await?;
            Ok(matches!(outcome, Outcome::Done(_)).then_some(()))
        },
    )
    .await
    .unwrap();
    stage.replicas[0].resume().await.unwrap();
    let verdict = all_is_well(&stage).await;
    assert_eq!(verdict.counts.acknowledged_refunds, 1);
}

/// The same key at the same moment at two replicas is one order.
#[tokio::test(flavor = "multi_thread")]
async fn s06_one_key_at_two_replicas_at_once_is_one_order() {
    let Some(server) = postgres_server("s06_one_key_at_two_replicas_at_once") else {
        return;
    };
    let stage = two_replicas(&server, "twins").await;
    stage.start().await.unwrap();
    for number in 0..12 {
        let key = format!("twin-{number}");
        let amount = Fen::new(100 + number).unwrap();
        let noted = key.clone();
        stage.history.add(Entry::WantsOrder { key: noted, amount });
        until("either to be answered", PATIENCE, async || {
            let twins = (0..4).map(|at| stage.shop.order(at, &key, amount));
            let mut placed = None;
            for outcome in join_all(twins).await {
                match outcome? {
                    Outcome::Done(order) => placed = Some(order),
                    Outcome::Refused(code) => panic!("refused with {code}"),
                    Outcome::Uncertain => {}
                }
            }
            Ok(placed)
        })
        .await
        .unwrap();
    }
    assert_eq!(all_is_well(&stage).await.counts.acknowledged_orders, 12);
}

/// A replica whose clock is a minute and a half off takes other replicas' leases for over, or for
/// long; work is then done twice or late, and has its effect once.
#[tokio::test(flavor = "multi_thread")]
async fn s08_a_replica_with_a_wrong_clock_does_no_harm() {
    let Some(server) = postgres_server("s08_a_replica_with_a_wrong_clock") else {
        return;
    };
    let stage = two_replicas(&server, "clocks").await;
    stage.start().await.unwrap();
    for skew_ms in [90_000, -90_000] {
        let wrong = stage.ahead_ms() + skew_ms;
        stage.replicas[1].faults.set_clock_offset_ms(wrong).unwrap();
        // Slow enough for a lease to look over to the other replica while its holder waits.
        let slow = json!([
            {"on": "notification", "kind": "lose"},
            {"on": "query", "kind": "delay", "delay_ms": DELAY_MS, "times": 4},
        ]);
        stage.platform_faults(&slow).await.unwrap();
        for number in 0..6 {
            let placed = place(&stage, &format!("skew-{skew_ms}-{number}")).await;
            pay(&stage, &placed).await;
        }
    }
    assert_eq!(all_is_well(&stage).await.counts.events, 12);
}
