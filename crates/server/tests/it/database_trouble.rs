//! WeChat reports a payment while the database is away. Nothing is acknowledged that is not kept.

use serde_json::json;

use crate::{
    postgres,
    proxy::{Proxy, Wire},
    sender::placed,
    world::World,
};

/// A shop whose way to its PostgreSQL a test can break; `None` when there is no server to use.
#[expect(clippy::print_stdout, reason = "what is skipped is said")]
async fn breakable(name: &str) -> Option<(World, Proxy)> {
    let Ok(server) = std::env::var("SHOUYIN_TEST_POSTGRES_URL") else {
        println!("SKIPPED {name}: SHOUYIN_TEST_POSTGRES_URL is not set");
        return None;
    };
    let url = postgres::fresh_database(&server).await;
    let proxy = Proxy::to(postgres::host_of(&url)).await;
    let url = postgres::with_host(&url, &proxy.address.to_string());
    let world = World::with(|config| config.database.url = url.into()).await;
    Some((world, proxy))
}

/// An order that WeChat reports as paid while the wire is `broken`, and again when it is mended.
async fn reported_while(broken: Wire, name: &str, expected: (u16, &str)) {
    let Some((world, proxy)) = breakable(name).await else {
        return;
    };
    let (token, order_no, notification) = placed(&world).await;

    proxy.turn(broken);
    let answer = notification.send(&world).await;
    let (status, code) = expected;
    assert_eq!(answer.refusal(), (status, code.to_owned()));
    assert_eq!(answer.json()["retryable"], json!(true));

    proxy.turn(Wire::Through);
    assert_eq!(
        world.state(&token, &order_no).await,
        "awaiting_payment",
        "what was not acknowledged was not booked"
    );
    assert_eq!(notification.send(&world).await.status, 204);
    assert_eq!(world.state(&token, &order_no).await, "paid");
    let states = world.history(&order_no).await;
    assert_eq!(states, ["created", "awaiting_payment", "paid"]);
}

/// A database that cannot be reached is answered 503, and what WeChat sends again is booked once.
#[tokio::test(flavor = "multi_thread")]
async fn n10_a_database_that_is_down_is_no_acknowledgement() {
    let expected = (503, "DATABASE_UNAVAILABLE");
    reported_while(Wire::Cut, "n10_down", expected).await;
}

/// A database that says nothing is given up before WeChat stops to listen, and what is sent again
/// is booked once.
#[tokio::test(flavor = "multi_thread")]
async fn n10_a_database_that_hangs_is_given_up_before_wechat_gives_us_up() {
    let expected = (504, "REQUEST_TIMED_OUT");
    reported_while(Wire::Silent, "n10_hangs", expected).await;
}
