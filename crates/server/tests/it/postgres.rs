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
    execute(server, &format!("CREATE DATABASE {name}")).await;
    with_database(server, &name)
}

/// Runs SQL past the program.
pub(crate) async fn execute(url: &str, sql: &str) {
    let (url, sql) = (url.to_owned(), sql.to_owned());
    let psql = move || Command::new("psql").arg(url).args(["-qc", &sql]).output();
    let output = tokio::task::spawn_blocking(psql)
        .await
        .unwrap()
        .expect("psql is installed");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
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

/// Host and port of a URL.
pub(crate) fn host_of(url: &str) -> String {
    let (from, to) = host_span(url);
    let host = &url[from..to];
    if host.contains(':') {
        host.to_owned()
    } else {
        format!("{host}:5432")
    }
}

/// The same URL at another host and port.
pub(crate) fn with_host(url: &str, host: &str) -> String {
    let (from, to) = host_span(url);
    format!("{}{host}{}", &url[..from], &url[to..])
}

fn host_span(url: &str) -> (usize, usize) {
    let scheme_end = url.find("://").map_or(0, |at| at + 3);
    let end = url[scheme_end..]
        .find(['/', '?'])
        .map_or(url.len(), |at| scheme_end + at);
    let user_end = url[scheme_end..end].rfind('@').map_or(0, |at| at + 1);
    (scheme_end + user_end, end)
}

#[test]
fn a_host_is_found_and_replaced() {
    for (url, host, replaced) in [
        (
            "postgres://u:p@h:5433/d?a=b",
            "h:5433",
            "postgres://u:p@x:1/d?a=b",
        ),
        ("postgres://h/d", "h:5432", "postgres://x:1/d"),
    ] {
        assert_eq!(host_of(url), host);
        assert_eq!(with_host(url, "x:1"), replaced);
    }
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
