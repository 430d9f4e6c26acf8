//! A fixture for tests: several stores that look like one, with each merchant in one of them.
//!
//! It proves by doing it that no transaction and no read is about two merchants, which is what
//! spreading merchants over databases needs. The merchant of each call is taken from its statements
//! themselves, where `mch_id` is compared or inserted; a call without a merchant, or with two,
//! fails. A program that shards would be given the merchant beside the call, and needs more than
//! this: see docs/SCALE.md.

use std::sync::Arc;

use domain::Millis;

use crate::{
    Done, Engine, SchemaState, Store, StoreError, Tx, catalogue, migrate,
    row::Row,
    store::{Backend, Read},
    tx::Value,
};

/// Statements that are about no merchant; all shards are asked.
const OF_NO_MERCHANT: [&str; 1] = ["store.ping"];

/// Which of the stores has a merchant.
pub type ShardOf = fn(mch_id: &str) -> usize;

#[derive(Clone)]
pub(crate) struct Shards(Arc<Inner>);

struct Inner {
    stores: Vec<Store>,
    shard_of: ShardOf,
}

impl Shards {
    pub(crate) fn engine(&self) -> Engine {
        self.0
            .stores
            .first()
            .map_or(Engine::Postgres, Store::engine)
    }

    /// The store of the only merchant of these statements; `None` when they are about none.
    fn store_of<'a>(
        &self,
        stmts: impl Iterator<Item = (&'static str, &'a [Value])>,
    ) -> Result<Option<&Store>, StoreError> {
        let mut only: Option<&str> = None;
        for (sql, params) in stmts {
            let merchants = merchants(sql, params);
            let name = catalogue::name(sql);
            if merchants.is_empty() && !OF_NO_MERCHANT.contains(&name) {
                return Err(StoreError::Config(format!("`{name}` is about no merchant")));
            }
            for merchant in merchants {
                if *only.get_or_insert(merchant) != merchant {
                    let text = format!("`{name}` makes a call be about two merchants");
                    return Err(StoreError::Config(text));
                }
            }
        }
        let shard = only.map(|merchant| (self.0.shard_of)(merchant));
        Ok(shard.and_then(|shard| self.0.stores.get(shard)))
    }

    pub(crate) async fn run(&self, tx: Tx) -> Result<Done, StoreError> {
        let stmts = tx.stmts.iter().map(|stmt| (stmt.sql, &*stmt.params));
        if let Some(store) = self.store_of(stmts)? {
            return Box::pin(store.run(tx)).await;
        }
        let mut done = Done::with_capacity(0);
        for store in &self.0.stores {
            done = Box::pin(store.run(tx.clone())).await?;
        }
        Ok(done)
    }

    pub(crate) async fn read<const N: usize>(
        &self,
        kind: Read,
        sql: &'static str,
        params: [Value; N],
    ) -> Result<Vec<Row>, StoreError> {
        if let Some(store) = self.store_of(std::iter::once((sql, &params[..])))? {
            return Box::pin(store.read(kind, sql, params)).await;
        }
        let mut rows = Vec::new();
        for store in &self.0.stores {
            rows = Box::pin(store.read(kind, sql, params.clone())).await?;
        }
        Ok(rows)
    }

    pub(crate) async fn migrate(&self, now: Millis) -> Result<SchemaState, StoreError> {
        let mut states = Vec::new();
        for store in &self.0.stores {
            states.push(migrate::migrate(store, now).await?);
        }
        agreed(&states)
    }

    pub(crate) async fn schema_state(&self) -> Result<SchemaState, StoreError> {
        let mut states = Vec::new();
        for store in &self.0.stores {
            states.push(migrate::state(store).await?);
        }
        agreed(&states)
    }
}

/// What all shards say.
fn agreed(states: &[SchemaState]) -> Result<SchemaState, StoreError> {
    match states {
        [first, others @ ..] if others.iter().all(|other| other == first) => Ok(*first),
        _ => Err(StoreError::Config(format!("the shards differ: {states:?}"))),
    }
}

/// The merchants that a statement names: where it compares `mch_id`, and where it inserts it.
fn merchants<'a>(sql: &str, params: &'a [Value]) -> Vec<&'a str> {
    let compared = sql.split("mch_id = $").skip(1).map(|after| {
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    });
    let inserted = (sql.contains("(mch_id, ") && sql.contains("VALUES ($1, ")).then_some(1);
    let numbers: Vec<usize> = compared.chain(inserted).collect();
    let texts = numbers
        .into_iter()
        .map(|number| match params.get(number.wrapping_sub(1)) {
            Some(Value::Text(text)) => Some(text.as_str()),
            Some(Value::Null | Value::Int(_) | Value::Blob(_)) | None => None,
        });
    texts.flatten().collect()
}

impl Store {
    /// These stores as if they were one.
    pub fn sharded(stores: Vec<Self>, shard_of: ShardOf) -> Self {
        Self::of(Backend::Shards(Shards(Arc::new(Inner {
            stores,
            shard_of,
        }))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIR: &str = "UPDATE t SET a = $1 WHERE mch_id = $2 AND b IN
        (SELECT b FROM t WHERE mch_id = $3)";

    fn text(text: &str) -> Value {
        text.into()
    }

    #[test]
    fn every_place_of_a_merchant_is_seen() {
        let params = [text("a"), text("1900000100"), text("1900000101")];
        assert_eq!(merchants(PAIR, &params), ["1900000100", "1900000101"]);
        let insert = "INSERT INTO t (mch_id, a) VALUES ($1, $2)";
        assert_eq!(merchants(insert, &params), ["a"]);
        assert!(merchants("SELECT 1", &[]).is_empty());
    }

    #[test]
    fn every_statement_of_the_catalogue_shows_its_merchant() {
        for statement in catalogue() {
            let count = statement.sql.matches('$').count();
            let params: Vec<Value> = (0..count).map(|_| text("1900000100")).collect();
            let of_no_merchant = merchants(statement.sql, &params).is_empty();
            let lawful =
                OF_NO_MERCHANT.contains(&statement.name) || statement.name.starts_with("migrate.");
            assert_eq!(of_no_merchant, lawful, "{}", statement.name);
        }
    }
}
