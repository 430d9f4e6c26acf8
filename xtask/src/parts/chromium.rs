//! A Chromium, and letters for Chinese.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::debian::{apt, apt_is_ours};
use super::on_path::{is_program, program};

/// Names a browser that is not on `PATH`, and goes before those that are.
const VARIABLE: &str = "CHROMIUM";
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];
const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// Finds the browser, or installs it. The error says what to do.
pub(crate) fn chromium() -> anyhow::Result<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE).map(PathBuf::from) {
        if !is_program(&named) {
            bail!("{VARIABLE} names {}, which is no program", named.display());
        }
        return Ok(named);
    }
    if apt_is_ours() {
        install_what_is_missing()?;
    }
    found().with_context(|| {
        format!(
            "Chromium is not installed. Install it (Debian: apt-get install chromium \
             fonts-noto-cjk; Chrome does as well), or name it in {VARIABLE}"
        )
    })
}

fn found() -> Option<PathBuf> {
    let mac = PathBuf::from(MAC);
    program(&NAMES).or_else(|| is_program(&mac).then_some(mac))
}

/// Without fonts for Chinese the pictures would show boxes.
fn install_what_is_missing() -> anyhow::Result<()> {
    let mut packages = Vec::new();
    if found().is_none() {
        packages.push("chromium");
    }
    if !has_chinese_fonts() {
        packages.push("fonts-noto-cjk");
    }
    if packages.is_empty() {
        return Ok(());
    }
    apt(&packages)
}

fn has_chinese_fonts() -> bool {
    let fonts = Command::new("fc-list")
        .arg(":lang=zh-cn")
        .stderr(Stdio::null())
        .output();
    fonts.is_ok_and(|fonts| !fonts.stdout.trim_ascii().is_empty())
}
