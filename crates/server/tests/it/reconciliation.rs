//! WeChat's bill against the books: what is found, what heals by itself, and how often it is told.

use serde_json::json;

use crate::{
    reconciling::reconcile_on,
    refunding::{number, paid, taken, wait_for},
    world::{self, API_KEY, World},
};

async fn bill_and_books_that_agree_differ_in_nothing(world: World) {
    world.until_noon().await;
    let day = world.today();
    let (_, order_no) = paid(&world).await;
    let refund = taken(&world, &order_no, 790).await;
    paid(&world).await;
    world.until_bill_of(day).await;
    wait_for(&world, number(&refund), "succeeded").await;
    let reconciled = world.reconcile(day).await;
    assert_eq!((reconciled.announced, reconciled.unanswered), (0, 0));
    assert!(world.differences(day).await.is_empty());
    let run = world.run_of(day).await;
    assert_eq!((&run["state"], &run["rows"]), (&json!("done"), &json!(3)));
    assert_eq!(run["payments_fen"], 2 * 1790);
    assert_eq!(
        (&run["refunds_fen"], &run["unreadable_rows"]),
        (&json!(790), &json!(0))
    );
    assert_eq!(run.get("detail"), None, "counted and stated agree: {run}");
}

/// A payment that the bill has and we do not (长款) is listed, told of once, asked about, and booked.
async fn b02_a_payment_that_everything_else_missed_is_found_by_the_bill_and_booked(world: World) {
    world.until_noon().await;
    let day = world.today();
    let token = world.log_in("demo").await;
    let (order_no, payment) = world.latte(&token).await;
    world.lose_notifications().await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    world.until_bill_of(day).await;
    assert_eq!(world.load(&order_no).await.state.name(), "awaiting_payment");

    let reconciled = world.reconcile(day).await;
    assert_eq!((reconciled.announced, reconciled.unanswered), (1, 0));
    let paid = world.load(&order_no).await;
    assert_eq!(paid.state.name(), "paid");
    let id = world.transaction_id(&order_no).await;
    let found = [format!("payment_unknown {id} 1790 - settled")];
    assert_eq!(world.differences(day).await, found);
    let events = world.difference_events().await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["order_no"], order_no);
    assert_eq!(
        (&events[0]["bill_date"], &events[0]["billed_fen"]),
        (&json!(day), &json!(1790))
    );
    // Again: the books agree by now, and nothing is told twice.
    assert_eq!(world.reconcile(day).await.announced, 0);
    assert_eq!(world.differences(day).await, found);
    assert_eq!(world.difference_events().await.len(), 1);
    assert_eq!(
        world.history(&order_no).await,
        ["created", "awaiting_payment", "paid"]
    );
}

/// A payment that we have and the bill has not (短款) waits for the next day's bill, and is then told
/// of, once.
async fn b03_a_payment_that_no_bill_has_is_told_of_when_the_next_days_bill_lacks_it_too(
    world: World,
) {
    world.until_noon().await;
    let day = world.today();
    let (_, order_no) = paid(&world).await;
    let refund = taken(&world, &order_no, 790).await;
    paid(&world).await;
    let mistakes = json!([
        {"kind": "missing", "number": order_no},
        {"kind": "missing", "number": number(&refund)},
    ]);
    world.bill_mistakes(mistakes).await;
    world.until_bill_of(day).await;
    assert_eq!(world.reconcile(day).await.announced, 0);
    let id = world.transaction_id(&order_no).await;
    let in_state = |state: &str| {
        [
            format!("payment_missing {id} - 1790 {state}"),
            format!("refund_missing {} - 790 {state}", number(&refund)),
        ]
    };
    assert_eq!(world.differences(day).await, in_state("waiting"));
    assert!(world.difference_events().await.is_empty());

    world.until_bill_of(day.next()).await;
    assert_eq!(world.reconcile(day.next()).await.announced, 2);
    assert_eq!(world.differences(day).await, in_state("open"));
    for day in [day, day.next(), day] {
        assert_eq!(world.reconcile(day).await.announced, 0, "{day}");
    }
    assert_eq!(world.differences(day).await, in_state("open"));
    assert_eq!(world.difference_events().await.len(), 2);
}

/// What was paid around midnight may be in the bill of the day after, or of the day before.
async fn b03_a_payment_around_midnight_is_in_one_bill_or_the_other_and_no_difference(world: World) {
    world.until_noon().await;
    world.lose_notifications().await;
    let day = world.today();
    let token = world.log_in("demo").await;
    let (first, payment) = world.latte(&token).await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    // WeChat's bill of today has it, and our books of tomorrow.
    world.book_at(&first, day.next().start()).await;
    world.until_noon().await;
    let (second, payment) = world.latte(&token).await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    // Our books of yesterday have it, and WeChat's bill of today.
    world
        .book_at(&second, domain::Millis(day.end().0 - 1))
        .await;

    world.until_bill_of(day).await;
    assert_eq!(world.reconcile(day).await.announced, 0);
    let id = world.transaction_id(&second).await;
    let waiting = format!("payment_missing {id} - 1790 waiting");
    assert_eq!(world.differences(day).await, [waiting]);
    world.until_bill_of(day.next()).await;
    assert_eq!(world.reconcile(day.next()).await.announced, 0);
    let settled = format!("payment_missing {id} - 1790 settled");
    assert_eq!(world.differences(day).await, [settled]);
    assert!(world.differences(day.next()).await.is_empty());
    world.until_bill_of(day.next().next()).await;
    world.reconcile(day.next().next()).await;
    assert!(world.difference_events().await.is_empty());
}

