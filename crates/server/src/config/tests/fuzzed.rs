//! Spoilt configurations are refused in words, never by a panic.

use proptest::prelude::*;

use super::{Config, DEFAULT_FILE, shop, with_env};

proptest! {
    // A whole file takes a hundred times as long as a line.
    #![proptest_config(fuzz::config_of(60))]

    #[test]
    fn fuzz_configuration(text in fuzz::spoilt_text(&[
        &format!("{DEFAULT_FILE}{}", shop("default")),
        &shop("default"),
        "[server]\nlisten = \"127.0.0.1:8080\"\n[orders]\nexpires_in_s = 1800\n",
    ])) {
        if let Err(told) = Config::from_toml(&text) {
            prop_assert!(!told.to_string().is_empty());
        }
    }

    #[test]
    fn fuzz_configuration_by_environment(
        name in fuzz::spoilt_text(&["SHOUYIN_ORDERS__MAX_QUANTITY", "SHOUYIN_MERCHANTS__A__APPS"]),
        value in fuzz::spoilt_text(&["12", "true", "[1, \"a\"]", "{app_id = \"wx1\"}"]),
    ) {
        if let Err(told) = with_env(&[(&name, &value)]).load() {
            prop_assert!(!told.to_string().is_empty());
        }
    }
}
