//! Refunds: ask for one, query it, and send a stuck one another way.

use super::Client;
use super::outgoing::Outgoing;
use crate::crypto::PublicKey;
use crate::error::Kind;
use crate::wire::AbnormalBody;
use crate::{AbnormalRefund, CreateRefund, Error, Operation, OutRefundNo, Refund, RefundTo};

const REFUNDS: &str = "/v3/refund/domestic/refunds";

impl Client {
    /// Asks for a refund. The answer usually says `PROCESSING`: accepted, not arrived.
    ///
    /// Idempotent by `out_refund_no`: however often it is sent with the same parameters, there is
    /// one refund. After an answer that is not certain, [query](Self::query_refund) first; only
    /// when the platform does not know the number, send it again, and never under another number.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/example.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use fen::Fen;
    /// use wechatpay::{CreateRefund, NotifyUrl, OutRefundNo, RefundOf, RefundReason, RefundStatus,
    ///     TransactionId};
    /// # let client = example::answering(200, r#"{"refund_id":"50000000382019052709732678859",
    /// #     "out_refund_no":"R20261123223841","transaction_id":"1217752501201407033233368018",
    /// #     "out_trade_no":"20261123223841","channel":"ORIGINAL","user_received_account":
    /// #     "招商银行信用卡0403","create_time":"2026-11-23T22:38:41+08:00","status":"PROCESSING",
    /// #     "funds_account":"AVAILABLE","amount":{"total":999,"refund":500,"payer_total":999,
    /// #     "payer_refund":500,"settlement_refund":500,"settlement_total":999,
    /// #     "discount_refund":0,"currency":"CNY"},"promotion_detail":[]}"#);
    ///
    /// let refund = client
    ///     .create_refund(&CreateRefund {
    ///         of: RefundOf::Transaction(TransactionId::new("1217752501201407033233368018")?),
    ///         out_refund_no: OutRefundNo::new("R20261123223841")?,
    ///         reason: Some(RefundReason::new("商品已售完")?),
    ///         notify_url: NotifyUrl::new("https://shop.example/v1/wechat/notify/main")?,
    ///         refund: Fen::from_yuan("5.00")?,
    ///         total: Fen::from_yuan("9.99")?,
    ///     })
    ///     .await?;
    /// assert_eq!(refund.status, RefundStatus::Processing);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4013071036
    ///
    /// # Errors
    /// [`Error`]; [`Advice::QueryFirst`](crate::Advice::QueryFirst) means that the refund may have
    /// been accepted. With the code `NOT_ENOUGH` it was not: top up, then repeat identically.
    pub async fn create_refund(&self, refund: &CreateRefund) -> Result<Refund, Error> {
        if refund.refund.is_zero() {
            let words = "the refund is 0, and WeChat takes 1 fen at least".to_owned();
            return Err(Error::new(Operation::Refund, Kind::Misconfigured(words)));
        }
        let path = REFUNDS.to_owned();
        self.call(&Outgoing::post(Operation::Refund, path, &refund.body())?)
            .await
    }

    /// Asks for a refund by the merchant's number. There is no limit of age.
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4013071041
    ///
    /// # Errors
    /// [`Error`]; with the code `RESOURCE_NOT_EXISTS` the platform has not accepted it, and it is
    /// safe to send it again under the same number.
    pub async fn query_refund(&self, number: &OutRefundNo) -> Result<Refund, Error> {
        let path = format!("{REFUNDS}/{}", in_path(number));
        self.call(&Outgoing::get(Operation::RefundQuery, path))
            .await
    }

    /// Sends a refund that is stuck (`ABNORMAL`) to another card of the buyer's, or to the
    /// merchant, who then pays the buyer.
    ///
    /// Card number and name are encrypted to the platform's key, which the request names.
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4013071193
    ///
    /// # Errors
    /// As [`Client::create_refund`]; also when no key of the platform is known to encrypt to.
    pub async fn apply_abnormal_refund(&self, refund: &AbnormalRefund) -> Result<Refund, Error> {
        let operation = Operation::RefundApply;
        let path = format!("{REFUNDS}/{}/apply-abnormal-refund", refund.refund_id);
        let number = &refund.out_refund_no;
        let outgoing = match &refund.to {
            RefundTo::Merchant => {
                let body = AbnormalBody {
                    out_refund_no: number,
                    kind: "MERCHANT_BANK_CARD",
                    bank_type: None,
                    bank_account: None,
                    real_name: None,
                };
                Outgoing::post(operation, path, &body)?
            }
            RefundTo::BuyersCard {
                bank_type,
                bank_account,
                real_name,
            } => {
                let (serial, key) = self.0.keys.for_encryption().ok_or_else(|| {
                    let words = "no key of the platform is known to encrypt the card to";
                    Error::new(operation, Kind::Misconfigured(words.to_owned()))
                })?;
                let body = AbnormalBody {
                    out_refund_no: number,
                    kind: "USER_BANK_CARD",
                    bank_type: Some(bank_type),
                    bank_account: Some(sealed(&key, bank_account.as_str())?),
                    real_name: Some(sealed(&key, real_name.as_str())?),
                };
                Outgoing::post(operation, path, &body)?.sealed_to(&serial)
            }
        };
        self.call(&outgoing).await
    }
}

fn sealed(key: &PublicKey, text: &str) -> Result<String, Error> {
    key.encrypt_oaep(text.as_bytes()).map_err(|error| {
        Error::new(
            Operation::RefundApply,
            Kind::Misconfigured(error.to_string()),
        )
    })
}

/// A refund number as it stands in a path: escaped before it is signed where HTTP libraries escape
/// it when they send it.
fn in_path(number: &OutRefundNo) -> String {
    number.as_str().replace('|', "%7C")
}
