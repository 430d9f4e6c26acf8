//! A difference between bill and books.

use fen::Fen;

use super::{BillEntry, BookEntry, Subject};

/// Something in which bill and books do not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub subject: Subject,
    /// The order, as whoever mentions it writes it.
    pub order_no: String,
    /// What does not agree.
    pub kind: DifferenceKind,
}

/// What does not agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// Billed, and unknown to the books (长款): we lost it, or it is somebody else's.
    Unknown {
        /// How much.
        billed: Fen,
    },
    /// Booked, and not in the bill (短款).
    Missing {
        /// How much.
        booked: Fen,
    },
    /// In both, with two amounts.
    AmountDiffers {
        /// What the bill says.
        billed: Fen,
        /// What the books say.
        booked: Fen,
    },
    /// Billed more than once.
    Twice {
        /// How much.
        billed: Fen,
    },
}

impl Difference {
    pub(super) fn of(entry: &BillEntry, kind: DifferenceKind) -> Self {
        Self {
            subject: entry.subject.clone(),
            order_no: entry.order_no.clone(),
            kind,
        }
    }

    pub(super) fn missing(entry: BookEntry) -> Self {
        Self {
            kind: DifferenceKind::Missing {
                booked: entry.amount,
            },
            order_no: entry.order_no,
            subject: entry.subject,
        }
    }

    pub(super) fn key(&self) -> (&Subject, &'static str) {
        (&self.subject, self.kind_name())
    }

    /// The word for it in the API, in the database and in events.
    pub const fn kind_name(&self) -> &'static str {
        match (self.subject.refund_no.is_some(), self.kind) {
            (false, DifferenceKind::Unknown { .. }) => "payment_unknown",
            (false, DifferenceKind::Missing { .. }) => "payment_missing",
            (false, DifferenceKind::AmountDiffers { .. }) => "payment_differs",
            (false, DifferenceKind::Twice { .. }) => "payment_twice",
            (true, DifferenceKind::Unknown { .. }) => "refund_unknown",
            (true, DifferenceKind::Missing { .. }) => "refund_missing",
            (true, DifferenceKind::AmountDiffers { .. }) => "refund_differs",
            (true, DifferenceKind::Twice { .. }) => "refund_twice",
        }
    }
}

impl DifferenceKind {
    /// The kind of this [`Difference::kind_name`], with the amounts that were kept beside it.
    pub fn from_name(name: &str, billed: Option<Fen>, booked: Option<Fen>) -> Option<Self> {
        let (_, what) = name.split_once('_')?;
        match (what, billed, booked) {
            ("unknown", Some(billed), None) => Some(Self::Unknown { billed }),
            ("missing", None, Some(booked)) => Some(Self::Missing { booked }),
            ("differs", Some(billed), Some(booked)) => Some(Self::AmountDiffers { billed, booked }),
            ("twice", Some(billed), None) => Some(Self::Twice { billed }),
            _ => None,
        }
    }

    /// What the bill says, if it says anything.
    pub const fn billed(self) -> Option<Fen> {
        match self {
            Self::Unknown { billed }
            | Self::AmountDiffers { billed, .. }
            | Self::Twice { billed } => Some(billed),
            Self::Missing { .. } => None,
        }
    }

    /// What the books say, if they say anything.
    pub const fn booked(self) -> Option<Fen> {
        match self {
            Self::Missing { booked } | Self::AmountDiffers { booked, .. } => Some(booked),
            Self::Unknown { .. } | Self::Twice { .. } => None,
        }
    }
}

/// Where a difference stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceState {
    /// Missing in the bill of its day, and the bill of the next day may have it. Not told yet.
    Waiting,
    /// Somebody has been told.
    Open,
    /// Bill and books agree by now, or it stands on the list of exceptions.
    Settled,
}

impl DifferenceState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Open, Self::Settled];

    /// The word for it in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Open => "open",
            Self::Settled => "settled",
        }
    }

    /// The state of this [`DifferenceState::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}
