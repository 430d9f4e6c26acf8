//! The one script that the browser loads.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::app::App;
use crate::issue::Issue;
use crate::lexer::{Token, lex};
use crate::units::Unit;

/// What each module is given. The runtime passes the first eleven; the rest stay `undefined`, so
/// that code for browsers fails here as it does on a phone.
const PARAMETERS: &str = "require,module,exports,App,Page,Component,Behavior,getApp,\
    getCurrentPages,wx,global,window,self,globalThis,document,location,navigator,history,\
    localStorage,sessionStorage,indexedDB,fetch,XMLHttpRequest,WebSocket,alert,confirm,prompt,\
    open,parent,top,frames";

/// What goes into it.
pub(crate) struct Parts<'a> {
    pub(crate) app: &'a App,
    pub(crate) units: &'a [Unit],
    /// Path to text.
    pub(crate) modules: &'a BTreeMap<String, Rc<str>>,
    pub(crate) templates: &'a str,
    /// Component to class prefix.
    pub(crate) prefixes: &'a BTreeMap<String, String>,
    pub(crate) issues: &'a [Issue],
}

pub(crate) fn write(parts: &Parts<'_>) -> String {
    let mut out = String::new();
    let mut lines = Vec::new();
    let mut line = 1;
    for (path, text) in parts.modules {
        lines.push((path, line));
        // The source begins on the line of the wrapper, so that its line numbers hold. The block
        // lets it say `const confirm`, which a parameter of that name would forbid; a directive
        // would mean nothing in there, hence before it.
        let strict = if is_strict(text) { "'use strict';" } else { "" };
        let module = format!(
            "miniProgram.module({}, function({PARAMETERS}){{{strict}{{{text}\n}}}});\n",
            quoted(path)
        );
        line += module.matches('\n').count();
        out.push_str(&module);
    }
    let description = describe(parts, &json!(lines));
    out.push_str(&format!(
        "miniProgram.templates({});\nminiProgram.describe({description});\n",
        parts.templates
    ));
    out
}

fn is_strict(text: &str) -> bool {
    let first = lex(text).tokens.first().and_then(Token::string);
    first == Some("use strict")
}

fn describe(parts: &Parts<'_>, lines: &Value) -> Value {
    let of = |wanted: fn(&Unit) -> bool| -> serde_json::Map<String, Value> {
        let units = parts.units.iter().filter(|unit| wanted(unit));
        units
            .map(|unit| (unit.path.clone(), unit_of(unit)))
            .collect()
    };
    json!({
        "app": parts.app.json,
        "theme": parts.app.theme,
        "pages": of(|unit| unit.is_page),
        "components": of(|unit| unit.is_component),
        "styles": parts.prefixes,
        "lines": lines,
        "issues": parts.issues,
    })
}

fn unit_of(unit: &Unit) -> Value {
    json!({
        "json": unit.json,
        "components": unit.components,
        "generics": unit.generics,
    })
}

/// A string of the language, quotes included.
pub(crate) fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
