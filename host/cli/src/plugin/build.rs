//! `portgate plugin build`: crates in, plugin files out. Plugins of one workspace are compiled together; each
//! becomes a component, gets its manifest inside, and is written by renaming, so that a gateway that watches the folder
//! never sees half a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;
use portgate_core::bom::Lock;
use portgate_core::manifest::{Capabilities, Manifest};
use portgate_core::policy::{Mistake, Source, locate};
use portgate_runtime::{SigningKey, Unsignable, inspect_component};
use portgate_server::document_fields;

use super::cargo::{self, CargoError, Crate};
use super::component::{self, ComponentError};
use super::file;
use super::key::{KeyError, signing_key};
use super::toolchain::{self, ToolchainError};

/// What to build, and where to.
#[derive(Args)]
pub(crate) struct Options {
    /// The plugins' folders, each with Cargo.toml and plugin.toml
    #[arg(default_value = ".")]
    folders: Vec<PathBuf>,
    /// Where the plugin files go
    #[arg(long, default_value = "target/plugins")]
    out: PathBuf,
    /// Sign them with the secret key in this file, as `portgate plugin sign` does
    #[arg(long, value_name = "KEYFILE")]
    sign: Option<PathBuf>,
}

/// Why a plugin was not built.
#[derive(Debug, thiserror::Error)]
pub(super) enum BuildError {
    /// A file or folder cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// The manifest is wrong; each mistake names its place.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\nportgate: "))]
    Manifest(Vec<Mistake>),
    /// No toolchain.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// Cargo failed.
    #[error(transparent)]
    Cargo(#[from] CargoError),
    /// The key to sign with cannot be read.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The plugin cannot be signed.
    #[error("{package}: {error}")]
    Sign {
        /// The package.
        package: String,
        /// Why.
        error: Unsignable,
    },
    /// The compiled module is no plugin.
    #[error("{package}: {error}")]
    Component {
        /// The package.
        package: String,
        /// Why.
        error: ComponentError,
    },
}

struct Plugin {
    folder: PathBuf,
    manifest: Manifest,
    described: Crate,
}

/// Builds every plugin named, and says what came of each.
pub(super) fn run(options: &Options) -> Result<(), BuildError> {
    let key = options.sign.as_deref().map(signing_key).transpose()?;
    let mut workspaces: BTreeMap<PathBuf, Vec<Plugin>> = BTreeMap::new();
    for folder in &options.folders {
        let plugin = open(folder)?;
        workspaces.entry(plugin.described.workspace.clone()).or_default().push(plugin);
    }
    for (workspace, plugins) in &workspaces {
        let target = &plugins[0].described.target;
        let toolchain = toolchain::find(workspace, &target.join("wasm/toolchain"))?;
        let crates: Vec<(&Crate, &Path)> =
            plugins.iter().map(|plugin| (&plugin.described, plugin.folder.as_path())).collect();
        eprintln!(
            "portgate: compiling {} to WebAssembly",
            crates.iter().map(|(described, _)| described.package.as_str()).collect::<Vec<_>>().join(", ")
        );
        let modules = cargo::build(&toolchain, workspace, target, &crates)?;
        for plugin in plugins {
            finish(plugin, &modules[&plugin.described.package], &options.out, key.as_ref())?;
        }
    }
    Ok(())
}

fn open(folder: &Path) -> Result<Plugin, BuildError> {
    let folder = fs::canonicalize(folder).map_err(|error| BuildError::File { path: folder.to_owned(), error })?;
    let manifest = read_manifest(&folder)?;
    let described = cargo::describe(&folder)?;
    Ok(Plugin { folder, manifest, described })
}

/// The manifest of a plugin's folder, its schemas inlined.
pub(super) fn read_manifest(folder: &Path) -> Result<Manifest, BuildError> {
    let path = folder.join("plugin.toml");
    let text = fs::read_to_string(&path).map_err(|error| BuildError::File { path: path.clone(), error })?;
    let read_schema = |name: &str| fs::read_to_string(folder.join(name)).map_err(|error| error.to_string());
    let shown = path.display().to_string();
    let manifest = Manifest::from_toml(&text, &shown, read_schema).map_err(BuildError::Manifest)?;
    let source = Source { path: shown, text };
    let unknown = unknown_kinds(&manifest, &source);
    if unknown.is_empty() { Ok(manifest) } else { Err(BuildError::Manifest(unknown)) }
}

/// The kinds of documents that a manifest names and that do not exist.
fn unknown_kinds(manifest: &Manifest, source: &Source) -> Vec<Mistake> {
    let Capabilities { emit, read, tables: _ } = &manifest.capabilities;
    let named = emit.iter().map(|kind| ("capabilities.emit", kind));
    let named = named.chain(read.iter().map(|kind| ("capabilities.read", kind)));
    let mistake = |(key, kind): (&str, &String)| {
        let hint = match document_fields().no_kind(kind)? {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "the kinds are those of wit/canonical/v1".to_owned(),
        };
        let (line, column) = locate(source, key, kind);
        let problem = format!("there is no kind of document called `{}`", kind.escape_debug());
        let key = key.to_owned();
        Some(Mistake { line, column, key, ..Mistake::whole_file(source.path.as_str(), problem, Some(hint)) })
    };
    named.filter_map(mistake).collect()
}

/// What the plugin is made of, by its workspace's lock file, which cargo has brought up to date.
fn bill_of(plugin: &Plugin) -> Option<String> {
    let lock = plugin.described.workspace.join("Cargo.lock");
    let text = fs::read_to_string(&lock).map_err(|error| error.to_string());
    let bill = text.and_then(|text| Lock::parse(&text)?.bill_of(&plugin.described.package, None));
    match bill {
        Ok(bill) => Some(bill.to_string()),
        Err(problem) => {
            eprintln!("portgate: {}: no bill of materials goes along: {problem}", lock.display());
            None
        }
    }
}

/// Turns a compiled module into a plugin file and prints what it is.
fn finish(plugin: &Plugin, module: &Path, out: &Path, key: Option<&SigningKey>) -> Result<(), BuildError> {
    let file_error = |path: &Path| {
        let path = path.to_owned();
        move |error| BuildError::File { path, error }
    };
    let package = || plugin.described.package.clone();
    let refused = |error| BuildError::Component { package: package(), error };
    let bytes = fs::read(module).map_err(file_error(module))?;
    let (mut component, mut inspection) =
        component::assemble(&bytes, &plugin.manifest, bill_of(plugin).as_deref()).map_err(refused)?;
    if let Some(key) = key {
        component = key.sign(&component).map_err(|error| BuildError::Sign { package: package(), error })?;
        inspection = inspect_component(&component).map_err(|error| refused(error.into()))?;
    }
    let manifest = &inspection.manifest;

    fs::create_dir_all(out).map_err(file_error(out))?;
    let path = out.join(format!("{}.wasm", manifest.name));
    file::replace(&path, &component).map_err(file_error(&path))?;

    println!("{} {}", manifest.name, manifest.version);
    println!("  file     {} ({} bytes)", path.display(), inspection.size);
    println!("  sha256   {}", inspection.digest);
    println!("  imports  {}", inspection.imports.join(", "));
    if let Some(key) = key {
        println!("  signed   with the key {}", key.verifying_key().id());
    }
    Ok(())
}
