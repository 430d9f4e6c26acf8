//! The HTTP transport.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};

use crate::endpoints::is_loopback;
use crate::{AnswerBody, BoxFuture, Transport, TransportError};

/// Sends requests with reqwest, over TLS by rustls and aws-lc-rs, with kept connections.
///
/// Follows no redirect. A proxy named by the environment (`HTTPS_PROXY`, `NO_PROXY`) is used, but
/// never towards this machine itself. Clones share connections; share one among the clients of all
/// merchants.
///
/// ```
/// use std::time::Duration;
/// use wechatpay::HttpTransport;
///
/// let transport = HttpTransport::builder().timeout(Duration::from_secs(5)).build()?;
/// # let _: HttpTransport = transport;
/// # Ok::<(), wechatpay::TransportError>(())
/// ```
#[derive(Clone, Debug)]
pub struct HttpTransport {
    outside: reqwest::Client,
    loopback: reqwest::Client,
    max_answer_bytes: usize,
}

/// The limits of an [`HttpTransport`]; what is not set has its default.
#[derive(Clone, Debug)]
pub struct HttpTransportBuilder {
    connect_timeout: Duration,
    timeout: Duration,
    max_answer_bytes: usize,
    max_idle_per_host: usize,
}

impl HttpTransport {
    /// The time for name, connection and handshake. Beyond it the backup host is the better try.
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

    /// The time for a whole call, connection included. A buyer is waiting: after this long it is
    /// better to say that the outcome is not known yet, and to ask for it.
    pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

    /// The time for an answer that is read piece by piece: a large bill over a slow line.
    pub const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(600);

    /// The largest answer. Lawful ones have a few KiB; this only keeps a server that is not the
    /// platform from filling the memory.
    pub const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

    /// Connections kept open to one host. A call that finds none has to shake hands again, so this
    /// is at least the number of orders in flight.
    pub const MAX_IDLE_PER_HOST: usize = 256;

    /// Begins with the defaults.
    pub const fn builder() -> HttpTransportBuilder {
        HttpTransportBuilder {
            connect_timeout: Self::CONNECT_TIMEOUT,
            timeout: Self::TOTAL_TIMEOUT,
            max_answer_bytes: Self::MAX_ANSWER_BYTES,
            max_idle_per_host: Self::MAX_IDLE_PER_HOST,
        }
    }

    fn towards(&self, request: &Request<Bytes>) -> &reqwest::Client {
        let here = request.uri().host().is_some_and(is_loopback);
        if here { &self.loopback } else { &self.outside }
    }

    async fn begin(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<Box<dyn AnswerBody>>, TransportError> {
        let client = self.towards(&request);
        let mut request = reqwest::Request::try_from(request).map_err(failed)?;
        *request.timeout_mut() = Some(Self::DOWNLOAD_TIMEOUT);
        let mut response = client.execute(request).await.map_err(failed)?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut answer = Response::new(Box::new(Pieces(response)) as Box<dyn AnswerBody>);
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        Ok(answer)
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let client = self.towards(&request);
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let mut response = client.execute(request).await.map_err(failed)?;

        let too_large = || TransportError::maybe_sent(TooLarge(self.max_answer_bytes));
        let announced = response.content_length().map(usize::try_from);
        let announced = announced
            .transpose()
            .map_err(|_| too_large())?
            .unwrap_or_default();
        if announced > self.max_answer_bytes {
            return Err(too_large());
        }
        let mut body = BytesMut::with_capacity(announced);
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len().saturating_add(chunk.len()) > self.max_answer_bytes {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }

        let mut answer = Response::new(body.freeze());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

impl Transport for HttpTransport {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(self.exchange(request))
    }

    fn open(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Box<dyn AnswerBody>>, TransportError>> {
        Box::pin(self.begin(request))
    }
}

struct Pieces(reqwest::Response);

impl AnswerBody for Pieces {
    fn piece(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        Box::pin(async { self.0.chunk().await.map_err(failed) })
    }
}

impl HttpTransportBuilder {
    /// The time for name, connection and handshake; [`HttpTransport::CONNECT_TIMEOUT`] unless set.
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The time for a whole call; [`HttpTransport::TOTAL_TIMEOUT`] unless set.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The largest answer in bytes; [`HttpTransport::MAX_ANSWER_BYTES`] unless set.
    #[must_use]
    pub const fn max_answer_bytes(mut self, bytes: usize) -> Self {
        self.max_answer_bytes = bytes;
        self
    }

    /// Connections kept open to one host; [`HttpTransport::MAX_IDLE_PER_HOST`] unless set.
    #[must_use]
    pub const fn max_idle_per_host(mut self, connections: usize) -> Self {
        self.max_idle_per_host = connections;
        self
    }

    /// The transport.
    ///
    /// # Errors
    /// [`TransportError`] when the machine has no usable TLS roots.
    pub fn build(self) -> Result<HttpTransport, TransportError> {
        Ok(HttpTransport {
            outside: self.client().build().map_err(failed)?,
            loopback: self.client().no_proxy().build().map_err(failed)?,
            max_answer_bytes: self.max_answer_bytes,
        })
    }

    fn client(&self) -> reqwest::ClientBuilder {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the transport that sets the limits"
        )]
        let builder = reqwest::Client::builder();
        builder
            .tls_backend_rustls()
            .connect_timeout(self.connect_timeout)
            .timeout(self.timeout)
            .pool_max_idle_per_host(self.max_idle_per_host)
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the answer has more than {0} bytes")]
struct TooLarge(usize);

/// Only a failure to build or to connect is sure to have sent nothing. The address is taken out,
/// because that of a login holds the app's secret.
fn failed(error: reqwest::Error) -> TransportError {
    let not_sent = error.is_connect() || error.is_builder();
    let error = error.without_url();
    if not_sent {
        TransportError::not_sent(error)
    } else {
        TransportError::maybe_sent(error)
    }
}
