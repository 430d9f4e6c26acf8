//! `shouyin goods import FILE`: the catalogue from a table or a list, checked before it is written.

mod read;
mod row;

use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, bail};
use domain::{Clock, MchId};
use store::{Store, Tx, goods, merchants};

use super::migrate;
use crate::cli::GoodsCommand;
use crate::clock::SystemClock;
use crate::config::{Config, Merchant};
pub use read::{FileProblems, parse};
pub use row::GoodsRow;

/// A catalogue is typed by people; a larger file is the wrong file.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;
/// Rows written in one transaction: long enough to be quick, short enough not to hold others up.
const ROWS_PER_TX: usize = 500;

/// Runs the command.
///
/// # Errors
/// Every faulty line of the file, before anything is written. When the database fails in the
/// middle, the message says how many goods are stored; running the import again is safe.
pub async fn run(
    command: &GoodsCommand,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let GoodsCommand::Import { file, merchant } = command;
    let (key, merchant) = config.merchant(merchant.as_deref())?;
    let text = read_file(file)?;
    let rows = parse(&text)?;
    if rows.is_empty() {
        bail!("{}: no goods in it", file.display());
    }
    let store = migrate::open_ready(config).await?;
    write(&store, key, merchant, &rows).await?;
    let count = rows.len();
    writeln!(
        out,
        "已导入 {count} 件商品 · {count} goods imported for merchant `{key}`"
    )?;
    Ok(())
}

/// The merchant and its goods, in transactions of a bounded size, each whole or not at all.
async fn write(
    store: &Store,
    key: &str,
    merchant: &Merchant,
    rows: &[GoodsRow],
) -> anyhow::Result<()> {
    let mch_id = MchId::new(merchant.mch_id.as_str())?;
    let now = SystemClock.now();
    for (batch, chunk) in rows.chunks(ROWS_PER_TX).enumerate() {
        let mut tx = Tx::new("import_goods");
        let (key, name) = (key.to_owned(), merchant.name.clone());
        let introduced = merchants::Merchant {
            mch_id: mch_id.clone(),
            key,
            name,
        };
        merchants::put(&mut tx, &introduced, now);
        for row in chunk {
            goods::put(&mut tx, &row.clone().of(mch_id.clone()), now);
        }
        store.run(tx).await.map(drop).with_context(|| {
            let done = batch * ROWS_PER_TX;
            format!("{done} goods are stored, the rest is not; run the import again, it is safe")
        })?;
    }
    Ok(())
}

fn read_file(path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let limit = MAX_FILE_BYTES + 1;
    if path.as_os_str() == "-" {
        std::io::stdin()
            .take(limit)
            .read_to_end(&mut bytes)
            .context("reading stdin")?;
    } else {
        let file = std::fs::File::open(path);
        let file = file.with_context(|| format!("cannot open {}", path.display()))?;
        file.take(limit).read_to_end(&mut bytes)?;
    }
    if u64::try_from(bytes.len())? > MAX_FILE_BYTES {
        bail!("{}: larger than {MAX_FILE_BYTES} bytes", path.display());
    }
    String::from_utf8(bytes).with_context(|| {
        format!(
            "{} is not UTF-8 text; in Excel, save it as “CSV UTF-8” (文件编码须为 UTF-8，\
             不能是 GBK)",
            path.display()
        )
    })
}
