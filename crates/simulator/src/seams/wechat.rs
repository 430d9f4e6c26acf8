//! The way to WeChat: lost calls, lost answers, refusals, and answers that somebody changed.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use wechatpay::{BoxFuture, Transport, TransportError};

use super::Process;
use crate::{
    trace::say,
    weather::{Fault, Part},
};

/// As the configuration of the shop has it.
const PATIENCE: Duration = Duration::from_secs(10);

const SIGNATURE: &str = "wechatpay-signature";

type Answered = Result<Response<Bytes>, TransportError>;

impl Transport for Process {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Answered> {
        Box::pin(async move {
            let what = format!("{} {}", request.method(), request.uri().path());
            let answered = self.exchange(request, &what).await;
            let came = match &answered {
                Ok(answer) => answer.status().as_str().to_owned(),
                Err(error) if error.may_have_been_sent() => "nothing".to_owned(),
                Err(_) => "no connection".to_owned(),
            };
            say!(self.world.trace, self.name, "{what} -> {came}");
            self.pass(Duration::ZERO, "after an answer of WeChat").await;
            answered
        })
    }
}

impl Process {
    async fn exchange(&self, request: Request<Bytes>, what: &str) -> Answered {
        self.pass(
            self.chance.millis(10, 150),
            &format!("on the way to WeChat ({what})"),
        )
        .await;
        if self.strikes(Fault::CallNotSent) {
            return Err(TransportError::not_sent("simulated: no connection"));
        }
        let clogged = self.world.weather.clogged(Part::WeChat).is_some();
        if clogged || self.strikes(Fault::CallLost) {
            self.world.time.sleep(PATIENCE).await;
            return Err(TransportError::maybe_sent("simulated: lost on the way"));
        }
        if let Some(instead) = self.refusal() {
            return Ok(instead);
        }
        let answer = self.world.ask_wechat(&request);
        let answer = if self.strikes(Fault::CallRepeated) {
            self.world.ask_wechat(&request)
        } else {
            answer
        };
        let slow = self.chance.percent(5);
        let back = self.chance.millis(5, if slow { 8000 } else { 120 });
        self.pass(
            back,
            &format!("while an answer of WeChat is on its way ({what})"),
        )
        .await;
        if self.strikes(Fault::AnswerLost) {
            self.world.time.sleep(PATIENCE).await;
            return Err(TransportError::maybe_sent("simulated: the answer is lost"));
        }
        Ok(self.on_its_way(answer))
    }

    /// What comes instead of an answer; the call has had no effect.
    fn refusal(&self) -> Option<Response<Bytes>> {
        if self.strikes(Fault::TooManyRequests) {
            return Some(error(StatusCode::TOO_MANY_REQUESTS, "FREQUENCY_LIMITED"));
        }
        if self.strikes(Fault::SystemError) {
            return Some(error(StatusCode::INTERNAL_SERVER_ERROR, "SYSTEM_ERROR"));
        }
        self.strikes(Fault::Html).then(|| {
            let page = Bytes::from_static(b"<html><body>502 Bad Gateway</body></html>");
            let mut answer = Response::new(page);
            *answer.status_mut() = StatusCode::BAD_GATEWAY;
            answer
                .headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
            answer
        })
    }

    /// What becomes of an answer whose call had its effect.
    fn on_its_way(&self, mut answer: Response<Bytes>) -> Response<Bytes> {
        if self.strikes(Fault::SystemError) {
            return error(StatusCode::INTERNAL_SERVER_ERROR, "SYSTEM_ERROR");
        }
        if self.strikes(Fault::AnswerUnsigned) {
            answer.headers_mut().remove(SIGNATURE);
        }
        if self.strikes(Fault::AnswerForged) {
            let body = String::from_utf8_lossy(answer.body());
            let forged = body.replace("NOTPAY", "SUCCESS").replace(
                "\"trade_state_desc\"",
                "\"forged\":true,\"trade_state_desc\"",
            );
            *answer.body_mut() = Bytes::from(format!("{forged} "));
        }
        answer
    }
}

/// A refusal as WeChat words it. Refusals are not signed.
fn error(status: StatusCode, code: &str) -> Response<Bytes> {
    let body = format!(r#"{{"code":"{code}","message":"simulated"}}"#);
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, json);
    answer
}
