//! A shop whose database can be copied and put back while WeChat goes on.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::{Child, Command, Output},
};

use serde_json::{Value, json};

use crate::{
    http::Answer,
    postgres,
    program::{Stage, openid_of_demo, start, within},
    world::API_KEY,
};

pub(super) const PRICE: i64 = 1790;

pub(super) enum Database {
    Sqlite,
    /// `url` is the database in use, on `server`.
    Postgres {
        server: String,
        url: String,
    },
}

pub(super) struct Shop {
    stage: Stage,
    database: Database,
    openid: String,
    base: String,
}

impl Shop {
    pub(super) async fn new(database: Database) -> Self {
        let stage = Stage::new().await;
        let (control, api) = (stage.sandbox.control_url(), stage.sandbox.api_url());
        let openid = openid_of_demo(&stage.http, &stage.account, control, api).await;
        let base = format!("http://{}", stage.address);
        Self {
            stage,
            database,
            openid,
            base,
        }
    }

    fn config(&self) -> PathBuf {
        let sqlite = format!(
            "sqlite:{}",
            self.stage.folder.path().join("shop.db").display()
        );
        self.stage.config(|text| match &self.database {
            Database::Sqlite => text,
            Database::Postgres { url, .. } => text.replace(&sqlite, url),
        })
    }

    pub(super) async fn start(&self) -> Child {
        start(&self.config(), self.stage.address, &self.stage.http).await
    }

    fn shouyin(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_shouyin"))
            .args(args)
            .arg("--config")
            .arg(self.config())
            .current_dir(self.stage.folder.path())
            .output()
            .unwrap()
    }

    pub(super) fn back_up(&self) {
        match &self.database {
            Database::Sqlite => {
                let made = self.shouyin(&["backup", "--to", "yesterday.db"]);
                assert!(made.status.success(), "{made:?}");
                let said = String::from_utf8(made.stdout).unwrap();
                assert!(
                    said.contains("integrity: ok") && said.contains("orders: 6"),
                    "{said}"
                );
                let again = self.shouyin(&["backup", "--to", "yesterday.db"]);
                assert_eq!(
                    again.status.code(),
                    Some(1),
                    "nothing is overwritten: {again:?}"
                );
                let refused = self.shouyin(&["restore", "yesterday.db"]);
                let said = String::from_utf8(refused.stderr).unwrap();
                assert!(
                    said.contains("in use by a running `shouyin serve`"),
                    "{said}"
                );
            }
            Database::Postgres { url, .. } => {
                let refused = self.shouyin(&["backup", "--to", "yesterday.db"]);
                assert_eq!(refused.status.code(), Some(1));
                let said = String::from_utf8(refused.stderr).unwrap();
                assert!(said.contains("pg_dump --format=custom"), "{said}");
                self.documented("back up", &[("DATABASE_URL", url)]);
            }
        }
    }

    pub(super) async fn restore(&mut self) {
        match &mut self.database {
            Database::Sqlite => {
                let done = self.shouyin(&["restore", "yesterday.db"]);
                assert!(done.status.success(), "{done:?}");
                let said = String::from_utf8(done.stdout).unwrap();
                assert!(said.contains("shop.db.before-"), "{said}");
            }
            Database::Postgres { server, url } => {
                *url = postgres::fresh_database(server).await;
                let url = url.clone();
                self.documented("restore", &[("NEW_URL", &url)]);
            }
        }
    }

    /// Runs the block of docs/OPERATIONS.md that is marked with this word.
    fn documented(&self, mark: &str, variables: &[(&str, &str)]) {
        let page = include_str!("../../../../../docs/OPERATIONS.md");
        let (_, after) = page
            .split_once(&format!("<!-- tested: {mark} -->\n```sh\n"))
            .unwrap_or_else(|| panic!("no block is marked `{mark}`"));
        let (commands, _) = after.split_once("```").unwrap();
        let ran = Command::new("sh")
            .args(["-euc", commands])
            .envs(variables.iter().copied())
            .current_dir(self.stage.folder.path())
            .output()
            .unwrap();
        assert!(ran.status.success(), "{commands}: {ran:?}");
    }

    // What a merchant's system does.

    pub(super) async fn get(&self, path: &str) -> Value {
        let authorization = format!("Bearer {API_KEY}");
        let headers = [("authorization", authorization.as_str())];
        let answer = self
            .stage
            .http
            .get(&format!("{}{path}", self.base), &headers)
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        let authorization = format!("Bearer {API_KEY}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("idempotency-key", key),
        ];
        let url = format!("{}{path}", self.base);
        self.stage.http.post(&url, &headers, body).await
    }

