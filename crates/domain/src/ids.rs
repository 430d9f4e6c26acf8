//! Names of things. Each is a type of its own, so that two of them cannot change places.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is not a lawful name. The text itself is not repeated: it may be a person's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a lawful {name}: expected {rule}, found {length} bytes")]
pub struct InvalidId {
    /// Which name was wanted, as WeChat or our API spells it.
    pub name: &'static str,
    /// What it must look like.
    pub rule: &'static str,
    /// How long the refused text is, in bytes.
    pub length: usize,
}

macro_rules! string_id {
    ($(#[$doc:meta])* $type:ident, $name:literal, $rule:literal, $lawful:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $type(String);

        impl $type {
            #[doc = concat!("Takes ", $rule, ".")]
            ///
            /// # Errors
            /// [`InvalidId`] for anything else.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                let lawful: fn(&str) -> bool = $lawful;
                if lawful(&text) {
                    Ok(Self(text))
                } else {
                    Err(InvalidId { name: $name, rule: $rule, length: text.len() })
                }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<$type> for String {
            fn from(id: $type) -> Self {
                id.0
            }
        }

        impl TryFrom<String> for $type {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }
    };
}

/// Ids that may be printed; the one that may not, [`OpenId`], has neither of these.
macro_rules! printable {
    ($($type:ident)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($type), "({})"), self.0)
            }
        }
    )*};
}

string_id!(
    /// A merchant at WeChat Pay (`mchid`).
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4012791856 gives the length; that it has no dot
    /// is ours, because a session token begins with it and a dot.
    MchId, "mch_id", "1 to 32 ASCII letters or digits", |s| sized(s, 1, 32) && alphanumeric(s)
);
string_id!(
    /// A mini program or app (`appid`) of a merchant.
    AppId, "app_id", "1 to 32 ASCII letters or digits", |s| sized(s, 1, 32) && alphanumeric(s)
);
string_id!(
    /// A person, as one app knows them. Personal: it has no `Display`, and `Debug` hides it.
    OpenId, "openid", "1 to 128 visible ASCII characters", |s| sized(s, 1, 128) && visible(s)
);
string_id!(
    /// Our order number, sent to WeChat as `out_trade_no`; unique within a merchant.
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4012791856.
    OrderNo, "order_no", "6 to 32 ASCII letters, digits or _-|*", |s| {
        sized(s, 6, 32) && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-|*".contains(&b))
    }
);
string_id!(
    /// WeChat's number of a payment that succeeded.
    TransactionId, "transaction_id", "1 to 32 ASCII letters or digits", |s| {
        sized(s, 1, 32) && alphanumeric(s)
    }
);
string_id!(
    /// WeChat's permission to pay one order; lives two hours.
    PrepayId, "prepay_id", "1 to 64 visible ASCII characters", |s| sized(s, 1, 64) && visible(s)
);
string_id!(
    /// A refund's number, sent to WeChat as `out_refund_no`; unique within a merchant.
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4013071036.
    RefundNo, "refund_no", "1 to 64 ASCII letters, digits or _-|*@", |s| {
        sized(s, 1, 64) && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-|*@".contains(&b))
    }
);
string_id!(
    /// WeChat's number of a refund that it accepted.
    RefundId, "refund_id", "1 to 32 ASCII letters or digits", |s| {
        sized(s, 1, 32) && alphanumeric(s)
    }
);
string_id!(
    /// Goods in a merchant's catalogue.
    ///
    /// The length is that of `merchant_goods_id` at WeChat, so that it may be sent there.
    GoodsId, "goods_id", "1 to 32 ASCII letters, digits or _-", |s| {
        sized(s, 1, 32) && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    }
);
string_id!(
    /// An announcement in the outbox; see [`crate::event`] for how one is made.
    EventId, "event_id", "1 to 96 visible ASCII characters", |s| sized(s, 1, 96) && visible(s)
);

printable!(MchId AppId OrderNo TransactionId PrepayId RefundNo RefundId GoodsId EventId);

impl fmt::Debug for OpenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenId(redacted)")
    }
}

fn sized(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.len())
}

fn alphanumeric(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn visible(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_number_obeys_wechats_rule() {
        for lawful in ["order1", "A_b-c|d*", &"9".repeat(32)] {
            assert!(OrderNo::new(lawful).is_ok(), "{lawful}");
        }
        for refused in [
            "",
            "order",
            &"9".repeat(33),
            "order 1",
            "订单号码",
            "order#1",
        ] {
            assert!(OrderNo::new(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn an_openid_hides_itself() {
        let openid = OpenId::new("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o").unwrap();
        assert_eq!(format!("{openid:?}"), "OpenId(redacted)");
        assert_eq!(openid.as_str(), "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o");
    }

    #[test]
    fn a_refusal_does_not_repeat_the_text() {
        let refusal = OpenId::new("with space").unwrap_err().to_string();
        assert!(!refusal.contains("with space"), "{refusal}");
        assert!(refusal.contains("openid"), "{refusal}");
    }

    #[test]
    fn reading_json_checks_the_rule() {
        assert!(serde_json::from_str::<MchId>("\"1900000100\"").is_ok());
        assert!(serde_json::from_str::<MchId>("\"1900000100.x\"").is_err());
    }
}
