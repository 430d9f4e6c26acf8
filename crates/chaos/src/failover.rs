//! The primary of a PostgreSQL dies under load, its synchronous standby is promoted, and later the
//! old primary comes back as if nothing had happened.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use pg_cluster::Cluster;

use crate::audit::{Verdict, audit};
use crate::chance::Chance;
use crate::clock::{Stopwatch, pause, until};
use crate::database::{Database, psql};
use crate::stage::{Pace, Setup, Stage};
use crate::storm::Gathered;

/// A standby has caught up within seconds.
const SYNC_LIMIT: Duration = Duration::from_secs(60);
/// Until the first order is acknowledged by the new primary: connections to the dead one have to be
/// given up first.
const FOLLOW_LIMIT: Duration = Duration::from_secs(90);
const REPLICAS: usize = 2;
const DATABASE: &str = "shop";

/// A primary and a standby that has everything which was ever acknowledged.
#[derive(Debug)]
pub struct Pair {
    pub primary: Cluster,
    pub standby: Cluster,
}

impl Pair {
    /// Starts both, with the shop's tables.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or does not start.
    pub async fn start() -> Result<Self> {
        let primary = tokio::task::spawn_blocking(Cluster::start).await??;
        Database::on_postgres(&primary.url(), DATABASE).await?;
        let primary = Arc::new(primary);
        let of = primary.clone();
        let standby = tokio::task::spawn_blocking(move || of.start_standby()).await??;
        until("the standby to be in step", SYNC_LIMIT, async || {
            let state = "SELECT sync_state FROM pg_stat_replication";
            let state = psql(&primary.url(), state).await?;
            Ok((state == "sync").then_some(()))
        })
        .await?;
        let primary = Arc::into_inner(primary).context("somebody still starts a standby")?;
        Ok(Self { primary, standby })
    }

    /// The URL that follows a failover.
    pub fn database(&self) -> Database {
        let (first, second) = (self.primary.host(), self.standby.host());
        Database::Postgres(format!("postgres://postgres@{first},{second}/{DATABASE}"))
    }

    fn url_of(cluster: &Cluster) -> String {
        format!("postgres://postgres@{}/{DATABASE}", cluster.host())
    }
}

/// What came of a failover.
#[derive(Debug)]
pub struct Followed {
    /// From the promotion to the first order that was acknowledged again, without any restart.
    pub following: Duration,
    /// Orders that the old primary holds for itself after it came back: what it had taken, and
    /// nobody had acknowledged. It must not grow.
    pub taken_by_old: i64,
    pub verdict: Verdict,
}

/// Load for three times `part`: before the death, after the promotion, and with the old primary
/// back.
///
/// # Errors
/// When the server does not follow, or the old primary takes a write.
pub async fn fail_over(
    pair: Pair,
    server: std::path::PathBuf,
    clients: usize,
    part: Duration,
    seed: u64,
    mut tell: impl FnMut(&str),
) -> Result<Followed> {
    let setup = Setup {
        server,
        database: Some(pair.database()),
        replicas: REPLICAS,
        pace: Pace::Brisk,
    };
    let stage = Stage::set(&setup).await?;
    stage.start().await?;
    let mut chance = Chance::new(seed);
    let crowd = Gathered::start(&stage, clients, &mut chance);
    pause(part).await;

    tell("kill -9 of the primary under load, and promotion of its standby");
    pair.primary.kill_9()?;
    let promoted = Stopwatch::start();
    pair.standby.promote()?;
    let following = acknowledged_again(&stage, promoted).await?;
    pause(part).await;

    tell("the old primary comes back as it was, and believes that it is one");
    pair.primary.restart()?;
    let before = orders_in(&pair.primary).await?;
    pause(part).await;
    let taken_by_old = orders_in(&pair.primary).await?;
    ensure!(
        taken_by_old == before,
        "the old primary took {} orders after it came back",
        taken_by_old - before
    );
    pair.primary.kill_9()?;
    let follower = crowd.go_home().await?;
    Ok(Followed {
        following,
        taken_by_old,
        verdict: audit(&stage, follower).await?,
    })
}

/// Waits for a new order to be acknowledged.
async fn acknowledged_again(stage: &Stage, since: Stopwatch) -> Result<Duration> {
    let placed = |stage: &Stage| {
        let entries = stage.history.entries();
        entries
            .iter()
            .filter(|entry| matches!(entry, crate::history::Entry::ToldOrder { .. }))
            .count()
    };
    let before = placed(stage);
    until(
        "an order to be acknowledged after the promotion",
        FOLLOW_LIMIT,
        async || Ok((placed(stage) > before).then_some(())),
    )
    .await?;
    Ok(since.elapsed())
}

async fn orders_in(cluster: &Cluster) -> Result<i64> {
    let url = Pair::url_of(cluster);
    Ok(psql(&url, "SELECT COUNT(*) FROM orders").await?.parse()?)
}
