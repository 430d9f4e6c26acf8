//! Notices that a file of the mini program changed, while somebody is looking.
//!
//! Looking at the times of a hundred files twice a second costs less than a watcher of the
//! operating system has pitfalls: network folders, containers, editors that replace files.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::pause;
use crate::platform::{Platform, lock};

/// How often the files are looked at: soon enough to seem at once.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Open pages at one time; each holds a connection.
const MAX_LISTENERS: usize = 64;

/// Who looks, and the newest revision.
#[derive(Debug, Default)]
pub(super) struct Watch {
    audience: Mutex<Audience>,
    revision: watch::Sender<String>,
}

#[derive(Debug, Default)]
struct Audience {
    listeners: usize,
    looking: bool,
}

/// A place among the listeners, given back when dropped.
#[derive(Debug)]
pub(super) struct Listening {
    platform: Arc<Platform>,
    /// The newest revision; empty until the first look.
    pub(super) revision: watch::Receiver<String>,
}

/// `None` if too many listen already.
pub(super) fn listen(platform: &Arc<Platform>) -> Option<Listening> {
    let watch = &platform.phone.watch;
    let mut audience = lock(&watch.audience);
    if audience.listeners >= MAX_LISTENERS {
        return None;
    }
    audience.listeners += 1;
    if !std::mem::replace(&mut audience.looking, true) {
        tokio::spawn(look(platform.clone()));
    }
    Some(Listening {
        platform: platform.clone(),
        revision: watch.revision.subscribe(),
    })
}

impl Drop for Listening {
    fn drop(&mut self) {
        lock(&self.platform.phone.watch.audience).listeners -= 1;
    }
}

/// Looks until nobody listens.
async fn look(platform: Arc<Platform>) {
    while is_wanted(&platform) {
        if let Some(program) = &platform.phone.program
            && let Ok(revision) = program.revision().await
        {
            let known = &platform.phone.watch.revision;
            known.send_if_modified(|known| std::mem::replace(known, revision.clone()) != revision);
        }
        tokio::select! {
            () = pause(LOOK_EVERY) => {}
            () = platform.stop.cancelled() => return,
        }
    }
}

fn is_wanted(platform: &Platform) -> bool {
    let mut audience = lock(&platform.phone.watch.audience);
    audience.looking = audience.listeners > 0;
    audience.looking
}
