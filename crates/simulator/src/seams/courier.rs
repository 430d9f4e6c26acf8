//! The way to the merchant's own systems, which are down for hours and forget what they answered.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use server::webhooks::{Courier, CourierError, Receipt};
use wechatpay::BoxFuture;

use super::Process;
use crate::{
    trace::say,
    weather::{Fault, Part},
};

/// As the configuration of the shop has it.
const PATIENCE: Duration = Duration::from_secs(15);

type Delivered = Result<Receipt, CourierError>;

impl Courier for Process {
    fn deliver(&self, request: Request<Bytes>) -> BoxFuture<'_, Delivered> {
        Box::pin(async move {
            self.pass(self.chance.millis(5, 200), "before a webhook")
                .await;
            let delivered = self.hand_over(&request).await;
            let came = match &delivered {
                Ok(receipt) => receipt.status.as_str().to_owned(),
                Err(error) => error.to_string(),
            };
            say!(
                self.world.trace,
                self.name,
                "webhook {} -> {came}",
                webhook_id(&request)
            );
            self.pass(Duration::ZERO, "after a webhook").await;
            delivered
        })
    }
}

impl Process {
    async fn hand_over(&self, request: &Request<Bytes>) -> Delivered {
        if self.world.weather.clogged(Part::Receivers).is_some() {
            return Err(CourierError::Unreachable("simulated".to_owned()));
        }
        if self.strikes(Fault::ReceiverFails) {
            return Ok(receipt(StatusCode::INTERNAL_SERVER_ERROR));
        }
        self.world
            .receiver
            .take(webhook_id(request), request.body());
        if self.strikes(Fault::ReceiverForgets) {
            self.world.time.sleep(PATIENCE).await;
            return Err(CourierError::TimedOut);
        }
        Ok(receipt(StatusCode::OK))
    }
}

fn webhook_id(request: &Request<Bytes>) -> &str {
    let id = request.headers().get("webhook-id");
    id.and_then(|id| id.to_str().ok())
        .unwrap_or("without an id")
}

fn receipt(status: StatusCode) -> Receipt {
    Receipt {
        status,
        retry_after: None,
        answer: String::new(),
    }
}
