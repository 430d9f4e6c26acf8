//! Deliveries are put once, held by one, and told by whoever holds them.

use std::{collections::BTreeSet, time::Duration};

use domain::{EventId, Millis};
use store::{
    Store, StoreError, Tx,
    webhook_attempts::{self, Attempt},
    webhook_deliveries::{self as deliveries, Claim, DeliveryState},
    webhook_endpoints::{self as endpoints, Endpoint, EndpointState, SigningKeys},
};

use crate::{
    samples::{at, mch},
    world::{World, for_each_engine},
};

for_each_engine! {
    an_endpoint_comes_back_as_it_was_put
    the_position_moves_once_however_many_move_it
    many_workers_hold_each_delivery_once
    who_lost_the_lease_records_nothing
    a_disabled_endpoint_is_enabled_with_what_waits_due
    old_attempts_and_finished_deliveries_are_pruned
}

const LEASE: Duration = Duration::from_millis(100);

fn sample() -> Endpoint {
    Endpoint {
        mch_id: mch(0),
        endpoint_id: "we_1".into(),
        url: "https://shop.example/".into(),
        types: vec!["order.paid".into()],
        signing_keys: SigningKeys("[]".into()),
        state: EndpointState::Enabled,
        state_reason: String::new(),
        state_at: at(0),
        failing_since: None,
        position: 7,
        version: 1,
        created_at: at(0),
    }
}

fn event(number: i64) -> EventId {
    let time = domain::order_no::time_prefix(at(number));
    EventId::new(format!("{time}.order-1.{number}")).unwrap()
}

async fn run(store: &Store, add: impl FnOnce(&mut Tx)) -> Result<store::Done, StoreError> {
    let mut tx = Tx::new("test");
    add(&mut tx);
    store.run(tx).await
}

async fn there(world: &World) -> Endpoint {
    let found = endpoints::get(&world.store, &mch(0), "we_1").await;
    found.unwrap().unwrap()
}

/// The endpoint with deliveries of so many events.
async fn put(world: &World, events: i64) -> Endpoint {
    let events: Vec<EventId> = (0..events).map(event).collect();
    let outcome = run(&world.store, |tx| {
        endpoints::insert(tx, &sample());
        endpoints::advance(tx, &sample(), 8, &events, at(0));
    });
    let _done = outcome.await.unwrap();
    there(world).await
}

async fn claim(store: &Store, endpoint: &Endpoint, now: Millis, limit: u32) -> Vec<Claim> {
    let claimed = deliveries::claim(store, endpoint, now, LEASE, limit).await;
    claimed.unwrap()
}

fn attempt(claim: &Claim, number: u32) -> Attempt {
    Attempt {
        attempt_id: format!(
            "{}{number}",
            domain::order_no::time_prefix(at(i64::from(number)))
        ),
        event_id: claim.event_id.clone(),
        number,
        at: at(i64::from(number)),
        duration_ms: 12,
        status: Some(500),
        answer: "茶".into(),
        outcome: "answered 500".into(),
    }
}

async fn an_endpoint_comes_back_as_it_was_put(world: &World) {
    let _done = run(&world.store, |tx| endpoints::insert(tx, &sample()))
        .await
        .unwrap();
    assert_eq!(there(world).await, sample());
    assert!(sample().wants("order.paid") && !sample().wants("order.closed"));
    assert_eq!(
        endpoints::list(&world.store, &mch(0)).await.unwrap(),
        [sample()]
    );
    assert!(
        endpoints::list(&world.store, &mch(1))
            .await
            .unwrap()
            .is_empty()
    );
    let keys = SigningKeys("[1]".into());
    for missed in [false, true] {
        let outcome = run(&world.store, |tx| endpoints::set_keys(tx, &sample(), &keys)).await;
        assert_eq!(outcome.is_err(), missed);
    }
    let _done = run(&world.store, |tx| endpoints::delete(tx, &mch(0), "we_1"))
        .await
        .unwrap();
    let outcome = run(&world.store, |tx| endpoints::delete(tx, &mch(0), "we_1")).await;
    assert!(outcome.unwrap_err().missed("webhook_endpoints.delete"));
}

async fn the_position_moves_once_however_many_move_it(world: &World) {
    let endpoint = put(world, 0).await;
    let movers = (0..8).map(|_| {
        let (store, endpoint) = (world.again(), endpoint.clone());
        tokio::spawn(async move {
            let events = [event(1), event(2)];
            run(&store, |tx| {
                endpoints::advance(tx, &endpoint, 10, &events, at(0));
            })
            .await
        })
    });
    let mut moved = 0;
    for mover in movers.collect::<Vec<_>>() {
        match mover.await.unwrap() {
            Ok(_) => moved += 1,
            Err(error) => assert!(error.missed("webhook_endpoints.advance"), "{error}"),
        }
    }
    assert_eq!((moved, there(world).await.position), (1, 10));
    assert_eq!(claim(&world.store, &endpoint, at(1), 9).await.len(), 2);
}

