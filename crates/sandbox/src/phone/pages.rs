//! Headers that keep the pages to themselves, and the page that says what is missing.

use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use aws_lc_rs::digest::{SHA256, digest};

const MISSING: &str = include_str!("missing.html");
const IMPORT_MAP: (&str, &str) = (r#"<script type="importmap">"#, "</script>");
const STYLE: (&str, &str) = ("<style>", "</style>");

/// What somebody has to bring before there is a phone.
pub(super) enum Missing {
    /// `--mini-program` was not given.
    MiniProgram,
    /// There is no `app.json` in the folder.
    AppJson(String),
    /// The runtime is not in this folder.
    Runtime(String),
}

/// Nothing from another host, no inline code but the import map, no framing by others. Inline
/// style attributes are not allowed either; scripts may set styles through the object model. Fonts
/// of icons stand inside of style sheets, since a mini program cannot hold them as files.
pub(super) fn policy(screen: &[u8]) -> String {
    let map = hash_between(&String::from_utf8_lossy(screen), IMPORT_MAP);
    let map = map.map(|hash| format!(" {hash}")).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self'{map}; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; frame-src 'self'; font-src 'self' data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'self'"
    )
}

/// For what is shown but never runs anything, such as a picture that holds a script.
pub(super) const INERT: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// `'sha256-…'` of the first inline element of that kind.
fn hash_between(html: &str, (open, close): (&str, &str)) -> Option<String> {
    let (_, rest) = html.split_once(open)?;
    let (inside, _) = rest.split_once(close)?;
    let hash = BASE64_STANDARD.encode(digest(&SHA256, inside.as_bytes()).as_ref());
    Some(format!("'sha256-{hash}'"))
}

/// An answer that browsers may keep as long as they ask whether it is still good.
pub(super) fn fresh(asked: &HeaderMap, kind: &'static str, etag: &str, bytes: Bytes) -> Response {
    let etag = format!("\"{etag}\"");
    let known = asked.get(header::IF_NONE_MATCH);
    let mut response = if known.is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, kind)], bytes).into_response()
    };
    let etag = HeaderValue::from_str(&etag).expect("hex in quotes is lawful");
    response.headers_mut().insert(header::ETAG, etag);
    response
}

/// 503, with the command that helps.
pub(super) fn missing(what: &Missing) -> Response {
    let (zh, en, command) = what.words();
    let page = MISSING
        .replace("{zh}", &escape(&zh))
        .replace("{en}", &escape(&en))
        .replace("{command}", &escape(&command));
    let style = hash_between(&page, STYLE).unwrap_or_default();
    let policy = format!("default-src 'none'; style-src {style}; frame-ancestors 'self'");
    let html = "text/html; charset=utf-8";
    let headers = [
        (header::CONTENT_TYPE, html.to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, page).into_response()
}

impl Missing {
    fn words(&self) -> (String, String, String) {
        match self {
            Self::MiniProgram => (
                "还没有指定要运行的小程序。请这样启动沙箱：".to_owned(),
                "No mini program was given. Start the sandbox like this:".to_owned(),
                "shouyin-sandbox --mini-program DIR --domain https://HOST=http://127.0.0.1:PORT"
                    .to_owned(),
            ),
            Self::AppJson(folder) => (
                format!("{folder} 里没有 app.json：请把 --mini-program 指向小程序的根目录。"),
                format!(
                    "There is no app.json in {folder}: --mini-program takes the mini program's \
                     own folder."
                ),
                "shouyin-sandbox --mini-program DIR".to_owned(),
            ),
            Self::Runtime(folder) => (
                format!("运行小程序需要两个 npm 包，{folder} 里还没有。装好后刷新本页："),
                format!(
                    "The phone runs on two npm packages, which are not in {folder} yet. \
                     Install them and reload this page:"
                ),
                install(folder),
            ),
        }
    }

    /// The same in one line, for a script that asked.
    pub(super) fn line(&self) -> String {
        let (_, en, command) = self.words();
        format!("{en} {command}")
    }
}

/// In the folder that holds `node_modules`.
fn install(folder: &str) -> String {
    let npm = "npm ci --omit=dev --ignore-scripts";
    match folder.strip_suffix("/node_modules") {
        Some(parent) => format!("cd {parent} && {npm}"),
        None => format!("{npm}    # --phone-runtime DIR/node_modules"),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// On everything under `/phone/`, unless it says otherwise itself.
pub(super) fn guard(mut response: Response, policy: &str) -> Response {
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value)
            && !headers.contains_key(&name)
        {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_SECURITY_POLICY, policy);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::CACHE_CONTROL, "no-cache");
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_hash_of_the_import_map() {
        let html = br#"<html><script type="importmap">alert('Hello, world.');</script>"#;
        // The hash that the specification of CSP itself gives as its example.
        let known = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";
        assert!(policy(html).contains(&format!("script-src 'self' {known};")));
        assert!(policy(b"").contains("script-src 'self';"));
    }
}
