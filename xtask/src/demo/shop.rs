//! A tea shop for the sandbox's merchant: keys, configuration and goods in one folder.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use serde_json::Value;

use super::ports::Ports;

/// What the shop's own systems say to the server. Only this machine can reach it.
pub(crate) const API_KEY: &str = "demo-api-key-of-the-tea-shop";

/// The catalogue, as a merchant would write it. Prices are in fen.
const GOODS: &str = include_str!("goods.csv");

/// What the sandbox says about its merchant, as far as a merchant would be told.
pub(crate) struct Account<'a> {
    merchant: &'a Value,
}

impl<'a> Account<'a> {
    pub(crate) fn new(merchant: &'a Value) -> Self {
        Self { merchant }
    }

    pub(crate) fn text(&self, name: &str) -> anyhow::Result<&'a str> {
        let value = self.merchant.get(name).and_then(Value::as_str);
        value.with_context(|| format!("the sandbox told no `{name}` of its merchant"))
    }
}

/// Writes everything that `shouyin serve` needs. Secrets are readable by their owner only.
pub(crate) fn furnish(folder: &Path, account: &Account<'_>, ports: Ports) -> anyhow::Result<()> {
    let keys = folder.join("keys");
    std::fs::create_dir_all(&keys)?;
    let files = [
        ("apiclient_key.pem", account.text("private_key_pem")?),
        ("apiclient_cert.pem", account.text("certificate_pem")?),
        ("pub_key.pem", account.text("public_key_pem")?),
        ("api_v3_key", account.text("api_v3_key")?),
        ("app_secret", account.text("app_secret")?),
        ("api_key", API_KEY),
    ];
    for (name, text) in files {
        write_private(&keys.join(name), text)?;
    }
    write_private(&folder.join("goods.csv"), GOODS)?;
    write_private(
        &folder.join("shouyin.toml"),
        &configuration(account, ports)?,
    )
}

fn configuration(account: &Account<'_>, ports: Ports) -> anyhow::Result<String> {
    let (server, admin, api) = (ports.server.0, ports.admin.0, ports.api.url());
    let (mch_id, serial_no) = (account.text("mchid")?, account.text("serial_no")?);
    let (app_id, public_key_id) = (account.text("appid")?, account.text("public_key_id")?);
    Ok(format!(
        r#"# Written by `cargo xtask demo`. Every other setting has its default: shouyin config init

[server]
listen = "127.0.0.1:{server}"
admin_listen = "127.0.0.1:{admin}"

[database]
url = "sqlite:shouyin.db"

# The platform was made a moment ago: there is no bill of yesterday.
[reconciliation]
enabled = false

[wechat]
api_url = "{api}"
backup_url = ""
login_url = "{api}"

[merchants.default]
mch_id = "{mch_id}"
name = "山间茶铺 · Hill Tea House"
serial_no = "{serial_no}"
private_key_file = "keys/apiclient_key.pem"
certificate_file = "keys/apiclient_cert.pem"
api_v3_key_file = "keys/api_v3_key"
public_key_id = "{public_key_id}"
public_key_file = "keys/pub_key.pem"
notify_url = "http://127.0.0.1:{server}/v1/wechat/notify/default"
api_key_file = "keys/api_key"

[[merchants.default.apps]]
app_id = "{app_id}"
app_secret_file = "keys/app_secret"
"#
    ))
}

fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options
        .open(path)
        .with_context(|| path.display().to_string())?;
    file.write_all(text.as_bytes())
        .with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use serde_json::json;

    use super::*;

    #[test]
    fn the_shop_is_valid_toml_and_its_secrets_are_private() {
        let mut merchant = json!({});
        for name in [
            "private_key_pem",
            "certificate_pem",
            "public_key_pem",
            "api_v3_key",
            "mchid",
            "app_secret",
            "serial_no",
            "appid",
            "public_key_id",
        ] {
            merchant[name] = json!(format!("the {name}"));
        }
        let folder = tempfile::tempdir().unwrap();
        let ports = Ports::from_base(9_080).unwrap();
        furnish(folder.path(), &Account::new(&merchant), ports).unwrap();
        let text = std::fs::read_to_string(folder.path().join("shouyin.toml")).unwrap();
        let table: toml::Table = text.parse().unwrap();
        assert_eq!(
            table["merchants"]["default"]["mch_id"].as_str(),
            Some("the mchid")
        );
        assert_eq!(
            table["wechat"]["api_url"].as_str(),
            Some("http://127.0.0.1:9090")
        );
        let key = std::fs::metadata(folder.path().join("keys/apiclient_key.pem")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }
}
