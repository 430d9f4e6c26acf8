//! What the phone is started with.

use std::path::PathBuf;
use std::str::FromStr;

use reqwest::Url;

/// The mini program that the phone runs, and what it may reach.
#[derive(Clone, Debug, Default)]
pub struct PhoneOptions {
    /// The folder with `app.json`.
    pub mini_program: PathBuf,
    /// The legal-domain list (request 合法域名), and where each leads.
    pub domains: Vec<PhoneDomain>,
    /// The `node_modules` folder with `glass-easel` and `glass-easel-miniprogram-adapter`. `None`
    /// takes the one beside this crate's sources, which is right in a checkout.
    pub runtime: Option<PathBuf>,
}

/// One legal domain: `https://HOST=http://127.0.0.1:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneDomain {
    name: String,
    host: String,
    leads_to: Url,
}

/// Why a text is no domain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}; write it like https://shop.example=http://127.0.0.1:8080")]
pub struct DomainError(&'static str);

impl PhoneDomain {
    /// `https://shop.example`, as the legal-domain list has it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What stands in the `Host` header.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Where a request to that address really goes; `None` if it is not this domain's. Ports
    /// count, as they do in WeChat's list.
    pub(super) fn lead(&self, url: &Url) -> Option<Url> {
        if origin(url)? != self.name {
            return None;
        }
        let mut led = self.leads_to.clone();
        led.set_path(url.path());
        led.set_query(url.query());
        Some(led)
    }
}

impl FromStr for PhoneDomain {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        let (name, leads_to) = text.split_once('=').ok_or(DomainError("no = in it"))?;
        let parse = |text: &str| Url::parse(text).map_err(|_| DomainError("not an address"));
        let (url, leads_to) = (parse(name)?, parse(leads_to)?);
        if url.scheme() != "https" {
            let why = "the domain must be https, as on a phone; where it leads may be http";
            return Err(DomainError(why));
        }
        if !matches!(leads_to.scheme(), "http" | "https") {
            return Err(DomainError("it must lead to http:// or https://"));
        }
        let bare = |url: &Url| matches!(url.path(), "" | "/") && url.query().is_none();
        if !bare(&url) || !bare(&leads_to) {
            return Err(DomainError("scheme, name and port only, without a path"));
        }
        let name = origin(&url).ok_or(DomainError("no host in it, or a user name"))?;
        let host = name.trim_start_matches("https://").to_owned();
        Ok(Self {
            name,
            host,
            leads_to,
        })
    }
}

/// `https://host[:port]`. Addresses with a user name are nobody's.
fn origin(url: &Url) -> Option<String> {
    let clean = url.username().is_empty() && url.password().is_none();
    let host = url.host_str().filter(|_| clean)?;
    Some(match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_leads_to_its_server_and_nowhere_else() {
        let domain: PhoneDomain = "https://Shop.Example=http://127.0.0.1:8080"
            .parse()
            .unwrap();
        assert_eq!(domain.name(), "https://shop.example");
        let lead = |text: &str| domain.lead(&Url::parse(text).unwrap());
        let led = lead("https://shop.example/a/b?c=%20d#e").unwrap();
        assert_eq!(led.as_str(), "http://127.0.0.1:8080/a/b?c=%20d");
        assert!(lead("https://shop.example:443/").is_some());
        for foreign in [
            "http://shop.example/",
            "https://shop.example:8443/",
            "https://shop.example.evil.example/",
            "https://user@shop.example/",
            "https://127.0.0.1:8080/",
        ] {
            assert_eq!(lead(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn what_is_no_domain_is_refused_in_words() {
        for bad in [
            "https://shop.example",
            "http://shop.example=http://127.0.0.1:8080",
            "https://shop.example/api=http://127.0.0.1:8080",
            "https://shop.example=127.0.0.1:8080",
            "https://shop.example=ftp://127.0.0.1",
            "shop.example=http://127.0.0.1:8080",
        ] {
            let error = bad.parse::<PhoneDomain>().unwrap_err();
            assert!(error.to_string().contains("write it like"), "{bad}");
        }
    }
}
