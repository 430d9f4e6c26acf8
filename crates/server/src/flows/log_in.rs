//! From `wx.login` to a session of our own.
//!
//! The token is `<mch_id>.<43 random characters>`: the merchant is part of it, so that every lookup
//! has the first column of every key. Only its SHA-256 is stored; a stolen database opens no
//! session. WeChat's `session_key` is dropped at once: nothing here needs it, and it must never
//! leave the server.
//!
//! | crash | what is left |
//! |---|---|
//! | after WeChat took the code | nothing; the phone calls `wx.login` again |
//! | after TX "log_in" | a session nobody knows; it is pruned when it expires |

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{AppId, MchId, Millis, OpenId};
use store::{Tx, sessions};
use wechatpay::{LoginCode, LoginError};

use super::FlowError;
use crate::{app::App, digest::sha256, merchant::Merchant, telemetry::names};

/// 256 bits: beyond guessing, and 43 characters of base64url.
const TOKEN_ENTROPY_BYTES: usize = 32;

/// A token longer than this is not ours, and is not worth hashing.
const TOKEN_BYTES_MAX: usize = 128;

/// Who is calling, as the session says.
#[derive(Clone, Debug)]
pub struct Buyer {
    pub merchant: Arc<Merchant>,
    pub app_id: AppId,
    pub openid: OpenId,
}

/// A session, shown once.
pub struct NewSession {
    /// A secret: never logged.
    pub token: String,
    pub expires_at: Millis,
}

/// Exchanges the one-time code of `wx.login` for a session.
///
/// # Errors
/// `LoginCodeInvalid` for a code that WeChat does not take; `LoginUnavailable` when it gave no
/// answer.
pub async fn log_in(
    app: &App,
    app_id: Option<String>,
    code: String,
) -> Result<NewSession, FlowError> {
    let (merchant, app_id) = app.merchants.app_for_login(app_id.as_deref())?;
    let unknown = || FlowError::AppNotFound(app_id.to_string());
    let mini_app = merchant.app(&app_id).ok_or_else(unknown)?;
    let code = LoginCode::new(code).map_err(|_| FlowError::LoginCodeInvalid)?;
    let login = match mini_app.mini_program.code_to_session(&code).await {
        Ok(login) => login,
        Err(error) => return Err(refusal(error)),
    };

    let now = app.clock.now();
    let token = new_token(app, &merchant.mch_id);
    let expires_at = now.plus(app.settings.sessions.expires_in());
    let session = sessions::Session {
        mch_id: merchant.mch_id.clone(),
        token_hash: sha256(token.as_bytes()),
        app_id: mini_app.app_id.clone(),
        openid: crate::gateway::openid(&login.openid)?,
        created_at: now,
        expires_at,
    };
    let mut tx = Tx::new("log_in");
    sessions::insert(&mut tx, &session);
    app.commit(tx).await?;
    count("ok");
    Ok(NewSession { token, expires_at })
}

fn count(result: &'static str) {
    metrics::counter!(names::LOGINS_TOTAL, "result" => result).increment(1);
}

fn refusal(error: LoginError) -> FlowError {
    let (result, error) = match error {
        LoginError::CodeInvalid | LoginError::CodeUsed => ("code", FlowError::LoginCodeInvalid),
        LoginError::UserBlocked => ("blocked", FlowError::LoginBlocked),
        LoginError::Busy
        | LoginError::TooMany(_)
        | LoginError::Unavailable { .. }
        | LoginError::Transport(_)
        | LoginError::Undecodable => ("unavailable", FlowError::LoginUnavailable(error)),
        // The app's credentials, our address, and whatever else WeChat thinks of.
        _ => ("refused", FlowError::LoginRefused(error)),
    };
    count(result);
    error
}

fn new_token(app: &App, mch_id: &MchId) -> String {
    let mut entropy = [0_u8; TOKEN_ENTROPY_BYTES];
    app.ids.fill(&mut entropy);
    format!("{mch_id}.{}", URL_SAFE_NO_PAD.encode(entropy))
}

/// The buyer behind a token, unless it is unknown or expired.
///
/// # Errors
/// Only when the database fails: an unknown token is `None`.
pub async fn buyer_of(app: &App, token: &str) -> Result<Option<Buyer>, FlowError> {
    let mch_id = token
        .split_once('.')
        .map(|(mch_id, _)| mch_id)
        .unwrap_or_default();
    let Some(merchant) = app.merchants.by_mch_id(mch_id) else {
        return Ok(None);
    };
    if token.len() > TOKEN_BYTES_MAX {
        return Ok(None);
    }
    let session = sessions::find(&app.store, &merchant.mch_id, &sha256(token.as_bytes())).await?;
    let live = session.filter(|session| app.clock.now() < session.expires_at);
    Ok(live.map(|session| Buyer {
        merchant,
        app_id: session.app_id,
        openid: session.openid,
    }))
}
