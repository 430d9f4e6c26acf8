//! `shouyin config init|check`: write the manual, or say what is in force and from where.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};

use crate::cli::ConfigCommand;
use crate::config::{DEFAULT_FILE, Loaded, Sources};

/// Runs the command; what it has to say goes to `out`.
///
/// # Errors
/// A file that is there already or cannot be written; every problem of the configuration.
pub fn run(command: &ConfigCommand, sources: &Sources, out: &mut dyn Write) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Init { path, force: _ } if path.as_os_str() == "-" => {
            Ok(out.write_all(starter().as_bytes())?)
        }
        ConfigCommand::Init { path, force } => {
            let mut options = OpenOptions::new();
            options.write(true);
            // Without --force the file must not be there, checked by the operating system.
            if *force {
                options.create(true).truncate(true)
            } else {
                options.create_new(true)
            };
            init(path, options)?;
            writeln!(out, "已写出 · written: {}", path.display())?;
            writeln!(
                out,
                "下一步 · next: fill in [merchants.default], then `shouyin doctor`"
            )?;
            Ok(())
        }
        ConfigCommand::Check => check(&sources.load()?, out),
    }
}

fn init(path: &Path, mut options: OpenOptions) -> anyhow::Result<()> {
    // Secrets will stand in it.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened: std::io::Result<File> = options.open(path);
    let mut file = match opened {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => bail!(
            "{} is there already and was left as it is; use --force to replace it, or --path",
            path.display()
        ),
        opened => opened.with_context(|| format!("cannot write {}", path.display()))?,
    };
    file.write_all(starter().as_bytes())
        .with_context(|| format!("writing {}", path.display()))
}

/// The manual with every default commented out: a default that a later version improves then takes
/// effect for everybody who has not chosen otherwise.
fn starter() -> String {
    let line = |line: &str| {
        let is_default = !line.starts_with('#') && line.contains(" = ");
        if is_default {
            format!("#{line}\n")
        } else {
            format!("{line}\n")
        }
    };
    DEFAULT_FILE.lines().map(line).collect()
}

fn check(loaded: &Loaded, out: &mut dyn Write) -> anyhow::Result<()> {
    match &loaded.file {
        Some(file) => writeln!(out, "配置文件 · file: {}", file.display())?,
        None => writeln!(out, "配置文件 · file: 无 none (see `shouyin config init`)")?,
    }
    for setting in &loaded.settings {
        writeln!(
            out,
            "{} = {}  ({})",
            setting.key, setting.shown, setting.origin
        )?;
    }
    let merchants: Vec<&str> = loaded.config.merchants.keys().map(String::as_str).collect();
    if merchants.is_empty() {
        writeln!(out, "! 尚未配置商户 · no merchant yet: nobody can pay")?;
    } else {
        writeln!(out, "商户 · merchants: {}", merchants.join(", "))?;
    }
    writeln!(
        out,
        "✓ 配置有效 · the configuration is lawful; `shouyin doctor` tries it out"
    )?;
    Ok(())
}
