//! `shouyin doctor`: asks all questions, prints all answers, and fails when one is bad.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use domain::Clock;
use jiff::Timestamp;

use crate::app;
use crate::cli::DoctorArgs;
use crate::clock::{OurAmbient, SystemClock, SystemIds};
use crate::config::{Config, ConfigError, Merchant, Sources};
use crate::doctor::finding::{all_well, write_json, write_text};
use crate::doctor::{Finding, Question, database, keys, login, online, places, words};
use crate::merchant::Wiring;

/// Runs the command.
///
/// # Errors
/// Only when the question itself makes no sense (an unknown merchant) or the answer cannot be
/// written; everything that is wrong with the installation is a finding.
pub async fn run(
    args: &DoctorArgs,
    sources: &Sources,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let findings = match sources.load() {
        Err(error) => misconfigured(&error),
        Ok(loaded) => examine(&loaded.config, args, &sources.env, Arc::new(SystemClock)).await?,
    };
    if args.json {
        write_json(&findings, out)?;
    } else {
        write_text(&findings, out)?;
    }
    Ok(if all_well(&findings) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Asks every question about a configuration that could be read. `clock` is the one that is judged.
///
/// # Errors
/// An unknown merchant, or a TLS library that cannot start.
pub async fn examine(
    config: &Config,
    args: &DoctorArgs,
    env: &[(String, String)],
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Vec<Finding>> {
    let merchants = asked_about(config, args)?;
    let mut findings = vec![places::hosts(&config.wechat)];
    let sandbox = places::is_sandbox(&config.wechat);
    // The client never asks a proxy for this machine.
    findings.extend(places::proxy(env).filter(|_| !sandbox));
    findings.push(database::examine(config).await);
    if merchants.is_empty() {
        findings.push(no_merchant());
    }
    let wiring = Wiring {
        transport: app::transport(&config.wechat)?,
        ambient: Arc::new(OurAmbient {
            clock: clock.clone(),
            ids: Arc::new(SystemIds),
        }),
        endpoints: app::endpoints(&config.wechat)?,
        clock: clock.clone(),
        ids: Arc::new(SystemIds),
        rate_percent: config.wechat.rate_percent,
    };
    let now = Timestamp::from_second(clock.now().seconds())?;
    for (key, merchant) in merchants {
        let mut about = keys::examine(merchant, now);
        about.push(places::notify_url(&merchant.notify_url, sandbox));
        if args.offline {
            about.push(keys::mode_by_configuration(merchant));
        } else {
            about.extend(online::examine(merchant, &wiring).await);
            about.extend(login::examine(merchant, &wiring).await);
        }
        findings.extend(about.into_iter().map(|finding| finding.of(key)));
    }
    Ok(findings)
}

fn asked_about<'c>(
    config: &'c Config,
    args: &DoctorArgs,
) -> anyhow::Result<Vec<(&'c str, &'c Merchant)>> {
    match &args.merchant {
        Some(key) => Ok(vec![config.merchant(Some(key))?]),
        None => Ok(config
            .merchants
            .iter()
            .map(|(key, each)| (key.as_str(), each))
            .collect()),
    }
}

fn no_merchant() -> Finding {
    let answer = words("尚未配置商户", "no merchant is configured");
    Finding::warning(Question::Configuration, answer).advise(words(
        "填写配置文件的 [merchants.default] 一段",
        "fill in [merchants.default] of the configuration file",
    ))
}

fn misconfigured(error: &ConfigError) -> Vec<Finding> {
    let finding = |problem: &crate::config::Problem| {
        let answer = words(
            format!("配置错误：{problem}"),
            "this setting cannot be used",
        );
        let question = if problem.key.ends_with("api_v3_key") {
            Question::ApiV3Key
        } else {
            Question::Configuration
        };
        Finding::bad(question, answer)
    };
    let mut findings: Vec<Finding> = error.problems.iter().map(finding).collect();
    let rest = words(
        "配置有误，其余未检查",
        "nothing else was asked until that is put right",
    );
    findings.push(Finding::not_asked(Question::Configuration, rest));
    findings
}
