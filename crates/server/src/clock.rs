//! The lawful place of time and chance: everything else receives them as values.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use domain::{Clock, Ids, Millis};

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everyone else is given"
    )]
    fn now(&self) -> Millis {
        // A clock before 1970 is broken beyond repair here; zero makes every signature check
        // refuse.
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The operating system's random bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the chance that everyone else is given"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system always has random bytes");
    }
}

/// Gives the WeChat client our clock and our chance, so that a test that moves time moves
/// signatures too.
pub(crate) struct OurAmbient {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
}

impl wechatpay::Ambient for OurAmbient {
    fn unix_seconds(&self) -> i64 {
        self.clock.now().seconds()
    }

    fn nonce(&self) -> String {
        nonce(&*self.ids)
    }
}

/// 32 characters, the most that `wx.requestPayment` takes.
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791898.
pub(crate) fn nonce(ids: &dyn Ids) -> String {
    let mut entropy = [0_u8; 16];
    ids.fill(&mut entropy);
    hex::encode(entropy)
}

/// Measures how long something took, for logs and metrics only: no decision may depend on it.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "telemetry only")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
