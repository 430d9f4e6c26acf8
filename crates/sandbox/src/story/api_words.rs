//! What each call of the API is for, and what its answer means.

use serde_json::Value;

use super::refund_words;
use super::words::Words;
use crate::auth::Verdict;
use crate::faults::Kind;
use crate::gateway::{BillCall, Call, Reply};
use crate::inspector::Record;
use crate::ledger::Product;

type Pair = (&'static str, &'static str);

/// The call in a few words.
pub(super) fn title(call: Option<&Call>) -> Words {
    let pair: Pair = match call {
        Some(Call::Prepay(Product::Jsapi)) => ("下单 (JSAPI)", "Place order (JSAPI)"),
        Some(Call::Prepay(Product::App)) => ("下单 (APP)", "Place order (APP)"),
        Some(Call::Prepay(Product::Native)) => ("下单 (Native)", "Place order (Native)"),
        Some(Call::Prepay(Product::H5)) => ("下单 (H5)", "Place order (H5)"),
        Some(Call::QueryByNumber(_)) => ("查单", "Query order"),
        Some(Call::QueryByTransaction(_)) => ("按微信订单号查单", "Query by transaction id"),
        Some(Call::Close(_)) => ("关单", "Close order"),
        Some(Call::Bill(BillCall::Trade)) => ("申请交易账单", "Apply for the bill"),
        Some(Call::Bill(BillCall::Download)) => ("下载账单", "Download the bill"),
        Some(Call::Certificates) => ("下载平台证书", "Download platform certificates"),
        Some(Call::Echo) => ("签名自检", "Self test of the signature"),
        Some(Call::CodeToSession) => ("code 换 openid", "Exchange the code for an openid"),
        Some(Call::Token | Call::StableToken) => ("取 access_token", "Get an access token"),
        None => ("没有这个接口", "No such call"),
        Some(Call::Refund(call)) => refund_words::title(call),
    };
    pair.into()
}

/// What happened, and what it means.
pub(super) fn says(call: Option<&Call>, record: &Record, reply: &Reply) -> Option<Words> {
    if let Some(fault) = record.fault {
        return Some(fault_says(fault, reply.after_effect).into());
    }
    if !matches!(record.verdict, Verdict::Valid | Verdict::NotChecked) {
        return Some(verdict_says(record.verdict).into());
    }
    let Some(call) = call else {
        return Some(UNKNOWN.into());
    };
    match &record.code {
        Some(code) => Some(refusal_says(call, code, &record.answer)),
        None if record.status < 300 => Some(success_says(call, &record.answer).into()),
        None => Some(UNKNOWN.into()),
    }
}

const UNKNOWN: Pair = (
    "微信没有这个接口，或者请求方法不对。",
    "WeChat has no such call, or not by this method.",
);

fn success_says(call: &Call, answer: &str) -> Pair {
    match call {
        Call::Prepay(Product::Jsapi | Product::App) => (
            "商户服务器用自己的私钥签名后下单。微信验签通过，记下订单，返回 prepay_id（2 小时内\
             有效）。这时还没有人付钱。",
            "the merchant's server signs with its own private key and places the order. WeChat \
             verifies, books it, and returns a prepay_id that lives two hours. Nobody has paid.",
        ),
        Call::Prepay(Product::Native | Product::H5) => (
            "下单成功，返回一个支付链接：扫码或在手机浏览器里打开就能付。这时还没有人付钱。",
            "the order is placed, and this is a link to scan or to open in a phone's browser. \
             Nobody has paid yet.",
        ),
        Call::QueryByNumber(_) | Call::QueryByTransaction(_) => query_says(answer),
        Call::Close(_) => (
            "从现在起谁也付不了这笔订单。超时未付的订单要先关单、再放库存，否则货放出去了钱才付进来。",
            "from now on nobody can pay this order. Close first and put the goods back afterwards, \
             or a late payment finds nothing on the shelf.",
        ),
        Call::Bill(BillCall::Trade) => (
            "账单第二天 10 点以后才有。微信返回文件的摘要和一个 5 分钟有效的下载链接；摘要有签名，\
             文件没有，所以下载后要核对摘要。",
            "there is a bill after 10:00 of the next day. WeChat returns the file's hash and an \
             address that lives five minutes. The hash is signed, the file is not: compare them.",
        ),
        Call::Bill(BillCall::Download) => (
            "账单文件本身不带签名。先核对 SHA1，再解析；逐笔和自己的账对一遍，多的、少的、金额不同的都\
             要有人看。",
            "the file itself is not signed. Compare its SHA-1 first, parse it then, and hold it \
             against the own books row by row.",
        ),
        Call::Certificates => (
            "平台证书用 APIv3 密钥加密后传回。商户用它验证微信的签名；证书会轮换，要定期下载。",
            "the certificates come sealed with the APIv3 key. With them the merchant verifies what \
             WeChat signs; they are rotated, so they are fetched again from time to time.",
        ),
        Call::Refund(call) => refund_words::success(call, answer),
        Call::Echo => (
            "商户的签名没有问题。",
            "the merchant's signature is all right.",
        ),
        Call::CodeToSession => (
            "商户服务器用 code 和 AppSecret 换来 openid：现在它知道是谁了。code 只能用一次，\
             session_key 不能交给手机。",
            "the merchant's server gives code and AppSecret and learns the openid: now it knows \
             who this is. A code works once, and the session_key never goes to the phone.",
        ),
        Call::Token | Call::StableToken => (
            "access_token 用于小程序的其他服务端接口；支付用签名，不用它。",
            "an access token is for other calls of the mini program's server; payments are signed \
             and do not need it.",
        ),
    }
}

