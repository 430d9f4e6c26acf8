//! Death between two things that last. The suite dies at a spread of the points, others with each
//! run of `cargo xtask chaos --crash-points`, which dies at all of them.

use chaos::{
    chance::Chance,
    crash_points::{Engine, count, die_at},
};

use crate::world::{postgres_server, setup};

/// Deaths of one engine in the suite: one in each stretch of the journey.
const DEATHS: u64 = 20;
const SEED: u64 = 20_261_128;

async fn die_here_and_there(engine: Engine) {
    let server = setup(None).server;
    let points = count(&server, &engine).await.unwrap();
    assert!(points > 30, "a journey has more points than {points}");
    let mut chance = Chance::new(SEED);
    let stretch = points / DEATHS.min(points);
    let spread = (0..DEATHS.min(points)).map(|number| number * stretch + 1 + chance.below(stretch));
    let deaths = die_at(&server, &engine, spread.collect(), |_| {})
        .await
        .unwrap();
    let wrong: Vec<_> = deaths
        .iter()
        .filter(|death| !death.wrong.is_empty())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let died = deaths.iter().filter(|death| death.died).count();
    assert!(
        died * 10 >= deaths.len() * 8,
        "{died} of {} died",
        deaths.len()
    );
}

/// Killed between any two things that last, on an SQLite file, the server goes on where it was.
#[tokio::test(flavor = "multi_thread")]
async fn s01_death_at_a_crash_point_on_sqlite_changes_nothing_in_the_end() {
    die_here_and_there(Engine::Sqlite).await;
}

/// Killed between any two things that last, on PostgreSQL, the server goes on where it was.
#[tokio::test(flavor = "multi_thread")]
async fn s01_death_at_a_crash_point_on_postgresql_changes_nothing_in_the_end() {
    if let Some(server) = postgres_server("s01_death_at_a_crash_point_on_postgresql") {
        die_here_and_there(Engine::postgres(&server).await.unwrap()).await;
    }
}
