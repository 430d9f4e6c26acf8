//! The sections of [`Config`], read one by one. Ranges are what still makes sense, not taste.

use std::net::SocketAddr;

use secrecy::{ExposeSecret, SecretString};
use wechatpay::BaseUrl;

use super::problem::Problem;
use super::reader::{Found, Section, beside};
use super::tree::Origin;
use super::{
    Config, Database, Jobs, LatePayments, Limits, Log, LogFormat, Network, Notifications, Orders,
    Reconciliation, Refunds, Server, Sessions, Webhooks, Wechat,
};
use super::{merchant, rules};

const SECOND_MS: u32 = 1_000;
const HOUR_S: u32 = 3_600;
const DAY_S: u32 = 24 * HOUR_S;

/// `None` only together with a problem.
pub(super) fn config(mut root: Section) -> Option<Config> {
    let server = server(root.section("server"));
    let database = database(root.section("database"));
    let limits = limits(root.section("limits"));
    let orders = orders(root.section("orders"));
    let refunds = refunds(root.section("refunds"));
    let notifications = notifications(root.section("notifications"));
    let reconciliation = reconciliation(root.section("reconciliation"));
    let sessions = sessions(root.section("sessions"));
    let wechat = wechat(root.section("wechat"));
    let jobs = jobs(root.section("jobs"));
    let webhooks = webhooks(root.section("webhooks"));
    let log = log(root.section("log"));
    let public_url = server
        .as_ref()
        .and_then(|server| server.public_url.as_deref());
    let merchants = merchant::all(root.section("merchants"), public_url);
    root.finish();
    Some(Config {
        server: server?,
        database: database?,
        limits,
        orders,
        refunds: refunds?,
        notifications,
        reconciliation,
        sessions,
        wechat: wechat?,
        jobs,
        webhooks,
        log: log?,
        merchants: merchants?,
    })
}

fn server(mut section: Section) -> Option<Server> {
    let listen = address(&mut section, "listen");
    let admin_listen = address(&mut section, "admin_listen");
    let public_url = public_url(&mut section);
    let trusted_proxies = networks(&mut section, "trusted_proxies");
    let max_body_bytes = section.whole("max_body_bytes", 4_096..=16 * 1024 * 1024);
    let request_timeout_ms = section.whole("request_timeout_ms", SECOND_MS..=300 * SECOND_MS);
    let shutdown_grace_s = section.whole("shutdown_grace_s", 0..=600);
    section.finish();
    Some(Server {
        listen: listen?,
        admin_listen: admin_listen?,
        public_url,
        trusted_proxies,
        max_body_bytes,
        request_timeout_ms,
        shutdown_grace_s,
    })
}

fn database(mut section: Section) -> Option<Database> {
    let url = section.secret("url", "url_file", rules::redact_url);
    let url = url.and_then(|url| database_url(&section, &url));
    let max_connections = section.whole("max_connections", 1..=256);
    section.finish();
    Some(Database {
        url: url?,
        max_connections,
    })
}

/// A relative SQLite path in a file is meant beside that file, like every other path.
fn database_url(section: &Section, url: &Found<SecretString>) -> Option<SecretString> {
    let text = url.value.expose_secret();
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Some(url.value.clone());
    }
    let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) else {
        // Not quoted: a password may stand in it.
        let message = "must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME";
        section.complain(Problem::at(&url.origin, &section.key("url"), message));
        return None;
    };
    if path.starts_with(':') {
        return Some(url.value.clone());
    }
    let path = beside(&url.origin, path.as_ref());
    Some(SecretString::from(format!("sqlite:{}", path.display())))
}

