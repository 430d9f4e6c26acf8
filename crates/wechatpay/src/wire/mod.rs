//! What goes over the wire: requests with validated parts, answers in which unknown fields and
//! unknown words survive.

pub(crate) mod beijing;
mod extra;
mod lenient;
mod pay;
mod prepay;
mod refund;
mod refund_notice;
mod transaction;
mod words;

pub use extra::Extra;
pub(crate) use lenient::text as empty_is_none;
pub use pay::{AppPayment, RequestPayment};
pub(crate) use prepay::Body as PrepayBody;
pub use prepay::{
    AppPrepay, GoodsDetail, H5Info, H5Prepay, H5Type, JsapiPrepay, NativePrepay, OrderDetail,
    PrepayOptions, StoreInfo,
};
pub(crate) use refund::AbnormalBody;
pub use refund::{AbnormalRefund, CreateRefund, ReceivedAccount, Refund, RefundOf, RefundTo};
pub use refund_notice::{RefundAmount, RefundNotice};
pub use transaction::{Payer, Promotions, Transaction, TransactionAmount};
pub use words::{
    BankType, EventType, FundsAccount, RefundChannel, RefundStatus, TradeState, TradeType,
};
