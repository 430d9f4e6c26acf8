//! Merchants, and the platform's own certificates.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use fen::Fen;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wechatpay::crypto::ApiV3Key;

use super::{Answer, Problem, Shared, given, read};
use crate::clock::rfc3339;
use crate::keys::{AppIdentity, Identity, KeysError, MerchantKeys, PlatformCertificate};
use crate::ledger::{CertificateState, KeyMode, Ledger, Merchant, NotifyKey, Permille, Product};
use crate::platform::Platform;
use crate::story::switches;

/// More merchants than this are a mistake in a loop; each has two RSA keys.
const MAX_MERCHANTS: usize = 1000;

/// Everything that a merchant would get from WeChat, for configuring a client.
#[derive(Clone, Serialize)]
pub struct MerchantInfo {
    /// The merchant number.
    pub mchid: String,
    /// Shown in the cashier.
    pub name: String,
    /// The first mini program.
    pub appid: String,
    /// Its secret.
    pub app_secret: String,
    /// All mini programs.
    pub apps: Vec<AppIdentity>,
    /// 32 bytes.
    pub api_v3_key: String,
    /// Of the merchant API certificate.
    pub serial_no: String,
    /// `apiclient_key.pem`
    pub private_key_pem: String,
    /// `apiclient_cert.pem`
    pub certificate_pem: String,
    /// `PUB_KEY_ID_…`
    pub public_key_id: String,
    /// `pub_key.pem`
    pub public_key_pem: String,
}

impl std::fmt::Debug for MerchantInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MerchantInfo")
            .field("mchid", &self.mchid)
            .finish_non_exhaustive()
    }
}

