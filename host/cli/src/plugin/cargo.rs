//! The two things cargo is asked: what is in this folder, and to build it for WebAssembly.
//!
//! All plugins of one SDK are compiled into one folder and with the same flags, whatever workspaces they are in, so that
//! the standard library, the SDK and what that stands on are compiled once and not for each plugin.
//!
//! There are two profiles: one for what partners call, and a quick one for whoever changes a plugin and looks again.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{AccessFlags, access};
use serde::Deserialize;

use portgate_core::contract::Format;
use portgate_core::manifest::Manifest;

use super::toolchain::Toolchain;

const TARGET: &str = "wasm32-unknown-unknown";

/// The package that plugins are written with.
const SDK: &str = "portgate-sdk";

/// The crate in a plugin's folder.
#[derive(Debug)]
pub(super) struct Crate {
    /// The package's name.
    pub(super) package: String,
    /// The folder of the workspace that it belongs to.
    pub(super) workspace: PathBuf,
    /// The folder that this workspace builds into.
    pub(super) target: PathBuf,
    /// Where it is compiled for WebAssembly.
    pub(super) shared: Shared,
    /// The KiB of its stack.
    pub(super) stack_kib: Option<u32>,
}

/// Where plugins that stand on the same sources are compiled together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shared {
    /// The folder that the sources are in: that of the SDK's workspace, or of the plugin's own where its SDK is no folder.
    root: PathBuf,
    /// The folder that cargo compiles into.
    pub(super) folder: PathBuf,
}

impl Shared {
    /// Whether nothing was compiled there yet.
    pub(super) fn is_new(&self) -> bool {
        !self.folder.join(TARGET).exists()
    }

    /// The same with another folder beside that: cargo compiles one thing at a time into a folder. The first is the folder itself.
    pub(super) fn beside(&self, bench: usize) -> Shared {
        let mut folder = self.folder.clone().into_os_string();
        if bench > 0 {
            folder.push(format!("-{}", bench + 1));
        }
        Shared { root: self.root.clone(), folder: folder.into() }
    }

    /// The folder that is compiled into with this profile.
    pub(super) fn with(&self, profile: Profile) -> Shared {
        let mut folder = self.folder.clone().into_os_string();
        if profile == Profile::Quick {
            folder.push("-quick");
        }
        Shared { root: self.root.clone(), folder: folder.into() }
    }

    /// Whether this package was compiled there.
    pub(super) fn has(&self, package: &str) -> bool {
        let module = format!("{}.wasm", package.replace('-', "_"));
        self.folder.join(TARGET).join("release").join(module).exists()
    }
}

/// How much work goes into a plugin's code, whatever its workspace's profiles say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// A plugin runs once for each message in a sandbox of its own: speed first.
    Release,
    /// Compiling first: a fifth of the time, and calls that take a fifth longer.
    Quick,
}

impl Profile {
    /// The profile that the command line asks for.
    pub(super) fn of(is_quick: bool) -> Profile {
        if is_quick { Profile::Quick } else { Profile::Release }
    }

    /// How much the compiler is to do, and whether over everything at once when it links.
    fn settings(self) -> [(&'static str, &'static str); 2] {
        match self {
            Profile::Release => [("OPT_LEVEL", "3"), ("LTO", "fat")],
            Profile::Quick => [("OPT_LEVEL", "s"), ("LTO", "off")],
        }
    }

    /// The KiB of stack beside what a plugin has in the release: where less is done, more values are copied on their way.
    fn more_stack_kib(self) -> u32 {
        match self {
            Profile::Release => 0,
            Profile::Quick => 64,
        }
    }
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
    /// The folder holds a workspace, not one crate.
    #[error("{folder}: holds a workspace, not one plugin; name the plugin's own folder")]
    Workspace {
        /// The plugin's folder.
        folder: PathBuf,
    },
    /// The settings of the build in its Cargo.toml cannot be used.
    #[error("{manifest}: [package.metadata.portgate]: {detail}")]
    Settings {
        /// The crate's Cargo.toml.
        manifest: PathBuf,
        /// What is wrong.
        detail: String,
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
    #[serde(default)]
    dependencies: Vec<Dependency>,
    #[serde(default)]
    metadata: serde_json::Value,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// The folder, where it is no package of a registry.
    path: Option<PathBuf>,
}

/// `[package.metadata.portgate]` in a plugin's Cargo.toml: what it wants of its build.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Settings {
    /// The KiB of its stack.
    stack_kib: Option<u32>,
}

