//! The platform's books, in memory: merchants, mini programs, people, orders and what was handed
//! out for them.
//!
//! Every function takes time and chance as arguments. Nothing here waits, sends or locks.

mod bill_book;
mod changes;
mod login;
mod merchant;
mod order;
mod person;
mod product;
mod refund;
mod refund_book;
mod refunding;
mod token;
mod visit;

use std::collections::{BTreeMap, HashMap};

use fen::Fen;
use jiff::Timestamp;

pub(crate) use bill_book::BillBook;
pub(crate) use changes::{Became, Change, RefundChange};
pub(crate) use login::CodeFault;
pub(crate) use merchant::{
    App, CertificateState, KeyMode, Merchant, NotifyKey, Permille, REPLACED,
};
pub(crate) use order::{AUTO_CLOSE_SECONDS, Order, OrderKey, Payment, Prepay, State};
pub(crate) use person::{Person, RefundLuck, openid};
pub(crate) use product::Product;
pub(crate) use refund::{Destination, MAX_PARTS, REFUND_WINDOW_SECONDS, Refund, RefundKey};
pub use refund::{Fate, Origin, RefundStatus};
pub(crate) use refund_book::RefundBook;
pub(crate) use token::{Refresh, Token, TokenBook};
pub(crate) use visit::{Visit, VisitBook};

use crate::chance::Chance;

/// The user that is always there.
pub(crate) const DEMO_USER: &str = "demo";

/// All books together.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// By mchid.
    pub merchants: BTreeMap<String, Merchant>,
    /// By appid.
    pub apps: BTreeMap<String, App>,
    /// By user name.
    pub people: BTreeMap<String, Person>,
    /// By mchid and merchant order number, which is also the order of listings.
    pub orders: BTreeMap<OrderKey, Order>,
    /// Whose prepay id it is.
    pub prepays: HashMap<String, OrderKey>,
    /// Whose transaction id it is.
    pub transactions: HashMap<String, OrderKey>,
    /// What went back, or is on its way.
    pub refunds: RefundBook,
    /// Files of bills that wait for their download.
    pub bills: BillBook,
    /// Login codes that were handed out.
    pub codes: login::CodeBook,
    /// Access tokens by appid.
    pub tokens: TokenBook,
    /// Open cashiers.
    pub visits: VisitBook,
    /// Who has which openid, as far as it was handed out: the way back is a walk through everybody.
    openids: BTreeMap<String, (String, String)>,
    /// Numbers that were closed before they were ever used (see the settings).
    pub burnt: std::collections::HashSet<OrderKey>,
    changes: changes::Changes,
}

impl Ledger {
    /// Books with one merchant and the demo user.
    pub(crate) fn seeded(merchant: Merchant, apps: Vec<App>) -> Self {
        let mut ledger = Self::default();
        ledger.add_merchant(merchant, apps);
        ledger.add_person(DEMO_USER);
        ledger
    }

    /// Adds a merchant and binds its mini programs; one that exists is shared.
    pub(crate) fn add_merchant(&mut self, merchant: Merchant, apps: Vec<App>) {
        for mut app in apps {
            app.mchids.insert(merchant.mchid.clone());
            self.apps
                .entry(app.appid.clone())
                .and_modify(|known| _ = known.mchids.insert(merchant.mchid.clone()))
                .or_insert(app);
        }
        self.merchants.insert(merchant.mchid.clone(), merchant);
    }

    /// Adds a user, or finds the one of that name.
    pub(crate) fn add_person(&mut self, name: &str) -> &Person {
        self.people
            .entry(name.to_owned())
            .or_insert_with(|| Person {
                name: name.to_owned(),
                balance: None,
                refunds: RefundLuck::default(),
            })
    }

    /// The openid of a user under an appid, to be handed out.
    pub(crate) fn openid_of(&mut self, appid: &str, name: &str) -> String {
        let openid = openid(appid, name);
        let owner = || (appid.to_owned(), name.to_owned());
        self.openids.entry(openid.clone()).or_insert_with(owner);
        openid
    }

