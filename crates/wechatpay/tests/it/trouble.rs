//! Trouble on the way: hosts that are down, floods of forgeries, and refusals that say when to come
//! again.

use std::sync::Arc;

use wechatpay::crypto::PrivateKey;
use wechatpay::{
    Advice, ApiCode, KeyRing, MAIN_HOST_REST_SECONDS, NotificationError, REFRESH_INTERVAL_SECONDS,
};

use crate::fixtures::{
    FixedAmbient, PUBLIC_KEY_ID, client, client_with, newer, number, older, order, platform_key,
    public_key_ring, refund,
};
use crate::notify::{headers_by, payment_body};
use crate::platform::{PREPAID, Script, UNPAID, lost, refused_to_connect, say};

const MAIN: &str = "main.test";
const BACKUP: &str = "backup.test";

/// While the main host is down calls go to the backup at once, and one of them finds the main host
/// again when its rest is over.
#[tokio::test]
async fn p09_a_main_host_that_is_down_is_passed_over_and_found_again() {
    let unpaid = || say(200, UNPAID).signed();
    let rested = || {
        let now = crate::fixtures::NOW + MAIN_HOST_REST_SECONDS;
        say(200, UNPAID).at(now).signed()
    };
    let script = Script::new([
        refused_to_connect(),
        unpaid(),
        unpaid(),
        unpaid(),
        // The rest is over: the main host is still down, and rests once more.
        refused_to_connect(),
        rested(),
        rested(),
    ]);
    let ambient = FixedAmbient::new();
    let client = client_with(&script, public_key_ring(), Arc::clone(&ambient));
    for _ in 0..3 {
        client.query_by_out_trade_no(&number()).await.unwrap();
    }
    assert_eq!(script.hosts(), [MAIN, BACKUP, BACKUP, BACKUP]);

    ambient.advance(MAIN_HOST_REST_SECONDS);
    for _ in 0..2 {
        client.query_by_out_trade_no(&number()).await.unwrap();
    }
    assert_eq!(script.hosts()[4..], [MAIN, BACKUP, BACKUP]);
}

/// When the main host answers again after its rest, everybody goes back to it.
#[tokio::test]
async fn p09_a_main_host_that_is_up_again_is_the_first_again() {
    let later = crate::fixtures::NOW + MAIN_HOST_REST_SECONDS;
    let script = Script::new([
        refused_to_connect(),
        say(200, UNPAID).signed(),
        say(200, UNPAID).at(later).signed(),
        say(200, UNPAID).at(later).signed(),
    ]);
    let ambient = FixedAmbient::new();
    let client = client_with(&script, public_key_ring(), Arc::clone(&ambient));
    client.query_by_out_trade_no(&number()).await.unwrap();
    ambient.advance(MAIN_HOST_REST_SECONDS);
    for _ in 0..2 {
        client.query_by_out_trade_no(&number()).await.unwrap();
    }
    assert_eq!(script.hosts(), [MAIN, BACKUP, MAIN, MAIN]);
}

/// A backup that goes down while it stands in leads back to the main host within the same call.
#[tokio::test]
async fn p09_a_backup_that_fails_leads_back_to_the_main_host() {
    let script = Script::new([
        refused_to_connect(),
        say(200, UNPAID).signed(),
        refused_to_connect(),
        say(200, UNPAID).signed(),
        say(200, UNPAID).signed(),
    ]);
    let client = client(&script);
    for _ in 0..3 {
        client.query_by_out_trade_no(&number()).await.unwrap();
    }
    assert_eq!(script.hosts(), [MAIN, BACKUP, BACKUP, MAIN, MAIN]);
}

/// A request that may have arrived goes to no other host, whichever was the first.
#[tokio::test]
async fn p09_a_request_that_may_have_arrived_is_sent_to_no_other_host() {
    let script = Script::new([
        refused_to_connect(),
        say(200, PREPAID).signed(),
        lost(),
        lost(),
    ]);
    let client = client(&script);
    client.jsapi_prepay(&order()).await.unwrap();
    let error = client.jsapi_prepay(&order()).await.unwrap_err();
    assert!(error.is_ambiguous());
    assert_eq!(script.hosts(), [MAIN, BACKUP, BACKUP]);
}

