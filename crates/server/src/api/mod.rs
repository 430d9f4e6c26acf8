//! The HTTP face. A handler is: extract, call one flow, answer.

mod caller;
mod envelope;
mod error;
mod events;
mod extract;
mod gate;
mod health;
mod lane;
mod mp;
mod named;
mod notify;
mod orders;
mod pages;
mod reconciliations;
mod refunds;
mod webhook_endpoints;
mod wire;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    middleware,
    routing::{get, post},
};

pub use caller::Peer;
pub use error::{ApiError, ErrorCode};
pub use pages::RenderMetrics;

use crate::app::App;

/// Everything the public listener serves.
pub fn router(app: Arc<App>) -> Router {
    let routes = webhook_routes(Router::new())
        .route("/v1/mp/login", post(mp::login))
        .route("/v1/events", get(events::list))
        .route("/v1/mp/goods", get(mp::goods))
        .route("/v1/mp/orders", post(mp::place).get(mp::list))
        .route("/v1/mp/orders/{order_no}", get(mp::get))
        .route("/v1/mp/orders/{order_no}/payment", post(mp::pay))
        .route("/v1/mp/orders/{order_no}/refresh", post(mp::refresh))
        .route("/v1/mp/orders/{order_no}/close", post(mp::close))
        .route("/v1/orders", post(orders::place).get(orders::list))
        .route("/v1/orders/{order_no}", get(orders::get))
        .route("/v1/orders/{order_no}/refresh", post(orders::refresh))
        .route("/v1/orders/{order_no}/close", post(orders::close))
        .route(
            "/v1/orders/{order_no}/refunds",
            post(refunds::request).get(refunds::of_order),
        )
        .route("/v1/refunds/{refund_no}", get(refunds::get))
        .route("/v1/refunds/{refund_no}/abnormal", post(refunds::unstick))
        .route("/v1/reconciliations", get(reconciliations::list))
        .route(
            "/v1/reconciliations/{date}/differences",
            get(reconciliations::differences),
        )
        .route("/v1/wechat/notify/{merchant_key}", post(notify::receive))
        .route("/errors/{code}", get(pages::error_page));
    finish(health_routes(routes), app)
}

fn webhook_routes(router: Router<Arc<App>>) -> Router<Arc<App>> {
    use webhook_endpoints as hooks;
    router
        .route(
            "/v1/webhook_endpoints",
            post(hooks::create).get(hooks::list),
        )
        .route(
            "/v1/webhook_endpoints/{id}",
            get(hooks::get).delete(hooks::delete),
        )
        .route("/v1/webhook_endpoints/{id}/rotate", post(hooks::rotate))
        .route("/v1/webhook_endpoints/{id}/enable", post(hooks::enable))
        .route("/v1/webhook_endpoints/{id}/replay", post(hooks::replay))
        .route("/v1/webhook_endpoints/{id}/attempts", get(hooks::attempts))
}

/// Everything the admin listener serves: metrics, and the same health for probes that cannot reach
/// the public one. It is bound to loopback unless the configuration says otherwise.
pub fn admin_router(app: Arc<App>, render_metrics: RenderMetrics) -> Router {
    let metrics = get(move |State(app): State<Arc<App>>| {
        std::future::ready(pages::metrics(&app, &render_metrics))
    });
    finish(health_routes(Router::new().route("/metrics", metrics)), app)
}

fn health_routes(router: Router<Arc<App>>) -> Router<Arc<App>> {
    router
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
}

fn finish(router: Router<Arc<App>>, app: Arc<App>) -> Router {
    router
        .fallback(pages::no_such_route)
        .method_not_allowed_fallback(pages::method_not_allowed)
        .layer(middleware::from_fn_with_state(
            app.clone(),
            envelope::envelope,
        ))
        .with_state(app)
}
