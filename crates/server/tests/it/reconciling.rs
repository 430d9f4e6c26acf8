//! Days, bills, and what was found in them.

use domain::{BillDay, Order, OrderNo, OrderState, Payment, TransactionId, reconcile::first_look};
use serde_json::{Value, json};
use server::{
    app::App,
    flows::reconcile::{ReconcileError, Reconciled, reconcile},
};
use store::{Tx, orders};

use crate::{
    refunding::settings,
    world::{API_KEY, World},
};

impl World {
    pub(crate) fn today(&self) -> BillDay {
        BillDay::of(self.now())
    }

    /// Noon of a fresh day, so that what follows stays within it however slow the machine is.
    pub(crate) async fn until_noon(&self) {
        let noon = self.today().end().0 + 12 * 3_600_000;
        self.until(noon).await;
    }

    /// When this day's bill can be had, and ten minutes more: what falls due while a sandbox is
    /// advanced takes time, by which its clock is then behind.
    pub(crate) async fn until_bill_of(&self, day: BillDay) {
        self.until(first_look(day).0 + 600_000).await;
    }

    /// Both clocks, and no job.
    async fn until(&self, millis: i64) {
        let seconds = u64::try_from((millis - self.now().0).max(0)).unwrap() / 1000 + 1;
        self.advance_clocks(seconds).await;
    }

    /// What WeChat's bills say that is not so.
    pub(crate) async fn bill_mistakes(&self, mistakes: Value) {
        settings(self, json!({ "bill_mistakes": mistakes })).await;
    }

    pub(crate) async fn try_reconcile(&self, day: BillDay) -> Result<Reconciled, ReconcileError> {
        reconcile_on(&self.app, day).await
    }

    pub(crate) async fn reconcile(&self, day: BillDay) -> Reconciled {
        self.try_reconcile(day).await.unwrap()
    }

    /// The differences of a day as `kind number billed booked state`.
    pub(crate) async fn differences(&self, day: BillDay) -> Vec<String> {
        let path = format!("/v1/reconciliations/{day}/differences?limit=100");
        let answer = self.get(API_KEY, &path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = answer.json();
        let amount = |value: &Value| value.as_i64().map_or("-".to_owned(), |fen| fen.to_string());
        let differences = answer["data"].as_array().unwrap().iter();
        differences
            .map(|it| {
                let text = |name: &str| it[name].as_str().unwrap_or_default();
                let number = match it.get("refund_no") {
                    Some(number) => number.as_str().unwrap(),
                    None => text("transaction_id"),
                };
                let (billed, booked) = (amount(&it["billed_fen"]), amount(&it["booked_fen"]));
                format!(
                    "{} {number} {billed} {booked} {}",
                    text("kind"),
                    text("state")
                )
            })
            .collect()
    }

    /// The data of every `reconciliation.difference`, as a reader of events gets it.
    pub(crate) async fn difference_events(&self) -> Vec<Value> {
        let answer = self.get(API_KEY, "/v1/events?limit=100").await.json();
        let events = answer["data"].as_array().unwrap().iter();
        events
            .filter(|event| event["type"] == "reconciliation.difference")
            .map(|event| event["data"].clone())
            .collect()
    }

    pub(crate) async fn run_of(&self, day: BillDay) -> Value {
        let path = format!("/v1/reconciliations?date={day}");
        let answer = self.get(API_KEY, &path).await.json();
        answer["data"][0].clone()
    }

    pub(crate) async fn load(&self, order_no: &str) -> Order {
        let order_no = OrderNo::new(order_no).unwrap();
        let order = orders::get(&self.app.store, &self.mch_id(), &order_no).await;
        order.unwrap().unwrap()
    }

    /// WeChat's number of an order's payment, as WeChat has it.
    pub(crate) async fn transaction_id(&self, order_no: &str) -> String {
        let url = format!("{}/control/orders", self.control);
        let answer = self.http.get(&url, &[]).await.json();
        let orders = answer["data"].as_array().unwrap();
        let order = orders
            .iter()
            .find(|it| it["out_trade_no"] == order_no)
            .unwrap();
        order["transaction_id"].as_str().unwrap().to_owned()
    }

    /// Books a payment at a moment of our own choice.
    pub(crate) async fn book_at(&self, order_no: &str, paid_at: domain::Millis) {
        let order = self.load(order_no).await;
        let id = self.transaction_id(order_no).await;
        let payment = Payment {
            transaction_id: TransactionId::new(id).unwrap(),
            paid_at,
        };
        let mut tx = Tx::new("test_book");
        orders::record(&mut tx, &order, &OrderState::Paid { payment }, self.now());
        self.app.commit(tx).await.unwrap();
    }
}

pub(crate) async fn reconcile_on(app: &App, day: BillDay) -> Result<Reconciled, ReconcileError> {
    let merchant = app.merchants.by_key("default").unwrap();
    reconcile(app, &merchant, day, &|_| {}).await
}
