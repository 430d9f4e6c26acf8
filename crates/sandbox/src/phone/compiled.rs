//! The mini program, compiled when somebody asks for it and kept until a file changes.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use aws_lc_rs::digest::{Context, SHA256, digest};
use bytes::Bytes;
use tokio::sync::Mutex;

/// WeChat takes 2 MB per package and 30 MB in all; a folder with more files than this is not a
/// mini program but somebody's home.
const MAX_FILES: usize = 10_000;
/// Folders inside folders.
const MAX_DEPTH: usize = 24;
/// Folders of tools. WeChat does not look into them either.
const SKIPPED: [&str; 2] = ["node_modules", "target"];

/// A mini program in a folder.
#[derive(Debug)]
pub(super) struct Program {
    root: PathBuf,
    /// Held while compiling: one at a time, and whoever asks meanwhile gets the same.
    built: Mutex<Option<Arc<Built>>>,
}

/// What the compiler made.
#[derive(Debug)]
pub(super) struct Built {
    /// Of the files that went in.
    revision: String,
    /// The script.
    pub(super) bundle: Product,
    /// The style sheet.
    pub(super) css: Product,
    /// What is wrong, as JSON.
    pub(super) issues: Product,
}

/// Bytes with their fingerprint.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) bytes: Bytes,
    pub(super) etag: String,
}

impl Program {
    pub(super) fn at(root: PathBuf) -> Self {
        Self {
            root,
            built: Mutex::default(),
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder's own name.
    pub(super) fn name(&self) -> String {
        let whole = self.root.canonicalize();
        let whole = whole.as_deref().unwrap_or(&self.root);
        let name = whole.file_name().unwrap_or(whole.as_os_str());
        name.to_string_lossy().into_owned()
    }

    pub(super) fn is_there(&self) -> bool {
        self.root.join("app.json").is_file()
    }

    /// A fingerprint of names, sizes and times of all files: another one means something changed.
    pub(super) async fn revision(&self) -> io::Result<String> {
        let root = self.root.clone();
        blocking(move || fingerprint(&root)).await
    }

    /// Compiled as the files are now.
    pub(super) async fn built(&self) -> io::Result<Arc<Built>> {
        let mut built = self.built.lock().await;
        let revision = self.revision().await?;
        let fresh = built.as_ref().filter(|built| built.revision == revision);
        if let Some(fresh) = fresh {
            return Ok(fresh.clone());
        }
        let root = self.root.clone();
        let made = blocking(move || compile(&root, revision)).await?;
        Ok(built.insert(Arc::new(made)).clone())
    }
}

/// Reading files and compiling would hold up everybody else on this thread.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await?
}

fn compile(root: &Path, revision: String) -> io::Result<Built> {
    let compiled = mp_compiler::compile(root);
    let issues = serde_json::to_vec(&compiled.issues)?;
    Ok(Built {
        revision,
        bundle: Product::of(compiled.bundle),
        css: Product::of(compiled.css),
        issues: Product::of(issues),
    })
}

impl Product {
    pub(super) fn of(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self {
            etag: hex::encode(&digest(&SHA256, &bytes).as_ref()[..8]),
            bytes,
        }
    }
}

fn fingerprint(root: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    collect(root, 0, &mut files)?;
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut context = Context::new(&SHA256);
    for (path, metadata) in &files {
        context.update(path.as_os_str().as_encoded_bytes());
        context.update(&metadata.len().to_be_bytes());
        let changed = metadata.modified()?.duration_since(UNIX_EPOCH);
        let changed = changed.unwrap_or_default().as_nanos();
        context.update(&changed.to_be_bytes());
    }
    Ok(hex::encode(&context.finish().as_ref()[..8]))
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<(PathBuf, Metadata)>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || SKIPPED.contains(&&*name) {
            continue;
        }
        // A file that an editor has just taken away is not there; nothing is wrong with the rest.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        if metadata.is_file() {
            files.push((entry.path(), metadata));
        } else if metadata.is_dir() && depth < MAX_DEPTH {
            collect(&entry.path(), depth + 1, files)?;
        }
        if files.len() > MAX_FILES {
            let words = format!("{} holds more than {MAX_FILES} files", folder.display());
            return Err(io::Error::other(words));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_follows_every_file_but_those_of_tools() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("app.json", "{}");
        let first = fingerprint(folder.path()).unwrap();
        write("node_modules/a.js", "1");
        write(".git/HEAD", "1");
        assert_eq!(fingerprint(folder.path()).unwrap(), first);
        write("pages/a.wxml", "<view/>");
        let second = fingerprint(folder.path()).unwrap();
        assert_ne!(second, first);
        write("app.json", "{ }");
        assert_ne!(fingerprint(folder.path()).unwrap(), second);
    }
}
