//! One shop and one platform: a sandbox, the real router on a port of its own, a fresh database,
//! and one clock that both sides share.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::{Clock, MchId, Millis, OrderNo};
use serde_json::{Value, json};
use server::{
    api,
    app::{self, App, Seams},
    clock::{SystemClock, SystemIds},
    config::Config,
    jobs,
    listener::{self, Bounds},
};
use store::{Store, StoreOptions, Tx, goods, inbox::InboxEntry};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{http::Http, postgres};

/// The API key of the test merchant's own systems.
pub(crate) const API_KEY: &str = "a-key-for-tests-only-0123456789";

/// The machine's time and what the test has added; the sandbox keeps the same.
#[derive(Debug, Default)]
pub(crate) struct ShiftedClock(AtomicI64);

impl Clock for ShiftedClock {
    fn now(&self) -> Millis {
        Millis(SystemClock.now().0 + self.0.load(Ordering::SeqCst))
    }
}

/// Makes two tests of each journey: one on SQLite, one on the PostgreSQL that
/// `SHOUYIN_TEST_POSTGRES_URL` names. Without it the second says that it was skipped.
macro_rules! on_both_engines {
    ($($journey:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $journey() {
                super::$journey($crate::world::World::new().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $journey() {
                let name = concat!(module_path!(), "::", stringify!($journey));
                if let Some(world) = $crate::world::World::on_postgres(name).await {
                    super::$journey(world).await;
                }
            })*
        }
    };
}
pub(crate) use on_both_engines;

/// See the module.
pub(crate) struct World {
    _sandbox: sandbox::Sandbox,
    pub(crate) control: String,
    pub(crate) account: Value,
    pub(crate) app: Arc<App>,
    pub(crate) config: Config,
    pub(crate) base: String,
    pub(crate) http: Http,
    clock: Arc<ShiftedClock>,
    keys: AtomicU64,
    _folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A world on a database of its own in PostgreSQL; `None` when there is no server to use.
    #[expect(clippy::print_stdout, reason = "what is skipped is said")]
    pub(crate) async fn on_postgres(name: &str) -> Option<Self> {
        let Ok(server) = std::env::var("SHOUYIN_TEST_POSTGRES_URL") else {
            println!("SKIPPED {name}: SHOUYIN_TEST_POSTGRES_URL is not set");
            return None;
        };
        let url = postgres::fresh_database(&server).await;
        Some(Self::with(|config| config.database.url = url.into()).await)
    }

    /// A world whose configuration `change` has had its way with.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::at(start_sandbox().await, change).await
    }

    /// The same, at a sandbox that a test has prepared.
    pub(crate) async fn at(sandbox: sandbox::Sandbox, change: impl FnOnce(&mut Config)) -> Self {
        let http = Http::new();
        let control = sandbox.control_url().to_owned();
        let account = http
            .get(&format!("{control}/control/merchant"), &[])
            .await
            .json();
        let settings = json!({"wire_clock": "virtual"});
        let body = Some(settings.to_string().into_bytes());
        let json_type = [("content-type", "application/json")];
        let url = format!("{control}/control/settings");
        assert!(http.send("PUT", &url, &json_type, body).await.status < 300);

        let folder = tempfile::tempdir().expect("a temporary folder");
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = socket.local_addr().expect("a bound address");
        let text = config_text(&account, sandbox.api_url(), address, &folder);
        let mut config = Config::from_toml(&text).expect("a lawful configuration");
        change(&mut config);

        let clock = Arc::new(ShiftedClock::default());
        let app = open_app(&config, &clock).await;
        app.introduce_merchants().await.expect("merchants");
        let router = api::router(app.clone());
        let bounds = Bounds::of(&config).expect("bounds");
        tokio::spawn(listener::serve(
            socket,
            router,
            bounds,
            CancellationToken::new(),
        ));

        let world = Self {
            control,
            account,
            app,
            config,
            base: format!("http://{address}"),
            http,
            clock,
            keys: AtomicU64::new(0),
            _sandbox: sandbox,
            _folder: folder,
        };
        world.stock_the_shelves().await;
        world
    }

    /// Another process on the same database, as far as a process is its memory.
    pub(crate) async fn replica(&self) -> Arc<App> {
        open_app(&self.config, &self.clock).await
    }

    async fn stock_the_shelves(&self) {
        let mut tx = Tx::new("test_goods");
        for (id, title, fen, stock) in [
            ("latte", "拿铁 Latte", 1790, None),
            ("last-cup", "The last cup", 100, Some(1)),
        ] {
            goods::put(
                &mut tx,
                &goods::Goods {
                    mch_id: self.mch_id(),
                    goods_id: domain::GoodsId::new(id).expect("lawful"),
                    title: title.to_owned(),
                    price: fen::Fen::new(fen).expect("lawful"),
                    image: None,
                    stock,
                },
                self.now(),
            );
        }
        self.app.commit(tx).await.expect("goods");
    }

    pub(crate) fn mch_id(&self) -> MchId {
        MchId::new(self.text("mchid")).expect("lawful")
    }

    /// A field of the sandbox's default merchant.
    pub(crate) fn text(&self, field: &str) -> String {
        self.account[field]
            .as_str()
            .unwrap_or_else(|| panic!("no `{field}`"))
            .to_owned()
    }

    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }

    /// An idempotency key that was not used before.
    pub(crate) fn key(&self) -> String {
        format!("test-{}", self.keys.fetch_add(1, Ordering::SeqCst))
    }

    // The platform.

    /// A call of the sandbox's control plane.
    pub(crate) async fn control(&self, path: &str, body: &Value) -> Value {
        let answer = self
            .http
            .post(&format!("{}/control/{path}", self.control), &[], body)
            .await;
        assert!(answer.status < 300, "control/{path}: {answer:?}");
        answer.json()
    }

    pub(crate) async fn faults(&self, faults: Value) {
        let url = format!("{}/control/faults", self.control);
        let body = Some(json!({"faults": faults}).to_string().into_bytes());
        let json_type = [("content-type", "application/json")];
        let answer = self.http.send("PUT", &url, &json_type, body).await;
        assert!(answer.status < 300, "{answer:?}");
    }

    pub(crate) async fn no_faults(&self) {
        self.faults(json!([])).await;
    }

    /// From here on no notification arrives.
    pub(crate) async fn lose_notifications(&self) {
        self.faults(json!([{"on": "notification", "kind": "lose"}]))
            .await;
    }

    // Time.

    /// Moves both clocks, then runs every job that is due.
    pub(crate) async fn advance(&self, seconds: u64) {
        self.advance_clocks(seconds).await;
        self.run_jobs().await;
    }

    pub(crate) async fn advance_clocks(&self, seconds: u64) {
        self.control("clock/advance", &json!({"seconds": seconds}))
            .await;
        let ms = i64::try_from(seconds * 1000).expect("a test's time");
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sets our clock ahead of the platform's, or back, and nobody notices.
    pub(crate) fn set_clock_off(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub(crate) async fn run_jobs(&self) {
        jobs::run_due(&self.app).await.expect("jobs");
    }

    // Looking inside.

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The names of all states the order went through.
    pub(crate) async fn history(&self, order_no: &str) -> Vec<&'static str> {
        let order_no = OrderNo::new(order_no).expect("lawful");
        let entries =
            store::history::list(&self.app.store, &self.mch_id(), &order_no, 0, 100).await;
        let entries = entries.expect("history").into_iter();
        entries.map(|entry| entry.state.name()).collect()
    }

    /// The kinds of all events, oldest first; those of this second too.
    pub(crate) async fn events(&self) -> Vec<String> {
        let until = self.now().plus(Duration::from_secs(1));
        let events = store::outbox::page(&self.app.store, &self.mch_id(), None, until, 100).await;
        let events = events.expect("events").into_iter();
        events.map(|event| event.kind).collect()
    }

    /// What was kept of the notifications about an order; about none of them for `None`.
    pub(crate) async fn inbox(&self, order_no: Option<&str>) -> Vec<InboxEntry> {
        let order_no = order_no.map(|order_no| OrderNo::new(order_no).expect("lawful"));
        let (store, mch_id) = (&self.app.store, self.mch_id());
        let kept = store::inbox::of_order(store, &mch_id, order_no.as_ref(), "", 100).await;
        kept.expect("the inbox")
    }

    /// The kinds of everything that was put before a human.
    pub(crate) async fn exceptions(&self) -> Vec<&'static str> {
        let rows = store::exceptions::page(&self.app.store, &self.mch_id(), None, 100).await;
        rows.expect("exceptions")
            .into_iter()
            .map(|(_, row)| row.kind.name())
            .collect()
    }
}

