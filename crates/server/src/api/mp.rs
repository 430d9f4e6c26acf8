//! The mini program's calls. The phone is never believed: not about price, payer, or payment
//! result.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{GoodsId, OrderView};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{
    error::ApiError,
    extract::{IdempotencyKey, Json, JsonBody, LoginRoom, OrderNoPath, Params, Room},
    named::{Named, saved},
    wire::{OrderAnswer, Page, PayableAnswer, page_limit, page_of, parse_cursor},
};
use crate::{
    app::App,
    flows::{
        close_order::close_order,
        log_in::{self, Buyer},
        once::{Answered, once},
        pay_again::pay_again,
        place_order::{self, Placed},
        read_orders,
        refresh_order::refresh_order,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginBody {
    app_id: Option<String>,
    code: String,
}

impl JsonBody for LoginBody {}

#[derive(Serialize)]
pub(super) struct LoginAnswer {
    token: String,
    expires_at: String,
}

pub(super) async fn login(
    State(app): State<Arc<App>>,
    room: LoginRoom,
    Json(body): Json<LoginBody>,
) -> Result<Answer<LoginAnswer>, ApiError> {
    let _place = room.take(&app)?;
    let session = log_in::log_in(&app, body.app_id, body.code).await?;
    Ok(Answer(LoginAnswer {
        token: session.token,
        expires_at: session.expires_at.rfc3339(),
    }))
}

#[derive(Serialize)]
pub(super) struct GoodsBody {
    id: String,
    title: String,
    price_fen: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stock: Option<i64>,
}

#[derive(Serialize)]
pub(super) struct GoodsAnswer {
    data: Vec<GoodsBody>,
}

pub(super) async fn goods(
    State(app): State<Arc<App>>,
    buyer: Buyer,
) -> Result<Answer<GoodsAnswer>, ApiError> {
    let goods = read_orders::goods(&app, &buyer).await?;
    let data = goods.into_iter().map(|goods| GoodsBody {
        id: goods.goods_id.as_str().to_owned(),
        title: goods.title,
        price_fen: goods.price.get(),
        image: goods.image,
        stock: goods.stock,
    });
    Ok(Answer(GoodsAnswer {
        data: data.collect(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BuyBody {
    goods_id: String,
    quantity: u32,
}

impl JsonBody for BuyBody {
    const UNKNOWN_FIELD_ADVICE: &'static str =
        "the amount comes from the catalogue and the payer from the session";
}

pub(super) async fn place(
    State(app): State<Arc<App>>,
    room: Room,
    buyer: Buyer,
    IdempotencyKey(key): IdempotencyKey,
    Json(body): Json<BuyBody>,
) -> Result<Response, ApiError> {
    let goods_id = GoodsId::new(body.goods_id)
        .map_err(|error| ApiError::invalid(format!("goods_id: {error}")))?;
    let permit = room.take(&app)?;
    let placed = place_order::buy(app, permit, buyer, key, goods_id, body.quantity).await?;
    Ok(placed_answer(placed))
}

/// 201 for a new order, 200 for the repeat of one.
pub(super) fn placed_answer(placed: Placed) -> Response {
    let (status, order, payment) = match placed {
        Placed::Now { order, payment } => (StatusCode::CREATED, order, payment),
        Placed::Before { order, payment } => (StatusCode::OK, order, payment),
    };
    (
        status,
        Answer(PayableAnswer {
            order: OrderView::from(&order),
            payment,
        }),
    )
        .into_response()
}

pub(super) async fn pay(
    State(app): State<Arc<App>>,
    room: Room,
    buyer: Buyer,
    OrderNoPath(order_no): OrderNoPath,
    named: Named,
) -> Result<Answered, ApiError> {
    let permit = room.take(&app)?;
    let (call, flow_app) = (named.of_buyer(&buyer), app.clone());
    let answered = once(&app, call, |_| async move {
        let (order, payment) = pay_again(flow_app, permit, buyer, order_no).await?;
        let order = OrderView::from(&order);
        saved(StatusCode::OK, &PayableAnswer { order, payment })
    });
    Ok(answered.await?)
}

pub(super) async fn refresh(
    State(app): State<Arc<App>>,
    room: Room,
    buyer: Buyer,
    OrderNoPath(order_no): OrderNoPath,
    named: Named,
) -> Result<Answered, ApiError> {
    let place = room.take(&app)?;
    let (call, flow_app) = (named.of_buyer(&buyer), app.clone());
    let answered = once(&app, call, |_| async move {
        let order = read_orders::own(&flow_app, &buyer, &order_no).await?;
        let order = refresh_order(&flow_app, &buyer.merchant, order).await?;
        drop(place);
        saved(StatusCode::OK, &OrderAnswer::from(&order))
    });
    Ok(answered.await?)
}

pub(super) async fn close(
    State(app): State<Arc<App>>,
    room: Room,
    buyer: Buyer,
    OrderNoPath(order_no): OrderNoPath,
    named: Named,
) -> Result<Answered, ApiError> {
    let place = room.take(&app)?;
    let (call, flow_app) = (named.of_buyer(&buyer), app.clone());
    let answered = once(&app, call, |_| async move {
        let order = read_orders::own(&flow_app, &buyer, &order_no).await?;
        let order = close_order(&flow_app, &buyer.merchant, order).await?;
        drop(place);
        saved(StatusCode::OK, &OrderAnswer::from(&order))
    });
    Ok(answered.await?)
}

pub(super) async fn get(
    State(app): State<Arc<App>>,
    buyer: Buyer,
    OrderNoPath(order_no): OrderNoPath,
) -> Result<Answer<OrderAnswer>, ApiError> {
    let order = read_orders::own(&app, &buyer, &order_no).await?;
    Ok(Answer(OrderAnswer::from(&order)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageParams {
    limit: Option<u32>,
    cursor: Option<String>,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    buyer: Buyer,
    Params(params): Params<PageParams>,
) -> Result<Answer<Page<OrderView>>, ApiError> {
    let limit = page_limit(params.limit)?;
    let after = parse_cursor(params.cursor.as_deref())?;
    let orders = read_orders::own_page(&app, &buyer, after, limit).await?;
    Ok(Answer(page_of(orders, limit)))
}
