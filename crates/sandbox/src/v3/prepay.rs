//! `POST /v3/pay/transactions/{jsapi,app,native,h5}`
//!
//! Source: pay.weixin.qq.com/doc/v3/merchant/4012791856 and 4012791897; the texts of the refusals
//! are from field reports where the pages give none.

use std::net::IpAddr;

use fen::Fen;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{read_body, same_merchant};
use crate::clock::later;
use crate::gateway::{Incoming, Outcome, Success};
use crate::ledger::{
    AUTO_CLOSE_SECONDS, Ledger, Merchant, Order, OrderKey, Prepay, Product, State,
};
use crate::platform::Platform;
use crate::refusal::{ILLEGAL_PARAMETER, Refusal};
use crate::settings::{ChangedPrepay, LatestTimeExpire, RepeatedPrepay, Settings};
use crate::wire::prepay::{PrepayRequest, fields};

/// A `time_expire` nearer than this is silently moved here.
const LEAST_SECONDS: i64 = 60;
const REENTRY_DIFFERS: u32 = 268_498_688;
const ALREADY_PAID: u32 = 268_498_689;
const ORDER_DEAD: u32 = 268_447_914;
const APP_NOT_BOUND: u32 = 268_445_527;

pub(super) fn run(
    platform: &Platform,
    merchant: &Merchant,
    product: Product,
    incoming: &Incoming,
) -> Outcome {
    let (request, parameters) = read_body::<PrepayRequest>(incoming, fields(product))?;
    let settings = platform.settings();
    let now = platform.clock.now();
    let mut ledger = platform.ledger();
    same_merchant(merchant, &request.mchid)?;
    check_permission(merchant, product)?;
    check_app(&ledger, &request)?;
    check_payer(&ledger, &request)?;
    check_ip(product, &request)?;
    let key = OrderKey {
        mchid: merchant.mchid.clone(),
        out_trade_no: request.out_trade_no.clone(),
    };
    if ledger.burnt.contains(&key) {
        return Err(changed(&settings));
    }
    let prepay = match ledger.order(&key, now) {
        Some(order) => {
            let known = repeat(order, product, &parameters, &settings, now)?;
            known.unwrap_or_else(|| Prepay::issue(&platform.chance, now))
        }
        None => {
            let prepay = Prepay::issue(&platform.chance, now);
            let order = first(key.clone(), product, request, parameters, &settings, now);
            ledger.open_order(order);
            prepay
        }
    };
    let answer = answer(product, &prepay.id);
    if !ledger.prepays.contains_key(&prepay.id) {
        ledger.add_prepay(&key, prepay);
    }
    Ok(Success::json(&answer))
}

fn check_permission(merchant: &Merchant, product: Product) -> Result<(), Refusal> {
    if merchant.products.contains(&product) {
        return Ok(());
    }
    Err(Refusal::new(
        403,
        "NO_AUTH",
        "商户号该产品权限未开通",
        ILLEGAL_PARAMETER,
    ))
}

fn check_app(ledger: &Ledger, request: &PrepayRequest) -> Result<(), Refusal> {
    let app = ledger.apps.get(&request.appid);
    if app.is_some_and(|app| app.mchids.contains(&request.mchid)) {
        return Ok(());
    }
    Err(Refusal::new(
        400,
        "APPID_MCHID_NOT_MATCH",
        "appid和mch_id不匹配",
        APP_NOT_BOUND,
    ))
}

fn check_payer(ledger: &Ledger, request: &PrepayRequest) -> Result<(), Refusal> {
    let Some(payer) = &request.payer else {
        return Ok(());
    };
    if ledger.person_of(&request.appid, &payer.openid).is_some() {
        return Ok(());
    }
    let elsewhere = ledger
        .apps
        .keys()
        .any(|app| ledger.person_of(app, &payer.openid).is_some());
    Err(Refusal::invalid(if elsewhere {
        "appid与openid不匹配"
    } else {
        "无效的openid"
    }))
}

/// Only a mobile browser has an address of its own.
fn check_ip(product: Product, request: &PrepayRequest) -> Result<(), Refusal> {
    let ip = request
        .scene_info
        .as_ref()
        .map(|scene| scene.payer_client_ip.parse::<IpAddr>());
    match (product, ip) {
        (_, Some(Err(_))) => Err(Refusal::invalid("用户终端IP格式错误")),
        (Product::H5, Some(Ok(ip))) if ip.is_loopback() => {
            Err(Refusal::invalid("payer_client_ip必须为用户真实IP"))
        }
        _ => Ok(()),
    }
}

/// A number that is known: the same request again, or a mistake. `None` calls for a new prepay id.
fn repeat(
    order: &Order,
    product: Product,
    parameters: &Value,
    settings: &Settings,
    now: Timestamp,
) -> Result<Option<Prepay>, Refusal> {
    match order.state {
        State::Success(_) => {
            let code = settings.spelling.order_paid();
            return Err(Refusal::new(400, code, "该订单已支付", ALREADY_PAID));
        }
        State::Closed => {
            let code = settings.spelling.order_closed();
            return Err(Refusal::new(400, code, "该订单已关闭", ORDER_DEAD));
        }
        State::NotPay => {}
    }
    if order.product != product {
        return Err(number_used());
    }
    if order.parameters != *parameters {
        return Err(changed(settings));
    }
    let living = order
        .living_prepay(now)
        .filter(|_| match settings.repeated_prepay {
            RepeatedPrepay::Same => true,
            RepeatedPrepay::New => false,
        });
    Ok(living.cloned())
}

fn changed(settings: &Settings) -> Refusal {
    match settings.changed_prepay {
        ChangedPrepay::InvalidRequest => {
            Refusal::invalid("请求重入时，参数与首次请求时不一致").with_internal(REENTRY_DIFFERS)
        }
        ChangedPrepay::OutTradeNoUsed => number_used(),
    }
}

fn number_used() -> Refusal {
    Refusal::new(403, "OUT_TRADE_NO_USED", "商户订单号重复", REENTRY_DIFFERS)
}

fn first(
    key: OrderKey,
    product: Product,
    request: PrepayRequest,
    parameters: Value,
    settings: &Settings,
    now: Timestamp,
) -> Order {
    let latest = match settings.latest_time_expire {
        LatestTimeExpire::SevenDays => AUTO_CLOSE_SECONDS,
        LatestTimeExpire::FifteenDays => 15 * 86_400,
    };
    let wished = request
        .time_expire
        .unwrap_or_else(|| later(now, AUTO_CLOSE_SECONDS));
    Order {
        key,
        appid: request.appid,
        product,
        parameters,
        description: request.description,
        notify_url: request.notify_url,
        attach: request.attach,
        device_id: request.scene_info.and_then(|scene| scene.device_id),
        amount: request.amount.total,
        openid: request.payer.map(|payer| payer.openid),
        created_at: now,
        expires_at: wished.clamp(later(now, LEAST_SECONDS), later(now, latest)),
        prepays: Vec::new(),
        state: State::NotPay,
        parts: 0,
        refunded: Fen::ZERO,
    }
}

fn answer(product: Product, prepay_id: &str) -> Value {
    match product {
        Product::Jsapi | Product::App => json!({ "prepay_id": prepay_id }),
        Product::Native => {
            json!({ "code_url": format!("weixin://wxpay/bizpayurl?pr={prepay_id}") })
        }
        Product::H5 => json!({
            "h5_url": format!("https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={prepay_id}")
        }),
    }
}
