//! Text between tags: what the two frameworks print differently.

use crate::issue::IssueCode;
use crate::scan::expression_end;
use crate::wxml::Checker;

/// Source: developers.weixin.qq.com/miniprogram/dev/component/text.html, `decode`.
const ENTITIES: [&str; 8] = [
    "&nbsp;", "&lt;", "&gt;", "&amp;", "&apos;", "&quot;", "&ensp;", "&emsp;",
];

pub(crate) fn check(checker: &mut Checker<'_>, text: &str, at: usize, decodes: bool) {
    let mut from = 0;
    while let Some(rest) = text.get(from..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("{{") {
            from = expression_end(text, from + 2).map_or(from + 2, |end| end + 2);
            continue;
        }
        if !decodes && let Some(entity) = ENTITIES.iter().find(|one| rest.starts_with(**one)) {
            checker.warning(IssueCode::EntityInText, at + from).add(
                format!(
                    "{entity} 在真机上原样显示，在这里会被解码；请用 <text decode>，或直接写字符。"
                ),
                format!("A phone prints {entity} as it is; use <text decode>, or the character."),
            );
        }
        if rest.starts_with("\\n") || rest.starts_with("\\t") {
            checker.warning(IssueCode::EscapeInText, at + from).add(
                "文本里的 \\n、\\t 在真机上是换行和制表符，在这里是两个字符；请放进数据或用样式。",
                "\\n and \\t in text are one character on a phone, two here; use data or WXSS.",
            );
        }
        from += rest.chars().next().map_or(1, char::len_utf8);
    }
}
