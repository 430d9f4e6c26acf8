//! The retry table: every call against everything that can come back, through the public interface.

use std::fmt::Write as _;

use expect_test::expect_file;
use wechatpay::{Advice, ApiCode, BillPacking, Client, Error, Operation, TradeBillType};

use crate::fixtures::{client, number, order, refund, stuck};
use crate::platform::{Outcome, Script, lost, refused_to_connect, say};

/// Every call whose answer is signed: what the download of a bill meets stands in `bills.rs`.
fn signed_calls() -> impl Iterator<Item = Operation> {
    let all = Operation::ALL.into_iter();
    all.filter(|operation| *operation != Operation::BillDownload)
}

async fn attempt(client: &Client, operation: Operation) -> Error {
    match operation {
        Operation::Prepay => client.jsapi_prepay(&order()).await.map(drop),
        Operation::Query => client.query_by_out_trade_no(&number()).await.map(drop),
        Operation::Close => client.close(&number()).await,
        Operation::Refund => client.create_refund(&refund()).await.map(drop),
        Operation::RefundQuery => client.query_refund(&refund().out_refund_no).await.map(drop),
        Operation::RefundApply => client.apply_abnormal_refund(&stuck()).await.map(drop),
        Operation::Bill => client
            .trade_bill(
                jiff::civil::date(2026, 11, 23),
                TradeBillType::All,
                BillPacking::Plain,
            )
            .await
            .map(drop),
        Operation::BillDownload => unreachable!("it is not among the signed calls"),
        Operation::Certificates => client.refresh_certificates().await.map(drop),
        Operation::Echo => client.echo("a").await.map(drop),
    }
    .unwrap_err()
}

const fn short(advice: Advice) -> &'static str {
    match advice {
        Advice::RepeatIdentically => "repeat",
        Advice::QueryFirst => "query",
        Advice::Fix => "fix",
        Advice::Stop => "stop",
    }
}

/// One line: the situation, the advice per call, and whether it is ambiguous.
async fn line(table: &mut String, situation: &str, answer: impl Fn() -> Outcome) {
    write!(table, "{situation:<26}").unwrap();
    let mut ambiguous = Vec::new();
    for operation in signed_calls() {
        // Twice, for the backup host.
        let error = attempt(&client(&Script::new([answer(), answer()])), operation).await;
        write!(table, "{:<13}", short(error.advice())).unwrap();
        ambiguous.push(error.is_ambiguous());
    }
    let first = ambiguous[0];
    assert!(
        ambiguous.iter().all(|at| *at == first),
        "ambiguity does not depend on the call"
    );
    writeln!(table, "{}", if first { "ambiguous" } else { "-" }).unwrap();
}

fn refusal(status: u16, code: &str) -> Outcome {
    say(status, format!(r#"{{"code":"{code}","message":"…"}}"#)).unsigned()
}

/// The status that each code is documented with.
fn documented(code: &ApiCode) -> u16 {
    match code {
        ApiCode::UserPaying => 202,
        ApiCode::ParamError
        | ApiCode::InvalidRequest
        | ApiCode::AppidMchidNotMatch
        | ApiCode::MchNotExists
        | ApiCode::OrderClosed
        | ApiCode::OrderPaid
        | ApiCode::NoStatementExist
        | ApiCode::StatementCreating => 400,
        ApiCode::SignError => 401,
        ApiCode::NoAuth
        | ApiCode::OutTradeNoUsed
        | ApiCode::RuleLimit
        | ApiCode::TradeError
        | ApiCode::AccountError
        | ApiCode::NotEnough
        | ApiCode::UserAccountAbnormal
        | ApiCode::TradeOverdue
        | ApiCode::RefundFeeMismatch
        | ApiCode::RequestBlocked => 403,
        ApiCode::OrderNotExist | ApiCode::ResourceNotExists => 404,
        ApiCode::FrequencyLimited => 429,
        ApiCode::SystemError
        | ApiCode::BankError
        | ApiCode::OpenidMismatch
        | ApiCode::InvalidTransactionId => 500,
        ApiCode::ServiceUnavailable => 503,
        ApiCode::Unknown(_) => 418,
    }
}

#[tokio::test]
async fn the_table() {
    let mut table = format!("{:<26}", "");
    for operation in signed_calls() {
        write!(table, "{:<13}", operation.name()).unwrap();
    }
    table = table.trim_end().to_owned() + "\n";

    line(&mut table, "not sent", refused_to_connect).await;
    line(&mut table, "no answer", lost).await;
    line(&mut table, "200 unsigned", || say(200, "{}").unsigned()).await;
    line(&mut table, "200 wrongly signed", || {
        say(200, "{}").signature("AAAA").signed()
    })
    .await;
    line(&mut table, "200 stale", || say(200, "{}").at(0).signed()).await;
    line(&mut table, "200 probe, twice", || {
        say(200, "{}").probe().signed()
    })
    .await;
    let html = || say(200, "<html/>").media_type(Some("text/html")).signed();
    line(&mut table, "200 signed HTML", html).await;
    for status in [202, 302, 400, 401, 403, 404, 405, 429, 500, 502, 503] {
        line(&mut table, &format!("{status} without code"), || {
            say(status, "").unsigned()
        })
        .await;
    }
    for status in [400, 403, 500] {
        let situation = format!("{status} unknown code");
        line(&mut table, &situation, || refusal(status, "BRAND_NEW_CODE")).await;
    }
    for code in ApiCode::KNOWN {
        let status = documented(code);
        let situation = format!("{status} {code}");
        line(&mut table, &situation, || refusal(status, code.as_str())).await;
    }
    expect_file!["./advice.txt"].assert_eq(&table);
}

#[test]
fn only_these_change_anything_at_wechat() {
    let writes: Vec<_> = Operation::ALL
        .into_iter()
        .filter(|at| !at.is_read_only())
        .collect();
    assert_eq!(
        writes,
        [
            Operation::Prepay,
            Operation::Close,
            Operation::Refund,
            Operation::RefundApply
        ]
    );
}
