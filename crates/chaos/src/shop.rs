//! What the merchant's system and the buyer ask of the server. Each call notes in the history what
//! was wanted and what was answered; no call is ever taken to have failed because nobody answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fen::Fen;
use serde_json::{Value, json};

use crate::books::{Order, Refund};
use crate::clock::until;
use crate::history::{Entry, History};
use crate::platform::Platform;
use crate::stage::API_KEY;

/// Longer than any disturbance lasts.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
}

impl Reply {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The stable code of a refusal.
    pub fn code(&self) -> &str {
        self.body
            .get("code")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Whether the identical call may be sent again and can help.
    fn is_retryable(&self) -> bool {
        self.body.get("retryable").and_then(Value::as_bool) == Some(true)
    }
}

/// What came of a call that wants something to happen.
#[derive(Clone, Debug)]
pub enum Outcome<T> {
    Done(T),
    /// A certain no, by its code.
    Refused(String),
    /// Nobody knows yet: ask again with the same key.
    Uncertain,
}

/// Clients of the server, all of its replicas.
#[derive(Debug)]
pub struct Shop {
    http: reqwest::Client,
    addresses: Vec<SocketAddr>,
    platform: Arc<Platform>,
    history: Arc<History>,
    openid: String,
}

impl Shop {
    /// # Errors
    /// When the platform does not know the demo buyer.
    pub async fn new(
        http: reqwest::Client,
        addresses: Vec<SocketAddr>,
        platform: Arc<Platform>,
        history: Arc<History>,
    ) -> Result<Self> {
        let openid = platform.openid().await?;
        Ok(Self {
            http,
            addresses,
            platform,
            history,
            openid,
        })
    }

    pub fn replicas(&self) -> usize {
        self.addresses.len()
    }

    /// One call; `None` when nobody answered.
    pub async fn call(
        &self,
        at: usize,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Option<Reply> {
        let address = self.addresses.get(at % self.addresses.len().max(1))?;
        let method = method.parse().ok()?;
        let url = format!("http://{address}{path}");
        let mut request = self.http.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            let request_with = request.header("content-type", "application/json");
            request = request_with.body(body.to_string());
        }
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        let text = answer.text().await.ok()?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Some(Reply { status, body })
    }

