//! A bill in our keeping: in memory when it is short, else in a file.

use std::{
    fs::File,
    io::{self, Read, Seek as _, SeekFrom, Write as _},
    sync::Arc,
};

use wechatpay::BillError;

use super::ReconcileError;
use crate::flows::FlowError;

/// A bill of up to so many bytes, about a thousand rows, is kept in memory and read at once: no
/// disk is asked, and nobody waits for longer than a few milliseconds.
const SHORT_BYTES: usize = 256 * 1024;

/// How much of a longer one is gathered before it is written: a piece off the wire has a few KiB.
const WRITE_BYTES: usize = 1024 * 1024;

#[derive(Clone, Debug)]
pub(super) enum Bill {
    /// A day without trade has none.
    None,
    Short(Arc<[u8]>),
    /// In a file without a name, which goes with the process.
    Long(Arc<File>),
}

impl Bill {
    /// Reads it from its beginning; a long one away from the tasks that answer callers, because a
    /// disk may be slow. `None` for a day without trade.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        reading: impl FnOnce(&mut dyn Read) -> Result<T, BillError> + Send + 'static,
    ) -> Result<Option<T>, ReconcileError> {
        Ok(match self {
            Self::None => None,
            Self::Short(bytes) => Some(reading(&mut bytes.as_ref())?),
            Self::Long(file) => {
                let file = Arc::clone(file);
                let read = tokio::task::spawn_blocking(move || {
                    let mut file = file.as_ref();
                    file.seek(SeekFrom::Start(0))?;
                    reading(&mut file)
                });
                Some(read.await.map_err(cut_off)??)
            }
        })
    }
}

/// A bill that is on its way to us.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    gathered: Vec<u8>,
    file: Option<File>,
}

impl Keeping {
    pub(super) async fn take(&mut self, piece: &[u8]) -> Result<(), ReconcileError> {
        self.gathered.extend_from_slice(piece);
        if self.gathered.len() >= WRITE_BYTES {
            self.write().await?;
        }
        Ok(())
    }

    /// Nothing more comes.
    pub(super) async fn whole(mut self) -> Result<Bill, ReconcileError> {
        if self.file.is_none() && self.gathered.len() <= SHORT_BYTES {
            return Ok(Bill::Short(self.gathered.into()));
        }
        self.write().await?;
        Ok(self
            .file
            .map_or(Bill::None, |file| Bill::Long(Arc::new(file))))
    }

    async fn write(&mut self) -> Result<(), ReconcileError> {
        let (file, mut bytes) = (self.file.take(), std::mem::take(&mut self.gathered));
        let written = tokio::task::spawn_blocking(move || {
            let mut file = file.map_or_else(tempfile::tempfile, Ok)?;
            file.write_all(&bytes)?;
            bytes.clear();
            Ok::<_, io::Error>((file, bytes))
        });
        let (file, bytes) = written.await.map_err(cut_off)??;
        (self.file, self.gathered) = (Some(file), bytes);
        Ok(())
    }
}

/// A task that does blocking work ended without an answer.
fn cut_off(error: tokio::task::JoinError) -> ReconcileError {
    FlowError::Internal(error.into()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn kept(pieces: usize, of: usize) -> Bill {
        let mut keeping = Keeping::default();
        for _ in 0..pieces {
            keeping.take(&vec![b'x'; of]).await.unwrap();
        }
        keeping.whole().await.unwrap()
    }

    async fn length(bill: &Bill) -> u64 {
        let count = |bill: &mut dyn Read| Ok(io::copy(bill, &mut io::sink())?);
        bill.read(count).await.unwrap().unwrap()
    }

    /// However long it is, it is all there, and can be read again.
    #[tokio::test]
    async fn a_bill_is_kept_whole_in_memory_or_in_a_file() {
        let short = kept(4, SHORT_BYTES / 4).await;
        assert!(matches!(short, Bill::Short(_)));
        let longer = kept(1, SHORT_BYTES + 1).await;
        assert!(matches!(longer, Bill::Long(_)));
        let long = kept(5, WRITE_BYTES / 2 + 1).await;
        assert!(matches!(long, Bill::Long(_)));
        for _ in 0..2 {
            assert_eq!(length(&short).await, u64::try_from(SHORT_BYTES).unwrap());
            assert_eq!(
                length(&longer).await,
                u64::try_from(SHORT_BYTES + 1).unwrap()
            );
            let all = 5 * (WRITE_BYTES / 2 + 1);
            assert_eq!(length(&long).await, u64::try_from(all).unwrap());
        }
    }
}