fn limits(mut section: Section) -> Limits {
    let limits = Limits {
        max_connections: section.whole("max_connections", 16..=100_000),
        max_connections_per_address: section.whole("max_connections_per_address", 0..=100_000),
        max_notifications_in_flight: section.whole("max_notifications_in_flight", 1..=10_000),
        max_logins_in_flight: section.whole("max_logins_in_flight", 1..=10_000),
        max_reads_in_flight: section.whole("max_reads_in_flight", 1..=10_000),
        requests_per_address_per_s: section.whole("requests_per_address_per_s", 0..=100_000),
        logins_per_address_per_s: section.whole("logins_per_address_per_s", 0..=100_000),
        requests_per_session_per_s: section.whole("requests_per_session_per_s", 0..=100_000),
        requests_per_api_key_per_s: section.whole("requests_per_api_key_per_s", 0..=100_000),
    };
    section.finish();
    limits
}

fn orders(mut section: Section) -> Orders {
    let orders = Orders {
        // WeChat wants a minute at least; a prepay id lives two hours, but can be had again.
        expires_in_s: section.whole("expires_in_s", 60..=7 * DAY_S),
        max_quantity: section.whole("max_quantity", 1..=10_000),
        max_in_flight: section.whole("max_in_flight", 1..=100_000),
        idempotency_kept_s: section.whole("idempotency_kept_s", DAY_S..=30 * DAY_S),
    };
    section.finish();
    orders
}

fn refunds(mut section: Section) -> Option<Refunds> {
    let late_payments = section.text("late_payments");
    let late_payments = late_payments.and_then(|found| match found.value.as_str() {
        "refund" => Some(LatePayments::Refund),
        "keep" => Some(LatePayments::Keep),
        other => {
            let message = format!("must be refund or keep, not `{other}`");
            let key = section.key("late_payments");
            section.complain(Problem::at(&found.origin, &key, message));
            None
        }
    });
    section.finish();
    Some(Refunds {
        late_payments: late_payments?,
    })
}

fn notifications(mut section: Section) -> Notifications {
    let notifications = Notifications {
        // Less than WeChat goes on sending one would lose what it is compared with.
        kept_s: section.whole("kept_s", 5 * DAY_S..=3650 * DAY_S),
    };
    section.finish();
    notifications
}

fn reconciliation(mut section: Section) -> Reconciliation {
    let reconciliation = Reconciliation {
        enabled: section.flag("enabled"),
    };
    section.finish();
    reconciliation
}

fn sessions(mut section: Section) -> Sessions {
    let sessions = Sessions {
        expires_in_s: section.whole("expires_in_s", 60..=90 * DAY_S),
    };
    section.finish();
    sessions
}

fn wechat(mut section: Section) -> Option<Wechat> {
    let api_url = required_url(&mut section, "api_url").map(|found| found.value);
    let backup_url = host_url(&mut section, "backup_url");
    let login_url = required_url(&mut section, "login_url").map(|found| found.value);
    // A sandbox that is down must never make a developer's orders go to WeChat itself.
    let sandbox = api_url.as_deref().is_some_and(rules::is_loopback_url);
    let backup_url = backup_url.filter(|found| !(sandbox && found.origin == Origin::Default));
    let backup_url = backup_url.map(|found| found.value);
    let connect_timeout_ms = section.whole("connect_timeout_ms", 100..=60 * SECOND_MS);
    let timeout_ms = section.whole("timeout_ms", 100..=120 * SECOND_MS);
    let rate_percent = section.whole("rate_percent", 1..=10_000);
    section.finish();
    let (api_url, login_url) = (api_url?, login_url?);
    Some(Wechat {
        api_url,
        backup_url,
        login_url,
        connect_timeout_ms,
        timeout_ms,
        rate_percent,
    })
}

fn jobs(mut section: Section) -> Jobs {
    let jobs = Jobs {
        tick_ms: section.whole("tick_ms", 10..=60 * SECOND_MS),
        batch: section.whole("batch", 1..=1_000),
        concurrency: section.whole("concurrency", 1..=256),
        lease_s: section.whole("lease_s", 15..=HOUR_S),
        refresh_keys_every_s: section.whole("refresh_keys_every_s", 60..=12 * HOUR_S),
        prune_every_s: section.whole("prune_every_s", 60..=DAY_S),
    };
    section.finish();
    jobs
}

