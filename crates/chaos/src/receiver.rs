//! The merchant's own system: takes webhooks, notes which, and sometimes has no time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use tokio::net::TcpListener;

/// A receiver that never fails would never see a repeat: every so many calls it is busy.
const BUSY_EVERY: u64 = 17;

/// Takes calls until it is dropped.
#[derive(Debug)]
pub struct Receiver {
    pub url: String,
    inner: Arc<Inner>,
    server: tokio::task::JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Inner {
    calls: AtomicU64,
    taken: Mutex<Vec<String>>,
}

impl Receiver {
    /// # Errors
    /// When there is no port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let inner = Arc::new(Inner::default());
        let router = Router::new()
            .route("/hook", post(take))
            .with_state(inner.clone());
        let server = tokio::spawn(async move {
            // The accept loop ends with this task and not before.
            axum::serve(listener, router).await.unwrap_or_default();
        });
        Ok(Self { url, inner, server })
    }

    /// The ids of all events it took, repeats included.
    pub fn taken(&self) -> Vec<String> {
        let taken = self.inner.taken.lock();
        taken.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(State(inner): State<Arc<Inner>>, headers: HeaderMap) -> StatusCode {
    let call = inner.calls.fetch_add(1, Ordering::Relaxed);
    if call % BUSY_EVERY == BUSY_EVERY - 1 {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok());
    let Some(id) = id else {
        return StatusCode::BAD_REQUEST;
    };
    let mut taken = inner.taken.lock().unwrap_or_else(PoisonError::into_inner);
    taken.push(id.to_owned());
    StatusCode::OK
}
