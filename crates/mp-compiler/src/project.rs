//! The folder on disk: which files there are, and their text. Nothing outside it is ever read.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::issue::{Issue, IssueCode, Place};
use crate::limits::{MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES};
use crate::paths;

/// Why a file gave no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadError {
    Missing,
    /// A symbolic link leads out of the root.
    Outside,
    NotText,
    TooLarge,
    /// The project as a whole has used up its bounds.
    TooMuch,
}

/// An opened mini program.
pub(crate) struct Project {
    root: PathBuf,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    texts: BTreeMap<String, Result<Rc<str>, ReadError>>,
    looked_at: BTreeSet<PathBuf>,
    bytes: u64,
}

impl Project {
    /// `folder` is the mini program's folder, or one whose `project.config.json` names it.
    pub(crate) fn open(folder: &Path) -> Result<Self, Box<Issue>> {
        let Some(project) = Self::at(folder) else {
            let shown = folder.display();
            return Err(Box::new(Issue::error(IssueCode::MissingFile, "").says(
                format!("文件夹 {shown} 不存在；请给出含有 app.json 的小程序文件夹。"),
                format!("The folder {shown} does not exist; name the folder with app.json."),
            )));
        };
        let named = project
            .text("project.config.json")
            .ok()
            .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
            .and_then(|config| Some(config.get("miniprogramRoot")?.as_str()?.to_owned()))
            .and_then(|named| paths::join("", &named).ok())
            .filter(|named| !named.is_empty());
        match named.and_then(|named| project.inner(&named)) {
            Some(inner) => Ok(inner),
            None => Ok(project),
        }
    }

    fn at(folder: &Path) -> Option<Self> {
        let root = folder.canonicalize().ok().filter(|root| root.is_dir())?;
        Some(Self {
            root,
            state: RefCell::default(),
        })
    }

    /// `miniprogramRoot`, which may not lead out either.
    fn inner(&self, named: &str) -> Option<Self> {
        let inner = Self::at(&self.root.join(named))?;
        let config = self.state.borrow().looked_at.clone();
        let inside = inner.root.starts_with(&self.root);
        inner.state.borrow_mut().looked_at = config;
        inside.then_some(inner)
    }

    /// Whether there is such a file inside the project.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.locate(path).is_ok()
    }

    /// The text of a file, without a byte order mark. Read once.
    pub(crate) fn text(&self, path: &str) -> Result<Rc<str>, ReadError> {
        if let Some(known) = self.state.borrow().texts.get(path) {
            return known.clone();
        }
        let text = self.read(path);
        let mut state = self.state.borrow_mut();
        state.texts.insert(path.to_owned(), text.clone());
        text
    }

    fn read(&self, path: &str) -> Result<Rc<str>, ReadError> {
        let place = self.locate(path)?;
        let file = File::open(place).map_err(|_| ReadError::Missing)?;
        let mut bytes = Vec::new();
        // One byte more than allowed shows that there is more, whatever the length said before.
        file.take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|_| ReadError::NotText)?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if length > MAX_FILE_BYTES {
            return Err(ReadError::TooLarge);
        }
        self.count(length)?;
        let text = String::from_utf8(bytes).map_err(|_| ReadError::NotText)?;
        Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).into())
    }

    fn count(&self, length: u64) -> Result<(), ReadError> {
        let mut state = self.state.borrow_mut();
        if state.texts.len() >= MAX_FILES || state.bytes + length > MAX_TOTAL_BYTES {
            return Err(ReadError::TooMuch);
        }
        state.bytes += length;
        Ok(())
    }

    /// The real place of a file, links followed, if that is inside.
    fn locate(&self, path: &str) -> Result<PathBuf, ReadError> {
        let place = self.root.join(path);
        self.state.borrow_mut().looked_at.insert(place.clone());
        let real = place.canonicalize().map_err(|_| ReadError::Missing)?;
        if !real.starts_with(&self.root) {
            return Err(ReadError::Outside);
        }
        if real.is_file() {
            Ok(real)
        } else {
            Err(ReadError::Missing)
        }
    }

    /// Every file that was read or looked for in vain.
    pub(crate) fn looked_at(self) -> Vec<PathBuf> {
        self.state.into_inner().looked_at.into_iter().collect()
    }
}

/// The words for a file that gave no text. `from` is the file, and the place in it, that wants it.
pub(crate) fn unreadable(
    wanted: &str,
    error: ReadError,
    from: &str,
    place: Option<Place>,
) -> Issue {
    let (code, zh, en) = match error {
        ReadError::Missing => (
            IssueCode::MissingFile,
            format!("找不到 {wanted}；请检查路径（区分大小写），或新建该文件。"),
            format!("{wanted} does not exist; check the path (case matters) or create the file."),
        ),
        ReadError::Outside => (
            IssueCode::BadPath,
            format!("{wanted} 是指向小程序文件夹之外的链接；请把文件放进来。"),
            format!("{wanted} links to a file outside the mini program; put the file inside."),
        ),
        ReadError::NotText => (
            IssueCode::UnreadableFile,
            format!("{wanted} 不是 UTF-8 文本；请另存为 UTF-8。"),
            format!("{wanted} is not UTF-8 text; save it as UTF-8."),
        ),
        ReadError::TooLarge => (
            IssueCode::LimitExceeded,
            format!("{wanted} 超过 2 MB，微信的单个代码包也放不下；请拆分或删减。"),
            format!("{wanted} is larger than 2 MB, more than a package may hold; split it."),
        ),
        ReadError::TooMuch => (
            IssueCode::LimitExceeded,
            format!("读到 {wanted} 时文件总数或总大小超限（5000 个，30 MB）；请删减。"),
            format!("Too many files or bytes at {wanted} (5,000 files, 30 MB); remove some."),
        ),
    };
    Issue::error(code, from).at_if(place).says(zh, en)
}