/// The stacks that a plugin may ask for, in KiB.
const STACKS_KIB: std::ops::RangeInclusive<u32> = 16..=16_384;

impl Package {
    /// The folder of the SDK, where it is one.
    fn sdk(&self) -> Option<&Path> {
        self.dependencies.iter().filter(|dependency| dependency.name == SDK).find_map(|sdk| sdk.path.as_deref())
    }

    fn settings(&self) -> Result<Settings, CargoError> {
        let refused = |detail: String| CargoError::Settings { manifest: self.manifest_path.clone(), detail };
        let Some(said) = self.metadata.get("portgate") else { return Ok(Settings::default()) };
        let settings = Settings::deserialize(said).map_err(|error| refused(error.to_string()))?;
        let (least, most) = (STACKS_KIB.start(), STACKS_KIB.end());
        match settings.stack_kib.filter(|kib| !STACKS_KIB.contains(kib)) {
            None => Ok(settings),
            Some(kib) => Err(refused(format!("stack-kib = {kib}: a stack has {least} to {most} KiB"))),
        }
    }
}

/// The crate in `folder`, which must be an absolute path.
pub(super) fn describe(folder: &Path) -> Result<Crate, CargoError> {
    let described = metadata(folder)?;
    let manifest = folder.join("Cargo.toml");
    let package = described.packages.into_iter().find(|package| package.manifest_path == manifest);
    let package = package.ok_or_else(|| CargoError::Workspace { folder: folder.to_owned() })?;
    let Settings { stack_kib } = package.settings()?;
    let (workspace, target) = (described.workspace_root, described.target_directory);
    let shared = match package.sdk() {
        Some(sdk) if !sdk.starts_with(&workspace) => with_sdk(sdk),
        _ => None,
    };
    let shared = shared.unwrap_or_else(|| Shared { root: workspace.clone(), folder: target.join("wasm") });
    Ok(Crate { package: package.name, workspace, target, shared, stack_kib })
}

