//! The doctor against the sandbox: the answers to the questions of the support threads, and how
//! they are given. Those about keys stand in `keys`.

mod keys;

use std::sync::Arc;

use domain::{Clock, Millis};
use sandbox::Sandbox;
use serde_json::{Value, json};
use server::cli::DoctorArgs;
use server::clock::SystemClock;
use server::commands::doctor;
use server::config::{Config, Merchant, Sources};
use server::doctor::{Finding, Question, Verdict};
use tempfile::TempDir;

use crate::http::Http;
use crate::world::{config_text, start_sandbox};

/// An installation whose platform is the sandbox.
struct Patient {
    sandbox: Sandbox,
    config: Config,
    folder: TempDir,
}

impl Patient {
    async fn new() -> Patient {
        let sandbox = start_sandbox().await;
        let folder = tempfile::tempdir().expect("a folder");
        let account = serde_json::to_value(sandbox.merchant()).expect("JSON");
        let address = ([127, 0, 0, 1], 8080).into();
        let text = config_text(&account, sandbox.api_url(), address, &folder);
        Patient {
            config: Config::from_toml(&text).expect("a lawful configuration"),
            sandbox,
            folder,
        }
    }

    fn merchant(&mut self) -> &mut Merchant {
        self.config.merchants.get_mut("default").expect("the shop")
    }

    fn without_public_key(&mut self) {
        self.merchant().public_key_id = None;
        self.merchant().public_key = None;
    }

    /// Changes something at the platform.
    async fn control(&self, method: &str, path: &str, body: Value) {
        let url = format!("{}/control/{path}", self.sandbox.control_url());
        let body = Some(body.to_string().into_bytes());
        let headers = [("content-type", "application/json")];
        let answer = Http::new().send(method, &url, &headers, body).await;
        assert!(answer.status < 300, "{path}: {answer:?}");
    }

    async fn platform_key_mode(&self, mode: &str) {
        let path = format!("merchants/{}", self.sandbox.merchant().mchid);
        self.control("PUT", &path, json!({ "key_mode": mode }))
            .await;
    }

    async fn examine(&self) -> Vec<Finding> {
        self.examine_with(false, 0).await
    }

    /// As if our clock were `ahead_s` seconds ahead.
    async fn examine_with(&self, offline: bool, ahead_s: i64) -> Vec<Finding> {
        let clock = Arc::new(AheadBy(ahead_s));
        let findings = doctor::examine(&self.config, &args(offline), &[], clock).await;
        findings.expect("a lawful question")
    }
}

struct AheadBy(i64);

impl Clock for AheadBy {
    fn now(&self) -> Millis {
        Millis(SystemClock.now().0 + self.0 * 1000)
    }
}

fn args(offline: bool) -> DoctorArgs {
    DoctorArgs {
        merchant: None,
        offline,
        json: false,
    }
}

fn about(findings: &[Finding], question: Question) -> Vec<&Finding> {
    findings
        .iter()
        .filter(|finding| finding.question == question)
        .collect()
}

/// The one bad answer to a question, with its advice, as text.
fn bad(findings: &[Finding], question: Question) -> String {
    let mut found = about(findings, question);
    found.retain(|finding| finding.verdict == Verdict::Bad);
    match found.as_slice() {
        [only] => format!("{:?} {:?}", only.answer, only.advice),
        _ => panic!("not exactly one bad answer to {question:?}: {findings:#?}"),
    }
}

