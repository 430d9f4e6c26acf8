//! `shouyin-sandbox`: the WeChat platform on a laptop.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use sandbox::{KeySource, PhoneDomain, PhoneOptions, Sandbox, SandboxOptions};
use tracing_subscriber::EnvFilter;

/// The WeChat platform on a laptop: API v3 with real cryptography, mini-program login, real
/// notifications, virtual time.
///
/// Point any WeChat Pay client at --listen instead of api.mch.weixin.qq.com, and its login at the
/// same address instead of api.weixin.qq.com. Drive users, time and faults through --control.
#[derive(Debug, Parser)]
#[command(name = "shouyin-sandbox", version, after_long_help = EXAMPLES)]
struct Arguments {
    /// Where WeChat's face listens.
    #[arg(long, env = "SHOUYIN_SANDBOX_LISTEN", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,

    /// Where the control plane listens. Whoever reaches it can pay orders and read private keys:
    /// keep it on loopback.
    #[arg(
        long,
        env = "SHOUYIN_SANDBOX_CONTROL",
        default_value = "127.0.0.1:8091"
    )]
    control: SocketAddr,

    /// A further name under which the control plane may be called, for instance a container's.
    #[arg(long, value_name = "NAME")]
    control_host: Vec<String>,

    /// Keep keys in this folder: apiclient_key.pem, apiclient_cert.pem, pub_key.pem,
    /// wechatpay_cert.pem, merchant.json and their counterparts. Made when empty. Without it, new
    /// keys are made at every start.
    #[arg(long, value_name = "DIR", env = "SHOUYIN_SANDBOX_KEYS")]
    keys: Option<PathBuf>,

    /// What buyers read in the cashier and under the icon of the mini program.
    #[arg(long, value_name = "NAME")]
    merchant_name: Option<String>,

    /// Seconds that a merchant has to answer a notification.
    #[arg(long, value_name = "SECONDS", default_value_t = 5,
          value_parser = clap::value_parser!(u64).range(1..=60))]
    notify_timeout: u64,

    /// A phone in the browser, at /phone/ of the control plane, that runs the native mini program
    /// in this folder (the one with app.json). Compiled as it is and again whenever a file
    /// changes; nothing has to be built.
    #[arg(long, value_name = "DIR", env = "SHOUYIN_SANDBOX_MINI_PROGRAM")]
    mini_program: Option<PathBuf>,

    /// A host that the mini program may talk to, and where it leads:
    /// `https://shop.example=http://127.0.0.1:8080`. As on a phone, wx.request to any other host
    /// fails with "url not in domain list". May be given several times.
    #[arg(long, value_name = "https://HOST=URL", requires = "mini_program")]
    domain: Vec<PhoneDomain>,

    /// The node_modules folder with the two npm packages that the phone runs on. By default the
    /// one in crates/sandbox/phone of the checkout that this program was built from; /phone/ says
    /// which command fills it.
    #[arg(long, value_name = "DIR", env = "SHOUYIN_SANDBOX_PHONE_RUNTIME")]
    phone_runtime: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Try it:
  shouyin-sandbox --keys ./sandbox-keys
  curl -s http://127.0.0.1:8091/control/merchant            # what a client is configured with
  curl -s http://127.0.0.1:8091/control/login \\
       -d '{\"appid\":\"wx5a9d8b0c4e7f1632\",\"user\":\"demo\"}'
  curl -s http://127.0.0.1:8091/control/requests            # what was signed, and why it failed
  curl -s http://127.0.0.1:8091/control/clock/advance -d '{\"seconds\":3600}'
  curl -s -X PUT http://127.0.0.1:8091/control/faults \\
       -d '{\"faults\":[{\"on\":\"prepay\",\"kind\":\"timeout\",\"after_effect\":true,\"times\":1}]}'

A phone in the browser, for a mini program whose code says https://shop.example:
  shouyin-sandbox --mini-program ./miniprogram \
       --domain https://shop.example=http://127.0.0.1:8080
  then open http://127.0.0.1:8091/phone/

Open http://127.0.0.1:8091/ for the console. RUST_LOG=warn silences the log.";

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell if standard error is closed.
            writeln!(std::io::stderr(), "shouyin-sandbox: {error:#}").ok();
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let keys = arguments.keys.clone();
    let runtime = arguments.phone_runtime;
    let phone = arguments.mini_program.map(|mini_program| PhoneOptions {
        mini_program,
        domains: arguments.domain,
        runtime,
    });
    let sandbox = Sandbox::start(SandboxOptions {
        api_listen: arguments.listen,
        control_listen: arguments.control,
        keys: keys.map_or(KeySource::Generate, KeySource::Folder),
        merchant_name: arguments.merchant_name,
        notify_timeout: Duration::from_secs(arguments.notify_timeout),
        control_hosts: arguments.control_host,
        phone,
    })
    .await
    .context("the sandbox did not start")?;
    banner(&sandbox, arguments.keys.as_ref())?;
    wait_for_a_signal().await?;
    sandbox.shutdown().await;
    Ok(())
}

fn banner(sandbox: &Sandbox, keys: Option<&PathBuf>) -> std::io::Result<()> {
    let merchant = sandbox.merchant();
    let keys = keys.map_or_else(
        || "new at every start".into(),
        |path| path.display().to_string(),
    );
    let mut out = std::io::stdout().lock();
    writeln!(out, "shouyin-sandbox 收银沙箱")?;
    writeln!(out, "  WeChat API   {}", sandbox.api_url())?;
    writeln!(out, "  control      {}", sandbox.control_url())?;
    writeln!(out, "  phone        {}/phone/", sandbox.control_url())?;
    writeln!(out, "  merchant     {} {}", merchant.mchid, merchant.name)?;
    writeln!(out, "  mini program {}", merchant.appid)?;
    writeln!(out, "  keys         {keys}")?;
    out.flush()
}

async fn wait_for_a_signal() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).context("SIGTERM")?;
        tokio::select! {
            interrupt = tokio::signal::ctrl_c() => interrupt.context("Ctrl-C")?,
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.context("Ctrl-C")?;
    Ok(())
}
