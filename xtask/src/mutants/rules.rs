//! What tidy holds the list to, so that it cannot rot: a guard that moved is found at once.

use std::collections::BTreeSet;

use super::list::{FOLDER, Mutant, SWITCH, read};
use super::simulator;
use crate::cargo;
use crate::tidy::{Finding, Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    match read(&cargo::root()) {
        Ok(mutants) => findings(tree, &mutants),
        Err(error) => vec![Finding::new(FOLDER, 1, format!("{error:#}"))],
    }
}

fn findings(tree: &Tree, mutants: &[Mutant]) -> Vec<Finding> {
    let mut names = BTreeSet::new();
    let mut findings = Vec::new();
    for mutant in mutants {
        let mut find = |what: String| {
            findings.push(Finding::new(
                FOLDER,
                1,
                format!("`{}`: {what}", mutant.name),
            ));
        };
        if !names.insert(&mutant.name) {
            find("two have this name".to_owned());
        }
        match place(tree, mutant) {
            Ok(_) if mutant.replace.contains(SWITCH) => {}
            Ok(_) => find(format!("its bad code lacks `{SWITCH}`")),
            Err(what) => find(what),
        }
        if mutant.caught_by.is_empty() {
            find("nobody catches it".to_owned());
        }
        for test in &mutant.caught_by {
            if !is_there(tree, test) {
                find(format!("there is no test `{test}`"));
            }
        }
    }
    findings.extend(overlaps(tree, mutants));
    findings
}

/// Where in its file the guard begins.
fn place(tree: &Tree, mutant: &Mutant) -> Result<usize, String> {
    let Some(file) = tree.get(&mutant.file) else {
        return Err(format!("there is no file {}", mutant.file));
    };
    let mut found = file.text.match_indices(&mutant.find);
    match (found.next(), found.next()) {
        (Some((at, _)), None) => Ok(at),
        (None, _) => Err(format!("its guard is not in {} any more", mutant.file)),
        (Some(_), Some(_)) => Err(format!("its guard stands in {} twice", mutant.file)),
    }
}

/// `crate::module::test`: a function of that name in that crate. The run itself finds the rest.
fn is_there(tree: &Tree, test: &str) -> bool {
    if test == simulator::NAME {
        return tree.under("crates/simulator/").next().is_some();
    }
    let Some((package, _)) = test.split_once("::") else {
        return false;
    };
    let name = test.rsplit("::").next().unwrap_or_default();
    let function = format!("fn {name}(");
    tree.under(&format!("crates/{package}/"))
        .any(|file| file.is("rs") && file.text.contains(&function))
}

/// All patches are applied at once, so none may touch another.
fn overlaps(tree: &Tree, mutants: &[Mutant]) -> Vec<Finding> {
    let mut places: Vec<_> = mutants
        .iter()
        .filter_map(|mutant| {
            let begin = place(tree, mutant).ok()?;
            Some((&mutant.file, begin, begin + mutant.find.len(), &mutant.name))
        })
        .collect();
    places.sort();
    let pairs = places.windows(2).filter_map(|pair| match pair {
        [(one, _, end, first), (other, begin, _, second)] if one == other && begin < end => {
            let what = format!("`{first}` and `{second}` touch each other");
            Some(Finding::new(FOLDER, 1, what))
        }
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(name: &str, find: &str, test: &str) -> Mutant {
        Mutant {
            name: name.to_owned(),
            breaks: String::new(),
            file: "crates/a/src/lib.rs".to_owned(),
            find: find.to_owned(),
            replace: format!("if {SWITCH} {{}}"),
            caught_by: vec![test.to_owned()],
        }
    }

    #[test]
    fn a_list_that_has_rotted_is_found() {
        let tree = Tree::of(&[(
            "crates/a/src/lib.rs",
            "fn guard() { check(1); check(2); twice(); twice(); }\n#[test]\nfn it_holds() {}\n",
        )]);
        let test = "a::tests::it_holds";
        let mutants = [
            mutant("good", "check(1);", test),
            mutant("touching", "(1); check(2)", test),
            mutant("gone", "check(3);", test),
            mutant("twofold", "twice();", test),
            mutant("uncaught", "fn guard", "a::tests::no_such_test"),
            mutant("good", "fn it_holds", test),
        ];
        let all: Vec<_> = findings(&tree, &mutants)
            .iter()
            .map(ToString::to_string)
            .collect();
        let expected = [
            "`gone`: its guard is not in",
            "`twofold`: its guard stands in",
            "`uncaught`: there is no test `a::tests::no_such_test`",
            "`good`: two have this name",
            "`good` and `touching` touch each other",
        ];
        assert_eq!(all.len(), expected.len(), "{all:?}");
        for what in expected {
            assert!(all.iter().any(|it| it.contains(what)), "{what}: {all:?}");
        }
    }
}
