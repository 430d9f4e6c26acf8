//! Unpacking while it comes, in steps whose output is bounded.

use std::io::Write as _;

use bytes::{Buf as _, Bytes};
use flate2::write::GzDecoder;

use crate::error::Damaged;

/// How much is unpacked in one step. Deflate makes at most 1032 bytes of one, so that a step makes
/// at most 4 MiB, whatever was sent.
const STEP_BYTES: usize = 4 * 1024;

/// What every gzip file begins with. No bill does: it is text.
const MAGIC: u8 = 0x1f;

pub(crate) struct Gunzip {
    packed: Bytes,
    decoder: GzDecoder<Vec<u8>>,
}

impl Default for Gunzip {
    fn default() -> Self {
        Self {
            packed: Bytes::new(),
            decoder: GzDecoder::new(Vec::new()),
        }
    }
}

impl Gunzip {
    /// Whether a file that begins so is packed.
    pub(crate) fn begins(piece: &[u8]) -> bool {
        piece.first() == Some(&MAGIC)
    }

    /// Takes the next piece. What was fed before has been unpacked.
    pub(crate) fn feed(&mut self, piece: Bytes) {
        debug_assert!(
            self.packed.is_empty(),
            "a piece is unpacked before the next"
        );
        self.packed = piece;
    }

    /// The next unpacked piece of what was fed; `None` when more is needed.
    pub(crate) fn unpack(&mut self) -> Result<Option<Bytes>, Damaged> {
        while !self.packed.is_empty() {
            let step = self.packed.len().min(STEP_BYTES);
            let Some(packed) = self.packed.get(..step) else {
                return Err(Damaged::Gzip);
            };
            // Nothing taken: the file ended and something follows it.
            let taken = self.decoder.write(packed).map_err(|_| Damaged::Gzip)?;
            if taken == 0 {
                return Err(Damaged::Gzip);
            }
            self.packed.advance(taken);
            let unpacked = std::mem::take(self.decoder.get_mut());
            if !unpacked.is_empty() {
                return Ok(Some(unpacked.into()));
            }
        }
        Ok(None)
    }

    /// What is left when the last piece was unpacked; refuses a file that is not whole, or whose
    /// own checksum or length is not right.
    pub(crate) fn finish(&mut self) -> Result<Option<Bytes>, Damaged> {
        self.decoder.try_finish().map_err(|_| Damaged::Gzip)?;
        let rest = std::mem::take(self.decoder.get_mut());
        Ok((!rest.is_empty()).then(|| rest.into()))
    }
}
