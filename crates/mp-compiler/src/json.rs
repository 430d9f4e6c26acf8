//! JSON files: what they hold, with the line when they do not parse, and the types of members.

use serde_json::{Map, Value};

use crate::issue::{Issue, IssueCode, Place};

/// A parsed file with its text, so that a complaint can name a line.
pub(crate) struct Document<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    pub(crate) members: Map<String, Value>,
}

/// Reads an object. WeChat's JSON knows no comments and no trailing commas.
pub(crate) fn parse<'a>(file: &'a str, text: &'a str) -> Result<Document<'a>, Box<Issue>> {
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => Ok(Document {
            file,
            text,
            members,
        }),
        Ok(_) => Err(Box::new(Issue::error(IssueCode::BadJson, file).says(
            "这个文件应当是一个 JSON 对象：{ … }。",
            "This file must be one JSON object: { … }.",
        ))),
        Err(error) => Err(Box::new(syntax(file, &error))),
    }
}

fn syntax(file: &str, error: &serde_json::Error) -> Issue {
    let place = Place::from_zero(
        error.line().saturating_sub(1),
        error.column().saturating_sub(1),
    );
    let what = error.to_string();
    let what = what.split(" at line ").next().unwrap_or_default();
    Issue::error(IssueCode::BadJson, file).at(place).says(
        format!("JSON 语法错误：{what}。不能有注释，也不能有多余的逗号。"),
        format!("JSON does not parse: {what}. Comments and trailing commas are not allowed."),
    )
}

/// What a member must be.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Flag,
    Number,
    /// `#rrggbb`, `#rgb`, or `@name` of the theme file.
    Colour,
    OneOf(&'static [&'static str]),
    Object,
    List,
}

impl Kind {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Flag => value.is_boolean(),
            Self::Number => value.is_number(),
            Self::Colour => value.as_str().is_some_and(is_colour),
            Self::OneOf(words) => value
                .as_str()
                .is_some_and(|word| word.starts_with('@') || words.contains(&word)),
            Self::Object => value.is_object(),
            Self::List => value.is_array(),
        }
    }

    fn words(self) -> (String, String) {
        let both = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
        match self {
            Self::Text => both("字符串", "a string"),
            Self::Flag => both("true 或 false", "true or false"),
            Self::Number => both("数字", "a number"),
            Self::Colour => both("颜色，如 #07c160", "a colour such as #07c160"),
            Self::OneOf(words) => {
                let list = words.join(" | ");
                (format!("其中之一：{list}"), format!("one of {list}"))
            }
            Self::Object => both("对象", "an object"),
            Self::List => both("数组", "a list"),
        }
    }
}

fn is_colour(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    text.starts_with('@')
        || (matches!(digits.len(), 3 | 6 | 8) && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

impl Document<'_> {
    /// Where a member or a string of the file stands: its first occurrence in quotes.
    pub(crate) fn place_of(&self, word: &str) -> Option<Place> {
        let quoted = Value::String(word.to_owned()).to_string();
        let at = self.text.find(&quoted)?;
        Some(Place::of(self.text, at))
    }

    pub(crate) fn wrong_type(&self, name: &str, zh: &str, en: &str) -> Issue {
        Issue::error(IssueCode::WrongType, self.file)
            .at_if(self.place_of(name))
            .says(
                format!("“{name}” 应当是{zh}。"),
                format!("\"{name}\" must be {en}."),
            )
    }

    /// Compares members with a table; what is not in the table is not looked at.
    pub(crate) fn check(&self, members: &Map<String, Value>, table: &[(&str, Kind)]) -> Vec<Issue> {
        let wrong = table
            .iter()
            .filter(|(name, kind)| members.get(*name).is_some_and(|value| !kind.fits(value)));
        wrong
            .map(|(name, kind)| {
                let (zh, en) = kind.words();
                self.wrong_type(name, &zh, &en)
            })
            .collect()
    }
}
