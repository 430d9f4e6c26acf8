use std::sync::Arc;

use super::{Client, Inner};
use crate::{Ambient, Endpoints, KeyRing, Merchant, SystemAmbient, Transport};

/// Puts a [`Client`] together. What is not set is WeChat itself, the machine's clock and, with the
/// feature `reqwest`, the HTTP transport with its default limits.
pub struct ClientBuilder {
    merchant: Merchant,
    keys: KeyRing,
    endpoints: Endpoints,
    transport: Option<Arc<dyn Transport>>,
    ambient: Arc<dyn Ambient>,
}

impl ClientBuilder {
    pub(super) fn new(merchant: Merchant, keys: KeyRing) -> Self {
        Self {
            merchant,
            keys,
            endpoints: Endpoints::default(),
            transport: None,
            ambient: Arc::new(SystemAmbient),
        }
    }

    /// Sends requests in another way, or over connections that are shared with other clients.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Takes time and chance from elsewhere.
    #[must_use]
    pub fn ambient(mut self, ambient: Arc<dyn Ambient>) -> Self {
        self.ambient = ambient;
        self
    }

    /// Talks to other servers, such as the sandbox.
    #[must_use]
    pub fn endpoints(mut self, endpoints: Endpoints) -> Self {
        self.endpoints = endpoints;
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// Without a transport (feature `reqwest` off, and none given) every call fails as not sent.
    pub fn build(self) -> Client {
        Client(Arc::new(Inner {
            merchant: self.merchant,
            keys: self.keys,
            endpoints: self.endpoints,
            transport: self
                .transport
                .unwrap_or_else(crate::transport::default_transport),
            ambient: self.ambient,
            hosts: Arc::default(),
            refreshes: super::Refreshes::default(),
            skew: Arc::default(),
        }))
    }
}
