use std::fmt;

use bytes::Bytes;
use http::Method;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{LoginError, MiniProgram};

const PATH: &str = "/cgi-bin/stable_token";

/// How a token is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenMode {
    /// The present token, or a new one in its last 5 minutes. What everybody wants.
    Present,
    /// A new token, because the present one leaked. At most 20 a day, 30 seconds apart.
    Renew,
}

/// What calls of the mini-program interfaces are made with. `Debug` does not show it.
#[derive(Clone)]
pub struct AccessToken {
    text: Zeroizing<String>,
    expires_at: i64,
}

impl AccessToken {
    /// The token. Whoever calls this answers for where it goes; reserve 512 characters.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// When it expires, in seconds since 1970.
    pub const fn expires_at(&self) -> i64 {
        self.expires_at
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Question<'a> {
    grant_type: &'static str,
    appid: &'a str,
    secret: &'a str,
    force_refresh: bool,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: i64,
}

impl MiniProgram {
    /// Asks for the stable access token. In [`TokenMode::Present`] every process of a merchant gets
    /// the same one, so nobody has to share it; keep it until shortly before it expires.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/example.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), wechatpay::LoginError> {
    /// use wechatpay::TokenMode;
    /// # let app = example::mini_program(r#"{"access_token":"token","expires_in":7200}"#);
    ///
    /// let token = app.stable_access_token(TokenMode::Present).await?;
    /// assert_eq!(token.expose(), "token");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: developers.weixin.qq.com/miniprogram/dev, getStableAccessToken
    ///
    /// # Errors
    /// [`LoginError`].
    pub async fn stable_access_token(&self, mode: TokenMode) -> Result<AccessToken, LoginError> {
        let question = Question {
            grant_type: "client_credential",
            appid: self.app_id.as_str(),
            secret: self.secret.expose(),
            force_refresh: mode == TokenMode::Renew,
        };
        let body = serde_json::to_vec(&question).map_err(|_| LoginError::NotWritable)?;
        let answer: Answer = self.call(Method::POST, PATH, Bytes::from(body)).await?;
        let now = self.ambient.unix_seconds();
        Ok(AccessToken {
            text: Zeroizing::new(answer.access_token),
            expires_at: now.saturating_add(answer.expires_in),
        })
    }
}
