//! The two files of others that the screen runs on, read at run time from where npm put them.

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;

/// The larger one has 160 kB; something far larger is not what we are looking for.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The component framework.
    Framework,
    /// `Page`, `Component`, `Behavior` on top of it.
    Adapter,
}

impl Part {
    /// By the name under which the import map asks for it.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "glass-easel.js" => Some(Self::Framework),
            "adapter.js" => Some(Self::Adapter),
            _ => None,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Framework => "glass-easel/dist/glass_easel.all.es.js",
            Self::Adapter => {
                "glass-easel-miniprogram-adapter/dist/glass_easel_miniprogram_adapter.es.js"
            }
        }
    }
}

/// The `node_modules` folder.
#[derive(Clone, Debug)]
pub(super) struct Runtime(PathBuf);

impl Runtime {
    /// Where somebody said, or beside the sources.
    pub(super) fn at(folder: Option<PathBuf>) -> Self {
        let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("phone/node_modules");
        Self(folder.unwrap_or_else(beside))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// Looked up each time, so that the page works as soon as npm has run.
    pub(super) fn is_there(&self) -> bool {
        let is_file = |part: Part| self.0.join(part.path()).is_file();
        is_file(Part::Framework) && is_file(Part::Adapter)
    }

    pub(super) fn read(&self, part: Part) -> io::Result<Bytes> {
        let path = self.0.join(part.path());
        if path.metadata()?.len() > MAX_BYTES {
            return Err(io::Error::other("far larger than the runtime is"));
        }
        std::fs::read(path).map(Bytes::from)
    }
}