fn query_says(answer: &str) -> Pair {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    match answer["trade_state"].as_str() {
        Some("SUCCESS") => (
            "微信说：已支付（SUCCESS）。只有查单和验签通过的通知算数，手机上的“支付成功”不算。",
            "WeChat says: paid (SUCCESS). Only this and a verified notification count; what the \
             phone reports does not.",
        ),
        Some("REFUND") => (
            "微信说：付过，也退过款（REFUND）。这笔订单仍然是付过的；退了多少，要查退款单。",
            "WeChat says: paid, and refunded in part or whole (REFUND). It counts as paid; how \
             much went back, only the refunds tell.",
        ),
        Some("CLOSED") => (
            "微信说：已关闭（CLOSED），不会再有人付这笔订单。",
            "WeChat says: closed (CLOSED). Nobody will pay this order any more.",
        ),
        _ => (
            "微信说：还没付（NOTPAY）。订单仍然可以付，稍后再问，或者关单。",
            "WeChat says: not paid (NOTPAY). It still can be: ask again later, or close it.",
        ),
    }
}

fn fault_says(fault: Kind, after_effect: bool) -> Pair {
    match (fault, after_effect) {
        (Kind::Status | Kind::Html, true) => (
            "故障开关：微信其实已经办妥，却回答出错。商户不能当作失败，要用同样的参数重试或查单。",
            "a fault: WeChat did it, and then answered with an error. The merchant must not call \
             it a failure, but repeat with the same parameters or query.",
        ),
        (Kind::Status | Kind::Html, false) => (
            "故障开关：微信没有办这件事，直接回答出错。商户看不出和“办了却出错”的区别，只能重试或查单。",
            "a fault: WeChat did nothing and answered with an error. The merchant cannot tell this \
             from an error after the effect; it has to repeat or to query.",
        ),
        (Kind::Timeout, true) => (
            "故障开关：微信已经办妥，但回答丢了。商户等到超时，不知道结果，要去查单。",
            "a fault: WeChat did it, but the answer got lost. The merchant waits until its timeout \
             and does not know: it has to query.",
        ),
        (Kind::Timeout, false) => (
            "故障开关：请求石沉大海，微信什么也没做。商户等到超时，不知道结果，要去查单。",
            "a fault: the call vanished, and WeChat did nothing. The merchant waits until its \
             timeout and does not know: it has to query.",
        ),
        (Kind::Delay, _) => (
            "故障开关：回答是对的，只是来得很晚。",
            "a fault: the answer is right, but very late.",
        ),
        (Kind::Unsigned, _) => (
            "故障开关：应答没有签名。没有签名的应答谁都能伪造，商户不该相信。",
            "a fault: the answer carries no signature. Anybody could have sent it, so the merchant \
             must not believe it.",
        ),
        (Kind::WrongSignature | Kind::Signtest, _) => (
            "故障开关：应答的签名是错的（微信偶尔会这样探测商户）。验签的商户会拒绝它。",
            "a fault: the answer's signature is wrong (WeChat probes merchants like this). A \
             merchant that verifies refuses it.",
        ),
        (Kind::UnknownSerial, _) => (
            "故障开关：应答用一张没见过的证书签名。商户应先下载新的平台证书，再决定信不信。",
            "a fault: signed under a serial that nobody knows. The merchant should download the \
             certificates before it decides.",
        ),
        (Kind::Stale, _) => (
            "故障开关：签名是对的，时间却是很久以前。旧应答可能是被人重放的，商户应当拒绝。",
            "a fault: rightly signed, but long ago. It may be a replay, and is to be refused.",
        ),
        (Kind::WrongHash | Kind::Truncated, _) => (
            "故障开关：文件和摘要对不上。商户应当丢弃它，重新申请。",
            "a fault: the file and its hash do not agree. The merchant throws it away and applies \
             again.",
        ),
        (Kind::Lose | Kind::Duplicate, _) => ("故障开关。", "a fault."),
    }
}

