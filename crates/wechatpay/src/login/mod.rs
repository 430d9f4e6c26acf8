//! Mini-program login and the access token: `api.weixin.qq.com`.
//!
//! These interfaces are older than API v3 and unlike it: nothing is signed in either direction,
//! every answer is HTTP 200 whatever happened, and the app's secret travels in the query string. So
//! no address is ever part of an error or a log here.

mod error;
mod token;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{Method, Request, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

pub use error::LoginError;
pub use token::{AccessToken, TokenMode};

use crate::transport::{AGENT, JSON};
use crate::{
    Ambient, AppId, AppSecret, BaseUrl, Endpoints, LoginCode, OpenId, SessionKey, Transport,
    UnionId,
};

/// One mini program, as its server sees it.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/example.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use wechatpay::LoginCode;
/// # let app = example::mini_program(r#"{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
/// #     "session_key":"tiihtNczf5v6AKRyjwEUhQ=="}"#);
///
/// let session = app.code_to_session(&LoginCode::new("0a3b5c")?).await?;
/// assert_eq!(session.openid.as_str(), "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o");
/// assert_eq!(format!("{:?}", session.session_key), "SessionKey([redacted])");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MiniProgram {
    app_id: AppId,
    secret: AppSecret,
    transport: Arc<dyn Transport>,
    ambient: Arc<dyn Ambient>,
    server: BaseUrl,
}

/// Who logged in. Make a session of your own of it; this one stays on the server.
#[derive(Clone, Debug)]
pub struct LoginSession {
    /// The person, as this app knows them.
    pub openid: OpenId,
    /// The key of the login at WeChat's. It must never leave the server.
    pub session_key: SessionKey,
    /// The person, as all apps of one open-platform account know them.
    pub unionid: Option<UnionId>,
}

#[derive(Deserialize)]
struct SessionAnswer {
    openid: OpenId,
    session_key: String,
    #[serde(default, deserialize_with = "crate::wire::empty_is_none")]
    unionid: Option<UnionId>,
}

/// What a failure says; absent or 0 on success.
#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    errcode: i64,
    #[serde(default)]
    errmsg: String,
}

impl MiniProgram {
    /// A mini program. Share the transport with the payment clients.
    pub fn new(
        app_id: AppId,
        secret: AppSecret,
        transport: Arc<dyn Transport>,
        ambient: Arc<dyn Ambient>,
        endpoints: &Endpoints,
    ) -> Self {
        Self {
            app_id,
            secret,
            transport,
            ambient,
            server: endpoints.login.clone(),
        }
    }

    /// The app.
    pub const fn app_id(&self) -> &AppId {
        &self.app_id
    }

    /// Exchanges what `wx.login` gave for who it is. A code is good for 5 minutes, and once.
    ///
    /// Source: developers.weixin.qq.com/miniprogram/dev, code2Session
    ///
    /// # Errors
    /// [`LoginError`]; whatever it is, the next attempt needs a new code.
    pub async fn code_to_session(&self, code: &LoginCode) -> Result<LoginSession, LoginError> {
        let path = Zeroizing::new(format!(
            "/sns/jscode2session?appid={}&secret={}&js_code={}&grant_type=authorization_code",
            self.app_id,
            *in_query(self.secret.expose()),
            *in_query(code.expose()),
        ));
        let answer: SessionAnswer = self.call(Method::GET, &path, Bytes::new()).await?;
        let session_key = SessionKey::new(answer.session_key);
        Ok(LoginSession {
            openid: answer.openid,
            session_key: session_key.map_err(|_| LoginError::Undecodable)?,
            unionid: answer.unionid,
        })
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path_and_query: &str,
        body: Bytes,
    ) -> Result<T, LoginError> {
        let has_body = !body.is_empty();
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path_and_query}", self.server))
            .header(USER_AGENT, AGENT)
            .body(body)
            .map_err(|_| LoginError::NotWritable)?;
        if has_body {
            request.headers_mut().insert(CONTENT_TYPE, JSON);
        }
        let answer = self
            .transport
            .send(request)
            .await
            .map_err(LoginError::Transport)?;
        if answer.status() != StatusCode::OK {
            return Err(LoginError::Unavailable {
                status: answer.status().as_u16(),
            });
        }
        read(answer.body())
    }
}

/// A failure first, then the answer. The media type is not looked at: it is wrong often enough.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, LoginError> {
    let failure: Failure = serde_json::from_slice(body).map_err(|_| LoginError::Undecodable)?;
    if failure.errcode != 0 {
        return Err(LoginError::from_code(failure.errcode, &failure.errmsg));
    }
    serde_json::from_slice(body).map_err(|_| LoginError::Undecodable)
}

/// A text as it stands in a query: everything but unreserved characters escaped.
fn in_query(text: &str) -> Zeroizing<String> {
    let mut escaped = Zeroizing::new(String::with_capacity(text.len()));
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

impl fmt::Debug for MiniProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MiniProgram")
            .field("app_id", &self.app_id.as_str())
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}
