//! From WeChat to a file of ours.

use std::{
    fs::File,
    io::{self, Write as _},
    sync::Arc,
};

use domain::BillDay;
use wechatpay::{ApiCode, BillPacking, Operation, TradeBillType};

use super::ReconcileError;
use crate::{flows::FlowError, merchant::Merchant};

/// How much is gathered before it is written: a piece off the wire has a few KiB.
const WRITE_BYTES: usize = 1024 * 1024;

/// A bill whose hash was right, in a file without a name that goes with the process; `None` for a
/// day without trade. Its size is bounded by the client.
pub(super) type Bill = Option<Arc<File>>;

pub(super) async fn fetch(merchant: &Merchant, day: BillDay) -> Result<Bill, ReconcileError> {
    let client = &merchant.client;
    let apply = client.trade_bill(day.date(), TradeBillType::All, BillPacking::Gzip);
    let bill = match merchant.call(Operation::Bill, apply).await {
        Ok(bill) => bill,
        Err(error) => {
            return match error.code() {
                Some(ApiCode::NoStatementExist) => Ok(None),
                Some(ApiCode::StatementCreating) => Err(ReconcileError::NotReady(day)),
                Some(_) | None => Err(ReconcileError::Gateway(error)),
            };
        }
    };
    let download = merchant.call(Operation::BillDownload, client.download_bill(&bill));
    let mut download = download.await.map_err(ReconcileError::Gateway)?;
    let mut file = tempfile::tempfile()?;
    let mut gathered = Vec::with_capacity(WRITE_BYTES);
    // The end comes only when the hash was right; before it nothing is read.
    while let Some(piece) = download.piece().await.map_err(ReconcileError::Gateway)? {
        gathered.extend_from_slice(&piece);
        if gathered.len() >= WRITE_BYTES {
            (file, gathered) = write(file, gathered).await?;
        }
    }
    let (file, _) = write(file, gathered).await?;
    Ok(Some(Arc::new(file)))
}

/// Writes away from the tasks that answer callers: a disk may be slow.
async fn write(mut file: File, mut bytes: Vec<u8>) -> Result<(File, Vec<u8>), ReconcileError> {
    let written = tokio::task::spawn_blocking(move || {
        file.write_all(&bytes)?;
        bytes.clear();
        Ok::<_, io::Error>((file, bytes))
    });
    Ok(written.await.map_err(cut_off)??)
}

/// A task that does blocking work ended without an answer.
pub(super) fn cut_off(error: tokio::task::JoinError) -> ReconcileError {
    FlowError::Internal(error.into()).into()
}
