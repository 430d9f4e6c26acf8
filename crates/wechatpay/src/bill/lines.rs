//! Lines of bounded length, one at a time, without what files begin and lines end with.

use std::io::{self, BufRead};

/// The longest line. The longest lawful one has some 2,000 bytes; the rest is for columns that
/// are added tomorrow.
pub(super) const MAX_LINE_BYTES: usize = 16 * 1024;

const BOM: &[u8] = b"\xEF\xBB\xBF";

pub(super) struct Lines<R> {
    source: R,
    line: Vec<u8>,
    number: u64,
    is_too_long: bool,
}

/// A line as it is in the file.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) number: u64,
    pub(super) bytes: &'a [u8],
    /// Then `bytes` is only its beginning.
    pub(super) is_too_long: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(source: R) -> Self {
        Self {
            source,
            line: Vec::new(),
            number: 0,
            is_too_long: false,
        }
    }

    /// How many lines were read.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    /// The next line; `None` at the end of the file.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        self.is_too_long = false;
        if !self.fill()? {
            return Ok(None);
        }
        self.number = self.number.saturating_add(1);
        let mut bytes = self.line.as_slice();
        if self.number == 1 {
            bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
        }
        Ok(Some(Line {
            number: self.number,
            bytes: bytes.strip_suffix(b"\r").unwrap_or(bytes),
            is_too_long: self.is_too_long,
        }))
    }

    /// Reads up to the end of the line, and keeps no more of it than a line may have. `false` when
    /// the file had ended before.
    fn fill(&mut self) -> io::Result<bool> {
        let mut any = false;
        loop {
            let available = self.source.fill_buf()?;
            if available.is_empty() {
                return Ok(any);
            }
            any = true;
            let end = available.iter().position(|byte| *byte == b'\n');
            let here = available.get(..end.unwrap_or(available.len()));
            let here = here.unwrap_or_default();
            let room = MAX_LINE_BYTES.saturating_sub(self.line.len());
            self.is_too_long |= here.len() > room;
            self.line
                .extend_from_slice(here.get(..room).unwrap_or(here));
            let consumed = here.len().saturating_add(usize::from(end.is_some()));
            self.source.consume(consumed);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}
