//! The rows of trade bills: real ones, odd ones, and broken ones.

use std::io::{self, BufReader, Read};

use fen::Fen;
use proptest::prelude::*;
use wechatpay::{
    BillError, BillRefundStatus, LineFault, LineProblem, RowKind, TradeBill, TradeRow, TradeType,
};

const ALL: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,\
    交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,\
    退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const REFUND: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,\
    交易状态,付款银行,货币种类,应结订单金额,代金券金额,退款申请时间,退款成功时间,微信退款单号,商户退款单号,\
    退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const SUMMARY: &str =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

/// A row of a real merchant's bill of all trades.
const PAID: &str = "`2021-01-28 17:07:11,`wx81be3101902f7cb2,`1601959334,`0,`,\
    `4200000925202101284997714292,`S20210128170702357723,`ofyak5qR_1wYsC99CsWA6R9MJazA,`NATIVE,\
    `SUCCESS,`OTHERS,`CNY,`0.01,`0.00,`0,`0,`0.00,`0.00,`,`,`for testing,`cipher code,`0.00000,\
    `1.00%,`0.01,`0.00,`";
/// A row of a real merchant's bill of refunds; what was cut out of its numbers is made up.
const REFUNDED: &str = "`2021-01-24 16:16:25,`wx81be3101902f7cb2,`1601959334,`0,`,\
    `4200000844202101245866928772,`S20210124161554311546,`ofyak5qR_1wYsC99CsWA6R9MJazA,`NATIVE,\
    `REFUND,`OTHERS,`CNY,`0.00,`0.00,`2021-02-01 14:33:21,`2021-02-01 14:33:24,\
    `50300807172021020106034914310,`S20210201143321,`0.01,`0.00,`ORIGINAL,`SUCCESS,`测试,`,\
    `0.00000,`1.00%,`0.00,`0.01,`";

fn bill(header: &str, rows: &[&str], totals: &str) -> String {
    format!("{header}\n{}\n{SUMMARY}\n{totals}\n", rows.join("\n"))
}

type Lines = Vec<Result<TradeRow, LineProblem>>;

fn read(text: impl AsRef<[u8]>) -> Result<Lines, BillError> {
    let mut bill = TradeBill::new(text.as_ref())?;
    let mut lines = Vec::new();
    while let Some(line) = bill.next_row()? {
        lines.push(line);
    }
    assert!(bill.next_row()?.is_none(), "the end stays");
    Ok(lines)
}

fn row(header: &str, row: &str) -> Result<TradeRow, LineProblem> {
    let text = bill(header, &[row], "`1,`0.00,`0.00,`0.00,`0.00000,`0.00,`0.00");
    let mut lines = read(text).unwrap();
    assert_eq!(lines.len(), 1);
    lines.remove(0)
}

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}

#[test]
fn a_real_payment_is_read() {
    let row = row(ALL, PAID).unwrap();
    assert_eq!(row.line, 2);
    assert_eq!(row.traded_at.to_string(), "2021-01-28T09:07:11Z");
    assert_eq!(row.appid, "wx81be3101902f7cb2");
    assert_eq!(row.mchid, "1601959334");
    assert_eq!(row.transaction_id.as_str(), "4200000925202101284997714292");
    assert_eq!(row.out_trade_no.as_str(), "S20210128170702357723");
    assert_eq!(row.payer.as_ref().unwrap().as_str().len(), 28);
    assert_eq!(row.trade_type, TradeType::Native);
    assert_eq!((row.currency.as_str(), row.fee.get()), ("CNY", 0));
    assert_eq!(
        (row.description.as_str(), row.attach.as_str()),
        ("for testing", "cipher code")
    );
    let (amount, settlement) = (fen(1), fen(1));
    assert_eq!(row.kind, RowKind::Payment { amount, settlement });
    assert!(!format!("{row:?}").contains("ofyak5qR"), "{row:?}");
}

#[test]
fn a_real_refund_is_read_with_its_own_times() {
    let row = row(REFUND, REFUNDED).unwrap();
    assert_eq!(row.traded_at.to_string(), "2021-01-24T08:16:25Z");
    let RowKind::Refund(refund) = row.kind else {
        panic!("{:?}", row.kind);
    };
    assert_eq!(refund.refund_id.as_str(), "50300807172021020106034914310");
    assert_eq!(refund.out_refund_no.as_str(), "S20210201143321");
    assert_eq!((refund.amount, refund.settlement), (fen(1), fen(1)));
    assert_eq!(refund.status, BillRefundStatus::Success);
    assert_eq!(
        refund.requested_at.unwrap().to_string(),
        "2021-02-01T06:33:21Z"
    );
    assert_eq!(
        refund.succeeded_at.unwrap().to_string(),
        "2021-02-01T06:33:24Z"
    );
}

