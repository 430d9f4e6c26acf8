//! Where the four listeners are.

use std::net::TcpListener;

use anyhow::{Context, bail};

use super::http::Host;

#[derive(Clone, Copy)]
pub(crate) struct Ports {
    /// For mini programs, merchants and WeChat's notifications.
    pub(crate) server: Host,
    pub(crate) admin: Host,
    /// WeChat's face.
    pub(crate) api: Host,
    pub(crate) control: Host,
}

impl Ports {
    pub(crate) const DEFAULT_BASE: u16 = 8080;

    pub(crate) fn from_base(base: u16) -> anyhow::Result<Self> {
        let port = |offset| {
            base.checked_add(offset)
                .map(Host)
                .context("--port-base is too large; 65000 is fine")
        };
        Ok(Self {
            server: port(0)?,
            admin: port(1)?,
            api: port(10)?,
            control: port(11)?,
        })
    }

    /// Says which port is taken, before minutes are spent on building.
    pub(crate) fn check_free(self) -> anyhow::Result<()> {
        let all = [
            (self.server, "the server"),
            (self.admin, "the server's metrics"),
            (self.api, "the sandbox"),
            (self.control, "the sandbox's control plane"),
        ];
        for (Host(port), whose) in all {
            if let Err(error) = TcpListener::bind(("127.0.0.1", port)) {
                bail!(
                    "port {port}, meant for {whose}, cannot be used ({error}). Stop the program \
                     that listens there, or choose other ports: cargo xtask demo --port-base 9080"
                );
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_the_way_out() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let ports = Ports {
            server: Host(port),
            ..Ports::from_base(50_000).unwrap()
        };
        let error = ports.check_free().unwrap_err().to_string();
        assert!(
            error.contains(&port.to_string()) && error.contains("--port-base"),
            "{error}"
        );
    }
}
