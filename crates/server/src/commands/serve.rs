//! `shouyin serve`: open the database, start the jobs, listen, and stop without losing anything.
//!
//! The stop goes in the order of the work: no new connections, requests that have begun finish,
//! orders whose caller hung up finish, jobs finish their step, and the store has then nothing left
//! to write.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use secrecy::ExposeSecret;
use store::{Engine, Store, StoreOptions};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{migrate, signers::Signers};
use crate::{
    api,
    app::{self, App, Seams},
    clock::{SystemClock, SystemIds},
    config::{Config, Sources},
    jobs::Runner,
    listener,
    reload::Reloader,
    telemetry,
};

/// Runs until SIGTERM or Ctrl-C; SIGHUP has the configuration read again.
///
/// # Errors
/// When it cannot start: a key, the database, a port. The message says which and what to do.
pub async fn run(sources: Sources) -> anyhow::Result<()> {
    let loaded = sources.load()?;
    let config = &loaded.config;
    telemetry::logs::install(&config.log)?;
    let metrics = telemetry::metrics::install()?;
    let stop = stop_on_signal()?;
    let hangups = Hangups::listen()?;

    let clock = Arc::new(SystemClock);
    let store = open_store(config, &clock).await?;
    let seams = Seams {
        store,
        clock,
        ids: Arc::new(SystemIds),
        transport: app::transport(&config.wechat)?,
        courier: app::courier(&config.webhooks)?,
    };
    let app = App::new(config, seams)?;
    app.introduce_merchants().await?;
    let signers = Signers::start()?;
    app.sign_on(signers.handle());

    let public = listen(config.server.listen).await?;
    let admin = listen(config.server.admin_listen).await?;
    say_hello(&app, public.local_addr()?, admin.local_addr()?);

    let upkeep = metrics.clone();
    let jobs = Runner::start(&app, Arc::new(move || upkeep.run_upkeep()));
    let admin_router = api::admin_router(app.clone(), Arc::new(move || metrics.render()));
    let bounds = listener::Bounds::of(config)?;
    let serve = |socket, router| listener::serve(socket, router, bounds.clone(), stop.clone());
    let admin = tokio::spawn(serve(admin, admin_router));
    let public = tokio::spawn(serve(public, api::router(app.clone())));

    let mut reloader = Reloader::new(sources, &loaded);
    let lost_trust = tokio::select! {
        () = stop.cancelled() => false,
        () = app.store.lost_trust() => true,
        () = hangups.reload_at_each(&mut reloader, &app) => false,
    };
    // Whoever waits is told that nothing is written any more; that takes no time.
    stop.cancel();
    info!("stopping: no new connections, finishing what has begun");
    let grace = config.server.shutdown_grace();
    finish(&app, [public, admin], jobs, grace).await;
    drop(signers);
    if lost_trust {
        anyhow::bail!(DISK_LOST_TRUST);
    }
    info!("stopped");
    Ok(())
}

/// Why the program ends by itself. Its supervisor starts it again, and what it then reads is what
/// the disk has; going on would mean to trust memory that may never reach the disk.
const DISK_LOST_TRUST: &str = "the disk did not confirm a write to the SQLite database (fsync \
    failed); everything acknowledged before is safe. Start the program again, and look at the disk";

/// This one, and that of the signers.
const RUNTIMES: usize = 2;

async fn open_store(config: &Config, clock: &SystemClock) -> anyhow::Result<Store> {
    use domain::Clock;
    let url = config.database.url.expose_secret();
    let options = StoreOptions {
        exclusive: true,
        connections_max: usize::try_from(config.database.max_connections)?,
        runtimes: RUNTIMES,
        ..StoreOptions::default()
    };
    let store = Store::open(url, options).context("cannot open the database of `database.url`")?;
    let schema = migrate::make_ready(&store, clock.now()).await?;
    if schema.is_newer() {
        warn!(
            "the database has schema {}, newer than this program's {}, and still fits it; the \
             newer program is the one to run",
            schema.current, schema.wanted
        );
    }
    Ok(store)
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; is another process there?"))
}

async fn finish(
    app: &App,
    servers: [tokio::task::JoinHandle<()>; 2],
    jobs: Runner,
    grace: Duration,
) {
    let drained = async {
        for server in servers {
            if let Err(error) = server.await {
                warn!("a listener failed: {error}");
            }
        }
        // Orders whose caller hung up hold their permits until they are finished.
        let all = app.settings.orders.max_in_flight;
        drop(app.orders_in_flight.acquire_many(all).await);
    };
    if tokio::time::timeout(grace, drained).await.is_err() {
        warn!("some requests did not finish within server.shutdown_grace_s and were cut off");
    }
    jobs.stop(grace).await;
}

/// The token is cancelled by SIGTERM or Ctrl-C.
fn stop_on_signal() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::spawn(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await.ok();
        cancel.cancel();
    });
    Ok(stop)
}

/// SIGHUP, which `systemctl reload` sends.
struct Hangups(#[cfg(unix)] tokio::signal::unix::Signal);

impl Hangups {
    /// From here on a SIGHUP no longer ends the process.
    fn listen() -> std::io::Result<Self> {
        #[cfg(unix)]
        let hangups = Self(tokio::signal::unix::signal(
            tokio::signal::unix::SignalKind::hangup(),
        )?);
        #[cfg(not(unix))]
        let hangups = Self();
        Ok(hangups)
    }

    /// One reload after the other, for as long as it is polled.
    async fn reload_at_each(self, reloader: &mut Reloader, app: &App) {
        #[cfg(unix)]
        {
            let mut signal = self.0;
            while signal.recv().await.is_some() {
                reloader.reload(app).await;
            }
        }
        // Nothing more will come; the server goes on.
        std::future::pending::<()>().await;
    }
}

fn say_hello(app: &App, public: SocketAddr, admin: SocketAddr) {
    let version = env!("CARGO_PKG_VERSION");
    let database = match app.store.engine() {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    };
    for merchant in app.merchants.iter() {
        info!(
            merchant = %merchant.key, mch_id = %merchant.mch_id,
            "merchant `{}` verifies WeChat Pay by {}", merchant.key, merchant.key_mode()
        );
    }
    info!(
        version, database, listen = %public, admin_listen = %admin,
        "shouyin {version} listens on {public}, admin on {admin}, database {database}"
    );
}
