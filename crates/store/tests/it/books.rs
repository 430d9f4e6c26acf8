use domain::{
    BillDay, Millis, OrderState, Payment, Refund, RefundEvent, RefundId, RefundNo, RefundOrigin,
    RefundState, RefundTransition, TransactionId,
};
use store::{
    Tx, orders,
    reconciliations::books::{self, Place},
    refunds,
};

use crate::{
    samples::{at, fen, insert, mch, order},
    world::{World, for_each_engine},
};

for_each_engine! {
    the_books_of_a_day_come_in_pages_and_whole
    refunds_that_wechat_did_not_take_are_not_in_the_books
}

fn day() -> BillDay {
    BillDay::parse("2026-11-22").unwrap()
}

/// An order that was paid at this moment.
async fn paid(world: &World, number: i64, paid_at: Millis) -> String {
    let placed = order(number);
    insert(&world.store, &placed).await.unwrap();
    let payment = Payment {
        transaction_id: TransactionId::new(format!("42{number:05}")).unwrap(),
        paid_at,
    };
    let mut tx = Tx::new("settle_payment");
    orders::record(&mut tx, &placed, &OrderState::Paid { payment }, at(9));
    let _done = world.store.run(tx).await.unwrap();
    placed.order_no.into()
}

async fn the_books_of_a_day_come_in_pages_and_whole(world: &World) {
    let day = day();
    let mut expected = Vec::new();
    paid(world, 1, Millis(day.start().0 - 1)).await;
    paid(world, 2, day.end()).await;
    insert(&world.store, &order(3)).await.unwrap();
    for number in 10..240 {
        // Several in one millisecond, so that a page ends among them.
        let paid_at = Millis(day.start().0 + number / 7);
        expected.push(paid(world, number, paid_at).await);
    }
    let (mut place, mut found, mut pages) = (Some(Place::before(day.start())), Vec::new(), 0);
    while let Some(after) = place {
        let page = books::payments(&world.store, &mch(0), after, day.end()).await;
        let (entries, next) = page.unwrap();
        found.extend(entries.into_iter().map(|entry| entry.order_no));
        place = next;
        pages += 1;
    }
    assert_eq!(pages, 3);
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

async fn refunds_that_wechat_did_not_take_are_not_in_the_books(world: &World) {
    let day = day();
    paid(world, 1, day.start()).await;
    let paid = crate::samples::load(&world.store, &order(1)).await;
    let payment = paid.state.payment().unwrap().clone();
    let refund_id = RefundId::new("50300").unwrap();
    let accepted = RefundEvent::Accepted {
        refund_id: refund_id.clone(),
    };
    let closed = RefundEvent::Closed {
        refund_id: refund_id.clone(),
        at: at(1),
    };
    let cases = [
        ("R-requested", None),
        ("R-accepted", Some(accepted)),
        ("R-closed", Some(closed)),
        ("R-too-late", None),
    ];
    for (number, event) in cases {
        let begun = Refund {
            mch_id: mch(0),
            refund_no: RefundNo::new(number).unwrap(),
            order_no: paid.order_no.clone(),
            transaction_id: payment.transaction_id.clone(),
            amount: fen(10),
            total: paid.amount,
            reason: None,
            notify_url: None,
            origin: RefundOrigin::Request,
            created_at: if number == "R-too-late" {
                day.end()
            } else {
                day.start()
            },
            state: RefundState::Requested,
            version: Refund::FIRST_VERSION,
        };
        let state = match event.map(|event| begun.apply(event)) {
            Some(Ok(RefundTransition::Advanced(state))) => state,
            Some(other) => panic!("{other:?}"),
            None if number == "R-too-late" => RefundState::Processing {
                refund_id: refund_id.clone(),
            },
            None => RefundState::Requested,
        };
        let mut tx = Tx::new("import_refund");
        refunds::import(&mut tx, &Refund { state, ..begun }, None);
        let _done = world.store.run(tx).await.unwrap();
    }
    let page = books::refunds(&world.store, &mch(0), Place::before(day.start()), day.end()).await;
    let (entries, next) = page.unwrap();
    assert_eq!(next, None);
    let found: Vec<&str> = entries.iter().map(|entry| entry.subject.number()).collect();
    assert_eq!(found, ["R-accepted"]);
    assert_eq!(entries[0].amount, fen(10));
}
