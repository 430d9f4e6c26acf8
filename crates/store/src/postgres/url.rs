//! The URL of a PostgreSQL: one host or several, and whether the connection is encrypted.

use std::{fs, time::Duration};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_postgres::{
    Config,
    config::{SslMode, TargetSessionAttrs},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::StoreError;

/// How long one host may take to accept a connection before the next one is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long sent bytes may go unacknowledged, and how long an idle connection goes unchecked:
/// a server whose machine vanished is noticed after that.
const SILENCE_MAX: Duration = Duration::from_secs(15);

pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) tls: Option<MakeRustlsConnect>,
}

/// Reads the URL. Beyond what the driver knows, `sslmode` may be `verify-ca` or `verify-full`,
/// and `sslrootcert` may name a PEM file of authorities.
///
/// An encrypted connection always checks the server's certificate and name: without that it
/// protects against nobody who can stand in between.
pub(super) fn parse(url: &str) -> Result<Settings, StoreError> {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let mut encrypted = false;
    let mut authorities = None;
    let mut rest = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        match parameter.split_once('=') {
            Some(("sslmode", mode)) => encrypted = wants_tls(mode)?,
            Some(("sslrootcert", path)) => authorities = Some(path),
            _ => rest.push(parameter),
        }
    }
    let plain = format!("{address}?{}", rest.join("&"));
    // Without the cause: it may repeat the URL, and with it the password.
    let refused = || StoreError::Config("this is not a PostgreSQL URL".into());
    let mut config: Config = plain.parse().map_err(|_| refused())?;
    config.ssl_mode(if encrypted {
        SslMode::Require
    } else {
        SslMode::Disable
    });
    if config.get_target_session_attrs() == TargetSessionAttrs::Any {
        // Of several hosts only one is the primary. This follows it.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    config.connect_timeout(CONNECT_TIMEOUT);
    config.tcp_user_timeout(SILENCE_MAX);
    config.keepalives_idle(SILENCE_MAX);
    if config.get_application_name().is_none() {
        config.application_name("shouyin");
    }
    let tls = if encrypted {
        Some(tls(authorities)?)
    } else {
        None
    };
    Ok(Settings { config, tls })
}

fn wants_tls(mode: &str) -> Result<bool, StoreError> {
    match mode {
        "disable" => Ok(false),
        "require" | "verify-ca" | "verify-full" => Ok(true),
        other => {
            let expected = "expected disable, require, verify-ca or verify-full";
            Err(StoreError::Config(format!(
                "sslmode is `{other}`; {expected}"
            )))
        }
    }
}

fn tls(authorities: Option<&str>) -> Result<MakeRustlsConnect, StoreError> {
    let mut roots = RootCertStore::empty();
    match authorities {
        Some(path) => {
            let unreadable = |why: &dyn std::fmt::Display| {
                StoreError::Config(format!("sslrootcert `{path}`: {why}"))
            };
            let pem = fs::read(path).map_err(|error| unreadable(&error))?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate = certificate.map_err(|error| unreadable(&error))?;
                roots.add(certificate).map_err(|error| unreadable(&error))?;
            }
            if roots.is_empty() {
                return Err(unreadable(&"no certificate in it"));
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    // Named, so that it does not matter which provider the rest of the program installs.
    let provider = rustls::crypto::aws_lc_rs::default_provider().into();
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Config(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_hosts_are_followed_to_the_one_that_writes() {
        let settings = parse("postgres://shop:secret@a:5433,b/shouyin")
            .ok()
            .unwrap();
        assert_eq!(settings.config.get_hosts().len(), 2);
        let attrs = settings.config.get_target_session_attrs();
        assert_eq!(attrs, TargetSessionAttrs::ReadWrite);
        assert!(settings.tls.is_none());
    }

    #[test]
    fn encryption_is_asked_for_by_name() {
        let is_encrypted = |mode: &str| {
            let settings = parse(&format!("postgres://a/db?sslmode={mode}&connect_timeout=2"));
            settings.ok().map(|settings| settings.tls.is_some())
        };
        assert_eq!(is_encrypted("disable"), Some(false));
        assert_eq!(is_encrypted("require"), Some(true));
        assert_eq!(is_encrypted("verify-full"), Some(true));
        assert_eq!(is_encrypted("prefer"), None);
    }

    #[test]
    fn a_missing_file_of_authorities_is_named() {
        let url = "postgres://a/db?sslmode=require&sslrootcert=/nowhere.pem";
        let error = parse(url).err().unwrap().to_string();
        assert!(error.contains("/nowhere.pem"), "{error}");
    }

    #[test]
    fn a_url_that_is_wrong_is_not_repeated() {
        let error = parse("postgres://shop:secret@a:port/db")
            .err()
            .unwrap()
            .to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}
