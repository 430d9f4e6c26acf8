//! `GET /v3/bill/tradebill` and the download that it names.
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4013071227 and 4013071238

use std::io::Write as _;

use aws_lc_rs::digest;
use flate2::{Compression, write::GzEncoder};
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde_json::json;

use super::{check_query, required_query};
use crate::clock::{beijing_date, later};
use crate::gateway::{Incoming, Outcome, Success};
use crate::ledger::{Ledger, Merchant, State};
use crate::platform::Platform;
use crate::refusal::{ILLEGAL_PARAMETER, Refusal};
use crate::settings::BillMistake;
use crate::wire::bill::{BillType, Row, file};

/// A bill is there from 10:00 of the next day on.
const READY_SECONDS: i64 = 34 * 3600;
/// How far back bills reach.
const MONTHS: i64 = 3;

pub(super) fn apply(platform: &Platform, merchant: &Merchant, incoming: &Incoming) -> Outcome {
    check_query(incoming, &["bill_date", "bill_type", "tar_type"])?;
    let bill_type = incoming.query_value("bill_type");
    let bill_type = BillType::of(bill_type.as_deref().unwrap_or("ALL"))
        .ok_or_else(|| Refusal::parameter("账单类型错误", ILLEGAL_PARAMETER))?;
    let is_packed = match incoming.query_value("tar_type").as_deref() {
        None => false,
        Some("GZIP") => true,
        Some(_) => return Err(Refusal::parameter("压缩类型错误", ILLEGAL_PARAMETER)),
    };
    let now = platform.clock.now();
    let day = day(incoming, now)?;
    let mistakes = platform.settings().bill_mistakes;
    let mut ledger = platform.ledger();
    let rows = rows(&ledger, &merchant.mchid, (day, bill_type), &mistakes);
    if rows.is_empty() {
        return Err(Refusal::new(
            400,
            "NO_STATEMENT_EXIST",
            "请求的账单文件不存在",
            ILLEGAL_PARAMETER,
        ));
    }
    let text = file(bill_type, &rows).into_bytes();
    // Of the text and not of the packed file: so both official samples have it.
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &text);
    let bytes = if is_packed { packed(&text) } else { text };
    let token = ledger
        .bills
        .keep(&platform.chance, &merchant.mchid, bytes, now);
    let host = incoming.header("host").unwrap_or("api.mch.weixin.qq.com");
    let packing = if is_packed { "&tartype=gzip" } else { "" };
    Ok(Success::json(&json!({
        "hash_type": "SHA1",
        "hash_value": hex::encode(hash.as_ref()),
        "download_url": format!("http://{host}/v3/billdownload/file?token={token}{packing}"),
    })))
}

/// The day that is asked for, when there can be a bill of it.
fn day(incoming: &Incoming, now: Timestamp) -> Result<Date, Refusal> {
    let text = required_query(incoming, "bill_date", "账单日期")?;
    let wrong = || Refusal::parameter("账单日期格式不正确", ILLEGAL_PARAMETER);
    if text.len() != "2026-11-23".len() {
        return Err(wrong());
    }
    let day: Date = text.parse().map_err(|_| wrong())?;
    let today = beijing_date(now);
    let oldest = today
        .checked_sub(Span::new().months(MONTHS))
        .unwrap_or(Date::MIN);
    if day >= today || day < oldest {
        return Err(Refusal::invalid("账单日期不在允许的范围内"));
    }
    if now < later(start(day), READY_SECONDS) {
        let message = "账单生成中";
        return Err(Refusal::new(
            400,
            "STATEMENT_CREATING",
            message,
            ILLEGAL_PARAMETER,
        ));
    }
    Ok(day)
}

/// When a day begins in Beijing.
fn start(day: Date) -> Timestamp {
    let midnight = day.to_datetime(jiff::civil::Time::midnight());
    let utc = jiff::tz::offset(8).to_timestamp(midnight);
    utc.unwrap_or(Timestamp::MIN)
}

/// What happened on a day, in its order, with the mistakes that somebody wants to see in it.
fn rows(
    ledger: &Ledger,
    mchid: &str,
    (day, bill_type): (Date, BillType),
    mistakes: &[BillMistake],
) -> Vec<Row> {
    let on_this_day = |at: Timestamp| beijing_date(at) == day;
    let mut rows = Vec::new();
    for order in ledger.orders.values().filter(|it| it.key.mchid == mchid) {
        if let State::Success(payment) = &order.state
            && on_this_day(payment.paid_at)
        {
            rows.push(Row::payment(order, payment));
        }
    }
    let refunds = ledger.refunds.list();
    for refund in refunds.filter(|it| it.key.mchid == mchid && on_this_day(it.created_at)) {
        if let Some(order) = ledger.orders.get(&refund.order)
            && let State::Success(payment) = &order.state
        {
            rows.push(Row::refund(order, payment, refund));
        }
    }
    rows.sort_by(|a, b| (a.at, &a.out_trade_no).cmp(&(b.at, &b.out_trade_no)));
    for mistake in mistakes {
        spoil(&mut rows, mistake, (mchid, start(day)));
    }
    rows.retain(|row| row.belongs(bill_type));
    rows
}

fn spoil(rows: &mut Vec<Row>, mistake: &BillMistake, (mchid, midnight): (&str, Timestamp)) {
    match mistake {
        BillMistake::Missing { number } => rows.retain(|row| !row.is(number)),
        BillMistake::Twice { number } => {
            let again: Vec<Row> = rows.iter().filter(|row| row.is(number)).cloned().collect();
            rows.extend(again);
        }
        BillMistake::Amount { number, amount_fen } => {
            for row in rows.iter_mut().filter(|row| row.is(number)) {
                row.set_amount(*amount_fen);
            }
        }
        BillMistake::Extra {
            out_trade_no,
            transaction_id,
            amount_fen,
        } => {
            let id = transaction_id.clone();
            let row = Row::invented(mchid, out_trade_no, id, *amount_fen, midnight);
            rows.push(row);
        }
    }
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(text).and_then(|()| encoder.finish());
    written.expect("writing into memory does not fail")
}

pub(super) fn download(platform: &Platform, merchant: &Merchant, incoming: &Incoming) -> Outcome {
    check_query(incoming, &["token", "tartype"])?;
    let token = required_query(incoming, "token", "下载凭证")?;
    let ledger = platform.ledger();
    match ledger.bills.find(&token, platform.clock.now()) {
        None => Err(Refusal::invalid("下载链接已失效，请重新申请账单")),
        Some(file) if file.mchid != merchant.mchid => Err(Refusal::new(
            403,
            "NO_AUTH",
            "下载者与申请者不是同一商户",
            ILLEGAL_PARAMETER,
        )),
        Some(file) => Ok(Success::File(file.bytes.clone())),
    }
}
