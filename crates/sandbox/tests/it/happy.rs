//! From `wx.login` to a verified and opened notification.

use serde_json::{Value, json};
use wechatpay::crypto::ApiV3Key;

use crate::world::World;

#[tokio::test]
async fn an_order_is_placed_paid_notified_and_queried() {
    let world = World::start().await;
    let session = world.log_in().await.json();
    assert_eq!(session["openid"], world.openid("demo").await);

    let prepay = world
        .merchant
        .post(crate::world::JSAPI, &world.order("H000001").await)
        .await;
    assert_eq!(prepay.status, 200);
    prepay.verify(world.certificate().await.public_key());
    let prepay_id = prepay.json()["prepay_id"].as_str().unwrap().to_owned();

    let cashier = world.cashier(&world.payment(&prepay_id)).await;
    assert_eq!(cashier["amount_fen"], 100);
    assert_eq!(cashier["description"], "Image形象店-深圳腾大-QQ公仔");
    assert_eq!(
        world.pay(&prepay_id).await,
        json!({ "errMsg": "requestPayment:ok" })
    );
    world.advance(0).await;

    let received = world.shop.received();
    assert_eq!(received.len(), 1);
    let envelope: Value = serde_json::from_slice(&received[0].body).unwrap();
    let key = ApiV3Key::new(world.merchant.text("api_v3_key")).unwrap();
    let text = |name: &str| envelope["resource"][name].as_str().unwrap();
    let plain = key
        .open(text("nonce"), text("associated_data"), text("ciphertext"))
        .unwrap();
    let plain: Value = serde_json::from_slice(&plain).unwrap();
    let query = world.query("H000001").await;
    query.verify(world.certificate().await.public_key());
    assert_eq!(plain, query.json(), "a notification says what a query says");
    assert_eq!(plain["trade_state"], "SUCCESS");
    assert_eq!(plain["amount"]["total"], 100);

    let unpaid = world.prepay("H000002").await;
    assert!(unpaid.starts_with("wx"));
    let closed = world.close("H000002").await;
    assert_eq!((closed.status, closed.text.as_str()), (204, ""));
    closed.verify(world.certificate().await.public_key());
    assert_eq!(world.query("H000002").await.json()["trade_state"], "CLOSED");
    world.sandbox.shutdown().await;
}
