//! Compiler and runtime speak an internal protocol; they must be of one version.

use std::path::{Path, PathBuf};

const CRATES: [&str; 2] = [
    "glass-easel-stylesheet-compiler",
    "glass-easel-template-compiler",
];
const PACKAGES: [&str; 2] = ["glass-easel", "glass-easel-miniprogram-adapter"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn toml_of(path: &str) -> toml::Table {
    let text = std::fs::read_to_string(root().join(path)).expect("every checkout has it");
    text.parse().expect("cargo reads it too")
}

fn compiler() -> String {
    let manifest = toml_of("Cargo.toml");
    let pinned = CRATES.map(|name| {
        let dependency = &manifest["workspace"]["dependencies"][name];
        dependency["version"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    });
    assert_eq!(pinned[0], pinned[1]);
    let version = pinned[0]
        .strip_prefix('=')
        .expect("an internal protocol is pinned exactly");
    version.to_owned()
}

#[test]
fn the_lock_file_holds_the_pinned_compiler() {
    let lock = toml_of("Cargo.lock");
    let packages = lock["package"].as_array().expect("a list of packages");
    for name in CRATES {
        let package = packages
            .iter()
            .find(|package| package["name"].as_str() == Some(name));
        let version = package.and_then(|package| package["version"].as_str());
        assert_eq!(version, Some(compiler().as_str()), "{name}");
    }
}

#[test]
fn the_phones_runtime_has_the_compilers_version() {
    let lock = root().join("crates/sandbox/phone/package-lock.json");
    // A phone without its lock file cannot be installed, which its own tests notice.
    let Ok(text) = std::fs::read_to_string(lock) else {
        return;
    };
    let lock: serde_json::Value = serde_json::from_str(&text).expect("npm wrote it");
    for name in PACKAGES {
        let version = &lock["packages"][format!("node_modules/{name}")]["version"];
        assert_eq!(version.as_str(), Some(compiler().as_str()), "{name}");
    }
}
