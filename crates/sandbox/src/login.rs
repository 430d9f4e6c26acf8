//! `api.weixin.qq.com`: mini-program login and access tokens.
//!
//! Every answer is a 200; failures carry an `errcode`.
//! Source: developers.weixin.qq.com/miniprogram/dev, `code2Session`, `getAccessToken`,
//! `getStableAccessToken`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::gateway::{Call, Incoming};
use crate::ledger::{App, CodeFault, Ledger, Refresh, Token};
use crate::platform::Platform;
use crate::settings::ReusedLoginCode;

/// A failure of this host.
#[derive(Clone, Copy, Debug)]
struct Failure(i64, &'static str);

const APPID_MISSING: Failure = Failure(41002, "appid missing");
const SECRET_MISSING: Failure = Failure(41004, "appsecret missing");
const CODE_MISSING: Failure = Failure(41008, "missing code");
const APPID_INVALID: Failure = Failure(40013, "invalid appid");
const SECRET_INVALID: Failure = Failure(40125, "invalid appsecret");
const CODE_INVALID: Failure = Failure(40029, "invalid code");
const CODE_USED: Failure = Failure(40163, "code been used");
const GRANT_INVALID: Failure = Failure(40002, "invalid grant_type");
const FORMAT: Failure = Failure(47001, "data format error");

/// Runs a call of this host.
pub(crate) fn run(platform: &Platform, call: &Call, incoming: &Incoming) -> Value {
    let answer = match call {
        Call::CodeToSession => code_to_session(platform, incoming),
        Call::Token => token(platform, incoming),
        Call::StableToken => stable_token(platform, incoming),
        // Routing sends the rest to `v3`.
        Call::Prepay(_)
        | Call::QueryByNumber(_)
        | Call::QueryByTransaction(_)
        | Call::Close(_)
        | Call::Refund(_)
        | Call::Bill(_)
        | Call::Certificates
        | Call::Echo => Err(FORMAT),
    };
    answer.unwrap_or_else(|Failure(code, message)| {
        let rid = platform.chance.hex(8);
        json!({ "errcode": code, "errmsg": format!("{message}, rid: {rid}-{rid}-{rid}") })
    })
}

fn code_to_session(platform: &Platform, incoming: &Incoming) -> Result<Value, Failure> {
    let query = |name| incoming.query_value(name).filter(|value| !value.is_empty());
    let now = platform.clock.now();
    let reused = platform.settings().reused_login_code;
    let mut ledger = platform.ledger();
    let appid = check_app(&ledger, query("appid"), query("secret"))?
        .appid
        .clone();
    let code = query("js_code").ok_or(CODE_MISSING)?;
    if query("grant_type").as_deref() != Some("authorization_code") {
        return Err(GRANT_INVALID);
    }
    let person = ledger
        .codes
        .redeem(&appid, &code, now)
        .map_err(|fault| match fault {
            CodeFault::Invalid => CODE_INVALID,
            CodeFault::Used if reused == ReusedLoginCode::Invalid => CODE_INVALID,
            CodeFault::Used => CODE_USED,
        })?;
    Ok(json!({
        "session_key": BASE64_STANDARD.encode(platform.chance.bytes::<16>()),
        "openid": ledger.openid_of(&appid, &person),
    }))
}

fn token(platform: &Platform, incoming: &Incoming) -> Result<Value, Failure> {
    let query = |name| incoming.query_value(name).filter(|value| !value.is_empty());
    if query("grant_type").as_deref() != Some("client_credential") {
        return Err(GRANT_INVALID);
    }
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    let appid = check_app(&ledger, query("appid"), query("secret"))?
        .appid
        .clone();
    let token = ledger.tokens.ordinary(&platform.chance, &appid, now);
    Ok(token_answer(&token, now))
}

#[derive(Deserialize)]
struct StableRequest {
    grant_type: Option<String>,
    appid: Option<String>,
    secret: Option<String>,
    #[serde(default)]
    force_refresh: bool,
}

fn stable_token(platform: &Platform, incoming: &Incoming) -> Result<Value, Failure> {
    let request: StableRequest = serde_json::from_slice(&incoming.body).map_err(|_| FORMAT)?;
    if request.grant_type.as_deref() != Some("client_credential") {
        return Err(GRANT_INVALID);
    }
    let refresh = if request.force_refresh {
        Refresh::Forced
    } else {
        Refresh::Normal
    };
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    let appid = check_app(&ledger, request.appid, request.secret)?
        .appid
        .clone();
    let token = ledger
        .tokens
        .stable(&platform.chance, (&appid, refresh), now);
    Ok(token_answer(&token, now))
}

fn token_answer(token: &Token, now: jiff::Timestamp) -> Value {
    json!({ "access_token": token.text, "expires_in": token.seconds_left(now) })
}

fn check_app(
    ledger: &Ledger,
    appid: Option<String>,
    secret: Option<String>,
) -> Result<&App, Failure> {
    let appid = appid.ok_or(APPID_MISSING)?;
    let secret = secret.ok_or(SECRET_MISSING)?;
    let app = ledger.apps.get(&appid).ok_or(APPID_INVALID)?;
    if app.secret == secret {
        Ok(app)
    } else {
        Err(SECRET_INVALID)
    }
}
