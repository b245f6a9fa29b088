//! One case, loaded: what it gives, everything that goes with it, and where its expectation is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::CaseError;
use crate::given::Given;
use crate::request::Request;
use crate::settings::{Agreement, CodeRow, Contract, ControlNumbers, Ignored, Manifest, Row, Settings};

/// What a plugin is given, with everything beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The folder's name; where the folder has a response beside documents, with ` (response)` behind it.
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
    /// When the message or the answer came, or the documents are rendered; RFC 3339.
    pub received_at: String,
    /// What the plugin is given.
    pub given: Given,
    /// Whether the message breaks its contract: a gateway would refuse it before the plugin sees it.
    pub breaks_contract: bool,
    /// What look-ups find.
    pub rows: Vec<Row>,
    /// Tables that are searched by name, each with the content of its file.
    pub lists: BTreeMap<String, Vec<u8>>,
    /// What look-ups of codes find.
    pub codes: Vec<CodeRow>,
    /// What was settled with the partner.
    pub agreement: Option<Agreement>,
    /// Numbers for what the plugin writes.
    pub control_numbers: Option<ControlNumbers>,
}

impl Case {
    /// The request that the folder's response answers: what `request.*` of the folder holds.
    ///
    /// # Errors
    ///
    /// There is none, or it cannot be read.
    pub fn sent(&self) -> Result<Request, CaseError> {
        let Some(path) = request_file(&self.folder)? else {
            return Err(CaseError::NothingSent { path: self.folder.clone() });
        };
        let bytes = fs::read(&path).map_err(|error| CaseError::File { path: path.clone(), error })?;
        match is_http(&path) {
            true => Request::from_http(&bytes).map_err(|problem| CaseError::Request { path, problem }),
            false => {
                let headers = vec![("content-type".to_owned(), self.content_type.clone())];
                Ok(Request { method: "POST".to_owned(), path: "/".to_owned(), headers, body: bytes })
            }
        }
    }

    /// The contract, `name/version`; of a context the regime that is to be made of it, or `inspect`.
    pub fn contract_name(&self) -> String {
        match &self.given {
            Given::Context { composition: Some(composition), .. } => composition.regime.clone(),
            Given::Context { composition: None, .. } => "inspect".to_owned(),
            Given::Message { .. } | Given::Documents(_) | Given::Response(_) => {
                format!("{}/{}", self.contract, self.version)
            }
        }
    }
}

/// The one `request.*` of a folder, if there is one.
pub(crate) fn request_file(folder: &Path) -> Result<Option<PathBuf>, CaseError> {
    let mut requests = named(folder, "request")?;
    match requests.len() {
        0 | 1 => Ok(requests.pop()),
        found => Err(CaseError::Requests { path: folder.to_owned(), found }),
    }
}

/// Whether a file holds a whole request and not only its body.
pub(crate) fn is_http(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "http")
}

/// Every case of a plugin's folder in the order of their names, and what its manifest ignores on purpose.
///
/// # Errors
///
/// The first folder that cannot be used; and a plugin without any case, because a test that runs nothing proves nothing.
pub fn load(plugin: &Path) -> Result<(Vec<Case>, Vec<Ignored>), CaseError> {
    let manifest: Manifest = toml_file(&plugin.join("plugin.toml"))?.unwrap_or_default();
    let cases = plugin.join("cases");
    let mut folders = match entries(&cases) {
        Err(CaseError::File { error, .. }) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        folders => folders?,
    };
    folders.retain(|folder| folder.is_dir());
    if folders.is_empty() {
        return Err(CaseError::None { path: cases });
    }
    let mut loaded = Vec::new();
    for folder in folders {
        loaded.extend(load_folder(folder, &manifest.contracts)?);
    }
    Ok((loaded, manifest.ignored))
}

/// What a plugin's manifest ignores on purpose.
///
/// # Errors
///
/// `plugin.toml` cannot be read.
pub(crate) fn ignored(plugin: &Path) -> Result<Vec<Ignored>, CaseError> {
    let manifest: Manifest = toml_file(&plugin.join("plugin.toml"))?.unwrap_or_default();
    Ok(manifest.ignored)
}

