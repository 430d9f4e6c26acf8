//! SHA-256, for things that are compared but need not be read back: tokens, API keys, requests.

use aws_lc_rs::{
    digest::{Context, SHA256, digest},
    hmac,
};

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    to_array(digest(&SHA256, bytes).as_ref())
}

/// The hash of several fields. Each is preceded by its length, so that no two different lists of
/// fields ever hash the same bytes.
pub(crate) fn sha256_of_fields(fields: &[&str]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for field in fields {
        let length = u64::try_from(field.len()).unwrap_or(u64::MAX);
        context.update(&length.to_be_bytes());
        context.update(field.as_bytes());
    }
    to_array(context.finish().as_ref())
}

/// The same under a key that whoever reads the hash does not have, so that a field that can be
/// guessed, such as the number of a card, cannot be found by trying.
pub(crate) fn keyed_hash_of_fields(key: &[u8; 32], fields: &[&str]) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    to_array(hmac::sign(&key, &sha256_of_fields(fields)).as_ref())
}

fn to_array(hash: &[u8]) -> [u8; 32] {
    hash.try_into().expect("a SHA-256 hash has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_letter_to_the_next_field_changes_the_hash() {
        assert_ne!(
            sha256_of_fields(&["ab", "c"]),
            sha256_of_fields(&["a", "bc"])
        );
    }
}
