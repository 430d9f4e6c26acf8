//! Reading an answer: who refused what, and what was signed.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use serde_json::Value;

use crate::crypto::SIGNATURE_SCHEME;
use crate::error::{Detail, Kind, Refused, Undecodable};
use crate::signed::{
    NONCE, REQUEST_ID, SERIAL, SIGNATURE, SIGNATURE_TYPE, Signed, TIMESTAMP, shown,
};
use crate::{ApiCode, Error, Operation, Unverified};

/// How much of a refusal's message is kept. Those that were seen have 200 characters at most.
const MESSAGE_CHARS: usize = 500;

/// How much of a refusal's code is kept.
const CODE_CHARS: usize = 64;

/// How much of a `Request-ID` is kept.
const REQUEST_ID_CHARS: usize = 128;

pub(super) struct Answer {
    operation: Operation,
    response: Response<Bytes>,
}

impl Answer {
    pub(super) const fn new(operation: Operation, response: Response<Bytes>) -> Self {
        Self {
            operation,
            response,
        }
    }

    pub(super) fn body(&self) -> &Bytes {
        self.response.body()
    }

    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(super) fn request_id(&self) -> Option<String> {
        self.header(REQUEST_ID)
            .map(|id| shown(id, REQUEST_ID_CHARS))
    }

    /// An error about this answer.
    pub(super) fn error(&self, kind: Kind) -> Error {
        Error::new(self.operation, kind).with_request_id(self.request_id())
    }

    /// Only 200 and 204 are answers. 202 means that the call was accepted and is not finished.
    pub(super) fn check_status(&self) -> Result<(), Error> {
        match self.status() {
            StatusCode::OK | StatusCode::NO_CONTENT => Ok(()),
            _ => Err(self.error(Kind::Api(self.refused()))),
        }
    }

    /// Reads a refusal as far as it goes: it may be JSON of another shape, HTML, or nothing.
    fn refused(&self) -> Refused {
        let json: Value = serde_json::from_slice(self.body()).unwrap_or(Value::Null);
        let text = |name, limit| {
            json.get(name)
                .and_then(Value::as_str)
                .map(|text| shown(text, limit))
        };
        Refused {
            status: self.status(),
            code: text("code", CODE_CHARS).map(|text| (ApiCode::from(text.as_str()), text)),
            message: text("message", MESSAGE_CHARS),
            retry_after_seconds: self
                .header("Retry-After")
                .and_then(|text| text.parse().ok()),
            detail: json
                .get("detail")
                .filter(|detail| detail.is_object())
                .cloned()
                .map(|detail| Box::new(Detail::read(detail))),
        }
    }

    /// What this answer was signed with.
    pub(super) fn signed(&self) -> Result<(Signed<'_>, &str), Unverified> {
        if self.header(SIGNATURE).is_none() && self.header(SERIAL).is_none() {
            return Err(Unverified::Unsigned);
        }
        if self
            .header(SIGNATURE_TYPE)
            .is_some_and(|scheme| scheme != SIGNATURE_SCHEME)
        {
            return Err(Unverified::OtherScheme);
        }
        let wanted = |name| self.header(name).ok_or(Unverified::MissingHeader(name));
        let signed = Signed {
            timestamp: wanted(TIMESTAMP)?,
            nonce: wanted(NONCE)?,
            signature: wanted(SIGNATURE)?,
        };
        Ok((signed, wanted(SERIAL)?))
    }

    /// A verified answer is JSON or nothing. A missing media type is forgiven: the signature
    /// speaks.
    pub(super) fn check_media_type(&self) -> Result<(), Error> {
        let media_type = self.response.headers().get(CONTENT_TYPE);
        let Some(found) = media_type.and_then(|value| value.to_str().ok()) else {
            return Ok(());
        };
        let essence = found.split(';').next().unwrap_or_default().trim();
        if self.body().is_empty() || essence.eq_ignore_ascii_case("application/json") {
            return Ok(());
        }
        let found = shown(essence, CODE_CHARS);
        Err(self.error(Kind::Undecodable(Undecodable::MediaType(found))))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }
}
