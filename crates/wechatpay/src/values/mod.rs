//! Texts with a rule. A value of one of these types has passed it, so nothing below checks again.
//!
//! Lengths are counted in bytes, as the platform counts them. The rules come from
//! pay.weixin.qq.com/doc/v3/merchant/4012791856 and from the platform's own error messages.

mod notify_url;
mod rule;
mod secret;
mod text;

pub use notify_url::NotifyUrl;
pub use rule::{InvalidValue, ValueProblem};
pub use secret::{AppSecret, LoginCode, SessionKey};
pub use text::Text;

use rule::{Alphabet, Rule};

/// Defines a text type with a rule. `shown` or `redacted` says what `Debug` prints.
macro_rules! value {
    (
        $(#[$doc:meta])*
        $name:ident: $wire:literal, $min:literal..=$max:literal, $alphabet:ident, $debug:ident
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes a text that keeps the rule of this type.
            ///
            /// # Errors
            /// [`InvalidValue`] says which part of the rule is broken; it does not repeat the text.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
                let text = text.into();
                let rule = Rule { name: $wire, bytes: $min..=$max, alphabet: Alphabet::$alphabet };
                rule.check(&text)?;
                Ok(Self(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        crate::values::text_impls!($name, $debug);
    };
}

/// What every text type can do: be written, read, compared with a text, printed.
macro_rules! text_impls {
    ($name:ident, $debug:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(from)?;
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }

        impl TryFrom<String> for $name {
            type Error = crate::values::InvalidValue;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        crate::values::debug_impl!($name, $debug);
    };
}

macro_rules! debug_impl {
    ($name:ident, shown) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.0)
            }
        }
    };
    ($name:ident, redacted) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

pub(crate) use {debug_impl, text_impls};

value! {
    /// A merchant number (`mchid`): up to 32 digits.
    ///
    /// ```
    /// use wechatpay::MchId;
    ///
    /// assert_eq!(MchId::new("1900007291")?.as_str(), "1900007291");
    /// assert!(MchId::new("wx2421b1c4370ec43b").is_err());
    /// # Ok::<(), wechatpay::InvalidValue>(())
    /// ```
    MchId: "mchid", 1..=32, Digits, shown
}

value! {
    /// The `appid` of a mini program, an official account or an app: up to 32 letters and digits.
    ///
    /// ```
    /// assert!(wechatpay::AppId::new("wx2421b1c4370ec43b").is_ok());
    /// ```
    AppId: "appid", 1..=32, Alphanumeric, shown
}

value! {
    /// The merchant's own order number: 6 to 32 characters of `[0-9A-Za-z_-|*]`, unique per
    /// merchant.
    ///
    /// ```
    /// use wechatpay::OutTradeNo;
    ///
    /// assert!(OutTradeNo::new("20261123-223841|7*").is_ok());
    /// let error = OutTradeNo::new("short").unwrap_err();
    /// assert_eq!(error.to_string(), "out_trade_no has 5 bytes and needs at least 6");
    /// ```
    OutTradeNo: "out_trade_no", 6..=32, TradeNo, shown
}

value! {
    /// WeChat's number for a payment, there once it is paid: up to 32 letters and digits.
    ///
    /// ```
    /// assert!(wechatpay::TransactionId::new("4200001234202611230000000001").is_ok());
    /// ```
    TransactionId: "transaction_id", 1..=32, Alphanumeric, shown
}

value! {
    /// What a prepay returns and the cashier wants: good for 2 hours, whatever `time_expire` says.
    ///
    /// ```
    /// assert!(wechatpay::PrepayId::new("wx201410272009395522657a690389285100").is_ok());
    /// ```
    PrepayId: "prepay_id", 1..=64, Visible, shown
}

value! {
    /// A person, as one `appid` knows them. `Debug` does not show it.
    ///
    /// ```
    /// let openid = wechatpay::OpenId::new("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")?;
    /// assert_eq!(format!("{openid:?}"), "OpenId([redacted])");
    /// # Ok::<(), wechatpay::InvalidValue>(())
    /// ```
    OpenId: "openid", 1..=128, Visible, redacted
}

value! {
    /// A person, as all apps under one open-platform account know them. `Debug` does not show it.
    UnionId: "unionid", 1..=128, Visible, redacted
}

value! {
    /// The merchant's own number of a refund: 1 to 64 characters of `[0-9A-Za-z_-|*@]`. However
    /// often it is sent, there is one refund.
    ///
    /// ```
    /// use wechatpay::OutRefundNo;
    ///
    /// assert!(OutRefundNo::new("R20261123-7|1*@a_b").is_ok());
    /// assert!(OutRefundNo::new("7".repeat(65)).is_err());
    /// assert!(OutRefundNo::new("退款").is_err());
    /// # Ok::<(), wechatpay::InvalidValue>(())
    /// ```
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4013071036
    OutRefundNo: "out_refund_no", 1..=64, RefundNo, shown
}

value! {
    /// WeChat's number for a refund, there once it is accepted: up to 32 letters and digits.
    ///
    /// ```
    /// assert!(wechatpay::RefundId::new("50200207182018070300011301001").is_ok());
    /// ```
    RefundId: "refund_id", 1..=32, Alphanumeric, shown
}

value! {
    /// Why money goes back, as the buyer reads it: 1 to 80 bytes (a Chinese character has 3). The
    /// buyer is not shown the reason of a partial refund of 1 yuan or less.
    ///
    /// ```
    /// assert!(wechatpay::RefundReason::new("商品已售完").is_ok());
    /// assert!(wechatpay::RefundReason::new("完".repeat(27)).is_err());
    /// ```
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4013071036
    RefundReason: "reason", 1..=80, Text, shown
}

value! {
    /// The number of a buyer's bank card. Sent encrypted; `Debug` does not show it.
    ///
    /// The bound is what one block of RSA-OAEP holds.
    BankAccount: "bank_account", 1..=214, Text, redacted
}

value! {
    /// The name of a bank card's holder. Sent encrypted; `Debug` does not show it.
    ///
    /// The bound is what one block of RSA-OAEP holds.
    RealName: "real_name", 1..=214, Text, redacted
}

value! {
    /// What is bought, as the buyer reads it in the bill: 1 to 127 bytes (a Chinese character has
    /// 3).
    ///
    /// ```
    /// assert!(wechatpay::Description::new("Image形象店-深圳腾大-QQ公仔").is_ok());
    /// assert!(wechatpay::Description::new("仔".repeat(43)).is_err());
    /// ```
    Description: "description", 1..=127, Text, shown
}

value! {
    /// The merchant's own data, returned in queries, notifications and bills: 1 to 128 bytes.
    Attach: "attach", 1..=128, Text, shown
}

value! {
    /// What a Native prepay returns: the text of the QR code.
    CodeUrl: "code_url", 1..=512, Visible, shown
}

value! {
    /// What an H5 prepay returns: the address to send the browser to, good for 5 minutes.
    H5Url: "h5_url", 1..=2048, Visible, shown
}