async fn many_workers_hold_each_delivery_once(world: &World) {
    let endpoint = put(world, 60).await;
    let workers = (0..6).map(|_| {
        let (store, endpoint) = (world.again(), endpoint.clone());
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claims = claim(&store, &endpoint, at(1), 7).await;
                if claims.is_empty() {
                    return mine;
                }
                mine.extend(claims.into_iter().map(|claim| claim.event_id));
            }
        })
    });
    let mut all = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        all.extend(worker.await.unwrap());
    }
    // Whoever meets only rows that others are claiming stops; what is left is claimed afterwards.
    loop {
        let rest = claim(&world.store, &endpoint, at(1), 50).await;
        if rest.is_empty() {
            break;
        }
        all.extend(rest.into_iter().map(|claim| claim.event_id));
    }
    let distinct: BTreeSet<&EventId> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (60, 60));
}

async fn who_lost_the_lease_records_nothing(world: &World) {
    let endpoint = put(world, 1).await;
    let late = claim(&world.store, &endpoint, at(1), 9).await.remove(0);
    assert_eq!(claim(&world.store, &endpoint, at(100), 9).await, []);
    let holder = claim(&world.store, &endpoint, at(101), 9).await.remove(0);
    assert_ne!(late.lease_token, holder.lease_token);
    let record = async |claim: &Claim, state| {
        let made = attempt(claim, 1);
        run(&world.store, |tx| {
            deliveries::record(tx, claim, state, at(500), &made);
        })
        .await
    };
    let outcome = record(&late, DeliveryState::Delivered).await;
    assert!(outcome.unwrap_err().missed("webhook_deliveries.record"));
    let _done = record(&holder, DeliveryState::Pending).await.unwrap();
    assert!(there(world).await.failing_since.is_some());
    let due = deliveries::next_due(&world.store, &endpoint).await.unwrap();
    assert_eq!(due, Some(at(500)));
    let again = claim(&world.store, &endpoint, at(500), 9).await.remove(0);
    assert_eq!(again.attempts, 1);
    // A replay takes it out of anybody's hand.
    let replay = |tx: &mut Tx| deliveries::replay(tx, &mch(0), "we_1", &event(0), at(501));
    let _done = run(&world.store, replay).await.unwrap();
    assert!(record(&again, DeliveryState::Delivered).await.is_err());
    assert_eq!(
        claim(&world.store, &endpoint, at(501), 9).await[0].attempts,
        0
    );
}

async fn a_disabled_endpoint_is_enabled_with_what_waits_due(world: &World) {
    let endpoint = put(world, 1).await;
    let held = claim(&world.store, &endpoint, at(1), 9).await.remove(0);
    let disable = |tx: &mut Tx| {
        deliveries::record(
            tx,
            &held,
            DeliveryState::Pending,
            at(9_000),
            &attempt(&held, 1),
        );
        endpoints::disable(tx, &mch(0), "we_1", "gone", at(2));
    };
    let done = run(&world.store, disable).await.unwrap();
    assert_eq!(done.rows("webhook_endpoints.disable"), 1);
    let disabled = there(world).await;
    assert_eq!(
        (disabled.state, disabled.state_reason.as_str()),
        (EndpointState::Disabled, "gone")
    );
    let again = |tx: &mut Tx| endpoints::disable(tx, &mch(0), "we_1", "failing", at(3));
    let done = run(&world.store, again).await.unwrap();
    assert_eq!(done.rows("webhook_endpoints.disable"), 0);
    let enable = |tx: &mut Tx| {
        endpoints::enable(tx, &mch(0), "we_1", at(4));
        deliveries::resume(tx, &mch(0), "we_1", at(4));
    };
    let _done = run(&world.store, enable).await.unwrap();
    let enabled = there(world).await;
    assert_eq!(
        (enabled.state, enabled.failing_since),
        (EndpointState::Enabled, None)
    );
    assert_eq!(claim(&world.store, &endpoint, at(4), 9).await.len(), 1);
}

async fn old_attempts_and_finished_deliveries_are_pruned(world: &World) {
    let endpoint = put(world, 3).await;
    let mut held = claim(&world.store, &endpoint, at(1), 9).await;
    held.sort_by(|one, other| one.event_id.cmp(&other.event_id));
    for (number, claim) in (1..).zip(&held) {
        let state = match number {
            1 => DeliveryState::Delivered,
            2 => DeliveryState::Failed,
            _ => DeliveryState::Pending,
        };
        let made = attempt(claim, number);
        let record = |tx: &mut Tx| deliveries::record(tx, claim, state, at(9), &made);
        let _done = run(&world.store, record).await.unwrap();
    }
    let page = async |event: Option<&EventId>| {
        let page = webhook_attempts::page(&world.store, &mch(0), "we_1", event, None, 9).await;
        page.unwrap()
    };
    assert_eq!(page(Some(&event(1))).await, [attempt(&held[1], 2)]);
    let numbers: Vec<u32> = page(None).await.iter().map(|made| made.number).collect();
    assert_eq!(numbers, [3, 2, 1]);
    let pruned = webhook_attempts::prune(&world.store, &endpoint, at(3), 9).await;
    assert_eq!((pruned.unwrap(), page(None).await.len()), (2, 1));
    let pruned = deliveries::prune(&world.store, &endpoint, at(99), 9).await;
    assert_eq!(pruned.unwrap(), 2, "what is pending stays");
    assert_eq!(claim(&world.store, &endpoint, at(9), 9).await.len(), 1);
}
