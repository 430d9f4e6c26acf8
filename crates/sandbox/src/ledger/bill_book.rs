//! Bills that were applied for, and can be downloaded for a while.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::chance::Chance;
use crate::clock::later;

/// How long a download address lives: five minutes; an older page says 30 seconds.
pub(crate) const DOWNLOAD_SECONDS: i64 = 300;
/// More files than these are kept by nobody who downloads them; the oldest go.
const MAX_FILES: usize = 50;

/// A file behind a token.
#[derive(Clone, Debug)]
pub(crate) struct BillFile {
    /// Who applied for it.
    pub mchid: String,
    /// What its address holds.
    pub token: String,
    /// From here on it is not there any more.
    pub expires_at: Timestamp,
    /// The file, packed if that was asked for.
    pub bytes: Vec<u8>,
}

/// All files.
#[derive(Debug, Default)]
pub(crate) struct BillBook(VecDeque<BillFile>);

impl BillBook {
    /// Keeps a file and gives it a token.
    pub(crate) fn keep(
        &mut self,
        chance: &Chance,
        mchid: &str,
        bytes: Vec<u8>,
        now: Timestamp,
    ) -> String {
        self.0.retain(|file| file.expires_at > now);
        if self.0.len() >= MAX_FILES {
            self.0.pop_front();
        }
        let token = chance.letters(64);
        self.0.push_back(BillFile {
            mchid: mchid.to_owned(),
            token: token.clone(),
            expires_at: later(now, DOWNLOAD_SECONDS),
            bytes,
        });
        token
    }

    /// The file of a token, if its time is not over.
    pub(crate) fn find(&self, token: &str, now: Timestamp) -> Option<&BillFile> {
        let mut living = self.0.iter().filter(|file| file.expires_at > now);
        living.find(|file| file.token == token)
    }
}