/// The cases of one folder: a message, or documents, or a response, or the last two; or a context.
fn load_folder(folder: PathBuf, contracts: &[Contract]) -> Result<Vec<Case>, CaseError> {
    let settings: Settings = toml_file(&folder.join("case.toml"))?.unwrap_or_default();
    let messages = named(&folder, "message")?;
    let documents: Option<Vec<_>> = json_file(&folder.join("documents.json"))?;
    let response: Option<_> = json_file(&folder.join("response.json"))?;
    let context: Option<_> = json_file(&folder.join("context.json"))?;
    let goes_out = documents.is_some() || response.is_some();
    let is_alone = context.is_some() && !goes_out && messages.is_empty();
    if (context.is_some() || settings.composition.is_some()) && !is_alone {
        return Err(CaseError::Context { path: folder });
    }
    let (name, both) = (folder.file_name().unwrap_or_default().to_string_lossy().into_owned(), documents.is_some());
    let mut given = Vec::new();
    match messages.as_slice() {
        _ if is_alone => {
            let composition = settings.composition.clone();
            given.extend(context.map(|body| (name, Given::Context { body, composition })));
        }
        [message] if !goes_out => {
            let body = fs::read(message).map_err(|error| CaseError::File { path: message.clone(), error })?;
            let digest = hex::encode(Sha256::digest(&body));
            given.push((name, Given::Message { body, digest }));
        }
        [] if goes_out => {
            given.extend(documents.map(|documents| (name.clone(), Given::Documents(documents))));
            let name = if both { format!("{name} (response)") } else { name };
            given.extend(response.map(|response| (name, Given::Response(response))));
        }
        _ => return Err(CaseError::Messages { path: folder, found: messages.len(), goes_out }),
    }
    let contract = if is_alone { Contract::default() } else { choose(&folder, &settings, contracts, goes_out)? };
    let Settings {
        content_type,
        received_at,
        partner,
        breaks_contract,
        headers,
        rows,
        lists,
        codes,
        agreement,
        control_numbers,
        ..
    } = settings;
    let mut tables = BTreeMap::new();
    for (table, file) in lists {
        let path = folder.join(file);
        let content = fs::read(&path).map_err(|error| CaseError::File { path, error })?;
        tables.insert(table, content);
    }
    let case = |(name, given): (String, Given)| Case {
        name,
        given,
        folder: folder.clone(),
        partner: partner.clone().unwrap_or_else(|| "partner".to_owned()),
        content_type: content_type
            .clone()
            .or_else(|| contract.media_types.first().cloned())
            .unwrap_or_else(|| "application/octet-stream".to_owned()),
        headers: headers.clone().into_iter().filter(|(name, _)| contract.headers.contains(name)).collect(),
        received_at: received_at.clone().unwrap_or_else(|| "2026-03-01T08:15:00Z".to_owned()),
        contract: contract.name.clone(),
        version: contract.version.clone(),
        breaks_contract,
        rows: rows.clone(),
        lists: tables.clone(),
        codes: codes.clone(),
        agreement: agreement.clone(),
        control_numbers,
    };
    Ok(given.into_iter().map(case).collect())
}

/// The files of a folder whose names are this up to their extension.
fn named(folder: &Path, stem: &str) -> Result<Vec<PathBuf>, CaseError> {
    let mut files = entries(folder)?;
    files.retain(|path| path.is_file() && path.file_stem().is_some_and(|found| found == stem));
    Ok(files)
}

