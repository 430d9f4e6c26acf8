//! Bills: apply for one, and download it piece by piece.

use aws_lc_rs::digest;
use bytes::Bytes;
use http::{Response, StatusCode, Uri};
use jiff::civil::Date;
use serde::Deserialize;

use super::Client;
use super::answer::Answer;
use super::outgoing::Outgoing;
use crate::bill::{Gunzip, Sha1Hash};
use crate::error::{Damaged, Kind, Undecodable};
use crate::{
    AnswerBody, BillFile, BillPacking, Error, FundAccount, Operation, TradeBillType, TransportError,
};

/// The largest bill, unpacked: seven million rows. It keeps a file that is not a bill from filling
/// a disk.
pub const MAX_BILL_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// How much of a refused download is read, to learn why.
const REFUSAL_BYTES: usize = 64 * 1024;

/// Where the download addresses lie. No other is asked: a request that carries our signature goes
/// nowhere just because an answer says so.
const DOWNLOAD_PATH: &str = "/v3/billdownload/";

/// The only kind of hash that is documented.
const HASH_TYPE: &str = "SHA1";

#[derive(Deserialize)]
struct Applied {
    hash_type: String,
    hash_value: String,
    download_url: String,
}

impl Client {
    /// Applies for the bill of a day: every payment that was made on it, and every refund that was
    /// accepted on it, in Beijing time, within the last three months.
    ///
    /// There is one after 10:00 of the next day. What comes back names a file that
    /// [`download_bill`](Client::download_bill) fetches within minutes.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/example.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use wechatpay::{Advice, ApiCode, BillPacking, TradeBillType};
    /// # let client = example::refusing(400,
    /// #     r#"{"code":"NO_STATEMENT_EXIST","message":"请求的账单文件不存在"}"#);
    ///
    /// let day = jiff::civil::date(2026, 11, 23);
    /// let applied = client.trade_bill(day, TradeBillType::All, BillPacking::Gzip).await;
    /// // A day without trade has no bill, and that is final.
    /// let error = applied.unwrap_err();
    /// assert_eq!(error.code(), Some(&ApiCode::NoStatementExist));
    /// assert_eq!(error.advice(), Advice::Stop);
    /// # }
    /// ```
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4013071227
    ///
    /// # Errors
    /// [`Error`]; with the code `NO_STATEMENT_EXIST` the day had no trade, with
    /// `STATEMENT_CREATING` it is too early.
    pub async fn trade_bill(
        &self,
        day: Date,
        bill_type: TradeBillType,
        packing: BillPacking,
    ) -> Result<BillFile, Error> {
        let what = format!(
            "/v3/bill/tradebill?bill_date={day}&bill_type={}",
            bill_type.as_str()
        );
        self.bill(what, packing).await
    }

    /// Applies for the list of all movements on one of the merchant's accounts on a day; else as
    /// [`Client::trade_bill`].
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4013071235
    ///
    /// # Errors
    /// As [`Client::trade_bill`].
    pub async fn fund_flow_bill(
        &self,
        day: Date,
        account: FundAccount,
        packing: BillPacking,
    ) -> Result<BillFile, Error> {
        let what = format!(
            "/v3/bill/fundflowbill?bill_date={day}&account_type={}",
            account.as_str()
        );
        self.bill(what, packing).await
    }

    async fn bill(&self, mut path: String, packing: BillPacking) -> Result<BillFile, Error> {
        match packing {
            BillPacking::Plain => {}
            BillPacking::Gzip => path.push_str("&tar_type=GZIP"),
        }
        let outgoing = Outgoing::get(Operation::Bill, path);
        let applied: Applied = self.call(&outgoing).await?;
        let odd = |what| {
            Error::new(
                Operation::Bill,
                Kind::Undecodable(Undecodable::Content(what)),
            )
        };
        if !applied.hash_type.eq_ignore_ascii_case(HASH_TYPE) {
            return Err(odd("the bill's hash is not SHA1"));
        }
        let hash = Sha1Hash::from_hex(&applied.hash_value)
            .ok_or_else(|| odd("the bill's hash is not 40 hexadecimal digits"))?;
        let url: Uri = applied
            .download_url
            .parse()
            .map_err(|_| odd("the bill's address cannot be read"))?;
        let path = url.path_and_query().map(ToString::to_string);
        let path = path
            .filter(|path| path.starts_with(DOWNLOAD_PATH) && !path.contains(".."))
            .ok_or_else(|| odd("the bill's address is not one of WeChat's downloads"))?;
        Ok(BillFile {
            hash,
            path,
            packing,
        })
    }

