//! `portgate plugin new`: lays out a plugin that compiles and passes its own case, from the templates of the SDK.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use clap::{Args, ValueEnum};

/// What the new plugin is called, and what it reads.
#[derive(Args)]
pub(crate) struct Options {
    /// The plugin's name and its folder's: lower-case letters, digits and hyphens
    name: String,
    /// The format that the partner sends
    #[arg(long, value_enum, default_value_t = Template::Json)]
    template: Template,
    /// The SDK's folder, where it is not `sdk/rust` of this folder or one above
    #[arg(long)]
    sdk: Option<PathBuf>,
}

/// What a template reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// JSON under a schema
    Json,
    /// XML
    Xml,
    /// UN/EDIFACT
    Edi,
}

/// Why there is no new plugin.
#[derive(Debug, thiserror::Error)]
pub(super) enum NewError {
    /// The name would not do.
    #[error("`{0}` is no plugin name: lower-case letters, digits and hyphens, starting with a letter, at most 63")]
    Name(String),
    /// The folder is taken.
    #[error("{0}: is there already; nothing was written")]
    Exists(PathBuf),
    /// No SDK.
    #[error("no folder here or above holds `sdk/rust`; say where the SDK is with --sdk PATH")]
    NoSdk,
    /// A file or folder cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
}

/// What makes a template's crate a workspace of its own.
const OWN_WORKSPACE: &str = "\n[workspace]\n";

/// From the SDK's folder, the file that says with which versions of other crates it is tested. A plugin begins with the same
/// ones, which are compiled once for all plugins; cargo leaves out what a plugin has no use for.
const SDK_VERSIONS: &str = "../../Cargo.lock";

macro_rules! files {
    ($template:literal: $($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../sdk/templates/", $template, "/", $path)))),*]
    };
}

impl Template {
    /// The files of the template, each with its path in the new folder.
    fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Template::Json => files!("json":
                "Cargo.toml", "plugin.toml", "src/lib.rs", "tests/cases.rs", "schemas/event.schema.json",
                "cases/first/message.json", "cases/first/expected.json",
                "cases/unknown-event/message.json", "cases/unknown-event/expected.json",
            ),
            Template::Xml => files!("xml":
                "Cargo.toml", "plugin.toml", "src/lib.rs", "tests/cases.rs",
                "cases/first/message.xml", "cases/first/expected.json",
                "cases/unknown-event/message.xml", "cases/unknown-event/expected.json",
            ),
            Template::Edi => files!("edi":
                "Cargo.toml", "plugin.toml", "src/lib.rs", "tests/cases.rs",
                "cases/first/message.edi", "cases/first/expected.json",
                "cases/unknown-event/message.edi", "cases/unknown-event/expected.json",
            ),
        }
    }
}

/// Lays out the plugin in a new folder of its name, in the current one.
pub(super) fn run(options: &Options) -> Result<(), NewError> {
    let here = env::current_dir().map_err(|error| NewError::File { path: PathBuf::from("."), error })?;
    let folder = lay_out(options, &here)?;
    let name = &options.name;
    println!("{} is ready. From here:", folder.display());
    println!("  portgate plugin build {name}");
    println!("  portgate plugin test {name}");
    Ok(())
}

fn lay_out(options: &Options, here: &Path) -> Result<PathBuf, NewError> {
    let name = &options.name;
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.len() > 63 || !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.bytes().all(fits) {
        return Err(NewError::Name(name.clone()));
    }
    let folder = here.join(name);
    if folder.exists() {
        return Err(NewError::Exists(folder));
    }
    let (sdk, dependency) = match &options.sdk {
        Some(sdk) => (here.join(sdk), here.join(sdk).display().to_string()),
        None => sdk_from(here)?,
    };
    // Inside the repository's own plugins folder it joins that workspace; everywhere else it is one by itself.
    let joins = here.ends_with("plugins") && here.join("../sdk/rust/Cargo.toml").is_file();
    let versions = if joins { None } else { fs::read_to_string(sdk.join(SDK_VERSIONS)).ok() };
    let further = [(".gitignore", "/target/\n")].into_iter().chain(versions.iter().map(|text| ("Cargo.lock", &**text)));
    for (path, text) in options.template.files().iter().copied().chain(further) {
        let path = folder.join(path);
        let mut text = text.replace("PLUGIN_NAME", name).replace("PATH_TO_SDK", &dependency);
        text = text.replace("PLUGIN_CRATE", &name.replace('-', "_"));
        if joins {
            text = text.replace(OWN_WORKSPACE, "");
        }
        let write = || {
            fs::create_dir_all(path.parent().unwrap_or(&folder))?;
            fs::write(&path, text)
        };
        write().map_err(|error| NewError::File { path: path.clone(), error })?;
    }
    Ok(folder)
}

