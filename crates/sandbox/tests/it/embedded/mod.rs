//! The platform without sockets: one thread, no runtime, and a clock that only the test moves.

mod shop;

use fen::Fen;
use jiff::SignedDuration;
use sandbox::{Keys, OrderState, RefundFate, RefundStatus};
use serde_json::json;
use wechatpay::crypto::message;

use shop::{NOTIFY_URL, Shop, start};

#[test]
fn an_order_is_placed_paid_notified_queried_and_refunded_without_a_socket() {
    let mut shop = Shop::open(1);
    shop.sell("E000001");
    let (_, told) = shop.receive(Some(204)).unwrap();
    assert_eq!(
        told,
        shop.query("E000001"),
        "a notification says what a query says"
    );
    let OrderState::Paid {
        transaction_id,
        paid_at,
    } = shop.state("E000001")
    else {
        panic!("{:?}", shop.state("E000001"));
    };
    assert_eq!(told["transaction_id"], transaction_id);
    assert_eq!(paid_at, start());

    assert_eq!(shop.refund("E000001").body["status"], "PROCESSING");
    assert!(shop.receive(None).is_none(), "a refund takes five seconds");
    shop.platform.set_now(shop.platform.next_due().unwrap());
    assert_eq!(shop.platform.now(), start() + SignedDuration::from_secs(5));
    let (_, told) = shop.receive(Some(200)).unwrap();
    assert_eq!(told["refund_status"], "SUCCESS");
    let refund = shop.platform.refund("R-E000001").unwrap();
    assert_eq!(refund.status, RefundStatus::Success(shop.platform.now()));
    assert_eq!(shop.platform.refunds(), [refund]);
    assert_eq!(
        shop.platform.order("E000001").unwrap().refunded,
        Fen::new(30).unwrap()
    );
    assert_eq!(shop.platform.next_due(), None);
}

/// What two runs are compared by: a day of a shop, with a lost notification and a refund.
fn day(seed: u64) -> String {
    let mut shop = Shop::open(seed);
    for number in ["Z000001", "A000002", "M000003"] {
        shop.sell(number);
        shop.advance(7);
    }
    shop.refund("A000002");
    shop.close("unknown1");
    let mut turn = 0;
    while let Some(next) = shop.platform.next_due() {
        shop.platform.set_now(next);
        turn += 1;
        let status = (turn % 3 == 0).then_some(204);
        while shop.receive(status).is_some() {}
    }
    let (orders, refunds) = (shop.platform.orders(), shop.platform.refunds());
    format!("{}{orders:?}{refunds:?}", shop.seen)
}

#[test]
fn the_same_seed_and_calls_give_the_same_bytes_and_another_seed_gives_others() {
    let first = day(42);
    assert_eq!(first, day(42));
    assert_ne!(first, day(43));
    assert!(
        first.contains("ORDER_NOT_EXIST"),
        "refusals are compared too"
    );
}

#[test]
fn time_moves_only_when_it_is_set_and_never_back() {
    let mut shop = Shop::open(2);
    let openid = shop.log_in();
    shop.prepay("T000001", &openid);
    assert_eq!(shop.platform.now(), start());
    shop.advance(7 * 86_400 - 1);
    assert_eq!(shop.state("T000001"), OrderState::NotPay);
    shop.advance(1);
    assert_eq!(shop.state("T000001"), OrderState::Closed, "by age");
    let now = shop.platform.now();
    shop.platform.set_now(start());
    assert_eq!(shop.platform.now(), now);
    assert_eq!(shop.query("T000001")["trade_state"], "CLOSED");
}

#[test]
fn a_failed_sending_comes_again_by_the_ladder_and_a_copy_besides() {
    let mut shop = Shop::open(3);
    shop.sell("L000001");
    let (id, _) = shop.receive(None).unwrap();
    assert!(shop.receive(None).is_none());
    assert_eq!(
        shop.platform.next_due(),
        Some(start() + SignedDuration::from_secs(15))
    );
    let copy = shop.platform.copy_of(&id).unwrap();
    shop.verify(&copy.headers, &copy.body);
    shop.platform.answered(copy, Some(500));
    shop.advance(15);
    let (again, _) = shop.receive(Some(200)).unwrap();
    assert_eq!(again, id);
    assert_eq!(shop.platform.next_due(), None);
    assert!(
        shop.platform.copy_of(&id).is_some(),
        "also when it has arrived"
    );
    assert!(shop.platform.copy_of("nothing").is_none());
}

#[test]
fn a_login_code_serves_once_and_a_person_who_leaves_pays_nothing() {
    let mut shop = Shop::open(4);
    let openid = shop.log_in();
    assert_eq!(openid, shop.platform.add_user(&shop.papers.appid, "mei"));
    let prepay_id = shop.prepay("C000001", &openid);
    let counter = shop.cashier(&prepay_id);
    shop.platform.cancel(&counter.cashier_id).unwrap();
    assert!(shop.platform.pay(&counter.cashier_id).is_err());
    shop.advance(2 * 3600);
    let expired = shop.platform.request_payment(&json!({})).unwrap_err();
    assert!(expired.0.starts_with("requestPayment:fail"), "{expired}");
    assert_eq!(shop.state("C000001"), OrderState::NotPay);
}

