//! Tables are made once, by whoever comes first, and never changed behind the program's back.

use store::{Engine, SchemaError, SchemaState, StoreError};

use crate::{
    samples::{insert, load, order},
    world::{EPOCH, World},
};

/// These begin on an empty database, so they do not use `for_each_engine!`.
macro_rules! on_empty_databases {
    ($($test:ident)*) => {
        mod sqlite {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let world = crate::world::World::on_sqlite();
                super::$test(&world).await;
                world.close().await;
            }
        )*}

        mod postgres {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let name = concat!(module_path!(), "::", stringify!($test));
                if let Some(world) = crate::world::World::on_postgres(name).await {
                    super::$test(&world).await;
                    world.close().await;
                }
            }
        )*}
    };
}

on_empty_databases! {
    an_empty_database_says_so
    migrating_twice_is_migrating_once
    many_who_migrate_at_once_agree
    a_migration_that_was_changed_is_refused
    a_migration_that_fails_leaves_nothing_behind
}

async fn an_empty_database_says_so(world: &World) {
    let state = world.store.schema_state().await.unwrap();
    assert_eq!((state.current, state.is_current()), (0, false));
    assert!(matches!(
        world.store.check_writable().await,
        Err(StoreError::Refused { .. })
    ));
    assert!(matches!(
        insert(&world.store, &order(1)).await,
        Err(StoreError::Refused { .. })
    ));
}

async fn migrating_twice_is_migrating_once(world: &World) {
    let first = world.store.migrate(EPOCH).await.unwrap();
    assert!(first.is_current() && first.current > 0);
    insert(&world.store, &order(1)).await.unwrap();
    assert_eq!(world.store.migrate(EPOCH).await.unwrap(), first);
    assert_eq!(world.store.schema_state().await.unwrap(), first);
    assert_eq!(load(&world.store, &order(1)).await, order(1));
}

async fn many_who_migrate_at_once_agree(world: &World) {
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = world.again();
            tokio::spawn(async move { store.migrate(EPOCH).await })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap().unwrap().is_current());
    }
    let SchemaState { wanted, .. } = world.store.schema_state().await.unwrap();
    assert_eq!(
        world.number("SELECT COUNT(*) FROM schema_migrations").await,
        wanted
    );
}

async fn a_migration_that_was_changed_is_refused(world: &World) {
    world.migrate().await;
    world
        .sql("UPDATE schema_migrations SET checksum = 'other' WHERE version = 1")
        .await;
    match world.store.migrate(EPOCH).await {
        Err(StoreError::Schema(SchemaError::Changed { version, name })) => {
            assert_eq!((version, name), (1, "0001_initial"));
        }
        other => panic!("{other:?}"),
    }
}

async fn a_migration_that_fails_leaves_nothing_behind(world: &World) {
    // A table in its way, the last but not the first that it makes.
    world.sql("CREATE TABLE jobs (other TEXT)").await;
    let outcome = world.store.migrate(EPOCH).await;
    assert!(
        matches!(
            outcome,
            Err(StoreError::Schema(SchemaError::Failed { version: 1, .. }))
        ),
        "{outcome:?}",
    );
    assert_eq!(world.store.schema_state().await.unwrap().current, 0);
    assert!(world.prepare("SELECT mch_id FROM merchants").await.is_err());
    world.sql("DROP TABLE jobs").await;
    world.migrate().await;
    assert!(matches!(
        world.store.engine(),
        Engine::Sqlite | Engine::Postgres
    ));
}
