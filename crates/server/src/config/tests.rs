//! The layers, the messages, and that no secret gets out.

use secrecy::ExposeSecret;

use super::load::known_settings;
use super::{Config, DEFAULT_FILE, Origin, Override, Sources};

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
fn the_environment_overrides_the_file_and_flags_override_both() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shouyin.toml");
    std::fs::write(
        &file,
        "[orders]\nmax_quantity = 5\nmax_in_flight = 6\nexpires_in_s = 777\n",
    )
    .expect("written");
    let mut sources = with_env(&[
        ("SHOUYIN_ORDERS__MAX_QUANTITY", "7"),
        ("SHOUYIN_ORDERS__MAX_IN_FLIGHT", "8"),
        ("SHOUYIN_TEST_POSTGRES", "ignored"),
        ("SHOUYIN_CONFIG", "/nowhere/since/a/file/is/given"),
    ]);
    sources.file = Some(file.clone());
    sources.overrides = vec![Override {
        flag: "--set".to_owned(),
        key: "orders.max_quantity".to_owned(),
        value: "9".to_owned(),
    }];
    let loaded = sources.load().expect("lawful");
    let orders = &loaded.config.orders;
    assert_eq!(
        (
            orders.max_quantity,
            orders.max_in_flight,
            orders.expires_in_s
        ),
        (9, 8, 777)
    );
    let origin = |key: &str| {
        let setting = loaded.settings.iter().find(|setting| setting.key == key);
        setting
            .map(|setting| setting.origin.to_string())
            .expect("listed")
    };
    assert_eq!(origin("orders.max_quantity"), "flag --set");
    let variable = "environment variable SHOUYIN_ORDERS__MAX_IN_FLIGHT";
    assert_eq!(origin("orders.max_in_flight"), variable);
    assert_eq!(
        origin("orders.expires_in_s"),
        format!("{}:4", file.display())
    );
    assert!(
        loaded
            .settings
            .iter()
            .all(|setting| setting.origin != Origin::Default)
    );
}

#[test]
fn a_variable_that_names_nothing_is_an_error_with_the_nearest_name() {
    let told = env_problems(&[("SHOUYIN_SERVER__LISTN", "127.0.0.1:1")]);
    assert_eq!(
        told,
        "configuration: environment variable SHOUYIN_SERVER__LISTN: server.listn: there is no such \
         setting; did you mean SHOUYIN_SERVER__LISTEN?"
    );
    let told = env_problems(&[
        ("SHOUYIN_SERVER", "x"),
        ("SHOUYIN_FOO", "y"),
        ("SHOUYIN_", "z"),
    ]);
    assert!(
        told.contains("SHOUYIN_SERVER: server: expected a section, found text"),
        "{told}"
    );
    assert!(
        told.contains("SHOUYIN_FOO: foo: there is no such setting"),
        "{told}"
    );
}

#[test]
fn lists_come_from_the_environment_whole_or_member_by_member() {
    let text = shop("default");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shouyin.toml");
    std::fs::write(&file, text).expect("written");
    let apps = |pairs: &[(&str, &str)]| {
        let mut sources = with_env(pairs);
        sources.file = Some(file.clone());
        sources.load().map(|loaded| {
            let apps = &loaded.config.merchants["default"].apps;
            apps.iter()
                .map(|app| app.app_id.clone())
                .collect::<Vec<_>>()
        })
    };
    let first = apps(&[(
        "SHOUYIN_MERCHANTS__DEFAULT__APPS__0__APP_ID",
        "wxaaaaaaaaaaaaaaaa",
    )]);
    assert_eq!(first.expect("lawful"), ["wxaaaaaaaaaaaaaaaa"]);
    let second = apps(&[
        (
            "SHOUYIN_MERCHANTS__DEFAULT__APPS__1__APP_ID",
            "wxbbbbbbbbbbbbbbbb",
        ),
        ("SHOUYIN_MERCHANTS__DEFAULT__APPS__1__APP_SECRET", "x"),
    ]);
    assert_eq!(
        second.expect("lawful"),
        ["wx0123456789abcdef", "wxbbbbbbbbbbbbbbbb"]
    );
    let json = r#"[{"app_id":"wxcccccccccccccccc","app_secret":"x"}]"#;
    let toml = r#"[{app_id="wxcccccccccccccccc", app_secret='x'}]"#;
    for whole in [json, toml] {
        let whole = apps(&[("SHOUYIN_MERCHANTS__DEFAULT__APPS", whole)]);
        assert_eq!(whole.expect("lawful"), ["wxcccccccccccccccc"]);
    }
    let gap = apps(&[(
        "SHOUYIN_MERCHANTS__DEFAULT__APPS__7__APP_ID",
        "wxaaaaaaaaaaaaaaaa",
    )]);
    assert!(
        gap.expect_err("a gap")
            .to_string()
            .contains("`7` is out of line")
    );
}

#[test]
fn a_secret_comes_from_a_file_beside_the_configuration_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shouyin.toml");
    std::fs::write(folder.path().join("v3"), format!("{KEY}\r\n")).expect("written");
    let text = shop("default").replace(
        &format!("api_v3_key = \"{KEY}\""),
        "api_v3_key_file = \"v3\"\n",
    );
    std::fs::write(
        &file,
        format!("[database]\nurl = \"sqlite:shop.db\"\n{text}"),
    )
    .expect("written");
    let load = |env: &[(&str, &str)]| {
        let mut sources = with_env(env);
        sources.file = Some(file.clone());
        sources.load()
    };
    let config = load(&[]).expect("lawful").config;
    assert_eq!(config.merchants["default"].api_v3_key.expose_secret(), KEY);
    let database = format!("sqlite:{}", folder.path().join("shop.db").display());
    assert_eq!(config.database.url.expose_secret(), database);

    let higher = "ffffffffffffffffffffffffffffffff";
    let config = load(&[("WECHATPAY_APIV3_KEY", higher)])
        .expect("a higher layer wins")
        .config;
    assert_eq!(
        config.merchants["default"].api_v3_key.expose_secret(),
        higher
    );

    let both = load(&[
        ("WECHATPAY_APIV3_KEY", higher),
        ("WECHATPAY_APIV3_KEY_FILE", "v3"),
    ]);
    let told = both.expect_err("both in one layer").to_string();
    assert!(
        told.contains("`api_v3_key_file` is given as well"),
        "{told}"
    );

    let gone = load(&[("WECHATPAY_PRIVATE_KEY_FILE", "/nowhere/key.pem")]);
    let told = gone.expect_err("no such file").to_string();
    assert!(told.contains("WECHATPAY_PRIVATE_KEY_FILE"), "{told}");
    assert!(told.contains("/nowhere/key.pem: No such file"), "{told}");
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
