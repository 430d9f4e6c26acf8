//! A server and its supervisor: it starts, works, dies, and is started again.

use std::{sync::Arc, time::Duration};

use domain::{Clock as _, Millis};
use futures_util::future::join_all;
use server::jobs::{Work, kind};

use crate::{
    audit::Violation,
    chance::Chance,
    seams::Process,
    time::MachineClock,
    trace::say,
    world::{Running, World},
};

/// A supervisor that restarted a server this often would have called somebody.
const LIVES_MAX: u32 = 500;

/// With nothing due, the jobs look this often all the same.
const LOOK_EVERY: Duration = Duration::from_secs(2 * 3600);

/// How often certificates are fetched, bills are looked for, and old rows thrown away.
const UPKEEP_EVERY: Duration = Duration::from_secs(3 * 3600);

/// Keeps one replica running for ever.
pub(crate) async fn keep_running(world: Arc<World>, replica: usize, clock: MachineClock) {
    let chance = world.chance.named(&format!("supervisor {replica}"));
    for life in 1..=LIVES_MAX {
        let name = format!("server{replica}.{life}");
        let process = Arc::new(Process::new(world.clone(), name, clock.clone()));
        let running = match world.shop.start(&world, process.clone()) {
            Ok(running) => Arc::new(running),
            Err(error) => {
                let what = format!("a server does not start: {error:#}");
                return world.fail(Violation::new("I0", what, None));
            }
        };
        say!(world.trace, process.name, "starts");
        tokio::spawn(live(world.clone(), replica, running));
        process.death().await;
        world.is_down(replica);
        world.time.sleep(chance.seconds(1, 60)).await;
    }
    let what = format!("replica {replica} died {LIVES_MAX} times");
    world.fail(Violation::new("I12", what, None));
}

async fn live(world: Arc<World>, replica: usize, running: Arc<Running>) {
    let chance = world
        .chance
        .named(&format!("jobs {}", running.process.name));
    while let Err(error) = running.app.introduce_merchants().await {
        say!(world.trace, running.process.name, "cannot begin: {error}");
        world.time.sleep(Duration::from_secs(2)).await;
    }
    world.is_up(replica, running.clone());
    let mut upkeep_at = world.time.now();
    loop {
        let now = world.time.now();
        let upkeep = now >= upkeep_at;
        if upkeep {
            upkeep_at = now.plus(UPKEEP_EVERY);
        }
        work(&world, &running, &due(&world, &running, upkeep)).await;
        rest(&world, &running, &chance).await;
    }
}

/// What there is to do, so that looking in vain does not cost a simulation its time.
fn due(world: &World, running: &Running, upkeep: bool) -> Vec<Work> {
    let now = running.process.clock.now();
    let mut works = Vec::new();
    if upkeep {
        works.extend([
            Work::RefreshKeys,
            Work::Recall,
            Work::Reconcile,
            Work::Prune,
        ]);
    }
    for row in world.look("SELECT kind, MIN(due_at) FROM jobs GROUP BY kind", &[]) {
        let [job, at] = row.as_slice() else { continue };
        if at.parse::<i64>().is_ok_and(|at| at <= now.0) {
            works.extend(match job.as_str() {
                kind::POLL => Some(Work::PollPending),
                kind::CLOSE => Some(Work::CloseExpired),
                kind::REFUND => Some(Work::PursueRefunds),
                kind::RECONCILE => Some(Work::Reconcile),
                _ => None,
            });
        }
    }
    if webhooks_due(world, now) {
        works.push(Work::DeliverWebhooks);
    }
    works
}

fn webhooks_due(world: &World, now: Millis) -> bool {
    let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE position IS NULL)
        OR EXISTS (SELECT 1 FROM webhook_endpoints e, event_positions p
            WHERE e.position < p.last_position)
        OR EXISTS (SELECT 1 FROM webhook_deliveries
            WHERE state = 'pending' AND due_at <= CAST($1 AS INTEGER))";
    let now = now.0.to_string();
    world.look_one(sql, &[&now]).is_some_and(|any| any == "1")
}

async fn work(world: &World, running: &Running, works: &[Work]) {
    let each = works.iter().map(|work| async move {
        if let Err(error) = work.run(&running.app).await {
            say!(
                world.trace,
                running.process.name,
                "{work:?} fails: {error:#}"
            );
        }
    });
    join_all(each).await;
}

/// Until something is due, or something happened.
async fn rest(world: &World, running: &Running, chance: &Chance) {
    let sql = "SELECT MIN(at) FROM (SELECT MIN(due_at) AS at FROM jobs
        UNION ALL SELECT MIN(due_at) FROM webhook_deliveries WHERE state = 'pending')";
    let next = world.look_one(sql, &[]).and_then(|at| at.parse().ok());
    let now = running.process.clock.now();
    let until_due = next.map_or(LOOK_EVERY, |at| Millis(at).since(now));
    let nap = until_due.clamp(chance.millis(500, 3000), LOOK_EVERY);
    tokio::select! {
        biased;
        () = world.activity.notified() => world.time.sleep(chance.millis(500, 5000)).await,
        () = world.time.sleep(nap) => {}
    }
}