fn no_bad(findings: &[Finding]) {
    let bad: Vec<_> = findings
        .iter()
        .filter(|each| each.verdict == Verdict::Bad)
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[tokio::test]
async fn a_clock_that_is_off_is_measured_even_when_every_call_is_refused() {
    let patient = Patient::new().await;
    let findings = patient.examine_with(false, 200).await;
    let skew = about(&findings, Question::ClockSkew)[0];
    assert_eq!(skew.verdict, Verdict::Warning, "{skew:?}");
    let findings = patient.examine_with(false, -600).await;
    let told = bad(&findings, Question::ClockSkew);
    assert!(
        told.contains("behind") && told.contains("timedatectl"),
        "{told}"
    );
    assert!(bad(&findings, Question::SignedRequest).contains("timestamp"));
}

#[tokio::test]
async fn a_wrong_app_secret_is_explained_by_its_number() {
    let mut patient = Patient::new().await;
    patient.merchant().apps[0].app_secret = "00000000000000000000000000000000".into();
    let told = bad(&patient.examine().await, Question::Login);
    assert!(
        told.contains("AppSecret") && told.contains("40125"),
        "{told}"
    );
}

#[tokio::test]
async fn an_absent_platform_is_said_to_be_unreachable() {
    let mut patient = Patient::new().await;
    // A port that nobody listens on: it was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    patient.config.wechat.api_url.clone_from(&nobody);
    patient.config.wechat.login_url = nobody;
    let findings = patient.examine().await;
    let told = bad(&findings, Question::SignedRequest);
    assert!(
        told.contains("cannot be reached") && told.contains("DNS"),
        "{told}"
    );
    assert_eq!(
        about(&findings, Question::ClockSkew)[0].verdict,
        Verdict::NotAsked
    );
}

#[tokio::test]
async fn offline_nothing_is_asked_of_wechat() {
    let mut patient = Patient::new().await;
    // Whoever asked would fail.
    patient.config.wechat.api_url = "http://127.0.0.1:1".to_owned();
    let findings = patient.examine_with(true, 0).await;
    no_bad(&findings);
    assert!(about(&findings, Question::SignedRequest).is_empty());
    assert!(
        about(&findings, Question::KeyMode)[0]
            .answer
            .en
            .contains("as configured")
    );
}

#[tokio::test]
async fn the_state_of_the_database_is_told() {
    let mut patient = Patient::new().await;
    let database = async |patient: &Patient| {
        let findings = patient.examine_with(true, 0).await;
        about(&findings, Question::Database)[0].clone()
    };
    let found = database(&patient).await;
    assert!(found.answer.en.contains("is not there yet"), "{found:?}");

    server::commands::migrate::run(&patient.config, &mut Vec::new())
        .await
        .unwrap();
    let found = database(&patient).await;
    assert!(found.answer.en.contains("takes writes"), "{found:?}");
    assert_eq!(found.verdict, Verdict::Good);

    let nowhere = patient.folder.path().join("absent/shop.db");
    patient.config.database.url = format!("sqlite:{}", nowhere.display()).into();
    let found = database(&patient).await;
    assert_eq!(found.verdict, Verdict::Bad, "{found:?}");

    patient.config.database.url = "postgres://shop:HUSH@127.0.0.1:1/shop".into();
    let found = database(&patient).await;
    assert_eq!(found.verdict, Verdict::Bad, "{found:?}");
    assert!(!format!("{found:?}").contains("HUSH"), "{found:?}");
}

#[tokio::test]
async fn the_report_is_for_people_or_for_machines_and_shows_no_secret() {
    let patient = Patient::new().await;
    let account = serde_json::to_value(patient.sandbox.merchant()).unwrap();
    let address = ([127, 0, 0, 1], 8080).into();
    let text = config_text(
        &account,
        patient.sandbox.api_url(),
        address,
        &patient.folder,
    );
    let file = patient.folder.path().join("shouyin.toml");
    std::fs::write(&file, text).unwrap();
    let sources = Sources {
        file: Some(file),
        ..Sources::default()
    };
    for json in [false, true] {
        let args = DoctorArgs {
            merchant: Some("default".to_owned()),
            offline: false,
            json,
        };
        let mut out = Vec::new();
        doctor::run(&args, &sources, &mut out).await.unwrap();
        let text = String::from_utf8(out).unwrap();
        for secret in ["api_v3_key", "app_secret", "private_key_pem"] {
            assert!(
                !text.contains(account[secret].as_str().unwrap()),
                "{secret}: {text}"
            );
        }
        if json {
            let report: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(report["ok"], true, "{text}");
            assert_eq!(report["findings"][0]["question"], "hosts");
        } else {
            assert!(
                text.contains("✓ [default] 商户 API 私钥可读 · the private key"),
                "{text}"
            );
            assert!(text.contains("0 项错误"), "{text}");
        }
    }
    let stranger = DoctorArgs {
        merchant: Some("other".to_owned()),
        ..args(true)
    };
    let refused = doctor::run(&stranger, &sources, &mut Vec::new()).await;
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("there is no merchant `other`")
    );
}

#[tokio::test]
async fn a_faulty_configuration_is_an_answer_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shouyin.toml");
    std::fs::write(&file, "[merchants.shop]\napi_v3_key = \"short\"\n").unwrap();
    let sources = Sources {
        file: Some(file),
        ..Sources::default()
    };
    let mut out = Vec::new();
    doctor::run(&args(false), &sources, &mut out).await.unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(
        text.contains("must be exactly 32 bytes, these are 5"),
        "{text}"
    );
    assert!(text.contains("✗") && !text.contains("short\""), "{text}");
}
