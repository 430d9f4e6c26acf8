//! A merchant beside an embedded platform.

use std::sync::Arc;

use bytes::Bytes;
use fen::Fen;
use http::{HeaderMap, Request};
use jiff::{SignedDuration, Timestamp};
use sandbox::{Counter, Embedded, Keys, MerchantInfo, OrderState};
use serde_json::{Value, json};
use wechatpay::crypto::{ApiV3Key, PrivateKey, PublicKey, message};

pub(super) const NOTIFY_URL: &str = "https://shop.example.com/wechat/notify";
const JSAPI: &str = "/v3/pay/transactions/jsapi";
const REFUNDS: &str = "/v3/refund/domestic/refunds";

/// A merchant with its papers, who writes down every byte that it sees of the platform.
pub(super) struct Shop {
    pub(super) platform: Embedded,
    pub(super) papers: MerchantInfo,
    key: PrivateKey,
    pub(super) seen: String,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

/// Years away from any machine's clock: whoever looks at that is found out.
pub(super) fn start() -> Timestamp {
    "2031-05-06T08:00:00+08:00".parse().unwrap()
}

impl Shop {
    pub(super) fn open(seed: u64) -> Self {
        Self::with((*Keys::shared()).clone(), seed)
    }

    pub(super) fn with(keys: Keys, seed: u64) -> Self {
        let platform = Embedded::new(Arc::new(keys), seed, start()).unwrap();
        let papers = platform.merchant();
        let key = PrivateKey::from_pem(&papers.private_key_pem).unwrap();
        platform.add_user(&papers.appid, "mei");
        Self {
            platform,
            papers,
            key,
            seen: String::new(),
        }
    }

    pub(super) fn advance(&self, seconds: i64) {
        let then = self.platform.now() + SignedDuration::from_secs(seconds);
        self.platform.set_now(then);
    }

    fn call(&mut self, method: &str, target: &str, body: Option<&Value>) -> Answer {
        let body = body.map(Value::to_string).unwrap_or_default();
        let timestamp = self.platform.now().as_second().to_string();
        let message = message::request(method, target, &timestamp, "nonce", body.as_bytes());
        let (mchid, serial) = (&self.papers.mchid, &self.papers.serial_no);
        let authorization = format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{mchid}\",nonce_str=\"nonce\",\
             timestamp=\"{timestamp}\",serial_no=\"{serial}\",signature=\"{}\"",
            self.key.sign(&message)
        );
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header("authorization", authorization)
            .header("accept", "application/json")
            .header("user-agent", "it")
            .header("wechatpay-serial", &self.papers.public_key_id)
            .body(Bytes::from(body))
            .unwrap();
        let response = self.platform.serve(request);
        if response.status().is_success() {
            self.verify(response.headers(), response.body());
        }
        self.seen += &format!("{response:?}\n");
        Answer {
            status: response.status().as_u16(),
            body: serde_json::from_slice(response.body()).unwrap_or_default(),
        }
    }

    /// The signature holds and is dated by the one clock there is.
    pub(super) fn verify(&self, headers: &HeaderMap, body: &[u8]) {
        let header = |name| headers[name].to_str().unwrap();
        let dated: i64 = header("wechatpay-timestamp").parse().unwrap();
        assert_eq!(dated, self.platform.now().as_second());
        let message = message::answer(
            header("wechatpay-timestamp"),
            header("wechatpay-nonce"),
            body,
        );
        let key = PublicKey::from_pem(&self.papers.public_key_pem).unwrap();
        key.verify(&message, header("wechatpay-signature")).unwrap();
    }

