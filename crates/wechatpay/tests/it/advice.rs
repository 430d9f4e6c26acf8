//! The retry table: every call against everything that can come back, through the public interface.

use std::fmt::Write as _;

use expect_test::expect;
use wechatpay::{Advice, ApiCode, Client, Error, Operation};

use crate::fixtures::{client, number, order};
use crate::platform::{Outcome, Script, lost, refused_to_connect, say};

async fn attempt(client: &Client, operation: Operation) -> Error {
    match operation {
        Operation::Prepay => client.jsapi_prepay(&order()).await.map(drop),
        Operation::Query => client.query_by_out_trade_no(&number()).await.map(drop),
        Operation::Close => client.close(&number()).await,
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
    for operation in Operation::ALL {
        // Twice, for the backup host.
        let error = attempt(&client(&Script::new([answer(), answer()])), operation).await;
        write!(table, "{:<8}", short(error.advice())).unwrap();
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
        | ApiCode::OrderPaid => 400,
        ApiCode::SignError => 401,
        ApiCode::NoAuth
        | ApiCode::OutTradeNoUsed
        | ApiCode::RuleLimit
        | ApiCode::TradeError
        | ApiCode::AccountError
        | ApiCode::NotEnough
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
    for operation in Operation::ALL {
        write!(table, "{:<8.7}", operation.name()).unwrap();
    }
    table.push('\n');

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
    expect![[r#"
                                  prepay  query   close   certifi echo    
        not sent                  repeat  repeat  repeat  repeat  repeat  -
        no answer                 repeat  repeat  repeat  repeat  repeat  ambiguous
        200 unsigned              query   repeat  query   repeat  repeat  ambiguous
        200 wrongly signed        query   repeat  query   repeat  repeat  ambiguous
        200 stale                 query   repeat  query   repeat  repeat  ambiguous
        200 probe, twice          query   repeat  query   repeat  repeat  ambiguous
        200 signed HTML           query   stop    query   stop    stop    ambiguous
        202 without code          repeat  repeat  repeat  repeat  repeat  ambiguous
        302 without code          fix     fix     fix     fix     fix     -
        400 without code          fix     fix     fix     fix     fix     -
        401 without code          fix     fix     fix     fix     fix     -
        403 without code          fix     fix     fix     fix     fix     -
        404 without code          fix     fix     fix     fix     fix     -
        405 without code          fix     fix     fix     fix     fix     -
        429 without code          repeat  repeat  repeat  repeat  repeat  -
        500 without code          repeat  repeat  repeat  repeat  repeat  ambiguous
        502 without code          repeat  repeat  repeat  repeat  repeat  ambiguous
        503 without code          repeat  repeat  repeat  repeat  repeat  ambiguous
        400 unknown code          fix     fix     fix     fix     fix     -
        403 unknown code          stop    stop    stop    stop    stop    -
        500 unknown code          repeat  repeat  repeat  repeat  repeat  ambiguous
        400 PARAM_ERROR           fix     fix     fix     fix     fix     -
        400 INVALID_REQUEST       fix     fix     fix     fix     fix     -
        400 APPID_MCHID_NOT_MATCH fix     fix     fix     fix     fix     -
        400 MCH_NOT_EXISTS        fix     fix     fix     fix     fix     -
        400 ORDER_CLOSED          stop    stop    query   stop    stop    -
        400 ORDER_PAID            query   query   query   query   query   -
        401 SIGN_ERROR            fix     fix     fix     fix     fix     -
        403 NO_AUTH               fix     fix     fix     fix     fix     -
        403 OUT_TRADE_NO_USED     fix     fix     fix     fix     fix     -
        403 RULE_LIMIT            stop    stop    stop    stop    stop    -
        403 TRADE_ERROR           stop    stop    stop    stop    stop    -
        403 ACCOUNT_ERROR         stop    stop    stop    stop    stop    -
        403 NOT_ENOUGH            stop    stop    stop    stop    stop    -
        403 REQUEST_BLOCKED       stop    stop    stop    stop    stop    -
        404 ORDER_NOT_EXIST       stop    stop    stop    stop    stop    -
        404 RESOURCE_NOT_EXISTS   fix     fix     fix     fix     fix     -
        429 FREQUENCY_LIMITED     repeat  repeat  repeat  repeat  repeat  -
        202 USERPAYING            query   query   query   query   query   ambiguous
        500 SYSTEM_ERROR          repeat  repeat  repeat  repeat  repeat  ambiguous
        500 BANK_ERROR            repeat  repeat  repeat  repeat  repeat  ambiguous
        500 OPENID_MISMATCH       fix     fix     fix     fix     fix     -
        500 INVALID_TRANSACTIONID fix     fix     fix     fix     fix     -
        503 SERVICE_UNAVAILABLE   repeat  repeat  repeat  repeat  repeat  ambiguous
    "#]]
    .assert_eq(&table);
}

#[test]
fn only_prepay_and_close_change_anything_at_wechat() {
    let writes: Vec<_> = Operation::ALL
        .into_iter()
        .filter(|at| !at.is_read_only())
        .collect();
    assert_eq!(writes, [Operation::Prepay, Operation::Close]);
}