impl MerchantInfo {
    /// Puts a merchant's papers together.
    pub fn of(identity: &Identity, keys: &MerchantKeys) -> Self {
        let first = identity.apps.first();
        Self {
            mchid: identity.mchid.clone(),
            name: identity.name.clone(),
            appid: first.map(|app| app.appid.clone()).unwrap_or_default(),
            app_secret: first.map(|app| app.app_secret.clone()).unwrap_or_default(),
            apps: identity.apps.clone(),
            api_v3_key: identity.api_v3_key.clone(),
            serial_no: keys.certificate.serial_no().as_str().to_owned(),
            private_key_pem: keys.key_pem().to_owned(),
            certificate_pem: keys.certificate.pem().to_owned(),
            public_key_id: keys.public_key_id.as_str().to_owned(),
            public_key_pem: keys.public_key.public_key().to_pem(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMerchant {
    mchid: Option<String>,
    name: Option<String>,
    appids: Option<Vec<String>>,
    #[serde(flatten)]
    changes: Changes,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changes {
    key_mode: Option<KeyMode>,
    notify_key: Option<NotifyKey>,
    notify_share_permille: Option<Permille>,
    certificate: Option<CertificateState>,
    api_v3_key_set: Option<bool>,
    /// What is sealed from now on is sealed with this one; what was sealed before stays as it is.
    api_v3_key: Option<String>,
    products: Option<BTreeSet<Product>>,
    #[serde(default, deserialize_with = "given")]
    balance_fen: Option<Option<Fen>>,
}

impl Changes {
    fn apply(self, merchant: &mut Merchant) -> Result<(), Problem> {
        if let Some(text) = self.api_v3_key {
            let key = ApiV3Key::new(&text).map_err(|error| Problem::new(400, error.to_string()))?;
            merchant.api_v3_key = key;
            Arc::make_mut(&mut merchant.identity).api_v3_key = text;
        }
        merchant.notify_share = self.notify_share_permille.unwrap_or(merchant.notify_share);
        merchant.key_mode = self.key_mode.unwrap_or(merchant.key_mode);
        merchant.notify_key = self.notify_key.unwrap_or(merchant.notify_key);
        merchant.certificate = self.certificate.unwrap_or(merchant.certificate);
        merchant.api_v3_key_set = self.api_v3_key_set.unwrap_or(merchant.api_v3_key_set);
        if let Some(products) = self.products {
            merchant.products = products;
        }
        if let Some(balance) = self.balance_fen {
            merchant.balance = balance;
        }
        Ok(())
    }
}

pub(super) async fn default(State(platform): Shared) -> Result<Json<MerchantInfo>, Problem> {
    papers(&platform, &platform.keys.identity.mchid)
}

/// As they are now, after every change.
fn papers(platform: &Platform, mchid: &str) -> Result<Json<MerchantInfo>, Problem> {
    let ledger = platform.ledger();
    let merchant = ledger.merchants.get(mchid).ok_or_else(no_such_merchant)?;
    Ok(Json(MerchantInfo::of(&merchant.identity, &merchant.keys)))
}

fn no_such_merchant() -> Problem {
    Problem::new(404, "no such merchant")
}

pub(super) async fn list(State(platform): Shared) -> Json<Value> {
    let ledger = platform.ledger();
    Json(json!({ "data": ledger.merchants.values().map(shown).collect::<Vec<_>>() }))
}

/// A merchant as the platform sees it, without secrets.
fn shown(merchant: &Merchant) -> Value {
    json!({
        "mchid": merchant.mchid,
        "name": merchant.name,
        "appids": merchant.identity.apps.iter().map(|app| &app.appid).collect::<Vec<_>>(),
        "serial_no": merchant.keys.certificate.serial_no().as_str(),
        "public_key_id": merchant.keys.public_key_id.as_str(),
        "key_mode": merchant.key_mode,
        "notify_key": merchant.notify_key,
        "notify_share_permille": merchant.notify_share,
        "certificate": merchant.certificate,
        "api_v3_key_set": merchant.api_v3_key_set,
        "products": merchant.products,
        "balance_fen": merchant.balance,
    })
}

pub(super) async fn create(
    State(platform): Shared,
    body: Bytes,
) -> Result<Json<MerchantInfo>, Problem> {
    let wish: NewMerchant = read(&body)?;
    let identity = identity(&platform, &wish)?;
    let issuer = platform.keys.issuer.clone();
    let mchid = identity.mchid.clone();
    let keys = generated(move || MerchantKeys::generate(&issuer, &mchid)).await?;
    let merchant = Merchant::new(&identity, keys.clone());
    let mut merchant = merchant.ok_or_else(|| Problem::new(500, "bad APIv3 key"))?;
    wish.changes.apply(&mut merchant)?;
    let mut ledger = platform.ledger();
    if ledger.merchants.contains_key(&identity.mchid) {
        return Err(Problem::new(409, "that mchid exists"));
    }
    ledger.add_merchant(merchant, Merchant::apps(&identity));
    Ok(Json(MerchantInfo::of(&identity, &keys)))
}

/// An app that exists keeps its secret and is bound to the new merchant too.
fn identity(platform: &Platform, wish: &NewMerchant) -> Result<Identity, Problem> {
    let ledger = platform.ledger();
    if ledger.merchants.len() >= MAX_MERCHANTS {
        return Err(Problem::new(
            409,
            "there are merchants enough; reset the platform",
        ));
    }
    let mchid = wish
        .mchid
        .clone()
        .unwrap_or_else(|| format!("19{}", platform.chance.digits(8)));
    if !(8..=10).contains(&mchid.len()) || !mchid.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::new(400, "mchid has 8 to 10 digits"));
    }
    let name = wish.name.clone().unwrap_or_else(|| format!("商户 {mchid}"));
    let appids = wish.appids.clone().filter(|appids| !appids.is_empty());
    let appids = appids.unwrap_or_else(|| vec![format!("wx{}", platform.chance.hex(16))]);
    if appids.iter().any(|appid| !(1..=32).contains(&appid.len())) {
        return Err(Problem::new(400, "an appid has 1 to 32 bytes"));
    }
    let mut identity = Identity::new(&platform.chance, (mchid, name), appids);
    for app in &mut identity.apps {
        if let Some(known) = ledger.apps.get(&app.appid) {
            app.app_secret.clone_from(&known.secret);
        }
    }
    Ok(identity)
}

pub(super) async fn change(
    State(platform): Shared,
    Path(mchid): Path<String>,
    body: Bytes,
) -> Answer {
    let changes: Changes = read(&body)?;
    Ok(Json(change_one(&platform, &mchid, changes)?))
}

/// What is left out stays as it is.
pub(crate) fn change_one(
    platform: &Platform,
    mchid: &str,
    changes: Changes,
) -> Result<Value, Problem> {
    let mut ledger = platform.ledger();
    let merchant = ledger.merchants.get_mut(mchid);
    let merchant = merchant.ok_or_else(no_such_merchant)?;
    let balance = changes.balance_fen;
    changes.apply(merchant)?;
    let shown = shown(merchant);
    ledger.recheck_refunds(mchid, platform.clock.now());
    drop(ledger);
    if let Some(balance) = balance {
        let yuan = balance.map(|balance| balance.to_string());
        switches::account(platform, mchid, yuan);
    }
    platform.clock.wake();
    Ok(shown)
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Renewal {
    /// Whether the earlier certificates are withdrawn; otherwise they stay in force beside it.
    #[serde(default)]
    withdraw: bool,
}

/// A new merchant API certificate, as a merchant applies for one on the merchant platform.
pub(super) async fn renew_certificate(
    State(platform): Shared,
    Path(mchid): Path<String>,
    body: Bytes,
) -> Result<Json<MerchantInfo>, Problem> {
    let Renewal { withdraw } = read(&body)?;
    let held = |ledger: &Ledger| ledger.merchants.get(&mchid).map(|held| held.keys.clone());
    let keys = held(&platform.ledger()).ok_or_else(no_such_merchant)?;
    let (issuer, name) = (platform.keys.issuer.clone(), mchid.clone());
    let renewed = generated(move || keys.renewed(&issuer, &name)).await?;
    if let Some(merchant) = platform.ledger().merchants.get_mut(&mchid) {
        merchant.renew(renewed, withdraw);
    }
    papers(&platform, &mchid)
}

pub(super) async fn certificates(State(platform): Shared) -> Json<Value> {
    let shown = |platform: &PlatformCertificate| {
        let certificate = &platform.certificate;
        json!({
            "serial_no": certificate.serial_no().as_str(),
            "effective_time": rfc3339(certificate.not_before()),
            "expire_time": rfc3339(certificate.not_after()),
            "certificate_pem": certificate.pem(),
        })
    };
    Json(json!({ "data": platform.certificates().iter().map(shown).collect::<Vec<_>>() }))
}

pub(super) async fn rotate(State(platform): Shared) -> Answer {
    let issuer = platform.keys.issuer.clone();
    let certificate = generated(move || PlatformCertificate::generate(&issuer)).await?;
    let serial = certificate.certificate.serial_no().as_str().to_owned();
    platform.add_certificate(certificate);
    Ok(Json(json!({ "serial_no": serial })))
}

/// Making RSA keys takes a core for a while; not one that answers requests.
async fn generated<T: Send + 'static>(
    make: impl FnOnce() -> Result<T, KeysError> + Send + 'static,
) -> Result<T, Problem> {
    let made = tokio::task::spawn_blocking(make).await;
    let made = made.map_err(|error| Problem::new(500, error.to_string()))?;
    made.map_err(|error| Problem::new(500, error.to_string()))
}