    pub(super) fn log_in(&mut self) -> String {
        let (appid, secret) = (&self.papers.appid, &self.papers.app_secret);
        let code = self.platform.login_code(appid, "mei").unwrap();
        let target = format!(
            "/sns/jscode2session?appid={appid}&secret={secret}&js_code={code}\
             &grant_type=authorization_code"
        );
        let response = self
            .platform
            .serve(Request::get(target).body(Bytes::new()).unwrap());
        let session: Value = serde_json::from_slice(response.body()).unwrap();
        self.seen += &format!("{code} {session}\n");
        session["openid"].as_str().unwrap().to_owned()
    }

    pub(super) fn prepay(&mut self, number: &str, openid: &str) -> String {
        let order = json!({
            "appid": self.papers.appid,
            "mchid": self.papers.mchid,
            "description": "茶",
            "out_trade_no": number,
            "notify_url": NOTIFY_URL,
            "amount": { "total": 100 },
            "payer": { "openid": openid },
        });
        let answer = self.call("POST", JSAPI, Some(&order));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["prepay_id"].as_str().unwrap().to_owned()
    }

    pub(super) fn cashier(&mut self, prepay_id: &str) -> Counter {
        let timestamp = self.platform.now().as_second().to_string();
        let package = format!("prepay_id={prepay_id}");
        let message = message::mini_program_pay(&self.papers.appid, &timestamp, "n", &package);
        let payment = json!({
            "appid": self.papers.appid,
            "user": "mei",
            "timeStamp": timestamp,
            "nonceStr": "n",
            "package": package,
            "signType": "RSA",
            "paySign": self.key.sign(&message),
        });
        let counter = self.platform.request_payment(&payment).unwrap();
        self.seen += &counter.cashier_id;
        counter
    }

    /// Logs in, orders and pays.
    pub(super) fn sell(&mut self, number: &str) {
        let openid = self.log_in();
        let prepay_id = self.prepay(number, &openid);
        let counter = self.cashier(&prepay_id);
        assert_eq!(counter.amount, Fen::new(100).unwrap());
        self.platform.pay(&counter.cashier_id).unwrap();
    }

    pub(super) fn close(&mut self, number: &str) -> Answer {
        let target = format!("/v3/pay/transactions/out-trade-no/{number}/close");
        let body = json!({ "mchid": self.papers.mchid });
        self.call("POST", &target, Some(&body))
    }

    pub(super) fn query(&mut self, number: &str) -> Value {
        let mchid = self.papers.mchid.clone();
        let target = format!("/v3/pay/transactions/out-trade-no/{number}?mchid={mchid}");
        self.call("GET", &target, None).body
    }

    /// Takes a notification that is due, verifies and opens it, and answers.
    pub(super) fn receive(&mut self, status: Option<u16>) -> Option<(String, Value)> {
        let outgoing = self.platform.take_due()?;
        assert_eq!(outgoing.url, NOTIFY_URL);
        self.verify(&outgoing.headers, &outgoing.body);
        let plain = self.opened(&outgoing.body);
        self.seen += &format!("{:?} {:?} {plain}\n", outgoing.headers, outgoing.body);
        let id = outgoing.id.clone();
        self.platform.answered(outgoing, status);
        Some((id, plain))
    }

    fn opened(&self, body: &[u8]) -> Value {
        let envelope: Value = serde_json::from_slice(body).unwrap();
        let text = |name: &str| envelope["resource"][name].as_str().unwrap();
        let key = ApiV3Key::new(&self.papers.api_v3_key).unwrap();
        let plain = key.open(text("nonce"), text("associated_data"), text("ciphertext"));
        serde_json::from_slice(&plain.unwrap()).unwrap()
    }

    pub(super) fn refund(&mut self, number: &str) -> Answer {
        let request = json!({
            "out_trade_no": number,
            "out_refund_no": format!("R-{number}"),
            "notify_url": NOTIFY_URL,
            "amount": { "refund": 30, "total": 100, "currency": "CNY" },
        });
        self.call("POST", REFUNDS, Some(&request))
    }

    pub(super) fn state(&self, number: &str) -> OrderState {
        self.platform.order(number).unwrap().state
    }
}
