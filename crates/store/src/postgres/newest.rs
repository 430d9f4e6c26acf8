//! Of several servers, the one whose history goes on.
//!
//! After a failover the old primary may come back and believe that it is one. It takes connections
//! and shows what it had: orders that were placed since are unknown to it, and a payment that was
//! booked is not. (What it is given it does not acknowledge, when its standby was synchronous.) But
//! each promotion begins a *timeline*, a number that only grows. So a process takes no server whose
//! timeline is behind one that it has seen, and the first connection of a process, which has seen
//! none, asks all of them.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use deadpool_postgres::Connect;
use tokio::task::JoinHandle;
use tokio_postgres::{
    Client, Config, Error, SimpleQueryMessage, Socket,
    config::Host,
    tls::{MakeTlsConnect, TlsConnect},
};

/// The name of the log file that is being written begins with the timeline, in eight hex digits.
const TIMELINE: &str = "SELECT pg_walfile_name(pg_current_wal_lsn())";
const TIMELINE_DIGITS: usize = 8;

/// Databases that are no PostgreSQL inside have no timelines and sort failovers out themselves.
const WITHOUT_TIMELINE: u32 = 1;

type Connected = (Client, JoinHandle<()>);

pub(super) struct Newest<T> {
    tls: T,
    seen: Seen,
}

/// The newest timeline that this process has seen; 0 before the first.
pub(super) type Seen = Arc<AtomicU32>;

impl<T> Newest<T> {
    pub(super) const fn new(tls: T, seen: Seen) -> Self {
        Self { tls, seen }
    }
}

impl<T> Connect for Newest<T>
where
    T: MakeTlsConnect<Socket> + Clone + Sync + Send + 'static,
    T::Stream: Sync + Send,
    T::TlsConnect: Sync + Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    fn connect(
        &self,
        config: &Config,
    ) -> Pin<Box<dyn Future<Output = Result<Connected, Error>> + Send + '_>> {
        let config = config.clone();
        Box::pin(async move {
            match each_host(&config).as_slice() {
                [] | [_] => open(&config, &self.tls).await,
                several => self.newest_of(several).await,
            }
        })
    }
}

impl<T> Newest<T>
where
    T: MakeTlsConnect<Socket> + Clone + Sync + Send + 'static,
    T::Stream: Sync + Send,
    T::TlsConnect: Sync + Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    /// The first host that takes writes and is not behind. A host that cannot be asked may be the
    /// newest, so with one of them missing nothing older is taken.
    async fn newest_of(&self, hosts: &[Config]) -> Result<Connected, Error> {
        let seen = self.seen.load(Ordering::SeqCst);
        let mut best: Option<(u32, Connected)> = None;
        let mut missing = None;
        for host in hosts {
            let found = match open(host, &self.tls).await {
                Ok(connected) => (timeline_of(&connected.0).await, connected),
                Err(error) => {
                    missing = Some(error);
                    continue;
                }
            };
            let is_newer = best.as_ref().is_none_or(|(best, _)| found.0 > *best);
            if is_newer {
                best = Some(found);
            }
            if seen > 0 && best.as_ref().is_some_and(|(best, _)| *best >= seen) {
                break;
            }
        }
        match (best, missing) {
            (Some((timeline, _)), Some(error)) if timeline < seen => Err(error),
            (Some((timeline, connected)), _) => {
                // When all were asked and all are behind, somebody has restored them on purpose.
                self.seen.store(timeline, Ordering::SeqCst);
                Ok(connected)
            }
            (None, Some(error)) => Err(error),
            (None, None) => unreachable!("several hosts were asked, and each answered or failed"),
        }
    }
}

async fn open<T>(config: &Config, tls: &T) -> Result<Connected, Error>
where
    T: MakeTlsConnect<Socket> + Clone,
    T::Stream: Send + 'static,
{
    let (client, connection) = config.connect(tls.clone()).await?;
    // How a connection ends is told to whoever uses it.
    let driver = tokio::spawn(async move { connection.await.unwrap_or_default() });
    Ok((client, driver))
}

async fn timeline_of(client: &Client) -> u32 {
    let answer = client.simple_query(TIMELINE).await.unwrap_or_default();
    let name = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    name.and_then(timeline).unwrap_or(WITHOUT_TIMELINE)
}

fn timeline(log_file: &str) -> Option<u32> {
    u32::from_str_radix(log_file.get(..TIMELINE_DIGITS)?, 16).ok()
}

/// The same settings for each host alone.
fn each_host(config: &Config) -> Vec<Config> {
    let hosts = config.get_hosts();
    if !config.get_hostaddrs().is_empty() {
        // Addresses beside names: the driver alone knows how they belong together.
        return Vec::new();
    }
    let ports = config.get_ports();
    let mut each = Vec::with_capacity(hosts.len());
    for (index, host) in hosts.iter().enumerate() {
        let mut one = Config::new();
        copy_settings(config, &mut one);
        match host {
            Host::Tcp(name) => one.host(name),
            #[cfg(unix)]
            Host::Unix(path) => one.host_path(path),
        };
        if let Some(port) = ports.get(index).or(ports.first()) {
            one.port(*port);
        }
        each.push(one);
    }
    each
}

/// Everything that a URL may hold besides hosts and ports; see [`super::url`].
fn copy_settings(from: &Config, to: &mut Config) {
    if let Some(user) = from.get_user() {
        to.user(user);
    }
    if let Some(password) = from.get_password() {
        to.password(password);
    }
    if let Some(name) = from.get_dbname() {
        to.dbname(name);
    }
    if let Some(options) = from.get_options() {
        to.options(options);
    }
    if let Some(name) = from.get_application_name() {
        to.application_name(name);
    }
    if let Some(timeout) = from.get_connect_timeout() {
        to.connect_timeout(*timeout);
    }
    if let Some(timeout) = from.get_tcp_user_timeout() {
        to.tcp_user_timeout(*timeout);
    }
    if let Some(interval) = from.get_keepalives_interval() {
        to.keepalives_interval(interval);
    }
    if let Some(retries) = from.get_keepalives_retries() {
        to.keepalives_retries(retries);
    }
    to.keepalives(from.get_keepalives());
    to.keepalives_idle(from.get_keepalives_idle());
    to.ssl_mode(from.get_ssl_mode());
    to.ssl_negotiation(from.get_ssl_negotiation());
    to.channel_binding(from.get_channel_binding());
    to.target_session_attrs(from.get_target_session_attrs());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeline_is_read_from_the_name_of_a_log_file() {
        assert_eq!(timeline("000000010000000000000003"), Some(1));
        assert_eq!(timeline("0000000B0000000000000003"), Some(11));
        assert_eq!(timeline("0000"), None);
    }

    #[test]
    fn each_host_keeps_its_port_and_every_setting() {
        let url = "postgres://shop:secret@a:5433,b:5434/books?connect_timeout=2&options=-cx%3Dy\
            &keepalives_idle=7&target_session_attrs=read-write";
        let config: Config = url.parse().unwrap();
        let each = each_host(&config);
        let alone = |host: &str| -> Config { url.replace("a:5433,b:5434", host).parse().unwrap() };
        assert_eq!(each, [alone("a:5433"), alone("b:5434")]);
        let shared: Config = "postgres://a,b/books".parse().unwrap();
        let ports: Vec<_> = each_host(&shared)
            .iter()
            .map(|one| one.get_ports().to_vec())
            .collect();
        assert_eq!(ports, [[5432], [5432]]);
    }
}
