//! The database of a run: one kind of tea, and orders that wait to be paid.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use domain::{AppId, GoodsId, MchId, Millis, OpenId, Order, OrderNo, OrderState, order_no};
use fen::Fen;
use store::{
    Store, StoreOptions, Tx,
    goods::{self, Goods},
    orders,
};

use crate::clock;
use crate::keys::Keys;

/// The price of the one thing sold.
pub(crate) const AMOUNT_FEN: i64 = 1990;
/// The stub answers every login with this buyer.
pub(crate) const OPENID: &str = "oBench0000000000000000000001";
/// Orders written at once while a database is filled; below the queue's bound.
const WRITERS: usize = 128;

/// Opens the database, brings its schema up to date and puts the goods in.
pub(crate) async fn open(url: &str, keys: &Keys) -> Result<Store> {
    let store = Store::open(url, StoreOptions::default())?;
    let now = Millis(clock::unix_millis());
    store.migrate(now).await?;
    let mut tx = Tx::new("bench.goods");
    goods::put(
        &mut tx,
        &Goods {
            mch_id: MchId::new(keys.mch_id)?,
            goods_id: GoodsId::new("tea")?,
            title: "龙井 Longjing 50 g".to_owned(),
            price: Fen::new(AMOUNT_FEN)?,
            image: None,
            stock: None,
        },
        now,
    );
    store.run(tx).await.map(drop)?;
    Ok(store)
}

/// Order numbers in the order of time, as the server makes them.
pub(crate) fn order_numbers(count: usize) -> Result<Vec<OrderNo>> {
    let start = clock::unix_millis();
    (0..count)
        .map(|index| {
            let index = u64::try_from(index)?;
            // Spreads a counter over all bits, so that the part that a number keeps differs.
            let entropy = index.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
            let at = start + i64::try_from(index / 10)?;
            Ok(order_no::generate(Millis(at), entropy))
        })
        .collect()
}

/// Inserts the orders, many at a time.
pub(crate) async fn fill(store: &Store, keys: &Arc<Keys>, numbers: &[OrderNo]) -> Result<()> {
    let share = numbers.len().div_ceil(WRITERS).max(1);
    let tasks: Vec<_> = numbers
        .chunks(share)
        .map(|part| {
            let (store, keys, part) = (store.clone(), Arc::clone(keys), part.to_vec());
            tokio::spawn(async move { insert(&store, &keys, &part).await })
        })
        .collect();
    for task in tasks {
        task.await.map_err(|_| anyhow!("a writer panicked"))??;
    }
    Ok(())
}

async fn insert(store: &Store, keys: &Keys, numbers: &[OrderNo]) -> Result<()> {
    for number in numbers {
        let now = Millis(clock::unix_millis());
        let mut tx = Tx::new("bench.order");
        orders::insert(&mut tx, &order(keys, number, now)?);
        store.run(tx).await.map(drop)?;
    }
    Ok(())
}

fn order(keys: &Keys, number: &OrderNo, now: Millis) -> Result<Order> {
    Ok(Order {
        mch_id: MchId::new(keys.mch_id)?,
        order_no: number.clone(),
        app_id: AppId::new(keys.app_id)?,
        openid: OpenId::new(OPENID)?,
        amount: Fen::new(AMOUNT_FEN)?,
        description: "龙井 Longjing 50 g".to_owned(),
        notify_url: "https://shop.example/v1/wechat/notify/default".to_owned(),
        metadata: None,
        created_at: now,
        expires_at: Millis(now.0 + 900_000),
        state: OrderState::Created,
        version: 1,
    })
}
