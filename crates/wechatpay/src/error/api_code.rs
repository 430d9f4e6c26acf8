use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $wire:literal $(| $other:literal)*,)+) => {
        /// The `code` of a refusal.
        ///
        /// The older and the newer spelling of a code (`ORDERPAID`, `ORDER_PAID`) are one code
        /// here; [`Error::code_text`](crate::Error::code_text) tells which was sent.
        ///
        /// Source: the error tables of pay.weixin.qq.com/doc/v3/merchant/4012791856 (prepay),
        /// 4012791858 (query), 4012791860 (close), 4013071036 (refund) and
        /// 4013071227 (bill).
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum ApiCode {
            $($(#[$doc])* $code,)+
            /// A code that this crate does not know, as it came.
            Unknown(String),
        }

        impl ApiCode {
            /// The code, in today's spelling.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$code => $wire,)+
                    Self::Unknown(text) => text,
                }
            }

            /// Every code that is known.
            pub const KNOWN: &[Self] = &[$(Self::$code),+];
        }

        impl From<&str> for ApiCode {
            fn from(text: &str) -> Self {
                match text {
                    $($wire $(| $other)* => Self::$code,)+
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }
    };
}

codes! {
    /// A parameter breaks its rule. 400.
    ParamError = "PARAM_ERROR" | "PARAMERROR",
    /// A rule of the business is broken, such as a repeat with other parameters. 400.
    InvalidRequest = "INVALID_REQUEST" | "INVALIDREQUEST",
    /// The `appid` is not bound to the merchant. 400.
    AppidMchidNotMatch = "APPID_MCHID_NOT_MATCH",
    /// No such merchant. 400 for payments, 404 for refunds.
    MchNotExists = "MCH_NOT_EXISTS" | "MCH_NOT_EXIST",
    /// The order is closed. 400.
    OrderClosed = "ORDER_CLOSED" | "ORDERCLOSED",
    /// The order is paid. 400.
    OrderPaid = "ORDER_PAID" | "ORDERPAID",
    /// The signature of the request. 401.
    SignError = "SIGN_ERROR" | "SIGNERROR",
    /// The product is not enabled for this merchant. 403.
    NoAuth = "NO_AUTH" | "NOAUTH",
    /// The order number was used with other parameters or another product. 403.
    OutTradeNoUsed = "OUT_TRADE_NO_USED" | "OUTTRADENOUSED",
    /// A limit or a risk rule. 403.
    RuleLimit = "RULE_LIMIT" | "RULELIMIT",
    /// The business failed; the message says how. 403.
    TradeError = "TRADE_ERROR" | "TRADEERROR",
    /// Something is wrong with the buyer's account. 403.
    AccountError = "ACCOUNT_ERROR" | "ACCOUNTERROR",
    /// Not enough money. 403.
    NotEnough = "NOT_ENOUGH" | "NOTENOUGH",
    /// The account of the buyer is gone; the refund has to be settled otherwise. 403.
    UserAccountAbnormal = "USER_ACCOUNT_ABNORMAL",
    /// The payment is older than a year. The status is uncertain.
    TradeOverdue = "TRADE_OVERDUE",
    /// The amount of a refund does not fit its order. The status is uncertain.
    RefundFeeMismatch = "REFUND_FEE_MISMATCH",
    /// The request was blocked. 403.
    RequestBlocked = "REQUEST_BLOCKED",
    /// No such order. 404.
    OrderNotExist = "ORDER_NOT_EXIST" | "ORDERNOTEXIST",
    /// No such thing; for certificates: this merchant has none. 404.
    ResourceNotExists = "RESOURCE_NOT_EXISTS" | "RESOURCE_NOT_EXIST",
    /// There is no such bill: usually a day without trade, and final. 400.
    NoStatementExist = "NO_STATEMENT_EXIST",
    /// The bill is being made; it can be had after 10:00 of the next day. 400.
    StatementCreating = "STATEMENT_CREATING",
    /// Too many requests. 429.
    FrequencyLimited =
        "FREQUENCY_LIMITED" | "FREQUENCY_LIMIT_EXCEED" | "RATELIMIT_EXCEEDED" | "RATELIMIT_EXCEED",
    /// The buyer is entering the password. 202.
    UserPaying = "USERPAYING" | "USER_PAYING",
    /// The platform failed. 500.
    SystemError = "SYSTEM_ERROR" | "SYSTEMERROR" | "BIZ_ERR_NEED_RETRY",
    /// A bank failed. 500.
    BankError = "BANK_ERROR" | "BANKERROR",
    /// The payer is not the app's. Sent with 500, and no repeat helps.
    OpenidMismatch = "OPENID_MISMATCH",
    /// A transaction id that is none. Sent with 500, and no repeat helps.
    InvalidTransactionId = "INVALID_TRANSACTIONID",
    /// The platform is not there. 502 and 503.
    ServiceUnavailable = "SERVICE_UNAVAILABLE",
}

impl fmt::Display for ApiCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
