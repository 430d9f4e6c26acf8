//! WeChat writes "absent" in several ways: no member, `null`, an empty text. All are `None`.

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _, IntoDeserializer as _};

/// Reads a text type; an empty text is none.
pub(crate) fn text<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let text = Option::<String>::deserialize(from)?.filter(|text| !text.is_empty());
    let Some(text) = text else { return Ok(None) };
    let read: Result<T, serde::de::value::Error> = T::deserialize(text.into_deserializer());
    read.map(Some).map_err(D::Error::custom)
}
