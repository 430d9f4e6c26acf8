//! WeChat's face: one handler for every path, so that even what is not there is answered the way
//! the platform answers it.

mod incoming;
mod reply;
mod route;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{Request, StatusCode};
use tracing::info;

pub(crate) use incoming::{Incoming, MAX_BODY_BYTES, percent_decode};
pub(crate) use reply::{Outcome, Reply, Success};
pub(crate) use route::{BillCall, Call, Family, RefundCall};

use crate::auth;
use crate::clock::pause;
use crate::faults::Fault;
use crate::inspector::Record;
use crate::ledger::Merchant;
use crate::platform::Platform;
use crate::{login, story, v3};
use route::{Routed, route};

/// Receives, answers, records, and only then sends: a call that is held back on purpose can be
/// looked at while it is.
pub(crate) async fn serve(
    State(platform): State<Arc<Platform>>,
    request: Request<Body>,
) -> Response {
    let Some(incoming) = Incoming::read(request).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut record = Record::of(&incoming, platform.clock.now());
    let routed = route(&incoming.method, incoming.path());
    let call = routed.call();
    let number = call.and_then(|call| order_number(&platform, call, &incoming));
    let told = story::api::begin(&platform, call, &incoming, number.clone(), &record);
    let reply = answer(&platform, &routed, &incoming, &mut record);
    record.finish(&reply);
    info!(
        mchid = record.mchid.as_deref().unwrap_or("-"),
        verdict = ?record.verdict,
        code = record.code.as_deref().unwrap_or("-"),
        fault = record.fault.map(tracing::field::debug),
        "{} {} -> {}", record.method, incoming.path(), record.status,
    );
    platform.inspector.keep(record.clone());
    story::api::judged(&platform, &told, (call, number), &record, &reply);
    story::states::tell(&platform);
    hold(&platform, reply.hold).await;
    story::api::end(told, &record);
    reply.into_http()
}

async fn hold(platform: &Platform, length: Duration) {
    if length > Duration::ZERO {
        tokio::select! {
            () = pause(length) => {}
            () = platform.stop.cancelled() => {}
        }
    }
}

/// The same for those who have the platform in their own process and tell their own story.
pub(crate) fn answer_alone(platform: &Platform, incoming: &Incoming) -> Reply {
    let routed = route(&incoming.method, incoming.path());
    answer(platform, &routed, incoming, &mut Record::default())
}

/// What the platform does and says, at once: nothing in here waits, and only the record is told.
fn answer(platform: &Platform, routed: &Routed, incoming: &Incoming, record: &mut Record) -> Reply {
    let reply = match routed {
        Routed::Unknown => Reply::empty(404),
        Routed::WrongMethod => Reply::empty(405),
        Routed::Call(call) => match call.family() {
            Family::MiniProgram => answer_mini_program(platform, incoming, call),
            Family::Transactions | Family::Gateway => answer_v3(platform, incoming, call, record),
        },
    };
    reply.dated(platform.wire_now())
}

fn answer_v3(platform: &Platform, incoming: &Incoming, call: &Call, record: &mut Record) -> Reply {
    let now = platform.wire_now();
    let judged = auth::judge(&platform.ledger(), incoming, call.family(), now);
    record.note(&judged);
    let merchant = match judged.outcome {
        Ok(merchant) => merchant,
        Err(refusal) => return Reply::refusal(&platform.chance, &refusal, None),
    };
    remember_wanted_key(platform, incoming, &merchant, record);
    let number = order_number(platform, call, incoming);
    let fault = strike(platform, call, number.as_deref());
    match fault {
        Some(fault) if !fault.after_effect => Reply::instead(&platform.chance, &fault)
            .unwrap_or_else(|| run_v3(platform, incoming, call, &merchant, Some(&fault))),
        Some(fault) => {
            let lost = run_v3(platform, incoming, call, &merchant, None);
            Reply::instead(&platform.chance, &fault).unwrap_or(lost)
        }
        None => run_v3(platform, incoming, call, &merchant, None),
    }
}

fn run_v3(
    platform: &Platform,
    incoming: &Incoming,
    call: &Call,
    merchant: &Merchant,
    fault: Option<&Fault>,
) -> Reply {
    let outcome = v3::run(platform, merchant, call, incoming);
    let wanted = incoming.header("wechatpay-serial");
    Reply::of_business(platform, merchant, wanted, outcome, fault)
}

fn answer_mini_program(platform: &Platform, incoming: &Incoming, call: &Call) -> Reply {
    let fault = strike(platform, call, None);
    match fault {
        Some(fault) if fault.after_effect => {
            let lost = login::run(platform, call, incoming);
            Reply::instead(&platform.chance, &fault).unwrap_or_else(|| Reply::json(&lost))
        }
        Some(fault) => Reply::instead(&platform.chance, &fault)
            .unwrap_or_else(|| Reply::json(&login::run(platform, call, incoming)).delayed(&fault)),
        None => Reply::json(&login::run(platform, call, incoming)),
    }
}

fn strike(platform: &Platform, call: &Call, out_trade_no: Option<&str>) -> Option<Fault> {
    let now = platform.clock.wall();
    platform.faults.take(call.fault_point(), out_trade_no, now)
}

/// Notifications follow what the merchant says it can verify, unless it was told otherwise. A key
/// that nobody has is no reason to refuse, but one to say so.
fn remember_wanted_key(
    platform: &Platform,
    incoming: &Incoming,
    merchant: &Merchant,
    record: &mut Record,
) {
    let wanted = incoming.header("wechatpay-serial");
    let own = merchant.keys.public_key_id.as_str();
    if let Some(merchant) = platform.ledger().merchants.get_mut(&merchant.mchid) {
        merchant.last_asked_for_public_key = wanted == Some(own);
    }
    let known = |serial: &str| {
        let mut certificates = platform.certificates().into_iter();
        serial == own || certificates.any(|known| known.certificate.serial_no().as_str() == serial)
    };
    if let Some(wanted) = wanted.filter(|wanted| !known(wanted)) {
        record.causes.push(auth::unknown_platform_key(wanted, own));
    }
}

/// The order that a call is about, for faults that are meant for one.
fn order_number(platform: &Platform, call: &Call, incoming: &Incoming) -> Option<String> {
    match call {
        Call::QueryByNumber(number) | Call::Close(number) => Some(number.clone()),
        Call::Prepay(_) => {
            let body: serde_json::Value = serde_json::from_slice(&incoming.body).ok()?;
            body.get("out_trade_no")?.as_str().map(str::to_owned)
        }
        Call::Refund(call) => refunded_order(platform, call, incoming),
        Call::QueryByTransaction(_)
        | Call::Bill(_)
        | Call::Certificates
        | Call::Echo
        | Call::CodeToSession
        | Call::Token
        | Call::StableToken => None,
    }
}

fn refunded_order(platform: &Platform, call: &RefundCall, incoming: &Incoming) -> Option<String> {
    let ledger = platform.ledger();
    let key = match call {
        RefundCall::Query(number) => ledger.refunds.order_of(number)?,
        RefundCall::Abnormal(id) => &ledger.refunds.by_id(id)?.order,
        RefundCall::Create => {
            let body: serde_json::Value = serde_json::from_slice(&incoming.body).ok()?;
            let text = |name| body.get(name).and_then(serde_json::Value::as_str);
            if let Some(number) = text("out_trade_no") {
                return Some(number.to_owned());
            }
            ledger.transactions.get(text("transaction_id")?)?
        }
    };
    Some(key.out_trade_no.clone())
}