#[test]
fn totals_are_stated_and_counted() {
    let refund = "`2021-01-28 18:00:00,`,`1601959334,`0,`,`4200000925202101284997714292,\
        `S20210128170702357723,`,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`50300,`R1,`0.01,`0.00,\
        `ORIGINAL,`PROCESSING,`for testing,`,`-0.00006,`1.00%,`0.00,`0.01,`";
    let totals = "`2,`0.01,`0.01,`0.00,`-0.00006,`0.01,`0.01";
    let text = bill(ALL, &[PAID, refund], totals);
    let mut bill = TradeBill::new(text.as_bytes()).unwrap();
    assert!(bill.stated().is_none());
    let fees: Vec<_> = std::iter::from_fn(|| bill.next_row().unwrap())
        .map(|row| row.unwrap().fee.to_string())
        .collect();
    assert_eq!(fees, ["0.00000", "-0.00006"]);
    let (stated, counted) = (bill.stated().unwrap(), bill.counted());
    assert_eq!((stated.rows, counted.rows), (2, 2));
    assert_eq!((counted.orders.get(), counted.refunds.get()), (1, 1));
    assert_eq!(stated.orders.map(|sum| sum.get()), Some(1));
    assert!(stated.fits(&counted));
    let another = text.replace("`0.01,`0.01\n", "`0.01,`0.02\n");
    let mut bill = TradeBill::new(another.as_bytes()).unwrap();
    while bill.next_row().unwrap().is_some() {}
    assert!(!bill.stated().unwrap().fits(&bill.counted()));
}

#[test]
fn marks_carriage_returns_and_empty_lines_at_the_end_do_not_matter() {
    let plain = bill(ALL, &[PAID, PAID], "`2,`0.02,`0.00,`0.00,`0.00,`0.02,`0.00");
    let windows = format!("\u{feff}{}\r\n\r\n", plain.replace('\n', "\r\n"));
    let unended = plain.trim_end().to_owned();
    let expected = read(&plain).unwrap();
    assert_eq!(expected.len(), 2);
    assert_eq!(read(windows).unwrap(), expected);
    assert_eq!(read(unended).unwrap(), expected);
}

#[test]
fn columns_are_found_by_name_in_any_order_and_by_their_older_names() {
    let old = "\u{feff}交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,\
        交易状态,付款银行,货币种类,总金额,代金券或立减优惠金额,微信退款单号,商户退款单号,退款金额,\
        代金券或立减优惠退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率";
    let row_of_old = "`2014-11-10 16:33:45,`wx2421b1c4370ec43b,`10000100,`0,`1000,\
        `1001690740201411100005734289,`1415640626,`085e9858e3ba5186aafcbaed1,`MICROPAY,`SUCCESS,\
        `CFT,`CNY,`0.01,`0.02,`0,`0,`0,`0,`,`,`被扫支付测试,`订单额外描述,`0,`0.60%";
    let row = row(old, row_of_old).unwrap();
    let (amount, settlement) = (fen(3), fen(1));
    assert_eq!(row.kind, RowKind::Payment { amount, settlement });
    assert_eq!(row.trade_type, TradeType::Micropay);

    let shuffled = "订单金额,新列,代金券金额,应结订单金额,货币种类,交易状态,商户订单号,微信订单号,商户号,交易时间";
    let row_of_it = "`17.90,`new,`0.00,`17.90,`CNY,`SUCCESS,`20261123223841,`4200001,`1900000100,\
        `2026-11-23 22:38:41";
    let row = self::row(shuffled, row_of_it).unwrap();
    assert!(matches!(row.kind, RowKind::Payment { amount, .. } if amount == fen(1790)));
    assert!(row.payer.is_none());
}

#[test]
fn commas_backticks_and_returns_inside_a_field_stay_in_it() {
    for name in ["茶,绿", "茶`绿", "茶\\ 绿", "茶\r绿", "``", ",", "\"茶"] {
        let row = row(ALL, &PAID.replace("for testing", name)).unwrap();
        assert_eq!(row.description, name);
        assert_eq!(row.attach, "cipher code");
    }
}

