//! A running sandbox, a merchant that signs, and a shop that listens.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use http::Method;
use reqwest::Response;
use sandbox::{KeySource, Keys, Sandbox, SandboxOptions};
use serde_json::{Value, json};
use wechatpay::crypto::{Certificate, PrivateKey, PublicKey, message};

use crate::shop::Shop;

/// One client for the whole process; no proxy of the machine comes between.
#[expect(
    clippy::disallowed_methods,
    reason = "tests talk plain HTTP to loopback"
)]
pub(crate) fn http() -> &'static reqwest::Client {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    CLIENT.get_or_init(|| reqwest::Client::builder().no_proxy().build().unwrap())
}

/// The machine's time, as a client has it.
#[expect(
    clippy::disallowed_methods,
    reason = "a client stamps its requests with its own clock"
)]
pub(crate) fn unix_seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        Self {
            status,
            headers,
            text: response.text().await.unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status, code and message of a refusal.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (self.status, text("code"), text("message"))
    }

    /// Verifies the signature with a platform key.
    pub(crate) fn verify(&self, key: &PublicKey) {
        let header = |name| {
            self.header(name)
                .unwrap_or_else(|| panic!("{name}: {self:?}"))
        };
        let message = message::answer(
            header("wechatpay-timestamp"),
            header("wechatpay-nonce"),
            self.text.as_bytes(),
        );
        key.verify(&message, header("wechatpay-signature")).unwrap();
        assert_eq!(
            header("wechatpay-signature-type"),
            "WECHATPAY2-SHA256-RSA2048"
        );
    }

    pub(crate) fn is_signed(&self) -> bool {
        self.header("wechatpay-signature").is_some()
    }
}

/// A merchant's own program: it has the papers and signs.
pub(crate) struct Caller {
    pub(crate) info: Value,
    pub(crate) key: PrivateKey,
    api_url: String,
    /// Sent as `Wechatpay-Serial`.
    pub(crate) verifies_with: Option<String>,
}

impl Caller {
    pub(crate) fn new(api_url: &str, info: Value) -> Self {
        let key = PrivateKey::from_pem(info["private_key_pem"].as_str().unwrap()).unwrap();
        Self {
            info,
            key,
            api_url: api_url.to_owned(),
            verifies_with: None,
        }
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.info[name].as_str().unwrap()
    }

    pub(crate) fn public_key(&self) -> PublicKey {
        PublicKey::from_pem(self.text("public_key_pem")).unwrap()
    }

    pub(crate) fn authorization(&self, method: &str, target: &str, body: &str) -> String {
        let timestamp = unix_seconds().to_string();
        let message = message::request(method, target, &timestamp, "nonce", body.as_bytes());
        self.authorization_with(&timestamp, &self.key.sign(&message))
    }

    pub(crate) fn authorization_with(&self, timestamp: &str, signature: &str) -> String {
        let (mchid, serial) = (self.text("mchid"), self.text("serial_no"));
        format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{mchid}\",nonce_str=\"nonce\",\
             timestamp=\"{timestamp}\",serial_no=\"{serial}\",signature=\"{signature}\""
        )
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        let authorization = self.authorization("GET", target, "");
        self.send("GET", target, "", Some(&authorization)).await
    }

    pub(crate) async fn post(&self, target: &str, body: &Value) -> Answer {
        let body = body.to_string();
        let authorization = self.authorization("POST", target, &body);
        self.send("POST", target, &body, Some(&authorization)).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        body: &str,
        authorization: Option<&str>,
    ) -> Answer {
        let url = format!("{}{target}", self.api_url);
        let mut request = http().request(Method::from_bytes(method.as_bytes()).unwrap(), url);
        request = request
            .header("accept", "application/json")
            .header("user-agent", "it");
        request = request
            .header("content-type", "application/json")
            .body(body.to_owned());
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        if let Some(serial) = &self.verifies_with {
            request = request.header("wechatpay-serial", serial);
        }
        Answer::read(request.send().await.unwrap()).await
    }
}

/// Everything that a test needs.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) merchant: Caller,
    pub(crate) shop: Shop,
}

