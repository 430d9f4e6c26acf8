//! Prepay, query, close, and the self test.

use serde::{Deserialize, Serialize};

use super::Client;
use super::outgoing::Outgoing;
use crate::error::Kind;
use crate::wire::PrepayBody;
use crate::{
    AppPrepay, CodeUrl, Error, H5Prepay, H5Url, JsapiPrepay, MchId, NativePrepay, Operation,
    OutTradeNo, PrepayId, Transaction, TransactionId,
};

const JSAPI: &str = "/v3/pay/transactions/jsapi";
const APP: &str = "/v3/pay/transactions/app";
const NATIVE: &str = "/v3/pay/transactions/native";
const H5: &str = "/v3/pay/transactions/h5";
const ECHO: &str = "/v3/security/echo";

#[derive(Deserialize)]
struct Prepaid {
    prepay_id: PrepayId,
}

#[derive(Deserialize)]
struct NativePrepaid {
    code_url: CodeUrl,
}

#[derive(Deserialize)]
struct H5Prepaid {
    h5_url: H5Url,
}

#[derive(Serialize)]
struct Close<'a> {
    mchid: &'a MchId,
}

#[derive(Serialize, Deserialize)]
struct Echo {
    echo_message: String,
}

impl Client {
    /// Places an order to be paid in a mini program or an official account.
    ///
    /// Idempotent: repeated with the same number and identical parameters it returns the order's
    /// `prepay_id` (whether always the same one is uncertain); with other parameters it is refused.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/example.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use fen::Fen;
    /// use wechatpay::{AppId, Description, JsapiPrepay, NotifyUrl, OpenId, OutTradeNo};
    /// # let client = example::answering(200, r#"{"prepay_id":"wx2014102720093955"}"#);
    ///
    /// let prepay_id = client
    ///     .jsapi_prepay(&JsapiPrepay {
    ///         appid: AppId::new("wxd678efh567hg6787")?,
    ///         description: Description::new("Image形象店-深圳腾大-QQ公仔")?,
    ///         out_trade_no: OutTradeNo::new("1217752501201407033233368018")?,
    ///         time_expire: None,
    ///         attach: None,
    ///         notify_url: NotifyUrl::new("https://shop.example/v1/wechat/notify/main")?,
    ///         amount: Fen::from_yuan("1.00")?,
    ///         openid: OpenId::new("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")?,
    ///         options: Default::default(),
    ///     })
    ///     .await?;
    /// assert_eq!(prepay_id.as_str(), "wx2014102720093955");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4012791897
    ///
    /// # Errors
    /// [`Error`]; when it is [ambiguous](Error::is_ambiguous) the order may exist.
    pub async fn jsapi_prepay(&self, order: &JsapiPrepay) -> Result<PrepayId, Error> {
        let prepaid: Prepaid = self.prepay(JSAPI, &order.body(self.mch_id())).await?;
        Ok(prepaid.prepay_id)
    }

    /// Places an order to be paid in an app; see [`Client::app_payment`] for the next step.
    ///
    /// # Errors
    /// As [`Client::jsapi_prepay`].
    pub async fn app_prepay(&self, order: &AppPrepay) -> Result<PrepayId, Error> {
        let prepaid: Prepaid = self
            .prepay(APP, &order.common().body(self.mch_id()))
            .await?;
        Ok(prepaid.prepay_id)
    }

    /// Places an order to be paid from a mobile browser. The address returned is good for 5
    /// minutes.
    ///
    /// # Errors
    /// As [`Client::jsapi_prepay`].
    pub async fn h5_prepay(&self, order: &H5Prepay) -> Result<H5Url, Error> {
        let prepaid: H5Prepaid = self.prepay(H5, &order.body(self.mch_id())).await?;
        Ok(prepaid.h5_url)
    }

    /// Places an order to be paid by scanning a QR code: the text returned, good for 2 hours. A
    /// repeat makes the earlier code invalid.
    ///
    /// # Errors
    /// As [`Client::jsapi_prepay`].
    pub async fn native_prepay(&self, order: &NativePrepay) -> Result<CodeUrl, Error> {
        let body = order.common().body(self.mch_id());
        let prepaid: NativePrepaid = self.prepay(NATIVE, &body).await?;
        Ok(prepaid.code_url)
    }

