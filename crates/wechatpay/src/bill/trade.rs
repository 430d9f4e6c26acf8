//! A trade bill, line by line: header, rows, summary.

use std::io::BufRead;

use super::amounts::BillTotal;
use super::lines::{Line, Lines, MAX_LINE_BYTES};
use super::problem::{BillError, LineFault, LineProblem};
use super::row::{Fields, RowKind, TradeRow};

/// What separates two fields. Each field begins with a backtick, so that a comma inside one does
/// not part it.
const SEPARATOR: &str = ",`";

/// The columns that are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Time,
    App,
    Merchant,
    Transaction,
    Order,
    Payer,
    TradeType,
    State,
    Currency,
    Settlement,
    Coupons,
    RefundAskedAt,
    RefundedAt,
    RefundId,
    RefundNo,
    Refunded,
    RefundState,
    Description,
    Attach,
    Fee,
    Total,
    RefundAsked,
}

/// Every column with its names, today's first, and whether a bill without it is none. Bills of
/// payments have no columns of refunds, and early merchants miss the two newest.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4013071227; the older names are those of API v2.
const COLUMNS: [(Name, &[&str], bool); 22] = [
    (Name::Time, &["交易时间"], true),
    (Name::App, &["公众账号ID"], false),
    (Name::Merchant, &["商户号"], true),
    (Name::Transaction, &["微信订单号"], true),
    (Name::Order, &["商户订单号"], true),
    (Name::Payer, &["用户标识"], false),
    (Name::TradeType, &["交易类型"], false),
    (Name::State, &["交易状态"], true),
    (Name::Currency, &["货币种类"], true),
    (Name::Settlement, &["应结订单金额", "总金额"], true),
    (Name::Coupons, &["代金券金额", "代金券或立减优惠金额"], true),
    (Name::RefundAskedAt, &["退款申请时间"], false),
    (Name::RefundedAt, &["退款成功时间"], false),
    (Name::RefundId, &["微信退款单号"], false),
    (Name::RefundNo, &["商户退款单号"], false),
    (Name::Refunded, &["退款金额"], false),
    (Name::RefundState, &["退款状态"], false),
    (Name::Description, &["商品名称"], false),
    (Name::Attach, &["商户数据包"], false),
    (Name::Fee, &["手续费"], false),
    (Name::Total, &["订单金额"], false),
    (Name::RefundAsked, &["申请退款金额"], false),
];

/// What the line above the summary begins with.
const SUMMARY: &str = "总交易单数";
const SUMMARY_ORDERS: &str = "订单总金额";
const SUMMARY_REFUNDS: &str = "申请退款总金额";

/// Where each column of [`COLUMNS`] stands in this bill.
pub(super) struct Columns {
    places: [Option<(usize, &'static str)>; COLUMNS.len()],
    count: usize,
}

impl Columns {
    fn read(header: &str) -> Result<Self, BillError> {
        let found: Vec<&str> = header.split(',').map(str::trim).collect();
        let mut places = [None; COLUMNS.len()];
        for (place, (_, names, needed)) in places.iter_mut().zip(COLUMNS) {
            *place = names.iter().find_map(|name| {
                let index = found.iter().position(|at| at == name)?;
                Some((index, *name))
            });
            if needed && place.is_none() {
                return Err(BillError::Header(names.first().copied().unwrap_or("")));
            }
        }
        Ok(Self {
            places,
            count: found.len(),
        })
    }

    pub(super) fn place(&self, name: Name) -> Option<(usize, &'static str)> {
        let index = COLUMNS.iter().position(|(at, _, _)| *at == name)?;
        self.places.get(index).copied().flatten()
    }
}

/// What a bill says of itself in its summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatedTotals {
    /// Rows. Whether refunds are among them is uncertain.
    pub rows: u64,
    /// The orders' totals; early merchants' bills do not state them.
    pub orders: Option<BillTotal>,
    /// What was asked to go back; the same.
    pub refunds: Option<BillTotal>,
}

impl StatedTotals {
    /// Whether the sums that are stated are those that were counted.
    pub fn fits(&self, counted: &TradeTotals) -> bool {
        let fits = |stated: Option<BillTotal>, counted| stated.is_none_or(|sum| sum == counted);
        fits(self.orders, counted.orders) && fits(self.refunds, counted.refunds)
    }
}

/// Counts and sums of the rows that were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TradeTotals {
    /// Rows: payments and refunds.
    pub rows: u64,
    /// The orders' totals.
    pub orders: BillTotal,
    /// What was asked to go back.
    pub refunds: BillTotal,
}