/// The SDK of this folder or the nearest one above that has it, and the way to it from a new folder in this one.
fn sdk_from(here: &Path) -> Result<(PathBuf, String), NewError> {
    let mut way = String::from("../");
    for folder in here.ancestors() {
        let sdk = folder.join("sdk/rust");
        if sdk.join("Cargo.toml").is_file() {
            return Ok((sdk, format!("{way}sdk/rust")));
        }
        way.push_str("../");
    }
    Err(NewError::NoSdk)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(name: &str, template: Template) -> Options {
        Options { name: name.to_owned(), template, sdk: None }
    }

    fn repository() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for path in ["sdk/rust", "plugins"] {
            fs::create_dir_all(folder.path().join(path)).expect("a folder");
        }
        fs::write(folder.path().join("sdk/rust/Cargo.toml"), "").expect("a file");
        fs::write(folder.path().join("Cargo.lock"), "version = 4").expect("a file");
        folder
    }

    #[test]
    fn every_template_leaves_no_placeholder_and_names_the_sdk() {
        for template in [Template::Json, Template::Xml, Template::Edi] {
            let repository = repository();
            let folder = lay_out(&options("acme", template), repository.path()).expect("is laid out");
            let cargo = fs::read_to_string(folder.join("Cargo.toml")).expect("a file");
            assert!(cargo.contains("\"../sdk/rust\"") && cargo.contains(OWN_WORKSPACE), "{cargo}");
            let versions = fs::read_to_string(folder.join("Cargo.lock")).expect("a file");
            assert_eq!(versions, "version = 4", "those of the SDK");
            for (path, _) in template.files() {
                let text = fs::read_to_string(folder.join(path)).expect("a file");
                assert!(
                    ["PLUGIN_NAME", "PLUGIN_CRATE", "PATH_TO_SDK"].iter().all(|word| !text.contains(word)),
                    "{path}"
                );
            }
        }
    }

    #[test]
    fn a_plugin_among_the_repositorys_own_joins_their_workspace() {
        let repository = repository();
        let folder =
            lay_out(&options("acme", Template::Json), &repository.path().join("plugins")).expect("is laid out");
        let cargo = fs::read_to_string(folder.join("Cargo.toml")).expect("a file");
        assert!(cargo.contains("\"../../sdk/rust\"") && !cargo.contains("[workspace]"), "{cargo}");
        assert!(!folder.join("Cargo.lock").exists(), "the workspace has one");
    }

    #[test]
    fn a_folder_that_is_there_is_left_alone() {
        let repository = repository();
        fs::create_dir(repository.path().join("acme")).expect("a folder");
        let refused = lay_out(&options("acme", Template::Json), repository.path());
        assert!(matches!(refused, Err(NewError::Exists(_))));
    }

    #[test]
    fn a_name_that_is_no_plugin_name_is_refused() {
        for name in ["", "Acme", "1acme", "a/b", "..", "a_b"] {
            let refused = lay_out(&options(name, Template::Json), Path::new("/nowhere"));
            assert!(matches!(refused, Err(NewError::Name(_))), "{name}");
        }
    }

    #[test]
    fn without_an_sdk_nearby_the_error_asks_for_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let refused = lay_out(&options("acme", Template::Json), folder.path());
        assert!(matches!(refused, Err(NewError::NoSdk)));
    }
}
