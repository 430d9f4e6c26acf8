//! The platform's certificates: downloaded by one task at a time, and not too often.

use serde::Deserialize;
use tokio::sync::{Mutex, Semaphore};

use super::Client;
use super::call::read_json;
use super::outgoing::Outgoing;
use crate::crypto::{AEAD_ALGORITHM, Certificate, PublicKey, SerialNo};
use crate::error::{Kind, Undecodable};
use crate::{BoxFuture, Error, Operation};

/// The least time between two downloads, in seconds.
///
/// Anybody can send us a notification that names a key we do not have. Each may make us ask for new
/// certificates, but not more often than this. The platform itself changes keys over days.
pub const REFRESH_INTERVAL_SECONDS: i64 = 60;

const PATH: &str = "/v3/certificates";

/// What a refresh did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// The platform's present certificates were downloaded; these are their serials.
    Downloaded(Vec<SerialNo>),
    /// Nothing was done, because the last download is so fresh.
    Recently {
        /// Its age in seconds, below [`REFRESH_INTERVAL_SECONDS`].
        seconds_ago: i64,
    },
}

/// How many notifications may wait for one download. Strangers can name any number of keys that do
/// not exist; what is turned away in their midst comes again in a quarter of a minute.
const STRANGERS_MAX: usize = 16;

/// When certificates were last asked for (seconds since 1970). Whoever holds the lock may ask.
pub(super) struct Refreshes {
    times: Mutex<Times>,
    strangers: Semaphore,
}

impl Default for Refreshes {
    fn default() -> Self {
        Self {
            times: Mutex::default(),
            strangers: Semaphore::new(STRANGERS_MAX),
        }
    }
}

#[derive(Default)]
struct Times {
    attempted: Option<i64>,
    succeeded: Option<i64>,
}

#[derive(Deserialize)]
struct List {
    data: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    serial_no: String,
    encrypt_certificate: Sealed,
}

#[derive(Deserialize)]
struct Sealed {
    algorithm: String,
    nonce: String,
    #[serde(default)]
    associated_data: Option<String>,
    ciphertext: String,
}

impl Client {
    /// Downloads the platform's certificates into the key ring and forgets the expired ones.
    ///
    /// Call it once at start when the merchant uses certificates, and then at least every 12 hours.
    /// Callers at the same time share one download; see [`REFRESH_INTERVAL_SECONDS`].
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/example.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let none = r#"{"code":"RESOURCE_NOT_EXISTS","message":"无可用的平台证书"}"#;
    /// # let client = example::refusing(404, none);
    /// // A merchant that has only the WeChat Pay public key is told so.
    /// let error = client.refresh_certificates().await.unwrap_err();
    /// assert!(error.to_string().contains("configure the WeChat Pay public key"));
    /// # }
    /// ```
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4012551764
    ///
    /// # Errors
    /// [`Error`]; with the code `RESOURCE_NOT_EXISTS` the merchant has no certificates at all and
    /// needs the WeChat Pay public key instead.
    pub async fn refresh_certificates(&self) -> Result<Refreshed, Error> {
        let mut times = self.0.refreshes.times.lock().await;
        if let Some(seconds_ago) = recent(times.succeeded, self.now()) {
            return Ok(Refreshed::Recently { seconds_ago });
        }
        let certificates = self.download(&mut times).await?;
        Ok(Refreshed::Downloaded(certificates))
    }

