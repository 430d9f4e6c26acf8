//! What can be wrong, in words that name what to look at.

use fen::Fen;

/// One thing that must never be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    #[error("LOST: order {order_no} was acknowledged under `{key}` and does not exist")]
    LostOrder { key: String, order_no: String },
    #[error("LOST: order {order_no} was told as {told} (version {version}) and is {is} now")]
    WentBack {
        order_no: String,
        told: String,
        version: i64,
        is: String,
    },
    #[error("DOUBLED: one key, `{key}`, and the orders {order_nos:?}")]
    DoubledOrder { key: String, order_nos: Vec<String> },
    #[error("INVENTED: nobody asked for {what} {number} (`{key}`)")]
    Invented {
        what: &'static str,
        key: String,
        number: String,
    },
    #[error("AMOUNT: {what} {number} is {is} and was asked for as {wanted}")]
    WrongAmount {
        what: &'static str,
        number: String,
        wanted: Fen,
        is: Fen,
    },
    #[error("LOST: the buyer paid order {order_no}, which is {is} here")]
    LostPayment { order_no: String, is: String },
    #[error("BOOKS: order {order_no} is {ours} here and {theirs} at the platform")]
    StateDiffers {
        order_no: String,
        ours: String,
        theirs: String,
    },
    #[error("LOST: the platform holds order {order_no}, which does not exist here")]
    UnknownHere { order_no: String },
    #[error("NOT SETTLED: {what} {number} is {state}, long after the last fault")]
    NotSettled {
        what: &'static str,
        number: String,
        state: String,
    },
    #[error("LOST: refund {refund_no} was acknowledged under `{key}` and does not exist")]
    LostRefund { key: String, refund_no: String },
    #[error("DOUBLED: one key, `{key}`, and the refunds {refund_nos:?}")]
    DoubledRefund {
        key: String,
        refund_nos: Vec<String>,
    },
    #[error("BOOKS: refund {refund_no} is {ours} here and {theirs} at the platform")]
    RefundDiffers {
        refund_no: String,
        ours: String,
        theirs: String,
    },
    #[error("SUM: of order {order_no}, {ours} went back here and {theirs} at the platform")]
    SumDiffers {
        order_no: String,
        ours: String,
        theirs: String,
    },
    #[error("SUM: of order {order_no}, {refunded} went back of {paid}")]
    RefundedTooMuch {
        order_no: String,
        paid: Fen,
        refunded: String,
    },
    #[error("EVENTS: {expected} `{kind}` expected for {subject}, and there are {found}")]
    EventCount {
        subject: String,
        kind: String,
        expected: usize,
        found: usize,
    },
    #[error("EVENTS: id {id} comes twice")]
    EventTwice { id: String },
    #[error("EVENTS: {events} can be read, and the last position is {last_position}")]
    PositionGap { events: usize, last_position: i64 },
    #[error("EVENTS: who followed them has {followed:?} where the list has {listed:?}")]
    FollowedDiffers {
        followed: Option<String>,
        listed: Option<String>,
    },
    #[error("WEBHOOKS: nobody was told of event {id} ({kind})")]
    NotTold { id: String, kind: String },
    #[error("WEBHOOKS: somebody was told of event {id}, which does not exist")]
    ToldOfNothing { id: String },
    #[error("HISTORY: order {order_no} has the versions {versions:?} and is at version {version}")]
    HistoryGap {
        order_no: String,
        versions: Vec<i64>,
        version: i64,
    },
    #[error("EXCEPTION: {0} was put before a person, and nothing here deserves that")]
    Exception(String),
}

impl Violation {
    /// Whether something that was acknowledged is gone.
    pub fn is_loss(&self) -> bool {
        self.to_string().starts_with("LOST")
    }

    /// Whether something happened twice.
    pub fn is_doubling(&self) -> bool {
        self.to_string().starts_with("DOUBLED")
    }
}
