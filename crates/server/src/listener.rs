//! Accepts connections, each of them bounded: in number, in all and by address; in the size of its
//! headers, and the time that a caller may leave them unfinished or a kept connection unused; and
//! in the time that it may leave an answer unread. What a request may take after its headers is the
//! envelope's business.

mod places;
mod stream;

use std::{io, net::SocketAddr, time::Duration};

use axum::Router;
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::{
    api::Peer,
    config::{Config, Network},
};

use places::{Place, Places};
use stream::Stream;

/// The buffer of a connection, and so the most that a request's headers may take; those that were
/// seen have 2 KiB. Twice this for each connection makes 64 MiB of the worst case by default.
const BUFFER_BYTES: usize = 16 * 1024;

/// Header lines of a request. A browser behind two proxies sends 30.
const HEADERS_MAX: usize = 64;

/// How long a caller has for its headers while most places are taken: a phone sends them in one
/// packet, only an attacker needs longer.
const HEADERS_WITHIN_WHEN_FULL: Duration = Duration::from_secs(2);

/// How long an answer may wait for a caller that does not read.
const UNREAD_WITHIN: Duration = Duration::from_secs(15);

/// `accept` fails when the process has no file descriptor left; trying at once would spin.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// What connections may take.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// At the same time; whoever comes on top waits in the kernel's backlog.
    pub connections: usize,
    /// The same for one address of the public internet; what comes on top is closed. 0 for no
    /// bound.
    pub per_address: usize,
    /// Proxies, whose connections are everybody's and are not counted by address.
    pub trusted: Vec<Network>,
    /// How long a caller may take for a request's headers, and how long a kept connection may wait
    /// for its next request.
    pub headers_within: Duration,
}

impl Bounds {
    /// Those of the configuration, for each listener.
    ///
    /// # Errors
    /// On a machine whose words are shorter than 32 bits.
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            connections: usize::try_from(config.limits.max_connections)?,
            per_address: usize::try_from(config.limits.max_connections_per_address)?,
            trusted: config.server.trusted_proxies.clone(),
            headers_within: config.server.request_timeout(),
        })
    }
}

/// Serves until `stop`, and then until the requests that have begun are answered.
pub async fn serve(listener: TcpListener, router: Router, bounds: Bounds, stop: CancellationToken) {
    let at_ease = protocol(bounds.headers_within);
    let when_full = protocol(bounds.headers_within.min(HEADERS_WITHIN_WHEN_FULL));
    let places = Places::new(bounds);
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = next(&listener, &places) => accepted,
        };
        let (tcp, peer, place) = match accepted {
            Ok(Some(accepted)) => accepted,
            Ok(None) => continue,
            Err(error) => {
                warn!("a connection could not be accepted: {error}");
                // Waits, unless the stop comes first.
                tokio::time::timeout(AFTER_FAILED_ACCEPT, stop.cancelled())
                    .await
                    .unwrap_or_default();
                continue;
            }
        };
        let http = if places.are_scarce() {
            &when_full
        } else {
            &at_ease
        };
        let routed = TowerToHyperService::new(router.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            routed.call(request)
        });
        let io = TokioIo::new(Stream::new(tcp, UNREAD_WITHIN));
        let connection = graceful.watch(http.serve_connection(io, service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                debug!("a connection ended early: {error}");
            }
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

fn protocol(headers_within: Duration) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(headers_within)
        .max_buf_size(BUFFER_BYTES)
        .max_headers(HEADERS_MAX);
    http
}

/// The next connection and its place; none when its address has as many as it may. A place among
/// all comes first, so that the backlog holds the rest.
async fn next(
    listener: &TcpListener,
    places: &Places,
) -> io::Result<Option<(TcpStream, SocketAddr, Place)>> {
    let place = places.wait_for_one().await;
    let (tcp, peer) = listener.accept().await?;
    let Some(place) = place.for_address(peer.ip()) else {
        return Ok(None);
    };
    // An answer is one small packet; waiting to fill it would cost every caller 40 ms.
    tcp.set_nodelay(true)?;
    Ok(Some((tcp, peer, place)))
}
