use std::{collections::BTreeSet, time::Duration};

use domain::{MchId, Millis};
use store::{
    Store, Tx,
    jobs::{self, Job},
};

use crate::{
    samples::{at, mch},
    world::{World, for_each_engine},
};

for_each_engine! {
    a_job_is_claimed_when_it_is_due
    a_job_in_hand_is_nobody_elses_until_the_lease_runs_out
    a_holder_who_lost_the_lease_changes_nothing
    a_job_is_given_back_for_later
    a_job_can_be_ended_by_anybody
    a_job_put_again_is_due_at_the_earlier_time
    a_job_is_woken
    k05_a_job_that_was_put_off_before_the_clock_was_set_back_is_recalled
    the_longest_due_come_first_and_within_the_limit
    many_workers_claim_each_job_once
    kinds_and_merchants_do_not_mix
}

const LEASE: Duration = Duration::from_millis(100);

async fn put(world: &World, subject: &str, due_at: i64) {
    let mut tx = Tx::new("place_order");
    jobs::put(&mut tx, &mch(0), "poll", subject, at(due_at));
    let _done = world.store.run(tx).await.unwrap();
}

async fn claim_of(store: &Store, mch_id: &MchId, now: Millis, limit: u32) -> Vec<Job> {
    jobs::claim(store, mch_id, "poll", now, LEASE, limit)
        .await
        .unwrap()
}

async fn claim(world: &World, now: i64) -> Vec<Job> {
    claim_of(&world.store, &mch(0), at(now), 10).await
}

fn subjects(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|job| job.subject.as_str()).collect()
}

/// Runs one statement and says how many rows it changed.
async fn run(world: &World, name: &str, add: impl FnOnce(&mut Tx)) -> u64 {
    let mut tx = Tx::new("work");
    add(&mut tx);
    world.store.run(tx).await.unwrap().rows(name)
}

async fn next_due(world: &World) -> Option<Millis> {
    jobs::next_due(&world.store, &mch(0), "poll").await.unwrap()
}

async fn a_job_is_claimed_when_it_is_due(world: &World) {
    assert_eq!(next_due(world).await, None);
    put(world, "o1", 50).await;
    assert_eq!(next_due(world).await, Some(at(50)));
    assert_eq!(claim(world, 49).await, []);
    let claimed = claim(world, 50).await;
    assert_eq!(subjects(&claimed), ["o1"]);
    assert_eq!((claimed[0].attempts, claimed[0].kind), (1, "poll"));
    assert_eq!(claimed[0].mch_id, mch(0));
}

async fn a_job_in_hand_is_nobody_elses_until_the_lease_runs_out(world: &World) {
    put(world, "o1", 0).await;
    let first = claim(world, 10).await;
    assert_eq!(claim(world, 109).await, []);
    assert_eq!(next_due(world).await, Some(at(110)));
    let second = claim(world, 110).await;
    assert_eq!((subjects(&second), second[0].attempts), (vec!["o1"], 2));
    assert_ne!(first[0].lease_token, second[0].lease_token);
}

async fn a_holder_who_lost_the_lease_changes_nothing(world: &World) {
    put(world, "o1", 0).await;
    let late = claim(world, 10).await.remove(0);
    let holder = claim(world, 200).await.remove(0);
    assert_eq!(
        run(world, "jobs.finish", |tx| jobs::finish(tx, &late)).await,
        0
    );
    let reschedule = |tx: &mut Tx| jobs::reschedule(tx, &late, at(999));
    assert_eq!(run(world, "jobs.reschedule", reschedule).await, 0);
    assert_eq!(next_due(world).await, Some(at(300)));
    assert_eq!(
        run(world, "jobs.finish", |tx| jobs::finish(tx, &holder)).await,
        1
    );
    assert_eq!(next_due(world).await, None);
}

async fn a_job_is_given_back_for_later(world: &World) {
    put(world, "o1", 0).await;
    let job = claim(world, 10).await.remove(0);
    let reschedule = |tx: &mut Tx| jobs::reschedule(tx, &job, at(20));
    assert_eq!(run(world, "jobs.reschedule", reschedule).await, 1);
    assert_eq!(claim(world, 19).await, []);
    assert_eq!(claim(world, 20).await[0].attempts, 2);
    // Given back once is given back.
    assert_eq!(
        run(world, "jobs.finish", |tx| jobs::finish(tx, &job)).await,
        0
    );
}

async fn a_job_can_be_ended_by_anybody(world: &World) {
    put(world, "o1", 0).await;
    let job = claim(world, 10).await.remove(0);
    let remove = |tx: &mut Tx| jobs::remove(tx, &mch(0), "poll", "o1");
    assert_eq!(run(world, "jobs.remove", remove).await, 1);
    let reschedule = |tx: &mut Tx| jobs::reschedule(tx, &job, at(20));
    assert_eq!(run(world, "jobs.reschedule", reschedule).await, 0);
    assert_eq!(next_due(world).await, None);
}