/// What cargo says of the workspace that the crate in this folder belongs to.
fn metadata(folder: &Path) -> Result<Metadata, CargoError> {
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| CargoError::Start { program: "cargo".to_owned(), error })?;
    let refused = |said: String| CargoError::Metadata { folder: folder.to_owned(), said };
    if !output.status.success() {
        return Err(refused(String::from_utf8_lossy(&output.stderr).trim_end().to_owned()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| refused(error.to_string()))
}

/// Where everything that stands on the SDK in this folder is compiled: beside what is built in its own workspace. `None` where
/// that may not be written to.
fn with_sdk(sdk: &Path) -> Option<Shared> {
    let Metadata { workspace_root, target_directory, .. } = metadata(sdk).ok()?;
    let folder = target_directory.join("wasm");
    let writable = std::fs::create_dir_all(&folder).is_ok() && access(&folder, AccessFlags::W_OK).is_ok();
    writable.then_some(Shared { root: workspace_root, folder })
}

#[derive(Deserialize)]
struct Line {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

/// Compiles a crate and gives its core module. Always in release mode with the settings of a plugin; compiled together with what
/// stands in `shared`.
pub(super) fn build(
    toolchain: &Toolchain,
    described: &Crate,
    manifest: &Manifest,
    folder: &Path,
    shared: &Shared,
    profile: Profile,
) -> Result<PathBuf, CargoError> {
    let Crate { package, workspace, stack_kib, .. } = described;
    let mut command = Command::new(&toolchain.cargo);
    command.args(["rustc", "--release", "--lib", "--target", TARGET, "--message-format", "json-render-diagnostics"]);
    command.arg("--target-dir").arg(&shared.folder).args(["--package", package]).current_dir(workspace);
    if let Some(crates) = &toolchain.build_std {
        command.arg(format!("-Zbuild-std={crates}"));
    }
    command.envs(toolchain.environment.iter().map(|(key, value)| (key, value)));
    // A panic ends it. Names stay in, so that a trap can say in which function; the rest of the debug information does not
    // travel.
    let always = [("CODEGEN_UNITS", "1"), ("PANIC", "abort"), ("STRIP", "debuginfo")];
    for (key, value) in profile.settings().into_iter().chain(always) {
        command.env(format!("CARGO_PROFILE_RELEASE_{key}"), value);
    }
    // What differs between plugins goes to the linker of this crate alone.
    let kib = stack_kib.unwrap_or_else(|| stack_for(manifest)) + profile.more_stack_kib();
    command.arg("--").arg(stack(kib));
    command.env("CARGO_ENCODED_RUSTFLAGS", flags(shared, profile).join("\u{1f}")).env_remove("RUSTFLAGS");
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
    let manifest = folder.join("Cargo.toml");
    let artefacts = lines.iter().filter(|line| line.reason == "compiler-artifact" && line.manifest_path == manifest);
    let mut files = artefacts.flat_map(|line| &line.filenames);
    let module = files.find(|file| file.extension().is_some_and(|extension| extension == "wasm"));
    module.cloned().ok_or_else(|| CargoError::NoModule { package: package.clone() })
}

/// The least and the most KiB that a plugin's stack has in its memory, where its Cargo.toml does not ask for another. It is
/// the first thing in the memory: a call that needs more traps. The host sets all of it back after each call, so that each
/// KiB costs every call, and even the most is a quarter of the usual megabyte.
const STACK_KIB: std::ops::RangeInclusive<u32> = 64..=256;

/// The KiB of stack for a call without nested data; the connectors use less for their cases.
const CALL_KIB: u32 = 16;

/// The KiB of stack that a reader of JSON takes for each level of nesting, at most.
const LEVEL_KIB: u32 = 4;

/// The KiB of stack for what a plugin may be given. Contracts say how deep JSON is nested, and EDI is not nested; how deep all
/// else is, nobody knows. An encoder is given documents and the answers of partners,
/// which no contract bounds.
fn stack_for(manifest: &Manifest) -> u32 {
    let levels = manifest.contracts.iter().map(|contract| match contract.format {
        _ if contract.direction.is_encoded() => None,
        Format::Json => contract.depth_max,
        Format::Edi => Some(0),
        Format::Xml | Format::Bytes => None,
    });
    let deepest = levels.max_by_key(|levels| levels.unwrap_or(u32::MAX)).flatten();
    let kib = deepest.map(|levels| CALL_KIB + LEVEL_KIB * levels);
    kib.map_or(*STACK_KIB.end(), |kib| kib.clamp(*STACK_KIB.start(), *STACK_KIB.end()))
}

/// The KiB of heap that a plugin begins with at least; the linker adds what is left of the last page. Enough for most
/// messages: growing the memory costs the host two system calls, and each of them costs more than resetting a page of
/// this.
const HEAP_KIB: u32 = 64;

/// How much larger a function may become by what is inlined into it. The engine looks at its clock at the head of every
/// function, so fewer of them are faster: at nearly three times the compiler's own measure, reading and writing a
/// document takes a tenth less time, and the code is an eighth larger. Beyond that nothing more is won.
const INLINE_THRESHOLD: u32 = 600;

/// The compiler's flag that has the linker reserve so much stack.
fn stack(kib: u32) -> String {
    format!("-Clink-arg=-zstack-size={}", u64::from(kib) << 10)
}

/// Vector and bulk memory instructions, which every engine of the last years has; more inlining; stack, data and heap close
/// together from the beginning of the memory on; and no folder of this machine in a plugin's panic messages, so that a
/// build elsewhere gives the same file. The compiler knows the files of the plugin's own workspace by relative names; the
/// others have their folders taken off. The flags must not depend on the plugin: with others everything is compiled again.
fn flags(Shared { root, folder }: &Shared, profile: Profile) -> Vec<String> {
    let mut flags = vec![
        "-Ctarget-feature=+simd128,+bulk-memory".to_owned(),
        "-Clink-arg=--stack-first".to_owned(),
        format!("-Clink-arg=--initial-heap={}", u64::from(HEAP_KIB) << 10),
    ];
    if profile == Profile::Release {
        flags.push(format!("-Cllvm-args=-inline-threshold={INLINE_THRESHOLD}"));
    }
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    // Where several fit, the compiler takes the last.
    let named = [(home.as_deref(), "cargo"), (Some(root), "."), (Some(folder), "./target/wasm")];
    for (path, name) in named {
        flags.extend(path.map(|path| format!("--remap-path-prefix={}={name}", path.display())));
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A manifest with contracts of these formats, depths and directions.
    fn manifest(contracts: &[(&str, Option<u32>, &str)]) -> Manifest {
        let contracts: Vec<_> = contracts
            .iter()
            .map(|(format, depth_max, direction)| {
                serde_json::json!({
                    "name": "orders", "version": "1", "media_types": ["text/plain"], "body_bytes_max": 1,
                    "format": format, "depth_max": depth_max, "direction": direction,
                })
            })
            .collect();
        let manifest = serde_json::json!({
            "name": "acme", "version": "1.0.0", "description": "A plugin.", "world": "connector", "contracts": contracts,
        });
        serde_json::from_value(manifest).expect("a manifest")
    }

    #[test]
    fn a_plugin_has_the_stack_that_the_deepest_of_its_contracts_needs() {
        for (contracts, kib) in [
            (&[("json", Some(12), "decode"), ("edi", None, "decode")][..], 64),
            (&[("json", Some(12), "decode"), ("json", Some(32), "decode")], 144),
            (&[("json", Some(128), "decode")], 256),
            (&[("json", Some(12), "decode"), ("json", None, "decode")], 256),
            (&[("json", Some(12), "both")], 256),
            (&[("xml", None, "decode")], 256),
            (&[("edi", None, "decode")], 64),
            (&[], 256),
        ] {
            assert_eq!(stack_for(&manifest(contracts)), kib, "{contracts:?}");
        }
    }

    fn package(metadata: serde_json::Value) -> Package {
        let manifest_path = PathBuf::from("acme/Cargo.toml");
        Package { name: "acme".to_owned(), manifest_path, dependencies: Vec::new(), metadata }
    }

    #[test]
    fn a_plugin_says_how_much_stack_it_wants() {
        let stack_kib = |metadata| package(metadata).settings().map(|settings| settings.stack_kib);
        let own = |settings: serde_json::Value| serde_json::json!({ "docs": { "all": true }, "portgate": settings });
        assert_eq!(stack_kib(serde_json::Value::Null).expect("nothing said"), None);
        assert_eq!(stack_kib(serde_json::json!({ "docs": {} })).expect("nothing said to us"), None);
        assert_eq!(stack_kib(own(serde_json::json!({ "stack-kib": 64 }))).expect("a stack"), Some(64));
        assert_eq!(stack(64), "-Clink-arg=-zstack-size=65536");
        for wrong in [
            serde_json::json!({ "stack-kib": 0 }),
            serde_json::json!({ "stack-kib": 4_194_304 }),
            serde_json::json!({ "stack-kib": "256" }),
            serde_json::json!({ "stack": 256 }),
        ] {
            let said = stack_kib(own(wrong)).expect_err("refused").to_string();
            assert!(said.starts_with("acme/Cargo.toml: [package.metadata.portgate]: "), "{said}");
        }
    }
}
