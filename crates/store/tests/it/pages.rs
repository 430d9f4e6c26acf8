//! Pages of orders.

use domain::{AppId, OpenId, Order};
use store::{PAGE_MAX, orders};

use crate::{
    samples::{at, insert, mch, order, payment, step},
    world::{World, for_each_engine},
};

for_each_engine! {
    orders_come_newest_first_and_page_by_page
    a_filter_leaves_out_the_others
    a_range_of_time_has_its_beginning_and_not_its_end
    filters_hold_together
    a_page_has_a_limit_whatever_is_asked_for
}

/// The numbers of the samples on a page.
async fn page(world: &World, filter: &orders::Filter, after: Option<i64>, limit: u32) -> Vec<i64> {
    let after = after.map(|number| order(number).order_no);
    let page = orders::page(&world.store, &mch(0), filter, after.as_ref(), limit)
        .await
        .unwrap();
    page.iter()
        .map(|found| (found.created_at.0 - at(0).0) / 1000)
        .collect()
}

fn everything() -> orders::Filter {
    orders::Filter::default()
}

async fn orders_come_newest_first_and_page_by_page(world: &World) {
    for number in 0..7 {
        insert(&world.store, &order(number)).await.unwrap();
    }
    insert(
        &world.store,
        &Order {
            mch_id: mch(1),
            ..order(8)
        },
    )
    .await
    .unwrap();
    assert_eq!(page(world, &everything(), None, 3).await, [6, 5, 4]);
    assert_eq!(page(world, &everything(), Some(4), 3).await, [3, 2, 1]);
    assert_eq!(page(world, &everything(), Some(1), 3).await, [0]);
    assert_eq!(page(world, &everything(), Some(0), 3).await, [0; 0]);
}

/// Orders 0 to 5: odd ones of another buyer, the last two in another app, 0 and 1 paid.
async fn mixed(world: &World) {
    for number in 0..6 {
        let mut sample = order(number);
        if number % 2 == 1 {
            sample.openid = OpenId::new("other").unwrap();
        }
        if number >= 4 {
            sample.app_id = AppId::new("wx2").unwrap();
        }
        insert(&world.store, &sample).await.unwrap();
        if number < 2 {
            step(&world.store, &sample, payment("t1")).await.unwrap();
        }
    }
}

async fn a_filter_leaves_out_the_others(world: &World) {
    mixed(world).await;
    let buyer = OpenId::new("other").ok();
    let of_buyer = orders::Filter {
        openid: buyer,
        ..everything()
    };
    assert_eq!(page(world, &of_buyer, None, 9).await, [5, 3, 1]);
    assert_eq!(page(world, &of_buyer, Some(5), 1).await, [3]);

    let of_app = orders::Filter {
        app_id: AppId::new("wx2").ok(),
        ..everything()
    };
    assert_eq!(page(world, &of_app, None, 9).await, [5, 4]);

    let paid = orders::Filter {
        state: Some("paid".into()),
        ..everything()
    };
    assert_eq!(page(world, &paid, None, 9).await, [1, 0]);
    assert_eq!(page(world, &paid, Some(1), 9).await, [0]);

    let unknown = orders::Filter {
        state: Some("unheard of".into()),
        ..everything()
    };
    assert_eq!(page(world, &unknown, None, 9).await, [0; 0]);
}

async fn a_range_of_time_has_its_beginning_and_not_its_end(world: &World) {
    for number in 0..6 {
        insert(&world.store, &order(number)).await.unwrap();
    }
    let range = |from, to| orders::Filter {
        from,
        to,
        ..everything()
    };
    assert_eq!(
        page(world, &range(Some(at(2000)), None), None, 9).await,
        [5, 4, 3, 2]
    );
    assert_eq!(
        page(world, &range(None, Some(at(2000))), None, 9).await,
        [1, 0]
    );
    let middle = range(Some(at(1000)), Some(at(4000)));
    assert_eq!(page(world, &middle, None, 9).await, [3, 2, 1]);
    assert_eq!(page(world, &middle, Some(2), 9).await, [1]);
    assert_eq!(page(world, &middle, Some(5), 9).await, [3, 2, 1]);
}

async fn filters_hold_together(world: &World) {
    mixed(world).await;
    let all = orders::Filter {
        openid: OpenId::new("other").ok(),
        app_id: Some(order(0).app_id),
        state: Some("created".into()),
        from: Some(at(0)),
        to: Some(at(9000)),
    };
    assert_eq!(page(world, &all, None, 9).await, [3]);
    let in_app = orders::Filter {
        openid: None,
        ..all
    };
    assert_eq!(page(world, &in_app, None, 9).await, [3, 2]);
}

async fn a_page_has_a_limit_whatever_is_asked_for(world: &World) {
    for number in 0..i64::from(PAGE_MAX) + 5 {
        insert(&world.store, &order(number)).await.unwrap();
    }
    let most = usize::try_from(PAGE_MAX).unwrap();
    assert_eq!(page(world, &everything(), None, u32::MAX).await.len(), most);
    assert_eq!(page(world, &everything(), None, 0).await.len(), 1);
}
