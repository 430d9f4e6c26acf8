//! The defaults, the messages, and that no secret gets out.

mod fuzzed;
mod layers;

use secrecy::ExposeSecret;

use super::load::known_settings;
use super::{Config, DEFAULT_FILE, Sources};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const PEM: &str = "-----BEGIN PRIVATE KEY-----\\nHUSHPEM\\n-----END PRIVATE KEY-----";

/// A complete merchant, all secrets inline.
fn shop(key: &str) -> String {
    format!(
        r#"
[merchants.{key}]
mch_id = "1900000001"
serial_no = "7132D72A03E93CDDF8C03BBD1F37EEDF00000000"
private_key = "{PEM}"
api_v3_key = "{KEY}"
public_key_id = "PUB_KEY_ID_0119000000012024101000000000000000"
public_key = "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----"
certificate = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"
notify_url = "https://pay.example.com/v1/wechat/notify/{key}"
api_key = "HUSHAPIKEY000000"
[[merchants.{key}.apps]]
app_id = "wx0123456789abcdef"
app_secret = "HUSHAPP"
"#
    )
}

fn problems(text: &str) -> String {
    Config::from_toml(text)
        .expect_err("the text is faulty")
        .to_string()
}

fn with_env(pairs: &[(&str, &str)]) -> Sources {
    let env = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Sources {
        env,
        ..Sources::default()
    }
}

fn env_problems(pairs: &[(&str, &str)]) -> String {
    with_env(pairs)
        .load()
        .expect_err("the environment is faulty")
        .to_string()
}

#[test]
fn the_defaults_alone_are_a_configuration_without_merchants() {
    let config = Config::from_toml("").expect("defaults");
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(
        config.wechat.backup_url.as_deref(),
        Some("https://api2.mch.weixin.qq.com")
    );
    assert!(config.merchants.is_empty());
    assert!(config.merchant(None).is_err());
}

#[test]
fn every_setting_that_the_code_reads_is_explained_in_the_default_file() {
    let lines: Vec<&str> = DEFAULT_FILE.lines().collect();
    for key in known_settings(&shop("default")) {
        let name = key.rsplit('.').next().expect("a name");
        let explained = lines.iter().any(|line| {
            let line = line.trim_start_matches("# ");
            line.starts_with(&format!("{name} = ")) || line.contains(&format!(".{name}]]"))
        });
        assert!(explained, "config.default.toml does not show `{key}`");
    }
}

