//! The rules of texts: lengths in bytes, alphabets, addresses.

use proptest::prelude::*;
use wechatpay::{
    AppId, AppSecret, Attach, BaseUrl, Description, Endpoints, InvalidValue, MchId, NotifyUrl,
    OpenId, OutTradeNo, PrepayId, Text, TransactionId,
};

#[test]
fn lengths_are_counted_in_bytes_and_both_ends_are_inclusive() {
    macro_rules! bounds {
        ($type:ident, $min:literal..=$max:literal, $char:literal) => {
            assert!($type::new($char.repeat($min)).is_ok());
            assert!($type::new($char.repeat($max)).is_ok());
            assert!($type::new($char.repeat($min - 1)).is_err());
            assert!($type::new($char.repeat($max + 1)).is_err());
        };
    }
    bounds!(MchId, 1..=32, "1");
    bounds!(AppId, 1..=32, "w");
    bounds!(OutTradeNo, 6..=32, "*");
    bounds!(TransactionId, 1..=32, "4");
    bounds!(PrepayId, 1..=64, "w");
    bounds!(OpenId, 1..=128, "o");
    bounds!(Description, 1..=127, "d");
    bounds!(Attach, 1..=128, "a");
    assert!(Description::new("公".repeat(42)).is_ok());
    assert!(Description::new("公".repeat(43)).is_err());
    assert!(Text::<2, 4>::new("ab").is_ok() && Text::<2, 4>::new("a").is_err());
    assert!(Text::<2, 4>::new("abcde").is_err() && Text::<2, 4>::new("a\nb").is_err());
}

#[test]
fn alphabets_are_kept() {
    for text in [
        "order/7",
        "order 7",
        "order?7",
        "订单订单",
        "order%7C",
        "order\n7",
        "order\"7",
    ] {
        assert!(OutTradeNo::new(text).is_err(), "{text}");
    }
    assert!(OutTradeNo::new("aZ09_-|*").is_ok());
    for text in ["19000o7291", "1900\"7291", "１９００", " 1900"] {
        assert!(MchId::new(text).is_err(), "{text}");
    }
    assert!(AppId::new("wx-1").is_err() && TransactionId::new("42/1").is_err());
    assert!(PrepayId::new("wx 1").is_err() && PrepayId::new("wx\n1").is_err());
    assert!(Description::new("two\nlines").is_err() && Attach::new("a\u{0}").is_err());
    assert!(Description::new("Image形象店-深圳腾大-QQ公仔 ☕").is_ok());
}

#[test]
fn an_error_names_the_field_and_not_the_text() {
    let words = |error: InvalidValue| error.to_string();
    assert_eq!(
        words(OpenId::new("o".repeat(129)).unwrap_err()),
        "openid has 129 bytes and may have at most 128",
    );
    assert_eq!(
        words(MchId::new("x-secret").unwrap_err()),
        "mchid may hold only digits"
    );
    assert_eq!(
        words(OutTradeNo::new("a b c d").unwrap_err()),
        "out_trade_no may hold only letters, digits and _ - | *",
    );
    let secret = AppSecret::new("with space").unwrap_err();
    assert!(!words(secret).contains("with space"));
}

#[test]
fn reading_json_checks_the_rule() {
    let read: OutTradeNo = serde_json::from_str("\"20261123\"").unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), "\"20261123\"");
    assert!(serde_json::from_str::<OutTradeNo>("\"short\"").is_err());
    assert!(serde_json::from_str::<OutTradeNo>("20261123").is_err());
    assert_eq!(OutTradeNo::try_from("20261123".to_owned()).unwrap(), read);
    assert_eq!(
        format!("{read} {read:?}"),
        "20261123 OutTradeNo(\"20261123\")"
    );
    assert_eq!(read.as_ref(), "20261123");
}

#[test]
fn a_notify_url_is_what_the_platform_takes() {
    for text in [
        "https://shop.example/notify",
        "https://shop.example",
        "https://shop.example:8443/v1/wechat/notify/main",
        "http://10.0.0.1/notify",
        "https://user@shop.example/notify",
        "https://商店.example/通知",
    ] {
        assert!(NotifyUrl::new(text).is_ok(), "{text}");
    }
    for text in [
        "",
        "shop.example/notify",
        "ftp://shop.example/",
        "HTTPS://shop.example/",
        "https://",
        "https:///notify",
        " https://shop.example/",
        "https://shop.example/ ",
        "https://shop.example/a b",
        "https://shop.example/?shop=1",
        "https://shop.example/#top",
        "https://[::1]/notify",
        "https://shop.example:1/",
        "https://shop.example:123456/",
        "https://shop.example:http/",
        "https://a:b@c:d/",
    ] {
        assert!(NotifyUrl::new(text).is_err(), "{text}");
    }
    assert!(!NotifyUrl::new("http://shop.example/").unwrap().is_https());
    let base = "https://shop.example/";
    let longest = format!("{base}{}", "n".repeat(255 - base.len()));
    assert!(NotifyUrl::new(longest.clone()).is_ok());
    assert!(NotifyUrl::new(longest + "n").is_err());
}

#[test]
fn plain_http_is_for_this_machine_only() {
    for text in [
        "http://127.0.0.1:8090",
        "http://127.8.8.8",
        "http://localhost:8090/",
        "http://LOCALHOST",
        "http://[::1]:8090",
        "https://api.mch.weixin.qq.com",
        " https://api.mch.weixin.qq.com/ ",
    ] {
        assert!(BaseUrl::new(text).is_ok(), "{text}");
    }
    for text in [
        "http://api.mch.weixin.qq.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://[::2]",
        "http://sandbox:8090",
    ] {
        let error = BaseUrl::new(text).unwrap_err().to_string();
        assert!(
            error.starts_with("plain http is refused"),
            "{text}: {error}"
        );
    }
}

#[test]
fn a_base_url_is_scheme_host_and_port_and_nothing_else() {
    for text in [
        "",
        "api.mch.weixin.qq.com",
        "ftp://api.mch.weixin.qq.com",
        "https://",
        "https://api.mch.weixin.qq.com/v3",
        "https://api.mch.weixin.qq.com/?a=1",
        "https://user:secret@api.mch.weixin.qq.com",
        "http://user:secret@127.0.0.1",
        "https://a b",
        "/v3",
    ] {
        let error = BaseUrl::new(text).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let shown = BaseUrl::new("https://api.mch.weixin.qq.com/").unwrap();
    assert_eq!(shown.to_string(), "https://api.mch.weixin.qq.com");
}

#[test]
fn the_default_hosts_are_wechats() {
    let Endpoints { api, backup, login } = Endpoints::default();
    assert_eq!(api.as_str(), "https://api.mch.weixin.qq.com");
    assert_eq!(backup.unwrap().as_str(), "https://api2.mch.weixin.qq.com");
    assert_eq!(login.as_str(), "https://api.weixin.qq.com");
}

proptest! {
    #[test]
    fn no_text_makes_a_rule_panic(text in "\\PC{0,300}") {
        let lawful = OutTradeNo::new(text.clone()).is_ok();
        let bytes = (6..=32).contains(&text.len());
        let alphabet =
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-|*".contains(&byte));
        prop_assert_eq!(lawful, bytes && alphabet);
        prop_assert_eq!(BaseUrl::new(&text).is_ok_and(|url| url.as_str().is_empty()), false);
        if let Ok(url) = NotifyUrl::new(text) {
            prop_assert!(url.as_str().starts_with("http"));
        }
    }
}
