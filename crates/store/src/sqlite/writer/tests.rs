//! Batches on tables of their own, which can be made to fail where the real ones cannot.

use tempfile::TempDir;

use super::*;
use crate::{
    sqlite::connection::open_writer,
    tx::{Stmt, Value},
};

/// A child may be inserted before its parent, but not without one: that fails at the commit.
const TABLES: &str = "
    CREATE TABLE parents (id INTEGER PRIMARY KEY, note TEXT) STRICT;
    CREATE TABLE children (
        parent INTEGER NOT NULL REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED
    ) STRICT;";

const PARENT: &str = "-- test.parent\nINSERT INTO parents VALUES ($1, $2)";
const CHILD: &str = "-- test.child\nINSERT INTO children VALUES ($1)";
const TOUCH: &str = "-- test.touch\nUPDATE parents SET note = note WHERE id = $1";

fn connection() -> (TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let connection = open_writer(&folder.path().join("test.db")).unwrap();
    connection.execute_batch(TABLES).unwrap();
    (folder, connection)
}

fn tx(stmts: &[(&'static str, i64, bool)]) -> Tx {
    let stmts = stmts.iter().map(|(sql, id, guard)| {
        let mut params = vec![Value::Int(*id)];
        if *sql == PARENT {
            params.push(Value::Text("x".repeat(100)));
        }
        Stmt {
            sql,
            params,
            guard: *guard,
        }
    });
    Tx::of("test", stmts.collect())
}

fn commit_all(connection: &mut Connection, txs: &[Tx]) -> Vec<Outcome> {
    commit(connection, txs.iter())
}

fn parents(connection: &Connection) -> Vec<i64> {
    let mut statement = connection
        .prepare("SELECT id FROM parents ORDER BY id")
        .unwrap();
    let ids = statement.query_map([], |row| row.get(0)).unwrap();
    ids.collect::<Result<_, _>>().unwrap()
}

#[test]
fn each_transaction_of_a_batch_stands_alone() {
    let (_folder, mut connection) = connection();
    let outcomes = commit_all(
        &mut connection,
        &[
            tx(&[(PARENT, 1, true)]),
            tx(&[(PARENT, 2, true), (TOUCH, 99, true)]),
            tx(&[(PARENT, 3, true), (PARENT, 1, true)]),
            tx(&[(PARENT, 4, true), (TOUCH, 99, false)]),
            // What an earlier one of the batch wrote is there for the next.
            tx(&[(TOUCH, 4, true)]),
        ],
    );
    assert!(
        outcomes[0].is_ok() && outcomes[3].is_ok() && outcomes[4].is_ok(),
        "{outcomes:?}"
    );
    assert!(outcomes[1].as_ref().unwrap_err().missed("test.touch"));
    assert!(matches!(
        outcomes[2],
        Err(StoreError::Refused {
            tx: "test",
            statement: "test.parent",
            ..
        })
    ));
    assert_eq!(parents(&connection), [1, 4]);
}

#[test]
fn a_commit_that_fails_fails_everybody_and_the_next_one_succeeds() {
    let (_folder, mut connection) = connection();
    let batch = [
        tx(&[(PARENT, 1, true)]),
        tx(&[(TOUCH, 99, true)]),
        tx(&[(CHILD, 7, true)]),
    ];
    for outcome in commit_all(&mut connection, &batch) {
        assert!(
            matches!(outcome, Err(StoreError::Unavailable(_))),
            "{outcome:?}"
        );
    }
    assert_eq!(parents(&connection), [0; 0]);
    let outcomes = commit_all(&mut connection, &batch[..1]);
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    assert_eq!(parents(&connection), [1]);
}

#[test]
fn a_full_disk_is_unavailable_until_there_is_room() {
    let (_folder, mut connection) = connection();
    let set_room = |connection: &Connection, pages: i64| {
        connection
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            .unwrap();
    };
    set_room(&connection, 4);
    let batch: Vec<Tx> = (0..200).map(|id| tx(&[(PARENT, id, true)])).collect();
    let outcomes = commit_all(&mut connection, &batch);
    let kept = parents(&connection);
    for (id, outcome) in (0..).zip(outcomes) {
        match outcome {
            Ok(_) => assert!(kept.contains(&id)),
            Err(StoreError::Unavailable(_)) => assert!(!kept.contains(&id)),
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(kept.len() < 200);
    set_room(&connection, 1000);
    let outcomes = commit_all(&mut connection, &[tx(&[(PARENT, 1000, true)])]);
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
}

#[test]
fn a_lock_held_by_another_process_is_unavailable_and_nothing_is_kept() {
    let (folder, mut connection) = connection();
    let other = open_writer(&folder.path().join("test.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // Not the five seconds of the real one.
    connection.busy_timeout(std::time::Duration::ZERO).unwrap();
    let batch = [tx(&[(PARENT, 1, true)]), tx(&[(PARENT, 2, true)])];
    for outcome in commit_all(&mut connection, &batch) {
        assert!(
            matches!(outcome, Err(StoreError::Unavailable(_))),
            "{outcome:?}"
        );
    }
    other.execute_batch("ROLLBACK").unwrap();
    assert!(
        commit_all(&mut connection, &batch)
            .iter()
            .all(Result::is_ok)
    );
    assert_eq!(parents(&connection), [1, 2]);
}
