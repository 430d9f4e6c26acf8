//! The exact strings that are signed, as bytes. Each line ends with a line feed, the last one too.

/// What a merchant signs for a request: method, path with query as sent, timestamp, nonce, body.
///
/// ```
/// use wechatpay::crypto::message;
///
/// let signed = message::request("GET", "/v3/certificates", "1554208460", "593BEC0C", b"");
/// assert_eq!(signed, b"GET\n/v3/certificates\n1554208460\n593BEC0C\n\n");
/// ```
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012365334
pub fn request(
    method: &str,
    path_and_query: &str,
    timestamp: &str,
    nonce: &str,
    body: &[u8],
) -> Vec<u8> {
    lines(&[
        method.as_bytes(),
        path_and_query.as_bytes(),
        timestamp.as_bytes(),
        nonce.as_bytes(),
        body,
    ])
}

/// What the platform signs for an answer or a notification: timestamp, nonce, raw body.
///
/// ```
/// use wechatpay::crypto::message;
///
/// // An answer 204 has no body, and its line is there all the same.
/// assert_eq!(message::answer("1554208460", "593BEC0C", b""), b"1554208460\n593BEC0C\n\n");
/// ```
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4013053249
pub fn answer(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    lines(&[timestamp.as_bytes(), nonce.as_bytes(), body])
}

/// What `paySign` signs in a mini program and in JSAPI; `package` is `prepay_id=…`.
///
/// ```
/// use wechatpay::crypto::message;
///
/// let signed = message::mini_program_pay("wx2421b1c4370ec43b", "1554208460", "593B",
/// "prepay_id=wx2014"); assert_eq!(signed,
/// b"wx2421b1c4370ec43b\n1554208460\n593B\nprepay_id=wx2014\n");
/// ```
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791898
pub fn mini_program_pay(appid: &str, timestamp: &str, nonce: &str, package: &str) -> Vec<u8> {
    lines(&[
        appid.as_bytes(),
        timestamp.as_bytes(),
        nonce.as_bytes(),
        package.as_bytes(),
    ])
}

/// What `sign` signs in an app: as [`mini_program_pay`], but the last line is the bare `prepay_id`.
///
/// ```
/// use wechatpay::crypto::message;
///
/// let signed = message::app_pay("wx2421b1c4370ec43b", "1554208460", "593B", "wx2014");
/// assert_eq!(signed, b"wx2421b1c4370ec43b\n1554208460\n593B\nwx2014\n");
/// ```
pub fn app_pay(appid: &str, timestamp: &str, nonce: &str, prepay_id: &str) -> Vec<u8> {
    mini_program_pay(appid, timestamp, nonce, prepay_id)
}

fn lines(parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len() + 1).sum();
    let mut message = Vec::with_capacity(length);
    for part in parts {
        message.extend_from_slice(part);
        message.push(b'\n');
    }
    message
}
