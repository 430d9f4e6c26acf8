#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod ambient;
mod bill;
mod client;
pub mod crypto;
mod endpoints;
mod error;
#[cfg(feature = "reqwest")]
mod http_transport;
mod key_ring;
mod login;
mod merchant;
mod notification;
mod signed;
mod transport;
mod values;
mod wire;

pub use ambient::{Ambient, SystemAmbient};
pub use bill::{
    BillError, BillFile, BillPacking, BillRefundStatus, BillTotal, Fee, FundAccount, LineFault,
    LineProblem, RefundRow, RowKind, StatedTotals, TradeBill, TradeBillType, TradeRow, TradeTotals,
};
pub use client::{
    BillDownload, Client, ClientBuilder, MAIN_HOST_REST_SECONDS, MAX_BILL_BYTES,
    REFRESH_INTERVAL_SECONDS, Refreshed,
};
pub use endpoints::{BaseUrl, BaseUrlError, Endpoints};
pub use error::{Advice, ApiCode, Detail, Error, Operation, SignInformation, SignMismatch};
#[cfg(feature = "reqwest")]
pub use http_transport::{HttpTransport, HttpTransportBuilder};
pub use key_ring::{KeyMode, KeyRing};
pub use login::{AccessToken, LoginError, LoginSession, MiniProgram, TokenMode};
pub use merchant::{KeyMismatch, Merchant};
pub use notification::{Notification, NotificationError, NotificationHeaders, Resource};
pub use signed::{FRESHNESS_SECONDS, Unverified};
pub use transport::{AnswerBody, BoxFuture, Transport, TransportError};
pub use values::{
    AppId, AppSecret, Attach, BankAccount, CodeUrl, Description, H5Url, InvalidValue, LoginCode,
    MchId, NotifyUrl, OpenId, OutRefundNo, OutTradeNo, PrepayId, RealName, RefundId, RefundReason,
    SessionKey, Text, TransactionId, UnionId, ValueProblem,
};
pub use wire::{
    AbnormalRefund, AppPayment, AppPrepay, BankType, CreateRefund, EventType, Extra, FundsAccount,
    GoodsDetail, H5Info, H5Prepay, H5Type, JsapiPrepay, NativePrepay, OrderDetail, Payer,
    PrepayOptions, Promotions, ReceivedAccount, Refund, RefundAmount, RefundChannel, RefundNotice,
    RefundOf, RefundStatus, RefundTo, RequestPayment, StoreInfo, TradeState, TradeType,
    Transaction, TransactionAmount,
};
