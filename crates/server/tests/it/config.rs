//! The program itself: what it prints, where, and how it ends.

use std::path::Path;
use std::process::{Command, Output};

/// Runs `shouyin` in `folder` with nothing but `env` in its environment.
pub(crate) fn shouyin(folder: &Path, env: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shouyin"));
    command
        .current_dir(folder)
        .env_clear()
        .envs(env.iter().copied())
        .args(arguments);
    command.output().expect("the program starts")
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn init_writes_a_private_file_that_changes_nothing_and_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let first = shouyin(folder.path(), &[], &["config", "init"]);
    assert!(first.status.success(), "{first:?}");
    let file = folder.path().join("shouyin.toml");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    let check = shouyin(folder.path(), &[], &["config", "check"]);
    assert!(check.status.success(), "{check:?}");
    let told = stdout(&check);
    assert!(
        told.contains("file: shouyin.toml") && !told.contains(" = "),
        "{told}"
    );
    assert!(told.contains("no merchant yet"), "{told}");

    std::fs::write(&file, "[orders]\nmax_quantity = 5\n").unwrap();
    let second = shouyin(folder.path(), &[], &["config", "init"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(stderr(&second).contains("is there already"), "{second:?}");
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .contains("max_quantity = 5")
    );
    let forced = shouyin(folder.path(), &[], &["config", "init", "--force"]);
    assert!(forced.status.success());
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .contains("#max_quantity = 99")
    );
}

#[test]
fn check_names_the_source_of_each_value_and_hides_secrets() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("mine.toml"),
        "[orders]\nmax_quantity = 5\n",
    )
    .unwrap();
    let env = [
        ("SHOUYIN_CONFIG", "mine.toml"),
        ("SHOUYIN_SERVER__LISTEN", "0.0.0.0:9000"),
        ("DATABASE_URL", "postgres://shop:HUSH@db/shop"),
        ("PATH_TO_NOWHERE", "ignored"),
    ];
    let check = shouyin(
        folder.path(),
        &env,
        &["--set", "log.format=json", "config", "check"],
    );
    assert!(check.status.success(), "{check:?}");
    let told = stdout(&check);
    for line in [
        "server.listen = \"0.0.0.0:9000\"  (environment variable SHOUYIN_SERVER__LISTEN)",
        "database.url = postgres://shop:***@db/shop  (environment variable DATABASE_URL)",
        "orders.max_quantity = 5  (mine.toml:2)",
        "log.format = \"json\"  (flag --set log.format)",
    ] {
        assert!(told.contains(line), "{line}\nnot in\n{told}");
    }
    assert!(!told.contains("HUSH"), "{told}");
}

#[test]
fn check_fails_with_all_problems_and_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let env = [
        ("SHOUYIN_SERVER__LISTN", "x"),
        ("SHOUYIN_LOG__FORMAT", "loud"),
    ];
    let check = shouyin(folder.path(), &env, &["config", "check"]);
    assert_eq!(check.status.code(), Some(1));
    let told = stderr(&check);
    assert!(told.contains("2 problems") && told.contains("did you mean SHOUYIN_SERVER__LISTEN"));
    assert!(told.contains("must be auto, json or pretty"), "{told}");
    assert!(told.contains("提示 · hint:"), "{told}");
}

#[test]
fn migrate_says_from_where_to_where() {
    let folder = tempfile::tempdir().unwrap();
    let first = shouyin(folder.path(), &[], &["migrate"]);
    assert!(first.status.success(), "{first:?}");
    assert!(
        stdout(&first).contains("schema migrated: 0 -> "),
        "{first:?}"
    );
    let second = shouyin(folder.path(), &[], &["migrate"]);
    assert!(
        stdout(&second).contains("the schema is up to date: "),
        "{second:?}"
    );
    let url = ("DATABASE_URL", "mysql://root:HUSH@db/shop");
    let wrong = shouyin(folder.path(), &[url], &["migrate"]);
    assert_eq!(wrong.status.code(), Some(1));
    let told = stderr(&wrong);
    assert!(
        told.contains("DATABASE_URL: database.url: must be sqlite:PATH"),
        "{told}"
    );
    assert!(!told.contains("HUSH"), "{told}");
}

#[test]
fn a_mistyped_command_is_refused_with_the_usage() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = shouyin(folder.path(), &[], &["serv"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("serve"), "{wrong:?}");
    let help = shouyin(folder.path(), &[], &["--help"]);
    assert!(
        help.status.success() && stdout(&help).contains("例子"),
        "{help:?}"
    );
}
