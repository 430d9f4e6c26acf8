//! `shouyin reconcile`: one day's bill against the books, now, and what they differ in.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use domain::{BillDay, Clock, reconcile::DifferenceState};
use store::{
    PAGE_MAX,
    reconciliations::{
        RunState,
        differences::{Listed, Place},
    },
};

use super::migrate;
use crate::{
    app::{self, App, Seams},
    cli::ReconcileArgs,
    clock::{SystemClock, SystemIds},
    config::Config,
    flows::{
        read_reconciliations,
        reconcile::{Progress, Reconciled, reconcile},
    },
    merchant::Merchant,
};

/// Somebody has to look at something.
const DIFFERENCES: u8 = 2;

/// Runs the command beside a server or without one. The job of `serve` does the same, and neither
/// minds the other.
///
/// # Errors
/// When there was no bill to compare; the message says why.
pub async fn run(
    args: &ReconcileArgs,
    config: &Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let (key, _) = config.merchant(args.merchant.as_deref())?;
    let day = args
        .date
        .unwrap_or_else(|| BillDay::of(SystemClock.now()).previous());
    let app = open(config).await?;
    let merchant = app
        .merchants
        .by_key(key)
        .context("the merchant that was asked for is configured")?;
    let reconciled = reconcile(&app, &merchant, day, &show_progress)
        .await
        .with_context(|| format!("{day}: 未能对账 · not compared"))?;
    summarize(&reconciled, &merchant, out)?;
    let open = list(&app, &merchant, day, out).await?;
    if reconciled.unanswered > 0 {
        let count = reconciled.unanswered;
        writeln!(
            out,
            "{count} 笔未得到微信的明确答复，请稍后重试 · {count} questions to WeChat had no certain \
             answer; run this again later"
        )?;
    }
    Ok(if open > 0 {
        ExitCode::from(DIFFERENCES)
    } else {
        ExitCode::SUCCESS
    })
}

async fn open(config: &Config) -> anyhow::Result<Arc<App>> {
    let seams = Seams {
        store: migrate::open_ready(config).await?,
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        transport: app::transport(&config.wechat)?,
        courier: app::courier(&config.webhooks)?,
    };
    App::new(config, seams)
}

/// On the other channel, so that the table can be kept. A terminal that went away stops nothing.
fn show_progress(progress: Progress) {
    let mut terminal = std::io::stderr();
    let shown = match progress {
        Progress::Fetched { rows } => writeln!(
            terminal,
            "账单已下载并核对摘要：{rows} 行 · the bill is here and its hash is right: {rows} rows"
        ),
        Progress::Compared { parts, of } => {
            writeln!(terminal, "已比对 · compared: {parts}/{of}")
        }
    };
    shown.ok();
}

fn summarize(
    reconciled: &Reconciled,
    merchant: &Merchant,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let run = &reconciled.run;
    debug_assert_eq!(run.state, RunState::Done, "what failed is an error");
    writeln!(
        out,
        "商户 · merchant      {} ({})",
        merchant.key, merchant.mch_id
    )?;
    writeln!(out, "账单日 · bill date   {}", run.day)?;
    writeln!(out, "行数 · rows          {}", run.rows)?;
    writeln!(
        out,
        "收款 · paid          {} 元 yuan",
        yuan(run.payments_fen)
    )?;
    writeln!(
        out,
        "退款 · refunded      {} 元 yuan",
        yuan(run.refunds_fen)
    )?;
    if run.unreadable > 0 {
        writeln!(out, "无法解析 · unreadable {}", run.unreadable)?;
    }
    if !run.detail.is_empty() {
        writeln!(out, "注意 · note          {}", run.detail)?;
    }
    Ok(())
}

/// A sum, which may be larger than any amount.
fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// Every difference of the day, a page at a time. How many of them are open.
async fn list(
    app: &App,
    merchant: &Merchant,
    day: BillDay,
    out: &mut dyn Write,
) -> anyhow::Result<u64> {
    let (mut open, mut any, mut place) = (0_u64, false, Place::default());
    loop {
        let page =
            read_reconciliations::differences(app, &merchant.mch_id, day, None, &place, PAGE_MAX)
                .await?;
        let Some(last) = page.last() else { break };
        place = last.place();
        if !std::mem::replace(&mut any, true) {
            writeln!(
                out,
                "\n{:<16} {:<10} {:<34} {:<34} {:>12} {:>12}",
                "kind", "state", "number", "order", "billed", "booked"
            )?;
        }
        for listed in &page {
            open = open.saturating_add(u64::from(listed.state == DifferenceState::Open));
            row(listed, out)?;
        }
    }
    if any {
        writeln!(out, "\n{LEGEND}")?;
    } else {
        writeln!(out, "\n账实相符，没有差异 · bill and books agree")?;
    }
    Ok(open)
}

const LEGEND: &str = "\
*_unknown 账单有、本系统没有（长款）· billed, and not in the books
*_missing 本系统有、账单没有（短款）· booked, and not in the bill
*_differs 金额不一致 · two amounts        *_twice 账单重复 · billed more than once
waiting 等次日账单 · the next day's bill may have it
open 需要处理 · somebody must look        settled 已一致或已转异常列表 · agrees by now, or is an exception";

fn row(listed: &Listed, out: &mut dyn Write) -> anyhow::Result<()> {
    let difference = &listed.difference;
    let amount = |fen: Option<fen::Fen>| fen.map_or_else(|| "-".to_owned(), |fen| fen.to_string());
    writeln!(
        out,
        "{:<16} {:<10} {:<34} {:<34} {:>12} {:>12}",
        difference.kind_name(),
        listed.state.name(),
        difference.subject.number(),
        difference.order_no,
        amount(difference.kind.billed()),
        amount(difference.kind.booked()),
    )?;
    Ok(())
}
