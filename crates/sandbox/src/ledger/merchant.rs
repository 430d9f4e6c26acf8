//! Merchants and the mini programs bound to them.

use std::collections::BTreeSet;
use std::sync::Arc;

use fen::Fen;
use serde::{Deserialize, Serialize};
use wechatpay::crypto::ApiV3Key;

use super::Product;
use crate::keys::{Identity, MerchantKeys};

/// A merchant with what the platform knows of it.
#[derive(Clone, Debug)]
pub(crate) struct Merchant {
    /// The merchant number.
    pub mchid: String,
    /// Shown in the cashier.
    pub name: String,
    /// Names and secrets, as the merchant itself holds them.
    pub identity: Arc<Identity>,
    /// Key pairs.
    pub keys: Arc<MerchantKeys>,
    /// Seals notifications and certificates.
    pub api_v3_key: ApiV3Key,
    /// Which platform keys it has.
    pub key_mode: KeyMode,
    /// Which platform key signs its notifications.
    pub notify_key: NotifyKey,
    /// What its certificate is worth.
    pub certificate: CertificateState,
    /// Whether it ever set an APIv3 key.
    pub api_v3_key_set: bool,
    /// Which products were switched on for it.
    pub products: BTreeSet<Product>,
    /// What refunds are paid from; `None` is always enough.
    pub balance: Option<Fen>,
    /// Whether the newest request named a `PUB_KEY_ID_…` (see [`NotifyKey::AsRequested`]).
    pub last_asked_for_public_key: bool,
}

/// A mini program.
#[derive(Clone, Debug)]
pub(crate) struct App {
    /// `wx…`.
    pub appid: String,
    /// For `jscode2session` and tokens.
    pub secret: String,
    /// The merchants it is bound to.
    pub mchids: BTreeSet<String>,
}

/// Which platform keys a merchant has.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012154180
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyMode {
    /// Both, as while switching: a request that names `PUB_KEY_ID_…` is answered with that key.
    #[default]
    Both,
    /// Only the platform certificate, as merchants of before 2024.
    Certificate,
    /// Only the WeChat Pay public key, as new merchants; there are no certificates to download.
    PublicKey,
}

/// Which key signs notifications of a merchant that has both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotifyKey {
    /// The kind that the merchant's newest request asked for. Not WeChat's way, but it lets every
    /// client work with the default merchant without being told.
    #[default]
    AsRequested,
    /// Always the platform certificate.
    Certificate,
    /// Always the public key.
    PublicKey,
    /// One and the other in turn: the gradual switch, in which both kinds arrive.
    Alternate,
}

/// What a merchant API certificate is worth. Each but the first has its own refusal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CertificateState {
    /// In force.
    #[default]
    Valid,
    /// Past its end.
    Expired,
    /// Withdrawn.
    Revoked,
    /// A newer one was applied for.
    Replaced,
    /// Never applied for.
    None,
}

impl CertificateState {
    /// The message of the 401, if it is not in force.
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4012072670
    pub(crate) fn refusal(self) -> Option<&'static str> {
        match self {
            Self::Valid => None,
            Self::Expired => Some("商户证书已过期"),
            Self::Revoked => Some("商户证书已作废"),
            Self::Replaced => Some("已更换证书，请使用新证书"),
            Self::None => Some("商户未申请过证书。"),
        }
    }
}

impl Merchant {
    /// A merchant in good standing with everything switched on.
    ///
    /// `None` if the APIv3 key is not 32 bytes.
    pub(crate) fn new(identity: &Identity, keys: MerchantKeys) -> Option<Self> {
        Some(Self {
            mchid: identity.mchid.clone(),
            name: identity.name.clone(),
            identity: Arc::new(identity.clone()),
            keys: Arc::new(keys),
            api_v3_key: ApiV3Key::new(&identity.api_v3_key).ok()?,
            key_mode: KeyMode::default(),
            notify_key: NotifyKey::default(),
            certificate: CertificateState::default(),
            api_v3_key_set: true,
            products: Product::ALL.into(),
            balance: None,
            last_asked_for_public_key: false,
        })
    }

    /// The mini programs of an identity, not yet bound.
    pub(crate) fn apps(identity: &Identity) -> Vec<App> {
        let app = |app: &crate::keys::AppIdentity| App {
            appid: app.appid.clone(),
            secret: app.app_secret.clone(),
            mchids: BTreeSet::new(),
        };
        identity.apps.iter().map(app).collect()
    }
}
