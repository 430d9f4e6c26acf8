//! Names are looked up once, here, and the connection goes to exactly the addresses that were
//! looked at: between the check and the call nobody can give the name another address.

use std::{error::Error, io, net::SocketAddr, pin::Pin, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_public;

/// Who knows the addresses of names; tests bring their own.
pub trait Lookup: Send + Sync + 'static {
    /// All addresses of this name; the ports do not matter.
    fn lookup(&self, name: String) -> Found<'_>;
}

type Found<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>>;

/// The machine's resolver.
#[derive(Clone, Copy, Debug)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: String) -> Found<'_> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.collect())
        })
    }
}

/// The name has an address that must not be called.
#[derive(Debug, thiserror::Error)]
#[error("the name leads into a private network; see webhooks.allow_private_addresses")]
pub(super) struct Private;

pub(super) struct Guarded {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) allow_private: bool,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, allow_private) = (self.lookup.clone(), self.allow_private);
        Box::pin(async move {
            let found = lookup.lookup(name.as_str().to_owned()).await?;
            // One bad address spoils the name: a lawful receiver has none.
            if !allow_private && found.iter().any(|address| !is_public(address.ip())) {
                return Err(Box::new(Private) as Box<dyn Error + Send + Sync>);
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