pub(crate) const JSAPI: &str = "/v3/pay/transactions/jsapi";

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(SandboxOptions::default()).await
    }

    pub(crate) async fn with(options: SandboxOptions) -> Self {
        let keys = KeySource::Given(Keys::shared());
        let sandbox = Sandbox::start(SandboxOptions { keys, ..options })
            .await
            .unwrap();
        let info = serde_json::to_value(sandbox.merchant()).unwrap();
        let merchant = Caller::new(sandbox.api_url(), info);
        let world = Self {
            sandbox,
            merchant,
            shop: Shop::open().await,
        };
        // Exact to the second, however slow the machine is.
        world
            .control("PUT", "/clock", json!({ "flow": "frozen" }))
            .await;
        world
    }

    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.try_control(method, path, body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    pub(crate) async fn try_control(&self, method: &str, path: &str, body: Value) -> Answer {
        let url = format!("{}/control{path}", self.sandbox.control_url());
        let request = http().request(Method::from_bytes(method.as_bytes()).unwrap(), url);
        let body = if method == "GET" {
            String::new()
        } else {
            body.to_string()
        };
        Answer::read(request.body(body).send().await.unwrap()).await
    }

    pub(crate) async fn advance(&self, seconds: i64) {
        self.control("POST", "/clock/advance", json!({ "seconds": seconds }))
            .await;
    }

    pub(crate) async fn settings(&self, settings: Value) {
        self.control("PUT", "/settings", settings).await;
    }

    pub(crate) async fn fault(&self, fault: Value) {
        self.control("PUT", "/faults", json!({ "faults": [fault] }))
            .await;
    }

    pub(crate) async fn newest_request(&self) -> Value {
        let requests = self.control("GET", "/requests", json!({})).await;
        requests["data"].as_array().unwrap().last().unwrap().clone()
    }

    pub(crate) async fn notifications(&self) -> Vec<Value> {
        let list = self.control("GET", "/notifications", json!({})).await;
        list["data"].as_array().unwrap().clone()
    }

    /// The openid of a user under the merchant's app.
    pub(crate) async fn openid(&self, user: &str) -> String {
        let user = self
            .control("POST", "/users", json!({ "name": user }))
            .await;
        user["openids"][self.merchant.text("appid")]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) async fn order(&self, out_trade_no: &str) -> Value {
        json!({
            "appid": self.merchant.text("appid"),
            "mchid": self.merchant.text("mchid"),
            "description": "Image形象店-深圳腾大-QQ公仔",
            "out_trade_no": out_trade_no,
            "notify_url": self.shop.url,
            "attach": "自定义数据",
            "amount": { "total": 100, "currency": "CNY" },
            "payer": { "openid": self.openid("demo").await },
        })
    }

    pub(crate) async fn prepay(&self, out_trade_no: &str) -> String {
        let answer = self
            .merchant
            .post(JSAPI, &self.order(out_trade_no).await)
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["prepay_id"].as_str().unwrap().to_owned()
    }

    /// What the mini program hands to `wx.requestPayment`, with the app and the user around it.
    pub(crate) fn payment(&self, prepay_id: &str) -> Value {
        let appid = self.merchant.text("appid");
        let timestamp = unix_seconds().to_string();
        let package = format!("prepay_id={prepay_id}");
        let message = message::mini_program_pay(appid, &timestamp, "n0nce", &package);
        json!({
            "appid": appid,
            "user": "demo",
            "timeStamp": timestamp,
            "nonceStr": "n0nce",
            "package": package,
            "signType": "RSA",
            "paySign": self.merchant.key.sign(&message),
        })
    }

    /// `wx.login` on the demo user's phone, and the exchange of its code.
    pub(crate) async fn log_in(&self) -> Answer {
        let appid = self.merchant.text("appid");
        let login = json!({ "appid": appid, "user": "demo" });
        let code = self.control("POST", "/login", login).await["code"].clone();
        let url = format!(
            "{}/sns/jscode2session?appid={appid}&secret={}&js_code={}&grant_type=authorization_code",
            self.sandbox.api_url(),
            self.merchant.text("app_secret"),
            code.as_str().unwrap(),
        );
        Answer::read(http().get(url).send().await.unwrap()).await
    }

    pub(crate) async fn cashier(&self, payment: &Value) -> Value {
        self.control("POST", "/cashier", payment.clone()).await
    }

    /// Opens the cashier and confirms.
    pub(crate) async fn pay(&self, prepay_id: &str) -> Value {
        let cashier = self.cashier(&self.payment(prepay_id)).await;
        let id = cashier["cashier_id"]
            .as_str()
            .unwrap_or_else(|| panic!("{cashier}"));
        self.control("POST", &format!("/cashier/{id}/pay"), json!({}))
            .await
    }

    /// Orders, pays, and waits until the notification was sent.
    pub(crate) async fn paid(&self, out_trade_no: &str) {
        let prepay_id = self.prepay(out_trade_no).await;
        assert_eq!(self.pay(&prepay_id).await["errMsg"], "requestPayment:ok");
        self.advance(0).await;
    }

    pub(crate) async fn query(&self, out_trade_no: &str) -> Answer {
        self.merchant.get(&self.query_path(out_trade_no)).await
    }

    pub(crate) fn query_path(&self, out_trade_no: &str) -> String {
        let mchid = self.merchant.text("mchid");
        format!("/v3/pay/transactions/out-trade-no/{out_trade_no}?mchid={mchid}")
    }

    pub(crate) async fn close(&self, out_trade_no: &str) -> Answer {
        let path = format!("/v3/pay/transactions/out-trade-no/{out_trade_no}/close");
        self.merchant
            .post(&path, &json!({ "mchid": self.merchant.text("mchid") }))
            .await
    }

    /// The platform certificate, as a client downloads it.
    pub(crate) async fn certificate(&self) -> Certificate {
        let list = self
            .control("GET", "/platform-certificates", json!({}))
            .await;
        let newest = list["data"].as_array().unwrap().last().unwrap().clone();
        Certificate::from_pem(newest["certificate_pem"].as_str().unwrap()).unwrap()
    }
}
