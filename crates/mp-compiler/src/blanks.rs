//! Blanks beyond ASCII, such as the wide one of Chinese keyboards, on their way through the
//! template compiler: 0.12.1 never returns when it meets one between attributes. They travel as
//! code points that Unicode has set aside to mean nothing, and are put back afterwards.

/// First of 32 code points that are no characters (U+FDD0 to U+FDEF), one for each blank.
const FIRST: u32 = 0xFDD0;

/// Every character beyond ASCII that `char::is_whitespace` knows. All are one UTF-16 unit, as are
/// their stand-ins, so that columns hold.
const BLANKS: [char; 19] = [
    '\u{85}', '\u{a0}', '\u{1680}', '\u{2000}', '\u{2001}', '\u{2002}', '\u{2003}', '\u{2004}',
    '\u{2005}', '\u{2006}', '\u{2007}', '\u{2008}', '\u{2009}', '\u{200a}', '\u{2028}', '\u{2029}',
    '\u{202f}', '\u{205f}', '\u{3000}',
];

pub(crate) fn hide(source: &str) -> String {
    let stand_in = |c: char| {
        let index = BLANKS.iter().position(|blank| *blank == c);
        let code = index.and_then(|index| FIRST.checked_add(u32::try_from(index).ok()?));
        code.and_then(char::from_u32).unwrap_or(c)
    };
    source.chars().map(stand_in).collect()
}

/// Puts the blanks back: as they are, or where the compiler has written `\u{fdd0}`, as `\u{3000}`.
pub(crate) fn show(generated: &str) -> String {
    let mut shown = generated.to_owned();
    for (code, blank) in (FIRST..).zip(BLANKS) {
        if let Some(stand_in) = char::from_u32(code) {
            shown = shown.replace(stand_in, &blank.to_string());
            let escape = stand_in.escape_unicode().to_string();
            shown = shown.replace(&escape, &blank.escape_unicode().to_string());
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_blank_goes_and_comes_back() {
        let all: String = ('\u{80}'..=char::MAX)
            .filter(|c| c.is_whitespace())
            .collect();
        let hidden = hide(&all);
        assert!(!hidden.contains(char::is_whitespace));
        assert_eq!(show(&hidden), all);
        assert_eq!(show(&format!("{:?}", hide("\u{3000}"))), "\"\\u{3000}\"");
        assert_eq!(hide("a b\n中"), "a b\n中");
    }
}
