//! What is thrown away, and what never is.

use server::jobs::Work;

use crate::{
    refunding::paid,
    world::{World, on_both_engines},
};

on_both_engines!(what_is_old_goes_and_the_books_stay,);

const DAY: u64 = 24 * 3600;

/// Notifications go when nobody can need their evidence any longer, and sessions when they have
/// expired; an order, its history and its events stay.
async fn what_is_old_goes_and_the_books_stay(world: World) {
    let (token, order_no) = paid(&world).await;
    let (history, events) = (world.history(&order_no).await, world.events().await);
    let kept = world.app.settings.notifications.kept().as_secs();
    for (seconds, left) in [(kept - DAY, 1), (2 * DAY, 0)] {
        world.advance_clocks(seconds).await;
        Work::Prune.run(&world.app).await.unwrap();
        assert_eq!(world.inbox(Some(&order_no)).await.len(), left);
    }
    assert_eq!(world.history(&order_no).await, history);
    assert_eq!(world.events().await, events);
    let path = format!("/v1/mp/orders/{order_no}");
    assert_eq!(
        world.get(&token, &path).await.status,
        401,
        "the session expired"
    );
    let again = world.log_in("demo").await;
    assert_eq!(world.state(&again, &order_no).await, "paid");
}
