//! The page that people read.

use super::catalogue::{Catalogue, Row};
use super::shown::Shown;

const HEAD: &str = "\
# Faults 故障目录

What can go wrong around a payment, what must happen then, and the tests that show that it does.
Written by `cargo xtask faults` from [the catalogue](../xtask/src/faults/catalogue.toml) and from
the tests whose names begin with a row; `cargo xtask tidy` fails when a row has none.

支付过程中可能出的错、必须的处理，以及证明它的测试。本页由 `cargo xtask faults` 生成；
某一行没有测试时 `cargo xtask tidy` 报错。

Most tests run twice, on SQLite and on PostgreSQL. To run those of one row, here `N04`:

```sh
cargo test --workspace n04_
```
";

pub(super) fn page(catalogue: &Catalogue, shown: &[Shown]) -> String {
    let mut page = HEAD.to_owned();
    page.push_str("\n| | 故障 fault | rows | tests |\n|---|---|---|---|\n");
    for group in &catalogue.groups {
        let of_group = |test: &&Shown| test.row.starts_with(group.letter);
        let tests = shown.iter().filter(of_group).count();
        let (rows, title) = (group.rows().count(), title(group.zh.as_str(), &group.en));
        page.push_str(&format!(
            "| {} | {title} | {rows} | {tests} |\n",
            group.letter
        ));
    }
    for group in &catalogue.groups {
        let title = title(&group.zh, &group.en);
        page.push_str(&format!("\n## {} {title}\n", group.letter));
        for row in group.rows() {
            page.push_str(&section(row, shown));
        }
    }
    page
}

fn title(zh: &str, en: &str) -> String {
    format!("{zh} {en}")
}

fn section(row: Row<'_>, shown: &[Shown]) -> String {
    let (name, title) = (row.name(), title(row.zh, row.en));
    let mut section = format!("\n### {name} {title}\n\n{}\n\n", row.must);
    let of_row: Vec<_> = shown.iter().filter(|test| test.row == name).collect();
    if of_row.is_empty() {
        section.push_str("* no test yet\n");
    }
    for test in of_row {
        section.push_str(&format!(
            "* [`{}`](../{}): {}\n",
            test.name, test.path, test.says
        ));
    }
    section
}
