//! `portgate plugin build`: crates in, plugin files out. Each
//! becomes a component, gets its manifest inside, and is written by renaming, so that a gateway that watches the folder
//! never sees half a file.

use std::fs::{self, File};
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use clap::Args;
use portgate_core::bom::Lock;
use portgate_core::manifest::{Capabilities, Manifest};
use portgate_core::policy::{Mistake, Source, locate};
use portgate_runtime::{Inspection, SigningKey, Unsignable, inspect_component};
use portgate_server::document_fields;

use super::cargo::{self, CargoError, Crate, Profile};
use super::component::{self, ComponentError};
use super::file;
use super::key::{KeyError, signing_key};
use super::toolchain::{self, Toolchain, ToolchainError};

/// What to build, and where to.
#[derive(Args)]
pub(crate) struct Options {
    /// The plugins' folders, each with Cargo.toml and plugin.toml
    #[arg(default_value = ".")]
    folders: Vec<PathBuf>,
    /// Where the plugin files go; `plugins` in the target folder of each plugin's workspace where it is not given
    #[arg(long)]
    out: Option<PathBuf>,
    /// Sign them with the secret key in this file, as `portgate plugin sign` does
    #[arg(long, value_name = "KEYFILE")]
    sign: Option<PathBuf>,
    /// Compile in a fifth of the time, while a plugin is written and for tests; its calls take a fifth longer
    #[arg(long)]
    quick: bool,
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

/// A plugin's folder, as it was found.
struct Plugin {
    folder: PathBuf,
    manifest: Manifest,
    described: Crate,
    toolchain: Toolchain,
    profile: Profile,
}

/// A plugin that was compiled.
pub(super) struct Built {
    plugin: Plugin,
    /// The plugin file's content, not signed.
    component: Vec<u8>,
    /// What it says of itself.
    pub(super) inspection: Inspection,
}

/// Builds every plugin named, and says what came of each.
pub(super) fn run(options: &Options) -> Result<(), BuildError> {
    let key = options.sign.as_deref().map(signing_key).transpose()?;
    let profile = Profile::of(options.quick);
    let plugins = super::folders(&options.folders).map(|folder| open(folder, profile));
    let plugins = plugins.collect::<Result<Vec<Plugin>, BuildError>>()?;
    side_by_side(plugins, &|mut built| {
        if let Some(key) = &key {
            built.sign(key)?;
        }
        let path = built.write(options.out.as_deref())?;
        let Inspection { manifest, size, digest, imports, .. } = &built.inspection;
        let signed = key.as_ref().map(|key| format!("\n  signed   with the key {}", key.verifying_key().id()));
        println!(
            "{} {}\n  file     {} ({size} bytes)\n  sha256   {digest}\n  imports  {}{}{}",
            manifest.name,
            manifest.version,
            path.display(),
            imports.join(", "),
            signed.unwrap_or_default(),
            if options.quick { "\n  quick    what partners call is built without --quick" } else { "" }
        );
        Ok(())
    })
}

/// For so many plugins it is worth another bench, for which the SDK is compiled once more: a minute or two, as a plugin or two take.
const PLUGINS_PER_BENCH: usize = 8;

/// Most benches that are looked at for what was compiled before.
const BENCHES_MAX: usize = 16;

/// Compiles plugins side by side, since most of the time of each is spent on one core, and hands each to `done`. The first error ends
/// it, once what has begun is at its end.
fn side_by_side(
    plugins: Vec<Plugin>,
    done: &(impl Fn(Built) -> Result<(), BuildError> + Sync),
) -> Result<(), BuildError> {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let benches = cores.min(1 + plugins.len() / PLUGINS_PER_BENCH).min(BENCHES_MAX);
    let (waiting, failed) = (Mutex::new(plugins), AtomicBool::new(false));
    let work = |own: usize| {
        let next = || {
            let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let at = waiting.iter().position(|plugin| plugin.bench().unwrap_or(own) % benches == own)?;
            Some(waiting.remove(at)).filter(|_| !failed.load(Ordering::Relaxed))
        };
        while let Some(plugin) = next() {
            let bench = plugin.bench().unwrap_or(own);
            plugin.compile(bench).and_then(done).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..benches).map(|own| scope.spawn(move || work(own))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("no worker panics"))
    })
}

