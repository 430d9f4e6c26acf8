//! A PostgreSQL that takes encrypted connections only: its certificate is checked, and a wrong one
//! is refused before a password or a row goes over the wire.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use store::{Store, StoreError, StoreOptions};
use tempfile::TempDir;

use pg_cluster::Cluster;

use crate::{
    samples::{insert, load, order},
    world::EPOCH,
};

/// Somebody who signs certificates; the file holds its own.
struct Authority {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let folder = tempfile::tempdir().unwrap();
        let own = params.self_signed(&key).unwrap().pem();
        std::fs::write(folder.path().join("ca.pem"), own).unwrap();
        let issuer = Issuer::new(params, key);
        Self { folder, issuer }
    }

    fn file(&self) -> String {
        self.folder.path().join("ca.pem").display().to_string()
    }

    /// A certificate for a server of this name or address.
    fn issue(&self, name: &str) -> Shown {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        Shown {
            certificate: params.signed_by(&key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }
}

/// What a server shows, and its key; both PEM.
struct Shown {
    certificate: String,
    key: String,
}

fn cluster(test: &str, shown: &Shown) -> Option<Cluster> {
    if !pg_cluster::is_installed() {
        println!("SKIPPED tls::{test}: the PostgreSQL programs are not installed");
        return None;
    }
    let cluster = Cluster::start().unwrap();
    cluster.encrypt(&shown.certificate, &shown.key).unwrap();
    Some(cluster)
}

fn open(cluster: &Cluster, query: &str) -> Store {
    let url = format!("{}?{query}", cluster.url());
    Store::open(&url, StoreOptions::default()).unwrap()
}

/// What keeps this URL from a connection.
async fn refusal(cluster: &Cluster, query: &str) -> String {
    match open(cluster, query).ping().await {
        Err(StoreError::Unavailable(cause)) => {
            let mut text = cause.to_string();
            let mut source = std::error::Error::source(&cause);
            while let Some(cause) = source {
                text = format!("{text}: {cause}");
                source = cause.source();
            }
            text
        }
        other => panic!("{query}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encrypted_connection_is_used_when_the_certificate_is_right() {
    let authority = Authority::new();
    let Some(cluster) = cluster("an_encrypted_connection", &authority.issue("127.0.0.1")) else {
        return;
    };
    for mode in ["require", "verify-ca", "verify-full"] {
        let query = format!("sslmode={mode}&sslrootcert={}", authority.file());
        let store = open(&cluster, &query);
        store.migrate(EPOCH).await.unwrap();
        if mode == "require" {
            insert(&store, &order(1)).await.unwrap();
        }
        assert_eq!(load(&store, &order(1)).await, order(1), "{mode}");
    }
    // The server lets nobody in without it, so what came in was encrypted.
    let plain = refusal(&cluster, "sslmode=disable").await;
    assert!(plain.contains("no encryption"), "{plain}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_of_somebody_else_is_refused() {
    let (authority, other) = (Authority::new(), Authority::new());
    let Some(cluster) = cluster("a_certificate_of_somebody_else", &other.issue("127.0.0.1")) else {
        return;
    };
    for mode in ["require", "verify-ca", "verify-full"] {
        let query = format!("sslmode={mode}&sslrootcert={}", authority.file());
        let said = refusal(&cluster, &query).await;
        assert!(said.contains("invalid peer certificate"), "{mode}: {said}");
        // Nor do the public authorities know it.
        let said = refusal(&cluster, &format!("sslmode={mode}")).await;
        assert!(said.contains("invalid peer certificate"), "{mode}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let certificate = authority.issue("db.example.com");
    let Some(cluster) = cluster("a_certificate_for_another_name", &certificate) else {
        return;
    };
    for mode in ["require", "verify-ca", "verify-full"] {
        let query = format!("sslmode={mode}&sslrootcert={}", authority.file());
        let said = refusal(&cluster, &query).await;
        assert!(said.contains("not valid for name"), "{mode}: {said}");
    }
}
