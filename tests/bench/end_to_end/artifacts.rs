//! Builds what is measured: Portgate as it ships, its plugin, and the peer's filter.

use std::path::Path;
use std::process::{Command, Stdio};

use portgate_bench::failure::Failure;

use crate::peer::Name;
use crate::target;

/// The flags that a plugin is compiled with too: instructions that every current engine has, and more inlining.
const FLAGS: &str = "-Ctarget-feature=+simd128,+bulk-memory -Cllvm-args=-inline-threshold=600";

/// Builds what `peers` need; quick where nothing has changed.
pub(crate) fn build(repository: &Path, peers: &[Name]) -> Result<(), Failure> {
    for peer in peers {
        match peer {
            Name::Portgate => portgate(repository)?,
            Name::Envoy => filter(repository)?,
        }
    }
    Ok(())
}

fn portgate(repository: &Path) -> Result<(), Failure> {
    eprintln!("building portgate as it ships, and its plugin");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    run(Command::new(cargo).args(["build", "--release", "--locked", "-p", "portgate"]).current_dir(repository))?;
    let program = target(repository).join("release/portgate");
    run(Command::new(program).args(["plugin", "build", "plugins/ecom-shopify"]).current_dir(repository))
}

fn filter(repository: &Path) -> Result<(), Failure> {
    eprintln!("building the peer's filter");
    let output = Command::new(repository.join("sdk/wasm-toolchain"))
        .arg("--cache")
        .arg(target(repository).join("wasm-toolchain"))
        .stderr(Stdio::inherit())
        .output()?;
    let answer = String::from_utf8_lossy(&output.stdout).into_owned();
    let answers: Vec<(&str, &str)> = answer.lines().filter_map(|line| line.split_once('=')).collect();
    let value = |key: &str| answers.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
    let Some(cargo) = value("CARGO") else {
        return Err(Failure::Missing(vec!["a Rust toolchain that builds WebAssembly (see above)".to_owned()]));
    };
    let mut command = Command::new(cargo);
    command
        .args(["build", "--release", "--locked", "--target", "wasm32-unknown-unknown", "--target-dir"])
        .arg(target(repository).join("wasm-envoy"))
        .args(value("BUILD_STD").map(|parts| format!("-Zbuild-std={parts}")))
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", FLAGS)
        // These would take the place of the target's own flags.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .envs(answers.iter().filter(|(name, _)| !matches!(*name, "METHOD" | "CARGO" | "BUILD_STD")).copied())
        .current_dir(repository.join("tests/bench/envoy"));
    run(&mut command)
}

fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status()?;
    match status.success() {
        true => Ok(()),
        false => Err(Failure::step(format!("{command:?}"), status.to_string())),
    }
}
