//! What an order would be: amount, description, expiry, all decided here, never by the phone.

use std::{sync::Arc, time::Duration};

use domain::{AppId, GoodsId, Millis, OpenId, Order, OrderNo, OrderState, order_no};
use fen::Fen;
use store::{goods, idempotency};
use wechatpay::Description;

use super::{Drafted, Intent};
use crate::{
    app::App,
    digest::sha256_of_fields,
    flows::{FlowError, log_in::Buyer},
    merchant::Merchant,
};

/// Bytes that WeChat takes as a description.
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791897.
const DESCRIPTION_BYTES_MAX: usize = 127;

/// An order lives from 10 s, so that tests of expiry are quick, to 7 days, after which WeChat
/// closes it by itself. Source: pay.weixin.qq.com/doc/v3/merchant/4012791897 (`time_expire`).
const EXPIRES_IN_S: std::ops::RangeInclusive<u32> = 10..=604_800;

/// WeChat takes no payment of nothing. Source: the same page, `amount.total`.
const AMOUNT_FEN_MIN: i64 = 1;

/// Our keys' scope for the merchant's own systems; buyers have one scope each.
pub const API_SCOPE: &str = "api";

/// Our keys' scope for one buyer; not the openid, which must not stand in one more table.
pub fn scope_of(buyer: &Buyer) -> String {
    hex::encode(sha256_of_fields(&[
        buyer.app_id.as_str(),
        buyer.openid.as_str(),
    ]))
}

/// What the merchant's own system asks for; the values are not yet checked.
pub struct MerchantOrder {
    pub app_id: String,
    pub openid: String,
    pub amount: Fen,
    pub description: String,
    pub expires_in_s: Option<u32>,
    /// Canonical JSON text.
    pub metadata: Option<String>,
}

/// A buyer's intent: price times quantity from the catalogue, payer from the session.
pub(super) async fn of_buyer(
    app: &App,
    buyer: Buyer,
    key: String,
    goods_id: &GoodsId,
    quantity: u32,
) -> Result<(Intent, Drafted), FlowError> {
    let max = app.settings.orders.max_quantity;
    if !(1..=max).contains(&quantity) {
        return Err(FlowError::Invalid(format!(
            "quantity {quantity} is not within 1..={max}"
        )));
    }
    let request = [
        "POST /v1/mp/orders",
        goods_id.as_str(),
        &quantity.to_string(),
    ];
    let request_hash = hex::encode(sha256_of_fields(&request));
    let draft = match goods::get(&app.store, &buyer.merchant.mch_id, goods_id).await? {
        Some(goods) => of_goods(app, &buyer, &goods, quantity),
        None => Err(FlowError::GoodsNotFound(goods_id.clone())),
    };
    let key = idempotency::Key {
        mch_id: buyer.merchant.mch_id.clone(),
        scope: scope_of(&buyer),
        key,
    };
    Ok((
        Intent {
            merchant: buyer.merchant,
            key,
            request_hash,
        },
        draft,
    ))
}

fn of_goods(
    app: &App,
    buyer: &Buyer,
    goods: &goods::Goods,
    quantity: u32,
) -> Result<Order, FlowError> {
    // Stock is checked, not reserved: two buyers may both pass here. Reservation comes with
    // refunds.
    if let Some(stock) = goods.stock
        && i64::from(quantity) > stock
    {
        let goods_id = goods.goods_id.clone();
        return Err(FlowError::OutOfStock {
            goods_id,
            wanted: quantity,
            stock,
        });
    }
    let amount = goods.price.times(quantity).map_err(|error| {
        FlowError::Invalid(format!("{quantity} times {} yuan: {error}", goods.price))
    })?;
    let title = &goods.title;
    let text = if quantity == 1 {
        title.clone()
    } else {
        format!("{title} ×{quantity}")
    };
    Draft {
        app_id: buyer.app_id.clone(),
        openid: buyer.openid.clone(),
        amount,
        description: shortened(&text).to_owned(),
        expires_in: app.settings.orders.expires_in(),
        metadata: None,
    }
    .order(app, &buyer.merchant)
}