    async fn prepay<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        body: &PrepayBody<'_>,
    ) -> Result<T, Error> {
        if body.is_free() {
            let words = "the amount is 0, and WeChat takes 1 fen at least".to_owned();
            return Err(Error::new(Operation::Prepay, Kind::Misconfigured(words)));
        }
        self.call(&Outgoing::post(Operation::Prepay, path.to_owned(), body)?)
            .await
    }

    /// Asks for a payment by the merchant's order number. There is no limit of age.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/example.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use wechatpay::{OutTradeNo, TradeState};
    /// # let client = example::answering(200, r#"{"appid":"wxd678efh567hg6787",
    /// #     "mchid":"1900007291","out_trade_no":"1217752501201407033233368018",
    /// #     "trade_state":"NOTPAY","trade_state_desc":"订单未支付"}"#);
    ///
    /// let number = OutTradeNo::new("1217752501201407033233368018")?;
    /// let payment = client.query_by_out_trade_no(&number).await?;
    /// assert_eq!(payment.trade_state, TradeState::NotPay);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4012791859
    ///
    /// # Errors
    /// [`Error`]; with the code `ORDER_NOT_EXIST` the platform never saw the order.
    pub async fn query_by_out_trade_no(&self, number: &OutTradeNo) -> Result<Transaction, Error> {
        let mch_id = self.mch_id();
        let number = in_path(number);
        let path = format!("/v3/pay/transactions/out-trade-no/{number}?mchid={mch_id}");
        self.call(&Outgoing::get(Operation::Query, path)).await
    }

    /// Asks for a payment by WeChat's number.
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4012791858
    ///
    /// # Errors
    /// As [`Client::query_by_out_trade_no`].
    pub async fn query_by_transaction_id(
        &self,
        number: &TransactionId,
    ) -> Result<Transaction, Error> {
        let mch_id = self.mch_id();
        let path = format!("/v3/pay/transactions/id/{number}?mchid={mch_id}");
        self.call(&Outgoing::get(Operation::Query, path)).await
    }

    /// Closes an unpaid order, so that nobody can pay it any more. Closing twice is fine.
    ///
    /// Never close before the first prepay of a number has an answer: whether the platform refuses
    /// an unknown number or remembers it as closed is uncertain. Right after ordering a close may
    /// fail.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/example.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let client = example::answering(204, "");
    /// client.close(&wechatpay::OutTradeNo::new("1217752501201407033233368018")?).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4012791860
    ///
    /// # Errors
    /// [`Error`]; with the code `ORDER_PAID` the buyer was faster: query, and book the payment.
    pub async fn close(&self, number: &OutTradeNo) -> Result<(), Error> {
        let path = format!(
            "/v3/pay/transactions/out-trade-no/{}/close",
            in_path(number)
        );
        let body = Close {
            mchid: self.mch_id(),
        };
        self.verified(&Outgoing::post(Operation::Close, path, &body)?)
            .await
            .map(drop)
    }

    /// Has the platform repeat a text: signs, sends, verifies, and touches no order.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/example.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), wechatpay::Error> {
    /// # let client = example::answering(200, r#"{"echo_message":"hello"}"#);
    /// assert_eq!(client.echo("hello").await?, "hello");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`]; with the code `SIGN_ERROR` see [`Error::sign_mismatch`].
    pub async fn echo(&self, text: &str) -> Result<String, Error> {
        let body = Echo {
            echo_message: text.to_owned(),
        };
        let outgoing = Outgoing::post(Operation::Echo, ECHO.to_owned(), &body)?;
        self.call::<Echo>(&outgoing)
            .await
            .map(|echo| echo.echo_message)
    }
}

/// An order number as it stands in a path. HTTP libraries escape `|` when they send it, so it is
/// escaped before it is signed; all its other characters are sent as they are.
fn in_path(number: &OutTradeNo) -> String {
    number.as_str().replace('|', "%7C")
}
