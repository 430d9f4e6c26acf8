//! What refunds do to the books.

use fen::Fen;
use jiff::Timestamp;

use super::refund::{Destination, FUNDS_WAIT_SECONDS, Fate, Refund, RefundKey, RefundStatus};
use super::{Became, Ledger, OrderKey, RefundChange, RefundLuck, State};
use crate::clock::later;

impl Ledger {
    /// Books a refund that has passed all rules; it settles at `due`, or never by itself.
    pub(crate) fn accept_refund(&mut self, mut refund: Refund, due: Option<Timestamp>) -> Refund {
        refund.is_funded = self.debit(&refund.key.mchid, refund.amount);
        if let Some(order) = self.orders.get_mut(&refund.order) {
            order.parts += 1;
            order.refunded = order.refunded.plus(refund.amount).unwrap_or(order.amount);
        }
        self.note_refund(&refund, refund.created_at, false);
        let kept = refund.clone();
        self.refunds.add(refund);
        self.refunds.book(&kept.key, due);
        kept
    }

    /// The agenda has come to a refund. What comes back has a new status.
    pub(crate) fn settle_refund(&mut self, key: &RefundKey, at: Timestamp) -> Option<Refund> {
        let refund = self.refunds.get(key)?.clone();
        let status = match (refund.status, refund.fate) {
            (RefundStatus::Success(_) | RefundStatus::Closed, _) | (_, Some(Fate::Processing)) => {
                return None;
            }
            (RefundStatus::Abnormal, None) => return None,
            (_, Some(Fate::Success)) => RefundStatus::Success(at),
            (_, Some(Fate::Abnormal)) => RefundStatus::Abnormal,
            (_, Some(Fate::Closed)) => RefundStatus::Closed,
            (RefundStatus::Processing, None) => self.natural_course(&refund, at)?,
        };
        (refund.status != status).then(|| self.settled(refund, status, at))
    }

    /// Somebody decides what becomes of a refund, and when. `false`: it is over.
    pub(crate) fn decide_refund(&mut self, key: &RefundKey, fate: Fate, at: Timestamp) -> bool {
        let Some(refund) = self.refunds.get_mut(key) else {
            return false;
        };
        let open = match refund.status {
            RefundStatus::Processing | RefundStatus::Abnormal => true,
            RefundStatus::Success(_) | RefundStatus::Closed => false,
        };
        if open {
            refund.fate = Some(fate);
            let due = (fate != Fate::Processing).then_some(at);
            self.refunds.book(key, due);
        }
        open
    }

    /// An abnormal refund goes another way.
    pub(crate) fn redirect_refund(
        &mut self,
        key: &RefundKey,
        destination: Destination,
        (now, due): (Timestamp, Timestamp),
    ) -> Option<Refund> {
        let refund = self.refunds.get_mut(key)?;
        refund.status = RefundStatus::Processing;
        refund.fate = Some(Fate::Success);
        refund.destination = destination;
        let refund = refund.clone();
        self.refunds.book(key, Some(due));
        self.note_refund(&refund, now, true);
        Some(refund)
    }

    /// The merchant's account was filled: what waited for money looks again.
    pub(crate) fn recheck_refunds(&mut self, mchid: &str, now: Timestamp) {
        for key in self.refunds.unfunded(mchid) {
            self.refunds.book(&key, Some(now));
        }
    }

    /// What can still be refunded of an order.
    pub(crate) fn refundable(&self, key: &OrderKey) -> Fen {
        let order = self.orders.get(key);
        let left = order.and_then(|order| order.amount.minus(order.refunded));
        left.unwrap_or(Fen::ZERO)
    }

    /// How the payer of an order fares with refunds.
    pub(crate) fn luck_of_payer(&self, key: &OrderKey) -> RefundLuck {
        let person = self.payer_of(key).and_then(|name| self.people.get(name));
        person.map(|person| person.refunds).unwrap_or_default()
    }

    fn payer_of(&self, key: &OrderKey) -> Option<&String> {
        match &self.orders.get(key)?.state {
            State::Success(payment) => Some(&payment.person),
            State::NotPay | State::Closed => None,
        }
    }

    /// Money first, then the payer's account.
    fn natural_course(&mut self, refund: &Refund, at: Timestamp) -> Option<RefundStatus> {
        if !refund.is_funded && !self.debit(&refund.key.mchid, refund.amount) {
            let end = later(refund.created_at, FUNDS_WAIT_SECONDS);
            if at >= end {
                return Some(RefundStatus::Closed);
            }
            self.refunds.book(&refund.key, Some(end));
            return None;
        }
        if let Some(refund) = self.refunds.get_mut(&refund.key) {
            refund.is_funded = true;
        }
        Some(match self.luck_of_payer(&refund.order) {
            RefundLuck::Arrive => RefundStatus::Success(at),
            RefundLuck::Abnormal | RefundLuck::Refused => RefundStatus::Abnormal,
        })
    }

    fn settled(&mut self, before: Refund, status: RefundStatus, at: Timestamp) -> Refund {
        match status {
            RefundStatus::Success(_) if before.destination == Destination::Payer => {
                let payer = self.payer_of(&before.order).cloned();
                let purse = payer.and_then(|name| self.people.get_mut(&name));
                if let Some(balance) = purse.and_then(|person| person.balance.as_mut()) {
                    *balance = balance.plus(before.amount).unwrap_or(Fen::MAX);
                }
            }
            RefundStatus::Closed => self.undo(&before, at),
            RefundStatus::Success(_) | RefundStatus::Processing | RefundStatus::Abnormal => {}
        }
        let mut after = before;
        if let Some(refund) = self.refunds.get_mut(&after.key) {
            refund.status = status;
            refund.fate = None;
            after = refund.clone();
        }
        self.note_refund(&after, at, false);
        after
    }

    /// A closed refund frees its amount, and the merchant has its money back.
    fn undo(&mut self, refund: &Refund, now: Timestamp) {
        if let Some(order) = self.orders.get_mut(&refund.order) {
            order.refunded = order.refunded.minus(refund.amount).unwrap_or(Fen::ZERO);
        }
        if refund.is_funded {
            self.credit(&refund.key.mchid, refund.amount, now);
        }
    }

    /// Fills the merchant's account, if it has an end.
    pub(super) fn credit(&mut self, mchid: &str, amount: Fen, now: Timestamp) {
        let merchant = self.merchants.get_mut(mchid);
        if let Some(balance) = merchant.and_then(|merchant| merchant.balance.as_mut()) {
            *balance = balance.plus(amount).unwrap_or(Fen::MAX);
            self.recheck_refunds(mchid, now);
        }
    }

    /// Takes from the merchant's account. `false`: there is not enough, and nothing was taken.
    fn debit(&mut self, mchid: &str, amount: Fen) -> bool {
        let merchant = self.merchants.get_mut(mchid);
        let Some(balance) = merchant.and_then(|merchant| merchant.balance.as_mut()) else {
            return true;
        };
        let left = balance.minus(amount);
        *balance = left.unwrap_or(*balance);
        left.is_some()
    }

    fn note_refund(&mut self, refund: &Refund, at: Timestamp, again: bool) {
        let became = Became::Refund(RefundChange {
            out_refund_no: refund.key.out_refund_no.clone(),
            amount: refund.amount,
            left: self.refundable(&refund.order),
            status: refund.status,
            again,
        });
        self.changes.note(&refund.order, at, became);
    }
}
