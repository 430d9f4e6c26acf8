//! What WeChat's style compiler `wcsc` refuses, and what means something else in a browser.

use std::collections::BTreeMap;

use crate::issue::{Issue, IssueCode, Issues, Place};
use crate::sheet::Piece;
use crate::wxss::Owner;

/// Name to the file that defines it first. They are global in a browser; on a phone each page has
/// its own.
#[derive(Default)]
pub(crate) struct Keyframes(BTreeMap<String, String>);

/// Built-in tags that are other elements in a browser, since the real ones cannot have children or
/// bring a look of their own.
const RENAMED: [&str; 10] = [
    "audio", "canvas", "form", "input", "label", "map", "progress", "select", "textarea", "video",
];

/// At-rules with a block that `wcsc` takes.
const AT_RULES: [&str; 6] = [
    "@media",
    "@supports",
    "@keyframes",
    "@-webkit-keyframes",
    "@font-face",
    "@page",
];

struct Checker<'a> {
    file: &'a str,
    text: &'a str,
    owner: Owner,
    keyframes: &'a mut Keyframes,
    issues: &'a mut Issues,
}

/// What a block that is open is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    /// Holds rules: `@media`.
    Group,
    /// Holds no selectors: `@keyframes`.
    Frames,
    /// Holds declarations.
    Rule,
}

/// `text` is the sheet as it stands on disk, for the places.
pub(crate) fn check(
    file: &str,
    text: &str,
    pieces: &[Piece<'_>],
    owner: Owner,
    keyframes: &mut Keyframes,
    issues: &mut Issues,
) {
    let mut checker = Checker {
        file,
        text,
        owner,
        keyframes,
        issues,
    };
    let mut open: Vec<Block> = Vec::new();
    for piece in pieces {
        if checker.issues.is_full() {
            break;
        }
        match piece {
            Piece::Prelude { text, at } => {
                let block = checker.prelude(text, *at, open.last().copied());
                open.push(block);
            }
            Piece::Line { text, at } => checker.line(text, *at, open.is_empty()),
            Piece::End => {
                open.pop();
            }
        }
    }
}

impl Checker<'_> {
    fn error(&mut self, code: IssueCode, at: usize, zh: &str, en: &str) {
        let issue = Issue::error(code, self.file).at(Place::of(self.text, at));
        self.issues.push(issue.says(zh, en));
    }

    fn warn(&mut self, code: IssueCode, at: usize, zh: &str, en: &str) {
        let issue = Issue::warning(code, self.file).at(Place::of(self.text, at));
        self.issues.push(issue.says(zh, en));
    }

    fn prelude(&mut self, text: &str, at: usize, outer: Option<Block>) -> Block {
        if text.starts_with('@') {
            return self.at_rule(text, at);
        }
        match outer {
            Some(Block::Frames) => Block::Rule,
            Some(Block::Rule) => {
                self.error(
                    IssueCode::WxssSyntax,
                    at,
                    "WXSS 不能嵌套规则，微信会拒绝编译；请把它移到外面。",
                    "Rules inside rules: WeChat refuses them; move it out.",
                );
                Block::Rule
            }
            Some(Block::Group) | None => {
                self.selectors(text, at);
                Block::Rule
            }
        }
    }

    fn at_rule(&mut self, text: &str, at: usize) -> Block {
        let end = text.find(|c: char| c.is_whitespace() || c == '(');
        let (name, rest) = text.split_at(end.unwrap_or(text.len()));
        if !AT_RULES.contains(&name) {
            let zh = format!("微信的 WXSS 编译器不认识 {name}，会拒绝编译；请改用普通规则。");
            let en = format!("WeChat's WXSS has no {name} and refuses it; use plain rules.");
            self.error(IssueCode::WxssSyntax, at, &zh, &en);
        }
        if !name.ends_with("keyframes") {
            return if name == "@font-face" {
                Block::Rule
            } else {
                Block::Group
            };
        }
        let frames = rest.trim();
        let known = &mut self.keyframes.0;
        let first = known
            .entry(frames.to_owned())
            .or_insert_with(|| self.file.to_owned());
        if first != self.file {
            let zh =
                format!("动画名 {frames} 在 {first} 里也有，在这里会互相覆盖；请按页面加前缀。");
            let en = format!("@keyframes {frames} is in {first} too, and one wins; prefix them.");
            self.warn(IssueCode::KeyframesCollision, at, &zh, &en);
        }
        Block::Frames
    }

    fn line(&mut self, text: &str, at: usize, top: bool) {
        if top && !text.starts_with('@') {
            self.error(
                IssueCode::WxssSyntax,
                at,
                "这里缺少 { }；请补全规则或删去。",
                "A rule without { }; complete it or remove it.",
            );
        }
        for (offset, _) in text.match_indices("url(") {
            let inner = text.get(offset + 4..).unwrap_or_default().trim_start();
            let inner = inner.trim_start_matches(['"', '\'']);
            // The last one is a `#`, too: of a picture that is written out in the sheet.
            let remote = ["data:", "https:", "http:", "//", "#", "%23"];
            if !remote.iter().any(|start| inner.starts_with(start)) && !text.starts_with('@') {
                self.error(
                    IssueCode::LocalResource,
                    at + offset,
                    "WXSS 不能引用本地图片或字体；请用 <image>、base64 或 https 地址。",
                    "WXSS cannot use local files; use <image>, base64, or an https address.",
                );
            }
        }
    }

    fn selectors(&mut self, text: &str, at: usize) {
        if text.contains("//") {
            self.error(
                IssueCode::WxssSyntax,
                at,
                "WXSS 没有 // 注释，后面的规则会失效；请用 /* */。",
                "WXSS has no // comments, and the rule after it is lost; use /* */.",
            );
            return;
        }
        if text.contains(":host") && text.trim() != ":host" {
            self.error(
                IssueCode::WxssSyntax,
                at,
                ":host 不能与其它选择器组合，此规则会被忽略；请单独写 :host { }。",
                ":host with other selectors is ignored; write :host { } alone.",
            );
        }
        for part in simple_selectors(text) {
            self.simple(part, at);
        }
    }

    fn simple(&mut self, part: Simple<'_>, at: usize) {
        match part {
            Simple::Universal(offset) => self.error(
                IssueCode::WxssSyntax,
                at + offset,
                "微信的 WXSS 编译器拒绝 * 选择器；请用类。",
                "WeChat's WXSS refuses the selector *; use classes.",
            ),
            Simple::NotAscii(offset) => self.error(
                IssueCode::WxssSyntax,
                at + offset,
                "微信的 WXSS 编译器拒绝选择器里的非 ASCII 字符；请用英文类名。",
                "WeChat's WXSS refuses selectors that are not ASCII; name classes in ASCII.",
            ),
            Simple::List(offset) => self.error(
                IssueCode::WxssSyntax,
                at + offset,
                "微信的 WXSS 编译器拒绝括号里的选择器列表；请拆成几条规则。",
                "WeChat's WXSS refuses a list of selectors in brackets; write several rules.",
            ),
            Simple::Tag(_, offset) | Simple::IdOrAttribute(offset) => {
                if self.owner == Owner::Component {
                    self.warn(
                        IssueCode::ComponentSelector,
                        at + offset,
                        "组件样式里不应使用标签、id、属性选择器；请用类。",
                        "A component's sheet should select by class, not by tag, id or attribute.",
                    );
                }
            }
        }
    }
}

