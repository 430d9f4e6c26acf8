//! How buyers and the merchant's systems call the server: with a key for each intent, again and
//! again until there is an answer, and with a memory of what they were told.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use axum::body::{Body, to_bytes};
use http::{Method, Request, header};
use serde_json::Value;

use crate::{audit::Violation, chance::Chance, world::World};

/// The largest answer that is read; a page of a hundred events takes some 60 KiB.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// How often somebody tries before he gives up.
const ATTEMPTS_MAX: u32 = 40;

/// The longest pause between two attempts, in seconds.
const PAUSE_MAX_S: u64 = 600;

/// What came back. Without a status nothing did.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: Option<u16>,
    pub(crate) body: Value,
}

impl Answer {
    fn nothing() -> Self {
        Self {
            status: None,
            body: Value::Null,
        }
    }

    pub(crate) fn is_good(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }

    /// The `code` of a problem.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Whether the server says, or silence means, that the same request may be sent again.
    fn is_worth_another_try(&self) -> bool {
        self.status.is_none() || self.body["retryable"] == Value::Bool(true)
    }
}

/// One call to be made.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) bearer: &'a str,
    pub(crate) key: Option<&'a str>,
    pub(crate) body: Option<Value>,
}

impl<'a> Call<'a> {
    pub(crate) fn get(path: String, bearer: &'a str) -> Self {
        Self {
            method: Method::GET,
            path,
            bearer,
            key: None,
            body: None,
        }
    }

    pub(crate) fn post(path: String, bearer: &'a str, body: Value) -> Self {
        Self {
            method: Method::POST,
            path,
            bearer,
            key: None,
            body: Some(body),
        }
    }

    pub(crate) fn with_key(self, key: &'a str) -> Self {
        Self {
            key: Some(key),
            ..self
        }
    }

    fn request(&self) -> Request<Body> {
        let body = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(&self.path)
            .header(header::CONTENT_TYPE, "application/json");
        if !self.bearer.is_empty() {
            let bearer = format!("Bearer {}", self.bearer);
            request = request.header(header::AUTHORIZATION, bearer);
        }
        if let Some(key) = self.key {
            request = request.header("idempotency-key", key);
        }
        request
            .body(Body::from(body))
            .expect("these parts are always a request")
    }

    /// Sends it once.
    pub(crate) async fn once(&self, world: &World, chance: &Chance) -> Answer {
        let Some(answer) = world.request(chance, self.request()).await else {
            return Answer::nothing();
        };
        let status = Some(answer.status().as_u16());
        let body = to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await;
        let body = body.unwrap_or_default();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Answer { status, body }
    }

    /// Sends it until there is an answer that says something, with pauses that grow.
    pub(crate) async fn until_answered(&self, world: &World, chance: &Chance) -> Answer {
        let mut answer = self.once(world, chance).await;
        let mut pause = 1;
        for _ in 1..ATTEMPTS_MAX {
            if !answer.is_worth_another_try() {
                break;
            }
            world.time.sleep(chance.seconds(pause, pause * 2)).await;
            pause = (pause * 2).min(PAUSE_MAX_S);
            answer = self.once(world, chance).await;
        }
        answer
    }
}

/// What was answered under each key: the same key must get the same answer.
#[derive(Debug, Default)]
pub(crate) struct Intents {
    answered: Mutex<BTreeMap<String, Value>>,
    buyers: Mutex<BTreeMap<String, String>>,
    tokens: Mutex<Vec<String>>,
}

impl Intents {
    /// Remembers what of an answer must never change.
    ///
    /// # Errors
    /// I9, when another answer was given before.
    pub(crate) fn answered(&self, key: &str, fixed: Value) -> Result<(), Violation> {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        match answered.get(key) {
            None => {
                answered.insert(key.to_owned(), fixed);
                Ok(())
            }
            Some(before) if *before == fixed => Ok(()),
            Some(before) => {
                let what = format!("key {key} was answered {before} and then {fixed}");
                Err(Violation::new("I9", what, None))
            }
        }
    }

    /// Remembers a session that was given out.
    pub(crate) fn logged_in(&self, token: &str) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.push(token.to_owned());
    }

    /// Every session that was given out.
    pub(crate) fn tokens(&self) -> Vec<String> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.clone()
    }

    /// Remembers whose order it is.
    pub(crate) fn belongs(&self, order_no: &str, buyer: &str) {
        let mut buyers = self.buyers.lock().unwrap_or_else(PoisonError::into_inner);
        buyers.insert(order_no.to_owned(), buyer.to_owned());
    }

    /// Whose order it is, if the buyer ever heard of it.
    pub(crate) fn buyer_of(&self, order_no: &str) -> Option<String> {
        let buyers = self.buyers.lock().unwrap_or_else(PoisonError::into_inner);
        buyers.get(order_no).cloned()
    }

    /// Key and answer of all.
    pub(crate) fn all(&self) -> BTreeMap<String, Value> {
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.clone()
    }
}
