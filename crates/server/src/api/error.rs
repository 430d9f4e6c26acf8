//! The one list of errors and the only file that knows status codes.
//!
//! Flows fail with [`FlowError`]; this file turns each into a code, a status and a sentence.
//! Programs branch on `code`, people read `title` and `detail`, and `retryable` says whether
//! sending the very same request again can help.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use store::StoreError;

use crate::{flows::FlowError, limits::pace::HeldBack};

/// Declares every public error code once: name, text, status, retryable, Chinese title, English
/// title.
macro_rules! error_codes {
    ($($variant:ident = $text:literal, $status:ident, $retryable:literal,
        $zh:literal, $en:literal;)*) => {
        /// What a program branches on. The texts are part of the contract and never change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ErrorCode { $(#[doc = $en] $variant,)* }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable text, for example `ORDER_NOT_FOUND`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The status that goes with the code.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// Whether repeating the identical request later can succeed, and is safe.
            pub fn retryable(self) -> bool {
                match self { $(Self::$variant => $retryable,)* }
            }

            /// The title in Chinese and English.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => concat!($zh, " / ", $en),)* }
            }

            /// The page `GET /errors/<code>` shows.
            pub fn page(self) -> &'static str {
                match self {
                    $(Self::$variant => {
                        include_str!(concat!("../../../../docs/errors/", $text, ".md"))
                    })*
                }
            }
        }
    };
}

error_codes! {
    InvalidRequest = "INVALID_REQUEST", BAD_REQUEST, false, "请求有误", "the request is not valid";
    IdempotencyKeyMissing = "IDEMPOTENCY_KEY_MISSING", BAD_REQUEST, false,
        "缺少 Idempotency-Key", "Idempotency-Key is missing or malformed";
    SessionInvalid = "SESSION_INVALID", UNAUTHORIZED, false,
        "登录态无效或已过期", "session is unknown or expired";
    LoginCodeInvalid = "LOGIN_CODE_INVALID", UNAUTHORIZED, false,
        "登录凭证无效", "login code is invalid, used or expired";
    ApiKeyInvalid = "API_KEY_INVALID", UNAUTHORIZED, false, "接口密钥无效", "API key is not valid";
    NotificationRejected = "NOTIFICATION_REJECTED", UNAUTHORIZED, false,
        "回调验签失败", "notification is not from WeChat Pay";
    LoginBlocked = "LOGIN_BLOCKED", FORBIDDEN, false,
        "微信拒绝该用户登录", "WeChat blocked this login";
    RouteNotFound = "ROUTE_NOT_FOUND", NOT_FOUND, false, "没有这个接口", "no such route";
    MerchantNotFound = "MERCHANT_NOT_FOUND", NOT_FOUND, false, "商户不存在", "merchant not found";
    EventNotFound = "EVENT_NOT_FOUND", NOT_FOUND, false, "事件不存在", "event not found";
    WebhookEndpointNotFound = "WEBHOOK_ENDPOINT_NOT_FOUND", NOT_FOUND, false,
        "回调端点不存在", "webhook endpoint not found";
    GoodsNotFound = "GOODS_NOT_FOUND", NOT_FOUND, false, "商品不存在", "goods not found";
    OrderNotFound = "ORDER_NOT_FOUND", NOT_FOUND, false, "订单不存在", "order not found";
    RefundNotFound = "REFUND_NOT_FOUND", NOT_FOUND, false, "退款不存在", "refund not found";
    MethodNotAllowed = "METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED, false,
        "请求方法不对", "method not allowed";
    OrderNotPayable = "ORDER_NOT_PAYABLE", CONFLICT, false,
        "订单当前不能支付", "order cannot be paid";
    OrderBusy = "ORDER_BUSY", CONFLICT, true, "订单正在处理", "order is being worked on";
    OrderNotRefundable = "ORDER_NOT_REFUNDABLE", CONFLICT, false,
        "订单没有可退的付款", "order has no payment to refund";
    RefundExceedsPayment = "REFUND_EXCEEDS_PAYMENT", CONFLICT, false,
        "退款超过可退金额", "refund exceeds what is left of the payment";
    RefundLimitReached = "REFUND_LIMIT_REACHED", CONFLICT, false,
        "退款次数已达上限", "order has as many refunds as WeChat Pay takes";
    RefundWindowOver = "REFUND_WINDOW_OVER", CONFLICT, false,
        "已超过可退款期限", "payment is too old to be refunded";
    RefundNotAbnormal = "REFUND_NOT_ABNORMAL", CONFLICT, false,
        "退款不是异常状态", "refund is not abnormal";
    OutOfStock = "OUT_OF_STOCK", CONFLICT, false, "库存不足", "not enough stock";
    IdempotencyKeyInFlight = "IDEMPOTENCY_KEY_IN_FLIGHT", CONFLICT, true,
        "相同请求正在处理", "the same request is in flight";
    BodyTooLarge = "BODY_TOO_LARGE", PAYLOAD_TOO_LARGE, false, "请求体过大", "body is too large";
    MediaTypeUnsupported = "MEDIA_TYPE_UNSUPPORTED", UNSUPPORTED_MEDIA_TYPE, false,
        "请求体不是 JSON", "body is not application/json";
    ContentEncodingUnsupported = "CONTENT_ENCODING_UNSUPPORTED", UNSUPPORTED_MEDIA_TYPE, false,
        "请求体不得压缩", "body must not be encoded";
    IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED", UNPROCESSABLE_ENTITY, false,
        "Idempotency-Key 已用于别的请求", "Idempotency-Key was used for another request";
    RateLimited = "RATE_LIMITED", TOO_MANY_REQUESTS, true, "请求过于频繁", "too many requests";
    Internal = "INTERNAL", INTERNAL_SERVER_ERROR, true, "服务内部错误", "internal error";
    NotificationUnreadable = "NOTIFICATION_UNREADABLE", INTERNAL_SERVER_ERROR, true,
        "回调解密失败", "notification could not be decrypted";
    GatewayRefused = "GATEWAY_REFUSED", BAD_GATEWAY, false,
        "微信支付拒绝了请求", "WeChat Pay refused the request";
    GatewayUnavailable = "GATEWAY_UNAVAILABLE", SERVICE_UNAVAILABLE, true,
        "微信支付暂时不可用", "WeChat Pay gave no certain answer";
    DatabaseUnavailable = "DATABASE_UNAVAILABLE", SERVICE_UNAVAILABLE, true,
        "数据库暂时不可用", "the database is unavailable";
    Overloaded = "OVERLOADED", SERVICE_UNAVAILABLE, true, "服务繁忙", "the server is at its limit";
    RequestTimedOut = "REQUEST_TIMED_OUT", GATEWAY_TIMEOUT, true,
        "处理超时", "the request took too long";
}

