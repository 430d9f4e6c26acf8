//! `GET /phone/api/events`: server-sent events for whoever shows the story or the mini program.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::watch;

use super::watch::{Listening, listen};
use crate::control::{Problem, clock_shown};
use crate::platform::Platform;

/// A comment at least so often keeps proxies and browsers from taking the silence for an end.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
pub(super) struct Start {
    after: Option<u64>,
}

/// One listener, with what it has seen.
struct Listener {
    platform: Arc<Platform>,
    listening: Listening,
    story: watch::Receiver<()>,
    revision: u64,
    resets: u64,
    clock_moves: u64,
    program: String,
    waiting: VecDeque<Event>,
}

/// Begins after `Last-Event-ID`, or `?after=`, or with everything that is remembered.
pub(super) async fn events(
    State(platform): State<Arc<Platform>>,
    Query(start): Query<Start>,
    headers: HeaderMap,
) -> Response {
    let Some(listening) = listen(&platform) else {
        return Problem::new(503, "too many pages are listening; close some").into_response();
    };
    let seen = headers.get("last-event-id");
    let seen = seen.and_then(|id| id.to_str().ok()?.parse().ok());
    let listener = Listener::new(platform, listening, seen, start.after).await;
    let stream = unfold(listener, async |mut listener| {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Sse::new(stream).keep_alive(keep_alive).into_response()
}

impl Listener {
    /// `seen` is what the browser says that it has heard, `after` what the page wished: with a
    /// number that was never reached it wants only what is new.
    async fn new(
        platform: Arc<Platform>,
        listening: Listening,
        seen: Option<u64>,
        after: Option<u64>,
    ) -> Self {
        let story = platform.story.listen();
        let program = match &platform.phone.program {
            Some(program) => program.revision().await.unwrap_or_default(),
            None => String::new(),
        };
        let now = platform.story.after(u64::MAX);
        let mut listener = Self {
            platform,
            listening,
            story,
            revision: seen.or(after).unwrap_or(0).min(now.last_revision),
            resets: now.resets,
            clock_moves: now.clock_moves,
            program,
            waiting: VecDeque::new(),
        };
        // What was seen is gone: the sandbox was started anew, or reset.
        let foreign = seen.is_some_and(|seen| seen > now.last_revision);
        let forgotten = seen.is_some_and(|seen| (1..now.cleared_at).contains(&seen));
        if foreign {
            listener.revision = 0;
        }
        if foreign || forgotten {
            listener.waiting.push_back(empty("reset"));
        }
        listener
    }

    /// The next event; `None` when the sandbox stops.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            self.story.mark_unchanged();
            self.listening.revision.mark_unchanged();
            self.gather();
            if !self.waiting.is_empty() {
                continue;
            }
            tokio::select! {
                moved = self.story.changed() => moved.ok()?,
                moved = self.listening.revision.changed() => moved.ok()?,
                () = self.platform.stop.cancelled() => return None,
            }
        }
    }

    fn gather(&mut self) {
        let news = self.platform.story.after(self.revision);
        if news.resets != self.resets {
            self.resets = news.resets;
            self.waiting.push_back(empty("reset"));
        }
        if news.clock_moves != self.clock_moves {
            self.clock_moves = news.clock_moves;
            let data = clock_shown(&self.platform).to_string();
            self.waiting
                .push_back(Event::default().event("clock").data(data));
        }
        self.revision = news.last_revision;
        for entry in news.entries {
            let data = serde_json::to_string(&*entry).expect("an entry is plain data");
            let event = Event::default().event("story").data(data);
            self.waiting.push_back(event.id(entry.revision.to_string()));
        }
        let program = self.listening.revision.borrow().clone();
        if !program.is_empty() && program != self.program {
            let data = json!({ "revision": program }).to_string();
            self.waiting
                .push_back(Event::default().event("reload").data(data));
            self.program = program;
        }
    }
}

fn empty(name: &str) -> Event {
    Event::default().event(name).data("{}")
}