    /// Looks for a key that a message names and we do not have, after asking for new certificates
    /// if that may help and was not done just now. Boxed, because the asking is itself a call.
    pub(super) fn find_after_refresh<'a>(
        &'a self,
        serial: &'a str,
    ) -> BoxFuture<'a, Option<PublicKey>> {
        Box::pin(async move {
            if !is_downloadable(serial) {
                return None;
            }
            let mut times = self.0.refreshes.times.lock().await;
            // Somebody else may have brought it while we waited for the lock.
            if let Some(key) = self.0.keys.find(serial) {
                return Some(key);
            }
            if recent(times.attempted, self.now()).is_none()
                && let Err(error) = self.download(&mut times).await
            {
                tracing::warn!(%error, "an unknown key was named, and no new ones could be had");
            }
            self.0.keys.find(serial)
        })
    }

    /// The same for a message that anybody may have sent: only so many wait.
    pub(super) async fn find_for_stranger(&self, serial: &str) -> Option<PublicKey> {
        let _place = self.0.refreshes.strangers.try_acquire().ok()?;
        self.find_after_refresh(serial).await
    }

    /// Whether a key that we do not have may be had: it can be downloaded, and either that was not
    /// tried just now, or it is being tried.
    pub(super) fn may_be_found(&self, serial: &str) -> bool {
        is_downloadable(serial)
            && match self.0.refreshes.times.try_lock() {
                Ok(times) => recent(times.attempted, self.now()).is_none(),
                Err(_being_tried) => true,
            }
    }

    async fn download(&self, times: &mut Times) -> Result<Vec<SerialNo>, Error> {
        let now = self.now();
        times.attempted = Some(now);
        let outgoing = Outgoing::get(Operation::Certificates, PATH.to_owned());
        let answer = self.verified(&outgoing).await?;
        let certificates = self.open_certificates(answer.body())?;
        let serials: Vec<_> = certificates
            .iter()
            .map(|at| at.serial_no().clone())
            .collect();
        for certificate in certificates {
            self.0.keys.insert_certificate(certificate);
        }
        self.0.keys.forget_expired(now);
        times.succeeded = Some(now);
        tracing::info!(?serials, "the platform's certificates were downloaded");
        Ok(serials)
    }

    /// Decrypts the certificates of an answer. Each has to carry the serial that it is listed
    /// under.
    pub(super) fn open_certificates(&self, body: &[u8]) -> Result<Vec<Certificate>, Error> {
        let list: List = read_json(Operation::Certificates, body)?;
        if list.data.is_empty() {
            return Err(odd("the list of certificates is empty"));
        }
        list.data
            .iter()
            .map(|listed| self.open_certificate(listed))
            .collect()
    }

    fn open_certificate(&self, listed: &Listed) -> Result<Certificate, Error> {
        let sealed = &listed.encrypt_certificate;
        if sealed.algorithm != AEAD_ALGORITHM {
            return Err(odd(
                "a certificate is encrypted with another algorithm than AES-256-GCM",
            ));
        }
        let associated_data = sealed.associated_data.as_deref().unwrap_or_default();
        let opened = self.0.merchant.open(
            self.now(),
            &sealed.nonce,
            associated_data,
            &sealed.ciphertext,
        );
        let pem = opened.map_err(|_| {
            let words = "WeChat's certificates do not open with this APIv3 key: set the key that \
                         the merchant platform has for this merchant number";
            Error::new(
                Operation::Certificates,
                Kind::Misconfigured(words.to_owned()),
            )
        })?;
        let pem = String::from_utf8(pem).map_err(|_| odd("a certificate is not text"))?;
        let certificate =
            Certificate::from_pem(&pem).map_err(|_| odd("a certificate cannot be read"))?;
        if certificate.serial_no().as_str() != listed.serial_no {
            return Err(odd(
                "a certificate is listed under another serial than its own",
            ));
        }
        Ok(certificate)
    }
}

/// Public keys are configured, never downloaded.
fn is_downloadable(serial: &str) -> bool {
    SerialNo::new(serial).is_ok_and(|name| !name.is_public_key_id())
}

fn odd(what: &'static str) -> Error {
    Error::new(
        Operation::Certificates,
        Kind::Undecodable(Undecodable::Content(what)),
    )
}

/// The age of a moment, if it is below the interval. A clock that was set back does not count.
fn recent(at: Option<i64>, now: i64) -> Option<i64> {
    let age = now.saturating_sub(at?);
    (0..REFRESH_INTERVAL_SECONDS).contains(&age).then_some(age)
}