    /// Begins to download a bill.
    ///
    /// The platform signs what names the file, and not the file: its hash is what makes it the
    /// platform's. It can be told only at the end, so keep the pieces aside, and believe nothing
    /// that is in them before [`BillDownload::piece`] has returned `None`.
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4013071238
    ///
    /// # Errors
    /// [`Error`]; whatever it is, a repeat begins with another application: the address lives for
    /// five minutes, or only for 30 seconds by an older page.
    pub async fn download_bill(&self, bill: &BillFile) -> Result<BillDownload, Error> {
        let outgoing = Outgoing::get(Operation::BillDownload, bill.path.clone()).accepting_any();
        let authorization = self.authorize(&outgoing);
        let open = |request| self.0.transport.open(request);
        let response = self.send(&outgoing, &authorization, open).await?;
        self.0.skew.record(response.headers(), self.now());
        let body = match response.status() {
            StatusCode::OK => response.into_body(),
            _ => {
                let error = refusal(response).await;
                return Err(error.with_signed(authorization.signed));
            }
        };
        Ok(BillDownload {
            body,
            wanted: bill.hash,
            hashed: digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY),
            unpacker: match bill.packing {
                BillPacking::Plain => Unpacker::Plain,
                BillPacking::Gzip => Unpacker::Undecided,
            },
            bytes: 0,
            stage: Stage::Reading,
        })
    }
}

/// Why a download was refused, as far as that can be read.
async fn refusal(response: Response<Box<dyn AnswerBody>>) -> Error {
    let (head, mut body) = response.into_parts();
    let mut read = Vec::new();
    while read.len() < REFUSAL_BYTES
        && let Ok(Some(piece)) = body.piece().await
    {
        read.extend_from_slice(&piece);
    }
    read.truncate(REFUSAL_BYTES);
    let answer = Answer::new(
        Operation::BillDownload,
        Response::from_parts(head, Bytes::from(read)),
    );
    match answer.check_status() {
        Err(error) => error,
        Ok(()) => answer.error(Kind::Undecodable(Undecodable::Content(
            "a download was answered without a file",
        ))),
    }
}

/// A bill on its way, unpacked and hashed as it comes. See [`Client::download_bill`].
pub struct BillDownload {
    body: Box<dyn AnswerBody>,
    wanted: Sha1Hash,
    hashed: digest::Context,
    unpacker: Unpacker,
    bytes: u64,
    stage: Stage,
}

enum Unpacker {
    Plain,
    /// Asked for packed: a gzip file, unless something on the way unpacked it already.
    Undecided,
    Gzip(Box<Gunzip>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Reading,
    /// All pieces came; the hash has not been looked at.
    Ended,
    Verified,
    Damaged,
}

impl BillDownload {
    /// The next piece of the unpacked file. `None` when it was complete and its hash is the one
    /// that the platform signed: only now is it a bill.
    ///
    /// # Errors
    /// [`Error`]; a file that is damaged stays so, however often this is called.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Error> {
        match self.stage {
            Stage::Verified => return Ok(None),
            Stage::Damaged => return Err(damaged(Damaged::Before)),
            Stage::Reading | Stage::Ended => {}
        }
        let outcome = self.advance().await;
        match &outcome {
            Ok(Some(_)) => {}
            Ok(None) => self.stage = Stage::Verified,
            Err(_) => self.stage = Stage::Damaged,
        }
        outcome
    }

    async fn advance(&mut self) -> Result<Option<Bytes>, Error> {
        while self.stage == Stage::Reading {
            if let Some(piece) = self.unpacked()? {
                return self.checked(piece).map(Some);
            }
            match self.body.piece().await.map_err(broken)? {
                Some(piece) if piece.is_empty() => {}
                Some(piece) => {
                    if let Some(piece) = self.take(piece) {
                        return self.checked(piece).map(Some);
                    }
                }
                None => {
                    self.stage = Stage::Ended;
                    if let Some(piece) = self.rest()? {
                        return self.checked(piece).map(Some);
                    }
                }
            }
        }
        let hash = self.hashed.clone().finish();
        if self.wanted.is(hash.as_ref()) {
            Ok(None)
        } else {
            Err(damaged(Damaged::Hash))
        }
    }

    fn unpacked(&mut self) -> Result<Option<Bytes>, Error> {
        match &mut self.unpacker {
            Unpacker::Plain | Unpacker::Undecided => Ok(None),
            Unpacker::Gzip(gunzip) => gunzip.unpack().map_err(damaged),
        }
    }

    fn rest(&mut self) -> Result<Option<Bytes>, Error> {
        match &mut self.unpacker {
            Unpacker::Plain | Unpacker::Undecided => Ok(None),
            Unpacker::Gzip(gunzip) => gunzip.finish().map_err(damaged),
        }
    }

    /// A piece as it came: handed on, or fed to the unpacker.
    fn take(&mut self, piece: Bytes) -> Option<Bytes> {
        if matches!(self.unpacker, Unpacker::Undecided) {
            self.unpacker = if Gunzip::begins(&piece) {
                Unpacker::Gzip(Box::default())
            } else {
                Unpacker::Plain
            };
        }
        match &mut self.unpacker {
            Unpacker::Plain | Unpacker::Undecided => Some(piece),
            Unpacker::Gzip(gunzip) => {
                gunzip.feed(piece);
                None
            }
        }
    }

    fn checked(&mut self, piece: Bytes) -> Result<Bytes, Error> {
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(length);
        if self.bytes > MAX_BILL_BYTES {
            return Err(damaged(Damaged::TooLarge(MAX_BILL_BYTES)));
        }
        self.hashed.update(&piece);
        Ok(piece)
    }
}

fn damaged(how: Damaged) -> Error {
    Error::new(Operation::BillDownload, Kind::Damaged(how))
}

fn broken(error: TransportError) -> Error {
    Error::new(Operation::BillDownload, Kind::Transport(error))
}