/// Other amounts and rows that come twice are found to the fen, whatever the texts beside hold.
async fn b04_other_amounts_and_rows_that_come_twice_are_found(world: World) {
    world.until_noon().await;
    let day = world.today();
    let (_, dearer) = paid(&world).await;
    let (_, refunded) = paid(&world).await;
    let twice = taken(&world, &refunded, 500).await;
    let less = taken(&world, &refunded, 290).await;
    let openid = world.load(&dearer).await.openid;
    let odd = json!({
        "app_id": world.text("appid"), "openid": openid, "amount_fen": 1,
        "description": "茶,`绿`,\",``杯",
    });
    let answer = world.post(API_KEY, "/v1/orders", Some("odd"), &odd).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let payment = answer.json()["payment"].clone();
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    let mistakes = json!([
        {"kind": "amount", "number": dearer, "amount_fen": 1791},
        {"kind": "twice", "number": number(&twice)},
        {"kind": "amount", "number": number(&less), "amount_fen": 289},
    ]);
    world.bill_mistakes(mistakes).await;
    world.until_bill_of(day).await;
    for announced in [3, 0] {
        let reconciled = world.reconcile(day).await;
        assert_eq!(reconciled.announced, announced);
        assert_eq!((reconciled.run.rows, reconciled.run.unreadable), (6, 0));
    }
    let id = world.transaction_id(&dearer).await;
    let expected = [
        format!("payment_differs {id} 1791 1790 open"),
        format!("refund_differs {} 289 290 open", number(&less)),
        format!("refund_twice {} 500 - open", number(&twice)),
    ];
    assert_eq!(world.differences(day).await, expected);
    assert_eq!(world.difference_events().await.len(), 3);
}

/// Twice, and in two replicas at once: each difference is listed once and told of once.
async fn b05_however_often_and_wherever_a_day_is_compared_each_difference_is_told_of_once(
    world: World,
) {
    world.until_noon().await;
    let day = world.today();
    let (_, dearer) = paid(&world).await;
    let (_, missing) = paid(&world).await;
    let token = world.log_in("demo").await;
    let (lost, payment) = world.latte(&token).await;
    world.lose_notifications().await;
    assert_eq!(world.pay("demo", &payment).await, "requestPayment:ok");
    let mistakes = json!([
        {"kind": "amount", "number": dearer, "amount_fen": 1},
        {"kind": "missing", "number": missing},
        {"kind": "extra", "out_trade_no": "ELSEWHERE", "transaction_id": "4200000000001",
         "amount_fen": 7},
    ]);
    world.bill_mistakes(mistakes).await;
    let replica = world.replica().await;
    for day in [day, day.next()] {
        world.until_bill_of(day).await;
        let runs = (0..6).map(|turn| {
            let app = if turn % 2 == 0 { &world.app } else { &replica };
            reconcile_on(app, day)
        });
        for outcome in futures_util::future::join_all(runs).await {
            outcome.unwrap();
        }
        world.reconcile(day).await;
    }
    let id = async |order_no: &str| world.transaction_id(order_no).await;
    let (dearer, missing, unknown) = (id(&dearer).await, id(&missing).await, id(&lost).await);
    let mut expected = [
        format!("payment_differs {dearer} 1 1790 open"),
        format!("payment_missing {missing} - 1790 open"),
        "payment_unknown 4200000000001 7 - open".to_owned(),
        format!("payment_unknown {unknown} 1790 - settled"),
    ];
    expected.sort();
    let mut found = world.differences(day).await;
    found.sort();
    assert_eq!(found, expected);
    // The invented payment is in the next day's bill too, and there it is another matter.
    let next = ["payment_unknown 4200000000001 7 - open"];
    assert_eq!(world.differences(day.next()).await, next);
    let mut told: Vec<String> = world
        .difference_events()
        .await
        .iter()
        .map(|event| {
            format!(
                "{} {} {}",
                event["bill_date"], event["kind"], event["transaction_id"]
            )
        })
        .collect();
    assert_eq!(told.len(), 5, "{told:?}");
    told.sort();
    told.dedup();
    assert_eq!(told.len(), 5, "{told:?}");
    assert_eq!(
        world.history(&lost).await,
        ["created", "awaiting_payment", "paid"]
    );
}

world::on_both_engines!(
    bill_and_books_that_agree_differ_in_nothing,
    b02_a_payment_that_everything_else_missed_is_found_by_the_bill_and_booked,
    b03_a_payment_that_no_bill_has_is_told_of_when_the_next_days_bill_lacks_it_too,
    b03_a_payment_around_midnight_is_in_one_bill_or_the_other_and_no_difference,
    b04_other_amounts_and_rows_that_come_twice_are_found,
    b05_however_often_and_wherever_a_day_is_compared_each_difference_is_told_of_once,
);
