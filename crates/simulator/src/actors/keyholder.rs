//! The merchant's administrator, who changes the APIv3 key once: first at WeChat, and some time
//! later in the configuration of the servers, which read it anew while they run.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use super::misfortune::must;
use crate::{chance::Chance, time::HOUR, trace::say, weather::Fault, world::World};

/// The key after the change. Its length is the rule's.
const NEW_KEY: &str = "another-key-for-simulations-0002";

/// How long the former key opens: longer than WeChat goes on sending what it sealed with it.
const FORMER_OPENS: Duration = HOUR.saturating_mul(25);

/// A reload that the database does not take is repeated; a server that dies reads the new one.
const RELOADS_MAX: u32 = 100;

/// Changes the key, in the seeds in which somebody does.
pub(crate) async fn change_the_key(world: Arc<World>) {
    let chance = world.chance.named("keyholder");
    let hours = chance.between(1, 40);
    world.time.sleep(chance.seconds(3600, hours * 3600)).await;
    if !world.weather.strikes(Fault::KeyChange, &chance) {
        return;
    }
    say!(world.trace, "merchant", "changes the APIv3 key at WeChat");
    let change = json!({"api_v3_key": NEW_KEY});
    must(
        &world,
        world.wechat().change_merchant(&change).map_err(Into::into),
    );
    world.time.sleep(chance.seconds(5, 2 * 3600)).await;
    let until = world.time.now().plus(FORMER_OPENS);
    let account = world.platform.merchant();
    must(&world, world.shop.take_new_key(&account, until));
    say!(
        world.trace,
        "merchant",
        "the new APIv3 key is in the configuration"
    );
    reload(&world, &chance).await;
}

/// Every server that runs has the new configuration, or has died.
async fn reload(world: &World, chance: &Chance) {
    let config = world.shop.config();
    for running in world.all_replicas() {
        for _ in 0..RELOADS_MAX {
            let renewed = running.app.renew_merchants(&config.merchants);
            let done = tokio::select! {
                biased;
                () = running.process.death() => true,
                renewed = renewed => renewed.is_ok(),
            };
            if done {
                say!(
                    world.trace,
                    running.process.name,
                    "has read the configuration"
                );
                break;
            }
            world.time.sleep(chance.seconds(1, 60)).await;
        }
    }
}
