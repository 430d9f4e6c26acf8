//! Merchants and the mini programs bound to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fen::Fen;
use serde::{Deserialize, Serialize};
use wechatpay::crypto::{ApiV3Key, PublicKey};

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
    /// Key pairs; the certificate among them is the newest.
    pub keys: Arc<MerchantKeys>,
    /// Earlier certificates by serial, and whether they are still in force.
    pub former: BTreeMap<String, Former>,
    /// Seals notifications and certificates.
    pub api_v3_key: ApiV3Key,
    /// Which platform keys it has.
    pub key_mode: KeyMode,
    /// Which platform key signs its notifications.
    pub notify_key: NotifyKey,
    /// Under [`NotifyKey::Share`], how many of a thousand are signed with the public key.
    pub notify_share: Permille,
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

/// A certificate that was followed by another. Several may be in force at once.
#[derive(Clone, Debug)]
pub(crate) struct Former {
    /// Its key.
    pub key: PublicKey,
    /// Whether requests under it are still taken.
    pub in_force: bool,
}

/// 0 to 1000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub(crate) struct Permille(u16);

impl TryFrom<u16> for Permille {
    type Error = &'static str;

    fn try_from(number: u16) -> Result<Self, Self::Error> {
        let lawful = number <= 1000;
        lawful.then_some(Self(number)).ok_or("a share is 0 to 1000")
    }
}

impl From<Permille> for u16 {
    fn from(share: Permille) -> Self {
        share.0
    }
}

impl Permille {
    /// Whether the `turn`-th of an endless row belongs to the share. Spread as evenly as can be, so
    /// that a test of a hundred sees what a week of them would.
    pub(crate) fn has(self, turn: u64) -> bool {
        let up_to = |turns: u64| turns.saturating_mul(u64::from(self.0)) / 1000;
        up_to(turn.saturating_add(1)) > up_to(turn)
    }
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
    /// One and the other in turn: both kinds arrive.
    Alternate,
    /// The public key for the merchant's `notify_share` of a thousand, the certificate for the
    /// rest: the gradual switch, which WeChat raises from one to a thousand over seven days.
    Share,
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

/// A request under a certificate that was withdrawn when a newer one was applied for.
pub(crate) const REPLACED: &str = "已更换证书，请使用新证书";

impl CertificateState {
    /// The message of the 401, if it is not in force.
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4012072670
    pub(crate) fn refusal(self) -> Option<&'static str> {
        match self {
            Self::Valid => None,
            Self::Expired => Some("商户证书已过期"),
            Self::Revoked => Some("商户证书已作废"),
            Self::Replaced => Some(REPLACED),
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
            former: BTreeMap::new(),
            api_v3_key: ApiV3Key::new(&identity.api_v3_key).ok()?,
            key_mode: KeyMode::default(),
            notify_key: NotifyKey::default(),
            notify_share: Permille::default(),
            certificate: CertificateState::default(),
            api_v3_key_set: true,
            products: Product::ALL.into(),
            balance: None,
            last_asked_for_public_key: false,
        })
    }

    /// Takes new keys into use. The certificate of before stays in force, or is withdrawn with all
    /// earlier ones.
    pub(crate) fn renew(&mut self, keys: MerchantKeys, withdraw: bool) {
        let serial = self.keys.certificate.serial_no().as_str().to_owned();
        let former = Former {
            key: self.keys.own_key.clone(),
            in_force: true,
        };
        self.former.insert(serial, former);
        if withdraw {
            for former in self.former.values_mut() {
                former.in_force = false;
            }
        }
        self.keys = Arc::new(keys);
    }

    /// Whether something holds under one of the merchant's keys that are in force.
    pub(crate) fn any_key(&self, holds: impl Fn(&PublicKey) -> bool) -> bool {
        let former = self.former.values().filter(|former| former.in_force);
        let mut all = former.map(|former| &former.key).chain([&self.keys.own_key]);
        all.any(holds)
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

#[cfg(test)]
mod tests {
    use super::Permille;

    #[test]
    fn a_share_is_met_exactly_and_spread_evenly() {
        for share in [0, 1, 10, 50, 100, 200, 500, 1000] {
            let share = Permille::try_from(share).unwrap();
            let count = (0..1000).filter(|turn| share.has(*turn)).count();
            assert_eq!(count, usize::from(u16::from(share)));
        }
        let half: Vec<_> = (0..4)
            .map(|turn| Permille::try_from(500).unwrap().has(turn))
            .collect();
        assert_eq!(half, [false, true, false, true]);
        assert!(Permille::try_from(1001).is_err());
    }
}
