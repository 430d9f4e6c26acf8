//! The API v3 client of one merchant.

mod answer;
mod bills;
mod builder;
mod call;
mod certificates;
mod hosts;
mod notifications;
mod orders;
mod outgoing;
mod refunds;
mod skew;

use std::fmt;
use std::sync::Arc;

pub use bills::{BillDownload, MAX_BILL_BYTES};
pub use builder::ClientBuilder;
pub use certificates::{REFRESH_INTERVAL_SECONDS, Refreshed};
pub use hosts::MAIN_HOST_REST_SECONDS;

use certificates::Refreshes;
use hosts::Hosts;
use skew::Skew;

use crate::crypto::SerialNo;
use crate::{
    Ambient, AppId, AppPayment, Endpoints, KeyRing, MchId, Merchant, PrepayId, RequestPayment,
    Transport,
};

/// The API v3 client of one merchant. Clones are cheap and share keys, connections and state.
///
/// Every answer it returns was signed by the platform within the last 5 minutes. It repeats a call
/// by itself in two cases only: on the other host when no connection to the first could be made
/// (and then it passes the main host over for [`MAIN_HOST_REST_SECONDS`]), and once, identically,
/// when the platform sent a deliberately wrong signature to see whether we check. All else is for
/// the caller to decide, with [`Error::advice`](crate::Error::advice).
///
/// ```no_run
/// use wechatpay::crypto::{ApiV3Key, PrivateKey, PublicKey, SerialNo};
/// use wechatpay::{Client, KeyRing, MchId, Merchant, OutTradeNo};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let merchant = Merchant::new(
///     MchId::new("1900007291")?,
///     SerialNo::new("408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB")?,
///     PrivateKey::from_pem(&std::fs::read_to_string("apiclient_key.pem")?)?,
///     ApiV3Key::new(&std::env::var("WECHATPAY_API_V3_KEY")?)?,
/// );
/// let keys = KeyRing::new().with_public_key(
///     SerialNo::new("PUB_KEY_ID_0114232134912410000000000000")?,
///     PublicKey::from_pem(&std::fs::read_to_string("pub_key.pem")?)?,
/// );
/// let client = Client::builder(merchant, keys).build();
/// let payment = client.query_by_out_trade_no(&OutTradeNo::new("20261123223841")?).await?;
/// println!("{}", payment.trade_state);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    merchant: Merchant,
    keys: KeyRing,
    endpoints: Endpoints,
    transport: Arc<dyn Transport>,
    ambient: Arc<dyn Ambient>,
    hosts: Arc<Hosts>,
    refreshes: Refreshes,
    skew: Arc<Skew>,
}

impl Client {
    /// Begins a client; see [`ClientBuilder`] for what can be set.
    pub fn builder(merchant: Merchant, keys: KeyRing) -> ClientBuilder {
        ClientBuilder::new(merchant, keys)
    }

