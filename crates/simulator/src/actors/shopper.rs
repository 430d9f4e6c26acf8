//! A buyer: orders, pays, hesitates, hangs up, taps twice, and tries again with the same key.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    audit::Violation,
    chance::Chance,
    client::{Answer, Call},
    shop::goods_id,
    trace::say,
    weather::Fault,
    world::World,
};

/// How often a session that the server does not know is renewed for one intent.
const LOGINS_MAX: u32 = 5;

/// So many purchases follow the one before at once: things go wrong together when much happens
/// together.
const IN_A_ROW_PERCENT: u64 = 60;

/// See the module.
struct Shopper {
    world: Arc<World>,
    chance: Chance,
    name: String,
    token: String,
}

/// Buys the goods of these numbers, one after the other, within the storm.
pub(crate) async fn go_shopping(world: Arc<World>, name: String, goods: Vec<u32>) {
    let chance = world.chance.named(&name);
    let mut shopper = Shopper {
        world,
        chance,
        name,
        token: String::new(),
    };
    let pause = shopper.pause(goods.len());
    for number in goods {
        let length = if shopper.chance.percent(IN_A_ROW_PERCENT) {
            shopper.chance.seconds(0, 120)
        } else {
            shopper.chance.seconds(0, pause)
        };
        shopper.world.time.sleep(length).await;
        if shopper.world.weather.is_calm() {
            return;
        }
        shopper.buy(number).await;
    }
}

impl Shopper {
    /// The longest pause between two purchases, in seconds, that spreads them over the storm, when
    /// most of them have next to none.
    fn pause(&self, purchases: usize) -> u64 {
        let purchases = u64::try_from(purchases).unwrap_or(1).max(1);
        let spread = self.world.size.storm.as_secs().saturating_mul(2) / purchases;
        spread.saturating_mul(100) / (100 - IN_A_ROW_PERCENT)
    }

    async fn buy(&mut self, number: u32) {
        let key = format!("{}-{number}", self.name);
        let Some(placed) = self.order(&key, number).await else {
            return;
        };
        let order_no = placed["order"]["order_no"].as_str().unwrap_or_default();
        say!(self.world.trace, self.name, "has order {order_no}");
        self.world.intents.belongs(order_no, &self.name);
        self.hesitate().await;
        match self.chance.below(20) {
            0..=13 => self.pay(order_no, &placed["payment"]).await,
            14 => self.close(order_no).await,
            15 => self.pay_and_close(order_no, &placed["payment"]).await,
            16 => self.pay_again(order_no).await,
            _ => say!(self.world.trace, self.name, "leaves {order_no}"),
        }
    }

    /// Most buyers are quick; some come back when the order is about to expire.
    async fn hesitate(&self) {
        let length = match self.chance.below(10) {
            0 => self.chance.seconds(25 * 60, 32 * 60),
            1..=2 => self.chance.seconds(60, 600),
            _ => self.chance.seconds(1, 30),
        };
        self.world.time.sleep(length).await;
    }

    async fn log_in(&mut self) {
        let code = self
            .world
            .wechat()
            .login_code(self.world.shop.app_id.as_str(), &self.name);
        let code = match code {
            Ok(code) => code,
            Err(error) => {
                let what = format!("{} cannot log in: {error}", self.name);
                return self.world.fail(Violation::new("I0", what, None));
            }
        };
        let body = json!({"app_id": self.world.shop.app_id, "code": code});
        let call = Call::post("/v1/mp/login".to_owned(), "", body);
        let answer = call.once(&self.world, &self.chance).await;
        if let Some(token) = answer.body["token"].as_str() {
            token.clone_into(&mut self.token);
            self.world.intents.logged_in(token);
        }
    }

    /// The order and its payment, if there is to be one.
    async fn order(&mut self, key: &str, number: u32) -> Option<Value> {
        let body = json!({"goods_id": goods_id(number), "quantity": 1});
        for _ in 0..LOGINS_MAX {
            if self.token.is_empty() {
                self.log_in().await;
            }
            let token = self.token.clone();
            let call = Call::post("/v1/mp/orders".to_owned(), &token, body.clone()).with_key(key);
            let answer = self.send_order(&call, key).await;
            if answer.is_good() {
                return Some(answer.body);
            }
            match answer.code() {
                "SESSION_INVALID" => self.token.clear(),
                code => {
                    say!(
                        self.world.trace,
                        self.name,
                        "gets no order: {:?} {code}",
                        answer.status
                    );
                    return None;
                }
            }
        }
        None
    }

