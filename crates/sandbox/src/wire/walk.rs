//! Walks a request along its table and answers with WeChat's own words.
//!
//! Unknown members are looked for first, over the whole body, and reported together; then the
//! table is followed in its order and the first fault ends the walk. The messages and `detail`
//! shapes are quotes of real answers; those for wrong words, times and too great numbers are made
//! after their pattern.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::schema::{Field, Presence, Rule, Source, Text};
use crate::refusal::{EXTRA_PARAMETER, ILLEGAL_PARAMETER, OUT_OF_RANGE, Refusal};

/// Judges a parsed body.
pub(crate) fn check_body(body: &Value, fields: &'static [Field]) -> Result<(), Refusal> {
    let Some(members) = body.as_object() else {
        return Err(not_an_object(body));
    };
    let mut unknown = Vec::new();
    find_unknown(members, fields, "/body", &mut unknown);
    if !unknown.is_empty() {
        return Err(unknown_members(&unknown));
    }
    walk(members, fields, &Place::root(Source::Body))
}

/// The refusal for members that the documentation does not have.
pub(crate) fn unknown_members(paths: &[String]) -> Refusal {
    Refusal::parameter("请求中含有未在API文档中定义的参数", EXTRA_PARAMETER)
        .with_detail(json!({ "location": null, "value": paths }))
}

/// Judges one value of the path or the query.
pub(crate) fn check_text(
    source: Source,
    name: &str,
    title: &str,
    value: &str,
    rule: Text,
) -> Result<(), Refusal> {
    Place::root(source).member(name, title).text(value, rule)
}

/// The refusal for a required value that is not there.
pub(crate) fn require(source: Source, name: &str, title: &str) -> Refusal {
    Place::root(source).member(name, title).missing()
}

fn not_an_object(body: &Value) -> Refusal {
    Refusal::parameter("请求体需要一个合法的JSON对象", ILLEGAL_PARAMETER)
        .with_detail(json!({ "location": "body", "value": body }))
}

fn find_unknown(
    members: &Map<String, Value>,
    fields: &[Field],
    path: &str,
    unknown: &mut Vec<String>,
) {
    for (name, value) in members {
        let path = format!("{path}/{name}");
        match fields.iter().find(|field| field.name == name) {
            None => unknown.push(path),
            Some(field) => find_unknown_below(value, &field.rule, &path, unknown),
        }
    }
}

fn find_unknown_below(value: &Value, rule: &Rule, path: &str, unknown: &mut Vec<String>) {
    match (rule, value) {
        (Rule::Object(fields) | Rule::BoundedObject { fields, .. }, Value::Object(members)) => {
            find_unknown(members, fields, path, unknown);
        }
        (Rule::List(item), Value::Array(values)) => {
            for (index, value) in values.iter().enumerate() {
                find_unknown_below(value, item, &format!("{path}/{index}"), unknown);
            }
        }
        // A value of another type has no members that could be unknown; the walk refuses it.
        _ => {}
    }
}

fn walk(members: &Map<String, Value>, fields: &[Field], at: &Place) -> Result<(), Refusal> {
    for field in fields {
        let place = at.member(field.name, field.title);
        match members.get(field.name) {
            Some(value) => place.judge(value, &field.rule)?,
            None if field.presence == Presence::Required => return Err(place.missing()),
            None => {}
        }
    }
    Ok(())
}

/// A member's place and title, as the messages name them.
struct Place {
    source: Source,
    path: String,
    title: String,
}

impl Place {
    fn root(source: Source) -> Self {
        Self {
            source,
            path: format!("/{}", source.name()),
            title: String::new(),
        }
    }

    fn member(&self, name: impl fmt::Display, title: &str) -> Self {
        Self {
            source: self.source,
            path: format!("{}/{name}", self.path),
            title: title.to_owned(),
        }
    }

