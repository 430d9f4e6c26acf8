//! The real program reads its configuration again at SIGHUP, and nothing stops for it.

use std::{path::Path, process::Child, process::Command};

use serde_json::{Value, json};

use crate::{
    program::{Stage, openid_of_demo, program, wait_until_up, within},
    world::API_KEY,
};

struct Running {
    stage: Stage,
    config: std::path::PathBuf,
    log: std::path::PathBuf,
    program: Child,
    openid: String,
}

impl Running {
    async fn start() -> Self {
        let stage = Stage::new().await;
        let config = stage.config(|text| text);
        let log = stage.folder.path().join("log");
        let mut command = program(&config, "serve");
        let program = command
            .stdout(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        wait_until_up(stage.address, &stage.http).await;
        let (control, api) = (stage.sandbox.control_url(), stage.sandbox.api_url());
        let openid = openid_of_demo(&stage.http, &stage.account, control, api).await;
        Self {
            stage,
            config,
            log,
            program,
            openid,
        }
    }

    fn edit(&self, change: impl FnOnce(String) -> String) {
        let text = std::fs::read_to_string(&self.config).unwrap();
        std::fs::write(&self.config, change(text)).unwrap();
    }

    /// SIGHUP; returns when the log has the line.
    async fn reload(&self, line: &str) {
        hang_up(&self.program);
        let log = &self.log;
        within(line, async {
            while !read(log).contains(line) {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    async fn order(&self, key: &str) -> crate::http::Answer {
        let authorization = format!("Bearer {API_KEY}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("idempotency-key", key),
        ];
        let body = json!({"app_id": self.stage.account["appid"], "openid": self.openid,
            "amount_fen": 1, "description": "tea"});
        let url = format!("http://{}/v1/orders", self.stage.address);
        self.stage.http.post(&url, &headers, &body).await
    }

    fn stop(mut self) {
        assert!(
            self.program.try_wait().unwrap().is_none(),
            "it is the same process"
        );
        self.program.kill().unwrap();
        self.program.wait().unwrap();
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

fn hang_up(program: &Child) {
    let kill = Command::new("kill")
        .args(["-HUP", &program.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

/// The merchant's certificate is renewed and the old one withdrawn: orders are refused until the
/// new papers are in the file and the process has read them; then the same request succeeds.
#[tokio::test(flavor = "multi_thread")]
async fn k04_a_renewed_certificate_comes_into_force_by_sighup_without_a_restart() {
    let running = Running::start().await;
    let old = running.stage.account.clone();
    let mchid = old["mchid"].as_str().unwrap();
    let url = format!(
        "{}/control/merchants/{mchid}/certificate",
        running.stage.sandbox.control_url()
    );
    let new = running
        .stage
        .http
        .post(&url, &[], &json!({"withdraw": true}))
        .await
        .json();
    let refused = running.order("same").await;
    assert_eq!(refused.refusal(), (502, "GATEWAY_REFUSED".into()));

    let replace = |text: String, field: &str| {
        let word = |papers: &Value| papers[field].as_str().unwrap().to_owned();
        text.replace(&word(&old), &word(&new))
    };
    running.edit(|text| {
        let text = replace(text, "serial_no");
        let text = replace(text, "private_key_pem");
        replace(text, "certificate_pem")
    });
    let signs = format!("signs under {}", new["serial_no"].as_str().unwrap());
    running.reload(&signs).await;
    let placed = running.order("same").await;
    assert_eq!(placed.status, 201, "{placed:?}");
    running.stop();
}

/// A file that is wrong is refused with a line that says why, and the old configuration serves on;
/// what only a restart can change is named, and the rest of the same file comes into force.
#[tokio::test(flavor = "multi_thread")]
async fn k04_a_wrong_file_is_refused_and_what_needs_a_restart_is_named() {
    let running = Running::start().await;
    let serial = running.stage.account["serial_no"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C";
    running.edit(|text| text.replace(&serial, other));
    running.reload("the configuration was NOT reloaded").await;
    assert!(read(&running.log).contains(other), "{}", read(&running.log));
    assert_eq!(running.order("one").await.status, 201);

    running.edit(|text| text.replace(other, "nonsense"));
    running.reload("must be the 40 hex digits").await;
    assert_eq!(running.order("two").await.status, 201);

    let limit = "[server]\nmax_body_bytes = 4097";
    running.edit(|text| {
        text.replace("nonsense", &serial)
            .replacen("[server]", limit, 1)
    });
    running
        .reload("only a restart brings into force: server.max_body_bytes")
        .await;
    running
        .reload("configuration reloaded: merchant `default` signs under")
        .await;
    assert_eq!(running.order("three").await.status, 201);
    let log = read(&running.log);
    for secret in ["api_v3_key", "app_secret"] {
        let secret = running.stage.account[secret].as_str().unwrap();
        assert!(!log.contains(secret), "a secret stands in the log");
    }
    running.stop();
}
