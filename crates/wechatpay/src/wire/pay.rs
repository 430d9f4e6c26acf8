//! The finished, signed and rightly spelled values that a client passes on untouched.

use std::fmt;

use serde::Serialize;

use crate::crypto::{PrivateKey, message};
use crate::{AppId, MchId, PrepayId};

/// The five values for `wx.requestPayment`, to be passed on as they are.
///
/// `timeStamp` is a text of seconds: a number, or milliseconds, fails at the cashier. The `appid`
/// is signed and not passed; it has to be the one of the running mini program.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791898
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestPayment {
    /// Seconds since 1970, in decimal.
    pub time_stamp: String,
    /// 32 random characters.
    pub nonce_str: String,
    /// `prepay_id=` and the id.
    pub package: String,
    /// Always `RSA`; without it the cashier would take the older MD5.
    pub sign_type: &'static str,
    /// The merchant's signature.
    pub pay_sign: String,
}

impl RequestPayment {
    pub(crate) fn new(
        key: &PrivateKey,
        appid: &AppId,
        prepay_id: &PrepayId,
        timestamp: i64,
        nonce: &str,
    ) -> Self {
        let time_stamp = timestamp.to_string();
        let package = format!("prepay_id={prepay_id}");
        let signed = message::mini_program_pay(appid.as_str(), &time_stamp, nonce, &package);
        Self {
            time_stamp,
            nonce_str: nonce.to_owned(),
            package,
            sign_type: "RSA",
            pay_sign: key.sign(&signed),
        }
    }
}

impl fmt::Debug for RequestPayment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestPayment")
            .field("time_stamp", &self.time_stamp)
            .field("package", &self.package)
            .finish_non_exhaustive()
    }
}

/// The values with which an app starts the cashier, named as the Android SDK names them.
///
/// The iOS SDK calls `packageValue` `package` and takes `timeStamp` as a number.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppPayment {
    /// The app's id.
    pub app_id: AppId,
    /// The merchant number.
    pub partner_id: MchId,
    /// What the prepay returned.
    pub prepay_id: PrepayId,
    /// Always `Sign=WXPay`.
    pub package_value: &'static str,
    /// 32 random characters.
    pub nonce_str: String,
    /// Seconds since 1970, in decimal.
    pub time_stamp: String,
    /// The merchant's signature.
    pub sign: String,
}

impl AppPayment {
    pub(crate) fn new(
        (key, mch_id): (&PrivateKey, &MchId),
        appid: &AppId,
        prepay_id: &PrepayId,
        timestamp: i64,
        nonce: String,
    ) -> Self {
        let time_stamp = timestamp.to_string();
        let signed = message::app_pay(appid.as_str(), &time_stamp, &nonce, prepay_id.as_str());
        Self {
            app_id: appid.clone(),
            partner_id: mch_id.clone(),
            prepay_id: prepay_id.clone(),
            package_value: "Sign=WXPay",
            sign: key.sign(&signed),
            nonce_str: nonce,
            time_stamp,
        }
    }
}

impl fmt::Debug for AppPayment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppPayment")
            .field("app_id", &self.app_id)
            .field("prepay_id", &self.prepay_id)
            .field("time_stamp", &self.time_stamp)
            .finish_non_exhaustive()
    }
}
