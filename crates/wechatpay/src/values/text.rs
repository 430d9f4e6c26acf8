use std::fmt;

use super::InvalidValue;
use super::rule::{Alphabet, Rule};

/// A text of `MIN` to `MAX` bytes without control characters, for the lesser fields of an order.
///
/// ```
/// use wechatpay::Text;
///
/// let tag: Text<1, 32> = Text::new("WXG")?;
/// assert_eq!(tag.as_str(), "WXG");
/// assert!(Text::<1, 32>::new("").is_err());
/// # Ok::<(), wechatpay::InvalidValue>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// Takes a text that keeps the bounds.
    ///
    /// # Errors
    /// [`InvalidValue`] says which part of the rule is broken.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
        let text = text.into();
        Rule {
            name: "text",
            bytes: MIN..=MAX,
            alphabet: Alphabet::Text,
        }
        .check(&text)?;
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Debug for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({:?})", self.0)
    }
}

impl<const MIN: usize, const MAX: usize> serde::Serialize for Text<MIN, MAX> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
