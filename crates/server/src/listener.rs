//! Accepts connections, each of them bounded: in number, and in the time that a caller may leave
//! its headers unfinished or a kept connection unused. What a request may take after its headers is
//! the envelope's business.

use std::{io, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

/// Connections at the same time; whoever comes on top waits in the kernel's backlog. Some 16 KiB of
/// buffers each make 32 MiB of the worst case.
const CONNECTIONS_MAX: usize = 2048;

/// `accept` fails when the process has no file descriptor left; trying at once would spin.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// Serves until `stop`, and then until the requests that have begun are answered.
///
/// `headers_within` is how long a caller may take for a request's headers, and how long a kept
/// connection may wait for its next request.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    headers_within: Duration,
    stop: CancellationToken,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(headers_within);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => break,
            stream = next(&listener, &places) => stream,
        };
        let (stream, place) = match stream {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!("a connection could not be accepted: {error}");
                // Waits, unless the stop comes first.
                tokio::time::timeout(AFTER_FAILED_ACCEPT, stop.cancelled())
                    .await
                    .unwrap_or_default();
                continue;
            }
        };
        let service = TowerToHyperService::new(router.clone());
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
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

/// The next connection and its place. The place comes first, so that the backlog holds the rest.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places)
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    // An answer is one small packet; waiting to fill it would cost every caller 40 ms.
    stream.set_nodelay(true)?;
    Ok((stream, place))
}
