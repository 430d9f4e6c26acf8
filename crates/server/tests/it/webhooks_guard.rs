//! What a receiver cannot do to us: hold others up, or lead us into our own network.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use domain::Millis;
use http::Request;
use serde_json::json;
use server::{
    config::Webhooks,
    jobs::Runner,
    webhooks::{Courier, CourierError, HttpCourier, Lookup, Receipt},
};
use store::{
    Tx,
    webhook_attempts::Attempt,
    webhook_deliveries::{self as deliveries, DeliveryState},
    webhook_endpoints,
};

use crate::{
    receiver::Receiver,
    webhooks::{close_one, endpoint},
    world::{API_KEY, World, on_both_engines},
};

on_both_engines!(a_worker_that_died_is_replaced_and_what_it_still_writes_changes_nothing);

/// A resolver that gives every name one address and counts how often it was asked.
struct Fixed(SocketAddr, Arc<AtomicUsize>);

impl Lookup for Fixed {
    fn lookup(
        &self,
        _: String,
    ) -> std::pin::Pin<Box<dyn Future<Output = std::io::Result<Vec<SocketAddr>>> + Send + '_>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        let address = self.0;
        Box::pin(std::future::ready(Ok(vec![address])))
    }
}

fn rules(allow_private_addresses: bool) -> Webhooks {
    Webhooks {
        allow_http: true,
        allow_private_addresses,
        timeout_ms: 500,
        concurrency: 4,
        disable_after_s: 432_000,
        secret_overlap_s: 86_400,
        kept_s: 2_592_000,
    }
}

/// Calls a name that has this address; also how often the name was looked up.
async fn call(
    receiver: &Receiver,
    address: &str,
    allow: bool,
) -> (Result<Receipt, CourierError>, usize) {
    let asked = Arc::new(AtomicUsize::new(0));
    let lookup = Fixed(SocketAddr::new(address.parse().unwrap(), 0), asked.clone());
    let courier = HttpCourier::new(&rules(allow), Arc::new(lookup)).unwrap();
    let url = format!("http://shop.example:{}/hook", receiver.port);
    let request = Request::post(url).body(Bytes::from_static(b"{}")).unwrap();
    (courier.deliver(request).await, asked.load(Ordering::SeqCst))
}

/// A name is looked up once, and what was checked is what is called: rebinding has no second
/// chance.
#[tokio::test(flavor = "multi_thread")]
async fn w05_a_name_is_looked_up_once_and_exactly_that_address_is_called() {
    let receiver = Receiver::start().await;
    let (receipt, asked) = call(&receiver, "127.0.0.1", true).await;
    assert_eq!((receipt.unwrap().status.as_u16(), asked), (200, 1));
    let told = receiver.take();
    let host = format!("shop.example:{}", receiver.port);
    assert_eq!(told[0].header("host"), host);
}

