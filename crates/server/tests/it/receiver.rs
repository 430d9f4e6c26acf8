//! A merchant's own system: keeps what it was told and answers what the test says.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, extract::State, response::Response, routing::any};
use http::HeaderMap;
use serde_json::Value;
use tokio::{net::TcpListener, sync::Semaphore};

/// One call as it came.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether one of the signatures is what the reference implementation makes of it. (Its own
    /// check reads the machine's clock, which a test that moves time is far away from.)
    pub(crate) fn is_signed_by(&self, secret: &str) -> bool {
        let reference = standardwebhooks::Webhook::new(secret).unwrap();
        let timestamp = self.header("webhook-timestamp").parse().unwrap();
        let body = self.body.as_bytes();
        let expected = reference.sign(self.header("webhook-id"), timestamp, body);
        let expected = expected.unwrap();
        let mut signatures = self.header("webhook-signature").split(' ');
        signatures.any(|signature| signature == expected)
    }
}

struct Inner {
    told: Mutex<Vec<Told>>,
    answers: Mutex<VecDeque<http::response::Builder>>,
    otherwise: Mutex<u16>,
    /// Each answer takes one.
    room: Semaphore,
}

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    pub(crate) port: u16,
    inner: Arc<Inner>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let receiver = Self::slow().await;
        receiver.answer_many();
        receiver
    }

    /// One that takes calls and answers none before [`Self::answer_many`].
    pub(crate) async fn slow() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let inner = Arc::new(Inner {
            told: Mutex::default(),
            answers: Mutex::default(),
            otherwise: Mutex::new(200),
            room: Semaphore::new(0),
        });
        let router = Router::new().fallback(any(take)).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url: format!("http://127.0.0.1:{port}/hook?shop=7"),
            port,
            inner,
        }
    }

    pub(crate) fn answer_many(&self) {
        self.inner.room.add_permits(10_000);
    }

    /// Answers this when the answers that were said before are used up.
    pub(crate) fn otherwise(&self, status: u16) {
        *self.inner.otherwise.lock().unwrap() = status;
    }

    /// The next answer.
    pub(crate) fn next(&self, status: u16, headers: &[(&str, &str)]) {
        let mut answer = http::Response::builder().status(status);
        for (name, value) in headers {
            answer = answer.header(*name, *value);
        }
        self.inner.answers.lock().unwrap().push_back(answer);
    }

    /// Everything that came since the last time.
    pub(crate) fn take(&self) -> Vec<Told> {
        std::mem::take(&mut *self.inner.told.lock().unwrap())
    }

    pub(crate) fn count(&self) -> usize {
        self.inner.told.lock().unwrap().len()
    }

    pub(crate) async fn until_told(&self, count: usize) {
        while self.count() < count {
            tokio::task::yield_now().await;
        }
    }
}

async fn take(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    inner.told.lock().unwrap().push(Told { headers, body });
    inner.room.acquire().await.unwrap().forget();
    let scripted = inner.answers.lock().unwrap().pop_front();
    let otherwise = *inner.otherwise.lock().unwrap();
    let answer = scripted.unwrap_or_else(|| http::Response::builder().status(otherwise));
    answer
        .body("你好 from the receiver".repeat(100).into())
        .unwrap()
}