/// Reads a trade bill from any source, in the memory of one line.
///
/// ```
/// use wechatpay::{RowKind, TradeBill};
///
/// let text = "交易时间,商户号,微信订单号,商户订单号,交易状态,货币种类,应结订单金额,代金券金额,订单金额
/// `2026-11-23 22:38:41,`1900007291,`4200001,`20261123223841,`SUCCESS,`CNY,`17.90,`0.00,`17.90
/// `2026-11-23 22:38:42,`1900007291,`4200002,`20261123223842,`SUCCESS,`CNY,`0.00,`0.00,`many
/// 总交易单数,订单总金额
/// `2,`17.90
/// ";
/// let mut bill = TradeBill::new(text.as_bytes())?;
/// let first = bill.next_row()?.unwrap().unwrap();
/// assert!(matches!(first.kind, RowKind::Payment { amount, .. } if amount.get() == 1790));
/// let second = bill.next_row()?.unwrap().unwrap_err();
/// assert_eq!(
///     second.to_string(),
///     "line 3, column 9 (订单金额): this is not an amount in yuan like 17.90"
/// );
/// assert!(bill.next_row()?.is_none());
/// assert!(bill.stated().unwrap().fits(&bill.counted()));
/// # Ok::<(), wechatpay::BillError>(())
/// ```
pub struct TradeBill<R> {
    lines: Lines<R>,
    columns: Columns,
    counted: TradeTotals,
    stated: Option<StatedTotals>,
}

impl<R: BufRead> TradeBill<R> {
    /// Reads the header. A byte order mark before it, and carriage returns at the ends of lines,
    /// are taken: some bills have them.
    ///
    /// # Errors
    /// [`BillError::Header`] when it is not that of a trade bill.
    pub fn new(source: R) -> Result<Self, BillError> {
        let mut lines = Lines::new(source);
        let header = lines.next()?;
        let header = header.and_then(|line| std::str::from_utf8(line.bytes).ok());
        let columns = Columns::read(header.unwrap_or_default())?;
        Ok(Self {
            lines,
            columns,
            counted: TradeTotals::default(),
            stated: None,
        })
    }

    /// The next row, or what is wrong with its line; `None` after the last, when the summary has
    /// been read and nothing follows it.
    ///
    /// # Errors
    /// [`BillError`] when nothing more can be read.
    pub fn next_row(&mut self) -> Result<Option<Result<TradeRow, LineProblem>>, BillError> {
        if self.stated.is_some() {
            return Ok(None);
        }
        let Some(line) = self.lines.next()? else {
            return Err(BillError::NoSummary(self.lines.number()));
        };
        if line.bytes.starts_with(SUMMARY.as_bytes()) {
            let names = String::from_utf8_lossy(line.bytes).into_owned();
            self.summary(&names)?;
            return Ok(None);
        }
        let row = read(&self.columns, &line);
        self.counted.rows = self.counted.rows.saturating_add(1);
        match row.as_ref().map(|row| &row.kind) {
            Ok(RowKind::Payment { amount, .. }) => {
                self.counted.orders = self.counted.orders.plus(*amount);
            }
            Ok(RowKind::Refund(refund)) => {
                self.counted.refunds = self.counted.refunds.plus(refund.amount);
            }
            Ok(RowKind::Unknown(_)) | Err(_) => {}
        }
        Ok(Some(row))
    }

    /// What was counted so far.
    pub const fn counted(&self) -> TradeTotals {
        self.counted
    }

    /// What the bill says of itself in its summary; `None` before it was read.
    pub const fn stated(&self) -> Option<StatedTotals> {
        self.stated
    }

    fn summary(&mut self, names: &str) -> Result<(), BillError> {
        let unreadable = BillError::Summary(self.lines.number().saturating_add(1));
        let Some(line) = self.lines.next()? else {
            return Err(BillError::NoSummary(self.lines.number()));
        };
        let Some(fields) = text(&line).ok().and_then(fields) else {
            return Err(unreadable);
        };
        let names: Vec<&str> = names.split(',').map(str::trim).collect();
        let of = |name| {
            let index = names.iter().position(|at| *at == name)?;
            fields.get(index).copied()
        };
        let total = |name| match of(name) {
            Some(text) => BillTotal::parse(text).map(Some),
            None => Some(None),
        };
        let rows = of(SUMMARY).and_then(|text| text.parse().ok());
        let (orders, refunds) = (total(SUMMARY_ORDERS), total(SUMMARY_REFUNDS));
        let (Some(rows), Some(orders), Some(refunds)) = (rows, orders, refunds) else {
            return Err(unreadable);
        };
        self.stated = Some(StatedTotals {
            rows,
            orders,
            refunds,
        });
        while let Some(line) = self.lines.next()? {
            if !line.bytes.is_empty() {
                return Err(BillError::AfterSummary(line.number));
            }
        }
        Ok(())
    }
}

fn read(columns: &Columns, line: &Line<'_>) -> Result<TradeRow, LineProblem> {
    let whole = |fault| LineProblem {
        line: line.number,
        column: None,
        fault,
    };
    let text = text(line).map_err(whole)?;
    let fields = fields(text).ok_or_else(|| whole(LineFault::NotARow))?;
    if fields.len() != columns.count {
        return Err(whole(LineFault::Fields {
            expected: columns.count,
            found: fields.len(),
        }));
    }
    Fields::new(line.number, columns, &fields).row()
}

fn text<'a>(line: &Line<'a>) -> Result<&'a str, LineFault> {
    if line.is_too_long {
        return Err(LineFault::TooLong(MAX_LINE_BYTES));
    }
    std::str::from_utf8(line.bytes).map_err(|_| LineFault::NotUtf8)
}

/// The fields of a line that begins with a backtick.
fn fields(line: &str) -> Option<Vec<&str>> {
    Some(line.strip_prefix('`')?.split(SEPARATOR).collect())
}
