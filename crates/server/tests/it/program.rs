//! The real program: how it starts, what it shows, how it stops.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    http::Http,
    postgres,
    world::{API_KEY, config_text, start_sandbox},
};

/// Generous: the poll finds a payment 5 s after its order was placed, and a lease lasts 6 s.
const PATIENCE: Duration = Duration::from_secs(120);

/// A sandbox and a configuration for the program.
pub(crate) struct Stage {
    pub(crate) sandbox: sandbox::Sandbox,
    pub(crate) account: Value,
    pub(crate) http: Http,
    pub(crate) address: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) folder: TempDir,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let sandbox = start_sandbox().await;
        let http = Http::new();
        let url = format!("{}/control/merchant", sandbox.control_url());
        let account = http.get(&url, &[]).await.json();
        let folder = tempfile::tempdir().unwrap();
        Self {
            sandbox,
            account,
            http,
            address: free_address(),
            admin: free_address(),
            folder,
        }
    }

    /// Writes the configuration; `change` may replace parts of its text.
    pub(crate) fn config(&self, change: impl FnOnce(String) -> String) -> std::path::PathBuf {
        let text = config_text(
            &self.account,
            self.sandbox.api_url(),
            self.address,
            &self.folder,
        );
        let text = text.replace("127.0.0.1:0", &self.admin.to_string());
        let path = self.folder.path().join("shouyin.toml");
        std::fs::write(&path, change(text)).unwrap();
        path
    }

    async fn faults(&self, faults: Value) {
        let url = format!("{}/control/faults", self.sandbox.control_url());
        let body = Some(json!({"faults": faults}).to_string().into_bytes());
        let json_type = [("content-type", "application/json")];
        assert!(self.http.send("PUT", &url, &json_type, body).await.status < 300);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_the_order_that_has_begun() {
    let stage = Stage::new().await;
    let config = stage.config(|text| text);
    let mut program = start(&config, stage.address, &stage.http).await;
    let (control, api) = (stage.sandbox.control_url(), stage.sandbox.api_url());
    let openid = openid_of_demo(&stage.http, &stage.account, control, api).await;
    stage
        .faults(json!([{"on": "prepay", "kind": "delay", "delay_ms": 1200}]))
        .await;

    let base = format!("http://{}", stage.address);
    let authorization = format!("Bearer {API_KEY}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("idempotency-key", "last"),
    ];
    let body = json!({"app_id": stage.account["appid"], "openid": openid, "amount_fen": 1,
        "description": "the last one"});
    let orders = format!("{base}/v1/orders");
    let placed = stage.http.post(&orders, &headers, &body);
    let stopped = async {
        within("the order to begin", async {
            while stage.http.get(&orders, &headers).await.json()["data"] == json!([]) {
                tokio::task::yield_now().await;
            }
        })
        .await;
        terminate(&program);
    };
    let (answer, ()) = tokio::join!(placed, stopped);
    assert_eq!(answer.status, 201, "{answer:?}");
    let status = tokio::task::spawn_blocking(move || program.wait().unwrap())
        .await
        .unwrap();
    assert!(status.success(), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_never_finishes_its_headers_is_cut_off() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let stage = Stage::new().await;
    let limit = "[server]\nrequest_timeout_ms = 1000";
    let config = stage.config(|text| text.replacen("[server]", limit, 1));
    let mut program = start(&config, stage.address, &stage.http).await;
    let mut caller = tokio::net::TcpStream::connect(stage.address).await.unwrap();
    caller
        .write_all(b"GET /livez HTTP/1.1\r\nhost: shop\r\n")
        .await
        .unwrap();
    let mut said = Vec::new();
    within("the server to hang up", caller.read_to_end(&mut said))
        .await
        .unwrap_or_default();
    assert_eq!(String::from_utf8_lossy(&said), "", "nothing was asked yet");
    program.kill().unwrap();
    program.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_shown_to_the_admin_listener_only() {
    let stage = Stage::new().await;
    let config = stage.config(|text| text);
    let mut program = start(&config, stage.address, &stage.http).await;
    let get = async |address: SocketAddr, path: &str| {
        stage
            .http
            .get(&format!("http://{address}{path}"), &[])
            .await
    };
    assert_eq!(get(stage.admin, "/readyz").await.status, 200);
    assert_eq!(
        get(stage.address, "/metrics").await.refusal().1,
        "ROUTE_NOT_FOUND"
    );
    let figures = get(stage.admin, "/metrics").await;
    assert_eq!(figures.status, 200);
    for name in [
        "shouyin_build_info{version=",
        "shouyin_http_request_duration_seconds_bucket{route=\"/readyz\"",
    ] {
        assert!(
            figures.text.contains(name),
            "{name} not in\n{}",
            figures.text
        );
    }
    program.kill().unwrap();
    program.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_does_not_fit_its_serial_keeps_the_program_from_starting() {
    let stage = Stage::new().await;
    let serial = stage.account["serial_no"].as_str().unwrap().to_owned();
    let other = "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C";
    let config = stage.config(|text| text.replace(&serial, other));
    let said = refusal_to_start(&config).await;
    assert!(
        said.contains(&serial) && said.contains(other),
        "both are named: {said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_that_is_behind_is_refused_with_the_command_to_run() {
    let Ok(server) = std::env::var("SHOUYIN_TEST_POSTGRES_URL") else {
        println!("SKIPPED a_postgresql_that_is_behind: SHOUYIN_TEST_POSTGRES_URL is not set");
        return;
    };
    let url = postgres::fresh_database(&server).await;
    let stage = Stage::new().await;
    let sqlite = format!("sqlite:{}", stage.folder.path().join("shop.db").display());
    let config = stage.config(|text| text.replace(&sqlite, &url));
    let said = refusal_to_start(&config).await;
    assert!(said.contains("shouyin migrate"), "{said}");
    let migrated = program(&config, "migrate").status().unwrap();
    assert!(migrated.success());
    let mut running = start(&config, stage.address, &stage.http).await;
    running.kill().unwrap();
    running.wait().unwrap();
}

pub(crate) fn program(config: &Path, command: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_shouyin"));
    program
        .arg(command)
        .arg("--config")
        .arg(config)
        .stdout(Stdio::null());
    program
}

/// What the program says before it gives up.
pub(crate) async fn refusal_to_start(config: &Path) -> String {
    let mut command = program(config, "serve");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Starts the server and waits until it answers.
pub(crate) async fn start(config: &Path, address: SocketAddr, http: &Http) -> Child {
    let program = program(config, "serve").spawn().unwrap();
    wait_until_up(address, http).await;
    program
}

pub(crate) async fn wait_until_up(address: SocketAddr, http: &Http) {
    let url = format!("http://{address}/livez");
    within("the program to listen", async {
        while http.try_send("GET", &url, &[], None).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

fn terminate(program: &Child) {
    let kill = Command::new("kill")
        .args(["-TERM", &program.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

/// A port that was free a moment ago; the program needs to know it before it starts.
pub(crate) fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

pub(crate) async fn openid_of_demo(
    http: &Http,
    account: &Value,
    control: &str,
    api: &str,
) -> String {
    let text = |field: &str| account[field].as_str().unwrap().to_owned();
    let body = json!({"appid": text("appid"), "user": "demo"});
    let login = http
        .post(&format!("{control}/control/login"), &[], &body)
        .await
        .json();
    let url = format!(
        "{api}/sns/jscode2session?appid={}&secret={}&js_code={}&grant_type=authorization_code",
        text("appid"),
        text("app_secret"),
        login["code"].as_str().unwrap()
    );
    http.get(&url, &[]).await.json()["openid"]
        .as_str()
        .unwrap()
        .to_owned()
}

pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited in vain for {what}"),
    }
}
