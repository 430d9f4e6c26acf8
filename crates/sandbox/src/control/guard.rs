//! Keeps web pages out of the control plane.
//!
//! A page that the developer happens to visit can send requests to loopback, and by DNS rebinding
//! read the answers. So the `Host` must be a name of this machine, and an `Origin`, if there is
//! one, too.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};

use super::Problem;

/// Names besides loopback's under which the control plane may be called.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowedHosts(pub Arc<Vec<String>>);

pub(super) async fn guard(
    State(hosts): State<AllowedHosts>,
    request: Request,
    next: Next,
) -> Response {
    if hosts.admit(request.headers()) {
        return next.run(request).await;
    }
    let message = "the control plane answers only to loopback names; see --control-host";
    Problem::new(403, message).into_response()
}

impl AllowedHosts {
    fn admit(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let host = text(header::HOST).is_some_and(|host| self.knows(host));
        let origin = text(header::ORIGIN).is_none_or(|origin| {
            origin
                .split_once("://")
                .is_some_and(|(_, host)| self.knows(host))
        });
        host && origin
    }

    fn knows(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let loopback = matches!(name, "127.0.0.1" | "localhost" | "[::1]");
        loopback || self.0.iter().any(|allowed| allowed == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_admitted() {
        let hosts = AllowedHosts(Arc::new(vec!["sandbox".into()]));
        for name in ["127.0.0.1:8091", "localhost", "[::1]:8091", "sandbox:80"] {
            assert!(hosts.knows(name), "{name}");
        }
        for name in [
            "evil.example",
            "evil.example:8091",
            "127.0.0.1.evil.example",
            "null",
            "",
        ] {
            assert!(!hosts.knows(name), "{name}");
        }
        assert!(!hosts.admit(&HeaderMap::new()), "a Host is needed");
    }
}
