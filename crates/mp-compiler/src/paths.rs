//! Paths inside a mini program: with `/`, relative to its root, without `.` and `..`.

use crate::limits::MAX_PATH_CHARS;

/// Why something is no path inside the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadPath {
    /// It climbs above the root.
    Outside,
    /// Empty, too long, or with characters that neither WeChat nor a script's string may hold.
    Malformed,
}

/// The folder of a file: `pages/goods` for `pages/goods/index`, nothing for `app`.
pub(crate) fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// What `reference` means in `from`: absolute from the root, or relative to the folder of `from`.
pub(crate) fn resolve(from: &str, reference: &str) -> Result<String, BadPath> {
    match reference.strip_prefix('/') {
        Some(absolute) => join("", absolute),
        None => join(folder(from), reference),
    }
}

/// `reference` under `folder`, tidied.
pub(crate) fn join(folder: &str, reference: &str) -> Result<String, BadPath> {
    if !lawful(reference) {
        return Err(BadPath::Malformed);
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in reference.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or(BadPath::Outside)?;
            }
            _ => parts.push(part),
        }
    }
    let path = parts.join("/");
    if path.chars().count() > MAX_PATH_CHARS {
        return Err(BadPath::Malformed);
    }
    Ok(path)
}

/// A path ends up in strings of scripts and in selectors of style sheets, so quotes and the like
/// are refused at the door.
fn lawful(reference: &str) -> bool {
    !reference.is_empty()
        && !reference.contains(|c: char| c.is_control() || "\\'\"`<>|:*?{}".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_tidied_and_stay_inside() {
        let rows = [
            ("pages/a/index", "../b/x", Ok("pages/b/x")),
            ("pages/a/index", "./x", Ok("pages/a/x")),
            ("pages/a/index", "/x/./y", Ok("x/y")),
            ("pages/a/index", "../../x", Ok("x")),
            ("pages/a/index", "../../../x", Err(BadPath::Outside)),
            ("app", "/../etc/passwd", Err(BadPath::Outside)),
            ("app", "", Err(BadPath::Malformed)),
            ("app", "a\\..\\b", Err(BadPath::Malformed)),
            ("app", "C:/x", Err(BadPath::Malformed)),
            ("app", "a\0b", Err(BadPath::Malformed)),
        ];
        for (from, reference, expected) in rows {
            let found = resolve(from, reference);
            assert_eq!(found.as_deref(), expected.as_ref().copied(), "{reference}");
        }
    }
}
