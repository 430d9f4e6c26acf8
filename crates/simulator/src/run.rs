//! One seed: three virtual days in a fraction of a second.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use store::Tx;
use tokio::runtime::{Builder, Runtime};

use crate::{
    actors,
    audit::{self, Violation},
    logs::Listening,
    platform,
    seams::{Process, Still},
    shop::{API_KEY, GOODS_MAX},
    time::{EPOCH, MachineClock},
    trace::say,
    weather::{Fault, Without},
    world::{Size, World},
};

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Decides everything.
    pub seed: u64,
    /// How much of it.
    pub size: Size,
    /// What is left out of its weather.
    pub without: Without,
    /// Whether the words of the trace are kept.
    pub keep_trace: bool,
}

impl Run {
    /// A seed in the usual size.
    pub fn of(seed: u64) -> Self {
        Self {
            seed,
            size: Size::default(),
            without: Without::default(),
            keep_trace: false,
        }
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Of every line of the trace.
    pub trace_hash: u64,
    /// The lines, if they were kept.
    pub trace: String,
    /// What must not be; `None` is good.
    pub violation: Option<Violation>,
    /// How often each fault struck.
    pub faults: BTreeMap<Fault, u64>,
    /// Whether parts were clogged.
    pub swizzled: bool,
    /// How many orders were placed.
    pub orders: u64,
    /// How many were paid.
    pub paid: u64,
    /// How many refunds there were.
    pub refunds: u64,
}

/// How many buyers there are.
const BUYERS: u32 = 8;

/// Runs a seed to its end or to its first violation.
///
/// # Errors
/// When the simulator itself cannot start.
pub fn run(run: &Run) -> anyhow::Result<Outcome> {
    let runtime = runtime()?;
    let world = Arc::new(runtime.block_on(async { World::new(run) })?);
    let outcome = runtime.block_on(simulate(run, &world));
    end(runtime, &world);
    outcome
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
}

/// The world holds its servers, and each server the world: somebody has to let go.
fn end(runtime: Runtime, world: &World) {
    drop(runtime);
    world.ends();
}

async fn simulate(run: &Run, world: &Arc<World>) -> anyhow::Result<Outcome> {
    let listening = run.keep_trace.then(Listening::begin);
    set_up(world).await?;
    let horizon = run.size.storm.saturating_add(run.size.settle);
    let whole = async {
        actors_begin(world).await;
        world.time.sleep_until(EPOCH.plus(horizon)).await;
    };
    tokio::select! {
        biased;
        () = world.until_violated() => {}
        () = whole => {
            if let Err(violation) = audit::settled(world) {
                world.fail(violation);
            }
        }
    }
    if let Some(Err(violation)) = listening.map(|heard| heard.check(&secrets(world))) {
        world.fail(violation);
    }
    Ok(outcome(world))
}

/// Tables and goods, before anything goes wrong.
async fn set_up(world: &Arc<World>) -> anyhow::Result<()> {
    let store = world.memory.store("setup", Arc::new(Still));
    store.migrate(world.time.now()).await?;
    let clock = MachineClock::new(world.time);
    let process = Process::new(world.clone(), "setup".to_owned(), clock);
    let mut tx = Tx::new("stock_the_shelves");
    world.shop.goods(&mut tx, &process);
    let _durable = store.run(tx).await?;
    Ok(())
}

/// Everybody begins; the buyers as soon as the merchant's system is told of events.
async fn actors_begin(world: &Arc<World>) {
    let replicas = 1 + world.chance.named("replicas").index(2);
    let clocks: Vec<_> = (0..replicas)
        .map(|_| MachineClock::new(world.time))
        .collect();
    for (replica, clock) in clocks.iter().enumerate() {
        tokio::spawn(actors::keep_running(world.clone(), replica, clock.clone()));
    }
    tokio::spawn(actors::send_notifications(world.clone()));
    world.time.sleep(Duration::from_secs(1)).await;
    actors::register_webhook(world).await;
    tokio::spawn(actors::strike(world.clone(), clocks));
    tokio::spawn(actors::write_bills(world.clone()));
    tokio::spawn(actors::change_the_key(world.clone()));
    tokio::spawn(actors::follow_events(world.clone()));
    tokio::spawn(actors::run_the_shop(world.clone()));
    let orders = world.size.orders.min(GOODS_MAX);
    for buyer in 0..BUYERS {
        let goods = (0..orders)
            .filter(|number| number % BUYERS == buyer)
            .collect();
        let name = platform::buyer(world, buyer);
        tokio::spawn(actors::go_shopping(world.clone(), name, goods));
    }
}

/// What no log may contain.
fn secrets(world: &World) -> Vec<(&'static str, String)> {
    let merchant = world.platform.merchant();
    let openids = world.look("SELECT DISTINCT openid FROM orders", &[]);
    let openids = openids.into_iter().flatten();
    let mut secrets: Vec<_> = openids.map(|openid| ("an openid", openid)).collect();
    secrets.extend([
        ("the API key", API_KEY.to_owned()),
        ("the APIv3 key", merchant.api_v3_key),
        ("the former APIv3 key", world.shop.first_api_v3_key.clone()),
        ("an app's secret", merchant.app_secret),
        ("a private key", merchant.private_key_pem),
    ]);
    let tokens = world.intents.tokens();
    secrets.extend(tokens.into_iter().map(|token| ("a session", token)));
    secrets
}

fn outcome(world: &World) -> Outcome {
    let count = |sql| {
        let counted = world.look_one(sql, &[]);
        counted
            .and_then(|count| count.parse().ok())
            .unwrap_or_default()
    };
    let orders = count("SELECT COUNT(*) FROM orders");
    let paid = count("SELECT COUNT(*) FROM orders WHERE transaction_id IS NOT NULL");
    let refunds = count("SELECT COUNT(*) FROM refunds");
    say!(
        world.trace,
        "end",
        "{orders} orders, {paid} paid, {refunds} refunds"
    );
    Outcome {
        trace_hash: world.trace.hash(),
        trace: world.trace.text(),
        violation: world.violation(),
        faults: world.weather.counts(),
        swizzled: world.weather.has_clogs(),
        orders,
        paid,
        refunds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten thousand seeds go through one process: what each leaves behind adds up.
    #[test]
    fn nothing_of_a_seed_stays_in_memory() {
        let short = Run {
            size: Size {
                orders: 4,
                storm: Duration::from_secs(3600),
                settle: Duration::from_secs(86_400),
            },
            ..Run::of(1)
        };
        let runtime = runtime().unwrap();
        let world = Arc::new(runtime.block_on(async { World::new(&short) }).unwrap());
        let outcome = runtime.block_on(simulate(&short, &world)).unwrap();
        assert_eq!(outcome.violation, None);
        let left = Arc::downgrade(&world);
        end(runtime, &world);
        drop(world);
        assert!(left.upgrade().is_none(), "something still holds the world");
    }
}
