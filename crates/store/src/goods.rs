//! What a merchant sells, so that a price never comes from the buyer.

use domain::{GoodsId, MchId, Millis};
use fen::Fen;

use crate::{
    PAGE_MAX, Store, StoreError, Tx,
    row::{Columns, Row},
    store::{Read, page_limit},
};

pub(crate) const STATEMENTS: &[&str] = &[PUT, GET, PAGE];

const PUT: &str = "-- goods.put
INSERT INTO goods (mch_id, goods_id, title, price_fen, image, stock, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (mch_id, goods_id) DO UPDATE SET
    title = excluded.title, price_fen = excluded.price_fen, image = excluded.image,
    stock = excluded.stock, updated_at = excluded.updated_at";

const GET: &str = "-- goods.get
SELECT goods_id, mch_id, title, price_fen, image, stock FROM goods
WHERE mch_id = $1 AND goods_id = $2";

const PAGE: &str = "-- goods.page
SELECT goods_id, mch_id, title, price_fen, image, stock FROM goods
WHERE mch_id = $1 AND goods_id > $2 ORDER BY goods_id LIMIT $3";

/// How many goods [`list`] returns at most. A catalogue that is longer needs [`page`]; a mini
/// program that loads more at once is slow anyway.
pub const LIST_MAX: usize = 1000;

/// Something that can be bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goods {
    /// Who sells it.
    pub mch_id: MchId,
    /// The merchant's own number.
    pub goods_id: GoodsId,
    /// What the buyer reads.
    pub title: String,
    /// What one piece costs.
    pub price: Fen,
    /// The address of a picture.
    pub image: Option<String>,
    /// How many are left, where the merchant says so.
    pub stock: Option<i64>,
}

/// Adds the goods, or replaces them.
pub fn put(tx: &mut Tx, goods: &Goods, now: Millis) {
    let params = [
        goods.mch_id.as_str().into(),
        goods.goods_id.as_str().into(),
        goods.title.as_str().into(),
        goods.price.into(),
        goods.image.as_deref().into(),
        goods.stock.into(),
        now.into(),
    ];
    tx.guarded(PUT, params);
}

/// The goods of this number.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn get(
    store: &Store,
    mch_id: &MchId,
    goods_id: &GoodsId,
) -> Result<Option<Goods>, StoreError> {
    let row = store
        .read_one(GET, [mch_id.as_str().into(), goods_id.as_str().into()])
        .await?;
    row.map(decode).transpose()
}

/// The goods after `after`, by number, at most `limit` and [`PAGE_MAX`].
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn page(
    store: &Store,
    mch_id: &MchId,
    after: Option<&GoodsId>,
    limit: u32,
) -> Result<Vec<Goods>, StoreError> {
    let after = after.map_or("", GoodsId::as_str);
    let params = [mch_id.as_str().into(), after.into(), page_limit(limit)];
    let rows = store.read(Read::Keyed, PAGE, params).await?;
    rows.into_iter().map(decode).collect()
}

/// The whole catalogue, by number, up to [`LIST_MAX`].
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn list(store: &Store, mch_id: &MchId) -> Result<Vec<Goods>, StoreError> {
    let mut all: Vec<Goods> = Vec::new();
    while all.len() < LIST_MAX {
        let next = page(
            store,
            mch_id,
            all.last().map(|goods| &goods.goods_id),
            PAGE_MAX,
        )
        .await?;
        if next.is_empty() {
            break;
        }
        all.extend(next);
    }
    Ok(all)
}

fn decode(row: Row) -> Result<Goods, StoreError> {
    let mut row = Columns::keyed("goods", row);
    Ok(Goods {
        goods_id: row.id("goods_id")?,
        mch_id: row.id("mch_id")?,
        title: row.text("title")?,
        price: row.fen("price_fen")?,
        image: row.text_or_null("image")?,
        stock: row.int_or_null("stock")?,
    })
}
