use store::{
    Tx,
    inbox::{self, InboxEntry},
};

use crate::{
    samples::{at, mch, order},
    world::{World, for_each_engine},
};

for_each_engine! {
    a_notification_is_kept_byte_for_byte
    a_notification_that_comes_again_stays_as_it_was
    notifications_are_found_by_order
    old_notifications_are_pruned_the_oldest_first
}

fn entry(id: &str) -> InboxEntry {
    InboxEntry {
        mch_id: mch(0),
        order_no: Some(order(1).order_no),
        notification_id: id.into(),
        event_type: "TRANSACTION.SUCCESS".into(),
        serial: "PUB_KEY_ID_0119000001002024".into(),
        timestamp: "1795444721".into(),
        nonce: "fdasflkja484".into(),
        signature: "c2lnbmF0dXJl".into(),
        body: vec![0, 255, 10, 13, 39],
        received_at: at(3),
        outcome: "settled".into(),
    }
}

/// Keeps it, and says whether it was new.
async fn insert(world: &World, entry: &InboxEntry) -> bool {
    let mut tx = Tx::new("ingest_notification");
    inbox::insert(&mut tx, entry);
    world.store.run(tx).await.unwrap().rows("inbox.insert") == 1
}

async fn a_notification_is_kept_byte_for_byte(world: &World) {
    assert!(insert(world, &entry("n1")).await);
    let number = order(1).order_no;
    let kept = inbox::of_order(&world.store, &mch(0), Some(&number), "", 9)
        .await
        .unwrap();
    assert_eq!(kept, [entry("n1")]);
    let shown = format!("{:?}", kept[0]);
    assert!(
        !shown.contains("255") && !shown.contains("c2lnbmF0dXJl"),
        "{shown}"
    );
}

async fn a_notification_that_comes_again_stays_as_it_was(world: &World) {
    assert!(insert(world, &entry("n1")).await);
    let again = InboxEntry {
        outcome: "repeated".into(),
        received_at: at(99),
        ..entry("n1")
    };
    assert!(!insert(world, &again).await);
    let number = order(1).order_no;
    let kept = inbox::of_order(&world.store, &mch(0), Some(&number), "", 9)
        .await
        .unwrap();
    assert_eq!(kept, [entry("n1")]);
}

async fn notifications_are_found_by_order(world: &World) {
    let of_none = InboxEntry {
        order_no: None,
        ..entry("n9")
    };
    let of_other = InboxEntry {
        order_no: Some(order(2).order_no),
        ..entry("n8")
    };
    for entry in [
        &entry("n2"),
        &entry("n1"),
        &of_none,
        &of_other,
        &entry("n3"),
    ] {
        assert!(insert(world, entry).await);
    }
    let number = order(1).order_no;
    let page = inbox::of_order(&world.store, &mch(0), Some(&number), "n1", 1)
        .await
        .unwrap();
    assert_eq!(page, [entry("n2")]);
    let page = inbox::of_order(&world.store, &mch(0), None, "", 9)
        .await
        .unwrap();
    assert_eq!(page, [of_none]);
}

async fn old_notifications_are_pruned_the_oldest_first(world: &World) {
    for number in 0..5 {
        let received_at = at(i64::from(number));
        let mut entry = InboxEntry {
            received_at,
            ..entry(&format!("n{}", 9 - number))
        };
        // Those about no order, and those of other merchants' numbers, grow old as well.
        if number == 1 {
            entry.order_no = None;
        }
        assert!(insert(world, &entry).await);
    }
    let other = InboxEntry {
        mch_id: mch(1),
        received_at: at(0),
        ..entry("n1")
    };
    assert!(insert(world, &other).await);
    let prune = async |before: i64, limit| {
        inbox::prune(&world.store, &mch(0), at(before), limit)
            .await
            .unwrap()
    };
    assert_eq!(prune(4, 3).await, 3);
    let oldest = "SELECT COUNT(*) FROM inbox WHERE notification_id IN ('n9', 'n8', 'n7')";
    assert_eq!(world.number(oldest).await, 0);
    assert_eq!(prune(4, 3).await, 1);
    assert_eq!(prune(4, 3).await, 0);
    assert_eq!(world.number("SELECT COUNT(*) FROM inbox").await, 2);
}