/// A name that leads to a private, loopback or metadata address is not called.
#[tokio::test(flavor = "multi_thread")]
async fn w05_a_name_that_leads_inside_is_not_called() {
    let receiver = Receiver::start().await;
    for address in [
        "127.0.0.1",
        "169.254.169.254",
        "10.0.0.1",
        "::1",
        "fd00:ec2::254",
    ] {
        let (receipt, asked) = call(&receiver, address, false).await;
        assert!(
            matches!(receipt, Err(CourierError::Refused(_))),
            "{address}: {receipt:?}"
        );
        assert_eq!(asked, 1);
    }
    assert_eq!(receiver.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_does_not_answer_is_given_up_on_after_its_time() {
    let receiver = Receiver::slow().await;
    let (receipt, _) = call(&receiver, "127.0.0.1", true).await;
    assert!(
        matches!(receipt, Err(CourierError::TimedOut)),
        "{receipt:?}"
    );
}

/// An address that was lawful once is judged again before every call.
#[tokio::test(flavor = "multi_thread")]
async fn w05_an_endpoint_made_under_laxer_rules_is_not_called_under_stricter_ones() {
    let world = World::with(|config| config.webhooks.allow_private_addresses = false).await;
    let receiver = Receiver::start().await;
    let body = json!({"url": receiver.url});
    let answer = world
        .post(API_KEY, "/v1/webhook_endpoints", None, &body)
        .await;
    assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".to_owned()));
    assert!(answer.detail().contains("private network"), "{answer:?}");

    let (id, _) = endpoint(&world, &json!({"url": "http://shop.example/"})).await;
    let mut there = webhook_endpoints::get(&world.app.store, &world.mch_id(), &id)
        .await
        .unwrap()
        .unwrap();
    there.endpoint_id = "we_before".to_owned();
    there.url = receiver.url.clone();
    let mut tx = Tx::new("test_endpoint");
    webhook_endpoints::delete(&mut tx, &world.mch_id(), &id);
    webhook_endpoints::insert(&mut tx, &there);
    world.app.commit(tx).await.unwrap();
    close_one(&world).await;
    world.run_jobs().await;
    assert_eq!(receiver.count(), 0);
    let made = world
        .get(API_KEY, "/v1/webhook_endpoints/we_before/attempts")
        .await;
    let outcome = &made.json()["data"][0]["outcome"];
    assert!(
        outcome.as_str().unwrap().contains("private network"),
        "{outcome}"
    );
}

/// Of sixteen endpoints one takes calls and answers none: the others are told all the same, and it
/// gets its own when it answers.
#[tokio::test(flavor = "multi_thread")]
async fn w03_one_receiver_that_does_not_answer_holds_up_none_of_fifteen_others() {
    let world = World::new().await;
    let slow = Receiver::slow().await;
    endpoint(&world, &json!({"url": slow.url})).await;
    let mut quick = Vec::new();
    for _ in 0..15 {
        quick.push(Receiver::start().await);
        endpoint(&world, &json!({"url": quick[quick.len() - 1].url})).await;
    }
    let jobs = Runner::start(&world.app, Arc::new(|| {}));
    for count in 1..=3 {
        close_one(&world).await;
        for receiver in &quick {
            receiver.until_told(count).await;
        }
    }
    slow.until_told(1).await;
    slow.answer_many();
    slow.until_told(3).await;
    jobs.stop(Duration::from_secs(10)).await;
    assert_eq!(slow.count(), 3);
    assert!(quick.iter().all(|receiver| receiver.count() == 3));
}

async fn a_worker_that_died_is_replaced_and_what_it_still_writes_changes_nothing(world: World) {
    let receiver = Receiver::start().await;
    let (id, _) = endpoint(&world, &json!({"url": receiver.url})).await;
    receiver.otherwise(500);
    close_one(&world).await;
    world.run_jobs().await;
    let (store, mch_id) = (&world.app.store, world.mch_id());
    let there = webhook_endpoints::get(store, &mch_id, &id)
        .await
        .unwrap()
        .unwrap();
    world.advance_clocks(6).await;
    let lease = Duration::from_secs(45);
    let claimed = deliveries::claim(store, &there, world.now(), lease, 9)
        .await
        .unwrap();
    assert_eq!((claimed.len(), claimed[0].attempts), (1, 1));
    receiver.otherwise(200);
    world.advance(40).await;
    assert_eq!(receiver.count(), 1, "leased");
    world.advance(6).await;
    let told = receiver.take();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].header("webhook-id"), told[1].header("webhook-id"));

    let mut tx = Tx::new("late");
    let late = Attempt {
        attempt_id: "99".to_owned(),
        event_id: claimed[0].event_id.clone(),
        number: 2,
        at: Millis(0),
        duration_ms: 0,
        status: Some(500),
        answer: String::new(),
        outcome: "answered 500".to_owned(),
    };
    deliveries::record(
        &mut tx,
        &claimed[0],
        DeliveryState::Pending,
        world.now(),
        &late,
    );
    let outcome = world.app.commit(tx).await;
    assert!(outcome.unwrap_err().missed("webhook_deliveries.record"));
    let event_id = &claimed[0].event_id;
    let delivery = deliveries::get(store, &mch_id, &id, event_id)
        .await
        .unwrap();
    assert_eq!(delivery.unwrap().state, DeliveryState::Delivered);
}
