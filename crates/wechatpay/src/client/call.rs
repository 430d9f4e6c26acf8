//! One call, from signing to the verified answer.

use bytes::Bytes;
use http::Request;
use serde::de::DeserializeOwned;

use super::Client;
use super::answer::Answer;
use super::outgoing::{Authorization, Outgoing};
use crate::error::{Kind, Undecodable};
use crate::signed::shown_name;
use crate::{Advice, BaseUrl, BoxFuture, Error, Operation, TransportError, Unverified};

impl Client {
    /// Makes a call and reads its verified answer.
    pub(super) async fn call<T: DeserializeOwned>(&self, outgoing: &Outgoing) -> Result<T, Error> {
        let answer = self.verified(outgoing).await?;
        read_json(outgoing.operation, answer.body())
            .map_err(|error| error.with_request_id(answer.request_id()))
    }

    /// Makes a call and returns its verified answer.
    ///
    /// A deliberately wrong signature is answered with one identical repeat, which the platform
    /// does not probe again. That is lawful for every call of this crate: the reads change nothing,
    /// and the others are idempotent as long as their number and the parameters stay the same.
    pub(super) async fn verified(&self, outgoing: &Outgoing) -> Result<Answer, Error> {
        let first = match self.attempt(outgoing).await {
            Err(error) if error.unverified() == Some(&Unverified::Probe) => error,
            outcome => return outcome,
        };
        tracing::debug!(
            operation = outgoing.operation.name(),
            "WeChat probed our verification"
        );
        match self.attempt(outgoing).await {
            // The repeat did not get through, but the first call did: its outcome is unknown, and
            // only the first error says so.
            Err(second) if !second.is_ambiguous() && is_passing(second.advice()) => Err(first),
            outcome => outcome,
        }
    }

    async fn attempt(&self, outgoing: &Outgoing) -> Result<Answer, Error> {
        let authorization = self.authorize(outgoing);
        let outcome = self.exchange(outgoing, &authorization).await;
        outcome.map_err(|error| error.with_signed(authorization.signed))
    }

    async fn exchange(
        &self,
        outgoing: &Outgoing,
        authorization: &Authorization,
    ) -> Result<Answer, Error> {
        let send = |request| self.0.transport.send(request);
        let response = self.send(outgoing, authorization, send).await?;
        self.0.skew.record(response.headers(), self.now());
        let answer = Answer::new(outgoing.operation, response);
        tracing::debug!(
            operation = outgoing.operation.name(),
            status = answer.status().as_u16(),
            request_id = answer.request_id(),
            "WeChat answered"
        );
        answer.check_status()?;
        self.verify(outgoing.operation, &answer).await?;
        answer.check_media_type()?;
        Ok(answer)
    }

    /// Sends to one host, and to the other only when nothing can have been sent. The signature does
    /// not cover the host, so it is the same request.
    pub(super) async fn send<'a, T>(
        &self,
        outgoing: &Outgoing,
        authorization: &Authorization,
        send: impl Fn(Request<Bytes>) -> BoxFuture<'a, Result<T, TransportError>>,
    ) -> Result<T, Error> {
        let main = &self.0.endpoints.api;
        let Some(backup) = &self.0.endpoints.backup else {
            return self.send_to(main, outgoing, authorization, &send).await;
        };
        let hosts = &self.0.hosts;
        let main_first = hosts.main_first(self.now());
        let (first, second) = if main_first {
            (main, backup)
        } else {
            (backup, main)
        };
        let outcome = self.send_to(first, outgoing, authorization, &send).await;
        if was_reached(&outcome) {
            if main_first {
                hosts.main_was_reached();
            }
            return outcome;
        }
        tracing::warn!(%first, %second, "no connection, trying the other host");
        let outcome = self.send_to(second, outgoing, authorization, &send).await;
        match (was_reached(&outcome), main_first) {
            (true, true) => hosts.only_backup_was_reached(self.now()),
            (true, false) => hosts.main_was_reached(),
            (false, _) => {}
        }
        outcome
    }

    async fn send_to<'a, T>(
        &self,
        host: &BaseUrl,
        outgoing: &Outgoing,
        authorization: &Authorization,
        send: &impl Fn(Request<Bytes>) -> BoxFuture<'a, Result<T, TransportError>>,
    ) -> Result<T, Error> {
        let request = outgoing.to(host, authorization, self.advertised().as_ref())?;
        let failed = |error| Error::new(outgoing.operation, Kind::Transport(error));
        send(request).await.map_err(failed)
    }

    /// Freshness, then the key that the answer names, then the signature over the raw body.
    async fn verify(&self, operation: Operation, answer: &Answer) -> Result<(), Error> {
        let unverified = |reason| answer.error(Kind::Unverified(reason));
        let (signed, serial) = answer.signed().map_err(unverified)?;
        signed.check_freshness(self.now()).map_err(unverified)?;
        let key = match (self.0.keys.find(serial), operation) {
            (Some(key), _) => Some(key),
            // The first download of all is verified with a certificate out of itself: that it opens
            // with the APIv3 key already shows who sent it.
            (None, Operation::Certificates) => {
                let certificates = self.open_certificates(answer.body())?;
                let named = certificates
                    .iter()
                    .find(|at| at.serial_no().as_str() == serial);
                named.map(|certificate| certificate.public_key().clone())
            }
            (None, _) => self.find_after_refresh(serial).await,
        };
        let key = key.ok_or_else(|| unverified(Unverified::UnknownSerial(shown_name(serial))))?;
        signed
            .check_signature(&key, answer.body())
            .map_err(unverified)
    }
}

/// Whether a host took the request, or may have; then no other host gets it.
fn was_reached<T>(outcome: &Result<T, Error>) -> bool {
    match outcome {
        Ok(_) => true,
        Err(error) => !error.was_not_sent(),
    }
}

/// Whether an error says nothing about the call itself: no connection, or too many requests.
const fn is_passing(advice: Advice) -> bool {
    match advice {
        Advice::RepeatIdentically => true,
        Advice::QueryFirst | Advice::Fix | Advice::Stop => false,
    }
}

/// Reads verified JSON. The parser's message is dropped, because it repeats content.
pub(super) fn read_json<T: DeserializeOwned>(
    operation: Operation,
    body: &[u8],
) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| {
        let at = Undecodable::Json {
            line: error.line(),
            column: error.column(),
        };
        Error::new(operation, Kind::Undecodable(at))
    })
}
