use store::{Tx, merchants};

use crate::{
    samples::{at, mch},
    world::{World, for_each_engine},
};

for_each_engine! {
    a_merchant_is_added_and_replaced
}

async fn a_merchant_is_added_and_replaced(world: &World) {
    assert_eq!(merchants::get(&world.store, &mch(0)).await.unwrap(), None);
    for name in ["Tea", "茶"] {
        let merchant = merchants::Merchant {
            mch_id: mch(0),
            key: "default".into(),
            name: name.into(),
        };
        let mut tx = Tx::new("configure");
        merchants::put(&mut tx, &merchant, at(0));
        let _done = world.store.run(tx).await.unwrap();
        assert_eq!(
            merchants::get(&world.store, &mch(0)).await.unwrap(),
            Some(merchant)
        );
    }
}
