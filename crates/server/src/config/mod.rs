//! What the operator decides: one typed value, read once at start from four layers.
//!
//! `config.default.toml` (embedded, the manual of every key) < the operator's file < the
//! environment < flags. All layers are merged as one tree in which each value remembers where it
//! came from, so every message names the line, the variable or the flag that is at fault, and one
//! run reports all problems. Nothing here touches the network or parses a cryptographic key.

mod conflict;
mod decode;
mod env;
mod file;
mod load;
mod merchant;
mod nearest;
mod network;
mod problem;
mod reader;
mod rules;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
pub use load::{DEFAULT_FILE, Loaded, Override, Sources};
pub use network::{Network, NotANetwork};
pub use problem::{ConfigError, Problem};
pub use reader::Setting;
pub use rules::{PublicHost, host_of, is_loopback_url, redact_url};
use secrecy::SecretString;
pub use tree::Origin;

/// Everything that can be set. `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Config {
    pub server: Server,
    pub database: Database,
    pub limits: Limits,
    pub orders: Orders,
    pub refunds: Refunds,
    pub notifications: Notifications,
    pub reconciliation: Reconciliation,
    pub sessions: Sessions,
    pub wechat: Wechat,
    pub jobs: Jobs,
    pub webhooks: Webhooks,
    pub log: Log,
    /// By merchant key: the last path segment of the merchant's notification URL.
    pub merchants: BTreeMap<String, Merchant>,
}

/// `[server]`: the two listeners and what one request may cost.
#[derive(Clone, Debug)]
pub struct Server {
    pub listen: SocketAddr,
    pub admin_listen: SocketAddr,
    /// What WeChat and the mini program reach us by, without a trailing slash.
    pub public_url: Option<String>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Largest request body that is read, in bytes.
    pub max_body_bytes: u32,
    pub request_timeout_ms: u32,
    /// How long a stop waits for requests and jobs that have begun, in seconds.
    pub shutdown_grace_s: u32,
}

/// `[database]`.
#[derive(Clone, Debug)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://…`; secret, since it may hold a password.
    pub url: SecretString,
    /// To PostgreSQL; without effect on SQLite.
    pub max_connections: u32,
}

/// `[limits]`: how much is taken on at once, and from one caller. 0 switches a limit by caller off.
#[derive(Clone, Debug)]
pub struct Limits {
    pub max_connections: u32,
    pub max_connections_per_address: u32,
    pub max_notifications_in_flight: u32,
    pub max_logins_in_flight: u32,
    pub max_reads_in_flight: u32,
    pub requests_per_address_per_s: u32,
    pub logins_per_address_per_s: u32,
    pub requests_per_session_per_s: u32,
    pub requests_per_api_key_per_s: u32,
}

/// `[orders]`.
#[derive(Clone, Debug)]
pub struct Orders {
    /// How long a buyer has to pay, in seconds.
    pub expires_in_s: u32,
    pub max_quantity: u32,
    /// Orders being placed at the same time; what comes on top is refused as busy.
    pub max_in_flight: u32,
    /// How long an idempotency key is remembered, in seconds.
    pub idempotency_kept_s: u32,
}

/// `[refunds]`.
#[derive(Clone, Debug)]
pub struct Refunds {
    pub late_payments: LatePayments,
}

/// What becomes of a payment for an order that was closed, or paid before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatePayments {
    /// It is paid back by itself, and a person is told.
    Refund,
    /// A person is told, and decides.
    Keep,
}

/// `[notifications]`.
#[derive(Clone, Debug)]
pub struct Notifications {
    pub kept_s: u32,
}

impl Notifications {
    /// How long a notification is kept as it came.
    pub fn kept(&self) -> Duration {
        Duration::from_secs(self.kept_s.into())
    }
}

/// `[reconciliation]`: WeChat's bills against the books.
#[derive(Clone, Debug)]
pub struct Reconciliation {
    pub enabled: bool,
}

/// `[sessions]`.
#[derive(Clone, Debug)]
pub struct Sessions {
    pub expires_in_s: u32,
}

/// `[wechat]`: hosts and patience.
#[derive(Clone, Debug)]
pub struct Wechat {
    pub api_url: String,
    pub backup_url: Option<String>,
    pub login_url: String,
    pub connect_timeout_ms: u32,
    pub timeout_ms: u32,
    /// Of the pace that WeChat allows a merchant, how much this process takes.
    pub rate_percent: u32,
}

/// `[jobs]`: how the background work is paced.
#[derive(Clone, Debug)]
pub struct Jobs {
    /// Longest wait between two looks for due work, in milliseconds.
    pub tick_ms: u32,
    /// Jobs that one look claims for one merchant.
    pub batch: u32,
    /// Jobs of one kind that run at the same time.
    pub concurrency: u32,
    /// How long a claimed job belongs to its worker, in seconds.
    pub lease_s: u32,
    pub refresh_keys_every_s: u32,
    pub prune_every_s: u32,
}