async fn a_job_put_again_is_due_at_the_earlier_time(world: &World) {
    put(world, "o1", 50).await;
    put(world, "o1", 80).await;
    assert_eq!(next_due(world).await, Some(at(50)));
    put(world, "o1", 20).await;
    assert_eq!(next_due(world).await, Some(at(20)));
}

async fn a_job_is_woken(world: &World) {
    put(world, "o1", 50).await;
    let wake = |millis| move |tx: &mut Tx| jobs::wake(tx, &mch(0), "poll", "o1", at(millis));
    assert_eq!(run(world, "jobs.wake", wake(60)).await, 0);
    assert_eq!(run(world, "jobs.wake", wake(5)).await, 1);
    assert_eq!(subjects(&claim(world, 5).await), ["o1"]);
    // In hand: stays there.
    assert_eq!(run(world, "jobs.wake", wake(6)).await, 1);
    assert_eq!(claim(world, 7).await, []);
    assert_eq!(claim(world, 105).await[0].attempts, 2);
    let nothing = |tx: &mut Tx| jobs::wake(tx, &mch(0), "poll", "o2", at(1));
    assert_eq!(run(world, "jobs.wake", nothing).await, 0);
}

async fn the_longest_due_come_first_and_within_the_limit(world: &World) {
    for (subject, due_at) in [("o3", 30), ("o1", 10), ("o2", 20), ("o4", 40)] {
        put(world, subject, due_at).await;
    }
    let mut first = claim_of(&world.store, &mch(0), at(99), 2).await;
    first.sort_by(|a, b| a.subject.cmp(&b.subject));
    assert_eq!(subjects(&first), ["o1", "o2"]);
    assert_eq!(claim(world, 99).await.len(), 2);
}

async fn many_workers_claim_each_job_once(world: &World) {
    let mut tx = Tx::new("place_order");
    for number in 0..200 {
        jobs::put(&mut tx, &mch(0), "poll", &format!("o{number}"), at(0));
    }
    let _done = world.store.run(tx).await.unwrap();
    let workers: Vec<_> = (0..8)
        .map(|_| {
            // Each is a process of its own.
            let store = world.again();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let jobs = claim_of(&store, &mch(0), at(1), 10).await;
                    if jobs.is_empty() {
                        return mine;
                    }
                    mine.extend(jobs.into_iter().map(|job| job.subject));
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.unwrap());
    }
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!(distinct.len(), all.len(), "a job was claimed twice");
    // A worker who meets only rows that others hold stops; what is left is claimed afterwards.
    loop {
        let rest = claim(world, 1).await;
        if rest.is_empty() {
            break;
        }
        all.extend(rest.into_iter().map(|job| job.subject));
    }
    assert_eq!(all.len(), 200);
}

async fn kinds_and_merchants_do_not_mix(world: &World) {
    let mut tx = Tx::new("place_order");
    jobs::put(&mut tx, &mch(0), "poll", "o1", at(0));
    jobs::put(&mut tx, &mch(0), "close", "o1", at(0));
    let _done = world.store.run(tx).await.unwrap();
    let mut tx = Tx::new("place_order");
    jobs::put(&mut tx, &mch(1), "poll", "o1", at(0));
    let _done = world.store.run(tx).await.unwrap();
    assert_eq!(claim(world, 1).await.len(), 1);
    assert_eq!(claim(world, 1).await.len(), 0);
    assert_eq!(claim_of(&world.store, &mch(1), at(1), 9).await.len(), 1);
    let close = jobs::claim(&world.store, &mch(0), "close", at(1), LEASE, 9)
        .await
        .unwrap();
    assert_eq!(close.len(), 1);
}

/// After the clock was set back, a lease that ends too far ahead is taken away, its holder's late
/// write changes nothing, and a job due in another age is due now; what waits honestly waits on.
async fn k05_a_job_that_was_put_off_before_the_clock_was_set_back_is_recalled(world: &World) {
    put(world, "in-hand", 10_000).await;
    let late = claim(world, 10_000).await.remove(0);
    put(world, "in-another-age", 9_000_000).await;
    put(world, "honest", 5_000).await;
    let longest_wait = Duration::from_secs(60);
    let recall = |now| {
        jobs::recall(
            &world.store,
            &late.mch_id,
            "poll",
            at(now),
            LEASE,
            longest_wait,
        )
    };
    assert_eq!(
        recall(10_000).await.unwrap(),
        1,
        "only the one of another age"
    );
    let claimed = claim(world, 10_000).await;
    assert_eq!(subjects(&claimed), ["honest", "in-another-age"]);
    let mut tx = Tx::new("give_back");
    jobs::reschedule(&mut tx, &claimed[0], at(5_000));
    jobs::finish(&mut tx, &claimed[1]);
    let _done = world.store.run(tx).await.unwrap();

    assert_eq!(claim(world, 1_000).await, [], "set back by nine seconds");
    assert_eq!(recall(1_000).await.unwrap(), 1);
    let finish = |tx: &mut Tx| jobs::finish(tx, &late);
    assert_eq!(run(world, "jobs.finish", finish).await, 0);
    assert_eq!(subjects(&claim(world, 1_000).await), ["in-hand"]);
}
