//! `/phone/`: pages, the compiled mini program, and the way out of it.

use std::path::Path;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sandbox::{PhoneOptions, SandboxOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::events::Events;
use crate::world::{Answer, World, http};

/// A phone with a mini program of one page, a runtime that is nothing, and a merchant's server.
pub(crate) struct Phone {
    pub(crate) world: World,
    pub(crate) folder: TempDir,
}

pub(crate) const SHOP: &str = "https://shop.example";

impl Phone {
    pub(crate) async fn start(server: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, server).await });
        let dead = "https://dead.example=http://127.0.0.1:1";
        let alive = format!("{SHOP}=http://{address}");
        let domains = vec![alive.parse().unwrap(), dead.parse().unwrap()];
        Self::with(domains).await
    }

    async fn with(domains: Vec<sandbox::PhoneDomain>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let phone = PhoneOptions {
            mini_program: folder.path().join("shop"),
            domains,
            runtime: Some(folder.path().join("node_modules")),
        };
        let options = SandboxOptions {
            phone: Some(phone),
            ..SandboxOptions::default()
        };
        let world = World::with(options).await;
        let phone = Self { world, folder };
        phone.write("shop/app.json", r#"{"pages":["pages/goods/goods"]}"#);
        phone.write("shop/app.js", "App({})");
        phone.write("shop/pages/goods/goods.js", "Page({ data: { n: 1 } })");
        phone.write("shop/pages/goods/goods.json", "{}");
        phone.write(
            "shop/pages/goods/goods.wxml",
            "<view class=\"a\">{{n}}</view>",
        );
        phone.write("shop/pages/goods/goods.wxss", ".a { width: 75rpx }");
        phone.write("shop/images/one.png", "png");
        phone.write("secret.png", "secret");
        phone
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn install_runtime(&self) {
        let dist = "node_modules/glass-easel/dist/glass_easel.all.es.js";
        self.write(dist, "export const framework = 1");
        let dist = "node_modules/glass-easel-miniprogram-adapter/dist/\
                    glass_easel_miniprogram_adapter.es.js";
        self.write(dist, "export const adapter = 1");
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.world.sandbox.control_url())
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::read(http().get(self.url(path)).send().await.unwrap()).await
    }

    /// What `wx.request` gets.
    pub(crate) async fn request(&self, wish: Value) -> Value {
        let url = self.url("/phone/api/request");
        let answer = http().post(url).body(wish.to_string()).send().await;
        let answer = Answer::read(answer.unwrap()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    pub(crate) async fn error(&self, wish: Value) -> String {
        let answer = self.request(wish).await;
        answer["errMsg"].as_str().unwrap_or_default().to_owned()
    }
}

async fn without_server() -> Phone {
    Phone::start(Router::new()).await
}

#[tokio::test]
async fn without_its_parts_the_phone_says_which_command_brings_them() {
    let world = World::start().await;
    let url = format!("{}/phone/", world.sandbox.control_url());
    let page = Answer::read(http().get(&url).send().await.unwrap()).await;
    assert_eq!(page.status, 503);
    assert!(page.text.contains("--mini-program DIR"), "{}", page.text);

    let phone = without_server().await;
    let page = phone.get("/phone/").await;
    assert_eq!(page.status, 503);
    let node_modules = phone.folder.path().display();
    let command = format!("cd {node_modules} &amp;&amp; npm ci --omit=dev --ignore-scripts");
    for words in [command.as_str(), "装好后刷新", "reload this page"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert_eq!(phone.get("/phone/rt/adapter.js").await.status, 503);
    assert_eq!(phone.get("/phone/screen").await.status, 503);
    assert_eq!(
        phone.get("/control/clock").await.status,
        200,
        "all else works"
    );

    phone.install_runtime();
    let adapter = phone.get("/phone/rt/adapter.js").await;
    assert_eq!(adapter.text, "export const adapter = 1");
    assert_eq!(
        adapter.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert_eq!(phone.get("/phone/").await.status, 200);
    assert_eq!(phone.get("/phone/rt/other.js").await.status, 404);

    std::fs::remove_file(phone.folder.path().join("shop/app.json")).unwrap();
    let page = phone.get("/phone/").await;
    assert_eq!(page.status, 503);
    assert!(page.text.contains("app.json"), "{}", page.text);
}

#[tokio::test]
async fn pages_come_with_a_policy_that_lets_nothing_else_in() {
    let phone = without_server().await;
    phone.install_runtime();
    let screen = phone.get("/phone/screen?user=demo").await;
    assert_eq!(screen.status, 200, "{screen:?}");
    let (_, rest) = screen
        .text
        .split_once(r#"<script type="importmap">"#)
        .unwrap();
    let (map, _) = rest.split_once("</script>").unwrap();
    let map_json: Value = serde_json::from_str(map).unwrap();
    assert_eq!(
        map_json["imports"]["glass-easel"],
        "/phone/rt/glass-easel.js"
    );
    let hash = BASE64_STANDARD.encode(digest(&SHA256, map.as_bytes()).as_ref());
    for path in [
        "/phone/screen",
        "/phone/",
        "/phone/app/bundle.js",
        "/phone/api/host",
    ] {
        let answer = phone.get(path).await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none';"), "{path}");
        let scripts = format!("script-src 'self' 'sha256-{hash}';");
        assert!(policy.contains(&scripts), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
    }
    let page = http()
        .get(phone.url("/phone/"))
        .header("host", "evil.example");
    assert_eq!(page.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn the_mini_program_is_compiled_again_when_a_file_changes() {
    let phone = without_server().await;
    let bundle = phone.get("/phone/app/bundle.js").await;
    assert_eq!(bundle.status, 200, "{bundle:?}");
    assert!(
        bundle.text.contains("pages/goods/goods.js"),
        "{}",
        bundle.text
    );
    let css = phone.get("/phone/app/app.css").await;
    assert!(css.text.contains("10vw"), "75rpx of 750: {}", css.text);
    let revision = phone.get("/phone/api/host").await.json()["revision"].clone();

    let etag = bundle.header("etag").unwrap();
    let again = http().get(phone.url("/phone/app/bundle.js"));
    let again = again.header("if-none-match", etag).send().await.unwrap();
    assert_eq!(again.status(), 304);

    phone.write("shop/pages/goods/goods.wxml", "<view><marquee/></view>");
    let changed = phone.get("/phone/app/bundle.js").await;
    assert_ne!(changed.header("etag"), Some(etag));
    let issues = phone.get("/phone/app/issues.json").await.json();
    assert_eq!(issues[0]["code"], "unsupported-tag", "{issues}");
    assert_ne!(
        phone.get("/phone/api/host").await.json()["revision"],
        revision
    );
}

#[tokio::test]
async fn listeners_hear_that_a_file_changed() {
    let phone = without_server().await;
    let mut events = Events::open(&phone.url("/phone/api/events"), None).await;
    phone.write(
        "shop/pages/goods/goods.js",
        "Page({ data: { n: 2 } }) // longer",
    );
    let reload = events.until(|event| event.name == "reload").await;
    let host = phone.get("/phone/api/host").await.json();
    assert_eq!(reload.data["revision"], host["revision"]);
}

#[tokio::test]
async fn only_pictures_inside_the_folder_are_handed_out() {
    let phone = without_server().await;
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        "../../secret.png",
        phone.folder.path().join("shop/images/l.png"),
    )
    .unwrap();
    let picture = phone.get("/phone/app/files/images/one.png").await;
    assert_eq!((picture.status, picture.text.as_str()), (200, "png"));
    assert_eq!(picture.header("content-type"), Some("image/png"));
    for path in [
        "/phone/app/files/images/l.png",
        "/phone/app/files/../secret.png",
        "/phone/app/files/..%2fsecret.png",
        "/phone/app/files/%2e%2e/secret.png",
        "/phone/app/files/images%2f..%2f..%2fsecret.png",
        "/phone/app/files/%2fetc%2fpasswd",
        "/phone/app/files/app.js",
        "/phone/app/files/app.json",
        "/phone/app/files/",
        "/phone/web/..%2fpackage.json",
        "/phone/web/%2e%2e%2f%2e%2e%2fCargo.toml",
        "/phone/web/..%5c..%5cCargo.toml",
        "/phone/web/%00",
    ] {
        let answer = raw_get(&phone, path).await;
        assert!(!answer.contains(" 200 "), "{path}: {answer}");
        assert!(!answer.contains("secret\n"), "{path}: {answer}");
    }
}

/// Without a client that would tidy the path up.
async fn raw_get(phone: &Phone, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = phone
        .world
        .sandbox
        .control_url()
        .trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_screen_is_told_what_it_needs() {
    let phone = without_server().await;
    phone.world.openid("anna").await;
    let purse = json!({ "balance_fen": 500 });
    phone.world.control("PUT", "/users/anna", purse).await;
    let host = phone.get("/phone/api/host").await.json();
    assert_eq!(host["appid"], phone.world.merchant.text("appid"));
    assert_eq!(host["domains"], json!([SHOP, "https://dead.example"]));
    assert_eq!(host["mini_program"], "shop");
    let users = json!([
        { "user": "anna", "balance_fen": 500 },
        { "user": "demo", "balance_fen": null },
    ]);
    assert_eq!(host["users"], users);
}

#[tokio::test]
async fn the_phone_stops_with_the_sandbox_although_somebody_listens() {
    let phone = without_server().await;
    let _events = Events::open(&phone.url("/phone/api/events"), None).await;
    let Phone { world, folder } = phone;
    let stopped = tokio::time::timeout(Duration::from_secs(2), world.sandbox.shutdown());
    stopped
        .await
        .expect("an open event stream does not hold it up");
    assert!(Path::new(folder.path()).exists());
}
