//! What goes wrong by itself: clocks, certificates, money in the wrong place, an empty account.

use std::{sync::Arc, time::Duration};

use fen::Fen;

use crate::{
    audit::Violation, chance::Chance, platform, time::MachineClock, trace::say, weather::Fault,
    world::World,
};

/// Where the merchant is told of refunds that a person makes.
const NOTIFY_URL: &str = "https://shop.example/v1/wechat/notify/default";

/// How wrong a clock gets, in seconds. WeChat refuses signatures that are five minutes off.
const SKEW_MAX_S: u64 = 600;

/// Strikes now and then until the calm, and then puts right what is wrong.
pub(crate) async fn strike(world: Arc<World>, clocks: Vec<MachineClock>) {
    let chance = world.chance.named("misfortune");
    let mut rotations = 0;
    while !world.weather.is_calm() {
        world.time.sleep(chance.seconds(600, 7200)).await;
        if world.weather.is_calm() {
            break;
        }
        skew(&world, &chance, &clocks);
        if world.weather.strikes(Fault::Rotation, &chance) && platform::rotate(&world, rotations) {
            say!(world.trace, "wechat", "renews its certificate");
            rotations += 1;
        }
        must(&world, refunds_go_wrong(&world, &chance));
        if world.weather.strikes(Fault::NoFunds, &chance) {
            say!(world.trace, "wechat", "the merchant's account is empty");
            must(&world, platform::set_funds(&world, false));
            world.time.sleep(chance.seconds(60, 4 * 3600)).await;
            must(&world, platform::set_funds(&world, true));
        }
        misplace_money(&world, &chance);
        world.platform_activity.notify_one();
    }
    must(&world, refunds_become(&world, "success", 5));
    for clock in &clocks {
        clock.jump(0);
    }
    say!(world.trace, "weather", "calm");
}

/// The simulator's own acts cannot fail.
pub(super) fn must(world: &World, done: anyhow::Result<()>) {
    if let Err(error) = done {
        world.fail(Violation::new("I0", format!("{error:#}"), None));
    }
}

/// Some hours later they arrive again; how long a refund takes is thrown as well.
fn refunds_go_wrong(world: &World, chance: &Chance) -> anyhow::Result<()> {
    let wrong = world.weather.strikes(Fault::RefundsGoWrong, chance);
    let outcome = match chance.below(2) {
        _ if !wrong => "success",
        0 => "abnormal",
        _ => "closed",
    };
    let seconds = chance.between(1, 3600);
    refunds_become(world, outcome, seconds)
}

fn refunds_become(world: &World, outcome: &'static str, seconds: u64) -> anyhow::Result<()> {
    platform::change_habits(world, |habits| {
        habits.refund_outcome = outcome;
        habits.refund_seconds = seconds;
    })
}

fn skew(world: &World, chance: &Chance, clocks: &[MachineClock]) {
    for (number, clock) in clocks.iter().enumerate() {
        let wrong = world.weather.strikes(Fault::ClockJump, chance);
        let by = chance.below(2 * SKEW_MAX_S * 1000);
        let by = i64::try_from(by).unwrap_or_default()
            - i64::try_from(SKEW_MAX_S * 1000).unwrap_or_default();
        let by = if wrong { by } else { 0 };
        clock.jump(by);
        if wrong {
            let by = Duration::from_millis(by.unsigned_abs());
            say!(
                world.trace,
                "weather",
                "the clock of machine {number} is {} s wrong",
                by.as_secs()
            );
        }
    }
}

fn misplace_money(world: &World, chance: &Chance) {
    if world.weather.strikes(Fault::LateMoney, chance) {
        let sql = "SELECT order_no FROM orders WHERE state = 'closed' ORDER BY order_no";
        with_some_order(world, chance, sql, |order_no| {
            let Some(buyer) = world.intents.buyer_of(order_no) else {
                return;
            };
            if !world.auditor.money_is_misplaced(order_no) {
                return;
            }
            let landed = world.wechat().pay_anyway(order_no, &buyer);
            say!(
                world.trace,
                "wechat",
                "money lands on closed {order_no}: {landed:?}"
            );
        });
    }
    if world.weather.strikes(Fault::ConsoleRefund, chance) {
        let sql = "SELECT order_no FROM orders WHERE state IN ('paid', 'partially_refunded')
            ORDER BY order_no";
        with_some_order(world, chance, sql, |order_no| {
            let fen = i64::try_from(chance.between(1, 99)).unwrap_or(1);
            let amount = Fen::new(fen).unwrap_or(Fen::ZERO);
            let notify = chance.percent(70).then_some(NOTIFY_URL);
            let made = world.wechat().refund_by_hand(order_no, amount, notify);
            let said = made.map(|refund| refund.out_refund_no);
            say!(
                world.trace,
                "wechat",
                "a refund of {order_no} in the console: {said:?}"
            );
        });
    }
}

fn with_some_order(world: &World, chance: &Chance, sql: &str, act: impl FnOnce(&str)) {
    let orders = world.look(sql, &[]);
    if let Some(order_no) = chance.pick(&orders).and_then(|row| row.first()) {
        act(order_no);
    }
}
