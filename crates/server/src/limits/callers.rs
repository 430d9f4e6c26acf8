//! How fast each caller may call: by address, by session, by API key.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use domain::Millis;
use http::HeaderValue;
use tracing::warn;

use super::{
    bucket::{Left, Rate},
    keyed::Keyed,
};
use crate::{config, digest::sha256};

/// A bucket holds what its rate gives in this many seconds: a phone that was offline, and a page
/// that loads, call in bursts.
const BURST_S: u32 = 5;

/// An address of IPv6 is cheap, a network of this size is what one household or server gets.
const IPV6_NETWORK_BITS: u32 = 64;

/// The limits that a caller can meet, as they are called in headers and figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    Address,
    Login,
    Session,
    ApiKey,
}

impl Policy {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Login => "login",
            Self::Session => "session",
            Self::ApiKey => "api_key",
        }
    }
}

/// Where a caller stands with one of its limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    policy: Policy,
    rate: Rate,
    outcome: Result<Left, Duration>,
}

impl Standing {
    /// The policy, and the whole seconds after which it may be tried again, when it was not kept.
    pub(crate) fn exceeded(&self) -> Option<(Policy, u32)> {
        let wait = self.outcome.err()?;
        Some((self.policy, whole_seconds(wait).max(1)))
    }

    /// `RateLimit-Policy` and `RateLimit`, as in draft-ietf-httpapi-ratelimit-headers-11 (2026-05):
    /// quota and window of the policy; calls that are left, and seconds until all are again. A
    /// draft: the form may still change.
    pub(crate) fn headers(&self) -> Option<(HeaderValue, HeaderValue)> {
        let (name, quota) = (self.policy.name(), self.rate.burst());
        let (left, full_in) = match self.outcome {
            Ok(left) => (left.calls, left.full_in),
            Err(_) => (0, self.rate.refill()),
        };
        let window = whole_seconds(self.rate.refill());
        let reset = whole_seconds(full_in);
        let policy = format!("\"{name}\";q={quota};w={window}");
        let state = format!("\"{name}\";r={left};t={reset}");
        Some((
            HeaderValue::try_from(policy).ok()?,
            HeaderValue::try_from(state).ok()?,
        ))
    }
}

fn whole_seconds(span: Duration) -> u32 {
    let seconds = span.as_millis().div_ceil(1_000);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

/// All limits of callers; one that is off is `None`.
pub(crate) struct CallerLimits {
    addresses: Option<Limit<IpAddr>>,
    logins: Option<Limit<IpAddr>>,
    sessions: Option<Limit<[u8; 32]>>,
    api_keys: Option<Limit<[u8; 32]>>,
    stranger_noted: AtomicBool,
}

struct Limit<K> {
    policy: Policy,
    rate: Rate,
    keyed: Keyed<K>,
}

impl CallerLimits {
    pub(crate) fn new(limits: &config::Limits) -> Self {
        Self {
            addresses: Limit::new(Policy::Address, limits.requests_per_address_per_s),
            logins: Limit::new(Policy::Login, limits.logins_per_address_per_s),
            sessions: Limit::new(Policy::Session, limits.requests_per_session_per_s),
            api_keys: Limit::new(Policy::ApiKey, limits.requests_per_api_key_per_s),
            stranger_noted: AtomicBool::new(false),
        }
    }

    /// Says once that a proxy has to be named for the limits by address to work.
    pub(crate) fn note_stranger(&self, proxy: IpAddr) {
        if !self.stranger_noted.swap(true, Ordering::Relaxed) {
            warn!(
                "{proxy} forwards requests and is not in server.trusted_proxies: callers behind it \
                 cannot be told apart, so limits by address do not apply to them"
            );
        }
    }

    /// Any request from this address.
    pub(crate) fn address(&self, address: IpAddr, now: Millis) -> Option<Standing> {
        self.addresses.as_ref()?.take(network_of(address), now)
    }

    /// A login from this address: the one call that costs us a call to WeChat and needs no
    /// credential.
    pub(crate) fn login(&self, address: IpAddr, now: Millis) -> Option<Standing> {
        self.logins.as_ref()?.take(network_of(address), now)
    }

    /// A request with this session token, known or not: it is counted before the database is asked.
    pub(crate) fn session(&self, token: &str, now: Millis) -> Option<Standing> {
        self.sessions.as_ref()?.take(sha256(token.as_bytes()), now)
    }

    /// A request with this API key, known or not.
    pub(crate) fn api_key(&self, key: &str, now: Millis) -> Option<Standing> {
        self.api_keys.as_ref()?.take(sha256(key.as_bytes()), now)
    }
}

impl<K: Eq + std::hash::Hash> Limit<K> {
    fn new(policy: Policy, per_s: u32) -> Option<Self> {
        let rate = Rate::new(per_s, per_s.saturating_mul(BURST_S));
        (per_s > 0).then(|| Self {
            policy,
            rate,
            keyed: Keyed::new(rate),
        })
    }

    fn take(&self, caller: K, now: Millis) -> Option<Standing> {
        Some(Standing {
            policy: self.policy,
            rate: self.rate,
            outcome: self.keyed.take(caller, now),
        })
    }
}

/// The part of an address that tells callers apart.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let host_bits = u128::BITS - IPV6_NETWORK_BITS;
            IpAddr::V6(Ipv6Addr::from(address.to_bits() >> host_bits << host_bits))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Millis = Millis(1_800_000_000_000);

    fn limits() -> CallerLimits {
        CallerLimits::new(&config::Limits {
            requests_per_session_per_s: 2,
            ..config::Config::from_toml("").unwrap().limits
        })
    }

    #[test]
    fn the_headers_say_what_is_allowed_and_what_is_left() {
        let limits = limits();
        let standing = limits.session("token", NOON).unwrap();
        let (policy, state) = standing.headers().unwrap();
        assert_eq!(policy, "\"session\";q=10;w=5");
        assert_eq!(state, "\"session\";r=9;t=1");
        assert_eq!(standing.exceeded(), None);
        for _ in 1..10 {
            assert_eq!(limits.session("token", NOON).unwrap().exceeded(), None);
        }
        let standing = limits.session("token", NOON).unwrap();
        assert_eq!(standing.exceeded(), Some((Policy::Session, 1)));
        assert_eq!(standing.headers().unwrap().1, "\"session\";r=0;t=5");
    }

    #[test]
    fn a_network_of_ipv6_is_one_caller_and_mapped_ipv4_is_ipv4() {
        let parsed = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(parsed("2001:da8:1:2:3:4:5:6"), "2001:da8:1:2::");
        assert_eq!(parsed("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(parsed("203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn nought_switches_a_limit_off() {
        let limits = CallerLimits::new(&config::Limits {
            requests_per_session_per_s: 0,
            ..config::Config::from_toml("").unwrap().limits
        });
        assert!(limits.session("token", NOON).is_none());
    }
}
