//! Reading the announcements in order. A reader who goes on from the cursor he was given misses
//! nothing and repeats nothing, whoever commits when; see [`store::outbox`].

use domain::{EventId, MchId};
use store::{
    StoreError,
    outbox::{self, PlacedEvent},
};

use super::FlowError;
use crate::app::App;

/// Events that one transaction gives positions to.
const PLACE_BATCH: u32 = store::PAGE_MAX;

/// Such transactions before one page is read. A reader wants an answer soon; what is left over is
/// placed for the next page, and by the delivery of webhooks.
const PLACE_BATCHES_MAX: u32 = 8;

/// Where a reader wants to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum After {
    /// From the very first event.
    #[default]
    Nothing,
    /// From the place of an earlier page.
    Position(i64),
    /// From this event.
    Event(EventId),
}

/// A page of events.
#[derive(Debug)]
pub struct EventPage {
    pub events: Vec<PlacedEvent>,
    /// Where to go on, also when there is nothing yet.
    pub position: i64,
    /// Whether there may be more right now.
    pub more: bool,
}

/// The next events of this merchant, at most `limit`.
pub async fn page(
    app: &App,
    mch_id: &MchId,
    after: After,
    limit: u32,
) -> Result<EventPage, FlowError> {
    let after = match after {
        After::Nothing => 0,
        After::Position(position) => position,
        After::Event(event_id) => position_of(app, mch_id, &event_id).await?,
    };
    let mut events = outbox::placed(&app.store, mch_id, after, limit).await?;
    let full = |events: &[PlacedEvent]| u32::try_from(events.len()).is_ok_and(|n| n >= limit);
    if !full(&events) {
        place(app, mch_id).await?;
        events = outbox::placed(&app.store, mch_id, after, limit).await?;
    }
    if events.is_empty() && after > outbox::last_position(&app.store, mch_id).await? {
        return Err(FlowError::Invalid(
            "after is beyond the newest event; if the database was restored from a backup, \
             begin again without it"
                .to_owned(),
        ));
    }
    Ok(EventPage {
        position: events.last().map_or(after, |last| last.position),
        more: full(&events),
        events,
    })
}

async fn position_of(app: &App, mch_id: &MchId, event_id: &EventId) -> Result<i64, FlowError> {
    for _ in 0..PLACE_BATCHES_MAX {
        match outbox::get(&app.store, mch_id, event_id).await? {
            Some((_, Some(position))) => return Ok(position),
            // Committed a moment ago.
            Some((_, None)) => place(app, mch_id).await?,
            None => return Err(FlowError::EventNotFound(event_id.clone())),
        }
    }
    let text = format!("event `{event_id}` waits behind too many others for its position");
    Err(FlowError::Internal(anyhow::anyhow!(text)))
}

/// Gives positions to the events that have none, as far as one reader may be kept waiting for it.
pub(crate) async fn place(app: &App, mch_id: &MchId) -> Result<(), FlowError> {
    for _ in 0..PLACE_BATCHES_MAX {
        match outbox::place(&app.store, mch_id, PLACE_BATCH).await {
            Ok(PLACE_BATCH) => {}
            // All are placed, or others are placing them right now.
            Ok(_) | Err(StoreError::GuardMissed { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
