//! Notifications: sealed, signed, sent, and sent again.
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4012791861

mod book;
mod delivery;
mod desk;
mod envelope;
mod ladder;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{OwnedRwLockReadGuard, OwnedSemaphorePermit, RwLock, Semaphore};

pub(crate) use book::{Attempt, Notice, NoticeState};
pub(crate) use delivery::Sent;
pub use desk::Outgoing;
pub(crate) use desk::{answered, copy_of, take_due};

use crate::chance::Chance;
use crate::ledger::{Merchant, Order, Refund};
use crate::platform::{Platform, lock};
use crate::refunds;
use book::Book;

/// Sendings under way at one time.
const MAX_IN_FLIGHT: usize = 64;
/// A merchant's answer is read this far, for the record.
const MAX_ANSWER_BYTES: usize = 1024;

/// Everything about sending.
#[derive(Debug)]
pub(crate) struct Notifier {
    book: Mutex<Book>,
    /// Sendings hold it for reading. Advancing the clock holds it for writing, so that it meets
    /// none under way and decides alone what is sent when.
    turn: Arc<RwLock<()>>,
    in_flight: Arc<Semaphore>,
    sent: AtomicU64,
    timeout: Duration,
    /// Made at the first sending: an embedded platform never sends.
    client: OnceLock<reqwest::Client>,
}

impl Notifier {
    /// A notifier that waits so long for an answer; WeChat waits five seconds.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            book: Mutex::default(),
            turn: Arc::default(),
            in_flight: Arc::new(Semaphore::new(MAX_IN_FLIGHT)),
            sent: AtomicU64::new(0),
            timeout,
            client: OnceLock::new(),
        }
    }

    /// Books the notification of a payment, due at once. A merchant without an APIv3 key gets
    /// none.
    pub(crate) fn payment(
        &self,
        chance: &Chance,
        merchant: &Merchant,
        order: &Order,
        now: Timestamp,
    ) {
        if merchant.api_v3_key_set {
            let notice = envelope::payment(chance, merchant, order, now);
            lock(&self.book).add(notice, now);
        }
    }

    /// Books the notification of what became of a refund, due at once. Without a `notify_url` in
    /// the request there is none: the address that is set in the merchant's console receives XML
    /// of the older API, which is not modelled.
    pub(crate) fn refund(
        &self,
        chance: &Chance,
        merchant: &Merchant,
        refund: &Refund,
        now: Timestamp,
    ) {
        let notice = envelope::refund(chance, merchant, refund, now);
        if let Some(notice) = notice.filter(|_| merchant.api_v3_key_set) {
            lock(&self.book).add(notice, now);
        }
    }

    /// All that are remembered, oldest first.
    pub(crate) fn list(&self) -> Vec<Notice> {
        lock(&self.book).list()
    }

    /// One of them.
    pub(crate) fn get(&self, id: &str) -> Option<Notice> {
        lock(&self.book).get(id)
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        lock(&self.book).clear();
    }

    fn next_turn(&self) -> u64 {
        self.sent.fetch_add(1, Ordering::Relaxed)
    }

    fn client(&self) -> &reqwest::Client {
        self.client.get_or_init(|| delivery::client(self.timeout))
    }
}

/// Sends what falls due until the platform stops.
pub(crate) async fn run(platform: Arc<Platform>) {
    while !platform.stop.is_cancelled() {
        let guard = platform.notifier.turn.clone().read_owned().await;
        let now = platform.clock.now();
        if refunds::settle_one(&platform, now) {
            continue;
        }
        let due = lock(&platform.notifier.book).take_due(now);
        if let Some(due) = due {
            let Ok(permit) = platform.notifier.in_flight.clone().acquire_owned().await else {
                return;
            };
            tokio::spawn(send_alone(platform.clone(), due, guard, permit));
            continue;
        }
        drop(guard);
        let next = next_due(&platform);
        tokio::select! {
            () = platform.clock.wait_until(next) => {}
            () = platform.stop.cancelled() => {}
        }
    }
}

async fn send_alone(
    platform: Arc<Platform>,
    due: book::Due,
    guard: OwnedRwLockReadGuard<()>,
    permit: OwnedSemaphorePermit,
) {
    delivery::send(&platform, &due).await;
    drop((guard, permit));
    platform.clock.wake();
}

/// Moves virtual time forward, stopping at everything that falls due on the way: each sending
/// happens at its own virtual time, in order, and its answer is awaited. Of what falls due at one
/// moment, refunds come first, because what becomes of them is what is sent.
pub(crate) async fn advance(platform: &Platform, target: Timestamp) {
    let _alone = platform.notifier.turn.clone().write_owned().await;
    while let Some(next) = next_due(platform).filter(|next| *next <= target) {
        if refunds::next_due(platform).is_some_and(|at| at <= next) {
            platform.clock.advance_to(next);
            refunds::settle_one(platform, next);
            continue;
        }
        let due = lock(&platform.notifier.book).take_due(next);
        let Some(due) = due else { continue };
        platform.clock.advance_to(due.at);
        delivery::send(platform, &due).await;
    }
    platform.clock.advance_to(target);
}

/// When something falls due, be it a refund or a sending.
pub(crate) fn next_due(platform: &Platform) -> Option<Timestamp> {
    let sending = lock(&platform.notifier.book).next_due();
    let refund = refunds::next_due(platform);
    sending.into_iter().chain(refund).min()
}

/// Sends once more, now, whatever came of it before. `None` if there is no such notification.
pub(crate) async fn resend(platform: &Platform, id: &str) -> Option<Notice> {
    let _guard = platform.notifier.turn.clone().read_owned().await;
    platform.notifier.get(id)?;
    delivery::send(platform, &book::Due::by_hand(id, platform.clock.now())).await;
    platform.notifier.get(id)
}
