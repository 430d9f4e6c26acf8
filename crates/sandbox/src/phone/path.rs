//! From a path in a request to a file in a folder, and never out of it.

use std::path::{Path, PathBuf};

/// A longer path names nothing that we serve.
const MAX_PATH_BYTES: usize = 512;

/// Whether a decoded path is made of plain names only. What this lets through has no way up, no
/// drive letter and no hidden file in it.
pub(super) fn is_plain(path: &str) -> bool {
    let plain = |name: &str| {
        let lawful = |c: char| !c.is_control() && !matches!(c, '\\' | ':');
        !name.is_empty() && !name.starts_with('.') && name.chars().all(lawful)
    };
    path.len() <= MAX_PATH_BYTES && path.split('/').all(plain)
}

/// The file of that name inside the folder. `None` if there is none, or if a symbolic link leads
/// out.
pub(super) fn inside(root: &Path, path: &str) -> Option<PathBuf> {
    if !is_plain(path) {
        return None;
    }
    let root = root.canonicalize().ok()?;
    let found = root.join(path).canonicalize().ok()?;
    (found.starts_with(&root) && found.is_file()).then_some(found)
}

/// The type of a file that a page of ours consists of.
pub(super) fn page_type(path: &str) -> Option<&'static str> {
    Some(match extension(path)? {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "woff2" => "font/woff2",
        _ => return media_type(path),
    })
}

/// The type of a file that a mini program may show. Code is not among them: it comes compiled.
pub(super) fn media_type(path: &str) -> Option<&'static str> {
    Some(match extension(path)?.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "ico" => "image/x-icon",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        _ => return None,
    })
}

fn extension(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    name.rsplit_once('.').map(|(_, extension)| extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_lead_anywhere() {
        for good in ["a.png", "a/b c/商品.png", "a..b/c"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "..",
            "a/../b",
            "a//b",
            "./a",
            ".git/config",
            "a\\b",
            "c:/windows",
            "a\0b",
            "a/",
        ] {
            assert!(!is_plain(bad), "{bad:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(folder.path().join("secret.png"), "s").unwrap();
        std::fs::write(root.join("own.png"), "o").unwrap();
        std::os::unix::fs::symlink("../secret.png", root.join("out.png")).unwrap();
        std::os::unix::fs::symlink("own.png", root.join("in.png")).unwrap();
        assert!(inside(&root, "in.png").is_some());
        assert!(inside(&root, "out.png").is_none());
        assert!(inside(&root, "none.png").is_none());
    }
}
