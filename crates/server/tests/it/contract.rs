//! The HTTP contract as somebody outside meets it: a shell script with curl, jq and openssl.

use std::process::{Command, Output};

use crate::world::World;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/contract.sh");

#[tokio::test(flavor = "multi_thread")]
async fn a_script_with_openssl_alone_finds_the_contract_kept() {
    if missing("a_script_with_openssl_alone_finds_the_contract_kept") {
        return;
    }
    hold(&World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_is_kept_for_a_merchant_with_platform_certificates() {
    if missing("the_contract_is_kept_for_a_merchant_with_platform_certificates") {
        return;
    }
    let without_public_key = |config: &mut server::config::Config| {
        for merchant in config.merchants.values_mut() {
            merchant.public_key_id = None;
            merchant.public_key = None;
        }
    };
    let world = World::with(without_public_key).await;
    world.run_jobs().await;
    hold(&world).await;
}

/// Says which tool the machine lacks.
#[expect(
    clippy::print_stdout,
    reason = "xtask counts these lines as skipped tests"
)]
fn missing(test: &str) -> bool {
    let absent = |tool: &&str| Command::new(tool).arg("--help").output().is_err();
    let Some(tool) = ["curl", "jq", "openssl"].into_iter().find(absent) else {
        return false;
    };
    println!("SKIPPED {test}: {tool} is not installed");
    true
}

async fn hold(world: &World) {
    let (base, control) = (world.base.clone(), world.control.clone());
    let script = tokio::task::spawn_blocking(move || run(&base, &control));
    let outcome = script.await.unwrap();
    let said = String::from_utf8_lossy(&outcome.stdout);
    let complaint = String::from_utf8_lossy(&outcome.stderr);
    assert!(outcome.status.success(), "{said}{complaint}");
    assert!(said.ends_with("the contract holds\n"), "{said}");
}

fn run(base: &str, control: &str) -> Output {
    Command::new(SCRIPT).args([base, control]).output().unwrap()
}
