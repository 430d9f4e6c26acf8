//! The story: what happened on the wire between phone, merchant's server and platform, as it
//! happens, in words that teach the protocol to somebody who has never seen it.
//!
//! An entry appears when a thing begins and changes until it ends. Whoever listens asks for what
//! has a higher revision than what he saw last, so nobody who is slow misses a change, and nothing
//! has to wait for him.

pub(crate) mod api;
mod api_words;
pub(crate) mod cashier;
mod entry;
pub(crate) mod exchange;
mod link;
pub(crate) mod notices;
mod refund_words;
pub(crate) mod states;
pub(crate) mod switches;
pub(crate) mod words;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tokio::sync::watch;

pub(crate) use entry::{Answered, Asked, Entry, Kind, Outcome, Party, Signed, Signer, Verdict};

use crate::clock::Clock;
use crate::platform::lock;

/// Entries that are remembered, the oldest go first: some fifty orders with all their traffic.
const MAX_ENTRIES: usize = 1000;

/// The ring of entries, and who waits for changes.
#[derive(Debug, Default)]
pub(crate) struct Story {
    ring: Mutex<Ring>,
    untold: bool,
    moved: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Ring {
    last_id: u64,
    last_revision: u64,
    resets: u64,
    cleared_at: u64,
    clock_moves: u64,
    entries: VecDeque<Arc<Entry>>,
}

/// What somebody has not seen yet.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// New or changed, in the order of their newest change.
    pub entries: Vec<Arc<Entry>>,
    /// The highest revision there is.
    pub last_revision: u64,
    /// How often everything was forgotten.
    pub resets: u64,
    /// The revision of the last time: what is older is gone.
    pub cleared_at: u64,
    /// How often somebody moved the clock.
    pub clock_moves: u64,
}

impl Story {
    /// A story that nobody listens to, and that therefore remembers nothing.
    pub(crate) fn untold() -> Self {
        Self {
            untold: true,
            ..Self::default()
        }
    }

    /// Whether it is worth putting something into words.
    pub(crate) fn is_told(&self) -> bool {
        !self.untold
    }

    /// Something begins. The entry is shown at once, and again when it ends.
    pub(crate) fn begin(self: &Arc<Self>, entry: Entry) -> Telling {
        Telling {
            story: self.clone(),
            id: self.add(entry),
            began: Clock::real(),
            ended: false,
        }
    }

    /// Something that has no length, with its outcome.
    pub(crate) fn tell(&self, entry: Entry) {
        let took_ms = Some(0);
        self.add(Entry { took_ms, ..entry });
    }

    /// What changed after a revision, oldest change first.
    pub(crate) fn after(&self, revision: u64) -> News {
        let ring = lock(&self.ring);
        let newer = ring.entries.iter();
        let mut entries: Vec<_> = newer
            .filter(|entry| entry.revision > revision)
            .cloned()
            .collect();
        entries.sort_by_key(|entry| entry.revision);
        News {
            entries,
            last_revision: ring.last_revision,
            resets: ring.resets,
            cleared_at: ring.cleared_at,
            clock_moves: ring.clock_moves,
        }
    }

    /// Wakes up at every change.
    pub(crate) fn listen(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    /// Forgets all, but goes on counting, so that a cursor never meets an old number again.
    pub(crate) fn clear(&self) {
        let mut ring = lock(&self.ring);
        ring.entries.clear();
        ring.resets += 1;
        ring.cleared_at = ring.next_revision();
        drop(ring);
        self.moved.send_replace(());
    }

    /// Lets listeners know that virtual time jumped.
    pub(crate) fn clock_moved(&self) {
        lock(&self.ring).clock_moves += 1;
        self.moved.send_replace(());
    }

    fn add(&self, mut entry: Entry) -> u64 {
        if self.untold {
            return 0;
        }
        let mut ring = lock(&self.ring);
        ring.last_id += 1;
        entry.id = ring.last_id;
        entry.revision = ring.next_revision();
        if ring.entries.len() >= MAX_ENTRIES {
            ring.entries.pop_front();
        }
        let id = entry.id;
        ring.entries.push_back(Arc::new(entry));
        drop(ring);
        self.moved.send_replace(());
        id
    }

    /// Does nothing to an entry that has been forgotten.
    fn change(&self, id: u64, change: impl FnOnce(&mut Entry)) {
        let mut ring = lock(&self.ring);
        let Ok(place) = ring.entries.binary_search_by_key(&id, |entry| entry.id) else {
            return;
        };
        let revision = ring.next_revision();
        let entry = Arc::make_mut(&mut ring.entries[place]);
        change(entry);
        entry.revision = revision;
        drop(ring);
        self.moved.send_replace(());
    }
}

impl Ring {
    fn next_revision(&mut self) -> u64 {
        self.last_revision += 1;
        self.last_revision
    }
}

/// An entry that has not ended. Dropped unended, it was given up by whoever waited for it.
#[derive(Debug)]
pub(crate) struct Telling {
    story: Arc<Story>,
    id: u64,
    began: Timestamp,
    ended: bool,
}

impl Telling {
    /// More became known.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Entry)) {
        self.story.change(self.id, change);
    }

    /// It is over.
    pub(crate) fn end(mut self, change: impl FnOnce(&mut Entry)) {
        self.finish(change);
    }

    fn finish(&mut self, change: impl FnOnce(&mut Entry)) {
        self.ended = true;
        let took = Clock::real().duration_since(self.began).as_millis();
        let took = i64::try_from(took).unwrap_or(i64::MAX).max(0);
        self.story.change(self.id, |entry| {
            change(entry);
            entry.took_ms = Some(took);
        });
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        if !self.ended {
            self.finish(|entry| {
                entry.outcome = Outcome::Lost;
                entry.says = Some(words::HUNG_UP.into());
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        let parties = (Party::Phone, Party::Server);
        Entry::new(Clock::real(), Kind::Request, parties, ("标题", "title"))
    }

    #[test]
    fn an_entry_is_seen_when_it_begins_and_again_when_it_ends() {
        let story = Arc::new(Story::default());
        let telling = story.begin(entry());
        let first = story.after(0);
        assert_eq!(first.entries[0].outcome, Outcome::Pending);
        telling.end(|entry| entry.outcome = Outcome::Ok);
        let news = story.after(first.last_revision);
        assert_eq!(news.entries.len(), 1);
        assert_eq!((news.entries[0].id, news.entries[0].revision), (1, 2));
        assert!(news.entries[0].took_ms.is_some());
        assert!(story.after(news.last_revision).entries.is_empty());
    }

    #[test]
    fn what_nobody_waited_for_is_lost() {
        let story = Arc::new(Story::default());
        drop(story.begin(entry()));
        assert_eq!(story.after(0).entries[0].outcome, Outcome::Lost);
    }

    #[test]
    fn the_ring_forgets_the_oldest_and_a_reset_forgets_all() {
        let story = Arc::new(Story::default());
        let telling = story.begin(entry());
        for _ in 0..MAX_ENTRIES {
            story.tell(entry());
        }
        telling.end(|entry| entry.outcome = Outcome::Ok);
        let news = story.after(0);
        assert_eq!(news.entries.len(), MAX_ENTRIES);
        assert_eq!(news.entries[0].id, 2);
        story.clear();
        let after = story.after(0);
        assert!(after.entries.is_empty());
        assert_eq!(
            (after.resets, after.cleared_at),
            (1, news.last_revision + 1)
        );
    }
}