/// `[webhooks]`: telling the merchant's own systems.
#[derive(Clone, Debug)]
pub struct Webhooks {
    pub allow_http: bool,
    pub allow_private_addresses: bool,
    /// How long a receiver has for its whole answer, in milliseconds.
    pub timeout_ms: u32,
    /// Calls to one endpoint at the same time.
    pub concurrency: u32,
    /// How long an endpoint may fail without a success before it is disabled, in seconds.
    pub disable_after_s: u32,
    /// How long an old secret signs too after a rotation, in seconds.
    pub secret_overlap_s: u32,
    /// How long attempts and finished deliveries are kept, in seconds.
    pub kept_s: u32,
}

/// `[log]`.
#[derive(Clone, Debug)]
pub struct Log {
    pub format: LogFormat,
    /// A `tracing` filter such as `info,store=debug`.
    pub filter: String,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Pretty on a terminal, JSON elsewhere.
    Auto,
    Json,
    Pretty,
}

/// `[merchants.<key>]`: one merchant account and the apps it takes money in.
#[derive(Clone, Debug)]
pub struct Merchant {
    pub mch_id: String,
    pub name: String,
    /// Serial number of the merchant API certificate, 40 upper-case hex digits.
    pub serial_no: String,
    /// PEM text of `apiclient_key.pem`.
    pub private_key: SecretString,
    /// PEM text of `apiclient_cert.pem`; lets the pair and the serial be checked at start.
    pub certificate: Option<String>,
    /// Exactly 32 bytes.
    pub api_v3_key: SecretString,
    /// The one of before a change; present exactly when its end is.
    pub previous_api_v3_key: Option<SecretString>,
    /// From then on the previous key opens nothing.
    pub previous_api_v3_key_until: Option<Timestamp>,
    /// `PUB_KEY_ID_…`; present exactly when `public_key` is.
    pub public_key_id: Option<String>,
    /// PEM text of the WeChat Pay public key.
    pub public_key: Option<String>,
    /// Where WeChat reports payments; already filled in from `server.public_url`.
    pub notify_url: String,
    /// What the merchant's systems send as `Authorization: Bearer …`; without it none can call.
    pub api_key: Option<SecretString>,
    /// At least one.
    pub apps: Vec<AppConfig>,
}

/// `[[merchants.<key>.apps]]`: a mini program of this merchant.
#[derive(Clone, Debug)]
pub struct AppConfig {
    pub app_id: String,
    pub app_secret: SecretString,
}

impl Server {
    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(u64::from(self.request_timeout_ms))
    }

    pub fn shutdown_grace(&self) -> Duration {
        Duration::from_secs(u64::from(self.shutdown_grace_s))
    }
}

impl Orders {
    pub fn expires_in(&self) -> Duration {
        Duration::from_secs(u64::from(self.expires_in_s))
    }
}

impl Sessions {
    pub fn expires_in(&self) -> Duration {
        Duration::from_secs(u64::from(self.expires_in_s))
    }
}

impl Wechat {
    pub fn connect_timeout(&self) -> Duration {
        Duration::from_millis(u64::from(self.connect_timeout_ms))
    }

    pub fn timeout(&self) -> Duration {
        Duration::from_millis(u64::from(self.timeout_ms))
    }
}

impl Jobs {
    pub fn tick(&self) -> Duration {
        Duration::from_millis(u64::from(self.tick_ms))
    }

    pub fn lease(&self) -> Duration {
        Duration::from_secs(u64::from(self.lease_s))
    }
}

impl Webhooks {
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(u64::from(self.timeout_ms))
    }

    pub fn disable_after(&self) -> Duration {
        Duration::from_secs(u64::from(self.disable_after_s))
    }

    pub fn kept(&self) -> Duration {
        Duration::from_secs(u64::from(self.kept_s))
    }
}

/// Why a command cannot tell which merchant it is about.
#[derive(Debug, thiserror::Error)]
pub enum WhichMerchant {
    #[error(
        "no merchant is configured; add a [merchants.<key>] section (see `shouyin config init`)"
    )]
    None,
    #[error("there is no merchant `{asked}`; configured: {known}")]
    Unknown { asked: String, known: String },
    #[error("several merchants are configured ({known}); say which with --merchant KEY")]
    Several { known: String },
}

impl Config {
    /// The merchant that was asked for, or the only one there is.
    pub fn merchant(&self, asked: Option<&str>) -> Result<(&str, &Merchant), WhichMerchant> {
        let known = || {
            self.merchants
                .keys()
                .cloned()
                .collect::<Vec<_>>()
                .join(", ")
        };
        let mut all = self
            .merchants
            .iter()
            .map(|(key, merchant)| (key.as_str(), merchant));
        match (asked, self.merchants.len()) {
            (_, 0) => Err(WhichMerchant::None),
            (None, 1) => all.next().ok_or(WhichMerchant::None),
            (None, _) => Err(WhichMerchant::Several { known: known() }),
            (Some(key), _) => {
                all.find(|(each, _)| *each == key)
                    .ok_or_else(|| WhichMerchant::Unknown {
                        asked: key.to_owned(),
                        known: known(),
                    })
            }
        }
    }
}
