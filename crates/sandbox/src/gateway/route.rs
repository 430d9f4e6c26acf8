//! Which call a path means.

use http::Method;

use super::incoming::percent_decode;
use crate::faults::On;
use crate::ledger::Product;

/// A call with what its path holds, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// `POST /v3/pay/transactions/{product}`
    Prepay(Product),
    /// `GET /v3/pay/transactions/out-trade-no/{out_trade_no}`
    QueryByNumber(String),
    /// `GET /v3/pay/transactions/id/{transaction_id}`
    QueryByTransaction(String),
    /// `POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close`
    Close(String),
    /// `/v3/refund/domestic/refunds…`
    Refund(RefundCall),
    /// `/v3/bill…`
    Bill(BillCall),
    /// `GET /v3/certificates`
    Certificates,
    /// `POST /v3/security/echo`
    Echo,
    /// `GET /sns/jscode2session`
    CodeToSession,
    /// `GET /cgi-bin/token`
    Token,
    /// `POST /cgi-bin/stable_token`
    StableToken,
}

/// The calls about refunds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RefundCall {
    /// `POST /v3/refund/domestic/refunds`
    Create,
    /// `GET /v3/refund/domestic/refunds/{out_refund_no}`
    Query(String),
    /// `POST /v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund`
    Abnormal(String),
}

/// The calls about bills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BillCall {
    /// `GET /v3/bill/tradebill`
    Trade,
    /// `GET /v3/billdownload/file`
    Download,
}

/// Early refusals differ between two kinds of front doors.
///
/// Source: live probes without credentials; see the table of checks in the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// `/v3/pay/transactions/*`: no look at User-Agent, one text for a bad header.
    Transactions,
    /// `/v3/certificates` and the rest of `/v3`.
    Gateway,
    /// `api.weixin.qq.com`: no signature at all.
    MiniProgram,
}

/// What routing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Routed {
    /// A call.
    Call(Call),
    /// A known path by another method: 405 with an empty body.
    WrongMethod,
    /// 404 with an empty body.
    Unknown,
}

impl Routed {
    pub(super) fn call(&self) -> Option<&Call> {
        match self {
            Self::Call(call) => Some(call),
            Self::WrongMethod | Self::Unknown => None,
        }
    }
}

/// Looks a request up.
pub(super) fn route(method: &Method, path: &str) -> Routed {
    match find(path) {
        None => Routed::Unknown,
        Some(call) if call.method() == method => Routed::Call(call),
        Some(_) => Routed::WrongMethod,
    }
}

fn find(path: &str) -> Option<Call> {
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    match segments.as_slice() {
        ["v3", "pay", "transactions", product] => Product::from_segment(product).map(Call::Prepay),
        ["v3", "pay", "transactions", "id", id] => {
            Some(Call::QueryByTransaction(percent_decode(id)))
        }
        ["v3", "pay", "transactions", "out-trade-no", number] => {
            Some(Call::QueryByNumber(percent_decode(number)))
        }
        ["v3", "pay", "transactions", "out-trade-no", number, "close"] => {
            Some(Call::Close(percent_decode(number)))
        }
        ["v3", "refund", "domestic", "refunds", rest @ ..] => find_refund(rest).map(Call::Refund),
        ["v3", "bill", "tradebill"] => Some(Call::Bill(BillCall::Trade)),
        ["v3", "billdownload", "file"] => Some(Call::Bill(BillCall::Download)),
        ["v3", "certificates"] => Some(Call::Certificates),
        ["v3", "security", "echo"] => Some(Call::Echo),
        ["sns", "jscode2session"] => Some(Call::CodeToSession),
        ["cgi-bin", "token"] => Some(Call::Token),
        ["cgi-bin", "stable_token"] => Some(Call::StableToken),
        _ => None,
    }
}

fn find_refund(rest: &[&str]) -> Option<RefundCall> {
    match rest {
        [] => Some(RefundCall::Create),
        [number] => Some(RefundCall::Query(percent_decode(number))),
        [id, "apply-abnormal-refund"] => Some(RefundCall::Abnormal(percent_decode(id))),
        _ => None,
    }
}

impl Call {
    fn method(&self) -> &'static Method {
        match self {
            Self::Prepay(_)
            | Self::Close(_)
            | Self::Refund(RefundCall::Create | RefundCall::Abnormal(_))
            | Self::Echo
            | Self::StableToken => &Method::POST,
            Self::QueryByNumber(_)
            | Self::QueryByTransaction(_)
            | Self::Refund(RefundCall::Query(_))
            | Self::Bill(_)
            | Self::Certificates
            | Self::CodeToSession
            | Self::Token => &Method::GET,
        }
    }

    /// Which front door it stands behind.
    pub(crate) fn family(&self) -> Family {
        match self {
            Self::Prepay(_)
            | Self::QueryByNumber(_)
            | Self::QueryByTransaction(_)
            | Self::Close(_) => Family::Transactions,
            Self::Refund(_) | Self::Bill(_) | Self::Certificates | Self::Echo => Family::Gateway,
            Self::CodeToSession | Self::Token | Self::StableToken => Family::MiniProgram,
        }
    }

    /// Its name in a fault script.
    pub(crate) fn fault_point(&self) -> On {
        match self {
            Self::Prepay(_) => On::Prepay,
            Self::QueryByNumber(_) | Self::QueryByTransaction(_) => On::Query,
            Self::Close(_) => On::Close,
            Self::Refund(RefundCall::Create) => On::Refund,
            Self::Refund(RefundCall::Query(_)) => On::RefundQuery,
            Self::Refund(RefundCall::Abnormal(_)) => On::AbnormalRefund,
            Self::Bill(BillCall::Trade) => On::Bill,
            Self::Bill(BillCall::Download) => On::BillDownload,
            Self::Certificates => On::Certificates,
            Self::Echo => On::Echo,
            Self::CodeToSession => On::Login,
            Self::Token | Self::StableToken => On::Token,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_and_methods_are_checked() {
        let get = |path: &str| route(&Method::GET, path);
        let base = "/v3/pay/transactions";
        assert_eq!(
            get(&format!("{base}/out-trade-no/a%7Cb")),
            Routed::Call(Call::QueryByNumber("a|b".into()))
        );
        assert_eq!(get(&format!("{base}/jsapi")), Routed::WrongMethod);
        assert_eq!(
            get(&format!("{base}/out-trade-no/a/close")),
            Routed::WrongMethod
        );
        assert_eq!(get(&format!("{base}/wap")), Routed::Unknown);
        assert_eq!(get(&format!("{base}/jsapi/")), Routed::Unknown);
        assert_eq!(get("/v3/certificates"), Routed::Call(Call::Certificates));
        assert_eq!(get("/"), Routed::Unknown);
        let refunds = "/v3/refund/domestic/refunds";
        let query = Call::Refund(RefundCall::Query("a@b".into()));
        assert_eq!(get(&format!("{refunds}/a%40b")), Routed::Call(query));
        assert_eq!(get(refunds), Routed::WrongMethod);
        let abnormal = format!("{refunds}/5030/apply-abnormal-refund");
        assert_eq!(get(&abnormal), Routed::WrongMethod);
        assert_eq!(get(&format!("{refunds}/5030/other")), Routed::Unknown);
    }
}
