//! Puts the layers on top of each other and reads the result.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::problem::{ConfigError, Problem};
use super::reader::{Findings, Section, Setting, Shared};
use super::tree::{Node, Origin};
use super::{Config, conflict, decode, env, file};

/// The manual of every setting, and the bottom layer. `shouyin config init` writes it.
pub const DEFAULT_FILE: &str = include_str!("../config.default.toml");

/// Where a file is looked for when none is named, first hit wins.
const USUAL_PLACES: [&str; 2] = ["shouyin.toml", "/etc/shouyin/shouyin.toml"];
const PATH_VARIABLE: &str = "SHOUYIN_CONFIG";

/// A configuration file is written by hand; a larger one is the wrong file.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// One setting given on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The flag as the operator typed it, for messages.
    pub flag: String,
    /// Dotted, e.g. `server.listen`.
    pub key: String,
    pub value: String,
}

/// The three upper layers, as plain values so that tests can make them up.
#[derive(Clone, Default)]
pub struct Sources {
    /// A file that must exist (`--config`).
    pub file: Option<PathBuf>,
    /// Look at `SHOUYIN_CONFIG` and the usual places when `file` is not given.
    pub search: bool,
    pub env: Vec<(String, String)>,
    pub overrides: Vec<Override>,
}

/// A usable configuration and where it came from.
#[derive(Debug)]
pub struct Loaded {
    pub config: Config,
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
    /// Every value that is not the default, in reading order; secrets are hidden.
    pub settings: Vec<Setting>,
}

impl Sources {
    /// What a process gets: its file, the environment, and the flags it was given.
    pub fn of_process(file: Option<PathBuf>, overrides: Vec<Override>) -> Sources {
        // Names and values that are not Unicode cannot be ours; a broken one of ours shows itself
        // as missing.
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((
                name.into_string().ok()?,
                value.to_string_lossy().into_owned(),
            ))
        };
        let env = std::env::vars_os().filter_map(text).collect();
        Sources {
            file,
            search: true,
            env,
            overrides,
        }
    }

    /// Merges the layers and reads them.
    ///
    /// # Errors
    /// Every problem of every layer that could be read, at once.
    pub fn load(&self) -> Result<Loaded, ConfigError> {
        let mut problems = Vec::new();
        let file = self.find_file();
        let tree = self.merged(file.as_deref(), &mut problems);
        if !problems.is_empty() {
            return Err(ConfigError { problems });
        }
        let (config, findings) = read(tree)?;
        let chosen = |setting: &Setting| setting.origin != Origin::Default;
        let settings = findings.settings.into_iter().filter(chosen).collect();
        Ok(Loaded {
            config,
            file,
            settings,
        })
    }

    fn find_file(&self) -> Option<PathBuf> {
        if self.file.is_some() || !self.search {
            return self.file.clone();
        }
        let named = self
            .env
            .iter()
            .find(|(name, value)| name == PATH_VARIABLE && !value.is_empty());
        let usual = || {
            USUAL_PLACES
                .iter()
                .map(PathBuf::from)
                .find(|path| path.is_file())
        };
        named.map(|(_, path)| PathBuf::from(path)).or_else(usual)
    }

    fn merged(&self, file: Option<&Path>, problems: &mut Vec<Problem>) -> Node {
        let mut tree = default_tree();
        if let Some(path) = file {
            match read_file(path) {
                Ok(node) => tree.merge(node),
                Err(found) => problems.extend(found),
            }
        }
        for layer in env::layers(&self.env) {
            tree.merge(layer);
        }
        for each in &self.overrides {
            tree.merge(flag_node(each));
        }
        tree
    }
}

impl Config {
    /// The defaults overlaid with one TOML text: for tests and tools.
    ///
    /// # Errors
    /// As [`Sources::load`]; places are lines of `<text>`.
    pub fn from_toml(text: &str) -> Result<Config, ConfigError> {
        let place = file::Place::Path(Arc::from(Path::new("<text>")));
        let mut tree = default_tree();
        tree.merge(file::parse(&place, text).map_err(|problems| ConfigError { problems })?);
        read(tree).map(|(config, _)| config)
    }
}

fn default_tree() -> Node {
    file::parse(&file::Place::Embedded, DEFAULT_FILE)
        .unwrap_or_else(|_| unreachable!("a test parses the embedded file"))
}

fn flag_node(given: &Override) -> Node {
    let path: Vec<String> = given.key.split('.').map(str::to_owned).collect();
    let origin = Origin::Flag(Arc::from(given.flag.as_str()));
    let value = env::text_or_structure(&given.value, &origin);
    Node::at(&path, value, &origin)
}

fn read(tree: Node) -> Result<(Config, Findings), ConfigError> {
    let findings = Shared::default();
    let config = decode::config(Section::root(tree, &findings));
    let mut findings = findings.take();
    if let Some(config) = &config {
        findings
            .problems
            .extend(conflict::conflicts(&config.merchants));
    }
    match config {
        Some(config) if findings.problems.is_empty() => Ok((config, findings)),
        _ => Err(ConfigError {
            problems: findings.problems,
        }),
    }
}

/// Every setting that the code reads, for the test that holds the default file to it.
#[cfg(test)]
pub(super) fn known_settings(text: &str) -> Vec<String> {
    let place = file::Place::Path(Arc::from(Path::new("<text>")));
    let mut tree = default_tree();
    if let Ok(node) = file::parse(&place, text) {
        tree.merge(node);
    }
    read(tree)
        .map(|(_, findings)| findings.known)
        .unwrap_or_default()
}

fn read_file(path: &Path) -> Result<Node, Vec<Problem>> {
    let place: Arc<Path> = Arc::from(path);
    let unreadable = |why: String| {
        let origin = Origin::File {
            path: Arc::clone(&place),
            line: 1,
        };
        vec![Problem::at(&origin, "", format!("cannot be read: {why}"))]
    };
    let size = std::fs::metadata(path)
        .map_err(|error| unreadable(error.to_string()))?
        .len();
    if size > MAX_FILE_BYTES {
        return Err(unreadable(format!("larger than {MAX_FILE_BYTES} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    file::parse(&file::Place::Path(Arc::clone(&place)), &text)
}