#[test]
fn the_commented_examples_of_the_default_file_are_lawful() {
    let uncommented: String = DEFAULT_FILE
        .lines()
        .filter_map(|line| {
            let bare = line.strip_prefix("# ").unwrap_or(line);
            let is_setting = bare.contains(" = ") || bare.starts_with('[');
            let is_file = bare.contains("_file = ");
            (is_setting && !is_file).then_some(bare)
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let text = uncommented
        .replace("\"…\"", &format!("\"{KEY}\""))
        .replace("…", "-----END");
    let config = Config::from_toml(&text).expect("examples");
    assert_eq!(
        config.merchants["default"].apps[0].app_id,
        "wx0123456789abcdef"
    );
}

#[test]
fn all_problems_are_told_at_once_each_with_its_line() {
    let text = "[server]\nlisten = \"nowhere\"\nadmin_listn = \"x\"\n[orders]\nmax_quantity = 0\n\
                [log]\nformat = 3\n[wechat]\napi_url = \"http://api.mch.weixin.qq.com\"\n";
    let told = problems(text);
    for expected in [
        "configuration: 5 problems",
        "<text>:2: server.listen: must be ADDRESS:PORT",
        "<text>:3: server.admin_listn: there is no such setting; did you mean server.admin_listen?",
        "<text>:5: orders.max_quantity: must be from 1 to 10000, not 0",
        "<text>:7: log.format: expected text in quotes, found a whole number",
        "<text>:9: wechat.api_url: plain http is refused",
    ] {
        assert!(told.contains(expected), "{expected}\nnot in\n{told}");
    }
}

#[test]
fn a_merchant_is_complete_or_every_gap_is_named() {
    let told = problems("[merchants.shop]\nname = \"x\"\n");
    for name in [
        "mch_id",
        "serial_no",
        "private_key",
        "api_v3_key",
        "notify_url",
        "apps.0.app_id",
    ] {
        assert!(
            told.contains(&format!("merchants.shop.{name}: is required")),
            "{name}: {told}"
        );
    }
    assert!(told.contains("SHOUYIN_MERCHANTS__SHOP__MCH_ID"), "{told}");
}

#[test]
fn a_previous_api_v3_key_comes_with_its_end_or_not_at_all() {
    let with = |lines: &str| shop("shop").replace("api_key =", &format!("{lines}\napi_key ="));
    let key = format!("previous_api_v3_key = \"{KEY}\"");
    let end = "previous_api_v3_key_until = \"2026-11-25T00:00:00+08:00\"";
    let config = Config::from_toml(&with(&format!("{key}\n{end}"))).expect("both");
    let merchant = &config.merchants["shop"];
    let until = merchant.previous_api_v3_key_until.expect("given");
    assert_eq!(until.to_string(), "2026-11-24T16:00:00Z");
    assert!(merchant.previous_api_v3_key.is_some());
    for (lines, expected) in [
        (key.as_str(), "previous_api_v3_key_until: is required"),
        (end, "previous_api_v3_key: is required"),
        (
            &format!("{key}\nprevious_api_v3_key_until = \"in two days\""),
            "must be a time in RFC 3339",
        ),
        (
            &format!("previous_api_v3_key = \"short\"\n{end}"),
            "must be exactly 32 bytes, these are 5",
        ),
    ] {
        let told = problems(&with(lines));
        assert!(told.contains(expected), "{expected}\nnot in\n{told}");
    }
}

#[test]
fn the_notification_url_follows_from_the_public_url() {
    let text = shop("shop").replace("notify_url", "#");
    let text = format!("[server]\npublic_url = \"https://pay.example.com/\"\n{text}");
    let config = Config::from_toml(&text).expect("complete");
    let notify_url = &config.merchants["shop"].notify_url;
    assert_eq!(notify_url, "https://pay.example.com/v1/wechat/notify/shop");
}

#[test]
fn debug_and_settings_show_no_secret() {
    let config = Config::from_toml(&format!(
        "[database]\nurl = \"postgres://shop:HUSHPASSWORD@db/shop\"\n{}",
        shop("default")
    ));
    let shown = format!("{:?}", config.expect("complete"));
    assert!(!shown.contains("HUSH") && !shown.contains(KEY), "{shown}");

    let loaded = with_env(&[
        (
            "DATABASE_URL",
            "postgres://shop:HUSHPASSWORD@db/shop?password=HUSHPASSWORD",
        ),
        ("SHOUYIN_MERCHANTS__DEFAULT__API_KEY", "HUSHAPIKEY000000"),
        ("WECHATPAY_APIV3_KEY", KEY),
        ("WECHATPAY_MCHID", "1900000001"),
        (
            "WECHATPAY_MCH_SERIAL_NO",
            "7132d72a03e93cddf8c03bbd1f37eedf00000000",
        ),
        ("WECHATPAY_PRIVATE_KEY", PEM),
        ("WECHATPAY_NOTIFY_URL", "https://pay.example.com/notify"),
        ("WECHATPAY_APPID", "wx0123456789abcdef"),
        ("WECHATPAY_APP_SECRET", "HUSHAPP"),
    ]);
    let loaded = loaded.load().expect("complete");
    let shown = format!("{:?}", loaded.settings);
    assert!(!shown.contains("HUSH") && !shown.contains(KEY), "{shown}");
    assert!(shown.contains("postgres://shop:***@db/shop?***"), "{shown}");
    let merchant = &loaded.config.merchants["default"];
    assert_eq!(
        merchant.serial_no,
        "7132D72A03E93CDDF8C03BBD1F37EEDF00000000"
    );
    assert_eq!(merchant.api_v3_key.expose_secret(), KEY);
}

#[test]
fn no_message_quotes_a_secret() {
    let broken = [
        shop("default").replace(KEY, "HUSHSHORT"),
        shop("default").replace("\"HUSHAPIKEY000000\"", "\"HUSH\""),
        shop("default").replace("-----BEGIN PRIVATE KEY-----", "HUSH"),
        "[merchants.default]\napi_v3_key = \"HUSH".to_owned(),
        "[merchants.default]\napi_v3_key = HUSH\n".to_owned(),
        "[database]\nurl = \"mysql://user:HUSH@host\"".to_owned(),
        "[database]\nurl = [\"HUSH\"]".to_owned(),
        format!("{}{}", shop("a"), shop("b")),
    ];
    for text in broken {
        let told = problems(&text);
        assert!(!told.contains("HUSH"), "{told}");
    }
}

#[test]
fn a_sandbox_has_no_real_host_behind_it() {
    let sandbox = "[wechat]\napi_url = \"http://127.0.0.1:8090/\"\n";
    let config = Config::from_toml(sandbox).expect("lawful");
    assert_eq!(config.wechat.api_url, "http://127.0.0.1:8090");
    assert_eq!(config.wechat.backup_url, None);
    let chosen = format!("{sandbox}backup_url = \"https://api2.mch.weixin.qq.com\"\n");
    assert!(
        Config::from_toml(&chosen)
            .expect("lawful")
            .wechat
            .backup_url
            .is_some()
    );
}

#[test]
fn two_merchants_share_neither_account_nor_app_nor_key() {
    let told = problems(&format!("{}{}", shop("a"), shop("b")));
    for name in ["mch_id", "apps", "api_key"] {
        assert!(
            told.contains(&format!("merchants.b.{name}: merchants.a has the same")),
            "{told}"
        );
    }
}

#[test]
fn a_file_that_is_no_toml_or_is_absent_says_so() {
    assert!(problems("[server\n").contains("<text>:1: not valid TOML"));
    let absent = Sources {
        file: Some("/nowhere.toml".into()),
        ..Sources::default()
    };
    let told = absent.load().expect_err("absent").to_string();
    assert!(told.contains("/nowhere.toml:1: cannot be read"), "{told}");
}

#[test]
fn no_text_makes_it_panic() {
    let whole = format!("{DEFAULT_FILE}{}", shop("default"));
    let cuts = (0..whole.len())
        .step_by(61)
        .filter(|at| whole.is_char_boundary(*at));
    for at in cuts {
        let (before, after) = whole.split_at(at);
        for text in [
            before.to_owned(),
            after.to_owned(),
            format!("{before}[\"={after}"),
        ] {
            drop(Config::from_toml(&text));
        }
    }
    let deep = "[".repeat(100_000);
    assert!(problems(&deep).contains("not valid TOML"));
    assert!(problems(&format!("log = {deep}")).contains("not valid TOML"));
    for value in [deep.as_str(), "{", "[1", "\u{0}", "99999999999999999999"] {
        drop(with_env(&[("SHOUYIN_ORDERS__MAX_QUANTITY", value)]).load());
        drop(with_env(&[("SHOUYIN_MERCHANTS__DEFAULT__APPS", value)]).load());
        drop(with_env(&[("SHOUYIN___", value), ("SHOUYIN_SERVER__", value)]).load());
    }
}
