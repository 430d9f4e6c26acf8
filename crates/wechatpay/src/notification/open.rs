//! From a verified body to its content.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Notification, NotificationError, Resource};
use crate::crypto::{AEAD_ALGORITHM, OpenError};
use crate::{EventType, Merchant};

#[derive(Deserialize)]
struct Envelope {
    id: String,
    #[serde(default)]
    create_time: Option<String>,
    event_type: EventType,
    #[serde(default)]
    summary: Option<String>,
    resource: Sealed,
}

#[derive(Deserialize)]
struct Sealed {
    #[serde(default)]
    original_type: Option<String>,
    algorithm: String,
    ciphertext: String,
    #[serde(default)]
    associated_data: Option<String>,
    nonce: String,
}

/// Opens a body whose signature was found good at `now`.
pub(crate) fn open(
    merchant: &Merchant,
    now: i64,
    body: &[u8],
) -> Result<Notification, NotificationError> {
    let envelope: Envelope = read(body, "its envelope is not as documented")?;
    let sealed = &envelope.resource;
    if sealed.algorithm != AEAD_ALGORITHM {
        return Err(NotificationError::Malformed(
            "it is sealed with another algorithm",
        ));
    }
    let associated_data = sealed.associated_data.as_deref().unwrap_or_default();
    let plaintext = merchant
        .open(now, &sealed.nonce, associated_data, &sealed.ciphertext)
        .map_err(|error| match error {
            OpenError::WrongKey => NotificationError::WrongKey,
            OpenError::NotBase64 => NotificationError::Malformed("its content is not base64"),
            OpenError::NonceLength(_) => NotificationError::Malformed("its nonce is not 12 bytes"),
        })?;
    let resource = resource(
        sealed.original_type.as_deref(),
        &envelope.event_type,
        &plaintext,
    )?;
    Ok(Notification {
        id: envelope.id,
        create_time: envelope.create_time.and_then(|text| text.parse().ok()),
        event_type: envelope.event_type,
        summary: envelope.summary.unwrap_or_default(),
        resource,
        plaintext,
    })
}

/// Reads the content by what it says it is; the event decides when it says nothing.
fn resource(
    original_type: Option<&str>,
    event_type: &EventType,
    plaintext: &[u8],
) -> Result<Resource, NotificationError> {
    let (family, _) = event_type.as_str().split_once('.').unwrap_or_default();
    match (original_type.unwrap_or_default(), family) {
        ("transaction" | "", "TRANSACTION") => {
            read(plaintext, "its payment is not as documented").map(Resource::Transaction)
        }
        ("refund" | "", "REFUND") => {
            read(plaintext, "its refund is not as documented").map(Resource::Refund)
        }
        (_, _) => read(plaintext, "its content is not JSON").map(Resource::Other),
    }
}

fn read<T: DeserializeOwned>(from: &[u8], what: &'static str) -> Result<T, NotificationError> {
    serde_json::from_slice(from).map_err(|_| NotificationError::Malformed(what))
}
