//! What `wx.login` returns: a code that lives five minutes and serves once.
//!
//! Source: developers.weixin.qq.com/miniprogram/dev, `code2Session`.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::chance::Chance;
use crate::clock::later;

/// Five minutes.
pub(super) const LOGIN_CODE_SECONDS: i64 = 300;
/// How long a code is remembered, so that "used" and "expired" can be told from "never was".
const MEMORY_SECONDS: i64 = 3600;
/// Looking for forgotten codes costs a walk, so it waits until there is this much to find.
const SWEEP_AT: usize = 10_000;

/// Handed-out codes.
#[derive(Debug, Default)]
pub(crate) struct CodeBook(HashMap<String, Code>);

#[derive(Debug)]
struct Code {
    appid: String,
    person: String,
    issued_at: Timestamp,
    used: bool,
}

/// Why a code gives no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeFault {
    /// Never handed out, for another mini program, or older than five minutes.
    Invalid,
    /// Handed in before.
    Used,
}

impl CodeBook {
    /// A code for somebody who opens a mini program.
    pub(crate) fn issue(
        &mut self,
        chance: &Chance,
        (appid, person): (&str, &str),
        now: Timestamp,
    ) -> String {
        if self.0.len() >= SWEEP_AT {
            self.0
                .retain(|_, code| now < later(code.issued_at, MEMORY_SECONDS));
        }
        let text = format!("0{}", chance.letters(31));
        let code = Code {
            appid: appid.to_owned(),
            person: person.to_owned(),
            issued_at: now,
            used: false,
        };
        self.0.insert(text.clone(), code);
        text
    }

    /// Who a code was handed out to, whatever has become of it.
    pub(crate) fn person_of(&self, text: &str) -> Option<&str> {
        self.0.get(text).map(|code| code.person.as_str())
    }

    /// Hands a code in: the name of the person, once.
    pub(crate) fn redeem(
        &mut self,
        appid: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<String, CodeFault> {
        let code = self.0.get_mut(text).ok_or(CodeFault::Invalid)?;
        if code.appid != appid || now >= later(code.issued_at, LOGIN_CODE_SECONDS) {
            return Err(CodeFault::Invalid);
        }
        if std::mem::replace(&mut code.used, true) {
            return Err(CodeFault::Used);
        }
        Ok(code.person.clone())
    }
}
