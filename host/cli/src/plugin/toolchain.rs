//! Which cargo, with which environment, builds for WebAssembly on this machine. The finding out is done by the script
//! `sdk/wasm-toolchain`, which travels in this binary; it tells its story on standard error while it works.

use std::path::Path;
use std::process::{Command, Stdio};

const SCRIPT: &str = include_str!("../../../../sdk/wasm-toolchain");

/// A way to build for `wasm32-unknown-unknown` that works here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Toolchain {
    /// The cargo to run.
    pub(super) cargo: String,
    /// The value for `-Zbuild-std`, where the standard library must be built from its source.
    pub(super) build_std: Option<String>,
    /// What cargo needs in its environment.
    pub(super) environment: Vec<(String, String)>,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(super) enum ToolchainError {
    /// The script cannot run.
    #[error("cannot run bash, which looks for a WebAssembly toolchain: {0}")]
    Bash(std::io::Error),
    /// The script found no way and has said what to do.
    #[error(
        "there is no way to build for WebAssembly on this machine; the lines above say what was tried and what to do"
    )]
    None,
}

/// Finds a way, or takes the one that was found before and is kept in `cache`. Tries within `folder`, for its
/// `rust-toolchain.toml` may choose another toolchain.
pub(super) fn find(folder: &Path, cache: &Path) -> Result<Toolchain, ToolchainError> {
    let output = Command::new("bash")
        .args(["-c", SCRIPT, "wasm-toolchain", "--cache"])
        .arg(cache)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(ToolchainError::Bash)?;
    if !output.status.success() {
        return Err(ToolchainError::None);
    }
    Ok(parse(&String::from_utf8_lossy(&output.stdout)))
}

fn parse(text: &str) -> Toolchain {
    let mut toolchain = Toolchain { cargo: "cargo".to_owned(), build_std: None, environment: Vec::new() };
    for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
        match key {
            "METHOD" => {}
            "CARGO" => toolchain.cargo = value.to_owned(),
            "BUILD_STD" => toolchain.build_std = Some(value.to_owned()),
            variable => toolchain.environment.push((variable.to_owned(), value.to_owned())),
        }
    }
    toolchain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_for_the_caller_is_for_cargos_environment() {
        let toolchain = parse("METHOD=debian\nCARGO=/usr/bin/cargo\nBUILD_STD=std,panic_abort\nRUSTC=/usr/bin/rustc\n");
        assert_eq!(toolchain.cargo, "/usr/bin/cargo");
        assert_eq!(toolchain.build_std.as_deref(), Some("std,panic_abort"));
        assert_eq!(toolchain.environment, [("RUSTC".to_owned(), "/usr/bin/rustc".to_owned())]);
    }
}
