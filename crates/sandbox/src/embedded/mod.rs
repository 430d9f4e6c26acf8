//! The platform inside somebody's program: the same books, checks and signatures as over HTTP, but
//! no sockets, no tasks, no clock and no chance of its own. The same seed and the same calls give
//! the same bytes.
//!
//! Time stands until [`Embedded::set_now`] moves it. Notifications are handed over by
//! [`Embedded::take_due`], and whoever takes one says what came of it.

mod truth;

use std::sync::Arc;

use bytes::Bytes;
use fen::Fen;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use truth::{OrderState, OrderTruth, RefundTruth};

use crate::cashier;
use crate::control::{self, MerchantInfo, NewRefund, Problem};
use crate::gateway::{self, Incoming, MAX_BODY_BYTES};
use crate::keys::{Keys, PlatformCertificate};
use crate::ledger::{Fate, OrderKey, RefundKey};
use crate::notifier::{self, Outgoing};
use crate::platform::Platform;
use crate::running::StartError;

/// A platform without sockets. Clones are the same platform.
#[derive(Clone, Debug)]
pub struct Embedded(Arc<Platform>);

/// What the platform did not do, in its own words: those of `errMsg` where a phone reads them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotDone(pub String);

/// A cashier that has opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// For [`Embedded::pay`] and [`Embedded::cancel`].
    pub cashier_id: String,
    /// What is to be paid.
    pub amount: Fen,
}

impl From<Problem> for NotDone {
    fn from(problem: Problem) -> Self {
        Self(problem.to_string())
    }
}

impl Embedded {
    /// A fresh platform with one merchant, whose papers come with the keys, and the user `demo`.
    ///
    /// # Errors
    /// [`StartError::ApiV3Key`].
    pub fn new(keys: Arc<Keys>, seed: u64, now: Timestamp) -> Result<Self, StartError> {
        let platform = Platform::embedded(keys, seed, now).ok_or(StartError::ApiV3Key)?;
        Ok(Self(Arc::new(platform)))
    }

    /// The merchant's papers, as they are now.
    pub fn merchant(&self) -> MerchantInfo {
        let keys = &self.0.keys;
        match self.0.ledger().merchants.get(&keys.identity.mchid) {
            Some(merchant) => MerchantInfo::of(&merchant.identity, &merchant.keys),
            None => MerchantInfo::of(&keys.identity, &keys.merchant),
        }
    }

    /// The only time there is.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Moves time forward; it never goes back. Nothing happens by itself on the way:
    /// [`Embedded::next_due`] says where to stop.
    pub fn set_now(&self, now: Timestamp) {
        self.0.clock.advance_to(now);
    }

    /// WeChat's face: API v3 and the login host in one. An answer that a fault holds back comes at
    /// once, because there is no time in here to pass.
    pub fn serve(&self, request: Request<Bytes>) -> Response<Bytes> {
        if request.body().len() > MAX_BODY_BYTES {
            let mut refused = Response::new(Bytes::new());
            *refused.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
            return refused;
        }
        gateway::answer_alone(&self.0, &Incoming::of(request)).into_http()
    }

    fn order_key(&self, out_trade_no: &str) -> OrderKey {
        OrderKey {
            mchid: self.0.keys.identity.mchid.clone(),
            out_trade_no: out_trade_no.to_owned(),
        }
    }
}

/// People and their phones.
impl Embedded {
    /// Adds a user, or finds the one of that name: the openid under a mini program.
    pub fn add_user(&self, appid: &str, user: &str) -> String {
        let mut ledger = self.0.ledger();
        ledger.add_person(user);
        ledger.openid_of(appid, user)
    }

    /// What `wx.login` returns.
    ///
    /// # Errors
    /// There is no such mini program or user.
    pub fn login_code(&self, appid: &str, user: &str) -> Result<String, NotDone> {
        Ok(control::login_code(&self.0, appid, user)?)
    }

    /// `wx.requestPayment`: its five fields, with `appid` and `user` beside them.
    ///
    /// # Errors
    /// The `errMsg` of the phone.
    pub fn request_payment(&self, parameters: &Value) -> Result<Counter, NotDone> {
        let opened = cashier::request_payment(&self.0, parameters).opened;
        let counter = opened.map_err(|fail| NotDone(fail.err_msg()))?;
        Ok(Counter {
            cashier_id: counter.cashier_id,
            amount: counter.amount,
        })
    }

    /// The person enters the password. The notification is due at once.
    ///
    /// # Errors
    /// The `errMsg` of the phone, or there is no such cashier.
    pub fn pay(&self, cashier_id: &str) -> Result<(), NotDone> {
        let confirmed = cashier::pay(&self.0, cashier_id, None);
        let confirmed = confirmed.ok_or_else(|| not_there("cashier"))?;
        let receipt = confirmed.paid.map_err(|fail| NotDone(fail.err_msg()))?;
        cashier::notify(&self.0, &receipt);
        Ok(())
    }

    /// The person leaves.
    ///
    /// # Errors
    /// There is no such cashier.
    pub fn cancel(&self, cashier_id: &str) -> Result<(), NotDone> {
        let visit = self.0.ledger().visits.leave(cashier_id);
        visit.map(drop).ok_or_else(|| not_there("cashier"))
    }
}

/// What the platform sends.
impl Embedded {
    /// When something falls due by itself: a sending, or the end of a refund.
    pub fn next_due(&self) -> Option<Timestamp> {
        notifier::next_due(&self.0)
    }

    /// Settles the refunds that are due by now, and takes the notification that is to be sent
    /// first, signed and dated now. Whoever takes one calls [`Embedded::answered`]; until then it
    /// is not sent again.
    pub fn take_due(&self) -> Option<Outgoing> {
        notifier::take_due(&self.0)
    }

