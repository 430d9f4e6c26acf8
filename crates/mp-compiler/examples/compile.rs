//! `cargo run -p shouyin-mp-compiler --example compile -- DIR OUT` writes `OUT/bundle.js`,
//! `OUT/app.css` and `OUT/issues.json`, and says what is wrong. It fails when there are errors.
#![expect(clippy::print_stdout, reason = "a command for people")]

use std::path::PathBuf;
use std::process::ExitCode;

use mp_compiler::Severity;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(folder), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("give two folders: the mini program, and where to write".into());
    };
    let compiled = mp_compiler::compile(&folder);
    std::fs::create_dir_all(&out)?;
    std::fs::write(out.join("bundle.js"), &compiled.bundle)?;
    std::fs::write(out.join("app.css"), &compiled.css)?;
    let issues = serde_json::to_string_pretty(&compiled.issues)?;
    std::fs::write(out.join("issues.json"), issues)?;
    for issue in &compiled.issues {
        let (line, column) = (issue.line.unwrap_or(0), issue.column.unwrap_or(0));
        println!(
            "{:?} {}:{line}:{column} {:?}",
            issue.severity, issue.file, issue.code
        );
        println!("  {}\n  {}", issue.zh, issue.en);
    }
    let errors = compiled
        .issues
        .iter()
        .filter(|issue| issue.severity == Severity::Error);
    Ok(if errors.count() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
