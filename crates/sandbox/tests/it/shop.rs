//! A merchant's notification address: it keeps what comes and answers as it is told.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use tokio::net::TcpListener;

/// How the shop answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Status(u16),
    /// A redirect to itself, which must not be followed.
    Redirect,
    /// Never.
    Silence,
}

#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) url: String,
    state: Arc<Mutex<(Manner, Vec<Received>)>>,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/notify", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new((Manner::Status(204), Vec::new())));
        let shop = Self { url, state };
        let router = Router::new().fallback(receive).with_state(shop.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        shop
    }

    pub(crate) fn answers(&self, manner: Manner) {
        self.state.lock().unwrap().0 = manner;
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap().1.clone()
    }
}

async fn receive(State(shop): State<Shop>, headers: HeaderMap, body: Bytes) -> Response {
    let manner = {
        let mut state = shop.state.lock().unwrap();
        state.1.push(Received { headers, body });
        state.0
    };
    match manner {
        Manner::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Manner::Redirect => {
            (StatusCode::FOUND, [(header::LOCATION, shop.url.clone())]).into_response()
        }
        Manner::Silence => std::future::pending().await,
    }
}
