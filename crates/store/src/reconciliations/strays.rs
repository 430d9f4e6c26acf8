//! What stands in the bill of another day than in the books. It is few, and it explains what would
//! seem to be missing.

use domain::{BillDay, MchId, reconcile::Subject};

use crate::{Store, StoreError, Tx};

pub(crate) const STATEMENTS: &[&str] = &[INSERT, BETWEEN];

const INSERT: &str = "-- strays.insert
INSERT INTO reconciliation_strays (mch_id, transaction_id, refund_no, bill_date)
VALUES ($1, $2, $3, $4)
ON CONFLICT (mch_id, transaction_id, refund_no, bill_date) DO NOTHING";

const BETWEEN: &str = "-- strays.between
SELECT bill_date FROM reconciliation_strays
WHERE mch_id = $1 AND transaction_id = $2 AND refund_no = $3
    AND bill_date >= $4 AND bill_date <= $5 LIMIT 1";

/// Notes that the bill of `day` has this, and the books of that day have not.
pub fn insert(tx: &mut Tx, mch_id: &MchId, subject: &Subject, day: BillDay) {
    let params = [
        mch_id.as_str().into(),
        subject.transaction_id.as_str().into(),
        super::differences::refund_no(subject).into(),
        day.to_string().into(),
    ];
    tx.push(INSERT, params);
}

/// Whether a bill of these days, both included, has this although the books of its day have not.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn is_stray(
    store: &Store,
    mch_id: &MchId,
    subject: &Subject,
    (from, to): (BillDay, BillDay),
) -> Result<bool, StoreError> {
    let params = [
        mch_id.as_str().into(),
        subject.transaction_id.as_str().into(),
        super::differences::refund_no(subject).into(),
        from.to_string().into(),
        to.to_string().into(),
    ];
    Ok(store.read_one(BETWEEN, params).await?.is_some())
}
