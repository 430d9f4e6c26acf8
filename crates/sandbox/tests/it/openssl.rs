//! The contract with nothing of ours on the other side: keys, signatures and sealed texts are
//! made and checked by the `openssl` program alone.

use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::world::{JSAPI, World, unix_seconds};

/// Runs openssl in a folder; its output.
fn openssl(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl")
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

fn sign(folder: &Path, message: &str) -> String {
    std::fs::write(folder.join("message"), message).unwrap();
    let arguments = ["dgst", "-sha256", "-sign", "apiclient_key.pem", "message"];
    BASE64_STANDARD.encode(openssl(folder, &arguments))
}

fn verify(folder: &Path, key: &str, message: &[u8], signature: &str) {
    std::fs::write(folder.join("message"), message).unwrap();
    let signature = BASE64_STANDARD.decode(signature).unwrap();
    std::fs::write(folder.join("signature"), signature).unwrap();
    let arguments = [
        "dgst",
        "-sha256",
        "-verify",
        key,
        "-signature",
        "signature",
        "message",
    ];
    let said = openssl(folder, &arguments);
    assert_eq!(String::from_utf8_lossy(&said).trim(), "Verified OK");
}

/// The merchant's files, as `GET /control/merchant` gives them.
fn write_papers(folder: &Path, merchant: &Value) {
    for (name, file) in [
        ("private_key_pem", "apiclient_key.pem"),
        ("certificate_pem", "apiclient_cert.pem"),
        ("public_key_pem", "pub_key.pem"),
    ] {
        std::fs::write(folder.join(file), merchant[name].as_str().unwrap()).unwrap();
    }
}

#[tokio::test]
async fn papers_are_what_openssl_says_they_are() {
    let world = World::start().await;
    let folder = tempfile::tempdir().unwrap();
    let merchant = world.control("GET", "/merchant", json!({})).await;
    write_papers(folder.path(), &merchant);
    let show = |what: &str| {
        let arguments = ["x509", "-in", "apiclient_cert.pem", "-noout", what];
        String::from_utf8(openssl(folder.path(), &arguments)).unwrap()
    };
    let serial = show("-serial");
    assert_eq!(
        serial.trim(),
        format!("serial={}", merchant["serial_no"].as_str().unwrap())
    );
    assert!(show("-subject").contains(merchant["mchid"].as_str().unwrap()));
    let of_certificate = show("-pubkey");
    let of_key = openssl(
        folder.path(),
        &["pkey", "-in", "apiclient_key.pem", "-pubout"],
    );
    assert_eq!(of_certificate.as_bytes(), of_key);
    assert!(
        String::from_utf8_lossy(&openssl(
            folder.path(),
            &["pkey", "-pubin", "-in", "pub_key.pem", "-noout", "-text"]
        ))
        .contains("2048 bit")
    );
}

#[tokio::test]
async fn a_payment_is_made_with_openssl_alone() {
    let world = World::start().await;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let merchant = world.control("GET", "/merchant", json!({})).await;
    write_papers(folder, &merchant);
    let field = |name: &str| merchant[name].as_str().unwrap();

    let body = world.order("OPENSSL01").await.to_string();
    let timestamp = unix_seconds().to_string();
    let signature = sign(
        folder,
        &format!("POST\n{JSAPI}\n{timestamp}\nnonce\n{body}\n"),
    );
    let header = world.merchant.authorization_with(&timestamp, &signature);
    let answer = world
        .merchant
        .send("POST", JSAPI, &body, Some(&header))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let certificates = world
        .control("GET", "/platform-certificates", json!({}))
        .await;
    let pem = certificates["data"][0]["certificate_pem"].as_str().unwrap();
    std::fs::write(folder.join("platform.pem"), pem).unwrap();
    let arguments = [
        "x509",
        "-in",
        "platform.pem",
        "-pubkey",
        "-noout",
        "-out",
        "platform_pub.pem",
    ];
    openssl(folder, &arguments);
    let sent = |name: &str| answer.header(name).unwrap();
    let (time, nonce) = (sent("wechatpay-timestamp"), sent("wechatpay-nonce"));
    let message = format!("{time}\n{nonce}\n{}\n", answer.text);
    verify(
        folder,
        "platform_pub.pem",
        message.as_bytes(),
        sent("wechatpay-signature"),
    );

    let prepay_id = answer.json()["prepay_id"].as_str().unwrap().to_owned();
    pay(&world, folder, field("appid"), &prepay_id).await;

    let received = world.shop.received().remove(0);
    let sent = |name: &str| received.header(name);
    let (time, nonce) = (sent("wechatpay-timestamp"), sent("wechatpay-nonce"));
    let head = format!("{time}\n{nonce}\n");
    let message = [head.as_bytes(), &received.body, b"\n"].concat();
    verify(
        folder,
        "platform_pub.pem",
        &message,
        sent("wechatpay-signature"),
    );
    let envelope: Value = serde_json::from_slice(&received.body).unwrap();
    let plain = open(folder, field("api_v3_key"), &envelope["resource"]);
    assert_eq!(plain["out_trade_no"], "OPENSSL01");
    assert_eq!(plain["trade_state"], "SUCCESS");
}

async fn pay(world: &World, folder: &Path, appid: &str, prepay_id: &str) {
    let timestamp = unix_seconds().to_string();
    let package = format!("prepay_id={prepay_id}");
    let payment = json!({
        "appid": appid, "user": "demo", "timeStamp": timestamp, "nonceStr": "n",
        "package": package, "signType": "RSA",
        "paySign": sign(folder, &format!("{appid}\n{timestamp}\nn\n{package}\n")),
    });
    let cashier = world.cashier(&payment).await;
    let id = cashier["cashier_id"]
        .as_str()
        .unwrap_or_else(|| panic!("{cashier}"));
    world
        .control("POST", &format!("/cashier/{id}/pay"), json!({}))
        .await;
    world.advance(0).await;
}

/// The `openssl` program does not do GCM. GCM without its tag is counter mode that starts at the
/// nonce with a counter of 2, and that it does.
fn open(folder: &Path, key: &str, resource: &Value) -> Value {
    let sealed = BASE64_STANDARD
        .decode(resource["ciphertext"].as_str().unwrap())
        .unwrap();
    let (cipher, tag) = sealed.split_at(sealed.len() - 16);
    assert_eq!(tag.len(), 16);
    std::fs::write(folder.join("sealed"), cipher).unwrap();
    let counter = format!(
        "{}00000002",
        hex::encode(resource["nonce"].as_str().unwrap())
    );
    let key = hex::encode(key);
    let arguments = [
        "enc",
        "-d",
        "-aes-256-ctr",
        "-K",
        &key,
        "-iv",
        &counter,
        "-in",
        "sealed",
    ];
    serde_json::from_slice(&openssl(folder, &arguments)).unwrap()
}
