//! The order machine: every state with every event, each pair written out.

use fen::Fen;

use super::{OrderEvent as E, OrderState as S, Payment, Prepay, Refusal, Transition};

pub(super) fn apply(state: &S, amount: Fen, event: E) -> Result<Transition, Refusal> {
    match (state, event) {
        (S::Created, E::PrepayIssued(prepay)) => advanced(S::AwaitingPayment { prepay }),
        (S::Created, E::PaymentConfirmed(payment)) => advanced(S::Paid { payment }),
        (S::Created, E::CloseConfirmed { at }) => advanced(S::Closed { closed_at: at }),
        (S::Created, E::RefundSucceeded { .. }) => refund_before_payment(state),

        (S::AwaitingPayment { prepay: known }, E::PrepayIssued(prepay)) => reissue(known, prepay),
        (S::AwaitingPayment { .. }, E::PaymentConfirmed(payment)) => advanced(S::Paid { payment }),
        (S::AwaitingPayment { .. }, E::CloseConfirmed { at }) => {
            advanced(S::Closed { closed_at: at })
        }
        (S::AwaitingPayment { .. }, E::RefundSucceeded { .. }) => refund_before_payment(state),

        (S::Paid { .. }, E::PrepayIssued(_)) => not_payable(state),
        (S::Paid { payment: known }, E::PaymentConfirmed(payment)) => pay_again(known, payment),
        (S::Paid { .. }, E::CloseConfirmed { .. }) => close_after_paid(state),
        (S::Paid { payment }, E::RefundSucceeded { refunded_total }) => {
            refund(payment, amount, Fen::ZERO, refunded_total)
        }

        (S::PartiallyRefunded { .. }, E::PrepayIssued(_)) => not_payable(state),
        (S::PartiallyRefunded { payment: known, .. }, E::PaymentConfirmed(payment)) => {
            pay_again(known, payment)
        }
        (S::PartiallyRefunded { .. }, E::CloseConfirmed { .. }) => close_after_paid(state),
        (S::PartiallyRefunded { payment, refunded }, E::RefundSucceeded { refunded_total }) => {
            refund(payment, amount, *refunded, refunded_total)
        }

        (S::Refunded { .. }, E::PrepayIssued(_)) => not_payable(state),
        (S::Refunded { payment: known }, E::PaymentConfirmed(payment)) => pay_again(known, payment),
        (S::Refunded { .. }, E::CloseConfirmed { .. }) => close_after_paid(state),
        (S::Refunded { payment }, E::RefundSucceeded { refunded_total }) => {
            refund(payment, amount, amount, refunded_total)
        }

        (S::Closed { .. }, E::PrepayIssued(_)) => not_payable(state),
        // Never absorbed: the buyer's money is gone and the order is not coming.
        (S::Closed { .. }, E::PaymentConfirmed(payment)) => Err(Refusal::PaidAfterClose {
            transaction_id: payment.transaction_id,
        }),
        (S::Closed { .. }, E::CloseConfirmed { .. }) => Ok(Transition::AlreadyApplied),
        (S::Closed { .. }, E::RefundSucceeded { .. }) => refund_before_payment(state),
    }
}

/// WeChat may answer a repeated prepay with a new permission, and then the old one is not to be
/// used. The same permission again keeps its age: its two hours do not begin anew.
fn reissue(known: &Prepay, prepay: Prepay) -> Result<Transition, Refusal> {
    if known.prepay_id == prepay.prepay_id {
        return Ok(Transition::AlreadyApplied);
    }
    advanced(S::AwaitingPayment { prepay })
}

/// The same payment reaches us by notification and by query; another one is money we owe back.
fn pay_again(known: &Payment, payment: Payment) -> Result<Transition, Refusal> {
    if known.transaction_id == payment.transaction_id {
        return Ok(Transition::AlreadyApplied);
    }
    Err(Refusal::PaidTwice {
        recorded: known.transaction_id.clone(),
        paid_again: payment.transaction_id,
    })
}

/// Sums only rise, so a sum we have reached is a repeat or a message that was overtaken.
fn refund(payment: &Payment, paid: Fen, known: Fen, total: Fen) -> Result<Transition, Refusal> {
    let payment = payment.clone();
    if total > paid {
        Err(Refusal::RefundExceedsPayment {
            paid,
            refunded_total: total,
        })
    } else if total <= known {
        Ok(Transition::AlreadyApplied)
    } else if total == paid {
        advanced(S::Refunded { payment })
    } else {
        advanced(S::PartiallyRefunded {
            payment,
            refunded: total,
        })
    }
}

fn advanced(next: S) -> Result<Transition, Refusal> {
    Ok(Transition::Advanced(next))
}

fn not_payable(state: &S) -> Result<Transition, Refusal> {
    Err(Refusal::NotPayable {
        state: state.name(),
    })
}

fn close_after_paid(state: &S) -> Result<Transition, Refusal> {
    Err(Refusal::CloseAfterPaid {
        state: state.name(),
    })
}

fn refund_before_payment(state: &S) -> Result<Transition, Refusal> {
    Err(Refusal::RefundBeforePayment {
        state: state.name(),
    })
}
