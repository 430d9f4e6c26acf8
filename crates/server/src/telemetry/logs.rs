//! Log lines: one JSON object each in production, readable on a terminal.

use std::io::IsTerminal;

use tracing::Dispatch;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::{Log, LogFormat};

/// Why the process has no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("log.filter is not a filter such as `info,store=debug`")]
    Filter(#[from] ParseError),
    #[error("the process has a log already")]
    Twice(#[from] tracing::dispatcher::SetGlobalDefaultError),
}

/// From here on, everything that is logged goes to stdout.
///
/// # Errors
/// A filter that cannot be read, or a second call.
pub fn install(log: &Log) -> Result<(), LogError> {
    let dispatch = dispatch(log, std::io::stdout().is_terminal(), std::io::stdout)?;
    Ok(tracing::dispatcher::set_global_default(dispatch)?)
}

/// A log that writes to `writer`; `is_terminal` decides what `auto` means.
///
/// # Errors
/// A filter that cannot be read.
pub fn dispatch<W>(log: &Log, is_terminal: bool, writer: W) -> Result<Dispatch, ParseError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let pretty = match log.format {
        LogFormat::Auto => is_terminal,
        LogFormat::Json => false,
        LogFormat::Pretty => true,
    };
    let lines = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(&log.filter)?)
        .with_writer(writer);
    // Fields of an event stand beside `message`, so that a search needs no path.
    Ok(if pretty {
        lines.with_ansi(is_terminal).compact().into()
    } else {
        lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .into()
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::dispatch;
    use crate::config::{Config, Log, LogFormat};

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn written(format: LogFormat, is_terminal: bool, log: impl FnOnce()) -> String {
        let paper = Paper::default();
        let writer = paper.clone();
        let settings = Log {
            format,
            filter: "info,hyper=warn".to_owned(),
        };
        let lines = dispatch(&settings, is_terminal, move || writer.clone()).unwrap();
        tracing::dispatcher::with_default(&lines, log);
        let bytes = paper.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn away_from_a_terminal_each_line_is_one_json_object() {
        let text = written(LogFormat::Auto, false, || {
            tracing::info!(order.id = "2026", "order paid");
            tracing::debug!("below the filter");
        });
        let line: serde_json::Value = serde_json::from_str(text.trim()).expect("one object");
        assert_eq!(line["message"], "order paid");
        assert_eq!(line["order.id"], "2026");
        assert_eq!(line["level"], "INFO");
    }

    #[test]
    fn the_format_can_be_forced_either_way() {
        let hello = || tracing::info!("hello");
        assert!(written(LogFormat::Json, true, hello).starts_with('{'));
        assert!(!written(LogFormat::Pretty, false, hello).starts_with('{'));
        assert!(!written(LogFormat::Auto, true, hello).starts_with('{'));
    }

    #[test]
    fn a_logged_configuration_shows_no_secret() {
        let config = Config::from_toml(
            "[database]\nurl = \"postgres://shop:HUSH@db/shop\"\n\
             [merchants.shop]\nmch_id = \"1900000001\"\n\
             serial_no = \"7132D72A03E93CDDF8C03BBD1F37EEDF00000000\"\n\
             private_key = \"-----BEGIN PRIVATE KEY-----HUSH\"\n\
             api_v3_key = \"HUSH567890123456789012345678HUSH\"\n\
             notify_url = \"https://pay.example.com/n\"\napi_key = \"HUSHHUSHHUSHHUSH\"\n\
             [[merchants.shop.apps]]\napp_id = \"wx0123456789abcdef\"\napp_secret = \"HUSH\"\n",
        )
        .expect("complete");
        for format in [LogFormat::Json, LogFormat::Pretty] {
            let text = written(format, false, || tracing::info!(?config, "start"));
            assert!(
                text.contains("1900000001") && !text.contains("HUSH"),
                "{text}"
            );
        }
    }
}
