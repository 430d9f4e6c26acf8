use domain::GoodsId;
use store::{
    Tx,
    goods::{self, Goods},
};

use crate::{
    samples::{at, fen, mch},
    world::{World, for_each_engine},
};

for_each_engine! {
    goods_are_added_and_replaced
    a_catalogue_is_listed_in_its_order_and_paged
}

fn goods(goods_id: &str) -> Goods {
    Goods {
        mch_id: mch(0),
        goods_id: GoodsId::new(goods_id).unwrap(),
        title: "茶".into(),
        price: fen(1790),
        image: None,
        stock: None,
    }
}

async fn put(world: &World, all: &[Goods]) {
    let mut tx = Tx::new("import_goods");
    for one in all {
        goods::put(&mut tx, one, at(0));
    }
    let _done = world.store.run(tx).await.unwrap();
}

async fn goods_are_added_and_replaced(world: &World) {
    put(world, &[goods("tea")]).await;
    let image = Some("https://shop.example/tea.png".into());
    let dearer = Goods {
        price: fen(2000),
        image,
        stock: Some(0),
        ..goods("tea")
    };
    put(world, std::slice::from_ref(&dearer)).await;
    let found = goods::get(&world.store, &mch(0), &dearer.goods_id)
        .await
        .unwrap();
    assert_eq!(found, Some(dearer.clone()));
    let elsewhere = goods::get(&world.store, &mch(1), &dearer.goods_id)
        .await
        .unwrap();
    assert_eq!(elsewhere, None);
}

async fn a_catalogue_is_listed_in_its_order_and_paged(world: &World) {
    let mut all: Vec<Goods> = (0..230)
        .map(|number| goods(&format!("g{number:03}")))
        .collect();
    all.push(goods("A-upper"));
    all.push(goods("_under"));
    put(world, &all).await;
    // Byte by byte on both engines, whatever the system's language.
    all.sort_by(|a, b| a.goods_id.cmp(&b.goods_id));
    assert_eq!(goods::list(&world.store, &mch(0)).await.unwrap(), all);
    assert_eq!(goods::list(&world.store, &mch(1)).await.unwrap(), []);
    let after = &all[4].goods_id;
    let page = goods::page(&world.store, &mch(0), Some(after), 2)
        .await
        .unwrap();
    assert_eq!(page, all[5..7]);
}
