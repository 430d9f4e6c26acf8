//! The HTTP contract as somebody outside meets it: a shell script with curl, jq and openssl.

use std::process::{Command, Output};

use crate::world::World;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/contract.sh");

#[tokio::test(flavor = "multi_thread")]
async fn a_script_with_openssl_alone_finds_the_contract_kept() {
    const NAME: &str = "a_script_with_openssl_alone_finds_the_contract_kept";
    for tool in ["curl", "jq", "openssl"] {
        if Command::new(tool).arg("--help").output().is_err() {
            println!("SKIPPED {NAME}: {tool} is not installed");
            return;
        }
    }
    let world = World::new().await;
    let (base, control) = (world.base.clone(), world.control.clone());
    let outcome = tokio::task::spawn_blocking(move || run(&base, &control))
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&outcome.stdout);
    let complaint = String::from_utf8_lossy(&outcome.stderr);
    assert!(outcome.status.success(), "{said}{complaint}");
    assert!(said.ends_with("the contract holds\n"), "{said}");
}

fn run(base: &str, control: &str) -> Output {
    Command::new(SCRIPT).args([base, control]).output().unwrap()
}