    /// An order placed under this key: its number and its payment.
    pub(super) async fn placed(&self, key: &str) -> (String, Value) {
        let body = json!({"app_id": self.stage.account["appid"], "openid": self.openid,
            "amount_fen": PRICE, "description": "latte"});
        let answer = self.post("/v1/orders", key, &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let placed = answer.json();
        let order_no = placed["order"]["order_no"].as_str().unwrap().to_owned();
        (order_no, placed["payment"].clone())
    }

    pub(super) async fn paid(&self, key: &str) -> String {
        let (order_no, payment) = self.placed(key).await;
        self.pay(&payment).await;
        self.reaches(&order_no, "paid").await;
        order_no
    }

    pub(super) async fn ask_for_refund(&self, order_no: &str, key: &str, fen: i64) -> Answer {
        let path = format!("/v1/orders/{order_no}/refunds");
        self.post(&path, key, &json!({"amount_fen": fen})).await
    }

    /// The number of the refund that was answered with this status.
    pub(super) async fn refund(&self, order_no: &str, key: &str, fen: i64, status: u16) -> String {
        let answer = self.ask_for_refund(order_no, key, fen).await;
        assert_eq!(answer.status, status, "{answer:?}");
        answer.json()["refund"]["refund_no"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(super) async fn order(&self, order_no: &str) -> Value {
        self.get(&format!("/v1/orders/{order_no}")).await["order"].clone()
    }

    pub(super) async fn reaches(&self, order_no: &str, state: &str) {
        within(&format!("an order to be {state}"), async {
            while self.order(order_no).await["state"] != state {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    pub(super) async fn is_told_of_an_unknown_order(&self, order_no: &str) {
        within("the exception to be announced", async {
            loop {
                let events = self.get("/v1/events?limit=100").await;
                let told = events["data"].as_array().unwrap().iter().any(|event| {
                    event["type"] == "order.exception"
                        && event["data"]["kind"] == "unknown_order"
                        && event["data"]["order_no"] == order_no
                });
                if told {
                    break;
                }
                tokio::task::yield_now().await;
            }
        })
        .await;
        // Acknowledged: WeChat does not go on for a day.
        let notices = self
            .control(&format!("notifications?out_trade_no={order_no}"))
            .await;
        within("the notification to be acknowledged", async {
            while self
                .control(&format!("notifications?out_trade_no={order_no}"))
                .await[0]["state"]
                != "delivered"
            {
                tokio::task::yield_now().await;
            }
        })
        .await;
        assert_eq!(notices.as_array().map(Vec::len), Some(1));
    }

    // The platform.

    async fn control(&self, path: &str) -> Value {
        let url = format!("{}/control/{path}", self.stage.sandbox.control_url());
        self.stage.http.get(&url, &[]).await.json()["data"].clone()
    }

    pub(super) async fn pay(&self, payment: &Value) {
        let control = self.stage.sandbox.control_url();
        let mut body = payment.clone();
        body["appid"] = self.stage.account["appid"].clone();
        body["user"] = json!("demo");
        let url = format!("{control}/control/cashier");
        let cashier = self.stage.http.post(&url, &[], &body).await.json();
        let id = cashier["cashier_id"].as_str().unwrap();
        let url = format!("{control}/control/cashier/{id}/pay");
        let paid = self.stage.http.post(&url, &[], &json!({})).await;
        assert_eq!(paid.json()["errMsg"], "requestPayment:ok");
    }

    pub(super) async fn advance(&self, seconds: u64) {
        let url = format!("{}/control/clock/advance", self.stage.sandbox.control_url());
        let body = json!({"seconds": seconds});
        assert!(self.stage.http.post(&url, &[], &body).await.status < 300);
    }

    /// WeChat repeats its last word about the refund of this order.
    pub(super) async fn resend_refund(&self, order_no: &str) {
        let notices = self
            .control(&format!("notifications?out_trade_no={order_no}"))
            .await;
        let notices = notices.as_array().unwrap();
        let notice = notices
            .iter()
            .find(|it| it["event_type"] == "REFUND.SUCCESS");
        let id = notice.unwrap()["id"].as_str().unwrap();
        let control = self.stage.sandbox.control_url();
        let url = format!("{control}/control/notifications/{id}/resend");
        let sent = self.stage.http.post(&url, &[], &json!({})).await;
        assert!(sent.status < 300, "{sent:?}");
    }

    /// Every refund that WeChat has: number and amount.
    pub(super) async fn refunds_at_wechat(&self) -> BTreeMap<String, Value> {
        let refunds = self.control("refunds").await;
        let refunds = refunds.as_array().unwrap().iter();
        refunds
            .map(|it| {
                let number = it["out_refund_no"].as_str().unwrap().to_owned();
                assert!(!it["amount"].is_null(), "{it}");
                (number, it["amount"].clone())
            })
            .collect()
    }
}
