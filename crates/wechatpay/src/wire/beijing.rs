//! Times as WeChat writes them: RFC 3339 with `+08:00` and whole seconds.

use jiff::{Timestamp, tz};
use serde::{Deserialize, Deserializer, Serializer};

/// The hours by which Beijing is ahead of UTC, all year round.
const BEIJING_HOURS: i8 = 8;

/// Writes a moment, leaving out fractions of a second.
pub(crate) fn text(moment: Timestamp) -> String {
    let whole = Timestamp::from_second(moment.as_second()).unwrap_or(moment);
    format!("{}+08:00", tz::offset(BEIJING_HOURS).to_datetime(whole))
}

pub(crate) fn serialize<S: Serializer>(
    moment: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match moment {
        Some(moment) => serializer.serialize_str(&text(*moment)),
        None => serializer.serialize_none(),
    }
}

/// Reads a moment; an empty text is none.
pub(crate) fn deserialize<'de, D>(from: D) -> Result<Option<Timestamp>, D::Error>
where
    D: Deserializer<'de>,
{
    match Option::<String>::deserialize(from)?.as_deref() {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(serde::de::Error::custom),
    }
}
