//! What WeChat's own template compiler complains about, as issues.

use glass_easel_template_compiler::parse::{ParseError, ParseErrorKind as Kind, ParseErrorLevel};

use crate::issue::{Issue, IssueCode, Issues, Place};

/// From level 2 (“should be a mistake”) on everything counts: this compiler guesses on, where
/// WeChat's older one refuses. Lines that our own rules have spoken about are left alone.
pub(crate) fn of_template(file: &str, errors: &[ParseError], issues: &mut Issues) {
    let mut found = Vec::new();
    for error in errors {
        let (line, column) = error.location.start.line_col_utf16();
        let place = Place::from_zero(line, column);
        if error.level() >= ParseErrorLevel::Warn && !issues.has_at(file, place) {
            found.push(template_issue(file, place, &error.kind));
        }
        if issues.is_full() {
            break;
        }
    }
    issues.extend(found);
}

fn template_issue(file: &str, place: Place, kind: &Kind) -> Issue {
    let (code, zh) = template_words(kind);
    // These three WeChat takes without a word; what it makes of them is another matter.
    let issue = match kind {
        Kind::DuplicatedAttribute | Kind::EmptyExpression | Kind::InvalidAttributePrefix => {
            Issue::warning(code, file)
        }
        _ => Issue::error(code, file),
    };
    let en = format!("WXML: {kind}; correct it here.");
    issue
        .at(place)
        .says(format!("WXML：{zh}；请改正此处。"), en)
}

fn template_words(kind: &Kind) -> (IssueCode, &'static str) {
    let syntax = |zh| (IssueCode::WxmlSyntax, zh);
    match kind {
        Kind::UnexpectedCharacter => syntax("意外的字符"),
        Kind::UnexpectedExpressionCharacter => syntax("{{ }} 里有意外的字符"),
        Kind::UnknownMetaTag => syntax("未知的 <! 标签"),
        Kind::MissingExpressionEnd => syntax("{{ 没有以 }} 结束"),
        Kind::IllegalEntity => syntax("无效的实体；& 请写成 &amp; 或放进数据"),
        Kind::IncompleteTag => syntax("标签不完整"),
        Kind::MissingEndTag => (IssueCode::MissingEndTag, "缺少结束标签"),
        Kind::IllegalNamePrefix => syntax("标签名不能带前缀"),
        Kind::InvalidAttributePrefix => (IssueCode::UnknownPrefix, "未知的属性前缀"),
        Kind::InvalidAttributeName => syntax("无效的属性名"),
        Kind::InvalidAttributeValue => syntax("无效的属性值"),
        Kind::InvalidAttribute => syntax("此处不能用这个属性"),
        Kind::DuplicatedAttribute => (IssueCode::DuplicateAttribute, "重复的属性"),
        Kind::DuplicatedName => syntax("重复的名称"),
        Kind::AvoidUppercaseLetters => syntax("请勿用大写字母"),
        Kind::UnexpectedWhitespace => syntax("意外的空白"),
        Kind::MissingAttributeValue => syntax("缺少属性值"),
        Kind::DataBindingNotAllowed => syntax("这个属性不能用数据绑定"),
        Kind::InvalidIdentifier => syntax("无效的标识符"),
        Kind::InvalidScopeName => syntax("无效的变量名"),
        Kind::ChildNodesNotAllowed => syntax("这个标签里不能有内容"),
        Kind::IllegalEscapeSequence => syntax("无效的转义"),
        Kind::IncompleteConditionExpression => syntax("条件表达式不完整"),
        Kind::UnmatchedBracket => syntax("括号不配对"),
        Kind::UnmatchedParenthesis => syntax("圆括号不配对"),
        Kind::MissingModuleName => syntax("缺少 module"),
        Kind::MissingSourcePath => syntax("缺少 src"),
        Kind::UnsupportedSyntax => syntax("不支持的语法"),
        Kind::ShouldQuoted => (IssueCode::UnquotedAttribute, "属性值须加引号"),
        Kind::EmptyExpression => (IssueCode::EmptyExpression, "{{ }} 是空的"),
        Kind::InvalidEndTag => (IssueCode::StrayEndTag, "结束标签没有对应的开始标签"),
    }
}
