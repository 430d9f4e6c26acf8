//! The samples of docs/WEBHOOKS.md verify what this server signs, and nothing else.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use domain::{Clock, Millis, webhook};
use server::{
    clock::{SystemClock, SystemIds},
    webhooks::{KeyRing, Scheme},
};

#[expect(unreachable_pub, reason = "the sample is written for other crates")]
#[path = "../../../../docs/webhooks/verify.rs"]
mod verify;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/webhooks");

/// One call as a receiver gets it, and what should be said to it.
struct Case {
    name: &'static str,
    key: String,
    timestamp: String,
    signatures: String,
    body: String,
    genuine: bool,
}

const ID: &str = "20261123223850000:order-1:3";

fn key_of(ring: &KeyRing) -> String {
    let shown = ring.shown().unwrap();
    shown.secret().or_else(|| shown.public_key()).unwrap()
}

/// A call signed with this ring so many seconds ago.
fn signed(name: &'static str, ring: &KeyRing, key: &str, ago_s: i64, genuine: bool) -> Case {
    let now = SystemClock.now();
    let timestamp = now.seconds() - ago_s;
    let body = webhook::envelope("order.paid", now, r#"{"description":"茶","version":3}"#);
    let content = webhook::signed_content(ID, timestamp, &body);
    Case {
        name,
        key: key.to_owned(),
        timestamp: timestamp.to_string(),
        signatures: ring.signatures(&content, now).unwrap(),
        body,
        genuine,
    }
}

fn cases(scheme: Scheme) -> Vec<Case> {
    let ring = KeyRing::generate(scheme, &SystemIds);
    let (key, other) = (
        key_of(&ring),
        key_of(&KeyRing::generate(scheme, &SystemIds)),
    );
    let (now, later) = (SystemClock.now(), Millis(i64::MAX));
    let rotated = ring.rotated(Scheme::Hmac, &SystemIds, now, later);
    let rotated = rotated.rotated(Scheme::Ed25519, &SystemIds, now, later);
    let mut altered = signed("altered", &ring, &key, 0, false);
    altered.body = altered.body.replace("茶", "金");
    vec![
        signed("genuine", &ring, &key, 0, true),
        signed("in a rotation", &rotated, &key, 0, true),
        signed("another key", &ring, &other, 0, false),
        signed("too old", &ring, &key, 400, false),
        signed("from the future", &ring, &key, -400, false),
        altered,
    ]
}

/// Whether the sample says that the call is genuine.
fn ask(program: &str, arguments: &[&str], case: &Case) -> bool {
    let mut child = Command::new(program)
        .args(arguments)
        .args([&case.key, ID, &case.timestamp, &case.signatures])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(case.body.as_bytes()).unwrap();
    drop(stdin);
    let outcome = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&outcome.stderr);
    match outcome.status.code() {
        Some(0) => true,
        Some(1) if said.is_empty() => false,
        other => panic!("{}: {program} ended with {other:?}: {said}", case.name),
    }
}

#[expect(
    clippy::print_stdout,
    reason = "xtask counts these lines as skipped tests"
)]
fn works(test: &str, program: &str, arguments: &[&str]) -> bool {
    let outcome = Command::new(program).args(arguments).output();
    let there = outcome.is_ok_and(|outcome| outcome.status.success());
    if !there {
        println!(
            "SKIPPED {test}: `{program} {}` does not work here",
            arguments.join(" ")
        );
    }
    there
}

fn sample(file: &str) -> PathBuf {
    Path::new(FOLDER).join(file)
}

fn hold(program: &str, before: &[&str], file: &str, scheme: Scheme) {
    let path = sample(file);
    let arguments: Vec<&str> = before.iter().copied().chain(path.to_str()).collect();
    for case in cases(scheme) {
        assert_eq!(
            ask(program, &arguments, &case),
            case.genuine,
            "{file}: {}",
            case.name
        );
    }
}

fn hold_both(program: &str, before: &[&str], file: &str) {
    for scheme in [Scheme::Hmac, Scheme::Ed25519] {
        hold(program, before, file, scheme);
    }
}

#[test]
fn the_node_sample_tells_genuine_calls_from_others() {
    if works(
        "the_node_sample_tells_genuine_calls_from_others",
        "node",
        &["--version"],
    ) {
        hold_both("node", &[], "verify.js");
    }
}

#[test]
fn the_python_sample_tells_genuine_calls_from_others() {
    let test = "the_python_sample_tells_genuine_calls_from_others";
    if works(test, "python3", &["--version"]) {
        hold("python3", &[], "verify.py", Scheme::Hmac);
    }
    if works(test, "python3", &["-c", "import cryptography"]) {
        hold("python3", &[], "verify.py", Scheme::Ed25519);
    }
}

#[test]
fn the_java_sample_tells_genuine_calls_from_others() {
    if works(
        "the_java_sample_tells_genuine_calls_from_others",
        "java",
        &["-version"],
    ) {
        // Each call starts a machine: no time to optimise.
        hold_both(
            "java",
            &["-XX:TieredStopAtLevel=1", "-Xshare:auto"],
            "Verify.java",
        );
    }
}

#[test]
fn the_go_sample_tells_genuine_calls_from_others() {
    if works(
        "the_go_sample_tells_genuine_calls_from_others",
        "go",
        &["version"],
    ) {
        hold_both("go", &["run"], "verify.go");
    }
}

#[test]
fn the_php_sample_tells_genuine_calls_from_others() {
    if works(
        "the_php_sample_tells_genuine_calls_from_others",
        "php",
        &["-v"],
    ) {
        hold_both("php", &[], "verify.php");
    }
}

#[test]
fn the_rust_sample_tells_genuine_calls_from_others() {
    for case in [Scheme::Hmac, Scheme::Ed25519].into_iter().flat_map(cases) {
        let (body, now) = (case.body.as_bytes(), SystemClock.now().seconds());
        let (timestamp, signatures) = (&case.timestamp, &case.signatures);
        let said = verify::verify(&case.key, ID, timestamp, signatures, body, now);
        assert_eq!(said, case.genuine, "{}", case.name);
    }
}
