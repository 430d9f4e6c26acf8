//! Which tags there are.

use std::collections::BTreeSet;

use crate::units::Unit;

/// What the phone's runtime implements, or its template compiler understands.
const SUPPORTED: [&str; 32] = [
    "block",
    "button",
    "checkbox",
    "checkbox-group",
    "cover-image",
    "cover-view",
    "form",
    "icon",
    "image",
    "import",
    "include",
    "input",
    "label",
    "navigator",
    "page-meta",
    "picker",
    "progress",
    "radio",
    "radio-group",
    "rich-text",
    "root-portal",
    "scroll-view",
    "slider",
    "slot",
    "swiper",
    "swiper-item",
    "switch",
    "template",
    "text",
    "textarea",
    "view",
    "wxs",
];

/// WeChat has them, this phone has not.
/// Source: developers.weixin.qq.com/miniprogram/dev/component/
const ONLY_IN_WECHAT: [&str; 33] = [
    "ad",
    "ad-custom",
    "animation-video",
    "audio",
    "camera",
    "canvas",
    "channel-live",
    "channel-video",
    "custom-wrapper",
    "double-tap-gesture-handler",
    "draggable-sheet",
    "editor",
    "functional-page-navigator",
    "grid-builder",
    "grid-view",
    "keyboard-accessory",
    "list-builder",
    "list-view",
    "live-player",
    "live-pusher",
    "map",
    "match-media",
    "movable-area",
    "movable-view",
    "navigation-bar",
    "nested-scroll-body",
    "nested-scroll-header",
    "official-account",
    "open-data",
    "page-container",
    "picker-view",
    "picker-view-column",
    "share-element",
];
const ALSO_ONLY_IN_WECHAT: [&str; 9] = [
    "snapshot",
    "span",
    "sticky-header",
    "sticky-section",
    "store-home",
    "store-product",
    "video",
    "voip-room",
    "web-view",
];

/// Habits from HTML.
const INSTEAD_OF_HTML: [(&str, &str); 15] = [
    ("a", "navigator"),
    ("article", "view"),
    ("div", "view"),
    ("footer", "view"),
    ("h1", "view"),
    ("h2", "view"),
    ("h3", "view"),
    ("header", "view"),
    ("img", "image"),
    ("li", "view"),
    ("p", "view"),
    ("section", "view"),
    ("select", "picker"),
    ("span", "text"),
    ("ul", "view"),
];

/// What a tag is in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    Known,
    OnlyInWeChat,
    Html(&'static str),
    Unknown,
}

/// The components that a file's tags may mean.
pub(crate) struct Tags<'a> {
    components: BTreeSet<&'a str>,
}

impl<'a> Tags<'a> {
    /// For the template of a page or component; for one that others import, all that anyone knows.
    pub(crate) fn of(unit: Option<&'a Unit>, units: &'a [Unit]) -> Self {
        let all = match unit {
            Some(unit) => std::slice::from_ref(unit),
            None => units,
        };
        let names = all.iter().flat_map(|unit| {
            let generics = unit
                .json
                .get("componentGenerics")
                .and_then(|g| g.as_object());
            let own = unit.json.get("usingComponents").and_then(|c| c.as_object());
            // Also those that lead nowhere, which is said where they are named.
            let listed = generics.into_iter().chain(own).flat_map(|map| map.keys());
            unit.components.keys().chain(listed)
        });
        Self {
            components: names.map(String::as_str).collect(),
        }
    }

    pub(crate) fn look_up(&self, tag: &str) -> Tag {
        if SUPPORTED.contains(&tag) || self.components.contains(tag) {
            return Tag::Known;
        }
        if let Some((_, instead)) = INSTEAD_OF_HTML.iter().find(|(html, _)| *html == tag) {
            return Tag::Html(instead);
        }
        if ONLY_IN_WECHAT.contains(&tag) || ALSO_ONLY_IN_WECHAT.contains(&tag) {
            return Tag::OnlyInWeChat;
        }
        Tag::Unknown
    }
}
