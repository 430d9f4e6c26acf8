//! A database for each test, so that none sees another's rows.

use domain::Ids;
use server::clock::SystemIds;
use tokio_postgres::NoTls;

/// Creates an empty database on `server` and returns its URL.
pub(crate) async fn fresh_database(server: &str) -> String {
    let mut entropy = [0_u8; 8];
    SystemIds.fill(&mut entropy);
    let name = format!("shouyin_it_{}", hex::encode(entropy));
    let (client, connection) = tokio_postgres::connect(server, NoTls)
        .await
        .expect("PostgreSQL");
    let connection = tokio::spawn(connection);
    client
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
        .expect("a database");
    drop(client);
    connection.await.expect("joined").expect("closed in order");
    with_database(server, &name)
}

/// The same URL with another database name.
fn with_database(server: &str, name: &str) -> String {
    let (base, query) = match server.split_once('?') {
        Some((base, query)) => (base, format!("?{query}")),
        None => (server, String::new()),
    };
    let scheme_end = base.find("://").map_or(0, |at| at + 3);
    let host_end = base[scheme_end..]
        .find('/')
        .map_or(base.len(), |at| scheme_end + at);
    format!("{}/{name}{query}", &base[..host_end])
}

#[test]
fn a_database_name_is_replaced() {
    assert_eq!(
        with_database("postgres://u@h:5432/old", "new"),
        "postgres://u@h:5432/new"
    );
    assert_eq!(with_database("postgres://u@h", "new"), "postgres://u@h/new");
    assert_eq!(
        with_database("postgres://h/x?a=b", "new"),
        "postgres://h/new?a=b"
    );
}
