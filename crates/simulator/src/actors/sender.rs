//! WeChat's sender, and the way its notifications take: lost, late, many times, forged, replayed.

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use domain::Millis;
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use sandbox::Outgoing;

use crate::{
    audit::Violation,
    chance::Chance,
    trace::say,
    weather::{Fault, Part},
    world::World,
};

/// WeChat waits this long for an answer.
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791861
const PATIENCE: Duration = Duration::from_secs(5);

/// With nothing due, the sender looks this often all the same.
const LOOK_EVERY: Duration = Duration::from_secs(2 * 3600);

/// Signatures older than this are refused; a replay comes well after it.
const FRESH_S: u64 = 300;

/// Sends what falls due, for ever.
pub(crate) async fn send_notifications(world: Arc<World>) {
    let chance = world.chance.named("sender");
    loop {
        while let Some(notice) = world.wechat().take_due() {
            let chance = chance.named(&format!("{} {}", notice.id, chance.next()));
            tokio::spawn(send(world.clone(), notice, chance));
        }
        let next = world.wechat().next_due();
        let nap = next.map_or(LOOK_EVERY, |next| {
            Millis(next.as_millisecond()).since(world.time.now())
        });
        tokio::select! {
            biased;
            () = world.platform_activity.notified() => {}
            () = world.time.sleep(nap.min(LOOK_EVERY)) => {}
        }
    }
}

/// What the network has of a notification: it can be copied.
#[derive(Clone)]
struct Letter {
    id: String,
    out_trade_no: String,
    url: String,
    headers: HeaderMap,
    body: Bytes,
}

impl From<&Outgoing> for Letter {
    fn from(sent: &Outgoing) -> Self {
        Self {
            id: sent.id.clone(),
            out_trade_no: sent.out_trade_no.clone(),
            url: sent.url.clone(),
            headers: sent.headers.clone(),
            body: sent.body.clone(),
        }
    }
}

async fn send(world: Arc<World>, sent: Outgoing, chance: Chance) {
    let notice = Letter::from(&sent);
    let strikes = |fault| world.weather.strikes(fault, &chance);
    if strikes(Fault::NotificationForged) {
        tokio::spawn(forge(world.clone(), notice.clone(), chance.named("forger")));
    }
    if strikes(Fault::NotificationReplayed) {
        tokio::spawn(replay(
            world.clone(),
            notice.clone(),
            chance.named("replay"),
        ));
    }
    if strikes(Fault::NotificationRepeated) {
        let copies = chance.between(1, 15);
        say!(
            world.trace,
            "network",
            "{} is sent {copies} times more",
            notice.id
        );
        for copy in 0..copies {
            let chance = chance.named(&format!("copy {copy}"));
            tokio::spawn(arrive(world.clone(), notice.clone(), chance));
        }
    }
    let clogged = world.weather.clogged(Part::Notifications).is_some();
    if clogged || strikes(Fault::NotificationLost) {
        say!(world.trace, "network", "{} is lost", notice.id);
        world.wechat().answered(sent, None);
        return;
    }
    if strikes(Fault::NotificationLate) {
        say!(world.trace, "network", "{} is late", notice.id);
        // To WeChat it is as good as lost; it arrives all the same.
        world.wechat().answered(sent, None);
        world.time.sleep(chance.seconds(6, 4 * 3600)).await;
        arrive(world, notice, chance).await;
        return;
    }
    let status = arrive(world.clone(), notice.clone(), chance).await;
    world.wechat().answered(sent, status);
}

/// Brings it to one of the servers. What was acknowledged has to be on the disk.
async fn arrive(world: Arc<World>, notice: Letter, chance: Chance) -> Option<u16> {
    let status = post(&world, &notice, &chance).await;
    say!(
        world.trace,
        "network",
        "{} ({}) -> {status:?}",
        notice.id,
        notice.out_trade_no
    );
    if status.is_some_and(|status| (200..300).contains(&status)) {
        let sql = "SELECT outcome FROM inbox WHERE notification_id = $1";
        if world.look_one(sql, &[&notice.id]).is_none() {
            let what = format!(
                "notification {} was acknowledged and is not kept",
                notice.id
            );
            world.fail(Violation::new("I7", what, Some(&notice.out_trade_no)));
        }
    }
    status
}

async fn post(world: &World, notice: &Letter, chance: &Chance) -> Option<u16> {
    let path = notice.url.parse::<Uri>().ok()?.path().to_owned();
    let mut request = Request::new(Body::from(notice.body.clone()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = path.parse().ok()?;
    *request.headers_mut() = notice.headers.clone();
    let answer = tokio::time::timeout(PATIENCE, world.request(chance, request)).await;
    Some(answer.ok()??.status().as_u16())
}

/// Whoever has no key of WeChat's must not be believed, whatever he sends.
async fn forge(world: Arc<World>, mut notice: Letter, chance: Chance) {
    world.time.sleep(chance.seconds(0, 20)).await;
    let serial = "wechatpay-serial";
    match chance.below(4) {
        0 => {
            let mut body = notice.body.to_vec();
            body.push(b' ');
            notice.body = body.into();
        }
        1 => drop(notice.headers.remove("wechatpay-signature")),
        2 => drop(
            notice
                .headers
                .insert("wechatpay-signature", HeaderValue::from_static("Zm9yZ2Vk")),
        ),
        _ => drop(
            notice
                .headers
                .insert(serial, HeaderValue::from_static("PUB_KEY_ID_0000000000")),
        ),
    }
    must_be_refused(&world, &notice, &chance, "forged").await;
}

/// An old message is genuine and means nothing any more.
async fn replay(world: Arc<World>, notice: Letter, chance: Chance) {
    world
        .time
        .sleep(chance.seconds(2 * FRESH_S, 6 * 3600))
        .await;
    let all_clocks_right = world
        .all_replicas()
        .iter()
        .all(|running| running.process.clock.is_right());
    if all_clocks_right {
        must_be_refused(&world, &notice, &chance, "replayed").await;
    } else {
        arrive(world, notice, chance).await;
    }
}

async fn must_be_refused(world: &World, notice: &Letter, chance: &Chance, kind: &str) {
    let status = post(world, notice, chance).await;
    say!(world.trace, "network", "{kind} {} -> {status:?}", notice.id);
    // A clock may jump between sending and checking.
    let all_clocks_right = world
        .all_replicas()
        .iter()
        .all(|running| running.process.clock.is_right());
    let accepted = status.is_some_and(|status| (200..300).contains(&status));
    if accepted && (kind == "forged" || all_clocks_right) {
        let what = format!("a {kind} notification was accepted ({})", notice.id);
        world.fail(Violation::new("N5", what, Some(&notice.out_trade_no)));
    }
}
