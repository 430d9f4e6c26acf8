//! Attributes: quotes, doubles, prefixes, handlers, and values that this phone does not act on.

use std::collections::BTreeSet;

use crate::expression::Where;
use crate::issue::IssueCode;
use crate::scan::{Attribute, Tag, Value};
use crate::wxml::Checker;

/// Before the colon of an attribute's name.
const PREFIXES: [&str; 13] = [
    "bind",
    "capture-bind",
    "capture-catch",
    "catch",
    "change",
    "data",
    "generic",
    "mark",
    "model",
    "mut-bind",
    "slot",
    "worklet",
    "wx",
];
const AFTER_WX: [&str; 8] = [
    "elif",
    "else",
    "for",
    "for-index",
    "for-item",
    "for-items",
    "if",
    "key",
];
/// `bindtap` or `bind:tap`. The prefixes of capturing are not here: they need the colon, and a
/// handler on the way down and one on the way up do not exclude each other.
const HANDLERS: [&str; 3] = ["mut-bind", "bind", "catch"];

/// What `<picker mode>` may be.
const PICKERS: [&str; 4] = ["date", "multiSelector", "selector", "time"];

pub(crate) fn check<'a>(checker: &mut Checker<'a>, tag: &Tag<'a>) {
    let mut names = BTreeSet::new();
    let mut events = BTreeSet::new();
    for attribute in &tag.attributes {
        let name = attribute.name;
        name_is_lawful(checker, attribute);
        if !names.insert(name) {
            checker
                .warning(IssueCode::DuplicateAttribute, attribute.at)
                .add(
                    format!("属性 {name} 写了两次，各平台取舍不同；请只留一个。"),
                    format!("The attribute {name} is written twice; which one counts differs."),
                );
        }
        prefix_is_known(checker, attribute);
        if let Some(event) = event_of(name).filter(|event| !events.insert(*event)) {
            checker.warning(IssueCode::TwoHandlers, attribute.at).add(
                format!("同一标签上有两个 {event} 处理函数，这里只有最后一个生效；请合并。"),
                format!("Two handlers for {event} on one tag; only the last counts here."),
            );
        }
        if let Some(value) = &attribute.value {
            value_is_quoted(checker, attribute, value);
            let of_template = tag.name == "template" && name == "data";
            let position = if of_template {
                Where::TemplateData
            } else {
                Where::Attribute
            };
            checker.expressions(value.text, value.at, position);
        }
    }
    needs(checker, tag);
}

fn name_is_lawful(checker: &mut Checker<'_>, attribute: &Attribute<'_>) {
    let lawful = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':');
    let first = attribute.name.chars().next();
    let begins = first.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | ':'));
    if !(begins && attribute.name.chars().all(lawful)) {
        let name: String = attribute.name.chars().take(40).collect();
        checker.error(IssueCode::WxmlSyntax, attribute.at).add(
            format!("属性名 {name} 含有不允许的字符；只能用字母、数字、-、_ 和 :。"),
            format!("The attribute name {name} is not allowed: letters, digits, - _ : only."),
        );
    }
}

fn prefix_is_known(checker: &mut Checker<'_>, attribute: &Attribute<'_>) {
    let Some((prefix, rest)) = attribute.name.split_once(':') else {
        return;
    };
    let known = match prefix {
        "wx" => AFTER_WX.contains(&rest),
        _ => PREFIXES.contains(&prefix),
    };
    if !known {
        let name = attribute.name;
        checker.warning(IssueCode::UnknownPrefix, attribute.at).add(
            format!("微信不认识 {name}，会悄悄忽略；事件请写 bind:tap 这样的形式。"),
            format!("WeChat does not know {name} and ignores it; events are written bind:tap."),
        );
    }
}

/// `tap` for `bindtap` and `catch:tap`.
fn event_of(name: &str) -> Option<&str> {
    let rest = HANDLERS
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))?;
    let event = rest.strip_prefix(':').unwrap_or(rest);
    (!event.is_empty()).then_some(event)
}

fn value_is_quoted(checker: &mut Checker<'_>, attribute: &Attribute<'_>, value: &Value<'_>) {
    let name = attribute.name;
    let Some(quote) = value.quote else {
        checker
            .error(IssueCode::UnquotedAttribute, attribute.at)
            .add(
                format!("属性 {name} 的值没有引号，微信会拒绝编译；请加上双引号。"),
                format!("The value of {name} has no quotes, and WeChat refuses it; add them."),
            );
        return;
    };
    if let Some(inside) = value.text.find(quote) {
        checker
            .error(IssueCode::NestedQuotes, value.at + inside)
            .add(
                format!("{name} 的值里又出现 {quote}，微信会拒绝编译；里面请用另一种引号。"),
                format!(
                    "{quote} inside the value of {name}: WeChat refuses it; use the other quote."
                ),
            );
    }
}

/// What some tags want besides.
fn needs(checker: &mut Checker<'_>, tag: &Tag<'_>) {
    if tag.attribute("wx:for").is_some() && tag.attribute("wx:key").is_none() {
        checker.warning(IssueCode::MissingKey, tag.at).add(
            "wx:for 没有 wx:key，列表变化时会错位；请写唯一的字段名，或 *this。",
            "wx:for without wx:key mixes rows up when the list changes; name a field, or *this.",
        );
    }
    if tag.name == "wxs" && tag.value("module").is_none_or(str::is_empty) {
        checker.error(IssueCode::WxmlSyntax, tag.at).add(
            "<wxs> 缺少 module；请写 module=\"名字\"。",
            "<wxs> has no module; write module=\"name\".",
        );
    }
    let mode = tag.value("mode").unwrap_or("selector");
    let known = PICKERS.contains(&mode) || mode.contains("{{");
    if tag.name == "picker" && !known {
        checker
            .warning(IssueCode::UnsupportedAttribute, tag.at)
            .add(
                format!("虚拟手机的 picker 没有 mode=\"{mode}\"；点它只会看到一句提示。"),
                format!("This phone's picker has no mode=\"{mode}\"; a tap only says so."),
            );
    }
}