    /// What the merchant answered: 200 and 204 end the matter, everything else, and no answer at
    /// all, calls for the next sending of the ladder.
    pub fn answered(&self, outgoing: Outgoing, status: Option<u16>) {
        notifier::answered(&self.0, outgoing, status);
    }

    /// A notification once more, signed anew, besides the ladder and whatever came of it before.
    pub fn copy_of(&self, id: &str) -> Option<Outgoing> {
        notifier::copy_of(&self.0, id)
    }
}

/// What is true.
impl Embedded {
    /// All orders, by their numbers.
    pub fn orders(&self) -> Vec<OrderTruth> {
        let mut ledger = self.0.ledger();
        ledger.grow_old(self.now());
        ledger.orders.values().map(OrderTruth::from).collect()
    }

    /// One order of the merchant's.
    pub fn order(&self, out_trade_no: &str) -> Option<OrderTruth> {
        let (key, now) = (self.order_key(out_trade_no), self.now());
        let mut ledger = self.0.ledger();
        ledger
            .order(&key, now)
            .map(|order| OrderTruth::from(&*order))
    }

    /// All refunds, oldest first.
    pub fn refunds(&self) -> Vec<RefundTruth> {
        self.0
            .ledger()
            .refunds
            .list()
            .map(RefundTruth::from)
            .collect()
    }

    /// One refund of the merchant's.
    pub fn refund(&self, out_refund_no: &str) -> Option<RefundTruth> {
        let key = RefundKey {
            mchid: self.0.keys.identity.mchid.clone(),
            out_refund_no: out_refund_no.to_owned(),
        };
        self.0.ledger().refunds.get(&key).map(RefundTruth::from)
    }
}

/// Operators, and what goes wrong on purpose. Where a JSON value is taken, it is the body of the
/// call of the control plane that the README describes.
impl Embedded {
    /// A person refunds in the merchant's console; with an address, the refund is notified.
    ///
    /// # Errors
    /// What the rules say against it.
    pub fn refund_by_hand(
        &self,
        out_trade_no: &str,
        amount: Fen,
        notify_url: Option<&str>,
    ) -> Result<RefundTruth, NotDone> {
        let wish = NewRefund {
            out_trade_no: out_trade_no.to_owned(),
            amount_fen: amount,
            notify_url: notify_url.map(str::to_owned),
            ..NewRefund::default()
        };
        let refund = control::refund_by_hand(&self.0, wish)?;
        Ok(RefundTruth::from(&refund))
    }

    /// Decides what becomes of a refund that has not ended, now. It is settled and notified by the
    /// next [`Embedded::take_due`].
    ///
    /// # Errors
    /// There is no such refund, or it has ended.
    pub fn decide_refund(&self, refund_id: &str, fate: Fate) -> Result<(), NotDone> {
        let now = self.now();
        let mut ledger = self.0.ledger();
        let key = ledger.refunds.by_id(refund_id);
        let key = key.map(|refund| refund.key.clone());
        let key = key.ok_or_else(|| not_there("refund"))?;
        let decided = ledger.decide_refund(&key, fate, now);
        decided
            .then_some(())
            .ok_or_else(|| NotDone("this refund has ended".to_owned()))
    }

    /// Adds a platform certificate, which signs from now on; see [`Keys::spare_certificate`].
    pub fn rotate_certificate(&self, spare: PlatformCertificate) {
        self.0.add_certificate(spare);
    }

    /// `PUT /control/settings`: what is not named goes back to its default.
    ///
    /// # Errors
    /// What is wrong with the value.
    pub fn set_settings(&self, settings: &Value) -> Result<(), NotDone> {
        self.0.set_settings(typed(settings)?);
        Ok(())
    }

    /// `PUT /control/faults`.
    ///
    /// # Errors
    /// What is wrong with the script.
    pub fn set_faults(&self, script: &Value) -> Result<(), NotDone> {
        Ok(control::replace_script(
            &self.0,
            script.to_string().as_bytes(),
        )?)
    }

    /// `PUT /control/merchants/{mchid}` of the merchant: its keys, its account, its products.
    ///
    /// # Errors
    /// What is wrong with the value.
    pub fn change_merchant(&self, changes: &Value) -> Result<(), NotDone> {
        let mchid = &self.0.keys.identity.mchid;
        control::change_merchant(&self.0, mchid, typed(changes)?)?;
        Ok(())
    }

    /// `PUT /control/users/{user}`: a purse, and what becomes of money that comes back.
    ///
    /// # Errors
    /// There is no such user, or what is wrong with the value.
    pub fn change_user(&self, user: &str, changes: &Value) -> Result<(), NotDone> {
        control::change_user(&self.0, user, typed(changes)?)?;
        Ok(())
    }

    /// **Unfaithful on purpose.** Pays an order that is closed, or that was paid before: then with
    /// another transaction in place of the first, and a notification of its own. No real platform
    /// takes such money; a merchant's server must not lose it all the same.
    ///
    /// # Errors
    /// There is no such order or user.
    pub fn pay_anyway(&self, out_trade_no: &str, user: &str) -> Result<(), NotDone> {
        let receipt = cashier::pay_anyway(&self.0, &self.order_key(out_trade_no), user);
        let receipt = receipt.ok_or_else(|| not_there("order or user"))?;
        cashier::notify(&self.0, &receipt);
        Ok(())
    }
}

fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, NotDone> {
    T::deserialize(value).map_err(|error| NotDone(error.to_string()))
}

fn not_there(what: &str) -> NotDone {
    NotDone(format!("there is no such {what}"))
}
