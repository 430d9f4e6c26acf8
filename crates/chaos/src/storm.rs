//! Trouble under load: many clients, one server or several, and somebody who kills them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinSet;

use crate::audit::{Verdict, audit};
use crate::chance::Chance;
use crate::load::{Crowd, Follower, shop_around};
use crate::stage::Stage;
use crate::trouble::{self, Tally, Troubles};

/// How hard, how long, and from which seed.
#[derive(Clone, Copy, Debug)]
pub struct Storm {
    pub clients: usize,
    pub time: Duration,
    pub seed: u64,
}

/// What came of it.
#[derive(Debug)]
pub struct Aftermath {
    pub troubles: Troubles,
    pub verdict: Verdict,
}

/// Clients, an events reader, and trouble; then quiet, and an audit.
///
/// # Errors
/// When the server gives an answer that its interface does not have, or does not start again.
pub async fn rage(stage: &Stage, storm: Storm, tally: &Tally) -> Result<Aftermath> {
    let mut chance = Chance::new(storm.seed);
    let trouble = chance.branch();
    let crowd = Gathered::start(stage, storm.clients, &mut chance);
    let made = trouble::make(stage, tally, trouble, storm.time).await;
    let follower = crowd.go_home().await?;
    made?;
    Ok(Aftermath {
        troubles: tally.read(),
        verdict: audit(stage, follower).await?,
    })
}

/// Clients and a follower at work.
#[derive(Debug)]
pub struct Gathered {
    crowd: Arc<Crowd>,
    clients: JoinSet<Result<()>>,
    follower: tokio::task::JoinHandle<Follower>,
}

impl Gathered {
    /// Everybody begins.
    pub fn start(stage: &Stage, clients: usize, chance: &mut Chance) -> Self {
        let crowd = Arc::new(Crowd::new(stage.shop.clone(), stage.history.clone()));
        let follower = Follower::new(stage.shop.clone());
        let follower = tokio::spawn(follower.follow(crowd.clone(), chance.branch()));
        let mut set = JoinSet::new();
        for _ in 0..clients {
            set.spawn(shop_around(crowd.clone(), chance.branch()));
        }
        Self {
            crowd,
            clients: set,
            follower,
        }
    }

    /// Everybody ends, and what the follower has seen so far stays with it.
    ///
    /// # Errors
    /// What a client could not make sense of.
    pub async fn go_home(mut self) -> Result<Follower> {
        self.crowd.stop();
        while let Some(client) = self.clients.join_next().await {
            client??;
        }
        Ok(self.follower.await?)
    }
}
