use store::{
    Tx,
    sessions::{self, Session},
};

use crate::{
    samples::{at, mch, order},
    world::{World, for_each_engine},
};

for_each_engine! {
    a_session_is_found_by_its_token_at_its_merchant
    expired_sessions_are_pruned_oldest_first
}

fn session(number: u8) -> Session {
    Session {
        mch_id: mch(0),
        token_hash: [number; 32],
        app_id: order(0).app_id,
        openid: order(0).openid,
        created_at: at(0),
        expires_at: at(i64::from(number) * 1000),
    }
}

async fn insert(world: &World, number: u8) {
    let mut tx = Tx::new("log_in");
    sessions::insert(&mut tx, &session(number));
    let _done = world.store.run(tx).await.unwrap();
}

async fn a_session_is_found_by_its_token_at_its_merchant(world: &World) {
    insert(world, 171).await;
    let found = sessions::find(&world.store, &mch(0), &[171; 32])
        .await
        .unwrap();
    assert_eq!(found, Some(session(171)));
    assert_eq!(
        sessions::find(&world.store, &mch(0), &[8; 32])
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        sessions::find(&world.store, &mch(1), &[171; 32])
            .await
            .unwrap(),
        None
    );
}

async fn expired_sessions_are_pruned_oldest_first(world: &World) {
    for number in [4, 2, 3, 1] {
        insert(world, number).await;
    }
    assert_eq!(
        sessions::prune(&world.store, &mch(1), at(9000), 9)
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        sessions::prune(&world.store, &mch(0), at(4000), 2)
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        sessions::find(&world.store, &mch(0), &[2; 32])
            .await
            .unwrap(),
        None
    );
    assert!(
        sessions::find(&world.store, &mch(0), &[3; 32])
            .await
            .unwrap()
            .is_some()
    );
    // The end itself is not before the end.
    assert_eq!(
        sessions::prune(&world.store, &mch(0), at(4000), 9)
            .await
            .unwrap(),
        1
    );
    assert!(
        sessions::find(&world.store, &mch(0), &[4; 32])
            .await
            .unwrap()
            .is_some()
    );
}
