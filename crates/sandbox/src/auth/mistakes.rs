//! The mistakes that can be recognised, each in a sentence that says what to do.

use super::causes::{Cause, known};

pub(super) const MISSING_FINAL_NEWLINE: Cause = known(
    "missing_final_newline",
    "签名串最后一行缺少换行符 \\n（请求体为空时也要有）",
    "the last line lacks its newline (it is needed after an empty body too)",
);
pub(super) const EXTRA_FINAL_NEWLINE: Cause = known(
    "extra_final_newline",
    "签名串末尾多了一个换行符",
    "there is one newline too many at the end",
);
pub(super) const CRLF: Cause = known(
    "crlf",
    "换行用了 \\r\\n；应为 \\n",
    "lines end with CR LF; use LF alone",
);
pub(super) const METHOD_LOWER_CASE: Cause = known(
    "method_lower_case",
    "请求方法应大写",
    "write the method in upper case",
);
pub(super) const SWAPPED: Cause = known(
    "timestamp_and_nonce_swapped",
    "时间戳与随机串的顺序颠倒",
    "timestamp and nonce are swapped",
);
pub(super) const HASHED_TWICE: Cause = known(
    "hash_signed_again",
    "先做了 SHA-256 再签名，等于哈希两次",
    "the message was hashed before signing: hashed twice",
);
pub(super) const QUERY_LEFT_OUT: Cause = known(
    "query_left_out",
    "签名串漏了查询串（? 之后的部分）",
    "the query (from ? on) was left out of line 2",
);
pub(super) const DECODED_PATH: Cause = known(
    "url_decoded_path",
    "签名用了解码后的路径；应与实际发送的编码一致",
    "the path was signed decoded; sign it percent-encoded as it is sent",
);
pub(super) const ENCODED_PATH: Cause = known(
    "url_encoded_path",
    "签名用了编码后的路径，发送时却没有编码",
    "the path was signed encoded, but sent raw",
);
pub(super) const NO_LEADING_SLASH: Cause = known(
    "leading_slash_missing",
    "路径缺少开头的 /",
    "the path lacks its leading slash",
);
pub(super) const FULL_URL: Cause = known(
    "full_url",
    "第二行用了完整 URL；应只有路径和查询串",
    "line 2 holds the whole URL; only path and query belong there",
);
pub(super) const BODY_LEFT_OUT: Cause = known(
    "body_left_out",
    "签名串漏了请求体",
    "the body was left out of what was signed",
);
pub(super) const BODY_TRIMMED: Cause = known(
    "body_trimmed",
    "签名的请求体去掉了首尾空白",
    "the body was signed without its outer white space",
);
pub(super) const BODY_CHARSET: Cause = known(
    "body_charset",
    "签名时请求体没有按 UTF-8 取字节（中文成了 ?）",
    "the body was turned into bytes in another charset than UTF-8 for signing",
);
pub(super) const SIGNED_MILLISECONDS: Cause = known(
    "timestamp_milliseconds",
    "签名串里的时间戳是毫秒，请求头里是秒；两处须一致",
    "the signed timestamp is in milliseconds, the sent one in seconds; make them the same",
);
pub(super) const SENT_MILLISECONDS: Cause = known(
    "timestamp_milliseconds",
    "timestamp 有 13 位，是毫秒；应为 10 位的秒数",
    "the timestamp has 13 digits: milliseconds; send 10 digits, seconds",
);
pub(super) const URL_SAFE: Cause = known(
    "signature_base64url",
    "签名用了 URL 安全的 Base64；应为标准 Base64",
    "the signature is URL-safe base64; use standard base64",
);
pub(super) const HEX: Cause = known(
    "signature_hex",
    "签名是十六进制；应为 Base64",
    "the signature is hex; use base64",
);
pub(super) const UNEXPLAINED: Cause = known(
    "unexplained",
    "试过的写法都不符：多半是私钥与证书不配对，或签名与发送之间的内容有别的改动",
    "no variant fits: most likely the private key is not this certificate's, \
     or something else changed between signing and sending",
);
