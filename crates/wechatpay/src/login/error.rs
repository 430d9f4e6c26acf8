use crate::TransportError;
use crate::signed::shown;

/// How much of a failure's message is kept.
const MESSAGE_CHARS: usize = 300;

/// Why a login or a token was not had. Nothing was changed by the attempt, except that a login code
/// may be used up: log in again with a new one from `wx.login`.
///
/// Source: developers.weixin.qq.com/miniprogram/dev, code2Session and getStableAccessToken
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// 40029: no such code, or it is older than 5 minutes.
    #[error("the login code is unknown or older than 5 minutes; call wx.login again")]
    CodeInvalid,
    /// 40163: a code serves once.
    #[error("the login code was used before; call wx.login again")]
    CodeUsed,
    /// 40226: WeChat keeps this person out.
    #[error("WeChat refuses the login of this person as a risk")]
    UserBlocked,
    /// −1: the platform is busy.
    #[error("WeChat is busy; try again later, with a new login code")]
    Busy,
    /// 45011, 45009, 44990: too many calls, in a minute or in a day.
    #[error("WeChat's limit of calls is reached (errcode {0}); try again later")]
    TooMany(i64),
    /// 40013, 41002: not the id of a mini program.
    #[error(
        "the appid is wrong (errcode {0}); repeating cannot help until the settings are changed"
    )]
    AppIdInvalid(i64),
    /// 40125, 40001, 41004: not this app's secret.
    #[error(
        "the app secret is wrong (errcode {0}); repeating cannot help until the settings are \
         changed"
    )]
    SecretInvalid(i64),
    /// 40243: the secret was frozen on the management page.
    #[error("the app secret is frozen; unfreeze it on the mini program's management page")]
    SecretFrozen,
    /// 40164: our address is not on the app's list. The text names the address.
    #[error("our address is not on the mini program's list of allowed addresses: {0}")]
    AddressNotAllowed(String),
    /// Any other code, with its message.
    #[error("WeChat answered errcode {errcode}: {errmsg}")]
    Other {
        /// The code.
        errcode: i64,
        /// What it says, for people.
        errmsg: String,
    },
    /// Not HTTP 200, which these interfaces never answer by themselves.
    #[error("the login server answered HTTP {status}; try again later")]
    Unavailable {
        /// The HTTP status.
        status: u16,
    },
    /// No answer.
    #[error("the login server did not answer: {0}")]
    Transport(#[source] TransportError),
    /// Not the JSON that is documented.
    #[error("the login server's answer cannot be understood")]
    Undecodable,
    /// The request cannot be put into words.
    #[error("the request to the login server cannot be written")]
    NotWritable,
}

impl LoginError {
    pub(super) fn from_code(errcode: i64, errmsg: &str) -> Self {
        match errcode {
            -1 => Self::Busy,
            40029 => Self::CodeInvalid,
            40163 => Self::CodeUsed,
            40226 => Self::UserBlocked,
            45011 | 45009 | 44990 => Self::TooMany(errcode),
            40013 | 41002 => Self::AppIdInvalid(errcode),
            40125 | 40001 | 41004 => Self::SecretInvalid(errcode),
            40243 => Self::SecretFrozen,
            40164 => Self::AddressNotAllowed(shown(errmsg, MESSAGE_CHARS)),
            _ => Self::Other {
                errcode,
                errmsg: shown(errmsg, MESSAGE_CHARS),
            },
        }
    }

    /// A short name for logs and metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CodeInvalid => "code_invalid",
            Self::CodeUsed => "code_used",
            Self::UserBlocked => "user_blocked",
            Self::Busy => "busy",
            Self::TooMany(_) => "too_many",
            Self::AppIdInvalid(_) => "app_id_invalid",
            Self::SecretInvalid(_) => "secret_invalid",
            Self::SecretFrozen => "secret_frozen",
            Self::AddressNotAllowed(_) => "address_not_allowed",
            Self::Other { .. } => "other",
            Self::Unavailable { .. } => "unavailable",
            Self::Transport(_) => "no_answer",
            Self::Undecodable => "undecodable",
            Self::NotWritable => "not_writable",
        }
    }

    /// Whether the same person may succeed by logging in again, with a new code: the code was at
    /// fault, or the platform was.
    pub const fn is_worth_another_login(&self) -> bool {
        match self {
            Self::CodeInvalid
            | Self::CodeUsed
            | Self::Busy
            | Self::TooMany(_)
            | Self::Unavailable { .. }
            | Self::Transport(_) => true,
            Self::UserBlocked
            | Self::AppIdInvalid(_)
            | Self::SecretInvalid(_)
            | Self::SecretFrozen
            | Self::AddressNotAllowed(_)
            | Self::Other { .. }
            | Self::Undecodable
            | Self::NotWritable => false,
        }
    }
}
