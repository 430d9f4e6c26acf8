//! The environment as a layer.
//!
//! `SHOUYIN_<SECTION>__<KEY>` names any setting (two underscores between levels, numbers for the
//! members of a list). The names that WeChat Pay users already know fill `[merchants.default]`.

use std::sync::Arc;

use super::tree::{Node, Origin, Table, Value};

const PREFIX: &str = "SHOUYIN_";
const LEVEL: &str = "__";

/// Start with our prefix but are no settings: the path of the file, and what the tests use.
const NOT_SETTINGS: [&str; 1] = ["SHOUYIN_CONFIG"];
const TEST_PREFIX: &str = "SHOUYIN_TEST_";

/// Names that others' tools and documents use already, and what they set here.
pub(super) const WELL_KNOWN: [(&str, &str); 17] = [
    ("DATABASE_URL", "database.url"),
    ("DATABASE_URL_FILE", "database.url_file"),
    ("WECHATPAY_MCHID", "merchants.default.mch_id"),
    ("WECHATPAY_MCH_SERIAL_NO", "merchants.default.serial_no"),
    ("WECHATPAY_PRIVATE_KEY", "merchants.default.private_key"),
    (
        "WECHATPAY_PRIVATE_KEY_FILE",
        "merchants.default.private_key_file",
    ),
    ("WECHATPAY_CERTIFICATE", "merchants.default.certificate"),
    (
        "WECHATPAY_CERTIFICATE_FILE",
        "merchants.default.certificate_file",
    ),
    ("WECHATPAY_APIV3_KEY", "merchants.default.api_v3_key"),
    (
        "WECHATPAY_APIV3_KEY_FILE",
        "merchants.default.api_v3_key_file",
    ),
    ("WECHATPAY_PUBLIC_KEY_ID", "merchants.default.public_key_id"),
    ("WECHATPAY_PUBLIC_KEY", "merchants.default.public_key"),
    (
        "WECHATPAY_PUBLIC_KEY_FILE",
        "merchants.default.public_key_file",
    ),
    ("WECHATPAY_NOTIFY_URL", "merchants.default.notify_url"),
    ("WECHATPAY_APPID", "merchants.default.apps.0.app_id"),
    (
        "WECHATPAY_APP_SECRET",
        "merchants.default.apps.0.app_secret",
    ),
    (
        "WECHATPAY_APP_SECRET_FILE",
        "merchants.default.apps.0.app_secret_file",
    ),
];

/// The two layers of the environment, in order: the well-known names, then ours over them.
pub(super) fn layers(env: &[(String, String)]) -> [Node; 2] {
    let mut known = empty();
    let mut ours = empty();
    // Sorted, so that `SHOUYIN_X` and `SHOUYIN_X__Y` meet in the same order on every machine.
    let mut env: Vec<&(String, String)> = env.iter().collect();
    env.sort();
    for (name, value) in env {
        if let Some((_, path)) = WELL_KNOWN.iter().find(|(known, _)| known == name) {
            // A variable that is set but empty is how containers say "not given".
            if !value.is_empty() {
                known.merge(node(path.split('.'), name, value));
            }
        } else if let Some(path) = setting_path(name) {
            ours.merge(node(path.split(LEVEL), name, value));
        }
    }
    [known, ours]
}

fn empty() -> Node {
    Node::new(Value::Table(Table::new()), Origin::Default)
}

fn setting_path(name: &str) -> Option<String> {
    let path = name.strip_prefix(PREFIX)?;
    let is_setting = !NOT_SETTINGS.contains(&name) && !name.starts_with(TEST_PREFIX);
    is_setting.then(|| path.to_lowercase())
}

fn node<'p>(path: impl Iterator<Item = &'p str>, name: &str, value: &str) -> Node {
    let path: Vec<String> = path.map(str::to_owned).collect();
    let origin = Origin::Env(Arc::from(name));
    Node::at(&path, text_or_structure(value, &origin), &origin)
}

/// Text, unless it is spelt as a whole list or section, in JSON or in TOML.
pub(super) fn text_or_structure(value: &str, origin: &Origin) -> Value {
    if value.starts_with(['[', '{']) {
        if let Ok(json) = serde_json::from_str::<serde_json::Value>(value) {
            return from_json(json, origin);
        }
        if let Ok(table) = format!("value = {value}").parse::<toml::Table>()
            && let Some(value) = table.get("value")
            && let Ok(json) = serde_json::to_value(value)
        {
            return from_json(json, origin);
        }
    }
    Value::Text(value.to_owned())
}

fn from_json(json: serde_json::Value, origin: &Origin) -> Value {
    let node = |json| Node::new(from_json(json, origin), origin.clone());
    match json {
        serde_json::Value::Null => Value::Other("null"),
        serde_json::Value::Bool(truth) => Value::Truth(truth),
        serde_json::Value::Number(number) => number
            .as_i64()
            .map_or(Value::Other("a fraction"), Value::Whole),
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(node).collect()),
        serde_json::Value::Object(members) => Value::Table(
            members
                .into_iter()
                .map(|(name, json)| (name, node(json)))
                .collect(),
        ),
    }
}

/// How a setting is spelt in the environment.
pub(super) fn spelling(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replace('.', LEVEL))
}
