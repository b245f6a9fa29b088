//! Envoy with the Wasm filter, one worker.

use std::path::{Path, PathBuf};

use portgate_bench::failure::Failure;
use portgate_bench::identity::{AUDIENCE, ISSUER, SUBJECT};
use portgate_bench::process::Process;
use portgate_bench::{free_address, template, tools};

use crate::peer::{Name, PATH, Peer};
use crate::{Setting, target};

pub(crate) fn start(setting: &Setting) -> Result<Peer, Failure> {
    let Some(program) = setting.envoy else { return Err(Failure::Missing(vec!["envoy".to_owned()])) };
    let address = free_address()?;
    let jwks = setting.folder.join("jwks.json");
    std::fs::write(&jwks, &setting.identity.jwks)?;
    let configuration = setting.folder.join("envoy.yaml");
    template::render(
        &setting.repository.join("tests/bench/envoy/envoy.yaml"),
        &configuration,
        &[
            ("PORT", &address.port().to_string()),
            ("UPSTREAM_PORT", &setting.upstream.port().to_string()),
            ("PATH", PATH),
            ("ISSUER", ISSUER),
            ("AUDIENCE", AUDIENCE),
            ("SUBJECT", SUBJECT),
            ("JWKS", &jwks.display().to_string()),
            ("FILTER", &filter(setting.repository).display().to_string()),
        ],
    )?;
    let configuration = configuration.display().to_string();
    let arguments = ["-c", &configuration, "--concurrency", "1", "--disable-hot-restart", "--log-level", "warn"];
    let process = Process::start(
        "envoy",
        program,
        &arguments,
        setting.tools,
        &setting.cores.measured.to_string(),
        setting.folder,
        address,
    )?;
    // `… version: <commit>/1.40.0/Clean/RELEASE/BoringSSL`
    let said = tools::version(program, "--version");
    let version = said.split('/').nth_back(3).unwrap_or(&said).to_owned();
    Ok(Peer { name: Name::Envoy, version, address, process })
}

/// The filter, as [`crate::artifacts`] builds it.
fn filter(repository: &Path) -> PathBuf {
    target(repository).join("wasm-envoy/wasm32-unknown-unknown/release/envoy_filter.wasm")
}