/// Compiles the plugin in this folder.
pub(super) fn build(folder: &Path, profile: Profile) -> Result<Built, BuildError> {
    let plugin = open(folder, profile)?;
    let bench = plugin.bench().unwrap_or(0);
    plugin.compile(bench)
}

/// The right to compile into this folder and to read what came of it, until it is dropped.
fn turn(folder: &Path) -> Result<File, BuildError> {
    let path = folder.join("portgate.lock");
    let locked = fs::create_dir_all(folder).and_then(|()| File::create(&path)).and_then(|file| {
        file.lock()?;
        Ok(file)
    });
    locked.map_err(file_error(&path))
}

fn open(folder: &Path, profile: Profile) -> Result<Plugin, BuildError> {
    let folder = fs::canonicalize(folder).map_err(file_error(folder))?;
    let manifest = read_manifest(&folder)?;
    let mut described = cargo::describe(&folder)?;
    let Crate { workspace, shared, .. } = &described;
    let toolchain = {
        // To find one may be to install it.
        let _turn = turn(&shared.folder)?;
        toolchain::find(workspace, &shared.folder.join("toolchain"))?
    };
    described.shared = described.shared.with(profile);
    Ok(Plugin { folder, manifest, described, toolchain, profile })
}

/// The manifest of a plugin's folder, its schemas inlined.
pub(super) fn read_manifest(folder: &Path) -> Result<Manifest, BuildError> {
    let path = folder.join("plugin.toml");
    let text = fs::read_to_string(&path).map_err(file_error(&path))?;
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

impl Built {
    /// Turns a compiled module into a plugin file's content.
    fn assemble(plugin: Plugin, module: &Path) -> Result<Self, BuildError> {
        let bytes = fs::read(module).map_err(file_error(module))?;
        let assembled = component::assemble(&bytes, &plugin.manifest, bill_of(&plugin).as_deref());
        let (component, inspection) = assembled.map_err(|error| plugin.refused(error))?;
        Ok(Built { plugin, component, inspection })
    }

    fn sign(&mut self, key: &SigningKey) -> Result<(), BuildError> {
        let package = || self.plugin.described.package.clone();
        self.component = key.sign(&self.component).map_err(|error| BuildError::Sign { package: package(), error })?;
        self.inspection = inspect_component(&self.component).map_err(|error| self.plugin.refused(error.into()))?;
        Ok(())
    }

    /// Where its plugin file goes: into this folder, or else below the folder that its workspace builds into.
    pub(super) fn path(&self, out: Option<&Path>) -> PathBuf {
        let out = out.map_or_else(|| self.plugin.described.target.join("plugins"), Path::to_owned);
        out.join(format!("{}.wasm", self.inspection.manifest.name))
    }

    /// Writes the plugin file and says where it is.
    pub(super) fn write(&self, out: Option<&Path>) -> Result<PathBuf, BuildError> {
        let path = self.path(out);
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(file_error(folder))?;
        file::replace(&path, &self.component).map_err(file_error(&path))?;
        Ok(path)
    }
}

impl Plugin {
    /// Where it was compiled before: there cargo knows what of it has changed.
    fn bench(&self) -> Option<usize> {
        let Crate { package, shared, .. } = &self.described;
        (0..BENCHES_MAX).find(|bench| shared.beside(*bench).has(package))
    }

    fn compile(self, bench: usize) -> Result<Built, BuildError> {
        let Crate { package, shared, .. } = &self.described;
        let shared = shared.beside(bench);
        // Plugins of the same name in different workspaces are compiled into the same file, so nobody else may compile
        // until this one is read.
        let _turn = turn(&shared.folder)?;
        let once = match shared.is_new() {
            true => "; the first time, with the SDK and all that it stands on, takes a minute or two",
            false => "",
        };
        eprintln!("portgate: compiling {package} to WebAssembly{once}");
        let module =
            cargo::build(&self.toolchain, &self.described, &self.manifest, &self.folder, &shared, self.profile)?;
        Built::assemble(self, &module)
    }

    fn refused(&self, error: ComponentError) -> BuildError {
        BuildError::Component { package: self.described.package.clone(), error }
    }
}

fn file_error(path: &Path) -> impl FnOnce(io::Error) -> BuildError + use<> {
    let path = path.to_owned();
    move |error| BuildError::File { path, error }
}
