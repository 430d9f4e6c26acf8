//! The shape of a template: tags that close, tags that exist, `wx:else` where it belongs.
//!
//! The compiler behind us guesses on where WeChat's `wcc` refuses; what is said here was tried with
//! both.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::attributes;
use crate::expression::{self, Context, Where};
use crate::issue::{Issue, IssueCode, Issues, Place};
use crate::limits::{MAX_NESTING, MAX_WXML_BYTES};
use crate::scan::{Event, Tag, scan};
use crate::tags::{self, Tags};
use crate::words;

/// What one template turned out to be.
pub(crate) struct Checked {
    /// Whether the compiler may have it: nothing in it is nested beyond the bounds.
    pub(crate) sound: bool,
    /// Inline WXS: module and place of its source.
    pub(crate) scripts: Vec<(String, Range<usize>)>,
    /// `<template is>` with a plain name.
    pub(crate) uses: Vec<(String, Place)>,
}

/// A tag that is open.
struct Level<'a> {
    name: &'a str,
    at: usize,
    /// Whether the sibling before has a `wx:if` or `wx:elif`.
    chain: bool,
    /// `<text decode>`.
    decodes: bool,
}

pub(crate) struct Checker<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    pub(crate) issues: &'a mut Issues,
    /// Names that `<wxs module>` gives.
    pub(crate) modules: BTreeSet<&'a str>,
    tags: &'a Tags<'a>,
    open: Vec<Level<'a>>,
    checked: Checked,
}

pub(crate) fn check(file: &str, text: &str, tags: &Tags<'_>, issues: &mut Issues) -> Checked {
    let mut checker = Checker {
        file,
        text,
        issues,
        modules: BTreeSet::new(),
        tags,
        open: vec![Level::root()],
        checked: Checked {
            sound: true,
            scripts: Vec::new(),
            uses: Vec::new(),
        },
    };
    if text.len() > MAX_WXML_BYTES {
        checker.too_much(0, "256 KB", "256 KB");
        return checker.checked;
    }
    let events = scan(text);
    checker.modules = modules_of(&events);
    let mut module = None;
    for event in &events {
        if checker.issues.is_full() || !checker.checked.sound {
            break;
        }
        if let Event::Open(tag) = event {
            module = tag.value("module");
        }
        checker.event(event, module);
    }
    checker.finish()
}

fn modules_of<'a>(events: &[Event<'a>]) -> BTreeSet<&'a str> {
    let tags = events.iter().filter_map(|event| match event {
        Event::Open(tag) if tag.name == "wxs" => tag.value("module"),
        _ => None,
    });
    tags.collect()
}

impl Level<'_> {
    const fn root() -> Self {
        Self {
            name: "",
            at: 0,
            chain: false,
            decodes: false,
        }
    }
}

impl<'a> Checker<'a> {
    fn event(&mut self, event: &Event<'a>, module: Option<&str>) {
        match event {
            Event::Open(tag) => self.opened(tag),
            Event::Close { name, at } => self.closed(name, *at),
            Event::Text { text, at } => self.words_between(text, *at),
            Event::Script { text, at } => {
                let module = module.unwrap_or_default().to_owned();
                self.checked.scripts.push((module, *at..at + text.len()));
            }
            Event::Cut { at } => self.error(IssueCode::WxmlSyntax, *at).add(
                "标签或注释到文件末尾都没有结束；请补上 > 或 -->。",
                "A tag or comment does not end before the file does; add > or -->.",
            ),
            Event::Stray { at } => self.error(IssueCode::WxmlSyntax, *at).add(
                "标签里有多余的字符；请删去。",
                "A character that does not belong into a tag; remove it.",
            ),
        }
    }

    fn opened(&mut self, tag: &Tag<'a>) {
        self.tag_exists(tag);
        self.chained(tag);
        attributes::check(self, tag);
        if tag.name == "template"
            && let Some(name) = tag.value("is").filter(|name| !name.contains("{{"))
        {
            let place = Place::of(self.text, tag.at);
            self.checked.uses.push((name.to_owned(), place));
        }
        if tag.closed {
            return;
        }
        self.open.push(Level {
            name: tag.name,
            at: tag.at,
            chain: false,
            decodes: tag.name == "text" && tag.attribute("decode").is_some(),
        });
        if self.open.len() > MAX_NESTING {
            let count = MAX_NESTING;
            self.too_much(
                tag.at,
                &format!("{count} 层嵌套"),
                &format!("{count} levels of tags"),
            );
        }
    }

