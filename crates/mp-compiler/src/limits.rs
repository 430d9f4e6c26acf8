//! Bounds on what is read and written. A mini program may hold 2 MB of code per package (30 MB with
//! all sub-packages; source: developers.weixin.qq.com/miniprogram/dev/framework/subpackages.html),
//! so none of these is reached by anything that WeChat would take.

/// Files that are read. The largest component libraries have some 2,000.
pub(crate) const MAX_FILES: usize = 5_000;

/// Bytes of one file: the largest that one package may hold.
pub(crate) const MAX_FILE_BYTES: u64 = 2 * 1024 * 1024;

/// Bytes of all files together: what a mini program may hold with all its sub-packages.
pub(crate) const MAX_TOTAL_BYTES: u64 = 30 * 1024 * 1024;

/// Style sheets that import each other in a row. People write two or three.
pub(crate) const MAX_IMPORT_DEPTH: usize = 16;

/// Bytes of one style sheet with all its imports. A sheet that imports another twice, which imports
/// a third twice, doubles with each step.
pub(crate) const MAX_SHEET_BYTES: usize = 4 * 1024 * 1024;

/// Tags, brackets or rules inside each other. The compilers behind us call themselves for each, and
/// the stack of a thread is finite. Pages have ten or fifteen levels.
pub(crate) const MAX_NESTING: usize = 64;

/// Characters inside one `{{ }}`. The longest that people write have some two hundred.
pub(crate) const MAX_EXPRESSION_CHARS: usize = 2_000;

/// Bytes of one template, whose compiler calls itself for each level: pages have some 20 KB.
pub(crate) const MAX_WXML_BYTES: usize = 256 * 1024;

/// Stack of the thread that compiles. Only what is used of it is taken from the machine.
pub(crate) const STACK_BYTES: usize = 256 * 1024 * 1024;

/// Brackets and operators inside one `{{ }}`: its compiler tries alternatives, at each level anew.
pub(crate) const MAX_EXPRESSION_NESTING: usize = 16;

/// Issues that are kept. Who has so many reads the first ones.
pub(crate) const MAX_ISSUES: usize = 500;

/// Characters of a path inside the project.
pub(crate) const MAX_PATH_CHARS: usize = 255;
