//! Every statement is prepared on both engines, and stays within a merchant.

use std::collections::BTreeSet;

use store::catalogue;

use crate::world::{World, for_each_engine};

for_each_engine! {
    every_statement_can_be_prepared
}

async fn every_statement_can_be_prepared(world: &World) {
    let engine = world.store.engine();
    for statement in catalogue() {
        if statement.engine.is_none_or(|only| only == engine) {
            let outcome = world.prepare(statement.sql).await;
            assert_eq!(outcome, Ok(()), "{}", statement.sql);
        }
    }
}

/// Statements without a merchant, each with its reason.
const WITHOUT_MERCHANT: [&str; 4] = [
    // No table at all.
    "store.ping",
    // The table of migrations belongs to no merchant.
    "migrate.record",
    "migrate.applied",
    "migrate.oldest_program",
];

/// How many parts of the statement look for rows: each needs its own equality on the merchant.
fn searches(sql: &str) -> usize {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let count = |word: &str, but_not_after: &str| {
        let pairs = words.iter().zip(std::iter::once(&"").chain(&words));
        pairs
            .filter(|(now, before)| **now == word && **before != but_not_after)
            .count()
    };
    let in_parentheses = sql.matches("FROM (").count();
    // `DO UPDATE` and `FOR UPDATE` look for nothing.
    let updates = count("UPDATE", "DO") - sql.matches("FOR UPDATE").count();
    count("FROM", "") + updates - in_parentheses
}

#[test]
fn every_statement_stays_within_a_merchant() {
    for statement in catalogue() {
        if WITHOUT_MERCHANT.contains(&statement.name) {
            continue;
        }
        let sql = statement.sql;
        let insert = sql.contains("INSERT INTO");
        assert!(
            !insert || sql.contains("(mch_id, "),
            "the merchant comes first: {sql}"
        );
        assert!(insert || searches(sql) > 0, "what does it do? {sql}");
        let equalities = sql.matches("mch_id = $").count();
        assert!(
            equalities >= searches(sql),
            "one `mch_id = $n` for each search: {sql}"
        );
        assert!(
            !sql.contains(" OR ") || sql.contains(" AND ($"),
            "an OR around it? {sql}"
        );
        for conflict in sql.split("ON CONFLICT (").skip(1) {
            assert!(
                conflict.starts_with("mch_id"),
                "a key without the merchant: {sql}"
            );
        }
    }
}

#[test]
fn the_list_of_exceptions_has_no_dead_names() {
    let names: BTreeSet<&str> = catalogue().iter().map(|statement| statement.name).collect();
    assert_eq!(names.len(), catalogue().len(), "two statements of one name");
    for name in WITHOUT_MERCHANT {
        assert!(names.contains(name), "{name}");
    }
    for name in names {
        let (module, function) = name.split_once('.').unwrap();
        let lawful = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        assert!(lawful(module) && lawful(function), "{name}");
    }
}

#[test]
fn parameters_appear_in_their_order() {
    // SQLite numbers `$n` by first appearance and ignores the number.
    for statement in catalogue() {
        let mut expected = 1;
        for after in statement.sql.split('$').skip(1) {
            let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
            let number: usize = digits.parse().unwrap();
            assert!(
                number <= expected,
                "${number} comes too early: {}",
                statement.sql
            );
            expected = expected.max(number + 1);
        }
    }
}

#[test]
fn the_text_is_for_both_engines() {
    for statement in catalogue() {
        let sql = statement.sql.to_uppercase();
        for word in [
            "RETURNING",
            "NOW()",
            "CURRENT_TIMESTAMP",
            "NEXTVAL",
            "ADVISORY",
            "::",
        ] {
            assert!(!sql.contains(word), "{word}: {sql}");
        }
        assert!(
            statement.engine.is_some() || !sql.contains("SKIP LOCKED"),
            "{sql}"
        );
    }
}
