//! One line of the file: raw cells in, checked goods out.

use domain::{GoodsId, MchId};
use fen::Fen;
use store::goods::Goods;

/// Shown to buyers and, as the description of the payment, by WeChat.
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791856 (`description`, at most 127 characters).
const MAX_TITLE_CHARS: usize = 127;
const MAX_IMAGE_BYTES: usize = 1024;

/// The columns, in the order of the help text.
pub(super) const COLUMNS: [&str; 5] = ["goods_id", "title", "price_fen", "image", "stock"];
pub(super) const REQUIRED: [&str; 3] = ["goods_id", "title", "price_fen"];

/// Goods as the file states them, every rule checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoodsRow {
    pub goods_id: GoodsId,
    pub title: String,
    pub price: Fen,
    pub image: Option<String>,
    /// `None` sells without limit.
    pub stock: Option<i64>,
}

impl GoodsRow {
    pub(super) fn of(self, mch_id: MchId) -> Goods {
        let GoodsRow {
            goods_id,
            title,
            price,
            image,
            stock,
        } = self;
        Goods {
            mch_id,
            goods_id,
            title,
            price,
            image,
            stock,
        }
    }
}

/// The cells of one line; absent and blank are the same.
#[derive(Default)]
pub(super) struct Cells {
    values: [Option<String>; COLUMNS.len()],
}

impl Cells {
    pub(super) fn set(&mut self, column: usize, text: &str) {
        let text = text.trim();
        self.values[column] = (!text.is_empty()).then(|| text.to_owned());
    }

    /// Everything that is wrong with the line, or the goods.
    pub(super) fn check(self) -> Result<GoodsRow, Vec<String>> {
        let [goods_id, title, price, image, stock] = self.values;
        let mut faults = Vec::new();
        let goods_id = required("goods_id", goods_id, &mut faults);
        let goods_id = goods_id.and_then(|text| note(GoodsId::new(text), "goods_id", &mut faults));
        let title = required("title", title, &mut faults);
        let title = title.and_then(|text| note(lawful_title(text), "title", &mut faults));
        let price = required("price_fen", price, &mut faults);
        let price = price.and_then(|text| note(price_fen(&text), "price_fen", &mut faults));
        let image = image.map(|text| note(lawful_image(text), "image", &mut faults));
        let stock = stock.map(|text| note(stock_count(&text), "stock", &mut faults));
        match (goods_id, title, price) {
            (Some(goods_id), Some(title), Some(price)) if faults.is_empty() => {
                let (image, stock) = (image.flatten(), stock.flatten());
                Ok(GoodsRow {
                    goods_id,
                    title,
                    price,
                    image,
                    stock,
                })
            }
            _ => Err(faults),
        }
    }
}

fn required(name: &str, cell: Option<String>, faults: &mut Vec<String>) -> Option<String> {
    if cell.is_none() {
        faults.push(format!("{name} is missing"));
    }
    cell
}

fn note<T, E: std::fmt::Display>(
    result: Result<T, E>,
    name: &str,
    faults: &mut Vec<String>,
) -> Option<T> {
    result
        .map_err(|fault| faults.push(format!("{name}: {fault}")))
        .ok()
}

fn lawful_title(text: String) -> Result<String, String> {
    let length = text.chars().count();
    if length > MAX_TITLE_CHARS {
        return Err(format!(
            "{length} characters, at most {MAX_TITLE_CHARS} are allowed"
        ));
    }
    if text.chars().any(char::is_control) {
        return Err("holds a control character".to_owned());
    }
    Ok(text)
}

fn price_fen(text: &str) -> Result<Fen, String> {
    let number: i64 = text.parse().map_err(|_| match Fen::from_yuan(text) {
        // The one mistake that costs a hundredfold.
        Ok(fen) => format!("is in fen (分): write {} for {text} yuan", fen.get()),
        Err(_) => format!("`{text}` is not a whole number of fen (分)"),
    })?;
    let price = Fen::new(number).map_err(|error| error.to_string())?;
    // WeChat takes no payment of nothing.
    if price == Fen::ZERO {
        Err("must be at least 1 fen".to_owned())
    } else {
        Ok(price)
    }
}

fn lawful_image(text: String) -> Result<String, String> {
    if text.len() > MAX_IMAGE_BYTES {
        return Err(format!("longer than {MAX_IMAGE_BYTES} bytes"));
    }
    let lawful = ["https://", "http://", "/"]
        .iter()
        .any(|start| text.starts_with(start));
    if lawful {
        Ok(text)
    } else {
        Err("must start with https:// or /".to_owned())
    }
}

fn stock_count(text: &str) -> Result<i64, String> {
    match text.parse() {
        Ok(count) if count >= 0 => Ok(count),
        _ => Err(format!(
            "`{text}` is not a number of pieces; leave it out for no limit"
        )),
    }
}
