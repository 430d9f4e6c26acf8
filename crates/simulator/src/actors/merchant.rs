//! The merchant's people and systems: they give money back, in parts and at the same time, close
//! what should be closed, and free refunds that are stuck.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    chance::Chance, client::Call, shop::API_KEY, trace::say, weather::Fault, world::World,
};

/// After the storm nobody asks for new refunds: those under way have to end.
const REFUNDABLE: &str = "SELECT order_no, amount_fen, refund_reserved_fen FROM orders
    WHERE state IN ('paid', 'partially_refunded') ORDER BY order_no";

/// See the module.
pub(crate) async fn run_the_shop(world: Arc<World>) {
    let chance = world.chance.named("merchant");
    for round in 0_u64.. {
        world.time.sleep(chance.seconds(120, 2400)).await;
        if !world.weather.is_calm() {
            match chance.below(3) {
                0 => close_something(&world, &chance).await,
                _ => refund_something(&world, &chance, round).await,
            }
        }
        free_what_is_stuck(&world, &chance).await;
    }
}

/// One to four refunds of one order, at the same moment; together they may be more than was paid.
async fn refund_something(world: &World, chance: &Chance, round: u64) {
    let orders = world.look(REFUNDABLE, &[]);
    let Some([order_no, amount, _]) = chance.pick(&orders).map(Vec::as_slice) else {
        return;
    };
    let amount: u64 = amount.parse().unwrap_or(1);
    let count = chance.between(1, 4);
    let parts = (0..count).map(|part| {
        let key = format!("refund-{round}-{part}");
        let part = if chance.percent(30) {
            amount
        } else {
            chance.between(1, amount)
        };
        let chance = chance.named(&key);
        async move { refund(world, &chance, &key, order_no, part).await }
    });
    join_all(parts).await;
}

async fn refund(world: &World, chance: &Chance, key: &str, order_no: &str, amount_fen: u64) {
    // The reason carries the key, so that two refunds of one intent are seen.
    let body = json!({"amount_fen": amount_fen, "reason": key});
    let path = format!("/v1/orders/{order_no}/refunds");
    let call = Call::post(path, API_KEY, body).with_key(key);
    if world.weather.strikes(Fault::DoubleTap, chance) {
        let twin = chance.named("twin");
        tokio::join!(
            ask(world, chance, &call, key),
            ask(world, &twin, &call, key)
        );
    } else {
        ask(world, chance, &call, key).await;
    }
}

async fn ask(world: &World, chance: &Chance, call: &Call<'_>, key: &str) {
    let answer = call.until_answered(world, chance).await;
    say!(
        world.trace,
        "merchant",
        "asks for {key}: {:?} {}",
        answer.status,
        answer.code()
    );
    if answer.is_good() {
        let refund = &answer.body["refund"];
        let fixed = json!({"refund_no": refund["refund_no"], "amount_fen": refund["amount_fen"]});
        if let Err(violation) = world.intents.answered(key, fixed) {
            world.fail(violation);
        }
    }
}

async fn close_something(world: &World, chance: &Chance) {
    let sql = "SELECT order_no FROM orders WHERE state IN ('created', 'awaiting_payment')
        ORDER BY order_no";
    let orders = world.look(sql, &[]);
    let Some(order_no) = chance.pick(&orders).and_then(|row| row.first()) else {
        return;
    };
    let path = format!("/v1/orders/{order_no}/close");
    let call = Call::post(path, API_KEY, json!({}));
    let answer = call.once(world, chance).await;
    say!(
        world.trace,
        "merchant",
        "closes {order_no}: {:?}",
        answer.status
    );
}

/// A person looks at what needs one, a while later.
async fn free_what_is_stuck(world: &World, chance: &Chance) {
    let sql = "SELECT refund_no FROM refunds WHERE state = 'abnormal' ORDER BY refund_no";
    for row in world.look(sql, &[]) {
        let Some(refund_no) = row.first() else {
            continue;
        };
        world.time.sleep(Duration::from_secs(60)).await;
        let path = format!("/v1/refunds/{refund_no}/abnormal");
        let call = Call::post(path, API_KEY, json!({"to": "merchant"}));
        let answer = call.once(world, chance).await;
        say!(
            world.trace,
            "merchant",
            "frees {refund_no}: {:?} {}",
            answer.status,
            answer.code()
        );
    }
}
