//! The names of all figures; what each means stands in [`super::metrics::ALL`].

pub const BUILD_INFO: &str = "shouyin_build_info";
pub const CLOCK_SKEW_SECONDS: &str = "shouyin_clock_skew_seconds";
pub const CONFIG_RELOADS_TOTAL: &str = "shouyin_config_reloads_total";
pub const EXCEPTIONS_TOTAL: &str = "shouyin_exceptions_total";
pub const HTTP_REQUEST_DURATION_SECONDS: &str = "shouyin_http_request_duration_seconds";
pub const HTTP_REQUESTS_IN_FLIGHT: &str = "shouyin_http_requests_in_flight";
pub const JOBS_DUE: &str = "shouyin_jobs_due";
pub const JOB_DURATION_SECONDS: &str = "shouyin_job_duration_seconds";
pub const JOB_OLDEST_DUE_SECONDS: &str = "shouyin_job_oldest_due_seconds";
pub const LOGINS_TOTAL: &str = "shouyin_logins_total";
pub const NOTIFICATIONS_TOTAL: &str = "shouyin_notifications_total";
pub const NOTIFICATION_KEYS_TOTAL: &str = "shouyin_notification_keys_total";
pub const ORDERS_SHED_TOTAL: &str = "shouyin_orders_shed_total";
pub const ORDERS_TOTAL: &str = "shouyin_orders_total";
pub const PAID_FEN_TOTAL: &str = "shouyin_paid_fen_total";
pub const RATE_LIMITED_TOTAL: &str = "shouyin_rate_limited_total";
pub const REFUNDED_FEN_TOTAL: &str = "shouyin_refunded_fen_total";
pub const REFUNDS_TOTAL: &str = "shouyin_refunds_total";
pub const REQUESTS_SHED_TOTAL: &str = "shouyin_requests_shed_total";
pub const STORE_TX_DURATION_SECONDS: &str = "shouyin_store_tx_duration_seconds";
pub const WEBHOOK_ATTEMPTS_TOTAL: &str = "shouyin_webhook_attempts_total";
pub const WEBHOOK_ENDPOINTS_DISABLED_TOTAL: &str = "shouyin_webhook_endpoints_disabled_total";
pub const WECHAT_HELD_BACK_TOTAL: &str = "shouyin_api_held_back_total";
pub const WECHAT_LIMITED_TOTAL: &str = "shouyin_api_limited_total";
pub const WECHAT_REQUEST_DURATION_SECONDS: &str = "shouyin_api_request_duration_seconds";
