//! What can go wrong with a call, and what to do about it.

mod advice;
mod api_code;
mod detail;
mod display;
mod mismatch;
mod operation;

use std::error::Error as StdError;

use http::StatusCode;

pub use advice::Advice;
pub use api_code::ApiCode;
pub use detail::{Detail, SignInformation};
pub use mismatch::SignMismatch;
pub(crate) use mismatch::SignedMessage;
pub use operation::Operation;

use crate::{TransportError, Unverified};

/// A call that did not bring a verified answer.
///
/// Ask [`is_ambiguous`](Error::is_ambiguous) before telling anybody that something failed, and
/// [`advice`](Error::advice) for what to do. What a refused call says (status, code, message) is
/// not signed by the platform: fit for branching on a retry and for people, not for booking
/// anything.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/example.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use wechatpay::{Advice, ApiCode};
/// # let order = example::jsapi_prepay();
/// # let client = example::refusing(400, r#"{"code":"ORDERPAID","message":"该订单已支付"}"#);
///
/// let error = client.jsapi_prepay(&order).await.unwrap_err();
/// assert_eq!(error.code(), Some(&ApiCode::OrderPaid));
/// assert!(!error.is_ambiguous());
/// assert_eq!(error.advice(), Advice::QueryFirst);
/// # }
/// ```
pub struct Error(Box<Inner>);

pub(crate) struct Inner {
    pub(crate) operation: Operation,
    pub(crate) request_id: Option<String>,
    pub(crate) signed: Option<SignedMessage>,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    /// No answer.
    Transport(TransportError),
    /// An answer that is not 2xx, or 202: not signed, and parsed as far as it goes.
    Api(Refused),
    /// A 2xx that cannot be shown to come from the platform.
    Unverified(Unverified),
    /// A verified 2xx whose content is not what the documentation says.
    Undecodable(Undecodable),
    /// A file that is not the one whose hash the platform signed, or not whole.
    Damaged(Damaged),
    /// The call cannot be made with these settings or these values.
    Misconfigured(String),
}

/// What a refusal says.
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) code: Option<(ApiCode, String)>,
    pub(crate) message: Option<String>,
    pub(crate) retry_after_seconds: Option<u32>,
    pub(crate) detail: Option<Box<Detail>>,
}

/// Where parsing stopped. The parser's own message is not kept: it repeats content.
#[derive(Clone, Debug)]
pub(crate) enum Undecodable {
    MediaType(String),
    Json { line: usize, column: usize },
    Content(&'static str),
}

/// What is wrong with a downloaded file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Damaged {
    #[error("its hash is not the one that the platform gave for it")]
    Hash,
    #[error("it is not whole, or not packed as gzip packs")]
    Gzip,
    #[error("unpacked it has more than {0} bytes")]
    TooLarge(u64),
    #[error("it was found to be damaged before")]
    Before,
}

impl Error {
    pub(crate) fn new(operation: Operation, kind: Kind) -> Self {
        Self(Box::new(Inner {
            operation,
            request_id: None,
            signed: None,
            kind,
        }))
    }

    /// The error of a call that its caller held back, so that it was not even signed: because too
    /// many are under way, say. It is not ambiguous, and its advice is to repeat it later.
    ///
    /// ```
    /// use wechatpay::{Advice, Error, Operation};
    ///
    /// let error = Error::held_back(Operation::Prepay, "too many calls in this second");
    /// assert!(!error.is_ambiguous());
    /// assert_eq!(error.advice(), Advice::RepeatIdentically);
    /// ```
    pub fn held_back(
        operation: Operation,
        why: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::new(operation, Kind::Transport(TransportError::not_sent(why)))
    }

    pub(crate) fn with_request_id(mut self, request_id: Option<String>) -> Self {
        self.0.request_id = request_id;
        self
    }

    pub(crate) fn with_signed(mut self, signed: SignedMessage) -> Self {
        self.0.signed = Some(signed);
        self
    }

    pub(crate) const fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// A short name of what happened, for logs and metrics.
    pub fn name(&self) -> &'static str {
        match &self.0.kind {
            Kind::Transport(error) if error.may_have_been_sent() => "no_answer",
            Kind::Transport(_) => "not_sent",
            Kind::Api(_) => "refused",
            Kind::Unverified(reason) => reason.name(),
            Kind::Undecodable(_) => "undecodable",
            Kind::Damaged(_) => "damaged",
            Kind::Misconfigured(_) => "misconfigured",
        }
    }

    /// What was attempted.
    pub const fn operation(&self) -> Operation {
        self.0.operation
    }

    /// The HTTP status of a refusal; none when there was no answer, or one that is not believed.
    pub fn status(&self) -> Option<u16> {
        self.refused().map(|refused| refused.status.as_u16())
    }

    /// The code of a refusal, in one spelling whichever was sent. None for bodies without one, such
    /// as a gateway's HTML.
    pub fn code(&self) -> Option<&ApiCode> {
        self.refused()?.code.as_ref().map(|(code, _)| code)
    }

    /// The code of a refusal, as it was spelled.
    pub fn code_text(&self) -> Option<&str> {
        self.refused()?.code.as_ref().map(|(_, text)| text.as_str())
    }

    /// The message of a refusal, for people. Never branch on it.
    pub fn message(&self) -> Option<&str> {
        self.refused()?.message.as_deref()
    }

    /// How many seconds a refusal asks to wait. A date in its place is not read.
    pub fn retry_after_seconds(&self) -> Option<u32> {
        self.refused()?.retry_after_seconds
    }

    /// Whether nothing of the call can have reached the platform.
    pub fn was_not_sent(&self) -> bool {
        matches!(&self.0.kind, Kind::Transport(error) if !error.may_have_been_sent())
    }

    /// The detail of a refusal, when there was any.
    pub fn detail(&self) -> Option<&Detail> {
        self.refused()?.detail.as_deref()
    }

    /// What WeChat's support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Why a 2xx answer was not believed, if that is what happened.
    pub fn unverified(&self) -> Option<&Unverified> {
        match &self.0.kind {
            Kind::Unverified(reason) => Some(reason),
            Kind::Transport(_)
            | Kind::Api(_)
            | Kind::Undecodable(_)
            | Kind::Damaged(_)
            | Kind::Misconfigured(_) => None,
        }
    }

    /// Whether it is unknown if the call had its effect.
    ///
    /// Then it is not a failure: ask for the order's state, or repeat the call with identical
    /// parameters, but never with a new order number.
    pub fn is_ambiguous(&self) -> bool {
        self.0.situation().is_ambiguous()
    }

    /// What to do next.
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4012081717 and the error tables of each call.
    pub fn advice(&self) -> Advice {
        advice::advice(self.0.operation, &self.0.situation())
    }

    /// For a refused signature (`SIGN_ERROR`): how the string that the platform signed over differs
    /// from ours, as far as its answer shows.
    pub fn sign_mismatch(&self) -> Option<SignMismatch> {
        let theirs = self.detail()?.sign_information.as_ref()?;
        Some(SignMismatch::new(self.0.signed.as_ref()?, theirs))
    }

    fn refused(&self) -> Option<&Refused> {
        match &self.0.kind {
            Kind::Api(refused) => Some(refused),
            Kind::Transport(_)
            | Kind::Unverified(_)
            | Kind::Undecodable(_)
            | Kind::Damaged(_)
            | Kind::Misconfigured(_) => None,
        }
    }
}
