//! `subPackages` of `app.json`: folders whose pages WeChat loads later. Here they are pages like
//! others.

use serde_json::Value;

use crate::json::Document;
use crate::paths;

/// WeChat takes both spellings. Source: developers.weixin.qq.com/miniprogram/dev/framework/subpackages/basic.html
const SPELLINGS: [&str; 2] = ["subPackages", "subpackages"];

/// A page of a sub-package: its path, or what is written where no page can be.
pub(crate) struct Listed {
    pub(crate) written: String,
    pub(crate) path: Option<String>,
}

pub(crate) fn pages(document: &Document<'_>) -> Vec<Listed> {
    let lists = SPELLINGS
        .iter()
        .filter_map(|name| document.members.get(*name)?.as_array());
    lists.flatten().flat_map(pages_of).collect()
}

fn pages_of(package: &Value) -> Vec<Listed> {
    let root = package.get("root").and_then(Value::as_str);
    let pages = package.get("pages").and_then(Value::as_array);
    let listed = pages.into_iter().flatten().map(|page| {
        let written = page.as_str().unwrap_or_default();
        Listed {
            written: written.to_owned(),
            path: root.and_then(|root| joined(root, written)),
        }
    });
    listed.collect()
}

/// A root may be written with a slash at its end, or at its beginning.
fn joined(root: &str, page: &str) -> Option<String> {
    let folder = paths::join("", root).ok()?;
    let path = paths::join(&folder, page).ok()?;
    path.ends_with(page).then_some(path)
}
