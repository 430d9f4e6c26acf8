//! What the phone and its tests need and a clone does not have: npm packages, a Node.js, a browser.
//!
//! On Debian as root they are installed. Elsewhere the error names what is missing and the command
//! that gets it, and everything that does not need it works.

mod chromium;
mod debian;
mod node;
mod npm;
mod on_path;

pub(crate) use chromium::chromium;
pub(crate) use debian::{TOOLS, apt, apt_is_ours, ensure_tool, is_root};
pub(crate) use node::node;
pub(crate) use npm::{Omit, packages};

/// Folder of the phone's two packages, and of those for tests, below the workspace.
pub(crate) const PHONE: &str = "crates/sandbox/phone";
pub(crate) const TESTS: &str = "tests";