    fn closed(&mut self, name: &str, at: usize) {
        let Some(depth) = self
            .open
            .iter()
            .skip(1)
            .rposition(|level| level.name == name)
        else {
            self.error(IssueCode::StrayEndTag, at).add(
                format!("</{name}> 没有对应的开始标签；请删去或补上。"),
                format!("</{name}> closes nothing; remove it or add its start tag."),
            );
            return;
        };
        // The root is no tag, hence one more.
        let unclosed = self.open.split_off(depth + 2);
        self.open.pop();
        for level in unclosed {
            self.unclosed(&level);
        }
    }

    fn unclosed(&mut self, level: &Level<'_>) {
        let name = level.name;
        self.error(IssueCode::MissingEndTag, level.at).add(
            format!("<{name}> 没有结束标签；请补上 </{name}>，或写成 <{name} />。"),
            format!("<{name}> has no end tag; add </{name}> or write <{name} />."),
        );
    }

    fn finish(mut self) -> Checked {
        if self.checked.sound {
            for level in self.open.split_off(1) {
                self.unclosed(&level);
            }
        }
        self.checked
    }

    fn tag_exists(&mut self, tag: &Tag<'_>) {
        let name = tag.name;
        let (zh, en) = match self.tags.look_up(name) {
            tags::Tag::Known => return,
            tags::Tag::Html(instead) => (
                format!("小程序没有 <{name}>；请用 <{instead}>。"),
                format!("Mini programs have no <{name}>; use <{instead}>."),
            ),
            tags::Tag::OnlyInWeChat => (
                format!("虚拟手机不支持 <{name}>，这里什么也不会显示，真机上仍然有。"),
                format!("This phone has no <{name}> and shows nothing; a real one has it."),
            ),
            tags::Tag::Unknown => (
                format!("没有 <{name}> 这个标签；若是自定义组件，请写进 usingComponents。"),
                format!("There is no tag <{name}>; a component must be listed in usingComponents."),
            ),
        };
        self.error(IssueCode::UnsupportedTag, tag.at).add(zh, en);
    }

    /// `wx:elif` and `wx:else` want a sibling with `wx:if` directly before them.
    fn chained(&mut self, tag: &Tag<'_>) {
        let has = |name: &str| tag.attribute(name).is_some();
        let Some(level) = self.open.last_mut() else {
            return;
        };
        let before = level.chain;
        level.chain = has("wx:if") || (has("wx:elif") && before);
        if (has("wx:elif") || has("wx:else")) && !before {
            self.error(IssueCode::ElseWithoutIf, tag.at).add(
                "wx:else / wx:elif 前面紧邻的标签没有 wx:if；请放到它后面。",
                "wx:else and wx:elif must directly follow a tag with wx:if.",
            );
        }
    }

    fn words_between(&mut self, text: &'a str, at: usize) {
        let Some(level) = self.open.last_mut() else {
            return;
        };
        if !text.trim().is_empty() {
            level.chain = false;
        }
        let decodes = level.decodes;
        words::check(self, text, at, decodes);
        self.expressions(text, at, Where::Text);
    }

    /// Every `{{ }}` of a text or an attribute's value.
    pub(crate) fn expressions(&mut self, text: &str, at: usize, position: Where) {
        let context = Context {
            position,
            modules: &self.modules,
        };
        let found = expression::check_all(text, &context);
        for finding in found.findings {
            let place = Place::of(self.text, at + finding.at);
            let issue = match finding.serious {
                true => Issue::error(finding.code, self.file),
                false => Issue::warning(finding.code, self.file),
            };
            self.issues
                .push(issue.at(place).says(finding.zh, finding.en));
        }
        if let Some(deep) = found.too_deep {
            let (zh, en) = (
                "{{ }} 过长、嵌套过深或没有结束",
                "{{ }} too long, too deep, or without end",
            );
            self.too_much(at + deep, zh, en);
        }
    }

    fn too_much(&mut self, at: usize, zh: &str, en: &str) {
        self.checked.sound = false;
        self.error(IssueCode::LimitExceeded, at).add(
            format!("超出上限（{zh}），未编译此模板；请拆分。"),
            format!("Over the limit ({en}); this template is not compiled. Split it."),
        );
    }

    pub(crate) fn error(&mut self, code: IssueCode, at: usize) -> Adding<'_> {
        let issue = Issue::error(code, self.file).at(Place::of(self.text, at));
        Adding {
            issues: self.issues,
            issue,
        }
    }

    pub(crate) fn warning(&mut self, code: IssueCode, at: usize) -> Adding<'_> {
        let issue = Issue::warning(code, self.file).at(Place::of(self.text, at));
        Adding {
            issues: self.issues,
            issue,
        }
    }
}

/// An issue with its place, waiting for its words.
pub(crate) struct Adding<'a> {
    issues: &'a mut Issues,
    issue: Issue,
}

impl Adding<'_> {
    pub(crate) fn add(self, zh: impl Into<String>, en: impl Into<String>) {
        self.issues.push(self.issue.says(zh, en));
    }
}