    async fn send_order(&self, call: &Call<'_>, key: &str) -> Answer {
        let (world, chance) = (&self.world, &self.chance);
        if world.weather.strikes(Fault::PhoneHangsUp, chance) {
            let patience = chance.millis(1, 400);
            // Dropping the call is what the server sees of a phone that hangs up.
            let hung_up = tokio::time::timeout(patience, call.once(world, chance)).await;
            say!(world.trace, self.name, "hangs up: {}", hung_up.is_err());
        }
        if world.weather.strikes(Fault::DoubleTap, chance) {
            let second = chance.named(&format!("second tap {}", chance.next()));
            let (one, two) = tokio::join!(
                call.until_answered(world, chance),
                call.until_answered(world, &second)
            );
            self.remember(key, &one);
            self.remember(key, &two);
            return if one.is_good() { one } else { two };
        }
        let answer = call.until_answered(world, chance).await;
        self.remember(key, &answer);
        if answer.is_good() && chance.percent(10) {
            let again = call.until_answered(world, chance).await;
            self.remember(key, &again);
        }
        answer
    }

    /// Order number and payment must never change under a key.
    fn remember(&self, key: &str, answer: &Answer) {
        if !answer.is_good() {
            return;
        }
        let order = &answer.body["order"];
        let fixed = json!({"order_no": order["order_no"], "amount_fen": order["amount_fen"]});
        if let Err(violation) = self.world.intents.answered(key, fixed) {
            self.world.fail(violation);
        }
        let order_no = order["order_no"].as_str().unwrap_or_default();
        let sql = "SELECT state FROM orders WHERE order_no = $1";
        if self.world.look_one(sql, &[order_no]).is_none() {
            let what = format!("order {order_no} was acknowledged and is not kept");
            self.world.fail(Violation::new("I7", what, Some(order_no)));
        }
    }

    /// `wx.requestPayment`: what it says is a hint; then the server is asked.
    async fn pay(&self, order_no: &str, payment: &Value) {
        let outcome = self.at_the_cashier(payment).await;
        say!(self.world.trace, self.name, "pays {order_no}: {outcome}");
        if self.chance.percent(80) {
            let path = format!("/v1/mp/orders/{order_no}/refresh");
            let call = Call::post(path, &self.token, json!({}));
            let answer = call.once(&self.world, &self.chance).await;
            let state = answer.body["order"]["state"].as_str().unwrap_or("-");
            say!(
                self.world.trace,
                self.name,
                "is told that {order_no} is {state}"
            );
        }
    }

    async fn at_the_cashier(&self, payment: &Value) -> String {
        let mut parameters = payment.clone();
        parameters["appid"] = json!(self.world.shop.app_id);
        parameters["user"] = json!(self.name);
        let opened = self.world.wechat().request_payment(&parameters);
        let cashier = match opened {
            Ok(cashier) => cashier,
            Err(fail) => return fail.to_string(),
        };
        self.world.time.sleep(self.chance.seconds(2, 40)).await;
        if self.chance.percent(10) {
            let left = self.world.wechat().cancel(&cashier.cashier_id);
            return format!("cancelled: {}", left.is_ok());
        }
        let paid = self.world.wechat().pay(&cashier.cashier_id);
        self.world.platform_activity.notify_one();
        match paid {
            Ok(()) => "ok".to_owned(),
            Err(fail) => fail.to_string(),
        }
    }

    async fn close(&self, order_no: &str) {
        let path = format!("/v1/mp/orders/{order_no}/close");
        let call = Call::post(path, &self.token, json!({}));
        let answer = call.until_answered(&self.world, &self.chance).await;
        say!(
            self.world.trace,
            self.name,
            "closes {order_no}: {:?}",
            answer.status
        );
    }

    async fn pay_and_close(&self, order_no: &str, payment: &Value) {
        tokio::join!(self.pay(order_no, payment), async {
            self.world.time.sleep(self.chance.seconds(0, 40)).await;
            self.close(order_no).await;
        });
    }

    async fn pay_again(&self, order_no: &str) {
        let path = format!("/v1/mp/orders/{order_no}/payment");
        let call = Call::post(path, &self.token, json!({}));
        let answer = call.until_answered(&self.world, &self.chance).await;
        if answer.is_good() {
            self.pay(order_no, &answer.body["payment"]).await;
        }
    }
}
