//! The file as rows: CSV or JSON, told apart by the first character. Pure functions over text.

use std::collections::BTreeMap;
use std::fmt;

use super::row::{COLUMNS, Cells, GoodsRow, REQUIRED};

/// A catalogue beyond this is not for a command that holds it in memory.
const MAX_ROWS: usize = 100_000;
/// More lines than this say that the whole file is meant otherwise.
const MAX_TOLD: usize = 100;

/// Everything that is wrong with the file; nothing of it was imported.
#[derive(Debug, PartialEq, Eq)]
pub struct FileProblems(pub Vec<String>);

impl std::error::Error for FileProblems {}

impl fmt::Display for FileProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "nothing was imported, the file has {} problem(s)",
            self.0.len()
        )?;
        for problem in self.0.iter().take(MAX_TOLD) {
            write!(f, "\n  - {problem}")?;
        }
        match self.0.len().checked_sub(MAX_TOLD) {
            Some(more) if more > 0 => write!(f, "\n  … and {more} more"),
            _ => Ok(()),
        }
    }
}

/// Reads a whole file.
///
/// # Errors
/// Every faulty line, not only the first.
pub fn parse(text: &str) -> Result<Vec<GoodsRow>, FileProblems> {
    // Excel marks UTF-8 with an invisible first character.
    let text = text.trim_start_matches('\u{feff}');
    let lines = if text.trim_start().starts_with(['[', '{']) {
        json(text)
    } else {
        csv(text)
    }?;
    if lines.len() > MAX_ROWS {
        return Err(FileProblems(vec![format!(
            "{} rows, at most {MAX_ROWS}",
            lines.len()
        )]));
    }
    check(lines)
}

/// Where a line stands, for messages, and what is in it or why it cannot be read.
type Line = (String, Result<Cells, String>);

fn check(lines: Vec<Line>) -> Result<Vec<GoodsRow>, FileProblems> {
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (place, cells) in lines {
        match cells.map_err(|fault| vec![fault]).and_then(Cells::check) {
            Err(faults) => problems.extend(faults.iter().map(|fault| format!("{place}: {fault}"))),
            Ok(row) => {
                let id = row.goods_id.as_str().to_owned();
                if let Some(first) = seen.get(&id) {
                    problems.push(format!(
                        "{place}: goods_id `{id}` stands in {first} already"
                    ));
                } else {
                    seen.insert(id, place);
                    rows.push(row);
                }
            }
        }
    }
    if problems.is_empty() {
        Ok(rows)
    } else {
        Err(FileProblems(problems))
    }
}

fn csv(text: &str) -> Result<Vec<Line>, FileProblems> {
    let whole = |error: csv::Error| FileProblems(vec![error.to_string()]);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns = columns(reader.headers().map_err(whole)?)?;
    let mut lines = Vec::new();
    for record in reader.records().take(MAX_ROWS + 1) {
        lines.push(match record {
            Err(error) => (place(error.position()), Err(csv_fault(&error))),
            Ok(record) => {
                let mut cells = Cells::default();
                for (column, text) in columns.iter().zip(&record) {
                    cells.set(*column, text);
                }
                (place(record.position()), Ok(cells))
            }
        });
    }
    Ok(lines)
}

fn place(position: Option<&csv::Position>) -> String {
    position.map_or_else(
        || "line ?".to_owned(),
        |position| format!("line {}", position.line()),
    )
}

fn csv_fault(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!(
            "{len} cells instead of {expected_len}; put a text that holds a comma in double quotes"
        ),
        _ => error.to_string(),
    }
}

/// Which of [`COLUMNS`] each column of the file is.
fn columns(header: &csv::StringRecord) -> Result<Vec<usize>, FileProblems> {
    let find = |name: &str| COLUMNS.iter().position(|known| *known == name);
    let mut problems = Vec::new();
    let mut found = Vec::new();
    for name in header {
        match find(name) {
            Some(column) if found.contains(&column) => {
                problems.push(format!("line 1: column `{name}` stands there twice"));
            }
            Some(column) => found.push(column),
            None => problems.push(unknown_column(name)),
        }
    }
    for name in REQUIRED {
        if !header.iter().any(|column| column == name) {
            problems.push(format!("line 1: column `{name}` is missing"));
        }
    }
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(FileProblems(problems))
    }
}

fn unknown_column(name: &str) -> String {
    let known = COLUMNS.join(", ");
    match name {
        "price" | "price_yuan" => {
            format!("line 1: `{name}` is unclear; call it price_fen and state it in fen (分)")
        }
        _ => format!("line 1: there is no column `{name}`; known: {known}"),
    }
}