/// The contract that the case names, as far as it names one, when exactly one of the manifest fits.
fn choose(folder: &Path, settings: &Settings, contracts: &[Contract], goes_out: bool) -> Result<Contract, CaseError> {
    let fits = |contract: &&Contract| {
        contract.goes(goes_out)
            && settings.contract.as_ref().is_none_or(|name| *name == contract.name)
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

/// A JSON file's content, or none where there is no such file.
fn json_file<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, CaseError> {
    match fs::read(path) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).map(Some).map_err(|error| CaseError::Json { path: path.to_owned(), error })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CaseError::File { path: path.to_owned(), error }),
    }
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
        let cases = load(folder.path()).expect("loads").0;
        assert_eq!((cases[0].contract.as_str(), cases[0].version.as_str()), ("order", "1"));
        assert_eq!(cases[0].content_type, "application/json");
        let digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a".to_owned();
        assert_eq!(cases[0].given, Given::Message { body: b"{}".to_vec(), digest });
    }

    #[test]
    fn only_headers_that_the_contract_lists_reach_the_plugin() {
        let case = "[headers]\nx-topic = 'a'\ncookie = 'b'\n";
        let folder =
            plugin(&[("plugin.toml", ONE), ("cases/first/message.json", "{}"), ("cases/first/case.toml", case)]);
        let cases = load(folder.path()).expect("loads").0;
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
    fn what_was_agreed_is_part_of_a_case() {
        let settings = "[agreement]\nours = [{ qualifier = 'ZZ', value = 'US' }, { level = 'group', value = 'DEPT' }]\n\
                        acknowledgement = 'in-answer'\nsettings = { path = '/edi' }\n\
                        [control_numbers]\ninterchange = 42\ngroup = 7\nfirst_message = 1\nmessages = 2\n";
        let folder =
            plugin(&[("plugin.toml", ONE), ("cases/first/message.json", "{}"), ("cases/first/case.toml", settings)]);
        let case = load(folder.path()).expect("loads").0.remove(0);
        let agreement = case.agreement.expect("an agreement");
        assert_eq!((agreement.name(), agreement.mode), ("agreement", crate::Mode::Production));
        assert_eq!(
            (agreement.ours[0].level, agreement.ours[1].level),
            (crate::Level::Interchange, crate::Level::Group)
        );
        assert_eq!(
            (agreement.acknowledgement, &*agreement.settings["path"]),
            (crate::Acknowledgement::InAnswer, "/edi")
        );
        assert_eq!(case.control_numbers.map(|numbers| (numbers.interchange, numbers.messages)), Some((42, 2)));
    }

    #[test]
    fn a_case_with_two_messages_is_refused() {
        let folder = plugin(&[("plugin.toml", ONE), ("cases/a/message.json", ""), ("cases/a/message.xml", "")]);
        assert!(matches!(load(folder.path()), Err(CaseError::Messages { found: 2, .. })));
    }

    #[test]
    fn a_context_is_a_case_of_its_own_for_a_composer_or_a_rule_pack() {
        let made = "[composition]\nregime = 'uk-import'\nlrn = 'F1'\nsettings = { declarant = 'GB1' }\n";
        let folder = plugin(&[
            ("plugin.toml", "world = 'composer'\n"),
            ("cases/composed/context.json", r#"{"id":"s"}"#),
            ("cases/composed/case.toml", made),
            ("cases/inspected/context.json", r#"{"id":"s"}"#),
        ]);
        let cases = load(folder.path()).expect("loads").0;
        let Given::Context { body, composition: Some(composition) } = &cases[0].given else { panic!("a composition") };
        assert_eq!((body["id"].as_str(), composition.lrn.as_str()), (Some("s"), "F1"));
        assert_eq!((composition.settings["declarant"].as_str(), composition.amends.as_deref()), ("GB1", None));
        let names: Vec<String> = cases.iter().map(Case::contract_name).collect();
        assert_eq!(names, ["uk-import", "inspect"]);
        for beside in ["cases/both/message.json", "cases/both/response.json"] {
            let folder =
                plugin(&[("plugin.toml", ONE), ("cases/both/context.json", "{}"), (beside, r#"{"status":200}"#)]);
            assert!(matches!(load(folder.path()), Err(CaseError::Context { .. })), "{beside}");
        }
        let alone = plugin(&[("plugin.toml", ONE), ("cases/a/message.json", "{}"), ("cases/a/case.toml", made)]);
        assert!(matches!(load(alone.path()), Err(CaseError::Context { .. })), "there is nothing to compose from");
    }

    #[test]
    fn documents_and_a_response_are_two_cases_of_one_folder() {
        let out = "[[contracts]]\nname = 'order'\nversion = '1'\n[[contracts]]\nname = 'asn'\nversion = '2'\n\
                   direction = 'encode'\nmedia_types = ['text/plain']\n";
        let documents = r#"[{"kind":"order","body":{"id":"7","references":[{"scheme":"ucr","value":"U"}]}}]"#;
        let folder = plugin(&[
            ("plugin.toml", out),
            ("cases/a/documents.json", documents),
            ("cases/a/request.http", "PUT /x\n\nbody"),
            ("cases/a/response.json", r#"{"status":202,"headers":{"location":"/y"},"body":{"a":1}}"#),
            ("cases/b/response.json", r#"{"status":500}"#),
        ]);
        let cases = load(folder.path()).expect("loads").0;
        let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names, ["a", "a (response)", "b"]);
        assert!(cases.iter().all(|case| case.contract_name() == "asn/2"), "only that goes out");
        let Given::Documents(documents) = &cases[0].given else { panic!("documents") };
        assert_eq!((documents[0].key().as_str(), documents[0].refs()[0].value.as_str()), ("7", "U"));
        let Given::Response(response) = &cases[1].given else { panic!("a response") };
        assert_eq!((response.status, response.body()), (202, br#"{"a":1}"#.to_vec()));
        assert_eq!(cases[1].sent().expect("what was sent").body, b"body");
        assert!(matches!(cases[2].sent(), Err(CaseError::NothingSent { .. })));
    }

    #[test]
    fn a_message_beside_documents_is_refused() {
        let folder = plugin(&[("plugin.toml", ONE), ("cases/a/message.json", "{}"), ("cases/a/documents.json", "[]")]);
        assert!(matches!(load(folder.path()), Err(CaseError::Messages { found: 1, goes_out: true, .. })));
    }

    #[test]
    fn a_plugin_without_cases_is_refused() {
        let bare = plugin(&[("plugin.toml", ONE)]);
        assert!(matches!(load(bare.path()), Err(CaseError::None { .. })));
        let folder = plugin(&[("plugin.toml", ONE), ("cases/readme.md", "")]);
        assert!(matches!(load(folder.path()), Err(CaseError::None { .. })));
    }
}
