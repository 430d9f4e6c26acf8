//! Keys that sign for next to nothing. Certificates cannot carry them, so they replace the keys of
//! the public-key mode and the merchant's own; what a certificate signs stays RSA.

use wechatpay::crypto::PrivateKey;

use super::{Keys, MerchantKeys, Secret};
use crate::chance::Chance;

impl Keys {
    /// The same platform with a merchant whose signatures, and whose "WeChat Pay public key", are
    /// simulated: a call costs microseconds in place of a third of a millisecond. The same seed
    /// makes the same keys. The client under test has to know only public keys (`PUB_KEY_ID_…`),
    /// and nothing can be sealed.
    #[must_use]
    pub fn simulated(&self, seed: u64) -> Self {
        let chance = Chance::seeded(seed);
        let (own, public) = (chance.bytes(), chance.bytes());
        let merchant = MerchantKeys {
            own_key: PrivateKey::simulated(own).public_key(),
            key_pem: Secret(PrivateKey::simulated_pem(own)),
            public_key: PrivateKey::simulated(public),
            public_key_private_pem: Secret(PrivateKey::simulated_pem(public)),
            ..self.merchant.clone()
        };
        Self {
            merchant,
            ..self.clone()
        }
    }
}