/// Too many requests, whichever its spelling, is certain for a payment, asked about for a refund,
/// and says how long to wait.
#[tokio::test]
async fn p09_a_429_says_what_to_do_and_when() {
    for code in ["FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED"] {
        let body = format!(r#"{{"code":"{code}","message":"频率超限"}}"#);
        let limited = || say(429, body.clone()).header("Retry-After", "7").unsigned();
        let script = Script::new([limited(), limited()]);
        let client = client(&script);
        let error = client.jsapi_prepay(&order()).await.unwrap_err();
        assert_eq!(error.code(), Some(&ApiCode::FrequencyLimited));
        assert_eq!(error.retry_after_seconds(), Some(7));
        assert_eq!(error.advice(), Advice::RepeatIdentically);
        assert!(!error.is_ambiguous());
        let error = client.create_refund(&refund()).await.unwrap_err();
        assert_eq!(error.advice(), Advice::QueryFirst);
    }
}

/// What is not a number of seconds is no advice on waiting.
#[tokio::test]
async fn p09_a_retry_after_that_cannot_be_read_is_none() {
    for text in ["Fri, 31 Dec 1999 23:59:59 GMT", "-1", "soon", ""] {
        let script = Script::new([say(429, "").header("Retry-After", text).unsigned()]);
        let error = client(&script).jsapi_prepay(&order()).await.unwrap_err();
        assert_eq!(error.retry_after_seconds(), None, "{text}");
    }
}

/// A forgery that names no key that we have or can get is refused by its headers, and no flood of
/// them causes more than one download in a minute.
#[tokio::test]
async fn n11_unknown_serials_are_refused_by_their_headers_after_one_download() {
    let script = Script::new([refused_to_connect(), refused_to_connect()]);
    let ambient = FixedAmbient::new();
    let client = client_with(&script, KeyRing::new(), Arc::clone(&ambient));
    let (body, stranger) = (payment_body(), PrivateKey::generate());
    let headers = headers_by(&stranger, newer().serial(), &body);

    assert_eq!(client.check_notification_headers(&headers), Ok(()));
    let unknown = NotificationError::UnknownSerial(newer().serial().to_owned());
    let error = client.open_notification(&headers, &body).await.unwrap_err();
    assert_eq!(error, unknown);
    for _ in 0..1_000 {
        let refused = client.check_notification_headers(&headers).unwrap_err();
        assert_eq!(refused, unknown);
        let error = client.open_notification(&headers, &body).await.unwrap_err();
        assert_eq!(error, unknown);
    }
    // One download, on both hosts.
    assert_eq!(script.hosts(), [MAIN, BACKUP]);

    ambient.advance(REFRESH_INTERVAL_SECONDS);
    let later = crate::notify::headers_at(
        crate::fixtures::NOW + REFRESH_INTERVAL_SECONDS,
        &stranger,
        newer().serial(),
        &body,
    );
    assert_eq!(client.check_notification_headers(&later), Ok(()));
}

/// While certificates are being downloaded few wait for them; the rest is turned away at once.
#[tokio::test]
async fn n11_few_strangers_wait_for_a_download() {
    let (script, go) = Held::new();
    let client = client_with(&script, KeyRing::new(), FixedAmbient::new());
    let (body, stranger) = (payment_body(), PrivateKey::generate());
    let headers = headers_by(&stranger, older().serial(), &body);
    let flood: Vec<_> = (0..200)
        .map(|_| {
            let (client, headers, body) = (client.clone(), headers.clone(), body.clone());
            tokio::spawn(async move { client.open_notification(&headers, &body).await })
        })
        .collect();
    // All have run as far as they come by themselves.
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    let waiting = flood.iter().filter(|task| !task.is_finished()).count();
    assert_eq!(waiting, 16);
    go.add_permits(2);
    for task in flood {
        assert!(task.await.unwrap().is_err());
    }
    assert_eq!(script.calls(), 2, "one download, on both hosts");
}

/// What is old, or signed with a key of ours, is told apart before a body is read.
#[tokio::test]
async fn n11_headers_alone_tell_what_is_stale() {
    let client = client(&Script::new([]));
    let body = payment_body();
    let fresh = headers_by(platform_key(), PUBLIC_KEY_ID, &body);
    assert_eq!(client.check_notification_headers(&fresh), Ok(()));
    let mut stale = fresh.clone();
    stale.timestamp = (crate::fixtures::NOW - 301).to_string();
    assert_eq!(
        client.check_notification_headers(&stale),
        Err(NotificationError::Stale { seconds: 301 })
    );
    let mut other = fresh;
    other.serial = "PUB_KEY_ID_0100000000000000000000000000".to_owned();
    assert!(matches!(
        client.check_notification_headers(&other),
        Err(NotificationError::UnknownSerial(_))
    ));
}

/// A network on which every call waits until it is let go, and then finds nobody.
struct Held {
    calls: std::sync::atomic::AtomicUsize,
    go: Arc<tokio::sync::Semaphore>,
}

impl Held {
    fn new() -> (Arc<Self>, Arc<tokio::sync::Semaphore>) {
        let go = Arc::new(tokio::sync::Semaphore::new(0));
        let held = Self {
            calls: std::sync::atomic::AtomicUsize::new(0),
            go: Arc::clone(&go),
        };
        (Arc::new(held), go)
    }

    fn calls(&self) -> usize {
        self.calls.load(std::sync::atomic::Ordering::SeqCst)
    }
}

impl wechatpay::Transport for Held {
    fn send(
        &self,
        _request: http::Request<bytes::Bytes>,
    ) -> wechatpay::BoxFuture<'_, crate::platform::Outcome> {
        Box::pin(async {
            self.calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            self.go.acquire().await.expect("open").forget();
            refused_to_connect()
        })
    }
}