#[test]
fn words_that_are_not_known_survive() {
    let face = row(ALL, &PAID.replace("`NATIVE", "`FACE")).unwrap();
    assert_eq!(face.trade_type, TradeType::Unknown("FACE".to_owned()));
    let revoked = row(ALL, &PAID.replace("`SUCCESS", "`REVOKED")).unwrap();
    assert_eq!(revoked.kind, RowKind::Unknown("REVOKED".to_owned()));
    let stuck = row(REFUND, &REFUNDED.replace("`SUCCESS", "`CHANGE")).unwrap();
    let RowKind::Refund(refund) = stuck.kind else {
        panic!("{:?}", stuck.kind);
    };
    assert_eq!(refund.status, BillRefundStatus::Change);
}

/// Each bad line is reported with its place, and the good ones around it are not lost (B4).
#[test]
fn b04_bad_lines_are_reported_one_by_one_and_lose_nothing() {
    let amount = (Some((25, "订单金额")), LineFault::NotAnAmount);
    let time = (Some((1, "交易时间")), LineFault::NotATime);
    let fields = |found| {
        (
            None,
            LineFault::Fields {
                expected: 27,
                found,
            },
        )
    };
    let cases = [
        (PAID.to_owned(), None),
        (
            PAID.replace("`1.00%,`0.01", "`1.00%,`0.1"),
            Some(amount.clone()),
        ),
        (
            PAID.replace("`1.00%,`0.01", "`1.00%,`-0.01"),
            Some(amount.clone()),
        ),
        (
            PAID.replace("`1.00%,`0.01", "`1.00%,`"),
            Some(amount.clone()),
        ),
        (
            PAID.replace("`1.00%,`0.01", "`1.00%,`10000000.01"),
            Some(amount),
        ),
        (PAID.replace("01-28", "13-28"), Some(time.clone())),
        (PAID.replace("17:07:11", "17:07"), Some(time.clone())),
        (PAID.replace("`2021", "`"), Some(time)),
        (
            PAID.replace("`0.00000", "`0.000001"),
            Some((Some((23, "手续费")), LineFault::NotAFee)),
        ),
        (PAID.replace("`for testing,", ""), Some(fields(26))),
        (
            PAID.replace("`for testing", "`for,`testing"),
            Some(fields(28)),
        ),
        (PAID[..60].to_owned(), Some(fields(6))),
        (PAID.replacen('`', "", 1), Some((None, LineFault::NotARow))),
        (String::new(), Some((None, LineFault::NotARow))),
        (ALL.to_owned(), Some((None, LineFault::NotARow))),
        (
            PAID.replace("for testing", &"x".repeat(20_000)),
            Some((None, LineFault::TooLong(16 * 1024))),
        ),
    ];
    for (line, expected) in cases {
        let totals = "`3,`0.03,`0.00,`0.00,`0.00,`0.03,`0.00";
        let lines = read(bill(ALL, &[PAID, &line, PAID], totals)).unwrap();
        assert_eq!(lines.len(), 3, "{line}");
        assert!(lines[0].is_ok() && lines[2].is_ok(), "{line}");
        let found = lines[1].as_ref().err().map(|problem| {
            assert_eq!(problem.line, 3);
            (problem.column, problem.fault.clone())
        });
        assert_eq!(found, expected, "{line}");
    }
}

#[test]
fn a_line_that_is_not_text_is_a_bad_line() {
    let mut text = bill(ALL, &[PAID, PAID], "`2,`0.02,`0.00,`0.00,`0.00,`0.02,`0.00").into_bytes();
    let place = ALL.len() + 10;
    text[place] = 0xFF;
    let lines = read(text).unwrap();
    let problem = lines[0].as_ref().unwrap_err();
    assert_eq!(problem.fault, LineFault::NotUtf8);
    assert_eq!(problem.to_string(), "line 2: the line is not UTF-8");
    assert!(lines[1].is_ok());
}

#[test]
fn a_report_repeats_nothing_that_stands_in_the_line() {
    // One field too few at the front, so that a person stands where an amount belongs.
    let moved = PAID.replacen("`0,`,", "`", 1) + ",`,`";
    let problem = row(ALL, &moved).unwrap_err();
    let shown = format!("{problem} {problem:?}");
    assert!(!shown.contains("ofyak5qR"), "{shown}");
    assert!(shown.contains("line 2"), "{shown}");
}