impl ErrorCode {
    /// The code whose text this is.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }

    /// The code for an answer that some layer below us made by itself.
    pub(super) fn for_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::RouteNotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::MediaTypeUnsupported,
            StatusCode::REQUEST_TIMEOUT => Self::RequestTimedOut,
            other if other.is_client_error() => Self::InvalidRequest,
            _ => Self::Internal,
        }
    }
}

/// A refusal on its way out: the code, one sentence for the caller, and the cause for the log only.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub code: ErrorCode,
    /// What happened and what to do. The caller reads it: no secrets, no internals.
    pub detail: String,
    /// How long to wait, where that is known better than by the code.
    pub retry_after_s: Option<u32>,
    /// The whole chain of causes. Only the log reads it.
    pub cause: Option<std::sync::Arc<anyhow::Error>>,
}

impl ApiError {
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            retry_after_s: None,
            cause: None,
        }
    }

    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, detail)
    }

    /// The caller goes beyond one of its limits.
    pub(super) fn too_fast(limit: &'static str, wait_s: u32) -> Self {
        let detail = format!("too many requests for one {limit}; repeat after `Retry-After`");
        Self {
            retry_after_s: Some(wait_s),
            ..Self::new(ErrorCode::RateLimited, detail)
        }
    }

    /// WeChat takes no more calls now, and so we made none.
    fn held_back(held: HeldBack) -> Self {
        let wait_s = u32::try_from(held.wait.as_secs()).unwrap_or(u32::MAX);
        Self {
            retry_after_s: Some(wait_s.saturating_add(1)),
            ..Self::new(
                ErrorCode::Overloaded,
                "WeChat Pay takes no more calls of this kind now, and none was made; repeat after \
                 `Retry-After`, with the same Idempotency-Key",
            )
        }
    }

    fn caused_by(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.cause = Some(std::sync::Arc::new(cause.into()));
        self
    }
}

