use domain::{
    BillDay, TransactionId,
    reconcile::{Difference, DifferenceKind, DifferenceState, Subject},
};
use store::{
    Store, Tx, outbox,
    reconciliations::{
        self, Reconciliation, RunState,
        differences::{self, Listed, Of, Seen},
    },
};

use crate::{
    samples::{at, fen, mch, order},
    world::{World, for_each_engine},
};

for_each_engine! {
    a_run_that_is_done_stays_done_and_is_replaced_by_a_newer_one
    runs_come_newest_first
    a_difference_is_listed_and_announced_once_however_many_find_it
    what_waits_is_announced_when_the_wait_ends_and_once
    what_is_settled_and_found_again_is_open_again_and_not_announced_again
    what_a_run_does_not_find_again_is_settled
    what_a_run_found_stays_whatever_its_clock_does
    differences_come_in_pages
    a_stray_is_found_by_day
}

fn day(text: &str) -> BillDay {
    BillDay::parse(text).unwrap()
}

const DAY: &str = "2026-11-22";

fn difference(payment: &str, kind: DifferenceKind) -> Difference {
    Difference {
        subject: Subject::payment(TransactionId::new(payment).unwrap()),
        order_no: order(1).order_no.into(),
        kind,
    }
}

fn unknown(payment: &str) -> Difference {
    difference(payment, DifferenceKind::Unknown { billed: fen(5) })
}

fn missing(payment: &str) -> Difference {
    difference(payment, DifferenceKind::Missing { booked: fen(5) })
}

