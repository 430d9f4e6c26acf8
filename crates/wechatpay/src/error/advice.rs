//! The retry table, as a pure function of what was attempted and what came back.

use super::{ApiCode, Inner, Kind, Operation};

/// What to do after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Advice {
    /// Repeat the call with identical parameters, later and with growing pauses. A new order number
    /// could make the buyer pay twice.
    RepeatIdentically,
    /// Ask for the order's state, and act on that.
    QueryFirst,
    /// Somebody has to change the request, the settings or the contract; repeating is useless.
    Fix,
    /// The answer is final: nothing to repeat, nothing to repair.
    Stop,
}

/// What came back, as far as the table looks at it.
#[derive(Clone, Debug)]
pub(crate) enum Situation<'a> {
    NotSent,
    NoAnswer,
    Refused {
        status: u16,
        code: Option<&'a ApiCode>,
    },
    Unverified,
    Undecodable,
    Damaged,
    Misconfigured,
}

impl Inner {
    pub(super) fn situation(&self) -> Situation<'_> {
        match &self.kind {
            Kind::Transport(error) if error.may_have_been_sent() => Situation::NoAnswer,
            Kind::Transport(_) => Situation::NotSent,
            Kind::Api(refused) => Situation::Refused {
                status: refused.status.as_u16(),
                code: refused.code.as_ref().map(|(code, _)| code),
            },
            Kind::Unverified(_) => Situation::Unverified,
            Kind::Undecodable(_) => Situation::Undecodable,
            Kind::Damaged(_) => Situation::Damaged,
            Kind::Misconfigured(_) => Situation::Misconfigured,
        }
    }
}

impl Situation<'_> {
    pub(super) fn is_ambiguous(&self) -> bool {
        match self {
            Self::NoAnswer | Self::Unverified | Self::Undecodable => true,
            Self::NotSent | Self::Damaged | Self::Misconfigured => false,
            Self::Refused {
                code: Some(code), ..
            } if is_fault_of_ours(code) => false,
            Self::Refused { status, .. } => *status < 300 || *status >= 500,
        }
    }
}

pub(crate) fn advice(operation: Operation, situation: &Situation<'_>) -> Advice {
    match situation {
        Situation::NotSent | Situation::Damaged => Advice::RepeatIdentically,
        Situation::NoAnswer => again(operation),
        Situation::Refused { status, code } => refused(operation, *status, *code),
        Situation::Unverified if operation.is_read_only() => Advice::RepeatIdentically,
        Situation::Undecodable if operation.is_read_only() => Advice::Stop,
        Situation::Unverified | Situation::Undecodable => Advice::QueryFirst,
        Situation::Misconfigured => Advice::Fix,
    }
}

/// Repeat, but look first where money goes back: "too many requests" may come for a refund that
/// is being worked on.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4013071036
const fn again(operation: Operation) -> Advice {
    if operation.pays_back() {
        Advice::QueryFirst
    } else {
        Advice::RepeatIdentically
    }
}

fn refused(operation: Operation, status: u16, code: Option<&ApiCode>) -> Advice {
    match code {
        Some(code) => by_code(operation, status, code),
        // Business has a code; without one it was a gateway, and 403 or 404 mean a wrong address.
        None if matches!(status, 403 | 404) => Advice::Fix,
        None => by_status(operation, status),
    }
}

fn by_code(operation: Operation, status: u16, code: &ApiCode) -> Advice {
    match code {
        ApiCode::OrderPaid | ApiCode::UserPaying => Advice::QueryFirst,
        // The buyer has to get a new order number; but a close that finds the order closed has
        // reached its end, which only a query can show: a refusal is not signed.
        ApiCode::OrderClosed if operation == Operation::Close => Advice::QueryFirst,
        // After topping up, the same refund under the same number.
        ApiCode::NotEnough if operation == Operation::Refund => Advice::RepeatIdentically,
        // The order is unknown or not paid: which of them, the order's query tells.
        ApiCode::ResourceNotExists if operation == Operation::Refund => Advice::QueryFirst,
        // The refund was not accepted: a certain answer to the question.
        ApiCode::ResourceNotExists if operation == Operation::RefundQuery => Advice::Stop,
        // The address of a bill lives for minutes: whoever begins again asks for a new one.
        ApiCode::InvalidRequest | ApiCode::ParamError if operation == Operation::BillDownload => {
            Advice::RepeatIdentically
        }
        ApiCode::OrderClosed
        | ApiCode::RuleLimit
        | ApiCode::TradeError
        | ApiCode::AccountError
        | ApiCode::NotEnough
        | ApiCode::RequestBlocked
        | ApiCode::UserAccountAbnormal
        | ApiCode::TradeOverdue
        | ApiCode::NoStatementExist
        | ApiCode::OrderNotExist => Advice::Stop,
        ApiCode::ParamError
        | ApiCode::InvalidRequest
        | ApiCode::AppidMchidNotMatch
        | ApiCode::MchNotExists
        | ApiCode::SignError
        | ApiCode::NoAuth
        | ApiCode::OutTradeNoUsed
        | ApiCode::ResourceNotExists
        | ApiCode::OpenidMismatch
        | ApiCode::RefundFeeMismatch
        | ApiCode::InvalidTransactionId => Advice::Fix,
        ApiCode::FrequencyLimited
        | ApiCode::StatementCreating
        | ApiCode::SystemError
        | ApiCode::BankError
        | ApiCode::ServiceUnavailable => again(operation),
        ApiCode::Unknown(_) => by_status(operation, status),
    }
}

/// For bodies without a code, and for codes that are not known. 202 means accepted and not
/// finished.
const fn by_status(operation: Operation, status: u16) -> Advice {
    match status {
        202 => Advice::RepeatIdentically,
        429 | 500.. => again(operation),
        403 | 404 => Advice::Stop,
        _ => Advice::Fix,
    }
}

/// Codes that come with 500 although the platform did nothing and never will.
const fn is_fault_of_ours(code: &ApiCode) -> bool {
    matches!(
        code,
        ApiCode::OpenidMismatch | ApiCode::InvalidTransactionId
    )
}
