//! The sandbox from outside: what a phone does there, and what a tester may ask and arrange.

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::buyer::{Placed, text};
use super::ports::Ports;
use super::shop::Account;

/// This user is always there.
const USER: &str = "demo";
/// Six digits, as on a phone.
const PASSWORD: &str = "123456";

pub(super) struct Platform<'a> {
    pub(super) ports: Ports,
    pub(super) account: &'a Account<'a>,
}

/// The cashier, open for one order.
pub(super) struct Cashier {
    id: String,
    pub(super) amount_fen: i64,
    pub(super) merchant_name: String,
}

impl Platform<'_> {
    /// What `wx.login` gives on the phone.
    pub(super) fn login_code(&self) -> anyhow::Result<String> {
        let body = json!({"appid": self.account.text("appid")?, "user": USER});
        let answer = self.control("POST", "/control/login", &body)?;
        Ok(text(&answer, "code")?.to_owned())
    }

    /// The buyer's openid, which a merchant's own system would have from an earlier login.
    pub(super) fn openid(&self) -> anyhow::Result<String> {
        let (appid, secret) = (
            self.account.text("appid")?,
            self.account.text("app_secret")?,
        );
        let code = self.login_code()?;
        let path = format!(
            "/sns/jscode2session?appid={appid}&secret={secret}&js_code={code}\
             &grant_type=authorization_code"
        );
        let answer = self.ports.api.get(&path, &[])?.ok()?;
        // The real API answers as text/plain, which some clients do not parse.
        Ok(text(&answer, "openid")?.to_owned())
    }

    /// `wx.requestPayment`: opens only if `paySign` and everything beside it is right.
    pub(super) fn open_cashier(&self, placed: &Placed) -> anyhow::Result<Cashier> {
        let mut body = placed.payment.clone();
        body["appid"] = json!(self.account.text("appid")?);
        body["user"] = json!(USER);
        let answer = self.control("POST", "/control/cashier", &body)?;
        if !answer["cashier_id"].is_string() {
            bail!("the cashier refuses: {answer}");
        }
        Ok(Cashier {
            id: text(&answer, "cashier_id")?.to_owned(),
            amount_fen: answer["amount_fen"]
                .as_i64()
                .context("the cashier names no amount")?,
            merchant_name: text(&answer, "merchant_name")?.to_owned(),
        })
    }

    pub(super) fn pay(&self, cashier: &Cashier) -> anyhow::Result<()> {
        let path = format!("/control/cashier/{}/pay", cashier.id);
        let answer = self.control("POST", &path, &json!({"password": PASSWORD}))?;
        match answer["errMsg"].as_str() {
            Some("requestPayment:ok") => Ok(()),
            _ => bail!("the cashier answered {answer}"),
        }
    }

    pub(super) fn set_faults(&self, faults: &Value) -> anyhow::Result<()> {
        self.control("PUT", "/control/faults", &json!({"faults": faults}))
            .map(drop)
    }

    /// Whether a notification about the order was accepted by the server.
    pub(super) fn delivered(&self, order_no: &str) -> anyhow::Result<bool> {
        let notifications = self
            .ports
            .control
            .get("/control/notifications", &[])?
            .ok()?;
        let about_it = rows(&notifications)
            .iter()
            .filter(|row| row["out_trade_no"] == order_no);
        let attempts = about_it.flat_map(|row| row["attempts"].as_array().into_iter().flatten());
        let accepted = |attempt: &Value| matches!(attempt["status"].as_u64(), Some(200 | 204));
        Ok(attempts.into_iter().any(accepted))
    }

    /// How often the server has asked for the order.
    pub(super) fn queries(&self, order_no: &str) -> anyhow::Result<usize> {
        let requests = self.ports.control.get("/control/requests", &[])?.ok()?;
        let path = format!("/v3/pay/transactions/out-trade-no/{order_no}?");
        let asks = |row: &&Value| {
            row["method"] == "GET" && row["target"].as_str().is_some_and(|t| t.starts_with(&path))
        };
        Ok(rows(&requests).iter().filter(asks).count())
    }

    fn control(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.ports.control.send(method, path, &[], body)?.ok()
    }
}

/// The list in an answer, whatever its name.
fn rows(answer: &Value) -> &[Value] {
    let list = answer
        .as_array()
        .or_else(|| answer.as_object()?.values().find_map(Value::as_array));
    list.map(Vec::as_slice).unwrap_or_default()
}