fn json(text: &str) -> Result<Vec<Line>, FileProblems> {
    let items: Vec<serde_json::Value> = serde_json::from_str(text)
        .map_err(|error| FileProblems(vec![format!("not a JSON array of objects: {error}")]))?;
    let line = |(index, item): (usize, &serde_json::Value)| {
        (format!("item {}", index + 1), json_cells(item))
    };
    Ok(items.iter().enumerate().map(line).collect())
}

fn json_cells(item: &serde_json::Value) -> Result<Cells, String> {
    let Some(members) = item.as_object() else {
        return Err("is not an object".to_owned());
    };
    let mut cells = Cells::default();
    for (name, value) in members {
        let Some(column) = COLUMNS.iter().position(|known| known == name) else {
            return Err(format!(
                "there is no member `{name}`; known: {}",
                COLUMNS.join(", ")
            ));
        };
        match value {
            serde_json::Value::Null => {}
            serde_json::Value::String(text) => cells.set(column, text),
            serde_json::Value::Number(number) => cells.set(column, &number.to_string()),
            serde_json::Value::Bool(_)
            | serde_json::Value::Array(_)
            | serde_json::Value::Object(_) => {
                return Err(format!("`{name}` is neither text nor a number"));
            }
        }
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn problems(text: &str) -> Vec<String> {
        parse(text).expect_err("faulty").0
    }

    #[test]
    fn csv_and_json_say_the_same() {
        let csv = "\u{feff}goods_id, title ,price_fen,stock,image\r\n\
                   latte,\"拿铁, Latte\",1790,,\r\nmug,Mug,4900,12,https://cdn.example.com/m.png\r\n";
        let json = r#"[{"goods_id":"latte","title":"拿铁, Latte","price_fen":1790,"stock":null},
            {"goods_id":"mug","title":"Mug","price_fen":4900,"stock":12,
             "image":"https://cdn.example.com/m.png"}]"#;
        let rows = parse(csv).expect("lawful");
        assert_eq!(rows, parse(json).expect("lawful"));
        assert_eq!((rows[0].price.get(), rows[0].stock), (1790, None));
        assert_eq!(rows[1].stock, Some(12));
    }

    #[test]
    fn every_faulty_line_is_told() {
        let csv = "goods_id,title,price_fen,stock,image\n\
                   latte,Latte,17.90,,\n,Mug,x,-1,ftp://x\nlatte,Tea,100,,\nlatte,Tea,0,,\n\
                   tea,Tea\ntea,Tea,100,,\ntea,Tea,100,,\nhuge,Huge,9999999999999,,\n";
        let told = problems(csv).join("\n");
        for expected in [
            "line 2: price_fen: is in fen (分): write 1790 for 17.90 yuan",
            "line 3: goods_id is missing",
            "line 3: price_fen: `x` is not a whole number of fen",
            "line 3: image: must start with https://",
            "line 3: stock: `-1` is not a number of pieces",
            "line 5: price_fen: must be at least 1 fen",
            "line 6: 2 cells instead of 5",
            "line 8: goods_id `tea` stands in line 7 already",
            "line 9: price_fen: ",
        ] {
            assert!(told.contains(expected), "{expected}\nnot in\n{told}");
        }
    }

    #[test]
    fn columns_are_known_complete_and_single() {
        let told = problems("goods_id,title,price,title,colour\nx,y,1,z,red\n").join("\n");
        for expected in [
            "`price` is unclear; call it price_fen",
            "column `title` stands there twice",
            "there is no column `colour`",
            "column `price_fen` is missing",
        ] {
            assert!(told.contains(expected), "{expected}\nnot in\n{told}");
        }
    }

    #[test]
    fn json_that_is_no_list_of_goods_is_refused() {
        assert!(problems("{\"goods_id\":1}")[0].contains("not a JSON array"));
        assert!(problems("[1]")[0].contains("item 1: is not an object"));
        assert!(problems("[{\"color\":1}]")[0].contains("no member `color`"));
        let fraction = problems("[{\"goods_id\":\"a\",\"title\":\"A\",\"price_fen\":17.5}]");
        assert!(
            fraction[0].contains("not a whole number of fen"),
            "{fraction:?}"
        );
    }

    #[test]
    fn no_text_makes_it_panic() {
        let csv = "goods_id,title,price_fen\nlatte,\"拿铁\",1790\n";
        let json = r#"[{"goods_id":"latte","title":"拿铁","price_fen":1790}]"#;
        for whole in [csv, json, "\u{feff}", "[[[[", "\"", "\0,\0\n"] {
            for at in (0..=whole.len()).filter(|at| whole.is_char_boundary(*at)) {
                drop(parse(&whole[..at]));
                drop(parse(&whole[at..]));
            }
        }
    }
}
