//! How a failed command says goodbye: what happened, each cause below it, and what to try.

use std::io::{self, Write};

use store::StoreError;

use crate::config::{ConfigError, WhichMerchant};

/// Prints the chain of causes and, when one is known, a hint.
///
/// # Errors
/// Only those of `out`.
pub fn tell(error: &anyhow::Error, out: &mut dyn Write) -> io::Result<()> {
    // A reader that has seen enough (`| head`) is no failure worth words.
    let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    if error.downcast_ref::<io::Error>().is_some_and(closed) {
        return Ok(());
    }
    writeln!(out, "错误 · error: {error}")?;
    for cause in error.chain().skip(1) {
        writeln!(out, "  原因 · because: {cause}")?;
    }
    match hint(error) {
        Some(hint) => writeln!(out, "提示 · hint: {hint}"),
        None => Ok(()),
    }
}

fn hint(error: &anyhow::Error) -> Option<&'static str> {
    if error.downcast_ref::<ConfigError>().is_some() {
        return Some(
            "`shouyin config init` writes a file that explains every setting; \
             `shouyin config check` shows what is in force",
        );
    }
    if error.downcast_ref::<WhichMerchant>().is_some() {
        return Some("`shouyin config check` lists the merchants");
    }
    let unavailable = |cause: &(dyn std::error::Error + 'static)| {
        matches!(cause.downcast_ref(), Some(StoreError::Unavailable(_)))
    };
    if error.chain().any(unavailable) {
        return Some("`shouyin doctor --offline` says more about the database and `database.url`");
    }
    None
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::tell;
    use crate::config::Config;

    fn told(error: &anyhow::Error) -> String {
        let mut out = Vec::new();
        tell(error, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_cause_is_told_once_and_a_hint_follows() {
        let error = Config::from_toml("[server]\nlistn = 1\n").unwrap_err();
        let text = told(&Err::<(), _>(error).context("cannot start").unwrap_err());
        assert!(text.starts_with("错误 · error: cannot start\n"), "{text}");
        assert_eq!(
            text.matches("did you mean server.listen").count(),
            1,
            "{text}"
        );
        assert!(text.contains("hint: `shouyin config init`"), "{text}");
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let error = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        assert_eq!(told(&error.into()), "");
    }
}