/// Adds to a transaction about merchant 0 and [`DAY`], and runs it; how many it announced.
async fn run(store: &Store, add: impl FnOnce(&mut Tx, Of<'_>)) -> u64 {
    let mch_id = mch(0);
    let of = Of {
        mch_id: &mch_id,
        day: day(DAY),
    };
    let mut tx = Tx::new("reconcile");
    add(&mut tx, of);
    let done = store.run(tx).await.unwrap();
    done.rows("differences.announce")
}

async fn listed(world: &World) -> Vec<Listed> {
    let mch_id = mch(0);
    let of = Of {
        mch_id: &mch_id,
        day: day(DAY),
    };
    let start = differences::Place::default();
    differences::page(&world.store, of, &start, 100)
        .await
        .unwrap()
}

async fn states(world: &World) -> Vec<DifferenceState> {
    listed(world)
        .await
        .iter()
        .map(|listed| listed.state)
        .collect()
}

async fn announced(world: &World) -> Vec<serde_json::Value> {
    let events = outbox::page(&world.store, &mch(0), None, at(1_000_000), 100)
        .await
        .unwrap();
    let events = events.into_iter();
    events
        .filter(|event| event.kind == "reconciliation.difference")
        .map(|event| serde_json::from_str(&event.data).unwrap())
        .collect()
}

fn reconciliation(day_of: &str, state: RunState, millis: i64) -> Reconciliation {
    Reconciliation {
        mch_id: mch(0),
        day: day(day_of),
        state,
        rows: millis,
        unreadable: 0,
        payments_fen: 70_000_000_000,
        refunds_fen: 5,
        detail: "why".into(),
        at: at(millis),
    }
}

async fn record(world: &World, run: &Reconciliation) {
    let mut tx = Tx::new("reconcile");
    match run.state {
        RunState::Done => reconciliations::finish(&mut tx, run),
        RunState::Failed => reconciliations::fail(&mut tx, run),
    }
    let _done = world.store.run(tx).await.unwrap();
}

async fn a_run_that_is_done_stays_done_and_is_replaced_by_a_newer_one(world: &World) {
    let get = async || {
        reconciliations::get(&world.store, &mch(0), day(DAY))
            .await
            .unwrap()
    };
    assert_eq!(get().await, None);
    let failed = reconciliation(DAY, RunState::Failed, 1);
    record(world, &failed).await;
    assert_eq!(get().await, Some(failed));
    let latest = reconciliations::latest(&world.store, &mch(0)).await;
    assert_eq!(latest.unwrap(), None, "a failed run is none");
    for millis in [2, 3] {
        let done = reconciliation(DAY, RunState::Done, millis);
        record(world, &done).await;
        record(world, &reconciliation(DAY, RunState::Failed, 9)).await;
        assert_eq!(get().await, Some(done));
    }
    let latest = reconciliations::latest(&world.store, &mch(0)).await;
    assert_eq!(latest.unwrap(), Some(day(DAY)));
    let others = reconciliations::get(&world.store, &mch(1), day(DAY)).await;
    assert_eq!(others.unwrap(), None);
}

async fn runs_come_newest_first(world: &World) {
    for (date, millis) in [("2026-11-21", 1), ("2026-11-23", 3), ("2026-11-22", 2)] {
        record(world, &reconciliation(date, RunState::Done, millis)).await;
    }
    let page = async |before: Option<&str>| {
        let page = reconciliations::page(&world.store, &mch(0), before.map(day), 2)
            .await
            .unwrap();
        let page = page.into_iter();
        page.map(|run| run.day.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(page(None).await, ["2026-11-23", "2026-11-22"]);
    assert_eq!(page(Some("2026-11-22")).await, ["2026-11-21"]);
}

/// By a run that began then.
fn seen(millis: i64) -> Seen {
    let begun = at(millis);
    Seen { begun, now: begun }
}

async fn a_difference_is_listed_and_announced_once_however_many_find_it(world: &World) {
    let tasks: Vec<_> = (0..16)
        .map(|millis| {
            let store = world.store.clone();
            tokio::spawn(async move {
                run(&store, |tx, of| {
                    differences::insert(tx, of, &unknown("1"), false, seen(millis));
                    differences::insert(tx, of, &unknown("2"), false, seen(millis));
                })
                .await
            })
        })
        .collect();
    let mut count = 0;
    for task in tasks {
        count += task.await.unwrap();
    }
    assert_eq!(count, 2);
    let listed = listed(world).await;
    let found: Vec<_> = listed.iter().map(|listed| &listed.difference).collect();
    assert_eq!(found, [&unknown("1"), &unknown("2")]);
    assert_eq!(states(world).await, [DifferenceState::Open; 2]);
    let announced = announced(world).await;
    assert_eq!(announced.len(), 2);
    for event in announced {
        assert_eq!(event["kind"], "payment_unknown");
        assert_eq!(
            (&event["bill_date"], &event["billed_fen"]),
            (&DAY.into(), &5.into())
        );
    }
}

async fn what_waits_is_announced_when_the_wait_ends_and_once(world: &World) {
    let waits = async |millis| {
        let insert = |tx: &mut Tx, of: Of<'_>| {
            differences::insert(tx, of, &missing("1"), true, seen(millis));
        };
        run(&world.store, insert).await
    };
    let open = async |millis| {
        let open = |tx: &mut Tx, of: Of<'_>| differences::open(tx, of, &missing("1"), at(millis));
        run(&world.store, open).await
    };
    assert_eq!((waits(1).await, waits(2).await), (0, 0));
    assert_eq!(states(world).await, [DifferenceState::Waiting]);
    assert_eq!((open(3).await, open(3).await, open(4).await), (1, 0, 0));
    assert_eq!(states(world).await, [DifferenceState::Open]);
    assert_eq!(announced(world).await.len(), 1);
    // Found again by a run that would let it wait.
    assert_eq!(waits(5).await, 0);
    assert_eq!(states(world).await, [DifferenceState::Open]);
}

async fn what_is_settled_and_found_again_is_open_again_and_not_announced_again(world: &World) {
    let found = async |millis| {
        let insert = |tx: &mut Tx, of: Of<'_>| {
            differences::insert(tx, of, &unknown("1"), false, seen(millis));
        };
        run(&world.store, insert).await
    };
    assert_eq!(found(1).await, 1);
    run(&world.store, |tx, of| {
        differences::settle(tx, of, &unknown("1"), at(2));
    })
    .await;
    let settled = listed(world).await.remove(0);
    assert_eq!(settled.state, DifferenceState::Settled);
    assert_eq!((settled.found_at, settled.settled_at), (at(1), Some(at(2))));
    assert_eq!(found(3).await, 0);
    let again = listed(world).await.remove(0);
    assert_eq!(
        (again.state, again.settled_at),
        (DifferenceState::Open, None)
    );
    assert_eq!(announced(world).await.len(), 1);
}

async fn what_a_run_does_not_find_again_is_settled(world: &World) {
    run(&world.store, |tx, of| {
        differences::insert(tx, of, &unknown("1"), false, seen(1));
        differences::insert(tx, of, &unknown("2"), false, seen(1));
    })
    .await;
    run(&world.store, |tx, of| {
        differences::insert(tx, of, &unknown("2"), false, seen(10));
        differences::settle_unseen(tx, of, at(10), at(11));
    })
    .await;
    let expected = [DifferenceState::Settled, DifferenceState::Open];
    assert_eq!(states(world).await, expected);
}

/// The clock of the run is set back between its beginning and its end.
async fn what_a_run_found_stays_whatever_its_clock_does(world: &World) {
    run(&world.store, |tx, of| {
        differences::insert(tx, of, &unknown("1"), false, seen(1));
        differences::insert(tx, of, &unknown("2"), false, seen(1));
    })
    .await;
    run(&world.store, |tx, of| {
        let now = Seen {
            begun: at(10),
            now: at(5),
        };
        differences::insert(tx, of, &unknown("2"), false, now);
        differences::insert(tx, of, &unknown("3"), false, now);
        differences::settle_unseen(tx, of, at(10), at(6));
    })
    .await;
    let expected = [
        DifferenceState::Settled,
        DifferenceState::Open,
        DifferenceState::Open,
    ];
    assert_eq!(states(world).await, expected);
}

async fn differences_come_in_pages(world: &World) {
    run(&world.store, |tx, of| {
        for payment in ["1", "2", "3"] {
            differences::insert(tx, of, &unknown(payment), false, seen(1));
            differences::insert(tx, of, &missing(payment), true, seen(1));
        }
    })
    .await;
    let (mch_id, mut place, mut found) = (mch(0), differences::Place::default(), Vec::new());
    let of = Of {
        mch_id: &mch_id,
        day: day(DAY),
    };
    loop {
        let page = differences::page(&world.store, of, &place, 4)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        place = last.place();
        found.extend(page.into_iter().map(|listed| {
            let number = listed.difference.subject.number().to_owned();
            (listed.difference.kind_name(), number)
        }));
    }
    let mut expected = Vec::new();
    for kind in ["payment_missing", "payment_unknown"] {
        expected.extend(["1", "2", "3"].map(|payment| (kind, payment.to_owned())));
    }
    assert_eq!(found, expected);
    let start = differences::Place::default();
    let waiting = differences::in_state(&world.store, of, DifferenceState::Waiting, &start, 9);
    assert_eq!(waiting.await.unwrap().len(), 3);
}

async fn a_stray_is_found_by_day(world: &World) {
    let subject = Subject::payment(TransactionId::new("1").unwrap());
    let mut tx = Tx::new("reconcile");
    for _ in 0..2 {
        reconciliations::insert_stray(&mut tx, &mch(0), &subject, day(DAY));
    }
    let _done = world.store.run(tx).await.unwrap();
    let is_stray = async |from: &str, to: &str| {
        let days = (day(from), day(to));
        reconciliations::is_stray(&world.store, &mch(0), &subject, days)
            .await
            .unwrap()
    };
    assert!(is_stray("2026-11-22", "2026-11-22").await);
    assert!(is_stray("2026-11-21", "2026-11-23").await);
    assert!(!is_stray("2026-11-23", "2026-11-24").await);
    let other = Subject::payment(TransactionId::new("2").unwrap());
    let days = (day(DAY), day(DAY));
    let found = reconciliations::is_stray(&world.store, &mch(0), &other, days).await;
    assert!(!found.unwrap());
}
