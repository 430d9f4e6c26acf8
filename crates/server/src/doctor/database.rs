//! Whether the database is there, fits this program, and takes a write.

use secrecy::ExposeSecret;
use store::{Engine, SchemaState, Store, StoreError, StoreOptions};

use super::finding::{Finding, Question, Words, words};
use crate::config::{Config, redact_url};

/// Opens the database as a command does, so it may be asked beside a running server. Writes
/// nothing; an SQLite file that is not there yet is not made.
pub async fn examine(config: &Config) -> Finding {
    let url = config.database.url.expose_secret();
    if let Some(path) = url.strip_prefix("sqlite:")
        && !std::path::Path::new(path).exists()
    {
        return new_file(std::path::Path::new(path));
    }
    let shown = redact_url(url);
    match ask(url).await {
        Ok((engine, state)) => judge(engine, &state, &shown),
        Err(error) => failed(&error, &shown),
    }
}

async fn ask(url: &str) -> Result<(Engine, SchemaState), StoreError> {
    let store = Store::open(url, StoreOptions::default())?;
    let state = store.schema_state().await?;
    if state.fits() {
        store.check_writable().await?;
    }
    Ok((store.engine(), state))
}

/// The server makes the file; what matters is that it may.
fn new_file(path: &std::path::Path) -> Finding {
    let parent = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = parent.unwrap_or(std::path::Path::new("."));
    match tempfile_in(folder) {
        Ok(()) => good(words(
            format!("数据库 {} 尚不存在，目录可写，启动时创建", path.display()),
            format!(
                "{} is not there yet; its folder is writable, `serve` makes it",
                path.display()
            ),
        )),
        Err(error) => bad(words(
            format!("数据库目录 {} 不可写：{error}", folder.display()),
            format!(
                "the folder {} of the database is not writable: {error}",
                folder.display()
            ),
        ))
        .advise(words(
            "创建目录并把所有者改为运行本服务的用户",
            "make the folder and give it to the user that runs this service",
        )),
    }
}

/// Makes a file and takes it away again: the only honest test of a folder.
fn tempfile_in(folder: &std::path::Path) -> std::io::Result<()> {
    let probe = folder.join(format!(".shouyin-doctor-{}", std::process::id()));
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&probe)?;
    std::fs::remove_file(&probe)
}

fn judge(engine: Engine, state: &SchemaState, shown: &str) -> Finding {
    let (current, wanted) = (state.current, state.wanted);
    if current == wanted {
        return good(words(
            format!("数据库可读写，结构版本 {current}（{shown}）"),
            format!("the database takes writes, schema {current} ({shown})"),
        ));
    }
    let answer = words(
        format!("数据库结构版本 {current}，本程序需要 {wanted}（{shown}）"),
        format!("the database has schema {current}, this program wants {wanted} ({shown})"),
    );
    if state.fits() {
        return Finding::warning(Question::Database, answer).advise(words(
            "数据库结构较新但仍兼容；升级完成后请运行新版程序",
            "the schema is newer and still fits; run the newer program when the upgrade is done",
        ));
    }
    let migrate = words("运行 shouyin migrate", "run `shouyin migrate`");
    match engine {
        _ if current > wanted => bad(answer).advise(words(
            "数据库已被更新的版本升级，请使用新版程序",
            "a newer version migrated it: use that version",
        )),
        // `serve` does it by itself.
        Engine::Sqlite => Finding::warning(Question::Database, answer).advise(migrate),
        Engine::Postgres => bad(answer).advise(migrate),
    }
}

fn failed(error: &StoreError, shown: &str) -> Finding {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(each) = cause {
        text = format!("{text}: {each}");
        cause = each.source();
    }
    bad(words(
        format!("数据库不可用（{shown}）：{text}"),
        format!("the database is not usable ({shown}): {text}"),
    ))
    .advise(words(
        "检查 database.url、网络、账号与磁盘空间",
        "check database.url, the network, the account, and the space on the disk",
    ))
}

fn good(answer: Words) -> Finding {
    Finding::good(Question::Database, answer)
}

fn bad(answer: Words) -> Finding {
    Finding::bad(Question::Database, answer)
}
