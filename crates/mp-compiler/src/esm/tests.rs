use super::translate;
use crate::lexer::lex;

fn translated(text: &str) -> String {
    let tokens = lex(text).tokens;
    let module = translate(text, &tokens).expect("an ES module");
    let module = module.map_err(|at| format!("not understood at {at}"));
    module
        .map(|module| module.text)
        .unwrap_or_else(|error| error)
}

#[test]
fn imports_come_first_and_leave_their_lines() {
    let rows = [
        ("import './a'", "'use strict';require.imports(\"./a\",[]);"),
        (
            "import a from './a'",
            "'use strict';let a;require.imports(\"./a\",[[\"default\",v=>{a=v}]]);",
        ),
        (
            "import * as a from './a'",
            "'use strict';let a;require.imports(\"./a\",[[\"*\",v=>{a=v}]]);",
        ),
        (
            "import a, {b, c as d,} from './a'",
            "'use strict';let a,b,d;require.imports(\"./a\",[[\"default\",v=>{a=v}],\
             [\"b\",v=>{b=v}],[\"c\",v=>{d=v}]]);",
        ),
    ];
    for (text, head) in rows {
        assert_eq!(translated(text).trim_end(), head, "{text}");
    }
    let lines = translated("import {\n a,\n b\n} from './a';\nrun(a)");
    assert_eq!(lines.lines().nth(4), Some("run(a)"));
}

#[test]
fn exports_are_looked_up_when_somebody_asks() {
    let rows = [
        ("export const a = 1, b = f(2, 3)", "\"a\":()=>a,\"b\":()=>b"),
        ("export const a = 1\nf(), g()", "\"a\":()=>a"),
        (
            "export let {a, b: c, d = e, ...f} = g",
            "\"a\":()=>a,\"c\":()=>c,\"d\":()=>d,\"f\":()=>f",
        ),
        ("export async function f() {}", "\"f\":()=>f"),
        ("export class C {}", "\"C\":()=>C"),
        (
            "export {a, b as c, d as default}",
            "\"a\":()=>a,\"c\":()=>b,\"default\":()=>d",
        ),
        ("export default class C {}", "\"default\":()=>C"),
        ("export default function* f() {}", "\"default\":()=>f"),
        (
            "export default class extends C {}",
            "\"default\":()=>__default",
        ),
        ("export default {}", "\"default\":()=>__default"),
        ("export default async () => {}", "\"default\":()=>__default"),
        ("export {a as b} from './a'", "\"b\":()=>__from0[\"a\"]"),
        ("export * as a from './a'", "\"a\":()=>__from0"),
        ("export * from './a'", ""),
    ];
    for (text, getters) in rows {
        let expected = format!("require.exports({{{getters}}});");
        let found = translated(text);
        assert!(found.contains(&expected), "{text}: {found}");
        assert!(!found.contains("export "), "{text}: {found}");
    }
    assert!(translated("export default {a: 1}").ends_with("__default = {a: 1}"));
}

#[test]
fn other_words_are_no_modules() {
    for text in [
        "import('./a')",
        "a.import; b.export",
        "import.meta",
        "f(export_)",
        "({export: 1})",
    ] {
        assert!(translate(text, &lex(text).tokens).is_none(), "{text}");
    }
    for text in [
        "import a, from",
        "export 1",
        "import {a b} from './a'",
        "export",
        "import x = y",
    ] {
        assert!(translated(text).starts_with("not understood"), "{text}");
    }
}