    fn judge(&self, value: &Value, rule: &Rule) -> Result<(), Refusal> {
        match (rule, value) {
            (Rule::Text(rule), Value::String(text)) => self.text(text, *rule),
            (Rule::Word(words), Value::String(text)) => self.word(text, words),
            (Rule::Time, Value::String(text)) => self.time(text),
            (Rule::Integer { min, max }, Value::Number(number)) => {
                let whole = number.as_i64().ok_or_else(|| self.bad_type(value, rule))?;
                self.integer(whole, *min, *max)
            }
            (Rule::Flag, Value::Bool(_)) => Ok(()),
            (Rule::Object(fields), Value::Object(members)) => walk(members, fields, self),
            (Rule::BoundedObject { fields, max_bytes }, Value::Object(members)) => {
                self.bytes(value.to_string().len(), *max_bytes)?;
                walk(members, fields, self)
            }
            (Rule::List(item), Value::Array(values)) => {
                let judge = |(index, value)| self.member(index, &self.title).judge(value, item);
                values.iter().enumerate().try_for_each(judge)
            }
            _ => Err(self.bad_type(value, rule)),
        }
    }

    fn text(&self, text: &str, rule: Text) -> Result<(), Refusal> {
        let length = text.len();
        if length < rule.min && rule.min == 1 {
            let why = "字符串规则校验失败，字符数 0，小于最小值 1";
            return Err(self.fault("值字段", why, 0, OUT_OF_RANGE));
        }
        if length < rule.min {
            let why = format!(
                "字符串规则校验失败，字节数 {length}，小于最小值 {}",
                rule.min
            );
            return Err(self.fault("值字段", &why, length, OUT_OF_RANGE));
        }
        self.bytes(length, rule.max)?;
        match rule.pattern {
            Some(pattern) if !(pattern.accepts)(text) => {
                let source = pattern.source;
                let why = format!("字符串规则校验失败，字符串必须匹配正则表达式“{source}”");
                Err(self.fault("值字段", &why, text, ILLEGAL_PARAMETER))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn bytes(&self, length: usize, max: usize) -> Result<(), Refusal> {
        if length <= max {
            return Ok(());
        }
        let why = format!("字符串规则校验失败，字节数 {length}，大于最大值 {max}");
        Err(self.fault("值字段", &why, length, OUT_OF_RANGE))
    }

    fn word(&self, text: &str, words: &[&str]) -> Result<(), Refusal> {
        if words.contains(&text) {
            return Ok(());
        }
        let why = format!("枚举规则校验失败，取值必须是“{}”之一", words.join("|"));
        Err(self.fault("值字段", &why, text, ILLEGAL_PARAMETER))
    }

    fn time(&self, text: &str) -> Result<(), Refusal> {
        if text.len() <= 64 && text.parse::<jiff::Timestamp>().is_ok() {
            return Ok(());
        }
        let why = "规则校验失败，必须遵循RFC3339标准格式";
        Err(self.fault("时间字段", why, text, ILLEGAL_PARAMETER))
    }

    fn integer(&self, number: i64, min: i64, max: i64) -> Result<(), Refusal> {
        if number < min {
            let why = format!("规则校验失败，值低于最小值 {min}");
            return Err(self.fault("数值字段", &why, number, OUT_OF_RANGE));
        }
        if number > max {
            let why = format!("规则校验失败，值高于最大值 {max}");
            return Err(self.fault("数值字段", &why, number, OUT_OF_RANGE));
        }
        Ok(())
    }

    fn missing(&self) -> Refusal {
        let why = "必填性规则校验失败，此字段为必填项";
        self.fault("字段", why, "", ILLEGAL_PARAMETER)
    }

    fn bad_type(&self, value: &Value, rule: &Rule) -> Refusal {
        let wanted = match rule {
            Rule::Text(_) | Rule::Word(_) => "字符串",
            Rule::Time => "时间字符串",
            Rule::Integer { .. } => "64 位有符号整数",
            Rule::Flag => "布尔值",
            Rule::Object(_) | Rule::BoundedObject { .. } => "对象",
            Rule::List(_) => "数组",
        };
        let Self { path, title, .. } = self;
        let message =
            format!("无法将输入源“{path}”映射到目标字段“{title}”中，此字段需要一个合法的 {wanted}");
        Refusal::parameter(message, ILLEGAL_PARAMETER)
            .with_detail(json!({ "location": self.source.name(), "value": value }))
    }

    fn fault(&self, kind: &str, why: &str, value: impl Serialize, internal: u32) -> Refusal {
        let Self { path, title, .. } = self;
        Refusal::parameter(
            format!("输入源“{path}”映射到{kind}“{title}”{why}"),
            internal,
        )
        .with_detail(json!({ "location": self.source.name(), "value": value }))
    }
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