    /// The user behind an openid under an appid.
    pub(crate) fn person_of(&self, appid: &str, openid: &str) -> Option<&Person> {
        if let Some((_, name)) = self.openids.get(openid).filter(|(app, _)| app == appid) {
            return self.people.get(name);
        }
        self.people
            .values()
            .find(|person| person::openid(appid, &person.name) == openid)
    }

    /// The order as it stands at that moment: an unpaid one closes itself after seven days.
    pub(crate) fn order(&mut self, key: &OrderKey, now: Timestamp) -> Option<&mut Order> {
        let order = self.orders.get_mut(key)?;
        if order.grow_old(now) {
            self.changes.note(key, now, Became::ClosedByAge);
        }
        Some(order)
    }

    /// Lets every order be as old as it is.
    pub(crate) fn grow_old(&mut self, now: Timestamp) {
        for order in self.orders.values_mut() {
            if order.grow_old(now) {
                self.changes.note(&order.key, now, Became::ClosedByAge);
            }
        }
    }

    /// What changed since the last time somebody asked.
    pub(crate) fn take_changes(&mut self) -> Vec<Change> {
        self.changes.take()
    }

    /// The order that a prepay id was handed out for, dead or alive.
    pub(crate) fn order_of_prepay(
        &mut self,
        prepay_id: &str,
        now: Timestamp,
    ) -> Option<&mut Order> {
        let key = self.prepays.get(prepay_id)?.clone();
        self.order(&key, now)
    }

    /// Books a new order with its first prepay id.
    pub(crate) fn open_order(&mut self, order: Order) {
        for prepay in &order.prepays {
            self.prepays.insert(prepay.id.clone(), order.key.clone());
        }
        let amount = order.amount;
        let became = Became::NotPay { amount };
        self.changes.note(&order.key, order.created_at, became);
        self.orders.insert(order.key.clone(), order);
    }

    /// Hands out one more prepay id for an order.
    pub(crate) fn add_prepay(&mut self, key: &OrderKey, prepay: Prepay) {
        self.prepays.insert(prepay.id.clone(), key.clone());
        if let Some(order) = self.orders.get_mut(key) {
            order.prepays.push(prepay);
        }
    }

    /// Books a payment: out of the payer's purse, into the merchant's account. `None` if the order
    /// is not there or not payable: nothing was booked.
    pub(crate) fn pay(&mut self, key: &OrderKey, payment: Payment) -> Option<&Order> {
        let order = self.orders.get_mut(key)?;
        if order.state != State::NotPay {
            return None;
        }
        self.transactions
            .insert(payment.transaction_id.clone(), key.clone());
        let purse = self.people.get_mut(&payment.person);
        if let Some(balance) = purse.and_then(|person| person.balance.as_mut()) {
            *balance = balance.minus(order.amount).unwrap_or(Fen::ZERO);
        }
        let transaction_id = payment.transaction_id.clone();
        let became = Became::Success { transaction_id };
        self.changes.note(key, payment.paid_at, became);
        let (amount, paid_at) = (order.amount, payment.paid_at);
        order.state = State::Success(payment);
        self.credit(&key.mchid, amount, paid_at);
        self.orders.get(key)
    }

    /// Makes an order payable that is closed, or paid before. The platform never does this.
    pub(crate) fn reopen(&mut self, key: &OrderKey) {
        if let Some(order) = self.orders.get_mut(key) {
            order.state = State::NotPay;
        }
    }

    /// Closes an unpaid order; to others nothing happens.
    pub(crate) fn close(&mut self, key: &OrderKey, now: Timestamp) {
        if let Some(order) = self.orders.get_mut(key)
            && order.state == State::NotPay
        {
            order.state = State::Closed;
            self.changes.note(key, now, Became::ClosedByMerchant);
        }
    }

    /// A transaction id that was never handed out: 28 digits beginning `42000`.
    pub(crate) fn new_transaction_id(&self, chance: &Chance, now: Timestamp) -> String {
        loop {
            let id = order::transaction_id(chance, now);
            if !self.transactions.contains_key(&id) {
                return id;
            }
        }
    }
}
