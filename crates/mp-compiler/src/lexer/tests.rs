use super::*;

fn texts(source: &str) -> Vec<&str> {
    lex(source).tokens.iter().map(|token| token.text).collect()
}

#[test]
fn scripts_are_cut_into_tokens() {
    let rows: &[(&str, &[&str])] = &[
        ("var a=1.5e-3;", &["var", "a", "=", "1.5e-3", ";"]),
        ("a?.b??c", &["a", "?.", "b", "??", "c"]),
        ("a?.5:1", &["a", "?", ".", "5", ":", "1"]),
        ("'it\\'s' // no\n/* no */x", &["'it\\'s'", "x"]),
        ("`a${b}c${`d`}`", &["`a${", "b", "}c${", "`d`", "}`"]),
        ("x = a / b / c", &["x", "=", "a", "/", "b", "/", "c"]),
        (
            "x = /[/'\"]/g.test(y)",
            &["x", "=", "/[/'\"]/g", ".", "test", "(", "y", ")"],
        ),
        (
            "if (a) /'/.test(b)",
            &["if", "(", "a", ")", "/'/", ".", "test", "(", "b", ")"],
        ),
        ("(a) / 2 / 3", &["(", "a", ")", "/", "2", "/", "3"]),
        (
            "a.return / 2 / 3",
            &["a", ".", "return", "/", "2", "/", "3"],
        ),
        ("名 = '值'", &["名", "=", "'值'"]),
    ];
    for (source, expected) in rows {
        assert_eq!(texts(source), *expected, "{source}");
        assert_eq!(lex(source).fault, None, "{source}");
    }
}

#[test]
fn what_does_not_close_is_found() {
    let rows = [
        ("a = 'b", Fault::Text, 4),
        ("a = 'b\n'", Fault::Text, 4),
        ("/* a", Fault::Comment, 0),
        ("`a", Fault::Template, 0),
        ("`a${b", Fault::Template, 0),
        ("f(a", Fault::Unclosed('('), 1),
        ("f(a]", Fault::Unclosed('('), 1),
        ("f(a))", Fault::Unmatched(')'), 4),
        ("}", Fault::Unmatched('}'), 0),
    ];
    for (source, fault, at) in rows {
        assert_eq!(lex(source).fault, Some((fault, at)), "{source}");
    }
}
