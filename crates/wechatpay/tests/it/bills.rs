//! Bills: what is asked for, and what a download must pass before it is one.

use std::io::Write as _;
use std::sync::Arc;

use aws_lc_rs::digest;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use jiff::civil::{Date, date};
use wechatpay::{
    Advice, ApiCode, BillDownload, BillFile, BillPacking, Error, FundAccount, TradeBillType,
};

use crate::fixtures::client;
use crate::platform::{Outcome, Script, lost, say};

const DAY: Date = date(2026, 11, 23);
const URL: &str = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=a%2Fb-c_d";

fn sha1(text: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, text);
    let digits = hash.as_ref().iter().map(|byte| format!("{byte:02x}"));
    digits.collect()
}

fn applied(hash: &str) -> Outcome {
    applied_as("SHA1", hash, URL)
}

fn applied_as(kind: &str, hash: &str, url: &str) -> Outcome {
    let body = format!(r#"{{"hash_type":"{kind}","hash_value":"{hash}","download_url":"{url}"}}"#);
    say(200, body).signed()
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn file(bytes: impl Into<Bytes>) -> Outcome {
    say(200, bytes).media_type(None).unsigned()
}

/// Text that does not pack well, so that a truncated file is cut in the middle of it.
fn text() -> Vec<u8> {
    let mut state = 1_u32;
    let mut letters = Vec::new();
    for _ in 0..50_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        letters.push(b'a' + u8::try_from((state >> 24) % 26).unwrap());
    }
    letters
}

async fn read(download: &mut BillDownload) -> Result<Vec<u8>, Error> {
    let mut read = Vec::new();
    while let Some(piece) = download.piece().await? {
        assert!(piece.len() <= 5 * 1024 * 1024);
        read.extend_from_slice(&piece);
    }
    Ok(read)
}

/// Applies for a bill of this hash, downloads these bytes.
async fn fetch(hash: &str, packing: BillPacking, bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
    let script = Script::new([applied(hash), file(bytes)]);
    let client = client(&script);
    let bill = client.trade_bill(DAY, TradeBillType::All, packing).await?;
    read(&mut client.download_bill(&bill).await?).await
}

async fn apply(script: &Arc<Script>) -> Result<BillFile, Error> {
    client(script)
        .trade_bill(DAY, TradeBillType::All, BillPacking::Plain)
        .await
}

#[tokio::test]
async fn a_bill_is_applied_for_by_day_and_downloaded_where_the_answer_says() {
    let text = b"a bill".to_vec();
    let script = Script::new([applied(&sha1(&text)), file(text.clone())]);
    let client = client(&script);
    let bill = client
        .trade_bill(DAY, TradeBillType::Success, BillPacking::Gzip)
        .await
        .unwrap();
    assert_eq!(bill.sha1(), sha1(&text));
    assert!(!format!("{bill:?}").contains("token"), "{bill:?}");
    let mut download = client.download_bill(&bill).await.unwrap();
    assert_eq!(read(&mut download).await.unwrap(), text);
    assert!(download.piece().await.unwrap().is_none(), "the end stays");

    let requests = script.requests();
    assert_eq!(
        requests[0].uri(),
        "https://main.test/v3/bill/tradebill?bill_date=2026-11-23&bill_type=SUCCESS&tar_type=GZIP"
    );
    // The address letter by letter, at the host of the settings, and signed like every call.
    assert_eq!(
        requests[1].uri(),
        "https://main.test/v3/billdownload/file?token=a%2Fb-c_d"
    );
    let authorization = requests[1].headers()["authorization"].to_str().unwrap();
    assert!(authorization.starts_with("WECHATPAY2-SHA256-RSA2048 "));
}

#[tokio::test]
async fn a_fund_bill_is_applied_for_by_account() {
    let script = Script::new([applied(&sha1(b""))]);
    let applied = client(&script)
        .fund_flow_bill(DAY, FundAccount::Fees, BillPacking::Plain)
        .await;
    assert!(applied.is_ok());
    assert_eq!(
        script.only_request().uri().path_and_query().unwrap(),
        "/v3/bill/fundflowbill?bill_date=2026-11-23&account_type=FEES"
    );
}

#[tokio::test]
async fn a_packed_bill_is_unpacked_and_its_hash_is_that_of_the_text() {
    let text = text();
    let read = fetch(&sha1(&text), BillPacking::Gzip, packed(&text)).await;
    assert_eq!(read.unwrap(), text);
    // The hash of the packed file is another one, and not what is meant.
    let packed = packed(&text);
    let error = fetch(&sha1(&packed), BillPacking::Gzip, packed).await;
    assert_eq!(error.unwrap_err().name(), "damaged");
}

#[tokio::test]
async fn a_packed_bill_that_was_unpacked_on_the_way_is_taken_as_it_came() {
    let text = text();
    let read = fetch(&sha1(&text), BillPacking::Gzip, text.clone()).await;
    assert_eq!(read.unwrap(), text);
}

/// A bill that is not whole is never taken for one (B1).
#[tokio::test]
async fn what_is_not_the_file_that_was_signed_is_refused_at_its_end() {
    let text = text();
    let (hash, whole) = (sha1(&text), packed(&text));
    let mut longer = whole.clone();
    longer.extend(b"more");
    let mut flipped = whole.clone();
    flipped[20_000] ^= 1;
    let mut checksum = whole.clone();
    let place = checksum.len() - 8;
    checksum[place] ^= 1;
    let cases = [
        ("truncated", BillPacking::Gzip, whole[..15_000].to_vec()),
        (
            "without trailer",
            BillPacking::Gzip,
            whole[..place].to_vec(),
        ),
        ("one byte", BillPacking::Gzip, whole[..1].to_vec()),
        ("nothing", BillPacking::Gzip, Vec::new()),
        ("followed by more", BillPacking::Gzip, longer),
        ("a flipped bit", BillPacking::Gzip, flipped),
        ("a wrong checksum", BillPacking::Gzip, checksum),
        ("another text", BillPacking::Plain, b"another".to_vec()),
        ("shorter", BillPacking::Plain, text[..49_999].to_vec()),
        ("packed unasked", BillPacking::Plain, whole),
    ];
    for (case, packing, bytes) in cases {
        let error = fetch(&hash, packing, bytes).await.unwrap_err();
        assert_eq!(error.name(), "damaged", "{case}: {error}");
        assert_eq!(error.advice(), Advice::RepeatIdentically, "{case}");
        assert!(!error.is_ambiguous(), "{case}");
    }
}

#[tokio::test]
async fn a_damaged_download_never_ends_well() {
    let script = Script::new([applied(&sha1(b"this")), file("that")]);
    let client = client(&script);
    let bill = client
        .trade_bill(DAY, TradeBillType::All, BillPacking::Plain)
        .await
        .unwrap();
    let mut download = client.download_bill(&bill).await.unwrap();
    assert!(read(&mut download).await.is_err());
    assert!(download.piece().await.is_err());
    assert!(download.piece().await.is_err());
}

#[tokio::test]
async fn a_bomb_is_unpacked_in_small_pieces() {
    let zeros = vec![b'0'; 64 * 1024 * 1024];
    let bomb = packed(&zeros);
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    // `read` looks at the size of each piece.
    let read = fetch(&sha1(&zeros), BillPacking::Gzip, bomb).await;
    assert_eq!(read.unwrap().len(), zeros.len());
}

#[tokio::test]
async fn the_error_table_of_an_application() {
    let table = [
        (400, "NO_STATEMENT_EXIST", Advice::Stop),
        (400, "STATEMENT_CREATING", Advice::RepeatIdentically),
        (400, "PARAM_ERROR", Advice::Fix),
        (403, "NO_AUTH", Advice::Fix),
        (429, "FREQUENCY_LIMITED", Advice::RepeatIdentically),
        (500, "SYSTEM_ERROR", Advice::RepeatIdentically),
    ];
    for (status, code, advice) in table {
        let body = format!(r#"{{"code":"{code}","message":"…"}}"#);
        let script = Script::new([say(status, body).unsigned()]);
        let error = apply(&script).await.unwrap_err();
        assert_eq!(error.advice(), advice, "{code}");
        assert!(!matches!(error.code(), Some(ApiCode::Unknown(_))), "{code}");
    }
}

/// Whatever it is, one begins again with another application.
#[tokio::test]
async fn a_refused_download_says_why() {
    let table = [
        (400, "INVALID_REQUEST", Advice::RepeatIdentically),
        (400, "PARAM_ERROR", Advice::RepeatIdentically),
        (403, "NO_AUTH", Advice::Fix),
        (429, "FREQUENCY_LIMITED", Advice::RepeatIdentically),
        (500, "SYSTEM_ERROR", Advice::RepeatIdentically),
    ];
    for (status, code, advice) in table {
        let body = format!(r#"{{"code":"{code}","message":"token已过期"}}"#);
        let script = Script::new([applied(&sha1(b"")), say(status, body).unsigned()]);
        let client = client(&script);
        let bill = client
            .trade_bill(DAY, TradeBillType::All, BillPacking::Plain)
            .await
            .unwrap();
        let Err(error) = client.download_bill(&bill).await else {
            panic!("{code} is not a file");
        };
        assert_eq!(error.code_text(), Some(code));
        assert_eq!(error.advice(), advice, "{code}");
    }
}

#[tokio::test]
async fn a_download_without_an_answer_is_an_error_and_changes_nothing() {
    let script = Script::new([applied(&sha1(b"")), lost()]);
    let client = client(&script);
    let bill = client
        .trade_bill(DAY, TradeBillType::All, BillPacking::Plain)
        .await
        .unwrap();
    let Err(error) = client.download_bill(&bill).await else {
        panic!("no answer is not a file");
    };
    assert_eq!(error.advice(), Advice::RepeatIdentically);
}

/// A request with our signature goes where the settings say, and only to downloads.
#[tokio::test]
async fn odd_answers_to_an_application_are_refused() {
    let good = sha1(b"a bill");
    let file = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=a";
    let elsewhere = "https://api.mch.weixin.qq.com/v3/refund/domestic/refunds/1";
    let around = "https://api.mch.weixin.qq.com/v3/billdownload/../certificates";
    for (kind, hash, url) in [
        ("SHA256", good.as_str(), file),
        ("SHA1", "12", file),
        ("SHA1", &"g".repeat(40), file),
        ("SHA1", &good, elsewhere),
        ("SHA1", &good, around),
        ("SHA1", &good, "not an address"),
        ("SHA1", &good, ""),
    ] {
        let script = Script::new([applied_as(kind, hash, url)]);
        let error = apply(&script).await.unwrap_err();
        assert_eq!(error.name(), "undecodable", "{kind} {hash} {url}");
    }
}