fn webhooks(mut section: Section) -> Webhooks {
    let webhooks = Webhooks {
        allow_http: section.flag("allow_http"),
        allow_private_addresses: section.flag("allow_private_addresses"),
        timeout_ms: section.whole("timeout_ms", 100..=60 * SECOND_MS),
        concurrency: section.whole("concurrency", 1..=64),
        // Less than the ladder takes would disable an endpoint for one event.
        disable_after_s: section.whole("disable_after_s", 60..=90 * DAY_S),
        secret_overlap_s: section.whole("secret_overlap_s", 0..=30 * DAY_S),
        kept_s: section.whole("kept_s", 5 * DAY_S..=3650 * DAY_S),
    };
    section.finish();
    webhooks
}

fn log(mut section: Section) -> Option<Log> {
    let format = section.text("format");
    let format = format.and_then(|found| match found.value.as_str() {
        "auto" => Some(LogFormat::Auto),
        "json" => Some(LogFormat::Json),
        "pretty" => Some(LogFormat::Pretty),
        other => {
            let message = format!("must be auto, json or pretty, not `{other}`");
            section.complain(Problem::at(&found.origin, &section.key("format"), message));
            None
        }
    });
    let filter = section.text("filter");
    let filter = filter.filter(|found| lawful_filter(&section, found));
    section.finish();
    Some(Log {
        format: format?,
        filter: filter?.value,
    })
}

fn lawful_filter(section: &Section, filter: &Found<String>) -> bool {
    let parsed = tracing_subscriber::EnvFilter::try_new(&filter.value);
    if let Err(error) = &parsed {
        let message = format!("not a log filter such as `info,store=debug`: {error}");
        section.complain(Problem::at(&filter.origin, &section.key("filter"), message));
    }
    parsed.is_ok()
}

fn address(section: &mut Section, name: &'static str) -> Option<SocketAddr> {
    let found = section.text(name)?;
    let parsed = found.value.parse();
    if parsed.is_err() {
        let message = format!(
            "must be ADDRESS:PORT such as 127.0.0.1:8080, not `{}`",
            found.value
        );
        section.complain(Problem::at(&found.origin, &section.key(name), message));
    }
    parsed.ok()
}

/// Scheme and host only, and plain http only on this machine; without the trailing slash.
fn host_url(section: &mut Section, name: &'static str) -> Option<Found<String>> {
    let Found { value, origin } = section.optional_text(name)?;
    match BaseUrl::new(&value) {
        Ok(url) => Some(Found {
            value: url.as_str().to_owned(),
            origin,
        }),
        Err(error) => {
            section.complain(Problem::at(&origin, &section.key(name), error.to_string()));
            None
        }
    }
}

/// Ranges of addresses.
fn networks(section: &mut Section, name: &'static str) -> Vec<Network> {
    let mut networks = Vec::new();
    for Found { value, origin } in section.texts(name) {
        match value.parse() {
            Ok(network) => networks.push(network),
            Err(error) => {
                let error: super::NotANetwork = error;
                let message = format!("`{value}` {error}");
                section.complain(Problem::at(&origin, &section.key(name), message));
            }
        }
    }
    networks
}

/// A host that must be there.
fn required_url(section: &mut Section, name: &'static str) -> Option<Found<String>> {
    let before = section.problem_count();
    let found = host_url(section, name);
    if found.is_none() && section.problem_count() == before {
        section.missing(name, "is required");
    }
    found
}

/// Any lawful beginning of a notification URL; whether WeChat can reach it is asked by the doctor.
fn public_url(section: &mut Section) -> Option<String> {
    let Found { value, origin } = section.optional_text("public_url")?;
    if let Some(why) = rules::notify_url_fault(&value) {
        let message = format!("`{value}` {why}");
        section.complain(Problem::at(&origin, &section.key("public_url"), message));
        return None;
    }
    Some(value.trim_end_matches('/').to_owned())
}