#[test]
fn what_is_not_a_whole_bill_is_refused() {
    let whole = bill(ALL, &[PAID], "`1,`0.01,`0.00,`0.00,`0.00,`0.01,`0.00");
    let cut = |at: &str| whole[..whole.find(at).unwrap()].to_owned();
    assert!(matches!(read(""), Err(BillError::Header("交易时间"))));
    assert!(matches!(read("<html>"), Err(BillError::Header(_))));
    assert!(matches!(
        read(ALL.replace("商户订单号", "x")),
        Err(BillError::Header("商户订单号"))
    ));
    assert!(matches!(read(cut(SUMMARY)), Err(BillError::NoSummary(2))));
    assert!(matches!(
        read(cut("`1,`0.01")),
        Err(BillError::NoSummary(3))
    ));
    assert!(read(cut(",`0.01,`0.00,`0.00,`0.00,`0.01")).is_ok());
    assert!(matches!(
        read(whole.replace("`1,`0.01,", "`many,`0.01,")),
        Err(BillError::Summary(4))
    ));
    assert!(matches!(
        read(whole + PAID),
        Err(BillError::AfterSummary(5))
    ));
}

#[test]
fn a_source_that_breaks_is_not_an_end() {
    struct Breaks(bool);
    impl Read for Breaks {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if std::mem::replace(&mut self.0, true) {
                return Err(io::Error::other("gone"));
            }
            let text = format!("{ALL}\n{PAID}\n");
            buffer[..text.len()].copy_from_slice(text.as_bytes());
            Ok(text.len())
        }
    }
    let mut bill = TradeBill::new(BufReader::new(Breaks(false))).unwrap();
    assert!(bill.next_row().unwrap().unwrap().is_ok());
    assert!(matches!(bill.next_row(), Err(BillError::Read(_))));
}

/// Makes rows while they are read: neither side ever holds more than a few.
struct Endless {
    rows: u64,
    left: Vec<u8>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.is_empty() {
            let line = match self.rows {
                0 => return Ok(0),
                1 => format!("{SUMMARY}\n`{MANY},`1.00,`0.00,`0.00,`0.00,`500.00,`0.00\n"),
                _ => format!("{PAID}\n"),
            };
            self.left = line.into_bytes();
            self.rows -= 1;
        }
        let taken = self.left.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&self.left[..taken]);
        self.left.drain(..taken);
        Ok(taken)
    }
}

const MANY: u64 = 50_000;

/// Any number of rows is read in the memory of one (B4).
#[test]
fn b04_many_rows_are_read_one_at_a_time() {
    let rows = Endless {
        rows: MANY + 1,
        left: format!("{ALL}\n").into_bytes(),
    };
    let mut bill = TradeBill::new(BufReader::with_capacity(512, rows)).unwrap();
    while let Some(row) = bill.next_row().unwrap() {
        row.unwrap();
    }
    let (counted, stated) = (bill.counted(), bill.stated().unwrap());
    assert_eq!((counted.rows, counted.orders.get()), (MANY, 50_000));
    assert!(stated.fits(&counted));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(junk in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut text = format!("{ALL}\n{PAID}\n").into_bytes();
        text.extend(junk);
        if let Ok(mut bill) = TradeBill::new(text.as_slice()) {
            prop_assert!(bill.next_row().unwrap().unwrap().is_ok());
            while let Ok(Some(_)) = bill.next_row() {}
        }
    }

    #[test]
    fn a_changed_byte_never_changes_an_amount_unnoticed(
        place in 0..PAID.len(), byte in 0x20_u8..0x7f,
    ) {
        let mut line = PAID.as_bytes().to_vec();
        line[place] = byte;
        let line = String::from_utf8(line).unwrap();
        let totals = "`1,`0.01,`0.00,`0.00,`0.00,`0.01,`0.00";
        let text = bill(ALL, &[&line], totals);
        let mut bill = TradeBill::new(text.as_bytes()).unwrap();
        let row = bill.next_row().unwrap().unwrap();
        let one_fen = |kind: &RowKind| {
            matches!(kind, RowKind::Payment { amount, .. } if amount.get() == 1)
        };
        if !row.is_ok_and(|row| one_fen(&row.kind)) {
            while bill.next_row().unwrap().is_some() {}
            prop_assert!(!bill.stated().unwrap().fits(&bill.counted()));
        }
    }
}
