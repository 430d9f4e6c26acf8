//! A request before it is signed, and the signing of it.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use http::{HeaderValue, Method, Request, Uri};
use serde::Serialize;

use super::Client;
use crate::crypto::{SIGNATURE_SCHEME, SerialNo, message};
use crate::error::{Kind, SignedMessage};
use crate::transport::{AGENT, JSON};
use crate::{BaseUrl, Error, Operation};

const WECHATPAY_SERIAL: HeaderName = HeaderName::from_static("wechatpay-serial");

/// Method, path and body of a call. The path is what is sent *and* what is signed, letter by
/// letter.
pub(super) struct Outgoing {
    pub(super) operation: Operation,
    method: Method,
    path_and_query: String,
    body: Bytes,
    accept: HeaderValue,
    /// The key that fields of the body are encrypted to.
    sealed_to: Option<HeaderValue>,
}

/// The header that proves a request, and what it proves, for the error if it is refused.
pub(super) struct Authorization {
    header: HeaderValue,
    pub(super) signed: SignedMessage,
}

impl Outgoing {
    pub(super) const fn get(operation: Operation, path_and_query: String) -> Self {
        Self {
            operation,
            method: Method::GET,
            path_and_query,
            body: Bytes::new(),
            accept: JSON,
            sealed_to: None,
        }
    }

    /// For an answer that is a file and not JSON.
    pub(super) fn accepting_any(mut self) -> Self {
        self.accept = HeaderValue::from_static("*/*");
        self
    }

    pub(super) fn post(
        operation: Operation,
        path_and_query: String,
        body: &impl Serialize,
    ) -> Result<Self, Error> {
        let body = serde_json::to_vec(body).map_err(|_| {
            Error::new(
                operation,
                Kind::Misconfigured("the request cannot be written".to_owned()),
            )
        })?;
        Ok(Self {
            operation,
            method: Method::POST,
            path_and_query,
            body: body.into(),
            accept: JSON,
            sealed_to: None,
        })
    }

    /// Names the key that fields of the body are encrypted to, instead of the one that is asked
    /// for: a key that changes between sealing and sending must not be named for the other.
    pub(super) fn sealed_to(mut self, serial: &SerialNo) -> Self {
        self.sealed_to = HeaderValue::from_str(serial.as_str()).ok();
        self
    }

    /// The whole request for one host. The signature does not cover the host.
    pub(super) fn to(
        &self,
        host: &BaseUrl,
        authorization: &Authorization,
        serial: Option<&HeaderValue>,
    ) -> Result<Request<Bytes>, Error> {
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri(host)?;
        let headers = request.headers_mut();
        headers.reserve(5);
        headers.insert(AUTHORIZATION, authorization.header.clone());
        headers.insert(ACCEPT, self.accept.clone());
        headers.insert(USER_AGENT, AGENT);
        if !self.body.is_empty() {
            headers.insert(CONTENT_TYPE, JSON);
        }
        if let Some(serial) = self.sealed_to.as_ref().or(serial) {
            headers.insert(WECHATPAY_SERIAL, serial.clone());
        }
        Ok(request)
    }

    fn uri(&self, host: &BaseUrl) -> Result<Uri, Error> {
        let text = format!("{host}{}", self.path_and_query);
        Uri::from_maybe_shared(Bytes::from(text)).map_err(|_| {
            let words = "the address of the call cannot be built".to_owned();
            Error::new(self.operation, Kind::Misconfigured(words))
        })
    }
}

impl Client {
    /// Signs a request, as of now and with a fresh nonce.
    pub(super) fn authorize(&self, outgoing: &Outgoing) -> Authorization {
        let merchant = &self.0.merchant;
        let timestamp = self.now().to_string();
        let nonce = self.0.ambient.nonce();
        let method = outgoing.method.as_str();
        let path = &outgoing.path_and_query;
        let message = message::request(method, path, &timestamp, &nonce, &outgoing.body);
        let signature = merchant.private_key().sign(&message);
        let header = format!(
            "{SIGNATURE_SCHEME} mchid=\"{}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp}\",\
             serial_no=\"{}\",signature=\"{signature}\"",
            merchant.mch_id(),
            merchant.serial_no(),
        );
        let mut header = HeaderValue::from_maybe_shared(Bytes::from(header))
            .expect("digits, hexadecimal, base64 and a nonce of letters are lawful in a header");
        header.set_sensitive(true);
        Authorization {
            header,
            signed: SignedMessage::new(&message, outgoing.body.len()),
        }
    }

    /// What `Wechatpay-Serial` says, when any key is known.
    pub(super) fn advertised(&self) -> Option<HeaderValue> {
        let serial = self.0.keys.advertised()?;
        HeaderValue::from_str(serial.as_str()).ok()
    }
}
