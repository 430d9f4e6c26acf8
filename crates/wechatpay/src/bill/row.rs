//! One row of a trade bill, and how it is read from the fields of its line.

use std::fmt;

use fen::Fen;
use jiff::civil::DateTime;
use jiff::{Timestamp, tz};

use super::amounts::Fee;
use super::problem::{LineFault, LineProblem};
use super::trade::{Columns, Name};
use crate::{OpenId, RefundId, Text, TradeType, TransactionId};

/// How far Beijing is ahead of UTC, all year round.
const BEIJING: tz::Offset = tz::offset(8);

/// A payment or a refund, as the bill of its day has it. `Debug` does not show who paid.
///
/// Order and refund numbers are texts here and not the types of API v3: everything of the merchant
/// number is in the bill, also what other systems and older interfaces made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TradeRow {
    /// Its line in the file, from 1.
    pub line: u64,
    /// When it was paid. On a refund's row it is uncertain whether this is the time of the payment
    /// or of the refund: both have been seen.
    pub traded_at: Timestamp,
    /// The app, if any.
    pub appid: String,
    /// The merchant.
    pub mchid: String,
    /// WeChat's number of the payment.
    pub transaction_id: TransactionId,
    /// The merchant's order number.
    pub out_trade_no: Text<1, 64>,
    /// Who paid, where the product tells.
    pub payer: Option<OpenId>,
    /// How it was paid. An open set: bills have words that queries have not.
    pub trade_type: TradeType,
    /// `CNY`.
    pub currency: String,
    /// The fee; on a refund's row what was given back of it, as a negative number.
    pub fee: Fee,
    /// What was bought. A comma stands as `\ ` in a bill.
    pub description: String,
    /// The merchant's own data.
    pub attach: String,
    /// Payment or refund.
    pub kind: RowKind,
}

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// Money came in.
    Payment {
        /// The order's total, as it was ordered.
        amount: Fen,
        /// What is settled: the total without coupons that cost the merchant nothing.
        settlement: Fen,
    },
    /// Money goes back.
    Refund(RefundRow),
    /// Something else, such as `REVOKED`, as it came.
    Unknown(String),
}

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRow {
    /// WeChat's number of it.
    pub refund_id: RefundId,
    /// The merchant's number of it.
    pub out_refund_no: Text<1, 64>,
    /// What was asked for.
    pub amount: Fen,
    /// What is settled of it.
    pub settlement: Fen,
    /// How it stood when the bill was made. Not the words of a query.
    pub status: BillRefundStatus,
    /// When it was asked for; only in bills of refunds.
    pub requested_at: Option<Timestamp>,
    /// When it arrived; only in bills of refunds.
    pub succeeded_at: Option<Timestamp>,
}

/// How a refund stood when the bill was made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BillRefundStatus {
    /// Arrived.
    Success,
    /// On its way.
    Processing,
    /// Given up.
    Fail,
    /// Stuck.
    Change,
    /// A word that this crate does not know, as it came.
    Unknown(String),
}

impl From<&str> for BillRefundStatus {
    fn from(text: &str) -> Self {
        match text {
            "SUCCESS" => Self::Success,
            "PROCESSING" => Self::Processing,
            "FAIL" => Self::Fail,
            "CHANGE" => Self::Change,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

impl fmt::Display for RowKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Payment { .. } => "SUCCESS",
            Self::Refund(_) => "REFUND",
            Self::Unknown(word) => word,
        })
    }
}

/// The fields of one line, found by the names of their columns.
pub(super) struct Fields<'a> {
    line: u64,
    columns: &'a Columns,
    fields: &'a [&'a str],
}

/// A field, with its place for the report.
#[derive(Clone, Copy)]
struct Field<'a> {
    line: u64,
    place: (usize, &'static str),
    text: &'a str,
}

impl<'a> Fields<'a> {
    pub(super) const fn new(line: u64, columns: &'a Columns, fields: &'a [&'a str]) -> Self {
        Self {
            line,
            columns,
            fields,
        }
    }

    /// A field of a column that this bill has.
    fn find(&self, name: Name) -> Option<Field<'a>> {
        let (index, label) = self.columns.place(name)?;
        Some(Field {
            line: self.line,
            place: (index.saturating_add(1), label),
            text: self.fields.get(index)?,
        })
    }

