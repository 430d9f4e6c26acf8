//! Where WeChat is.

use std::fmt;
use std::net::IpAddr;

use http::Uri;

/// Scheme and host of a server: `https://api.mch.weixin.qq.com`.
///
/// Plain http is taken only for this machine itself (`127.0.0.0/8`, `::1`, `localhost`), where the
/// sandbox runs; anywhere else it would show orders and tokens to the network.
///
/// ```
/// use wechatpay::BaseUrl;
///
/// assert!(BaseUrl::new("http://127.0.0.1:8090/").is_ok());
/// let error = BaseUrl::new("http://api.mch.weixin.qq.com").unwrap_err();
/// assert!(error.to_string().contains("plain http"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

/// Why a text is not the address of a server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Not `http(s)://host[:port]`.
    #[error("\"{0}\" is not an address like https://api.mch.weixin.qq.com")]
    NotAnAddress(String),
    /// Plain http to another machine.
    #[error(
        "plain http is refused for \"{0}\": only https, or http to 127.0.0.1, ::1 or localhost"
    )]
    PlainHttp(String),
    /// More than scheme and host.
    #[error("\"{0}\" has a path, a query or a user; only scheme, host and port are wanted")]
    NotOnlyHost(String),
}

impl BaseUrl {
    /// Takes scheme, host and port; one slash at the end is forgiven.
    ///
    /// # Errors
    /// [`BaseUrlError`] says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, BaseUrlError> {
        let text = text.trim().trim_end_matches('/');
        let refused = || {
            text.split(['@', '?'])
                .next_back()
                .unwrap_or_default()
                .to_owned()
        };
        let uri: Uri = text
            .parse()
            .map_err(|_| BaseUrlError::NotAnAddress(refused()))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(BaseUrlError::NotAnAddress(refused()));
        };
        if uri.path() != "/" || uri.query().is_some() || authority.as_str().contains('@') {
            return Err(BaseUrlError::NotOnlyHost(refused()));
        }
        match scheme {
            "https" => {}
            "http" if is_loopback(authority.host()) => {}
            "http" => return Err(BaseUrlError::PlainHttp(refused())),
            _ => return Err(BaseUrlError::NotAnAddress(refused())),
        }
        Ok(Self(format!("{scheme}://{authority}")))
    }

    /// The address, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({:?})", self.0)
    }
}

/// Whether a host, as it stands in an address, is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The three servers that are talked to. The default is WeChat itself.
///
/// ```
/// use wechatpay::{BaseUrl, Endpoints};
///
/// assert_eq!(Endpoints::default().api.as_str(), "https://api.mch.weixin.qq.com");
/// let sandbox = Endpoints::all_at(BaseUrl::new("http://127.0.0.1:8090")?);
/// assert_eq!(sandbox.login, sandbox.api);
/// # Ok::<(), wechatpay::BaseUrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The payment interfaces.
    pub api: BaseUrl,
    /// Tried when no connection to `api` can be made, and first for a short while after that.
    /// See [`MAIN_HOST_REST_SECONDS`](crate::MAIN_HOST_REST_SECONDS).
    pub backup: Option<BaseUrl>,
    /// The mini-program interfaces: login and access token.
    pub login: BaseUrl,
}

impl Endpoints {
    /// One server for everything and no other to fall back on, as the sandbox is.
    pub fn all_at(server: BaseUrl) -> Self {
        Self {
            api: server.clone(),
            backup: None,
            login: server,
        }
    }
}

impl Default for Endpoints {
    fn default() -> Self {
        Self {
            api: BaseUrl("https://api.mch.weixin.qq.com".to_owned()),
            backup: Some(BaseUrl("https://api2.mch.weixin.qq.com".to_owned())),
            login: BaseUrl("https://api.weixin.qq.com".to_owned()),
        }
    }
}
