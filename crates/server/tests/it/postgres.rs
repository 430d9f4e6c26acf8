//! A database for each test, so that none sees another's rows.

use std::process::Command;

use domain::Ids;
use server::clock::SystemIds;

/// Creates an empty database on `server` and returns its URL. By `psql`, which comes with every
/// server: only `store` may know a driver.
pub(crate) async fn fresh_database(server: &str) -> String {
    let mut entropy = [0_u8; 8];
    SystemIds.fill(&mut entropy);
    let name = format!("shouyin_it_{}", hex::encode(entropy));
    let (url, create) = (server.to_owned(), format!("CREATE DATABASE {name}"));
    let psql = move || {
        Command::new("psql")
            .arg(url)
            .args(["-qc", &create])
            .output()
    };
    let output = tokio::task::spawn_blocking(psql)
        .await
        .unwrap()
        .expect("psql is installed");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
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
