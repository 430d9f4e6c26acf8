//! What a buyer does: log in, order, pay, look.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    http::Answer,
    world::{World, one_latte},
};

impl World {
    pub(crate) async fn login_code(&self, user: &str) -> String {
        let body = json!({"appid": self.text("appid"), "user": user});
        let answer = self.control("login", &body).await;
        answer["code"].as_str().expect("a code").to_owned()
    }

    /// A session token of `user`.
    pub(crate) async fn log_in(&self, user: &str) -> String {
        let code = self.login_code(user).await;
        let body = json!({"app_id": self.text("appid"), "code": code});
        let answer = self.http.post(&self.url("/v1/mp/login"), &[], &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["token"].as_str().expect("a token").to_owned()
    }

    /// A user of the sandbox besides `demo`.
    pub(crate) async fn another_user(&self, name: &str) -> String {
        let answer = self.control("users", &json!({"name": name})).await;
        answer["user"].as_str().expect("a user").to_owned()
    }

    pub(crate) async fn post(
        &self,
        token: &str,
        path: &str,
        key: Option<&str>,
        body: &Value,
    ) -> Answer {
        let authorization = format!("Bearer {token}");
        let mut headers = vec![("authorization", authorization.as_str())];
        if let Some(key) = key {
            headers.push(("idempotency-key", key));
        }
        self.http.post(&self.url(path), &headers, body).await
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        let authorization = format!("Bearer {token}");
        self.http
            .get(&self.url(path), &[("authorization", &authorization)])
            .await
    }

    /// Orders goods; the answer is whatever the server says.
    pub(crate) async fn order(&self, token: &str, key: &str, body: &Value) -> Answer {
        self.post(token, "/v1/mp/orders", Some(key), body).await
    }

    /// Orders one latte: order number and payment.
    pub(crate) async fn latte(&self, token: &str) -> (String, Value) {
        let answer = self.order(token, &self.key(), &one_latte()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let body = answer.json();
        (
            body["order"]["order_no"]
                .as_str()
                .expect("a number")
                .to_owned(),
            body["payment"].clone(),
        )
    }

    /// `wx.requestPayment` and a finger on the sensor; the answer is `errMsg`.
    pub(crate) async fn pay(&self, user: &str, payment: &Value) -> String {
        let cashier = self.cashier(user, payment).await;
        let Some(id) = cashier["cashier_id"].as_str() else {
            return cashier["errMsg"].as_str().unwrap_or("no errMsg").to_owned();
        };
        let answer = self.control(&format!("cashier/{id}/pay"), &json!({})).await;
        answer["errMsg"].as_str().unwrap_or("no errMsg").to_owned()
    }

    pub(crate) async fn cashier(&self, user: &str, payment: &Value) -> Value {
        let mut body = payment.clone();
        body["appid"] = json!(self.text("appid"));
        body["user"] = json!(user);
        self.control("cashier", &body).await
    }

    pub(crate) async fn state(&self, token: &str, order_no: &str) -> String {
        let answer = self.get(token, &format!("/v1/mp/orders/{order_no}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["order"]["state"]
            .as_str()
            .expect("a state")
            .to_owned()
    }

    /// Waits until the order is in `state`; the notifier of the sandbox works at its own pace.
    pub(crate) async fn wait_for(&self, token: &str, order_no: &str, state: &str) {
        let reached = async {
            while self.state(token, order_no).await != state {
                tokio::task::yield_now().await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(20), reached)
            .await
            .is_err()
        {
            let now = self.state(token, order_no).await;
            panic!("order {order_no} is {now} and did not become {state}");
        }
    }
}
