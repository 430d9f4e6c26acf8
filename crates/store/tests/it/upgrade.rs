//! Two versions of the program on one database: what an older one sends works on the newest schema,
//! and a newer schema is served as long as it says that it fits.
//!
//! `statements/NNNN.txt` is everything that the program of schema NNNN sends. The files are written
//! by `cargo run -p shouyin-store --example statements` and never changed.

use std::{collections::BTreeMap, path::PathBuf};

use store::{Engine, SchemaError, StoreError};

use crate::{
    samples::{insert, load, order, payment, step},
    world::{EPOCH, World, for_each_engine},
};

for_each_engine! {
    s09_every_statement_of_earlier_programs_runs_on_this_schema
    s09_a_program_serves_a_newer_schema_that_only_adds
    s09_a_program_refuses_a_newer_schema_that_breaks_it
    a_schema_that_breaks_earlier_statements_is_noticed
}

/// A statement as it was.
struct Earlier {
    engine: String,
    sql: String,
}

/// By schema: what its program sent.
fn earlier() -> BTreeMap<i64, Vec<Earlier>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/statements");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    files
        .map(|file| {
            let schema = file.file_stem().unwrap().to_str().unwrap().parse().unwrap();
            let text = std::fs::read_to_string(&file).unwrap();
            let mut parts = text.split("\n\n");
            let expected = format!("-- What the program of schema {schema} sends.");
            assert!(parts.next().unwrap().starts_with(&expected), "{file:?}");
            let statement = |part: &str| {
                let (first, sql) = part.split_once('\n').unwrap();
                let engine = first.strip_prefix("-- engine: ").unwrap().to_owned();
                let sql = sql.trim().to_owned();
                Earlier { engine, sql }
            };
            (schema, parts.map(statement).collect())
        })
        .collect()
}

fn is_for(statement: &Earlier, engine: Engine) -> bool {
    match statement.engine.as_str() {
        "both" => true,
        "sqlite" => engine == Engine::Sqlite,
        "postgres" => engine == Engine::Postgres,
        other => panic!("{other}"),
    }
}

/// The statements of this schema that fail, each run with values and undone.
async fn failing(world: &World, statements: &[Earlier]) -> Vec<String> {
    let mut failing = Vec::new();
    for statement in statements {
        if is_for(statement, world.store.engine())
            && let Err(error) = world.try_out(&statement.sql).await
        {
            failing.push(format!("{}: {error}", statement.sql));
        }
    }
    failing
}

/// Every statement that a program of an earlier schema sends can be prepared and executed on the
/// newest schema, so both may run side by side and the older one may come back.
async fn s09_every_statement_of_earlier_programs_runs_on_this_schema(world: &World) {
    let earlier = earlier();
    let wanted = world.store.schema_state().await.unwrap().wanted;
    for (schema, statements) in earlier.range(..wanted) {
        assert!(statements.len() > 50, "schema {schema}");
        let failing = failing(world, statements).await;
        assert!(failing.is_empty(), "of schema {schema}: {failing:#?}");
    }
}

#[test]
fn the_program_before_each_migration_left_its_statements() {
    let newest = store::catalogue().len();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let migrations = std::fs::read_dir(folder).unwrap().count();
    let before = i64::try_from(migrations).unwrap() - 1;
    assert!(newest > 50);
    assert!(
        earlier().contains_key(&before),
        "on the commit before migration {migrations}, run: cargo run -p shouyin-store --example \
         statements > crates/store/tests/it/statements/{before:04}.txt"
    );
}

/// A migration of the future that only adds: a table, a column, an index.
const ADDS: &str = "ALTER TABLE orders ADD COLUMN of_the_future INTEGER;
    CREATE TABLE future (mch_id TEXT NOT NULL, a INTEGER NOT NULL);
    CREATE INDEX future_by_a ON orders (mch_id, of_the_future);
    INSERT INTO schema_migrations (version, name, checksum, applied_at)
    VALUES (9999, '9999_future', 'x', 0);";

/// A program that finds a newer schema which only adds starts on it, reads and writes, and finds
/// nothing to migrate.
async fn s09_a_program_serves_a_newer_schema_that_only_adds(world: &World) {
    insert(&world.store, &order(1)).await.unwrap();
    world.sql(ADDS).await;
    let old = world.again();
    let state = old.schema_state().await.unwrap();
    assert!(state.fits() && state.is_newer() && !state.is_current());
    assert_eq!(old.migrate(EPOCH).await.unwrap(), state);
    step(&old, &order(1), payment("t1")).await.unwrap();
    insert(&old, &order(2)).await.unwrap();
    // One that was connected before it was migrated goes on as well.
    assert_eq!(load(&world.store, &order(1)).await.version, 2);
    step(&world.store, &order(2), payment("t2")).await.unwrap();
    old.check_writable().await.unwrap();
}

/// A program that finds a newer schema which says that it does not fit refuses it.
async fn s09_a_program_refuses_a_newer_schema_that_breaks_it(world: &World) {
    let wanted = world.store.schema_state().await.unwrap().wanted;
    world.sql(ADDS).await;
    let fits_just = format!("INSERT INTO schema_breaks VALUES (9999, {wanted})");
    world.sql(&fits_just).await;
    assert!(world.again().schema_state().await.unwrap().fits());
    let breaks = format!("INSERT INTO schema_breaks VALUES (9999, {})", wanted + 1);
    world.sql(&breaks).await;
    assert!(!world.again().schema_state().await.unwrap().fits());
    match world.again().migrate(EPOCH).await {
        Err(StoreError::Schema(SchemaError::TooNew { found, known })) => {
            assert_eq!((found, known), (9999, wanted));
        }
        other => panic!("{other:?}"),
    }
}

/// The test above would see it.
async fn a_schema_that_breaks_earlier_statements_is_noticed(world: &World) {
    let earlier = earlier();
    let (_, statements) = earlier.first_key_value().unwrap();
    assert!(failing(world, statements).await.is_empty());
    world
        .sql("ALTER TABLE jobs ADD COLUMN must INTEGER CHECK (must IS NOT NULL)")
        .await;
    let found = failing(world, statements).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("-- jobs.put"), "{found:?}");
    world.sql("ALTER TABLE orders DROP COLUMN metadata").await;
    assert!(failing(world, statements).await.len() > 3);
}