pub(crate) fn one_latte() -> Value {
    json!({"goods_id": "latte", "quantity": 1})
}

pub(crate) async fn start_sandbox() -> sandbox::Sandbox {
    let options = sandbox::SandboxOptions {
        keys: sandbox::KeySource::Given(sandbox::Keys::shared()),
        ..sandbox::SandboxOptions::default()
    };
    sandbox::Sandbox::start(options).await.expect("a sandbox")
}

/// The configuration of a shop at `address` whose platform is the sandbox.
pub(crate) fn config_text(
    account: &Value,
    api_url: &str,
    address: SocketAddr,
    folder: &TempDir,
) -> String {
    let text = |field: &str| account[field].as_str().unwrap_or_default().to_owned();
    let database = folder.path().join("shop.db");
    format!(
        r#"
[server]
listen = "{address}"
admin_listen = "127.0.0.1:0"
public_url = "http://{address}"
[database]
url = "sqlite:{database}"
# A test waits by asking as fast as it can.
[limits]
requests_per_address_per_s = 0
requests_per_session_per_s = 0
requests_per_api_key_per_s = 0
[wechat]
api_url = "{api_url}"
login_url = "{api_url}"
timeout_ms = 2000
[reconciliation]
enabled = false
[webhooks]
allow_http = true
allow_private_addresses = true
[merchants.default]
mch_id = "{mch_id}"
name = "Tea house"
serial_no = "{serial_no}"
private_key = '''{private_key}'''
certificate = '''{certificate}'''
api_v3_key = "{api_v3_key}"
public_key_id = "{public_key_id}"
public_key = '''{public_key}'''
api_key = "{API_KEY}"
[[merchants.default.apps]]
app_id = "{app_id}"
app_secret = "{app_secret}"
"#,
        database = database.display(),
        mch_id = text("mchid"),
        serial_no = text("serial_no"),
        private_key = text("private_key_pem"),
        certificate = text("certificate_pem"),
        api_v3_key = text("api_v3_key"),
        public_key_id = text("public_key_id"),
        public_key = text("public_key_pem"),
        app_id = text("appid"),
        app_secret = text("app_secret"),
    )
}

async fn open_app(config: &Config, clock: &Arc<ShiftedClock>) -> Arc<App> {
    let seams = Seams {
        store: open_store(config, clock.now()).await,
        clock: clock.clone(),
        ids: Arc::new(SystemIds),
        transport: app::transport(&config.wechat).expect("a transport"),
        courier: app::courier(&config.webhooks).expect("a courier"),
    };
    App::new(config, seams).expect("keys that fit")
}

async fn open_store(config: &Config, now: Millis) -> Store {
    use secrecy::ExposeSecret;
    let url = config.database.url.expose_secret();
    let store = Store::open(url, StoreOptions::default()).expect("a database");
    store.migrate(now).await.expect("migrations");
    store
}
