//! A statement is run with some values, and undone: its text alone is on trial.

use store::Engine;
use tokio_postgres::types::{ToSql, Type};

use crate::world::{World, connect};

impl World {
    /// Runs a statement past the store with a value for each parameter, and undoes it.
    pub(crate) async fn try_out(&self, sql: &str) -> Result<(), String> {
        match self.store.engine() {
            Engine::Sqlite => on_sqlite(&self.sqlite(), sql).map_err(|error| error.to_string()),
            Engine::Postgres => on_postgres(&self.url, sql)
                .await
                .map_err(|error| format!("{error:?}")),
        }
    }
}

async fn on_postgres(url: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    let client = connect(url).await;
    let statement = client.prepare(sql).await?;
    let values = statement.params().iter().map(|kind| match *kind {
        Type::INT8 => Box::new(1_i64) as Box<dyn ToSql + Sync + Send>,
        Type::BYTEA => Box::new(vec![1_u8]),
        _ => Box::new("1"),
    });
    let values: Vec<_> = values.collect();
    let params: Vec<&(dyn ToSql + Sync)> = values.iter().map(|it| &**it as _).collect();
    client.batch_execute("BEGIN").await?;
    // What was begun ends with the connection.
    client.execute(&statement, &params).await.map(drop)
}

fn on_sqlite(connection: &rusqlite::Connection, sql: &str) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN")?;
    let mut statement = connection.prepare(sql)?;
    let types = inserted(connection, sql)?;
    for number in 1..=statement.parameter_count() {
        match types.get(number - 1).map(String::as_str) {
            Some("TEXT") => statement.raw_bind_parameter(number, "1")?,
            Some("BLOB") => statement.raw_bind_parameter(number, [1_u8])?,
            _ => statement.raw_bind_parameter(number, 1)?,
        }
    }
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    Ok(())
}

/// The types of the columns that an `INSERT … VALUES` fills with its parameters, in their order.
/// SQLite knows no types of parameters; other statements match no row, so any value does.
fn inserted(connection: &rusqlite::Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let parts = sql.split_once("INSERT INTO ").and_then(|(_, rest)| {
        let (table, rest) = rest.split_once(" (")?;
        let (columns, rest) = rest
            .split_once(")\nVALUES (")
            .or_else(|| rest.split_once(") VALUES ("))?;
        let (values, _) = rest.split_once(')')?;
        Some((table, columns, values))
    });
    let Some((table, columns, values)) = parts else {
        return Ok(Vec::new());
    };
    let mut types = Vec::new();
    for (column, value) in columns.split(',').zip(values.split(',')) {
        if value.trim().starts_with('$') {
            let sql = "SELECT type FROM pragma_table_info(?1) WHERE name = ?2";
            types.push(connection.query_row(sql, [table, column.trim()], |row| row.get(0))?);
        }
    }
    Ok(types)
}
