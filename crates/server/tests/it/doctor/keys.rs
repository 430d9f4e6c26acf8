//! What the doctor says about keys that fit, and about keys that do not.

use std::sync::Arc;

use sandbox::{KeySource, Keys};
use serde_json::json;
use server::doctor::{Question, Verdict};

use super::{Patient, about, bad, no_bad};

/// Keys that belong to nobody in this test.
fn strangers_keys() -> Arc<Keys> {
    Keys::load(KeySource::Generate).expect("keys")
}

#[tokio::test]
async fn a_healthy_installation_has_no_bad_answer_in_either_key_mode() {
    let mut patient = Patient::new().await;
    for (configured, platform, said) in [
        (true, "both", "both platform certificates and public key"),
        (true, "public_key", "public key mode, PUB_KEY_ID_"),
        (false, "certificate", "certificate mode"),
    ] {
        if !configured {
            patient.without_public_key();
        }
        patient.platform_key_mode(platform).await;
        let findings = patient.examine().await;
        no_bad(&findings);
        let mode = about(&findings, Question::KeyMode)[0];
        assert!(mode.answer.en.contains(said), "{platform}: {mode:?}");
        let request = about(&findings, Question::SignedRequest)[0];
        assert!(
            request
                .answer
                .en
                .contains("accepted and its answer verified"),
            "{request:?}"
        );
        for question in [
            Question::Hosts,
            Question::PrivateKey,
            Question::SerialNo,
            Question::ApiV3Key,
            Question::ClockSkew,
            Question::Login,
            Question::Database,
        ] {
            assert_eq!(
                about(&findings, question)[0].verdict,
                Verdict::Good,
                "{question:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_merchant_without_certificates_is_told_to_use_the_public_key() {
    let mut patient = Patient::new().await;
    patient.without_public_key();
    patient.platform_key_mode("public_key").await;
    let told = bad(&patient.examine().await, Question::KeyMode);
    assert!(
        told.contains("RESOURCE_NOT_EXISTS") && told.contains("pub_key.pem"),
        "{told}"
    );
}

#[tokio::test]
async fn another_merchants_private_key_is_found_locally_and_by_the_platform() {
    let mut patient = Patient::new().await;
    patient.merchant().private_key = strangers_keys().merchant.key_pem().into();
    let findings = patient.examine().await;
    let told = bad(&findings, Question::Certificate);
    assert!(told.contains("is not that of the certificate"), "{told}");
    let told = bad(&findings, Question::SignedRequest);
    assert!(
        told.contains("SIGN_ERROR") && told.contains("the key is wrong"),
        "{told}"
    );
}

#[tokio::test]
async fn another_certificates_serial_is_found_locally_and_by_the_platform() {
    let mut patient = Patient::new().await;
    let right = patient.merchant().serial_no.clone();
    patient.merchant().serial_no = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1".to_owned();
    let findings = patient.examine().await;
    let told = bad(&findings, Question::SerialNo);
    assert!(
        told.contains(&format!("serial_no = \\\"{right}\\\"")),
        "{told}"
    );
    assert!(bad(&findings, Question::SignedRequest).contains("SIGN_ERROR"));
}

#[tokio::test]
async fn without_a_certificate_the_local_question_is_left_out() {
    let mut patient = Patient::new().await;
    patient.merchant().certificate = None;
    let findings = patient.examine().await;
    no_bad(&findings);
    assert_eq!(
        about(&findings, Question::Certificate)[0].verdict,
        Verdict::NotAsked
    );
}

#[tokio::test]
async fn a_wrong_apiv3_key_shows_when_certificates_do_not_open() {
    let mut patient = Patient::new().await;
    patient.without_public_key();
    patient.merchant().api_v3_key = "00000000000000000000000000000000".into();
    let told = bad(&patient.examine().await, Question::SignedRequest);
    assert!(told.contains("APIv3"), "{told}");
}

#[tokio::test]
async fn a_wrong_platform_key_shows_when_the_answer_cannot_be_verified() {
    let mut patient = Patient::new().await;
    patient.platform_key_mode("public_key").await;
    let stranger = strangers_keys().merchant.public_key.public_key().to_pem();
    patient.merchant().public_key = Some(stranger);
    let told = bad(&patient.examine().await, Question::SignedRequest);
    assert!(
        told.contains("cannot be verified") && told.contains("public_key_id"),
        "{told}"
    );
}

#[tokio::test]
async fn ones_own_public_key_is_not_taken_for_wechats() {
    let mut patient = Patient::new().await;
    let own = Keys::shared().merchant.certificate.public_key().to_pem();
    patient.merchant().public_key = Some(own);
    let told = bad(&patient.examine().await, Question::PublicKey);
    assert!(told.contains("your own key"), "{told}");
}

#[tokio::test]
async fn without_the_self_test_an_absent_order_proves_the_signature() {
    let patient = Patient::new().await;
    patient.platform_key_mode("public_key").await;
    let fault = json!({"faults": [{
        "on": "echo", "kind": "status", "status": 404, "code": "RESOURCE_NOT_EXISTS",
    }]});
    patient.control("PUT", "faults", fault).await;
    let findings = patient.examine().await;
    no_bad(&findings);
    let request = about(&findings, Question::SignedRequest)[0];
    assert!(
        request.answer.en.contains("/v3/pay/transactions"),
        "{request:?}"
    );
}
