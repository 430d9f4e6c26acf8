//! Who may depend on whom. `ARCHITECTURE.md` draws the picture; this is what keeps it true.

use serde_json::Value;

use super::Finding;
use super::source::views;
use super::tree::Tree;

/// One of our packages, as cargo sees it.
pub(super) struct Package {
    /// Its folder: `fen`, `store`, …, which is what the table below calls it.
    folder: String,
    manifest: String,
    dependencies: Vec<Dependency>,
    /// Its own features, with what each turns on.
    features: Vec<(String, Vec<String>)>,
}

struct Dependency {
    package: String,
    /// The folder, when it is one of ours.
    ours: Option<String>,
    for_tests: bool,
    features: Vec<String>,
    default_features: bool,
}

/// What a crate may use of ours: in the product, and besides that in its tests.
struct Allowed {
    folder: &'static str,
    product: &'static [&'static str],
    tests: &'static [&'static str],
}

const EVERYTHING: &[&str] = &[
    "fen",
    "wechatpay",
    "domain",
    "store",
    "server",
    "sandbox",
    "mp-compiler",
];

const CHAOS: &[&str] = &["fen", "domain", "store", "server", "sandbox", "pg-cluster"];

const fn allow(folder: &'static str, product: &'static [&'static str]) -> Allowed {
    Allowed {
        folder,
        product,
        tests: &[],
    }
}

const ARROWS: &[Allowed] = &[
    allow("fen", &[]),
    Allowed {
        folder: "wechatpay",
        product: &["fen"],
        tests: &["fuzz"],
    },
    allow("domain", &["fen"]),
    allow("pg-cluster", &[]),
    Allowed {
        folder: "store",
        product: &["domain", "fen"],
        // A PostgreSQL that a test may kill, and itself, with the fixture that spreads merchants.
        tests: &["pg-cluster", "store"],
    },
    Allowed {
        folder: "server",
        product: &["store", "domain", "wechatpay", "fen"],
        // The sandbox plays WeChat in the server's journeys.
        tests: &["sandbox", "fuzz"],
    },
    allow("mp-compiler", &[]),
    Allowed {
        folder: "sandbox",
        product: &["wechatpay", "mp-compiler", "fen"],
        tests: &["fuzz"],
    },
    // Spoilt samples, for tests of parsers.
    allow("fuzz", &[]),
    allow("simulator", EVERYTHING),
    allow("bench", EVERYTHING),
    // It drives processes, so the fixtures of tests are its product.
    allow("chaos", CHAOS),
    // The first thing a fresh clone builds.
    allow("xtask", &[]),
];

/// Packages of others that only some of our crates may know.
struct Reserved {
    packages: &'static [&'static str],
    product: &'static [&'static str],
    tests: &'static [&'static str],
    why: &'static str,
}

const RESERVED: &[Reserved] = &[
    Reserved {
        packages: &[
            "rusqlite",
            "tokio-postgres",
            "deadpool-postgres",
            "postgres-types",
        ],
        product: &["store", "bench"],
        tests: &[],
        why: "only `store` knows a database",
    },
    Reserved {
        packages: &["rcgen"],
        product: &["sandbox"],
        tests: &["wechatpay", "store"],
        why: "only the sandbox makes certificates",
    },
    Reserved {
        packages: &["axum", "tower", "tower-http"],
        product: &["server", "sandbox", "simulator", "bench", "chaos"],
        tests: &[],
        why: "only programs serve HTTP",
    },
    Reserved {
        packages: &["reqwest", "hyper", "hyper-util"],
        product: &[
            "wechatpay",
            "server",
            "sandbox",
            "simulator",
            "bench",
            "chaos",
        ],
        tests: &[],
        why: "only these crates connect to others",
    },
    Reserved {
        packages: &["tokio"],
        product: &[
            "wechatpay",
            "store",
            "server",
            "sandbox",
            "simulator",
            "bench",
            "chaos",
        ],
        tests: &[],
        why: "the pure crates do not wait for anything",
    },
];

/// The feature under which crates offer what only a simulation may have.
const SIMULATION: &str = "simulation";

