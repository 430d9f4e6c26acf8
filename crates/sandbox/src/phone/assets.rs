//! Our own pages, scripts and styles: inside the program, or, while developing, from the folder.

use bytes::Bytes;
use rust_embed::RustEmbed;

use super::path::is_plain;

#[derive(RustEmbed)]
#[folder = "phone/web/"]
struct Web;

/// A file with its fingerprint.
pub(super) struct Asset {
    pub(super) bytes: Bytes,
    pub(super) etag: String,
}

/// The file of that name.
pub(super) fn get(path: &str) -> Option<Asset> {
    let found = is_plain(path).then(|| Web::get(path)).flatten()?;
    Some(Asset {
        etag: hex::encode(&found.metadata.sha256_hash()[..8]),
        bytes: match found.data {
            std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
        },
    })
}