/// A merchant system's intent, with every value checked by our types and by WeChat's rules.
pub(super) fn of_merchant(
    app: &App,
    merchant: Arc<Merchant>,
    key: String,
    wanted: MerchantOrder,
) -> Result<(Intent, Drafted), FlowError> {
    let invalid =
        |name: &str, error: &dyn std::fmt::Display| FlowError::Invalid(format!("{name}: {error}"));
    let request_hash = sha256_of_fields(&[
        "POST /v1/orders",
        &wanted.app_id,
        &wanted.openid,
        &wanted.amount.get().to_string(),
        &wanted.description,
        &wanted
            .expires_in_s
            .map(|seconds| seconds.to_string())
            .unwrap_or_default(),
        wanted.metadata.as_deref().unwrap_or_default(),
    ]);
    let app_id = AppId::new(wanted.app_id).map_err(|error| invalid("app_id", &error))?;
    if merchant.app(&app_id).is_none() {
        return Err(FlowError::Invalid(format!(
            "app_id: `{app_id}` is not an app of this merchant"
        )));
    }
    let openid = OpenId::new(wanted.openid).map_err(|error| invalid("openid", &error))?;
    Description::new(wanted.description.as_str())
        .map_err(|error| invalid("description", &error))?;
    let expires_in = match wanted.expires_in_s {
        None => app.settings.orders.expires_in(),
        Some(seconds) if EXPIRES_IN_S.contains(&seconds) => Duration::from_secs(seconds.into()),
        Some(seconds) => {
            let text = format!("expires_in_s {seconds} is not within 10..=604800");
            return Err(FlowError::Invalid(text));
        }
    };
    let draft = Draft {
        app_id,
        openid,
        amount: wanted.amount,
        description: wanted.description,
        expires_in,
        metadata: wanted.metadata,
    }
    .order(app, &merchant)?;
    let mch_id = merchant.mch_id.clone();
    let key = idempotency::Key {
        mch_id,
        scope: API_SCOPE.to_owned(),
        key,
    };
    Ok((
        Intent {
            merchant,
            key,
            request_hash: hex::encode(request_hash),
        },
        Ok(draft),
    ))
}

struct Draft {
    app_id: AppId,
    openid: OpenId,
    amount: Fen,
    description: String,
    expires_in: Duration,
    metadata: Option<String>,
}

impl Draft {
    fn order(self, app: &App, merchant: &Merchant) -> Result<Order, FlowError> {
        if self.amount.get() < AMOUNT_FEN_MIN {
            return Err(FlowError::Invalid(
                "WeChat Pay takes no payment below 1 fen".to_owned(),
            ));
        }
        let now = app.clock.now();
        Ok(Order {
            mch_id: merchant.mch_id.clone(),
            order_no: new_order_no(app, now),
            app_id: self.app_id,
            openid: self.openid,
            amount: self.amount,
            description: self.description,
            notify_url: merchant.notify_url.clone(),
            metadata: self.metadata,
            created_at: now,
            expires_at: whole_seconds(now.plus(self.expires_in)),
            state: OrderState::Created,
            version: Order::FIRST_VERSION,
        })
    }
}

fn new_order_no(app: &App, now: Millis) -> OrderNo {
    let mut entropy = [0_u8; 8];
    app.ids.fill(&mut entropy);
    order_no::generate(now, entropy)
}

/// WeChat's `time_expire` has seconds; ours must not promise more than it.
fn whole_seconds(at: Millis) -> Millis {
    Millis(at.0 - at.0.rem_euclid(1000))
}

fn shortened(text: &str) -> &str {
    let mut end = text.len().min(DESCRIPTION_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_title_is_cut_between_characters_and_within_the_limit() {
        let title = "茶".repeat(50);
        let cut = shortened(&title);
        assert_eq!(cut.len(), 126);
        assert_eq!(cut.chars().count(), 42);
        assert_eq!(shortened("tea"), "tea");
    }
}
