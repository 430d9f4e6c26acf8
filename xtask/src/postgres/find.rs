//! Where PostgreSQL's programs are, and as whom they may run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::parts::is_root;

/// Debian, Ubuntu and their relatives keep one folder per major version here.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The folder that holds `initdb` and `postgres`.
pub(super) fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).find(|folder| complete(folder));
    on_path
        .or_else(from_pg_config)
        .or_else(|| newest_in(Path::new(DEBIAN)))
}

fn complete(folder: &Path) -> bool {
    folder.join("initdb").is_file() && folder.join("postgres").is_file()
}

fn from_pg_config() -> Option<PathBuf> {
    let answer = Command::new("pg_config")
        .arg("--bindir")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let folder = PathBuf::from(String::from_utf8(answer.stdout).ok()?.trim());
    complete(&folder).then_some(folder)
}

fn newest_in(versions: &Path) -> Option<PathBuf> {
    std::fs::read_dir(versions)
        .ok()?
        .filter_map(Result::ok)
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse::<u32>().ok()?,
                entry.path(),
            ))
        })
        .map(|(version, folder)| (version, folder.join("bin")))
        .filter(|(_, folder)| complete(folder))
        .max()
        .map(|(_, folder)| folder)
}

/// PostgreSQL refuses to run as root. `None`: we are not root, and it runs as ourselves.
pub(super) fn user_for_server() -> anyhow::Result<Option<(u32, u32)>> {
    if !is_root() {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| ids_of(&users, name))
        .map(Some)
        .context("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`")
}

fn ids_of(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let line = passwd
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_complete_version_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        for (version, programs) in [
            ("9", "initdb postgres"),
            ("15", "initdb postgres"),
            ("17", "psql"),
        ] {
            let bin = folder.path().join(version).join("bin");
            std::fs::create_dir_all(&bin).unwrap();
            for program in programs.split(' ') {
                std::fs::write(bin.join(program), "").unwrap();
            }
        }
        assert_eq!(newest_in(folder.path()), Some(folder.path().join("15/bin")));
    }

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let passwd =
            "postgres-old:x:1:2::/:/bin/sh\npostgres:x:109:117:PostgreSQL:/var:/bin/bash\n";
        assert_eq!(ids_of(passwd, "postgres"), Some((109, 117)));
        assert_eq!(ids_of(passwd, "nobody"), None);
    }
}
