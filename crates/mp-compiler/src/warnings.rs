//! What WeChat's own compilers complain about, as issues.

use glass_easel_stylesheet_compiler::error::{
    ParseError as SheetError, ParseErrorKind as SheetKind,
};
use glass_easel_template_compiler::parse::{ParseError, ParseErrorLevel};

use crate::issue::{Issue, IssueCode, Place};

/// From level 2 (“should be a mistake”) on everything counts: the compiler guesses on, and WeChat's
/// older one refuses.
pub(crate) fn of_template(file: &str, source: &str, errors: &[ParseError]) -> Vec<Issue> {
    let serious = errors
        .iter()
        .filter(|error| error.level() >= ParseErrorLevel::Warn);
    serious
        .map(|error| template_issue(file, source, error))
        .collect()
}

fn template_issue(file: &str, _source: &str, error: &ParseError) -> Issue {
    let (line, column) = error.location.start.line_col_utf16();
    let place = Place::from_zero(line, column);
    let what = error.kind.to_string();
    Issue::error(IssueCode::WxmlSyntax, file).at(place).says(
        format!("WXML 语法错误：{what}。"),
        format!("WXML does not parse: {what}."),
    )
}

/// The complaints about one style sheet.
pub(crate) fn of_sheet(file: &str, errors: &[SheetError]) -> Vec<Issue> {
    let serious = errors.iter().filter(|error| match error.kind {
        SheetKind::UnexpectedCharacter | SheetKind::HostSelectorCombination => true,
        // Imports are inlined before.
        SheetKind::IllegalImportPosition => false,
    });
    serious.map(|error| sheet_issue(file, error)).collect()
}

fn sheet_issue(file: &str, error: &SheetError) -> Issue {
    let (line, column) = error.location.start.line_col_utf16();
    let place = Place::from_zero(line, column);
    let what = error.kind.to_string();
    Issue::error(IssueCode::WxssSyntax, file).at(place).says(
        format!("WXSS 语法错误：{what}。"),
        format!("WXSS does not parse: {what}."),
    )
}
