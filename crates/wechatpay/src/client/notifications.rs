use super::Client;
use crate::Unverified;
use crate::notification::{Notification, NotificationError, NotificationHeaders, open};
use crate::signed::{Signed, shown_name};

impl Client {
    /// Turns away by its headers alone what [`open_notification`](Self::open_notification) would
    /// turn away whatever its body says: what was not signed just now, and what names a key that
    /// neither is known nor may be had. It computes nothing and waits for nothing, so that a flood
    /// of forgeries can be refused before their bodies are read.
    ///
    /// # Errors
    /// [`NotificationError::Stale`], [`NotificationError::UnknownSerial`], and
    /// [`NotificationError::MissingHeader`] for a timestamp that is none.
    pub fn check_notification_headers(
        &self,
        headers: &NotificationHeaders,
    ) -> Result<(), NotificationError> {
        let no_body: &[u8] = &[];
        let refused = |reason| NotificationError::unverified(reason, no_body);
        self.fresh(headers).map_err(refused)?;
        if self.0.keys.find(&headers.serial).is_some() || self.may_be_found(&headers.serial) {
            return Ok(());
        }
        Err(refused(unknown_serial(headers)))
    }

    /// Verifies and opens a notification.
    ///
    /// `body` must be the raw bytes that came, before anything decoded or filtered them. Nothing is
    /// parsed before the signature is found good. A key that is not known is looked for once among
    /// freshly downloaded certificates, with a least interval that no stranger can get around; and
    /// few at a time wait for that.
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
        let signed = self.fresh(headers)?;
        let key = match self.0.keys.find(&headers.serial) {
            Some(key) => Some(key),
            None => self.find_for_stranger(&headers.serial).await,
        };
        let unknown = || unknown_serial(headers);
        signed.check_signature(&key.ok_or_else(unknown)?, body)
    }

    /// What was signed, unless that is too long ago. Asked first, because it costs nothing.
    fn fresh<'a>(&self, headers: &'a NotificationHeaders) -> Result<Signed<'a>, Unverified> {
        let signed = headers.signed();
        signed.check_freshness(self.now())?;
        Ok(signed)
    }
}

fn unknown_serial(headers: &NotificationHeaders) -> Unverified {
    Unverified::UnknownSerial(shown_name(&headers.serial))
}
