//! The command line: what can be asked for, and the texts that teach it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use domain::BillDay;

use crate::config::Override;

const EXAMPLES: &str = "\
例子 · Examples:
  shouyin config init                  写出带注释的 shouyin.toml · write a commented shouyin.toml
  shouyin config check                 查看生效的配置及来源 · what is in force, and from where
  shouyin doctor                       密钥、证书、时钟、回调地址、数据库逐项自检 · try everything out
  shouyin migrate                      升级数据库结构 · bring the database to this version
  shouyin backup --to /backup/a.db     在线备份 SQLite · copy the database while the server runs
  shouyin goods import goods.csv       导入商品 · load the catalogue
  shouyin reconcile --date 2026-11-23  与微信账单对账 · compare a day's bill with the books
  shouyin serve                        启动 · run
  shouyin serve --set server.listen=0.0.0.0:8080

配置顺序（后者覆盖前者）· Settings, later ones win:
  内置默认 defaults < shouyin.toml < 环境变量 environment (SHOUYIN_SERVER__LISTEN, DATABASE_URL,
  WECHATPAY_MCHID, …) < 参数 flags (--set)
每个密钥都可写成 KEY_file，从文件读取 · every secret KEY can be given as KEY_file instead.";

/// 收银：微信小程序收款服务 · the payment server behind a WeChat Mini Program
#[derive(Debug, Parser)]
#[command(name = "shouyin", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// 配置文件 · configuration file; without it $SHOUYIN_CONFIG, ./shouyin.toml or
    /// /etc/shouyin/shouyin.toml
    #[arg(long, short = 'c', global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// 覆盖一项配置，可重复 · override one setting, may be repeated: `--set log.format=json`
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = parse_override)]
    pub set: Vec<Override>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 启动服务 · run the server until SIGTERM or Ctrl-C
    Serve,
    /// 升级数据库结构 · bring the database to this version (SQLite: also done by `serve`)
    Migrate,
    /// 备份 SQLite 数据库，服务可继续运行 · copy the SQLite database while the server runs
    ///
    /// 备份是某一时刻的完整副本，逐页校验后才出现在目标位置 · the copy is one moment of the database;
    /// it is checked page by page, synced, and only then there under its name. 不会覆盖已有文件 ·
    /// nothing is overwritten. PostgreSQL 请用 pg_dump，见 docs/OPERATIONS.md · has its own programs.
    ///
    ///   shouyin backup --to /backup/shouyin-$(date +%F).db
    #[command(verbatim_doc_comment)]
    Backup(BackupArgs),
    /// 用备份替换 SQLite 数据库（须先停止服务）· put a backup in the place of the SQLite database
    ///
    /// 先校验备份，再原子替换；原数据库改名保留 · the backup is checked first, the database of before is
    /// kept under another name, and the exchange is one step. 服务运行时拒绝执行 · refused while a server
    /// runs. 还原后的核对见 docs/OPERATIONS.md · what to look at afterwards stands there.
    ///
    ///   systemctl stop shouyin && shouyin restore /backup/shouyin-2026-11-28.db
    #[command(verbatim_doc_comment)]
    Restore(RestoreArgs),
    /// 自检：逐项说明好坏与改法 · try keys, clock, URL, database and logins, and say what to do
    Doctor(DoctorArgs),
    /// 对账：下载某日账单并逐笔比对 · compare a day's bill with the books
    Reconcile(ReconcileArgs),
    /// 生成或检查配置 · write or check the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// 管理商品 · the catalogue
    #[command(subcommand)]
    Goods(GoodsCommand),
}

#[derive(Debug, Args)]
pub struct BackupArgs {
    /// 写到哪个新文件；默认在数据库旁，以时间命名 · the new file; by default beside the database, named
    /// after the time
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// 备份文件 · the backup, which stays as it is
    #[arg(value_name = "FILE")]
    pub from: PathBuf,
}

#[derive(Debug, Args)]
pub struct ReconcileArgs {
    /// 账单日，默认昨天 · the day of the bill, in Beijing time; yesterday unless given
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = BillDay::parse)]
    pub date: Option<BillDay>,
    /// 商户（仅有一个时可省略）· merchant; not needed when there is only one
    #[arg(long, value_name = "KEY")]
    pub merchant: Option<String>,
}

#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// 只检查这个商户 · only this merchant: the KEY of `[merchants.KEY]`
    #[arg(long, value_name = "KEY")]
    pub merchant: Option<String>,
    /// 不访问微信 · ask nothing of WeChat; what needs the network is left out
    #[arg(long)]
    pub offline: bool,
    /// 每项输出为 JSON · findings as JSON, for machines
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// 写出带注释的配置文件 · write the commented file with every setting
    Init {
        /// 写到哪里，`-` 为标准输出 · where to; `-` for stdout
        #[arg(long, value_name = "FILE", default_value = "shouyin.toml")]
        path: PathBuf,
        /// 覆盖已有文件 · replace a file that is there
        #[arg(long)]
        force: bool,
    },
    /// 检查全部来源并列出非默认值 · check all layers and list what is not the default
    Check,
}

#[derive(Debug, Subcommand)]
pub enum GoodsCommand {
    /// 导入商品（JSON 或 CSV），先全部检查再写入 · load goods; nothing is written unless all is well
    ///
    /// CSV 首行为列名 · the first line of a CSV names the columns:
    ///   goods_id,title,price_fen,image,stock
    ///   latte,"拿铁 Latte",1790,,
    /// JSON 为同名字段的数组 · JSON is an array of objects with these members:
    ///   [{"goods_id":"latte","title":"拿铁 Latte","price_fen":1790}]
    /// price_fen 以分为单位 · price_fen is in fen. image 与 stock 可省略 · may be left out: no
    /// picture, no stock limit. 已有的 goods_id 会被更新 · a goods_id that exists is updated.
    #[command(verbatim_doc_comment)]
    Import {
        /// 文件，`-` 为标准输入 · file, `-` for stdin
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// 商户（仅有一个时可省略）· merchant; not needed when there is only one
        #[arg(long, value_name = "KEY")]
        merchant: Option<String>,
    },
}

fn parse_override(text: &str) -> Result<Override, String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok(Override {
            flag: format!("--set {}", key.trim()),
            key: key.trim().to_owned(),
            value: value.trim().to_owned(),
        }),
        _ => Err("expected KEY=VALUE, e.g. server.listen=0.0.0.0:8080".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Cli, Command};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_may_stand_before_and_after_the_command() {
        let words = [
            "shouyin",
            "--set",
            "log.format=json",
            "serve",
            "--config",
            "x.toml",
        ];
        let cli = Cli::try_parse_from(words).expect("lawful");
        assert!(matches!(cli.command, Command::Serve));
        assert_eq!(cli.global.set[0].key, "log.format");
        assert_eq!(cli.global.config.expect("given").to_str(), Some("x.toml"));
    }

    #[test]
    fn an_override_without_a_value_is_refused_with_an_example() {
        let refused = Cli::try_parse_from(["shouyin", "--set", "nothing", "serve"]);
        assert!(
            refused
                .expect_err("no `=`")
                .to_string()
                .contains("expected KEY=VALUE")
        );
    }

    #[test]
    fn help_is_in_chinese_and_english() {
        let help = Cli::command().render_long_help().to_string();
        for words in [
            "启动服务 · run the server",
            "自检",
            "shouyin goods import goods.csv",
        ] {
            assert!(help.contains(words), "{words}");
        }
    }
}
