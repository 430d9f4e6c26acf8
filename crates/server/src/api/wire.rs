//! What goes over the wire, spelt exactly as the contract says: orders, payments, pages, cursors.
//! The order itself is [`OrderView`], the same in answers and in events.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Order, OrderNo, OrderView};
use serde::Serialize;
use wechatpay::RequestPayment;

use super::error::ApiError;

/// How many rows a page has unless the caller says otherwise, and at most.
const PAGE_ROWS: u32 = 20;
const PAGE_ROWS_MAX: u32 = store::PAGE_MAX;

/// `{"order": …}`
#[derive(Serialize)]
pub(super) struct OrderAnswer {
    order: OrderView,
}

impl From<&Order> for OrderAnswer {
    fn from(order: &Order) -> Self {
        Self {
            order: order.into(),
        }
    }
}

/// `{"order": …, "payment": …}`; the payment goes to `wx.requestPayment` untouched.
#[derive(Serialize)]
pub(super) struct PayableAnswer {
    pub(super) order: OrderView,
    pub(super) payment: RequestPayment,
}

/// `{"data": […], "next_cursor": …}`; the last page has `null`.
#[derive(Serialize)]
pub(super) struct Page<T> {
    data: Vec<T>,
    next_cursor: Option<String>,
}

impl<T> Page<T> {
    pub(super) const fn new(data: Vec<T>, next_cursor: Option<String>) -> Self {
        Self { data, next_cursor }
    }
}

/// Cuts what was read with one row more than asked: that row proves that there is a next page. The
/// largest page cannot be read with one more; when it is full, the next one may turn out empty.
pub(super) fn page_of(mut orders: Vec<Order>, limit: u32) -> Page<OrderView> {
    let more = u32::try_from(orders.len()).is_ok_and(|rows| rows > limit || rows == PAGE_ROWS_MAX);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    orders.truncate(limit);
    let last = orders.last().filter(|_| more);
    let next_cursor = last.map(|order| URL_SAFE_NO_PAD.encode(order.order_no.as_str()));
    Page {
        data: orders.iter().map(OrderView::from).collect(),
        next_cursor,
    }
}

pub(super) fn page_limit(limit: Option<u32>) -> Result<u32, ApiError> {
    match limit.unwrap_or(PAGE_ROWS) {
        limit @ 1..=PAGE_ROWS_MAX => Ok(limit),
        other => Err(ApiError::invalid(format!(
            "limit {other} is not within 1..={PAGE_ROWS_MAX}"
        ))),
    }
}

/// The row after which to go on. Callers must not look inside, so that it may change.
pub(super) fn parse_cursor(cursor: Option<&str>) -> Result<Option<OrderNo>, ApiError> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let invalid = || ApiError::invalid("cursor is not one that this server gave out");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
    let text = String::from_utf8(bytes).map_err(|_| invalid())?;
    OrderNo::new(text).map(Some).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #![proptest_config(fuzz::config())]

        /// A cursor that is taken is exactly one that was given out.
        #[test]
        fn fuzz_cursors(cursor in fuzz::spoilt_text(&[
            "MjAyNjExMjMyMjM4NDExMjMwMEFCQ0RFRkdISkti",
            "b3JkZXItMQ",
        ])) {
            if let Ok(order_no) = parse_cursor(Some(&cursor)) {
                let order_no = order_no.expect("a cursor names an order");
                proptest::prop_assert_eq!(URL_SAFE_NO_PAD.encode(order_no.as_str()), cursor);
            }
        }
    }
}