fn verdict_says(verdict: Verdict) -> Pair {
    match verdict {
        Verdict::BadSignature => (
            "验签失败：签名不是由这些内容和这张证书的私钥算出来的。下面列出了对比签名串后找到的原因。",
            "the signature does not fit this message and this merchant's key. The causes below \
             were found by trying what people get wrong.",
        ),
        Verdict::StaleTimestamp => (
            "签名里的时间与平台相差超过 5 分钟：请校准服务器时钟。",
            "the signature is dated more than five minutes off: set the server's clock.",
        ),
        Verdict::WrongSerial => (
            "证书序列号不对：要用签名私钥所属的那张商户证书的序列号。",
            "the serial is not that of the merchant certificate whose private key signed.",
        ),
        Verdict::UnknownMerchant => ("没有这个商户号。", "there is no merchant of this number."),
        Verdict::MerchantNotReady => (
            "商户的证书或 APIv3 密钥还没有准备好。",
            "the merchant's certificate or APIv3 key is not in order.",
        ),
        Verdict::BadHeader | Verdict::WrongScheme => (
            "Authorization 请求头缺失或格式不对：API v3 的每个请求都要签名。",
            "the Authorization header is missing or malformed: every call of API v3 is signed.",
        ),
        Verdict::NoAgent => (
            "缺少 User-Agent 或 Accept 请求头，微信会直接拒绝。",
            "User-Agent or Accept is missing, which WeChat refuses.",
        ),
        Verdict::Valid | Verdict::NotChecked => ("", ""),
    }
}

fn refusal_says(call: &Call, code: &str, answer: &str) -> Words {
    if let Call::Refund(call) = call
        && let Some(pair) = refund_words::refusal(call, code)
    {
        return pair.into();
    }
    let pair: Pair = match code {
        "ORDERPAID" | "ORDER_PAID" => (
            "这笔订单已经付过了。这不是错误：查单确认后按已支付处理，不要再收一次钱。",
            "this order was paid before. That is no error: query, and treat it as paid.",
        ),
        "ORDER_CLOSED" | "ORDERCLOSED" => (
            "这笔订单已经关闭，不能再付。要再买就换一个新的商户订单号。",
            "this order is closed for good. To buy again, use a new order number.",
        ),
        "ORDER_NOT_EXIST" | "ORDERNOTEXIST" => (
            "微信没有这笔订单：下单请求没有到，或者号码不对。",
            "WeChat has no such order: the prepay never arrived, or the number is another one.",
        ),
        "OUT_TRADE_NO_USED" => (
            "这个商户订单号已经用于另一笔订单。每笔订单要用自己的号码。",
            "this number belongs to another order. Each order needs its own.",
        ),
        "APPID_MCHID_NOT_MATCH" => (
            "小程序 appid 没有和这个商户号绑定。",
            "this mini program is not bound to this merchant.",
        ),
        "NO_STATEMENT_EXIST" => (
            "这一天没有交易，所以没有账单。这是最终结果，不用重试。",
            "there was no trade on that day, so there is no bill. That is final.",
        ),
        "STATEMENT_CREATING" => (
            "账单还在生成：第二天 10 点以后再来。",
            "the bill is being made: come back after 10:00 of the next day.",
        ),
        "40029" => (
            "code 无效或已超过 5 分钟：小程序要重新 wx.login。",
            "the code is invalid or older than five minutes: the mini program logs in again.",
        ),
        "40163" => (
            "code 已经用过：一个 code 只能换一次。",
            "the code was used before: each works once.",
        ),
        "40125" => ("AppSecret 不对。", "the AppSecret is wrong."),
        _ => return refused(code, answer),
    };
    pair.into()
}

fn refused(code: &str, answer: &str) -> Words {
    let body: Value = serde_json::from_str(answer).unwrap_or_default();
    let message = body["message"].as_str().or(body["errmsg"].as_str());
    let message = message.unwrap_or_default();
    let zh = format!("微信拒绝了这次请求：{code} {message}");
    (zh, format!("WeChat refused: {code} {message}")).into()
}