/// The body is written by the envelope layer, which knows the request id; here only the facts
/// travel.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<FlowError> for ApiError {
    fn from(error: FlowError) -> Self {
        if let FlowError::GatewayUnavailable(cause) = &error
            && let Some(held) = HeldBack::behind(cause)
        {
            return Self::held_back(held);
        }
        let code = code_of(&error);
        let detail = detail_of(&error);
        let answer = Self::new(code, detail);
        if code.status().is_server_error() {
            answer.caused_by(error)
        } else {
            answer
        }
    }
}

fn code_of(error: &FlowError) -> ErrorCode {
    match error {
        FlowError::Invalid(_) => ErrorCode::InvalidRequest,
        FlowError::OrderNotFound(_) => ErrorCode::OrderNotFound,
        FlowError::EndpointNotFound(_) => ErrorCode::WebhookEndpointNotFound,
        FlowError::EventNotFound(_) => ErrorCode::EventNotFound,
        FlowError::GoodsNotFound(_) => ErrorCode::GoodsNotFound,
        FlowError::OutOfStock { .. } => ErrorCode::OutOfStock,
        FlowError::AppNotFound(_) => ErrorCode::MerchantNotFound,
        FlowError::OrderNotPayable { .. } => ErrorCode::OrderNotPayable,
        FlowError::OrderNotRefundable { .. } => ErrorCode::OrderNotRefundable,
        FlowError::RefundExceedsPayment { .. } => ErrorCode::RefundExceedsPayment,
        FlowError::RefundLimitReached(_) => ErrorCode::RefundLimitReached,
        FlowError::RefundWindowOver(_) => ErrorCode::RefundWindowOver,
        FlowError::RefundNotFound(_) => ErrorCode::RefundNotFound,
        FlowError::RefundNotAbnormal { .. } => ErrorCode::RefundNotAbnormal,
        FlowError::OrderBusy(_) => ErrorCode::OrderBusy,
        FlowError::IdempotencyKeyReused => ErrorCode::IdempotencyKeyReused,
        FlowError::IdempotencyKeyInFlight => ErrorCode::IdempotencyKeyInFlight,
        FlowError::LoginCodeInvalid => ErrorCode::LoginCodeInvalid,
        FlowError::LoginBlocked => ErrorCode::LoginBlocked,
        FlowError::LoginUnavailable(_) | FlowError::GatewayUnavailable(_) => {
            ErrorCode::GatewayUnavailable
        }
        FlowError::LoginRefused(_) | FlowError::GatewayRefused(_) => ErrorCode::GatewayRefused,
        FlowError::Store(StoreError::Busy { .. }) => ErrorCode::Overloaded,
        FlowError::Store(StoreError::Inconsistent { .. } | StoreError::Refused { .. }) => {
            ErrorCode::Internal
        }
        FlowError::Store(_) => ErrorCode::DatabaseUnavailable,
        FlowError::Internal(_) => ErrorCode::Internal,
    }
}

/// The sentence for the caller. What only the log may read stays in the cause.
fn detail_of(error: &FlowError) -> String {
    match error {
        FlowError::GatewayRefused(cause) => {
            let code = cause
                .code()
                .map_or_else(|| "no code".to_owned(), ToString::to_string);
            let message = cause.message().unwrap_or_default();
            format!("WeChat Pay refused with {code}: {message}")
        }
        FlowError::GatewayUnavailable(_) => "WeChat Pay gave no certain answer and the order may \
             exist there; repeat this request with the same Idempotency-Key, never with a new one"
            .to_owned(),
        FlowError::Store(_) => {
            "the database did not confirm; repeat the identical request".to_owned()
        }
        FlowError::Internal(_) => {
            "the cause is in the server's log under this request_id".to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_of_its_own_in_two_languages() {
        for code in ErrorCode::ALL {
            let page = code.page();
            assert!(
                page.starts_with(&format!("# {}\n", code.as_str())),
                "{}",
                code.as_str()
            );
            assert!(
                page.contains("## 中文") && page.contains("## English"),
                "{}",
                code.as_str()
            );
            assert!(
                page.contains(code.status().as_str()),
                "{} names its status",
                code.as_str()
            );
            assert_eq!(ErrorCode::parse(code.as_str()), Some(*code));
        }
    }
}
