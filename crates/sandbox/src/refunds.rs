//! Refunds that fall due: the books change, the story tells it, and the merchant is notified.

use jiff::Timestamp;

use crate::platform::Platform;
use crate::story::states;

/// When the next refund falls due.
pub(crate) fn next_due(platform: &Platform) -> Option<Timestamp> {
    platform.ledger().refunds.next_due()
}

/// Settles the earliest refund that is due by then. `false`: there is none.
pub(crate) fn settle_one(platform: &Platform, by: Timestamp) -> bool {
    let mut ledger = platform.ledger();
    let Some((at, key)) = ledger.refunds.take_due(by) else {
        return false;
    };
    let settled = ledger.settle_refund(&key, at);
    let merchant = ledger.merchants.get(&key.mchid).cloned();
    drop(ledger);
    states::tell(platform);
    if let Some((refund, merchant)) = settled.zip(merchant) {
        platform
            .notifier
            .refund(&platform.chance, &merchant, &refund, at);
        platform.clock.wake();
    }
    true
}
