//! The seam between this crate and the network.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;

/// A boxed future, so that [`Transport`] can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What we call ourselves. WeChat refuses some calls that name nobody.
pub(crate) const AGENT: HeaderValue = HeaderValue::from_static(concat!(
    "shouyin-wechatpay/",
    env!("CARGO_PKG_VERSION"),
    " (Rust)"
));

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Takes the bytes of one request to WeChat and brings the bytes of the answer, whatever its
/// status.
///
/// An implementation sets the timeouts, bounds the size of an answer, follows no redirect, repeats
/// nothing, and logs neither address nor body: the address of a login holds the app's secret.
///
/// ```
/// use bytes::Bytes;
/// use wechatpay::{BoxFuture, Transport, TransportError};
///
/// struct Offline;
///
/// impl Transport for Offline {
///     fn send(
///         &self,
///         _request: http::Request<Bytes>,
///     ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
///         Box::pin(async { Err(TransportError::not_sent("there is no network here")) })
///     }
/// }
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends a request and waits for the whole answer.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;

    /// Sends a request and returns when the answer begins, to be read piece by piece: a bill may
    /// have hundreds of megabytes. A bound on the size is then the reader's business, and a bound
    /// on the time still the transport's.
    ///
    /// What an implementation does not say about this is done with [`send`](Transport::send), and
    /// the whole answer is one piece: right, but only for bills that `send` takes.
    fn open(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Box<dyn AnswerBody>>, TransportError>> {
        Box::pin(async move {
            let response = self.send(request).await?;
            Ok(response.map(|body| Box::new(OnePiece(Some(body))) as Box<dyn AnswerBody>))
        })
    }
}

/// The body of an answer, on its way.
pub trait AnswerBody: Send {
    /// Waits for the next piece; `None` when the body is complete. A body that ends early is an
    /// error, never an end.
    fn piece(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>>;
}

struct OnePiece(Option<Bytes>);

impl AnswerBody for OnePiece {
    fn piece(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        let piece = self.0.take();
        Box::pin(async { Ok(piece) })
    }
}

/// No answer came.
pub struct TransportError {
    may_have_been_sent: bool,
    source: Box<dyn StdError + Send + Sync>,
}

impl TransportError {
    /// Nothing can have reached WeChat: no address, no connection, no handshake. Only then may
    /// another host be tried at once.
    pub fn not_sent(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            may_have_been_sent: false,
            source: source.into(),
        }
    }

    /// The request may have reached WeChat and may have had its effect. Say this when in doubt.
    pub fn maybe_sent(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            may_have_been_sent: true,
            source: source.into(),
        }
    }

    /// Whether the request may have had its effect.
    pub const fn may_have_been_sent(&self) -> bool {
        self.may_have_been_sent
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.may_have_been_sent {
            "no answer came, and the request may have arrived"
        } else {
            "the request was not sent"
        })
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("may_have_been_sent", &self.may_have_been_sent)
            .field("source", &self.source)
            .finish()
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}

/// The transport of a client that was given none.
pub(crate) fn default_transport() -> Arc<dyn Transport> {
    #[cfg(feature = "reqwest")]
    match crate::HttpTransport::builder().build() {
        Ok(transport) => Arc::new(transport),
        Err(error) => Arc::new(NoTransport(error.source.to_string())),
    }
    #[cfg(not(feature = "reqwest"))]
    Arc::new(NoTransport(
        "no transport was given to the client".to_owned(),
    ))
}

/// Stands where no transport can be had, and says so on every call.
struct NoTransport(String);

impl Transport for NoTransport {
    fn send(
        &self,
        _request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async { Err(TransportError::not_sent(self.0.clone())) })
    }
}
