//! The typed client for WeChat Pay API v3 and mini-program login.
#![deny(missing_docs)]

pub mod crypto;
