//! `[merchants.<key>]`: the accounts, checked one by one and then against each other.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::problem::Problem;
use super::reader::{Found, Section, hidden, shown_pem};
use super::{AppConfig, Merchant, rules};

/// Where WeChat's reports arrive, below `server.public_url`.
const NOTIFY_PATH: &str = "/v1/wechat/notify/";
/// Long enough that nobody guesses it.
const MIN_API_KEY_BYTES: usize = 16;
const API_V3_KEY_BYTES: usize = 32;

type Merchants = BTreeMap<String, Merchant>;

/// `None` only together with a problem.
pub(super) fn all(section: Section, public_url: Option<&str>) -> Option<Merchants> {
    let (mut merchants, mut complete) = (Merchants::new(), true);
    for (key, section) in section.named_sections() {
        lawful_key(&section, &key);
        match merchant(section, &key, public_url) {
            Some(merchant) => {
                merchants.insert(key, merchant);
            }
            None => complete = false,
        }
    }
    complete.then_some(merchants)
}

fn lawful_key(section: &Section, key: &str) {
    if !rules::is_merchant_key(key) {
        let message = "a merchant key is 1 to 32 of a-z, 0-9 and single `_`, since it stands in \
                       the notification URL and in names of environment variables";
        section.complain(Problem::absent(&format!("merchants.{key}"), message));
    }
}

fn merchant(mut section: Section, key: &str, public_url: Option<&str>) -> Option<Merchant> {
    let mch_id = section.text("mch_id");
    let mch_id = mch_id.and_then(|found| {
        let lawful = rules::is_digits(&found.value, 8..=10);
        keep(
            &section,
            "mch_id",
            found,
            lawful,
            "must be 8 to 10 digits (商户号)",
        )
    });
    let name = section.optional_text("name").map(|found| found.value);
    let serial_no = section
        .text("serial_no")
        .and_then(|found| serial_no(&section, &found));
    let private_key = section.secret("private_key", "private_key_file", hidden);
    let private_key = pem(&section, "private_key", "PRIVATE KEY-----", private_key);
    let certificate = section.optional_secret("certificate", "certificate_file", shown_pem);
    let certificate = pem(&section, "certificate", "CERTIFICATE-----", certificate);
    let api_v3_key = section.secret("api_v3_key", "api_v3_key_file", hidden);
    let api_v3_key = api_v3_key.and_then(|found| api_v3_key_of(&section, "api_v3_key", found));
    let previous_api_v3_key = previous_api_v3_key(&mut section);
    let public_key = public_key(&mut section);
    let notify_url = notify_url(&mut section, key, public_url);
    let api_key = section.optional_secret("api_key", "api_key_file", hidden);
    let api_key = api_key.and_then(|found| api_key_of(&section, found));
    let apps = apps(&mut section);
    section.finish();
    let (public_key_id, public_key) = public_key?.unzip();
    let (previous_api_v3_key, previous_api_v3_key_until) = previous_api_v3_key?.unzip();
    Some(Merchant {
        mch_id: mch_id?,
        name: name.unwrap_or_else(|| key.to_owned()),
        serial_no: serial_no?,
        private_key: private_key?,
        certificate: certificate.map(|pem| pem.expose_secret().to_owned()),
        api_v3_key: api_v3_key?,
        previous_api_v3_key,
        previous_api_v3_key_until,
        public_key_id,
        public_key,
        notify_url: notify_url?,
        api_key,
        apps: apps?,
    })
}

/// The value when it is `lawful`; otherwise a problem that says why not.
fn keep(
    section: &Section,
    name: &str,
    found: Found<String>,
    lawful: bool,
    why: &str,
) -> Option<String> {
    if !lawful {
        let message = format!("{why}, not `{}`", found.value);
        section.complain(Problem::at(&found.origin, &section.key(name), message));
    }
    lawful.then_some(found.value)
}

fn serial_no(section: &Section, found: &Found<String>) -> Option<String> {
    let serial = rules::serial_no(&found.value);
    if serial.is_none() {
        let message = format!(
            "must be the 40 hex digits that `openssl x509 -in apiclient_cert.pem -noout -serial` \
             prints (商户证书序列号), not `{}`",
            found.value
        );
        section.complain(Problem::at(
            &found.origin,
            &section.key("serial_no"),
            message,
        ));
    }
    serial
}

/// Armour only; whether the key inside is one, and fits, is found out where keys are parsed.
fn pem(
    section: &Section,
    name: &str,
    armour: &str,
    found: Option<Found<SecretString>>,
) -> Option<SecretString> {
    let found = found?;
    let text = found.value.expose_secret();
    let lawful = text.contains("-----BEGIN ") && text.contains(armour);
    if !lawful {
        let message = format!("is not PEM text: no line `-----BEGIN {armour}`");
        section.complain(Problem::at(&found.origin, &section.key(name), message));
    }
    // In the environment, people write the newlines of a PEM text as two characters.
    lawful.then(|| SecretString::from(text.replace("\\n", "\n")))
}

