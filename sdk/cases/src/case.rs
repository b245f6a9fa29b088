//! One case, loaded: its payload, everything that goes with it, and where its expectation is.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::CaseError;
use crate::settings::{Contract, Manifest, Row, Settings};

/// A message with everything a plugin is given beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The folder's name.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// The partner that sends the message.
    pub partner: String,
    /// The contract's name.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// The media type.
    pub content_type: String,
    /// Headers that the contract lists, names in lower case, in the order of their names.
    pub headers: Vec<(String, String)>,
    /// When the message came, RFC 3339.
    pub received_at: String,
    /// SHA-256 of `body`, 64 lower-case hexadecimal digits.
    pub digest: String,
    /// The payload, byte for byte.
    pub body: Vec<u8>,
    /// What look-ups find.
    pub rows: Vec<Row>,
}

/// Loads every case of a plugin's folder, in the order of their names.
///
/// # Errors
///
/// The first folder that cannot be used; and a plugin without any case, because a test that runs nothing proves nothing.
pub fn load(plugin: &Path) -> Result<Vec<Case>, CaseError> {
    let manifest: Manifest = toml_file(&plugin.join("plugin.toml"))?.unwrap_or_default();
    let cases = plugin.join("cases");
    let mut folders = entries(&cases)?;
    folders.retain(|folder| folder.is_dir());
    if folders.is_empty() {
        return Err(CaseError::None { path: cases });
    }
    folders.into_iter().map(|folder| load_one(folder, &manifest.contracts)).collect()
}

fn load_one(folder: PathBuf, contracts: &[Contract]) -> Result<Case, CaseError> {
    let settings: Settings = toml_file(&folder.join("case.toml"))?.unwrap_or_default();
    let mut messages = entries(&folder)?;
    messages.retain(|path| path.is_file() && path.file_stem().is_some_and(|stem| stem == "message"));
    let [message] = messages.as_slice() else {
        return Err(CaseError::Messages { path: folder, found: messages.len() });
    };
    let body = fs::read(message).map_err(|error| CaseError::File { path: message.clone(), error })?;
    let contract = choose(&folder, &settings, contracts)?;
    Ok(Case {
        name: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        partner: settings.partner.unwrap_or_else(|| "partner".to_owned()),
        content_type: settings
            .content_type
            .or_else(|| contract.media_types.first().cloned())
            .unwrap_or_else(|| "application/octet-stream".to_owned()),
        headers: settings.headers.into_iter().filter(|(name, _)| contract.headers.contains(name)).collect(),
        received_at: settings.received_at.unwrap_or_else(|| "2026-03-01T08:15:00Z".to_owned()),
        digest: hex::encode(Sha256::digest(&body)),
        contract: contract.name,
        version: contract.version,
        rows: settings.rows,
        folder,
        body,
    })
}

/// The contract that the case names, as far as it names one, when exactly one of the manifest fits.
fn choose(folder: &Path, settings: &Settings, contracts: &[Contract]) -> Result<Contract, CaseError> {
    let fits = |contract: &&Contract| {
        settings.contract.as_ref().is_none_or(|name| *name == contract.name)
            && settings.version.as_ref().is_none_or(|version| *version == contract.version)
    };
    let mut fitting = contracts.iter().filter(fits);
    let why = match (fitting.next(), fitting.next()) {
        (Some(contract), None) => return Ok(contract.clone()),
        (Some(_), Some(_)) => "several contracts of plugin.toml fit the case",
        (None, _) => "no contract of plugin.toml fits the case",
    };
    let known: Vec<String> =
        contracts.iter().map(|contract| format!("{} {}", contract.name, contract.version)).collect();
    Err(CaseError::Contract { path: folder.to_owned(), why, known: known.join(", ") })
}

/// The entries of a folder, sorted by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, CaseError> {
    let read = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>();
    let mut paths = read().map_err(|error| CaseError::File { path: folder.to_owned(), error })?;
    paths.sort();
    Ok(paths)
}

/// A TOML file's content, or none where there is no such file.
fn toml_file<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, CaseError> {
    match fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text)
            .map(Some)
            .map_err(|error| CaseError::Toml { path: path.to_owned(), error: Box::new(error) }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CaseError::File { path: path.to_owned(), error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("has a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        folder
    }

    const ONE: &str =
        "[[contracts]]\nname = 'order'\nversion = '1'\nmedia_types = ['application/json']\nheaders = ['x-topic']\n";

    #[test]
    fn what_a_case_leaves_out_comes_from_the_only_contract() {
        let folder = plugin(&[("plugin.toml", ONE), ("cases/first/message.json", "{}")]);
        let cases = load(folder.path()).expect("loads");
        assert_eq!((cases[0].contract.as_str(), cases[0].version.as_str()), ("order", "1"));
        assert_eq!(cases[0].content_type, "application/json");
        assert_eq!(cases[0].digest, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }

    #[test]
    fn only_headers_that_the_contract_lists_reach_the_plugin() {
        let case = "[headers]\nx-topic = 'a'\ncookie = 'b'\n";
        let folder =
            plugin(&[("plugin.toml", ONE), ("cases/first/message.json", "{}"), ("cases/first/case.toml", case)]);
        let cases = load(folder.path()).expect("loads");
        assert_eq!(cases[0].headers, [("x-topic".to_owned(), "a".to_owned())]);
    }

    #[test]
    fn several_contracts_ask_for_a_choice_by_name() {
        let two = format!("{ONE}[[contracts]]\nname = 'item'\nversion = '1'\n");
        let folder = plugin(&[("plugin.toml", &two), ("cases/first/message.json", "{}")]);
        let error = load(folder.path()).unwrap_err().to_string();
        assert!(error.contains("order 1, item 1"), "{error}");
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let folder = plugin(&[
            ("plugin.toml", ONE),
            ("cases/first/message.json", "{}"),
            ("cases/first/case.toml", "partner = 'a'\ncontent-type = 'b'\n"),
        ]);
        let error = load(folder.path()).unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("content-type"), "{error}");
    }

    #[test]
    fn a_case_with_two_messages_is_refused() {
        let folder = plugin(&[("plugin.toml", ONE), ("cases/a/message.json", ""), ("cases/a/message.xml", "")]);
        assert!(matches!(load(folder.path()), Err(CaseError::Messages { found: 2, .. })));
    }

    #[test]
    fn a_plugin_without_cases_is_refused() {
        let folder = plugin(&[("plugin.toml", ONE), ("cases/readme.md", "")]);
        assert!(matches!(load(folder.path()), Err(CaseError::None { .. })));
    }
}
