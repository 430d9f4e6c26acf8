//! Death at every point at which something has just become durable or visible, and the next thing
//! has not: the journey is played once to count the points, and then once for each of them.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use futures_util::stream::{self, StreamExt};

use crate::audit::audit;
use crate::database::{Database, psql};
use crate::faults::{Action, Fault, calls};
use crate::journey;
use crate::load::Follower;
use crate::stage::{Pace, Setup, Stage};

/// Journeys at the same time: most of each is waiting.
const AT_ONCE: usize = 4;
const FILES: &str = "shop.db";

/// Where the books are kept, and how a journey gets fresh ones.
#[derive(Clone, Debug)]
pub enum Engine {
    Sqlite,
    /// A server on which databases may be made; each is a copy of one with tables in it.
    Postgres {
        server: String,
        template: String,
    },
}

impl Engine {
    /// Makes what every journey's database is a copy of.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn postgres(server: &str) -> Result<Self> {
        let template = format!("chaos_template_{}", std::process::id());
        let is_there = format!("SELECT 1 FROM pg_database WHERE datname = '{template}'");
        if psql(server, &is_there).await?.is_empty() {
            Database::on_postgres(server, &template).await?;
        }
        Ok(Self::Postgres {
            server: server.to_owned(),
            template,
        })
    }

    async fn fresh(&self, name: &str) -> Result<Option<Database>> {
        match self {
            Self::Sqlite => Ok(None),
            Self::Postgres { server, template } => {
                Database::copy_on_postgres(server, template, name)
                    .await
                    .map(Some)
            }
        }
    }
}

/// What a journey that died somewhere ended in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    pub point: u64,
    /// The call that never happened: `fdatasync shop.db-wal`.
    pub before: String,
    /// Whether the server came so far at all; with several threads the calls of two journeys differ
    /// a little.
    pub died: bool,
    /// What was wrong afterwards, in words.
    pub wrong: Vec<String>,
}

/// How many points the journey has on this engine.
///
/// # Errors
/// When even an undisturbed journey fails.
pub async fn count(server: &Path, engine: &Engine) -> Result<u64> {
    let (stage, _) = travel(server, engine, Fault::count_only(calls::ALL, FILES), 0).await?;
    let points = stage.server().faults.counted()?;
    ensure!(points > 0, "the shim counted nothing");
    Ok(points)
}

/// Dies at each of these points, several journeys at a time, and tells of each.
///
/// # Errors
/// When a journey cannot be played at all; what is wrong after one is in its [`Death`].
pub async fn die_at(
    server: &Path,
    engine: &Engine,
    points: Vec<u64>,
    mut tell: impl FnMut(&Death),
) -> Result<Vec<Death>> {
    let journeys = points
        .into_iter()
        .map(|point| die_once(server, engine, point));
    let mut journeys = stream::iter(journeys).buffer_unordered(AT_ONCE);
    let mut deaths = Vec::new();
    while let Some(death) = journeys.next().await {
        let death = death?;
        tell(&death);
        deaths.push(death);
    }
    deaths.sort_by_key(|death| death.point);
    Ok(deaths)
}

async fn die_once(server: &Path, engine: &Engine, point: u64) -> Result<Death> {
    let fault = Fault::once(calls::ALL, FILES, point, Action::DieBefore);
    let travelled = travel(server, engine, fault, point).await;
    let (stage, deaths) = travelled.with_context(|| format!("dying at point {point}"))?;
    let verdict = audit(&stage, Follower::new(stage.shop.clone())).await?;
    let mut wrong: Vec<String> = verdict.violations.iter().map(ToString::to_string).collect();
    let counts = verdict.counts;
    if counts.acknowledged_orders != journey::ORDERS
        || counts.acknowledged_refunds != journey::REFUNDS
        || counts.events != journey::EVENTS
    {
        wrong.push(format!("the story came to another end: {counts:?}"));
    }
    Ok(Death {
        point,
        before: stage.server().faults.call(point)?,
        died: deaths > 0,
        wrong,
    })
}

async fn travel(
    server: &Path,
    engine: &Engine,
    fault: Fault<'_>,
    point: u64,
) -> Result<(Stage, u32)> {
    let name = format!("chaos_{}_{point}", std::process::id());
    let setup = Setup {
        server: server.to_owned(),
        database: engine.fresh(&name).await?,
        replicas: 1,
        pace: match engine {
            Engine::Sqlite => Pace::Brisk,
            // Each look for due work is a call to the database, and would be a point.
            Engine::Postgres { .. } => Pace::Calm,
        },
    };
    let stage = Stage::set(&setup).await?;
    stage.server().faults.arm(fault)?;
    let deaths = journey::play(&stage).await?;
    // A point beyond the end of this journey must not strike the audit.
    stage.server().faults.disarm()?;
    stage.start().await?;
    Ok((stage, deaths))
}