#[test]
fn operators_refund_by_hand_decide_fates_and_empty_the_account() {
    let mut shop = Shop::open(5);
    shop.sell("O000001");
    shop.receive(Some(204)).unwrap();
    let amount = Fen::new(40).unwrap();
    let by_hand = shop
        .platform
        .refund_by_hand("O000001", amount, Some(NOTIFY_URL))
        .unwrap();
    shop.platform
        .decide_refund(&by_hand.refund_id, RefundFate::Closed)
        .unwrap();
    let (_, told) = shop.receive(Some(204)).unwrap();
    assert_eq!(told["refund_status"], "CLOSED");
    assert!(
        shop.platform
            .decide_refund(&by_hand.refund_id, RefundFate::Success)
            .is_err()
    );
    assert_eq!(shop.platform.order("O000001").unwrap().refunded, Fen::ZERO);

    shop.platform
        .change_merchant(&json!({ "balance_fen": 0 }))
        .unwrap();
    let refused = shop.refund("O000001");
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (403, &json!("NOT_ENOUGH"))
    );
    shop.platform
        .change_merchant(&json!({ "balance_fen": null }))
        .unwrap();
    shop.platform
        .set_settings(&json!({ "refund_outcome": "abnormal" }))
        .unwrap();
    assert_eq!(shop.refund("O000001").status, 200);
    shop.advance(5);
    let (_, told) = shop.receive(Some(204)).unwrap();
    assert_eq!(told["refund_status"], "ABNORMAL");
    assert!(
        shop.platform
            .set_settings(&json!({ "nonsense": 1 }))
            .is_err()
    );
}

#[test]
fn faults_strike_an_embedded_platform_too() {
    let mut shop = Shop::open(6);
    let script = json!({ "faults": [
        { "on": "query", "kind": "status", "status": 500, "times": 1 },
        { "on": "notification", "kind": "lose", "times": 1 },
    ] });
    shop.platform.set_faults(&script).unwrap();
    shop.sell("F000001");
    assert_eq!(shop.query("F000001")["code"], "SYSTEM_ERROR");
    assert_eq!(shop.query("F000001")["trade_state"], "SUCCESS");
    assert!(shop.receive(Some(204)).is_none(), "lost on the way");
    shop.advance(15);
    assert!(shop.receive(Some(204)).is_some());
}

#[test]
fn money_that_no_platform_would_take_arrives_when_a_test_wants_it() {
    let mut shop = Shop::open(7);
    let openid = shop.log_in();
    shop.prepay("U000001", &openid);
    assert_eq!(shop.close("U000001").status, 204);
    shop.platform.pay_anyway("U000001", "mei").unwrap();
    let (_, first) = shop.receive(Some(204)).unwrap();
    assert_eq!(shop.query("U000001")["trade_state"], "SUCCESS");
    shop.platform.pay_anyway("U000001", "mei").unwrap();
    let (_, second) = shop.receive(Some(204)).unwrap();
    assert_ne!(first["transaction_id"], second["transaction_id"]);
    assert!(shop.platform.pay_anyway("unknown", "mei").is_err());
}

#[test]
fn a_certificate_that_was_made_beforehand_is_rotated_in() {
    let spare = Keys::shared().spare_certificate().unwrap();
    let serial = spare.certificate.serial_no().clone();
    let mut shop = Shop::open(8);
    shop.platform
        .change_merchant(&json!({ "notify_key": "certificate" }))
        .unwrap();
    shop.platform.rotate_certificate(spare.clone());
    shop.sell("K000001");
    let outgoing = shop.platform.take_due().unwrap();
    assert_eq!(outgoing.headers["wechatpay-serial"], serial.as_str());
    let header = |name| outgoing.headers[name].to_str().unwrap();
    let message = message::answer(
        header("wechatpay-timestamp"),
        header("wechatpay-nonce"),
        &outgoing.body,
    );
    let key = spare.certificate.public_key();
    key.verify(&message, header("wechatpay-signature")).unwrap();
}

/// The papers are those of now: whoever is told of a new key configures it from here.
#[test]
fn a_changed_key_is_in_the_papers() {
    let shop = Shop::open(12);
    let key = "another-key-of-exactly-32-bytes!";
    let change = json!({ "api_v3_key": key });
    shop.platform.change_merchant(&change).unwrap();
    assert_eq!(shop.platform.merchant().api_v3_key, key);
    assert_ne!(shop.papers.api_v3_key, key);
}

#[test]
fn clones_are_the_same_platform_and_cross_threads() {
    let shop = Shop::open(9);
    let other = shop.platform.clone();
    let moved = std::thread::spawn(move || other.set_now(start() + SignedDuration::from_secs(1)));
    moved.join().unwrap();
    assert_eq!(shop.platform.now(), start() + SignedDuration::from_secs(1));
}

/// Neither half of a call needs RSA, and everything else stays as it is.
#[cfg(feature = "simulation")]
#[test]
fn a_shop_with_simulated_keys_trades_like_any_other() {
    let keys = Keys::shared().simulated(7);
    let mut shop = Shop::with(keys.clone(), 10);
    shop.platform
        .change_merchant(&json!({ "key_mode": "public_key" }))
        .unwrap();
    assert!(shop.papers.private_key_pem.contains("SIMULATED"));
    shop.sell("S000001");
    let (_, told) = shop.receive(Some(204)).unwrap();
    assert_eq!(told, shop.query("S000001"));
    let again = Keys::shared().simulated(7);
    assert_eq!(keys.merchant.key_pem(), again.merchant.key_pem());
}