fn api_v3_key_of(
    section: &Section,
    name: &str,
    found: Found<SecretString>,
) -> Option<SecretString> {
    let length = found.value.expose_secret().len();
    if length != API_V3_KEY_BYTES {
        let message = format!(
            "must be exactly {API_V3_KEY_BYTES} bytes, these are {length}; it is the APIv3 key \
             (APIv3 密钥) of the merchant platform, used as it is"
        );
        section.complain(Problem::at(&found.origin, &section.key(name), message));
    }
    (length == API_V3_KEY_BYTES).then_some(found.value)
}

/// The key of before and its end, together or neither; `None` only together with a problem.
fn previous_api_v3_key(section: &mut Section) -> Option<Option<(SecretString, Timestamp)>> {
    const NAME: &str = "previous_api_v3_key";
    const UNTIL: &str = "previous_api_v3_key_until";
    let before = section.problem_count();
    let key = section.optional_secret(NAME, "previous_api_v3_key_file", hidden);
    let key = key.and_then(|found| api_v3_key_of(section, NAME, found));
    let until = section.optional_text(UNTIL);
    let until = until.and_then(|found| {
        let parsed = found.value.parse::<Timestamp>();
        if parsed.is_err() {
            let message = format!(
                "must be a time in RFC 3339 such as 2026-11-25T00:00:00+08:00, not `{}`",
                found.value
            );
            section.complain(Problem::at(&found.origin, &section.key(UNTIL), message));
        }
        parsed.ok()
    });
    if section.problem_count() > before {
        return None;
    }
    match (key, until) {
        (Some(key), Some(until)) => Some(Some((key, until))),
        (None, None) => Some(None),
        (Some(_), None) => {
            // A key that is changed because it leaked must not open things for ever.
            section.missing(UNTIL, "is required beside previous_api_v3_key");
            None
        }
        (None, Some(_)) => {
            section.missing(NAME, "is required beside previous_api_v3_key_until");
            None
        }
    }
}

fn api_key_of(section: &Section, found: Found<SecretString>) -> Option<SecretString> {
    let long_enough = found.value.expose_secret().len() >= MIN_API_KEY_BYTES;
    if !long_enough {
        let message = format!("must have at least {MIN_API_KEY_BYTES} bytes");
        section.complain(Problem::at(&found.origin, &section.key("api_key"), message));
    }
    long_enough.then_some(found.value)
}

/// The id and the key together or neither; `None` only together with a problem.
fn public_key(section: &mut Section) -> Option<Option<(String, String)>> {
    let before = section.problem_count();
    let id = section.optional_text("public_key_id");
    let key = section.optional_secret("public_key", "public_key_file", shown_pem);
    if let Some(found) = &id
        && !found.value.starts_with("PUB_KEY_ID_")
    {
        let message = format!("must start with PUB_KEY_ID_, not `{}`", found.value);
        section.complain(Problem::at(
            &found.origin,
            &section.key("public_key_id"),
            message,
        ));
    }
    match (&id, &key) {
        (Some(_), None) if section.problem_count() == before => {
            section.missing(
                "public_key",
                "is required beside public_key_id (or public_key_file)",
            );
        }
        (None, Some(_)) if section.problem_count() == before => {
            section.missing(
                "public_key_id",
                "is required beside public_key (微信支付公钥 ID)",
            );
        }
        _ => {}
    }
    let key = pem(section, "public_key", "PUBLIC KEY-----", key);
    let pair = id
        .zip(key)
        .map(|(id, key)| (id.value, key.expose_secret().to_owned()));
    (section.problem_count() == before).then_some(pair)
}

fn notify_url(section: &mut Section, key: &str, public_url: Option<&str>) -> Option<String> {
    let before = section.problem_count();
    let given = section.optional_text("notify_url");
    if section.problem_count() > before {
        return None;
    }
    let Some(found) = given else {
        if public_url.is_none() {
            section.missing(
                "notify_url",
                "is required as long as server.public_url is not set",
            );
        }
        return public_url.map(|base| format!("{base}{NOTIFY_PATH}{key}"));
    };
    if let Some(why) = rules::notify_url_fault(&found.value) {
        let message = format!("`{}` {why}", found.value);
        section.complain(Problem::at(
            &found.origin,
            &section.key("notify_url"),
            message,
        ));
        return None;
    }
    Some(found.value)
}

fn apps(section: &mut Section) -> Option<Vec<AppConfig>> {
    let before = section.problem_count();
    let sections = section.list("apps");
    if sections.is_empty() && section.problem_count() == before {
        section.missing("apps.0.app_id", "is required: at least one app takes money");
    }
    let apps: Vec<_> = sections.into_iter().filter_map(app).collect();
    (section.problem_count() == before).then_some(apps)
}

fn app(mut section: Section) -> Option<AppConfig> {
    let app_id = section.text("app_id").and_then(|found| {
        let lawful = rules::is_app_id(&found.value);
        keep(
            &section,
            "app_id",
            found,
            lawful,
            "must be `wx` and 16 letters or digits",
        )
    });
    let app_secret = section.secret("app_secret", "app_secret_file", hidden);
    section.finish();
    Some(AppConfig {
        app_id: app_id?,
        app_secret: app_secret?.value,
    })
}
