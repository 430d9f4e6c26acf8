//! Reading. An order of somebody else does not exist, so that nobody can probe for order numbers.

use domain::{Millis, Order, OrderNo, OrderState};
use store::{goods, orders};

use super::{FlowError, log_in::Buyer};
use crate::{app::App, merchant::Merchant};

/// What the merchant's list may be narrowed by.
#[derive(Debug, Default)]
pub struct OrderFilter {
    pub state: Option<String>,
    pub from: Option<Millis>,
    pub to: Option<Millis>,
    pub after: Option<OrderNo>,
}

pub async fn goods(app: &App, buyer: &Buyer) -> Result<Vec<goods::Goods>, FlowError> {
    Ok(goods::list(&app.store, &buyer.merchant.mch_id).await?)
}

/// An order of this buyer.
pub async fn own(app: &App, buyer: &Buyer, order_no: &OrderNo) -> Result<Order, FlowError> {
    let order = of_merchant(app, &buyer.merchant, order_no).await?;
    if order.openid == buyer.openid && order.app_id == buyer.app_id {
        Ok(order)
    } else {
        Err(FlowError::OrderNotFound(order_no.clone()))
    }
}

/// The buyer's orders, newest first, one more than `limit` when there is a next page.
pub async fn own_page(
    app: &App,
    buyer: &Buyer,
    after: Option<OrderNo>,
    limit: u32,
) -> Result<Vec<Order>, FlowError> {
    let filter = orders::Filter {
        openid: Some(buyer.openid.clone()),
        app_id: Some(buyer.app_id.clone()),
        ..orders::Filter::default()
    };
    let (mch_id, rows) = (&buyer.merchant.mch_id, limit.saturating_add(1));
    Ok(orders::page(&app.store, mch_id, &filter, after.as_ref(), rows).await?)
}

pub async fn of_merchant(
    app: &App,
    merchant: &Merchant,
    order_no: &OrderNo,
) -> Result<Order, FlowError> {
    let order = orders::get(&app.store, &merchant.mch_id, order_no).await?;
    order.ok_or_else(|| FlowError::OrderNotFound(order_no.clone()))
}

pub async fn page_of_merchant(
    app: &App,
    merchant: &Merchant,
    filter: OrderFilter,
    limit: u32,
) -> Result<Vec<Order>, FlowError> {
    if let Some(state) = &filter.state
        && !OrderState::NAMES.contains(&state.as_str())
    {
        return Err(FlowError::Invalid(format!(
            "state must be one of {}",
            OrderState::NAMES.join(", ")
        )));
    }
    let after = filter.after;
    let filter = orders::Filter {
        state: filter.state,
        from: filter.from,
        to: filter.to,
        ..orders::Filter::default()
    };
    let (mch_id, rows) = (&merchant.mch_id, limit.saturating_add(1));
    Ok(orders::page(&app.store, mch_id, &filter, after.as_ref(), rows).await?)
}
