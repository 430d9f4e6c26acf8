//! I10: what the server says in its logs. Listening costs time, so that only the seeds that are run
//! twice listen, and then at the most talkative level.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use tracing::{Subscriber, subscriber::DefaultGuard};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::audit::Violation;

/// Everything of ours; what others log is theirs.
const FILTER: &str = "server=trace,store=trace,wechatpay=trace,domain=trace,off";

/// Listens as long as it lives.
pub(crate) struct Listening {
    heard: Heard,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Listening {
    pub(crate) fn begin() -> Self {
        let heard = Heard::default();
        Self {
            _guard: tracing::subscriber::set_default(subscriber(heard.clone())),
            heard,
        }
    }

    /// Looks for what must never be in a log. `secrets` are named, so that a finding does not
    /// repeat one.
    ///
    /// # Errors
    /// I10.
    pub(crate) fn check(&self, secrets: &[(&'static str, String)]) -> Result<(), Violation> {
        let heard = self.heard.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&heard);
        let found = secrets
            .iter()
            .find(|(_, secret)| !secret.is_empty() && text.contains(secret.as_str()));
        match found {
            Some((name, _)) => {
                let what = format!("the log contains {name}");
                Err(Violation::new("I10", what, None))
            }
            None => Ok(()),
        }
    }
}

fn subscriber(heard: Heard) -> impl Subscriber + Send + Sync {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(FILTER))
        .with_ansi(false)
        .with_writer(heard)
        .finish()
}

impl io::Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Heard {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_log_is_found() {
        let listening = Listening::begin();
        tracing::info!(target: "server", "the key is abc-123");
        let secret = |text: &str| [("a key", text.to_owned())];
        assert!(listening.check(&secret("abc-123")).is_err());
        assert!(listening.check(&secret("def-456")).is_ok());
    }
}