/// A prelude with the names that tags have on the phone, where an element of HTML stands behind
/// them.
pub(crate) fn renamed(prelude: &str) -> String {
    let mut out = String::new();
    let mut copied = 0;
    for part in simple_selectors(prelude) {
        if let Simple::Tag(name, offset) = part
            && RENAMED.contains(&name)
        {
            out.push_str(prelude.get(copied..offset).unwrap_or_default());
            out.push_str("wx-");
            copied = offset;
        }
    }
    out.push_str(prelude.get(copied..).unwrap_or_default());
    out
}

/// What rules ask about, at an offset of the prelude. Classes and pseudo-classes are always fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Simple<'a> {
    Tag(&'a str, usize),
    IdOrAttribute(usize),
    Universal(usize),
    NotAscii(usize),
    /// A comma in parentheses.
    List(usize),
}

fn simple_selectors(text: &str) -> Vec<Simple<'_>> {
    let mut found = Vec::new();
    let mut before = ' ';
    let mut parentheses = 0_usize;
    let mut in_attribute = false;
    for (index, c) in text.char_indices() {
        let name_goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '\\');
        match c {
            _ if in_attribute => in_attribute = c != ']',
            '[' => {
                in_attribute = true;
                found.push(Simple::IdOrAttribute(index));
            }
            '#' => found.push(Simple::IdOrAttribute(index)),
            '*' => found.push(Simple::Universal(index)),
            '(' => parentheses += 1,
            ')' => parentheses = parentheses.saturating_sub(1),
            ',' if parentheses > 0 => found.push(Simple::List(index)),
            _ if !c.is_ascii() => found.push(Simple::NotAscii(index)),
            _ if c.is_ascii_alphabetic() && !name_goes_on(before) && !".#:".contains(before) => {
                let rest = text.get(index..).unwrap_or_default();
                let end = rest.find(|c| !name_goes_on(c)).unwrap_or(rest.len());
                // `2n+1` and `odd` of `:nth-child()` are no tags.
                if parentheses == 0 {
                    found.push(Simple::Tag(rest.get(..end).unwrap_or_default(), index));
                }
            }
            _ => {}
        }
        before = c;
    }
    found
}
