//! `shouyin goods import`, from the file to the catalogue.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use domain::MchId;
use store::goods::Goods;
use store::{Store, StoreOptions};

use crate::config::{shouyin, stderr, stdout};

const CSV: &str = "goods_id,title,price_fen,image,stock\n\
                   latte,\"拿铁, Latte\",1790,,\nmug,Mug,4900,https://cdn.example.com/m.png,12\n";

fn shop(folder: &Path, keys: &[&str]) {
    let mut text = "[server]\npublic_url = \"https://pay.example.com\"\n".to_owned();
    for (index, key) in keys.iter().enumerate() {
        text += &format!(
            "[merchants.{key}]\nmch_id = \"190000000{index}\"\n\
             serial_no = \"7132D72A03E93CDDF8C03BBD1F37EEDF00000000\"\n\
             private_key = \"-----BEGIN PRIVATE KEY-----\"\n\
             api_v3_key = \"0123456789abcdef0123456789abcdef\"\n\
             [[merchants.{key}.apps]]\napp_id = \"wx000000000000000{index}\"\napp_secret = \"x\"\n"
        );
    }
    std::fs::write(folder.join("shouyin.toml"), text).expect("written");
    std::fs::write(folder.join("goods.csv"), CSV).expect("written");
}

async fn catalogue(folder: &Path, mch_id: &str) -> Vec<Goods> {
    let url = format!("sqlite:{}", folder.join("shouyin.db").display());
    let store = Store::open(&url, StoreOptions::default()).expect("a database");
    let mch_id = MchId::new(mch_id).expect("lawful");
    store::goods::list(&store, &mch_id).await.expect("goods")
}

#[tokio::test]
async fn a_table_becomes_the_catalogue_and_may_be_imported_again() {
    let folder = tempfile::tempdir().unwrap();
    shop(folder.path(), &["shop"]);
    let import = shouyin(folder.path(), &[], &["goods", "import", "goods.csv"]);
    assert!(import.status.success(), "{import:?}");
    assert!(
        stdout(&import).contains("2 goods imported for merchant `shop`"),
        "{import:?}"
    );

    let dearer = CSV.replace("4900", "5900");
    std::fs::write(folder.path().join("goods.csv"), dearer).unwrap();
    let again = shouyin(folder.path(), &[], &["goods", "import", "goods.csv"]);
    assert!(again.status.success(), "{again:?}");
    let goods = catalogue(folder.path(), "1900000000").await;
    assert_eq!(goods.len(), 2);
    assert_eq!(
        (goods[0].title.as_str(), goods[0].price.get()),
        ("拿铁, Latte", 1790)
    );
    assert_eq!((goods[1].price.get(), goods[1].stock), (5900, Some(12)));
}

#[tokio::test]
async fn one_bad_line_keeps_the_whole_file_out() {
    let folder = tempfile::tempdir().unwrap();
    shop(folder.path(), &["shop"]);
    shouyin(folder.path(), &[], &["migrate"]);
    let faulty = format!("{CSV}tea,Tea,17.90,,\nno,,0,,\n");
    std::fs::write(folder.path().join("goods.csv"), faulty).unwrap();
    let import = shouyin(folder.path(), &[], &["goods", "import", "goods.csv"]);
    assert_eq!(import.status.code(), Some(1));
    let told = stderr(&import);
    for expected in [
        "line 4: price_fen: is in fen (分): write 1790",
        "line 5: title is missing",
    ] {
        assert!(told.contains(expected), "{told}");
    }
    assert!(catalogue(folder.path(), "1900000000").await.is_empty());
}

#[tokio::test]
async fn json_comes_from_stdin_and_more_goods_than_one_transaction_holds_arrive() {
    let folder = tempfile::tempdir().unwrap();
    shop(folder.path(), &["shop"]);
    let items: Vec<_> = (0..1001)
        .map(|n| serde_json::json!({"goods_id": format!("g{n:04}"), "title": "x", "price_fen": 1}))
        .collect();
    let mut child = Command::new(env!("CARGO_BIN_EXE_shouyin"))
        .current_dir(folder.path())
        .env_clear()
        .args(["goods", "import", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let text = serde_json::to_vec(&items).unwrap();
    child.stdin.take().unwrap().write_all(&text).unwrap();
    assert!(child.wait().unwrap().success());
    let url = format!("sqlite:{}", folder.path().join("shouyin.db").display());
    let store = Store::open(&url, StoreOptions::default()).unwrap();
    let mch_id = MchId::new("1900000000").unwrap();
    let last = domain::GoodsId::new("g1000").unwrap();
    assert!(
        store::goods::get(&store, &mch_id, &last)
            .await
            .unwrap()
            .is_some()
    );
}

#[test]
fn with_several_merchants_one_has_to_be_named() {
    let folder = tempfile::tempdir().unwrap();
    shop(folder.path(), &["tea", "coffee"]);
    let import = shouyin(folder.path(), &[], &["goods", "import", "goods.csv"]);
    assert_eq!(import.status.code(), Some(1));
    let told = stderr(&import);
    assert!(
        told.contains("(coffee, tea); say which with --merchant KEY"),
        "{told}"
    );
    let arguments = ["goods", "import", "goods.csv", "--merchant", "tea"];
    assert!(shouyin(folder.path(), &[], &arguments).status.success());
}

#[test]
fn a_file_in_a_chinese_code_page_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    shop(folder.path(), &["shop"]);
    std::fs::write(
        folder.path().join("goods.csv"),
        b"goods_id,title\nx,\xc4\xc3\xcc\xfa\n",
    )
    .unwrap();
    let import = shouyin(folder.path(), &[], &["goods", "import", "goods.csv"]);
    assert!(stderr(&import).contains("CSV UTF-8"), "{import:?}");
}