    /// The same client with other keys: it talks to the same hosts over the same connections, and
    /// goes on with the certificates and the clock skew that this one has learnt. Calls under way
    /// on this one end with the keys that they began with; nothing has to stop for it.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/example.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use wechatpay::crypto::{ApiV3Key, PrivateKey, SerialNo};
    /// use wechatpay::{KeyRing, Merchant};
    /// # let client = example::answering(200, "{}");
    ///
    /// let serial = SerialNo::new("1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C")?;
    /// let renewed = Merchant::new(
    ///     client.mch_id().clone(),
    ///     serial.clone(),
    ///     PrivateKey::generate(), // PrivateKey::from_pem(&apiclient_key)?
    ///     ApiV3Key::new("0123456789abcdef0123456789abcdef")?,
    /// );
    /// let client = client.renewed(renewed, KeyRing::new());
    /// assert_eq!(client.serial_no(), &serial);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn renewed(&self, merchant: Merchant, keys: KeyRing) -> Self {
        debug_assert_eq!(merchant.mch_id(), self.mch_id(), "another merchant");
        keys.adopt_certificates(&self.0.keys);
        Self(Arc::new(Inner {
            merchant,
            keys,
            endpoints: self.0.endpoints.clone(),
            transport: self.0.transport.clone(),
            ambient: self.0.ambient.clone(),
            hosts: self.0.hosts.clone(),
            // Another ring has to ask for itself.
            refreshes: Refreshes::default(),
            skew: self.0.skew.clone(),
        }))
    }

    /// The merchant number.
    pub fn mch_id(&self) -> &MchId {
        self.0.merchant.mch_id()
    }

    /// The serial of the certificate that requests are signed under.
    pub fn serial_no(&self) -> &SerialNo {
        self.0.merchant.serial_no()
    }

    /// The platform's keys, shared with this client.
    pub fn keys(&self) -> &KeyRing {
        &self.0.keys
    }

    /// Signs the five values for `wx.requestPayment`, as of now.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/example.rs"));
    /// # fn main() -> Result<(), wechatpay::InvalidValue> {
    /// use wechatpay::{AppId, PrepayId};
    /// # let client = example::answering(200, "{}");
    ///
    /// let appid = AppId::new("wx2421b1c4370ec43b")?;
    /// let prepay_id = PrepayId::new("wx201410272009395522657a690389285100")?;
    /// let payment = serde_json::to_value(client.request_payment(&appid, &prepay_id)).unwrap();
    /// assert_eq!(payment["package"], "prepay_id=wx201410272009395522657a690389285100");
    /// assert_eq!(payment["signType"], "RSA");
    /// assert!(payment["timeStamp"].is_string());
    /// # Ok(())
    /// # }
    /// ```
    pub fn request_payment(&self, appid: &AppId, prepay_id: &PrepayId) -> RequestPayment {
        let nonce = self.0.ambient.nonce();
        self.request_payment_with(appid, prepay_id, self.now(), &nonce)
    }

    /// Signs the five values with a given time (seconds since 1970) and nonce: the same values give
    /// the same answer, for a caller who repeats.
    pub fn request_payment_with(
        &self,
        appid: &AppId,
        prepay_id: &PrepayId,
        timestamp: i64,
        nonce: &str,
    ) -> RequestPayment {
        RequestPayment::new(
            self.0.merchant.private_key(),
            appid,
            prepay_id,
            timestamp,
            nonce,
        )
    }

    /// Signs the values with which an app starts the cashier, as of now.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/example.rs"));
    /// # fn main() -> Result<(), wechatpay::InvalidValue> {
    /// use wechatpay::{AppId, PrepayId};
    /// # let client = example::answering(200, "{}");
    ///
    /// let prepay_id = PrepayId::new("wx201410272009395522657a690389285100")?;
    /// let payment = client.app_payment(&AppId::new("wx2421b1c4370ec43b")?, &prepay_id);
    /// assert_eq!(payment.package_value, "Sign=WXPay");
    /// # Ok(())
    /// # }
    /// ```
    pub fn app_payment(&self, appid: &AppId, prepay_id: &PrepayId) -> AppPayment {
        let merchant = &self.0.merchant;
        AppPayment::new(
            (merchant.private_key(), merchant.mch_id()),
            appid,
            prepay_id,
            self.now(),
            self.0.ambient.nonce(),
        )
    }

    /// The `Date` of the newest answer, in seconds since 1970; none before the first.
    pub fn last_answer_date(&self) -> Option<i64> {
        self.0.skew.last().map(|(date, _)| date)
    }

    /// How far our clock was ahead of WeChat's at the newest answer, in seconds. The platform
    /// refuses a request, and we refuse an answer, beyond 300 either way.
    pub fn clock_skew_seconds(&self) -> Option<i64> {
        self.0
            .skew
            .last()
            .map(|(date, ours)| ours.saturating_sub(date))
    }

    fn now(&self) -> i64 {
        self.0.ambient.unix_seconds()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("mch_id", &self.mch_id().as_str())
            .field("keys", &self.0.keys.serials())
            .field("endpoints", &self.0.endpoints)
            .finish_non_exhaustive()
    }
}
