#![doc = include_str!("../README.md")]

mod auth;
mod cashier;
mod chance;
mod clock;
mod control;
mod embedded;
mod faults;
mod gateway;
mod inspector;
mod keys;
mod ledger;
mod listener;
mod login;
mod notifier;
mod phone;
mod platform;
mod refunds;
mod refusal;
mod running;
mod settings;
mod sign;
mod story;
mod v3;
mod wire;

pub use control::MerchantInfo;
pub use embedded::{Counter, Embedded, NotDone, OrderState, OrderTruth, RefundTruth};
pub use keys::{AppIdentity, KeySource, Keys, KeysError, PlatformCertificate};
pub use ledger::{Fate as RefundFate, Origin as RefundOrigin, RefundStatus};
pub use notifier::Outgoing;
pub use phone::{DomainError, PhoneDomain, PhoneOptions};
pub use running::{Sandbox, SandboxOptions, StartError};