/// Reads `cargo metadata --no-deps`.
pub(super) fn packages(metadata: &Value) -> Vec<Package> {
    let root = metadata["workspace_root"].as_str().unwrap_or_default();
    let list = metadata["packages"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    list.iter()
        .map(|package| read_package(package, root))
        .collect()
}

fn read_package(package: &Value, root: &str) -> Package {
    let path = package["manifest_path"].as_str().unwrap_or_default();
    let manifest = path
        .strip_prefix(root)
        .unwrap_or(path)
        .trim_start_matches('/')
        .to_owned();
    let folder = last_segment(manifest.trim_end_matches("/Cargo.toml"));
    let list = package["dependencies"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    Package {
        folder,
        manifest,
        dependencies: list.iter().map(read_dependency).collect(),
        features: read_features(&package["features"]),
    }
}

fn read_features(features: &Value) -> Vec<(String, Vec<String>)> {
    let one = |(name, on): (&String, &Value)| (name.clone(), texts(on));
    features
        .as_object()
        .into_iter()
        .flatten()
        .map(one)
        .collect()
}

fn read_dependency(dependency: &Value) -> Dependency {
    Dependency {
        package: dependency["name"].as_str().unwrap_or_default().to_owned(),
        ours: dependency["path"].as_str().map(last_segment),
        for_tests: dependency["kind"].as_str() == Some("dev"),
        features: texts(&dependency["features"]),
        default_features: dependency["uses_default_features"]
            .as_bool()
            .unwrap_or(true),
    }
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let texts = list.iter().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

fn last_segment(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        let leak = simulating(package);
        findings.extend(leak.map(|what| Finding::new(&package.manifest, 1, what)));
        for dependency in &package.dependencies {
            let complaint = match &dependency.ours {
                Some(ours) => {
                    wrong_arrow(package, dependency, ours).or_else(|| too_much(package, dependency))
                }
                None => reserved(package, dependency),
            };
            findings.extend(complaint.map(|what| Finding::new(&package.manifest, 1, what)));
        }
    }
    findings
}

fn wrong_arrow(package: &Package, dependency: &Dependency, ours: &str) -> Option<String> {
    let folder = package.folder.as_str();
    let Some(allowed) = ARROWS.iter().find(|allowed| allowed.folder == folder) else {
        return Some(format!(
            "crate `{folder}` is not in the table of arrows; add it on purpose"
        ));
    };
    let fine =
        allowed.product.contains(&ours) || (dependency.for_tests && allowed.tests.contains(&ours));
    (!fine).then(|| format!("`{folder}` must not depend on `{ours}`; see ARCHITECTURE.md"))
}

/// What a crate offers for simulations (keys that prove nothing, stores that lose power) gets into
/// no program but the simulator: not by a dependency, and not by a feature of another name.
fn simulating(package: &Package) -> Option<String> {
    let folder = package.folder.as_str();
    if folder == "simulator" {
        return None;
    }
    let asks = |dependency: &Dependency| dependency.features.iter().any(|on| on == SIMULATION);
    let passes_on = |(name, on): &(String, Vec<String>)| {
        let simulates = |on: &String| on.rsplit('/').next() == Some(SIMULATION);
        name != SIMULATION && on.iter().any(simulates)
    };
    let leaks = package.dependencies.iter().any(asks) || package.features.iter().any(passes_on);
    leaks.then(|| format!("`{folder}` must not turn `{SIMULATION}` on; only the simulator does"))
}

/// The sandbox shares cryptography with the client and nothing else, hence not its HTTP either.
fn too_much(package: &Package, dependency: &Dependency) -> Option<String> {
    let bare = !dependency.default_features && dependency.features.is_empty();
    let applies = package.folder == "sandbox" && dependency.ours.as_deref() == Some("wechatpay");
    (applies && !bare)
        .then(|| "`sandbox` takes `wechatpay` without features; remove them".to_owned())
}

fn reserved(package: &Package, dependency: &Dependency) -> Option<String> {
    let rule = RESERVED
        .iter()
        .find(|rule| rule.packages.contains(&dependency.package.as_str()))?;
    let folder = package.folder.as_str();
    let known_to_tests = rule.tests.contains(&folder) || rule.packages.contains(&"tokio");
    let fine = rule.product.contains(&folder) || (dependency.for_tests && known_to_tests);
    let Reserved { why, .. } = rule;
    (!fine).then(|| {
        format!(
            "`{folder}` must not depend on `{}`: {why}",
            dependency.package
        )
    })
}

/// With the client's types in it, the sandbox would agree with the client's mistakes.
pub(super) fn check_sources(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree
        .rust()
        .filter(|file| file.path.starts_with("crates/sandbox/"))
    {
        for (index, line) in views(&file.text).code.lines().enumerate() {
            let uses = line.match_indices("wechatpay::");
            let strays = uses.filter(|(at, word)| !line[at + word.len()..].starts_with("crypto"));
            if strays.count() > 0 {
                let what = "the sandbox uses only `wechatpay::crypto`; write its own type instead";
                findings.push(Finding::new(&file.path, index + 1, what));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(folder: &str, dependency: &Value) -> Vec<String> {
        let metadata = json!({"workspace_root": "/x", "packages": [{
            "manifest_path": format!("/x/crates/{folder}/Cargo.toml"),
            "dependencies": [dependency],
        }]});
        check(&packages(&metadata))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn an_arrow_against_the_picture_is_found() {
        let store = json!({"name": "shouyin-store", "path": "/x/crates/store", "kind": null});
        assert!(found("server", &store).is_empty());
        let refused = found("domain", &store);
        assert_eq!(refused.len(), 1);
        assert!(refused[0].contains("`domain` must not depend on `store`"));
        assert!(found("surprise", &store)[0].contains("not in the table"));
    }

    #[test]
    fn tests_may_use_the_sandbox_and_the_product_may_not() {
        let path = "/x/crates/sandbox";
        let dev = json!({"name": "shouyin-sandbox", "path": path, "kind": "dev"});
        assert!(found("server", &dev).is_empty());
        let normal = json!({"name": "shouyin-sandbox", "path": path, "kind": null});
        assert_eq!(found("server", &normal).len(), 1);
    }

    #[test]
    fn a_reserved_package_is_found() {
        let rusqlite = json!({"name": "rusqlite", "kind": null});
        assert!(found("store", &rusqlite).is_empty());
        assert!(found("server", &rusqlite)[0].contains("only `store` knows a database"));
        assert_eq!(
            found("domain", &json!({"name": "tokio", "kind": null})).len(),
            1
        );
        assert_eq!(
            found("wechatpay", &json!({"name": "rcgen", "kind": null})).len(),
            1
        );
        assert_eq!(
            found("wechatpay", &json!({"name": "rcgen", "kind": "dev"})).len(),
            0
        );
    }

    #[test]
    fn the_sandbox_takes_the_client_without_its_http() {
        let path = "/x/crates/wechatpay";
        let bare = json!({"name": "c", "path": path, "uses_default_features": false});
        assert!(found("sandbox", &bare).is_empty());
        let full = json!({"name": "c", "path": path, "uses_default_features": false,
            "features": ["reqwest"]});
        assert_eq!(found("sandbox", &full).len(), 1);
    }

    #[test]
    fn only_the_simulator_turns_simulations_on() {
        let path = "/x/crates/wechatpay";
        let asking = json!({"name": "c", "path": path, "features": ["simulation"], "kind": "dev"});
        assert!(found("simulator", &asking).is_empty());
        assert!(found("server", &asking)[0].contains("only the simulator"));
        let features = |features| {
            let metadata = json!({"workspace_root": "/x", "packages": [{
                "manifest_path": "/x/crates/sandbox/Cargo.toml", "features": features,
            }]});
            check(&packages(&metadata)).len()
        };
        assert_eq!(features(json!({"simulation": ["wechatpay/simulation"]})), 0);
        assert_eq!(features(json!({"default": ["simulation"]})), 1);
        assert_eq!(features(json!({"tests": ["wechatpay/simulation"]})), 1);
    }

    #[test]
    fn the_clients_types_in_the_sandbox_are_found() {
        let text =
            "use wechatpay::crypto::PrivateKey;\n// wechatpay::Client\nuse wechatpay::Client;\n";
        let findings = check_sources(&Tree::of(&[("crates/sandbox/src/lib.rs", text)]));
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].line, 3);
    }
}
