//! The two things cargo is asked: what is in this folder, and to build it for WebAssembly.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::toolchain::Toolchain;

const TARGET: &str = "wasm32-unknown-unknown";

/// The crate in a plugin's folder.
#[derive(Debug)]
pub(super) struct Crate {
    /// The package's name.
    pub(super) package: String,
    /// The folder of the workspace that it belongs to.
    pub(super) workspace: PathBuf,
    /// The folder that this workspace builds into.
    pub(super) target: PathBuf,
}

/// Why cargo did not do it.
#[derive(Debug, thiserror::Error)]
pub(super) enum CargoError {
    /// Cargo cannot run.
    #[error("cannot run {program}: {error}")]
    Start {
        /// The program.
        program: String,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// The folder is no crate.
    #[error("{folder}: cargo does not take it as a crate:\n{said}")]
    Metadata {
        /// The plugin's folder.
        folder: PathBuf,
        /// What cargo said.
        said: String,
    },
    /// The folder's crate is not there by itself.
    #[error("{folder}: holds a workspace, not one plugin; name the plugin's own folder")]
    Workspace {
        /// The plugin's folder.
        folder: PathBuf,
    },
    /// It does not compile.
    #[error("the plugins do not compile; see above")]
    Build,
    /// It compiles to nothing that could be loaded.
    #[error("the crate {package} makes no WebAssembly module; give it `[lib] crate-type = [\"cdylib\", \"rlib\"]`")]
    NoModule {
        /// The package.
        package: String,
    },
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

/// The crate in `folder`, which must be an absolute path.
pub(super) fn describe(folder: &Path) -> Result<Crate, CargoError> {
    let manifest = folder.join("Cargo.toml");
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(&manifest)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| CargoError::Start { program: "cargo".to_owned(), error })?;
    let refused = |said: String| CargoError::Metadata { folder: folder.to_owned(), said };
    if !output.status.success() {
        return Err(refused(String::from_utf8_lossy(&output.stderr).trim_end().to_owned()));
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout).map_err(|error| refused(error.to_string()))?;
    let package = metadata.packages.into_iter().find(|package| package.manifest_path == manifest);
    let package = package.ok_or_else(|| CargoError::Workspace { folder: folder.to_owned() })?.name;
    Ok(Crate { package, workspace: metadata.workspace_root, target: metadata.target_directory })
}

#[derive(Deserialize)]
struct Line {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

/// Compiles crates of one workspace, all in one run, and gives the core module of each, by package name. Always in
/// release mode with the settings of a plugin, whatever the workspace's profiles say.
pub(super) fn build(
    toolchain: &Toolchain,
    workspace: &Path,
    target: &Path,
    crates: &[(&str, &Path)],
) -> Result<BTreeMap<String, PathBuf>, CargoError> {
    let mut command = Command::new(&toolchain.cargo);
    command.args(["build", "--release", "--lib", "--target", TARGET, "--message-format", "json-render-diagnostics"]);
    command.arg("--target-dir").arg(target.join("wasm")).current_dir(workspace);
    if let Some(crates) = &toolchain.build_std {
        command.arg(format!("-Zbuild-std={crates}"));
    }
    for (package, _) in crates {
        command.args(["--package", package]);
    }
    command.envs(toolchain.environment.iter().map(|(key, value)| (key, value)));
    // A plugin runs once for each message in a sandbox of its own: speed first, and a panic ends it. Names stay in, so
    // that a trap can say in which function; the rest of the debug information does not travel.
    for (key, value) in [("OPT_LEVEL", "3"), ("LTO", "fat"), ("CODEGEN_UNITS", "1"), ("PANIC", "abort")] {
        command.env(format!("CARGO_PROFILE_RELEASE_{key}"), value);
    }
    command.env("CARGO_PROFILE_RELEASE_STRIP", "debuginfo");
    command.env("CARGO_ENCODED_RUSTFLAGS", flags(workspace).join("\u{1f}")).env_remove("RUSTFLAGS");
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| CargoError::Start { program: toolchain.cargo.clone(), error })?;
    if !output.status.success() {
        return Err(CargoError::Build);
    }
    let stdout = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<Line> = stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let module_of = |folder: &Path| {
        let manifest = folder.join("Cargo.toml");
        let artefacts =
            lines.iter().filter(|line| line.reason == "compiler-artifact" && line.manifest_path == manifest);
        artefacts
            .flat_map(|line| &line.filenames)
            .find(|file| file.extension().is_some_and(|ext| ext == "wasm"))
            .cloned()
    };
    let found = |(package, folder): &(&str, &Path)| match module_of(folder) {
        Some(module) => Ok(((*package).to_owned(), module)),
        None => Err(CargoError::NoModule { package: (*package).to_owned() }),
    };
    crates.iter().map(found).collect()
}

/// What a plugin's stack in its memory may take. The engine looks through all of the memory after each call, so a quarter
/// of the usual megabyte; the engine's own bound on the depth of calls is reached first.
const STACK_BYTES: u32 = 256 << 10;

/// How much larger a function may become by what is inlined into it. The engine looks at its clock at the head of every
/// function, so fewer of them are faster: at nearly three times the compiler's own measure, reading and writing a
/// document takes a tenth less time, and the code is an eighth larger. Beyond that nothing more is won.
const INLINE_THRESHOLD: u32 = 600;

/// Vector and bulk memory instructions, which every engine of the last years has; more inlining; a small stack; and no
/// folder of this machine in a plugin's panic messages, so that a build elsewhere gives the same file.
fn flags(workspace: &Path) -> Vec<String> {
    let mut flags = vec![
        "-Ctarget-feature=+simd128,+bulk-memory".to_owned(),
        format!("-Cllvm-args=-inline-threshold={INLINE_THRESHOLD}"),
        format!("-Clink-arg=-zstack-size={STACK_BYTES}"),
    ];
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    if let Some(home) = home {
        flags.push(format!("--remap-path-prefix={}=cargo", home.display()));
    }
    flags.push(format!("--remap-path-prefix={}=.", workspace.display()));
    flags
}