    fn text(&self, name: Name) -> &'a str {
        self.find(name).map_or("", |field| field.text)
    }

    /// A field of a column without which the header is refused.
    fn field(&self, name: Name) -> Result<Field<'a>, LineProblem> {
        self.find(name).ok_or(LineProblem {
            line: self.line,
            column: None,
            fault: LineFault::NotARow,
        })
    }

    fn amount(&self, name: Name) -> Result<Fen, LineProblem> {
        self.field(name)?.amount()
    }

    pub(super) fn row(&self) -> Result<TradeRow, LineProblem> {
        let payer = self.find(Name::Payer).filter(|field| !field.is_absent());
        Ok(TradeRow {
            line: self.line,
            traded_at: self.field(Name::Time)?.time()?,
            appid: self.text(Name::App).to_owned(),
            mchid: self.text(Name::Merchant).to_owned(),
            transaction_id: self.field(Name::Transaction)?.value(TransactionId::new)?,
            out_trade_no: self.field(Name::Order)?.value(Text::new)?,
            payer: payer.map(|field| field.value(OpenId::new)).transpose()?,
            trade_type: self.text(Name::TradeType).into(),
            currency: self.text(Name::Currency).to_owned(),
            fee: self
                .find(Name::Fee)
                .map_or(Ok(Fee::default()), Field::fee)?,
            description: self.text(Name::Description).to_owned(),
            attach: self.text(Name::Attach).to_owned(),
            kind: self.kind()?,
        })
    }

    fn kind(&self) -> Result<RowKind, LineProblem> {
        match self.text(Name::State) {
            "SUCCESS" => self.payment(),
            "REFUND" => self.refund().map(RowKind::Refund),
            other => Ok(RowKind::Unknown(other.to_owned())),
        }
    }

    /// Early merchants have no column for the order's total; there it is what is settled and the
    /// coupons together. That this is exact is uncertain.
    fn payment(&self) -> Result<RowKind, LineProblem> {
        let settlement = self.amount(Name::Settlement)?;
        let amount = match self.find(Name::Total) {
            Some(total) => total.amount()?,
            None => {
                let coupons = self.field(Name::Coupons)?;
                let sum = settlement.plus(coupons.amount()?);
                sum.map_err(|_| coupons.problem(LineFault::NotAnAmount))?
            }
        };
        Ok(RowKind::Payment { amount, settlement })
    }

    fn refund(&self) -> Result<RefundRow, LineProblem> {
        let settlement = self.amount(Name::Refunded)?;
        let amount = self.find(Name::RefundAsked).map(Field::amount);
        let time = |name| {
            let field = self.find(name).filter(|field| !field.is_absent());
            field.map(Field::time).transpose()
        };
        Ok(RefundRow {
            refund_id: self.field(Name::RefundId)?.value(RefundId::new)?,
            out_refund_no: self.field(Name::RefundNo)?.value(Text::new)?,
            amount: amount.unwrap_or(Ok(settlement))?,
            settlement,
            status: self.text(Name::RefundState).into(),
            requested_at: time(Name::RefundAskedAt)?,
            succeeded_at: time(Name::RefundedAt)?,
        })
    }
}

impl Field<'_> {
    /// Bills write nothing, or a 0, where there is no number.
    fn is_absent(&self) -> bool {
        matches!(self.text, "" | "0")
    }

    const fn problem(self, fault: LineFault) -> LineProblem {
        LineProblem {
            line: self.line,
            column: Some(self.place),
            fault,
        }
    }

    fn amount(self) -> Result<Fen, LineProblem> {
        Fen::from_yuan(self.text).map_err(|_| self.problem(LineFault::NotAnAmount))
    }

    fn fee(self) -> Result<Fee, LineProblem> {
        Fee::parse(self.text).ok_or_else(|| self.problem(LineFault::NotAFee))
    }

    fn time(self) -> Result<Timestamp, LineProblem> {
        let time = DateTime::strptime("%Y-%m-%d %H:%M:%S", self.text);
        let time = time.and_then(|time| BEIJING.to_timestamp(time));
        time.map_err(|_| self.problem(LineFault::NotATime))
    }

    fn value<T>(
        self,
        new: impl FnOnce(String) -> Result<T, crate::InvalidValue>,
    ) -> Result<T, LineProblem> {
        new(self.text.to_owned()).map_err(|invalid| self.problem(LineFault::Value(invalid)))
    }
}
