//! Starting and stopping a sandbox inside a process.

use std::future::IntoFuture;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::task::{JoinError, JoinHandle};
use tracing::info;

use crate::clock::pause;
use crate::control::{self, AllowedHosts, MerchantInfo};
use crate::keys::{KeySource, Keys, KeysError};
use crate::listener::BoundedListener;
use crate::phone::PhoneOptions;
use crate::platform::Platform;
use crate::{gateway, notifier};

/// WeChat waits this long for a merchant's answer.
///
/// Source: pay.weixin.qq.com/doc/v3/merchant/4012791861
const NOTIFY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long calls under way may take to finish when the sandbox stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(3);

/// How to start. The default takes free ports on loopback and makes new keys.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// Where WeChat's face listens; port 0 takes a free one.
    pub api_listen: SocketAddr,
    /// Where the control plane listens.
    pub control_listen: SocketAddr,
    /// Where the keys come from.
    pub keys: KeySource,
    /// What buyers read in the cashier instead of the name that comes with the keys.
    pub merchant_name: Option<String>,
    /// How long a merchant has to answer a notification, in the machine's time.
    pub notify_timeout: Duration,
    /// Names besides loopback's under which the control plane may be called.
    pub control_hosts: Vec<String>,
    /// The mini program that `/phone/` runs; without one, that page says how to give one.
    pub phone: Option<PhoneOptions>,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            api_listen: loopback,
            control_listen: loopback,
            keys: KeySource::default(),
            merchant_name: None,
            notify_timeout: NOTIFY_TIMEOUT,
            control_hosts: Vec::new(),
            phone: None,
        }
    }
}

/// Why a sandbox did not start. Nothing is left running.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port cannot be had.
    #[error("cannot listen on {address}; is another sandbox running?")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The keys cannot be had.
    #[error("no keys")]
    Keys(#[from] KeysError),
    /// The thread that makes keys died.
    #[error("making keys was interrupted")]
    Interrupted(#[from] JoinError),
    /// The APIv3 key has not 32 bytes.
    #[error("the api_v3_key in merchant.json must have exactly 32 bytes")]
    ApiV3Key,
}

/// A running platform. Dropping it stops it without waiting; [`Sandbox::shutdown`] waits.
#[derive(Debug)]
pub struct Sandbox {
    platform: Arc<Platform>,
    api_url: String,
    control_url: String,
    merchant: MerchantInfo,
    tasks: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts listening and returns when both ports are open.
    ///
    /// # Errors
    /// [`StartError`]; nothing is left running.
    pub async fn start(options: SandboxOptions) -> Result<Self, StartError> {
        let SandboxOptions {
            api_listen,
            control_listen,
            keys,
            merchant_name,
            notify_timeout,
            control_hosts,
            phone,
        } = options;
        let mut keys = tokio::task::spawn_blocking(move || Keys::load(keys)).await??;
        if let Some(name) = merchant_name {
            Arc::make_mut(&mut keys).identity.name = name;
        }
        let merchant = MerchantInfo::of(&keys.identity, &keys.merchant);
        let platform = Platform::new(keys, notify_timeout, phone).ok_or(StartError::ApiV3Key)?;
        let platform = Arc::new(platform);
        let (api, api_address) = listen(api_listen).await?;
        let (controls, control_address) = listen(control_listen).await?;
        let hosts = AllowedHosts(Arc::new(control_hosts));
        let face = Router::new()
            .fallback(gateway::serve)
            .with_state(platform.clone());
        let tasks = vec![
            tokio::spawn(serve(platform.clone(), api, face)),
            tokio::spawn(serve(
                platform.clone(),
                controls,
                control::router(platform.clone(), hosts),
            )),
            tokio::spawn(notifier::run(platform.clone())),
        ];
        let api_url = format!("http://{api_address}");
        let control_url = format!("http://{control_address}");
        info!(
            api_url,
            control_url,
            mchid = merchant.mchid,
            "the sandbox is open"
        );
        Ok(Self {
            platform,
            api_url,
            control_url,
            merchant,
            tasks,
        })
    }

    /// Base URL of WeChat's face, without a slash at its end: API v3 and the login host in one.
    pub fn api_url(&self) -> &str {
        &self.api_url
    }

    /// Base URL of the control plane, without a slash at its end.
    pub fn control_url(&self) -> &str {
        &self.control_url
    }

    /// The default merchant's papers, as `GET /control/merchant` gives them.
    pub fn merchant(&self) -> &MerchantInfo {
        &self.merchant
    }

    /// Moves virtual time by whole seconds and does everything that falls due on the way, as
    /// `POST /control/clock/advance` does.
    pub async fn advance(&self, seconds: u32) {
        control::advance_by(&self.platform, i64::from(seconds)).await;
    }

    /// Stops listening, lets calls under way finish for three seconds, and returns.
    pub async fn shutdown(mut self) {
        self.platform.stop.cancel();
        let tasks = std::mem::take(&mut self.tasks);
        let handles: Vec<_> = tasks.iter().map(JoinHandle::abort_handle).collect();
        let finished = async {
            for task in tasks {
                // A task that panicked has said so in the log; there is nothing left to stop.
                task.await.ok();
            }
        };
        tokio::select! {
            () = finished => {}
            () = pause(SHUTDOWN_GRACE) => handles.iter().for_each(|handle| handle.abort()),
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.platform.stop.cancel();
    }
}

async fn listen(address: SocketAddr) -> Result<(BoundedListener, SocketAddr), StartError> {
    let bound = BoundedListener::bind(address).await;
    let bound = bound.and_then(|listener| listener.address().map(|found| (listener, found)));
    bound.map_err(|source| StartError::Listen { address, source })
}

async fn serve(platform: Arc<Platform>, listener: BoundedListener, router: Router) {
    let stop = platform.stop.clone();
    let server = axum::serve(listener, router);
    let server = server.with_graceful_shutdown(async move { stop.cancelled().await });
    // The accept loop never gives up by itself, so there is no error to report.
    server.into_future().await.ok();
}
