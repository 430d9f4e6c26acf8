//! What kind of request this is, as far as its bounds go. Each kind has its own, so that none of
//! them starves another.

use std::time::Duration;

use axum::extract::MatchedPath;

/// Who is served before whom is not decided here: nobody is. Each lane has its own room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// WeChat's reports. They come from few addresses, and everybody's money depends on them: no
    /// limit by address, but room of their own and little time.
    Notification,
    /// A login: no credential yet, and a call to WeChat.
    Login,
    /// The mini program, by its session.
    Buyer,
    /// The merchant's systems, by their API key.
    Merchant,
    /// Pages, health of what stands behind us, and what does not exist.
    Open,
    /// Whether the process lives; asked by machines that restart it.
    Alive,
}

/// WeChat counts an answer after five seconds as none, and sends again; what is not done by then
/// had better make room. Source: pay.weixin.qq.com/doc/v3/merchant/4012791861.
const NOTIFICATION_WITHIN: Duration = Duration::from_secs(4);

impl Lane {
    pub(super) fn of(route: Option<&MatchedPath>) -> Self {
        match route.map(MatchedPath::as_str) {
            Some("/v1/wechat/notify/{merchant_key}") => Self::Notification,
            Some("/v1/mp/login") => Self::Login,
            Some(path) if path.starts_with("/v1/mp/") => Self::Buyer,
            Some(path) if path.starts_with("/v1/") => Self::Merchant,
            Some("/livez" | "/metrics") => Self::Alive,
            Some(_) | None => Self::Open,
        }
    }

    /// How long a request of this lane may take, its body included.
    pub(super) fn time_limit(self, in_general: Duration) -> Duration {
        match self {
            Self::Notification => in_general.min(NOTIFICATION_WITHIN),
            Self::Login | Self::Buyer | Self::Merchant | Self::Open | Self::Alive => in_general,
        }
    }
}
