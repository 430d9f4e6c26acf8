//! People with a WeChat account.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use fen::Fen;
use serde::{Deserialize, Serialize};

/// A user of the virtual WeChat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// Also the id by which the control plane calls them.
    pub name: String,
    /// What is in the purse; `None` is always enough.
    pub balance: Option<Fen>,
    /// What happens to money that comes back.
    pub refunds: RefundLuck,
}

/// What happens to money that comes back to somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundLuck {
    /// It arrives.
    #[default]
    Arrive,
    /// It cannot be delivered: the card is dead, and the account cannot take it.
    Abnormal,
    /// The account is gone, so a refund is not even accepted.
    Refused,
}

/// The openid of a user under an appid: 28 characters that begin with `o`, the same after every
/// restart, so that a shop keeps its customers.
pub(crate) fn openid(appid: &str, name: &str) -> String {
    let digest = digest(&SHA256, format!("{appid}\n{name}").as_bytes());
    let text = BASE64_URL_SAFE_NO_PAD.encode(digest.as_ref());
    format!("o{}", &text[..27])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_openid_differs_per_app_and_per_person() {
        let here = openid("wx1", "demo");
        assert_eq!(here.len(), 28);
        assert!(here.starts_with('o'));
        assert_eq!(here, openid("wx1", "demo"));
        assert_ne!(here, openid("wx2", "demo"));
        assert_ne!(here, openid("wx1", "other"));
    }
}
