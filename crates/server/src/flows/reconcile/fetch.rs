//! From WeChat into our keeping.

use domain::BillDay;
use wechatpay::{ApiCode, BillPacking, Operation, TradeBillType};

use super::{
    ReconcileError,
    bill::{Bill, Keeping},
};
use crate::merchant::Merchant;

/// A bill whose hash was right. Its size is bounded by the client.
pub(super) async fn fetch(merchant: &Merchant, day: BillDay) -> Result<Bill, ReconcileError> {
    let client = &merchant.client;
    let apply = client.trade_bill(day.date(), TradeBillType::All, BillPacking::Gzip);
    let bill = match merchant.call(Operation::Bill, apply).await {
        Ok(bill) => bill,
        Err(error) => {
            return match error.code() {
                Some(ApiCode::NoStatementExist) => Ok(Bill::None),
                Some(ApiCode::StatementCreating) => Err(ReconcileError::NotReady(day)),
                Some(_) | None => Err(ReconcileError::Gateway(error)),
            };
        }
    };
    let download = merchant.call(Operation::BillDownload, client.download_bill(&bill));
    let mut download = download.await.map_err(ReconcileError::Gateway)?;
    let mut keeping = Keeping::default();
    // The end comes only when the hash was right; before it nothing is read.
    while let Some(piece) = download.piece().await.map_err(ReconcileError::Gateway)? {
        keeping.take(&piece).await?;
    }
    keeping.whole().await
}