    /// One call of the merchant's own system.
    pub async fn merchant(
        &self,
        at: usize,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Option<Reply> {
        let authorization = format!("Bearer {API_KEY}");
        let mut headers = vec![("authorization", authorization.as_str())];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        self.call(at, method, path, &headers, body).await
    }

    /// Asks once for an order under this key. What is wanted must have been noted before.
    ///
    /// # Errors
    /// When an answer is none that the interface has.
    pub async fn order(&self, at: usize, key: &str, amount: Fen) -> Result<Outcome<Placed>> {
        let app_id = self.platform.text("appid")?;
        let body = json!({"app_id": app_id, "openid": self.openid, "amount_fen": amount,
            "description": key, "expires_in_s": 600});
        let reply = self
            .merchant(at, "POST", "/v1/orders", Some(key), Some(&body))
            .await;
        self.placed(key, reply)
    }

    /// Sorts an answer that should hold an order and its payment, and notes it.
    ///
    /// # Errors
    /// When it is none that the interface has.
    pub fn placed(&self, key: &str, reply: Option<Reply>) -> Result<Outcome<Placed>> {
        self.sort(key, reply, |reply| {
            let order: Order = part(&reply.body, "order")?;
            let payment = reply.body.get("payment").cloned().context("no payment")?;
            let (key, noted) = (Some(key.to_owned()), order.clone());
            self.history.add(Entry::ToldOrder { key, order: noted });
            Ok(Placed { order, payment })
        })
    }

    /// Asks once for a refund under this key. What is wanted must have been noted before.
    ///
    /// # Errors
    /// When an answer is none that the interface has.
    pub async fn refund(
        &self,
        at: usize,
        key: &str,
        order_no: &str,
        amount: Fen,
    ) -> Result<Outcome<Refund>> {
        let body = json!({"amount_fen": amount, "reason": key});
        let path = format!("/v1/orders/{order_no}/refunds");
        let reply = self
            .merchant(at, "POST", &path, Some(key), Some(&body))
            .await;
        self.sort(key, reply, |reply| {
            let refund: Refund = part(&reply.body, "refund")?;
            let (key, noted) = (key.to_owned(), refund.clone());
            self.history.add(Entry::ToldRefund { key, refund: noted });
            Ok(refund)
        })
    }

    /// Reads, closes or refreshes an order: `""`, `"/close"`, `"/refresh"`.
    ///
    /// # Errors
    /// When an answer is none that the interface has.
    pub async fn about(&self, at: usize, order_no: &str, what: &str) -> Result<Outcome<Order>> {
        let method = if what.is_empty() { "GET" } else { "POST" };
        let path = format!("/v1/orders/{order_no}{what}");
        let reply = self.merchant(at, method, &path, None, None).await;
        self.sort(order_no, reply, |reply| {
            let order: Order = part(&reply.body, "order")?;
            let noted = order.clone();
            self.history.add(Entry::ToldOrder {
                key: None,
                order: noted,
            });
            Ok(order)
        })
    }

    /// The buyer pays at the platform's cashier.
    ///
    /// # Errors
    /// When the platform does not take the five fields.
    pub async fn pay(&self, placed: &Placed) -> Result<bool> {
        let paid = self.platform.pay(&placed.payment).await?;
        if paid {
            let order_no = placed.order.order_no.clone();
            self.history.add(Entry::Paid { order_no });
        }
        Ok(paid)
    }

    /// Has the server tell `url` of everything, unless it does already.
    ///
    /// # Errors
    /// When it does not take the endpoint.
    pub async fn listen_to_webhooks(&self, url: &str) -> Result<()> {
        let endpoints = "/v1/webhook_endpoints";
        until("a webhook endpoint", PATIENCE, async || {
            let Some(listed) = self.merchant(0, "GET", endpoints, None, None).await else {
                return Ok(None);
            };
            let data = listed.body.get("data").and_then(Value::as_array);
            if data.is_some_and(|endpoints| !endpoints.is_empty()) {
                return Ok(Some(()));
            }
            // Whether it was made is seen by the next look.
            let body = json!({"url": url});
            let made = self.merchant(0, "POST", endpoints, None, Some(&body)).await;
            match made {
                Some(reply) if !reply.is_success() && !reply.is_retryable() => {
                    bail!("the endpoint was refused: {}", reply.body)
                }
                Some(_) | None => Ok(None),
            }
        })
        .await
    }

    fn sort<T>(
        &self,
        key: &str,
        reply: Option<Reply>,
        read: impl FnOnce(&Reply) -> Result<T>,
    ) -> Result<Outcome<T>> {
        let key = key.to_owned();
        match reply {
            Some(reply) if reply.is_success() => read(&reply).map(Outcome::Done),
            Some(reply) if reply.is_retryable() => {
                let status = reply.status;
                self.history.add(Entry::Uncertain { key, status });
                Ok(Outcome::Uncertain)
            }
            Some(reply) if (400..500).contains(&reply.status) && !reply.code().is_empty() => {
                let code = reply.code().to_owned();
                self.history.add(Entry::Refused {
                    key,
                    code: code.clone(),
                });
                Ok(Outcome::Refused(code))
            }
            Some(reply) => bail!("`{key}` was answered {}: {}", reply.status, reply.body),
            None => {
                self.history.add(Entry::Uncertain { key, status: 0 });
                Ok(Outcome::Uncertain)
            }
        }
    }
}

/// An order with what the phone needs to pay it.
#[derive(Clone, Debug)]
pub struct Placed {
    pub order: Order,
    pub payment: Value,
}

fn part<T: serde::de::DeserializeOwned>(body: &Value, field: &str) -> Result<T> {
    let value = body
        .get(field)
        .with_context(|| format!("no `{field}` in {body}"))?;
    Ok(serde_json::from_value(value.clone())?)
}
