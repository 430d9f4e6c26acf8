//! Which layer wins, and what each can say.

use secrecy::ExposeSecret;

use super::{KEY, env_problems, shop, with_env};
use crate::config::{Origin, Override};

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
fn a_switch_is_true_or_false_in_every_layer() {
    let on = with_env(&[("SHOUYIN_WEBHOOKS__ALLOW_HTTP", "true")]);
    let webhooks = on.load().expect("lawful").config.webhooks;
    assert!(webhooks.allow_http && !webhooks.allow_private_addresses);
    let told = env_problems(&[("SHOUYIN_WEBHOOKS__ALLOW_HTTP", "yes")]);
    assert!(
        told.contains("webhooks.allow_http: expected true or false"),
        "{told}"
    );
}
