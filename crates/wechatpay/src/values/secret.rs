//! Texts that must not be seen: no `Display`, a redacted `Debug`, zeroised when dropped.

use zeroize::Zeroizing;

use super::debug_impl;
use super::rule::{Alphabet, InvalidValue, Rule};

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident: $wire:literal, $min:literal..=$max:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// Takes visible ASCII of a reasonable length.
            ///
            /// # Errors
            /// [`InvalidValue`] says which part of the rule is broken; it does not repeat the text.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
                let text = Zeroizing::new(text.into());
                let rule =
                    Rule { name: $wire, bytes: $min..=$max, alphabet: Alphabet::Visible };
                rule.check(&text)?;
                Ok(Self(text))
            }

            /// The text. Whoever calls this answers for where it goes.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        debug_impl!($name, redacted);
    };
}

secret! {
    /// The secret of a mini program, from its management page.
    ///
    /// ```
    /// let secret = wechatpay::AppSecret::new("0123456789abcdef0123456789abcdef")?;
    /// assert_eq!(format!("{secret:?}"), "AppSecret([redacted])");
    /// # Ok::<(), wechatpay::InvalidValue>(())
    /// ```
    AppSecret: "app secret", 1..=128
}

secret! {
    /// What `wx.login` gives to the mini program: good for 5 minutes, and once.
    LoginCode: "code", 1..=512
}

secret! {
    /// The key of a login session at WeChat's. It must never leave the server.
    SessionKey: "session_key", 1..=512
}
