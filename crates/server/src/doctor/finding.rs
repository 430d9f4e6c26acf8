//! An answer of the doctor, and how it is shown to people and to machines.

use std::io::{self, Write};

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Good,
    /// Works, or works here, but somebody should look.
    Warning,
    /// Payments will fail.
    Bad,
    /// Could not be asked (offline, or an earlier answer is missing).
    NotAsked,
}

/// What was asked. The names are stable: scripts match them in `--json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    Configuration,
    Hosts,
    Proxy,
    Database,
    PrivateKey,
    Certificate,
    SerialNo,
    ApiV3Key,
    PublicKey,
    KeyMode,
    NotifyUrl,
    SignedRequest,
    ClockSkew,
    Login,
}

/// The same sentence twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Words {
    pub zh: String,
    pub en: String,
}

/// Shorthand for [`Words`].
pub fn words(zh: impl Into<String>, en: impl Into<String>) -> Words {
    Words {
        zh: zh.into(),
        en: en.into(),
    }
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub question: Question,
    /// The merchant key, when the question is about one merchant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant: Option<String>,
    pub verdict: Verdict,
    pub answer: Words,
    /// What to do; empty when all is well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<Words>,
}

impl Finding {
    fn new(question: Question, verdict: Verdict, answer: Words) -> Finding {
        Finding {
            question,
            merchant: None,
            verdict,
            answer,
            advice: Vec::new(),
        }
    }

    pub fn good(question: Question, answer: Words) -> Finding {
        Finding::new(question, Verdict::Good, answer)
    }

    pub fn warning(question: Question, answer: Words) -> Finding {
        Finding::new(question, Verdict::Warning, answer)
    }

    pub fn bad(question: Question, answer: Words) -> Finding {
        Finding::new(question, Verdict::Bad, answer)
    }

    pub fn not_asked(question: Question, answer: Words) -> Finding {
        Finding::new(question, Verdict::NotAsked, answer)
    }

    #[must_use]
    pub fn advise(mut self, advice: Words) -> Finding {
        self.advice.push(advice);
        self
    }

    #[must_use]
    pub fn of(mut self, merchant: &str) -> Finding {
        self.merchant = Some(merchant.to_owned());
        self
    }
}

fn mark(verdict: Verdict) -> char {
    match verdict {
        Verdict::Good => '✓',
        Verdict::Warning => '!',
        Verdict::Bad => '✗',
        Verdict::NotAsked => '–',
    }
}

/// One line per question, advice indented below.
///
/// # Errors
/// Only those of `out`.
pub fn write_text(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    for finding in findings {
        let Words { zh, en } = &finding.answer;
        let merchant = finding
            .merchant
            .as_ref()
            .map(|key| format!("[{key}] "))
            .unwrap_or_default();
        writeln!(out, "{} {merchant}{zh} · {en}", mark(finding.verdict))?;
        for Words { zh, en } in &finding.advice {
            writeln!(out, "    → {zh}\n      {en}")?;
        }
    }
    let (bad, warnings) = (
        count(findings, Verdict::Bad),
        count(findings, Verdict::Warning),
    );
    writeln!(
        out,
        "{bad} 项错误，{warnings} 项警告 · {bad} bad, {warnings} to look at"
    )
}

/// `{"ok": …, "findings": […]}`.
///
/// # Errors
/// Only those of `out`.
pub fn write_json(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let report = serde_json::json!({ "ok": all_well(findings), "findings": findings });
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

fn count(findings: &[Finding], verdict: Verdict) -> usize {
    findings
        .iter()
        .filter(|finding| finding.verdict == verdict)
        .count()
}

/// Whether the command ends with success: warnings are for people, not for scripts.
pub fn all_well(findings: &[Finding]) -> bool {
    count(findings, Verdict::Bad) == 0
}
