//! WeChat: the sandbox, in this process, so that it outlives whatever happens to the server.

use std::sync::OnceLock;

use anyhow::{Context, Result, bail};
use domain::MchId;
use sandbox::{KeySource, Keys, Sandbox, SandboxOptions};
use serde_json::{Value, json};

use crate::books::{HeldOrder, HeldRefund};

/// The platform, its default merchant, and one buyer.
#[derive(Debug)]
pub struct Platform {
    pub sandbox: Sandbox,
    pub account: Value,
    http: reqwest::Client,
}

impl Platform {
    /// A fresh platform by whose virtual clock signatures are dated, so that time can be moved on
    /// both sides.
    ///
    /// # Errors
    /// When there are no ports.
    pub async fn start(http: reqwest::Client) -> Result<Self> {
        // Making RSA keys takes long and says nothing about chaos.
        static KEYS: OnceLock<std::sync::Arc<Keys>> = OnceLock::new();
        let options = SandboxOptions {
            keys: KeySource::Given(KEYS.get_or_init(Keys::shared).clone()),
            ..SandboxOptions::default()
        };
        let sandbox = Sandbox::start(options).await?;
        let url = format!("{}/control/merchant", sandbox.control_url());
        let account = http.get(url).send().await?.text().await?;
        let platform = Self {
            sandbox,
            account: serde_json::from_str(&account)?,
            http,
        };
        let virtual_clock = json!({"wire_clock": "virtual"});
        platform.put("settings", &virtual_clock).await?;
        Ok(platform)
    }

    /// A field of the default merchant.
    ///
    /// # Errors
    /// When there is no such field.
    pub fn text(&self, field: &str) -> Result<&str> {
        let text = self.account.get(field).and_then(Value::as_str);
        text.with_context(|| format!("the sandbox's merchant has no `{field}`"))
    }

    /// # Errors
    /// When the sandbox has a number that is none.
    pub fn mch_id(&self) -> Result<MchId> {
        Ok(MchId::new(self.text("mchid")?)?)
    }

    /// What `wx.login` gives the demo buyer.
    ///
    /// # Errors
    /// When the sandbox refuses.
    pub async fn login_code(&self) -> Result<String> {
        let body = json!({"appid": self.text("appid")?, "user": "demo"});
        let answer = self.post("login", &body).await?;
        let code = answer.get("code").and_then(Value::as_str);
        Ok(code.context("no login code")?.to_owned())
    }

    /// The buyer's openid, as the merchant's own system would know it.
    ///
    /// # Errors
    /// When the sandbox refuses.
    pub async fn openid(&self) -> Result<String> {
        let url = format!(
            "{}/sns/jscode2session?appid={}&secret={}&js_code={}&grant_type=authorization_code",
            self.sandbox.api_url(),
            self.text("appid")?,
            self.text("app_secret")?,
            self.login_code().await?,
        );
        let answer = self.http.get(url).send().await?.text().await?;
        let answer: Value = serde_json::from_str(&answer)?;
        let openid = answer.get("openid").and_then(Value::as_str);
        Ok(openid.context("no openid")?.to_owned())
    }

    /// The buyer pays at the cashier. `false` when the order cannot be paid any more.
    ///
    /// # Errors
    /// When the five fields are not what the server should have signed.
    pub async fn pay(&self, payment: &Value) -> Result<bool> {
        let mut body = payment.clone();
        let fields = body.as_object_mut().context("no payment to open")?;
        fields.insert("appid".into(), json!(self.text("appid")?));
        fields.insert("user".into(), json!("demo"));
        let opened = self.post("cashier", &body).await?;
        let Some(id) = opened.get("cashier_id").and_then(Value::as_str) else {
            return Ok(false);
        };
        let paid = self.post(&format!("cashier/{id}/pay"), &json!({})).await?;
        Ok(paid.get("errMsg").and_then(Value::as_str) == Some("requestPayment:ok"))
    }

    /// Makes calls and notifications go wrong, as `/control/faults` takes it.
    ///
    /// # Errors
    /// When the sandbox refuses.
    pub async fn set_faults(&self, faults: &Value) -> Result<()> {
        self.put("faults", &json!({"faults": faults}))
            .await
            .map(drop)
    }

    /// Every order as the platform holds it.
    ///
    /// # Errors
    /// When the sandbox shows something else.
    pub async fn orders(&self) -> Result<Vec<HeldOrder>> {
        list(&self.get("orders").await?, HeldOrder::read)
    }

    /// Every refund as the platform holds it.
    ///
    /// # Errors
    /// When the sandbox shows something else.
    pub async fn refunds(&self) -> Result<Vec<HeldRefund>> {
        list(&self.get("refunds").await?, HeldRefund::read)
    }

    async fn get(&self, path: &str) -> Result<Value> {
        self.send(self.http.get(self.url(path)), path).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.http.post(self.url(path)).body(body.to_string());
        self.send(request.header("content-type", "application/json"), path)
            .await
    }

    async fn put(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.http.put(self.url(path)).body(body.to_string());
        self.send(request.header("content-type", "application/json"), path)
            .await
    }

    fn url(&self, path: &str) -> String {
        format!("{}/control/{path}", self.sandbox.control_url())
    }

    async fn send(&self, request: reqwest::RequestBuilder, path: &str) -> Result<Value> {
        let answer = request.send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        if !status.is_success() {
            bail!("control/{path} answered {status}: {text}");
        }
        Ok(serde_json::from_str(&text)?)
    }
}

fn list<T>(answer: &Value, read: fn(&Value) -> Result<T>) -> Result<Vec<T>> {
    let data = answer.get("data").and_then(Value::as_array);
    data.context("no list")?.iter().map(read).collect()
}
