use super::Client;
use crate::Unverified;
use crate::notification::{Notification, NotificationError, NotificationHeaders, open};
use crate::signed::shown_name;

impl Client {
    /// Verifies and opens a notification.
    ///
    /// `body` must be the raw bytes that came, before anything decoded or filtered them. Nothing is
    /// parsed before the signature is found good. A key that is not known is looked for once among
    /// freshly downloaded certificates, with a least interval that no stranger can get around.
    ///
    /// What comes back is true, and still has to be compared with the order: merchant, app, amount,
    /// currency, payer.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/example.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use wechatpay::{NotificationHeaders, Resource};
    /// # let client = example::answering(200, "{}");
    /// # let (http_headers, body) = example::payment_notification();
    ///
    /// let headers = NotificationHeaders::from_http(&http_headers)?;
    /// let notification = client.open_notification(&headers, &body).await?;
    /// if let Resource::Transaction(payment) = notification.resource {
    ///     assert!(payment.trade_state.is_paid());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4012791861
    ///
    /// # Errors
    /// [`NotificationError`]; answer with 4xx or 5xx, and the platform will come again.
    pub async fn open_notification(
        &self,
        headers: &NotificationHeaders,
        body: &[u8],
    ) -> Result<Notification, NotificationError> {
        let verified = self.verify_notification(headers, body).await;
        verified.map_err(|reason| NotificationError::unverified(reason, body))?;
        open(&self.0.merchant, self.now(), body)
    }

    async fn verify_notification(
        &self,
        headers: &NotificationHeaders,
        body: &[u8],
    ) -> Result<(), Unverified> {
        let signed = headers.signed();
        signed.check_freshness(self.now())?;
        let key = match self.0.keys.find(&headers.serial) {
            Some(key) => Some(key),
            None => self.find_after_refresh(&headers.serial).await,
        };
        let unknown = || Unverified::UnknownSerial(shown_name(&headers.serial));
        signed.check_signature(&key.ok_or_else(unknown)?, body)
    }
}
