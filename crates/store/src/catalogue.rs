//! Every statement of the program in one list, so that tests can prepare each one on both engines
//! and look for one that does not stay within a merchant.

use std::sync::LazyLock;

use crate::{
    Engine, exceptions, goods, history, idempotency, inbox, jobs, merchants, migrate, orders,
    outbox, reconciliations, refunds, sessions, store, webhook_attempts, webhook_deliveries,
    webhook_endpoints,
};

/// A statement of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// `<module>.<function>`, which is also the comment that the text begins with: a slow query
    /// in the database's own log names the place in the program.
    pub name: &'static str,
    /// The text, for both engines unless `engine` says otherwise.
    pub sql: &'static str,
    /// The only engine that has it.
    pub engine: Option<Engine>,
}

static CATALOGUE: LazyLock<Vec<Statement>> = LazyLock::new(|| {
    let both = [
        store::STATEMENTS,
        migrate::STATEMENTS,
        merchants::STATEMENTS,
        sessions::STATEMENTS,
        goods::STATEMENTS,
        orders::STATEMENTS,
        orders::PAGE_STATEMENTS,
        history::STATEMENTS,
        inbox::STATEMENTS,
        outbox::STATEMENTS,
        idempotency::STATEMENTS,
        jobs::STATEMENTS,
        exceptions::STATEMENTS,
        webhook_endpoints::STATEMENTS,
        webhook_deliveries::STATEMENTS,
        webhook_attempts::STATEMENTS,
        refunds::STATEMENTS,
        reconciliations::STATEMENTS,
        reconciliations::books::STATEMENTS,
        reconciliations::differences::STATEMENTS,
        reconciliations::STRAY_STATEMENTS,
    ];
    let both = both.into_iter().flatten().map(|sql| (*sql, None));
    let one = [
        (jobs::CLAIM_ON_SQLITE, Some(Engine::Sqlite)),
        (jobs::CLAIM_ON_POSTGRES, Some(Engine::Postgres)),
        (webhook_deliveries::CLAIM_ON_SQLITE, Some(Engine::Sqlite)),
        (
            webhook_deliveries::CLAIM_ON_POSTGRES,
            Some(Engine::Postgres),
        ),
    ];
    both.chain(one)
        .map(|(sql, engine)| Statement {
            name: name(sql),
            sql,
            engine,
        })
        .collect()
});

/// Every statement that this crate sends, except those that make the tables.
pub fn catalogue() -> &'static [Statement] {
    &CATALOGUE
}

/// The name that a statement's text begins with.
pub(crate) fn name(sql: &'static str) -> &'static str {
    let comment = sql.lines().next().unwrap_or_default();
    comment.strip_prefix("-- ").unwrap_or(comment)
}

pub(crate) fn knows(sql: &'static str) -> bool {
    CATALOGUE.iter().any(|statement| statement.sql == sql)
}
