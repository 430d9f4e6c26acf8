//! Programs that a shell would find.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The first of these names that is a program on `PATH`.
pub(super) fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| in_folders(&folders, name))
}

fn in_folders(folders: &[PathBuf], name: &str) -> Option<PathBuf> {
    folders
        .iter()
        .map(|folder| folder.join(name))
        .find(|file| is_program(file))
}

pub(super) fn is_program(file: &Path) -> bool {
    file.metadata()
        .is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_run_is_passed_over() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(first.path().join("node"), "").unwrap();
        let program = second.path().join("node");
        std::fs::write(&program, "").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let folders = [first.path().to_path_buf(), second.path().to_path_buf()];
        assert_eq!(in_folders(&folders, "node"), Some(program));
    }
}
