//! Refunds, for the merchant's own systems and for its operators.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{FromRequestParts, Path, State},
    response::{IntoResponse, Response},
};
use domain::{RefundNo, RefundView};
use fen::Fen;
use http::{StatusCode, request::Parts};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wechatpay::{BankAccount, BankType, RealName, RefundTo};

use super::{
    error::{ApiError, ErrorCode},
    extract::{ApiCaller, IdempotencyKey, Json, JsonBody, OrderNoPath, Room},
    named::{Named, saved},
};
use crate::{
    app::App,
    flows::{
        FlowError,
        once::{Answered, once},
        request_refund::{self, Requested, WantedRefund},
        unstick_refund::unstick_refund,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefundRequest {
    amount_fen: Fen,
    reason: Option<String>,
}

impl JsonBody for RefundRequest {}

/// `{"refund": …}`
#[derive(Serialize)]
pub(super) struct RefundAnswer {
    refund: RefundView,
}

pub(super) async fn request(
    State(app): State<Arc<App>>,
    room: Room,
    ApiCaller(merchant): ApiCaller,
    OrderNoPath(order_no): OrderNoPath,
    IdempotencyKey(key): IdempotencyKey,
    Json(body): Json<RefundRequest>,
) -> Result<Response, ApiError> {
    let wanted = WantedRefund {
        order_no,
        amount: body.amount_fen,
        reason: body.reason,
    };
    let permit = room.take(&app)?;
    let requested = request_refund::request_refund(app, permit, merchant, key, wanted).await?;
    let (status, refund) = match requested {
        Requested::Now(refund) => (StatusCode::ACCEPTED, refund),
        Requested::Before(refund) => (StatusCode::OK, refund),
    };
    Ok((status, Answer(json!({"refund": refund}))).into_response())
}

pub(super) async fn get(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    RefundNoPath(refund_no): RefundNoPath,
) -> Result<Answer<RefundAnswer>, ApiError> {
    let refund = request_refund::read(&app, &merchant, &refund_no).await?;
    let refund = RefundView::from(&refund);
    Ok(Answer(RefundAnswer { refund }))
}

/// An order has 50 refunds at most, so that one page holds them.
pub(super) async fn of_order(
    State(app): State<Arc<App>>,
    ApiCaller(merchant): ApiCaller,
    OrderNoPath(order_no): OrderNoPath,
) -> Result<Answer<Value>, ApiError> {
    let refunds = request_refund::read_of_order(&app, &merchant, &order_no).await?;
    let views: Vec<RefundView> = refunds.iter().map(RefundView::from).collect();
    Ok(Answer(json!({"data": views, "next_cursor": null})))
}

/// Where the money of a stuck refund goes instead. It has no `Debug`: there is a card in it.
#[derive(Deserialize, Serialize)]
#[serde(tag = "to", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum AnotherWay {
    /// Back to the merchant, who pays the buyer by hand.
    Merchant {},
    /// To a debit card of the buyer's.
    BuyersCard {
        bank_type: String,
        bank_account: String,
        real_name: String,
    },
}

impl JsonBody for AnotherWay {}

impl AnotherWay {
    fn checked(self) -> Result<RefundTo, ApiError> {
        let invalid = |error: wechatpay::InvalidValue| ApiError::invalid(error.to_string());
        match self {
            Self::Merchant {} => Ok(RefundTo::Merchant),
            Self::BuyersCard {
                bank_type,
                bank_account,
                real_name,
            } => match BankType::from(bank_type.as_str()) {
                BankType::Unknown(_) => Err(ApiError::invalid(
                    "bank_type is none of WeChat Pay's debit cards, such as CMB_DEBIT",
                )),
                bank_type => Ok(RefundTo::BuyersCard {
                    bank_type,
                    bank_account: BankAccount::new(bank_account).map_err(invalid)?,
                    real_name: RealName::new(real_name).map_err(invalid)?,
                }),
            },
        }
    }
}

pub(super) async fn unstick(
    State(app): State<Arc<App>>,
    room: Room,
    ApiCaller(merchant): ApiCaller,
    RefundNoPath(refund_no): RefundNoPath,
    named: Named,
    Json(way): Json<AnotherWay>,
) -> Result<Answered, ApiError> {
    let call = named.with_body(&merchant, &way)?;
    let to = way.checked()?;
    let place = room.take(&app)?;
    let flow_app = app.clone();
    let answered = once(&app, call, |claim| async move {
        let refund = match unstick_refund(&flow_app, &merchant, &refund_no, to).await {
            // Whoever began this call had it sent another way, and died before answering.
            Err(FlowError::RefundNotAbnormal { .. }) if claim.is_again() => {
                request_refund::read(&flow_app, &merchant, &refund_no).await?
            }
            outcome => outcome?,
        };
        drop(place);
        let refund = RefundView::from(&refund);
        saved(StatusCode::OK, &RefundAnswer { refund })
    });
    Ok(answered.await?)
}

/// The refund number of the path. A malformed one cannot exist, so it is "not found" like any
/// other.
pub(super) struct RefundNoPath(RefundNo);

impl FromRequestParts<Arc<App>> for RefundNoPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let not_found = || {
            ApiError::new(
                ErrorCode::RefundNotFound,
                "there is no refund with this number",
            )
        };
        let Path(text) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|_| not_found())?;
        RefundNo::new(text).map(Self).map_err(|_| not_found())
    }
}
