//! Which notifications there are, and what falls due next.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::ladder::LADDER;
use crate::clock::{later, rfc3339};
use crate::faults::{Fault, Kind};

/// Notifications that are remembered; the oldest go first, sent or not.
const MAX_NOTICES: usize = 5000;
/// Sendings of one notification that are remembered: the ladder and many by hand.
const MAX_ATTEMPTS: usize = 200;

/// One notification.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Notice {
    /// The same in every sending.
    pub id: String,
    /// Whose.
    pub mchid: String,
    /// About which order.
    pub out_trade_no: String,
    /// About which refund.
    pub out_refund_no: Option<String>,
    /// `TRANSACTION.SUCCESS`, `REFUND.SUCCESS`, …
    pub event_type: String,
    /// Where it goes.
    pub url: String,
    /// Virtual time.
    pub create_time: String,
    /// The exact body.
    pub body: String,
    /// What is sealed in it.
    pub plaintext: Value,
    /// How far it has come.
    pub state: NoticeState,
    /// When it is sent next, in virtual time.
    pub next_at: Option<String>,
    /// Each sending.
    pub attempts: Vec<Attempt>,
    /// Failed sendings on the ladder.
    #[serde(skip)]
    pub failures: usize,
}

/// How far a notification has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NoticeState {
    /// To be sent, for the first time or again.
    Waiting,
    /// Answered with 200 or 204.
    Delivered,
    /// The ladder ended.
    GivenUp,
}

/// One sending.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Attempt {
    /// Virtual time.
    pub at: String,
    /// As sent, `Wechatpay-*` among them.
    pub headers: BTreeMap<String, String>,
    /// The merchant's status.
    pub status: Option<u16>,
    /// The merchant's answer, at most 1 kB.
    pub answer: Option<String>,
    /// Why there is no status.
    pub error: Option<String>,
    /// The fault that struck.
    pub fault: Option<Kind>,
}

/// Something to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// When, in virtual time.
    pub(super) at: Timestamp,
    /// What.
    pub(super) id: String,
    /// Whether its failure calls for another.
    pub(super) course: Course,
}

/// Why something is sent. What a fault has put off or doubled is not touched by faults again;
/// otherwise a fault without an end would never let it arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Course {
    /// In its turn; a failure books the next step of the ladder.
    Ladder,
    /// In its turn, but put off by a fault.
    LadderDelayed,
    /// Besides, on request.
    ByHand,
    /// Besides, by a fault.
    Extra,
}

impl Course {
    pub(super) fn is_open_to_faults(self) -> bool {
        match self {
            Self::Ladder | Self::ByHand => true,
            Self::LadderDelayed | Self::Extra => false,
        }
    }

    /// What it becomes when a fault puts it off.
    pub(super) fn put_off(self) -> Self {
        match self {
            Self::Ladder | Self::LadderDelayed => Self::LadderDelayed,
            Self::ByHand | Self::Extra => Self::Extra,
        }
    }

    fn is_on_the_ladder(self) -> bool {
        match self {
            Self::Ladder | Self::LadderDelayed => true,
            Self::ByHand | Self::Extra => false,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Book {
    notices: BTreeMap<String, Notice>,
    age: VecDeque<String>,
    agenda: BTreeSet<(Timestamp, u64, String, Course)>,
    booked: u64,
}

impl Due {
    pub(super) fn by_hand(id: &str, at: Timestamp) -> Self {
        Self {
            at,
            id: id.to_owned(),
            course: Course::ByHand,
        }
    }
}

impl Attempt {
    /// One that begins now.
    pub(super) fn at(now: Timestamp, fault: Option<&Fault>) -> Self {
        Self {
            at: rfc3339(now),
            headers: BTreeMap::new(),
            status: None,
            answer: None,
            error: None,
            fault: fault.map(|fault| fault.kind),
        }
    }

    /// Only 200 and 204 count.
    pub(crate) fn succeeded(&self) -> bool {
        matches!(self.status, Some(200 | 204))
    }
}

impl Book {
    pub(super) fn add(&mut self, notice: Notice, now: Timestamp) {
        if self.age.len() >= MAX_NOTICES
            && let Some(oldest) = self.age.pop_front()
        {
            self.notices.remove(&oldest);
            self.agenda.retain(|(_, _, id, _)| *id != oldest);
        }
        self.book(&notice.id, now, Course::Ladder);
        self.age.push_back(notice.id.clone());
        self.notices.insert(notice.id.clone(), notice);
    }

    pub(super) fn list(&self) -> Vec<Notice> {
        self.age.iter().filter_map(|id| self.get(id)).collect()
    }

    pub(super) fn get(&self, id: &str) -> Option<Notice> {
        let mut notice = self.notices.get(id)?.clone();
        let next = self.agenda.iter().find(|(_, _, booked, _)| booked == id);
        notice.next_at = next.map(|(at, ..)| rfc3339(*at));
        Some(notice)
    }

    pub(super) fn clear(&mut self) {
        *self = Self {
            booked: self.booked,
            ..Self::default()
        };
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.agenda.first().map(|(at, ..)| *at)
    }

    /// Takes the earliest entry that is due by then off the agenda.
    pub(super) fn take_due(&mut self, by: Timestamp) -> Option<Due> {
        self.next_due().filter(|at| *at <= by)?;
        let (at, _, id, course) = self.agenda.pop_first()?;
        Some(Due { at, id, course })
    }

    pub(super) fn book(&mut self, id: &str, at: Timestamp, course: Course) {
        self.booked += 1;
        self.agenda.insert((at, self.booked, id.to_owned(), course));
    }

    /// Writes down what came of a sending, and books the next if one is called for. The ladder
    /// counts from when the sending was due, so that a run on virtual time is exact.
    pub(super) fn settle(&mut self, due: &Due, attempt: Attempt) {
        let Some(notice) = self.notices.get_mut(&due.id) else {
            return;
        };
        let succeeded = attempt.succeeded();
        if notice.attempts.len() < MAX_ATTEMPTS {
            notice.attempts.push(attempt);
        }
        if succeeded {
            notice.state = NoticeState::Delivered;
            self.agenda
                .retain(|(_, _, id, course)| *id != due.id || !course.is_on_the_ladder());
            return;
        }
        if !due.course.is_on_the_ladder() || notice.state != NoticeState::Waiting {
            return;
        }
        match LADDER.get(notice.failures) {
            Some(seconds) => {
                notice.failures += 1;
                self.book(&due.id, later(due.at, *seconds), Course::Ladder);
            }
            None => notice.state = NoticeState::GivenUp,
        }
    }
}
