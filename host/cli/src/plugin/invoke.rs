//! `portgate plugin invoke`: one call of one plugin in the sandbox, and as JSON what it made of it, what it left unread, what
//! it logged and what it used. A message is held against its contract before, as a gateway does.

use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::{Args, ValueEnum};
use portgate_cases::{Answer, GivenDocument};
use portgate_core::delivery::{Request, Response, Target};
use portgate_core::document::Rejection;
use portgate_core::finding::Finding;
use portgate_core::manifest::{Contract, Manifest};
use portgate_core::message::Message;
use portgate_runtime::{Call, CallError, Plugin, Tables, digest};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::agreed::Agreed;
use super::file::standard_input;
use super::given;
use super::inlet;
use super::sandbox::{Sandbox, SandboxError};
use super::test::{answer, interpreted, level, rejected, request};

/// What goes through which plugin.
#[derive(Args)]
pub(crate) struct Options {
    /// The plugin file
    file: PathBuf,
    /// The file with the message; for `encode` the documents, for `interpret` the answer, as a case has them. `-` is standard
    /// input
    message: PathBuf,
    /// The plugin's function
    #[arg(long, value_enum, default_value_t = Function::Decode)]
    function: Function,
    /// What the answer answers, for `interpret`: a `request.http` as a case has it
    #[arg(long, required_if_eq("function", "interpret"))]
    sent: Option<PathBuf>,
    /// The contract's name; may be left out where the plugin has only one
    #[arg(long)]
    contract: Option<String>,
    /// The contract's version; may be left out where the contract has only one
    #[arg(long)]
    version: Option<String>,
    /// The media type; the contract's first one where it is left out
    #[arg(long)]
    content_type: Option<String>,
    /// A request header, `name: value`; the plugin sees it if the contract lists it
    #[arg(long = "header", value_parser = header)]
    headers: Vec<(String, String)>,
    /// The partner that sends it
    #[arg(long, default_value = "partner")]
    partner: String,
    /// When it came, RFC 3339
    #[arg(long, default_value = "2026-03-01T08:15:00Z")]
    received_at: String,
    /// Call the plugin even with a message that breaks its contract, which a gateway would refuse before
    #[arg(long)]
    unchecked: bool,
    /// A reference table, `NAME=FILE.csv`
    #[arg(long = "table", value_parser = table)]
    tables: Vec<(String, PathBuf)>,
    /// What was settled with the partner: a file with `[agreement]` and `[control_numbers]` as a case's `case.toml` has them
    #[arg(long, value_name = "FILE")]
    agreed: Option<PathBuf>,
    /// Where compiled code is kept
    #[arg(long, default_value = "target/plugin-cache")]
    cache: PathBuf,
}

/// Which function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Function {
    /// Partner to canonical
    Decode,
    /// Canonical to partner
    Encode,
    /// What the partner's answer means
    Interpret,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvokeError {
    /// A file cannot be read.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path}: {problem}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// No single contract is meant.
    #[error("the contract is not clear; say --contract and --version. The plugin has: {0}")]
    Contract(String),
    /// The contract's schema cannot be used.
    #[error("the contract's schema: {0}")]
    Schema(String),
    /// A table's file is wrong.
    #[error("{}: {}", .0.display(), .1)]
    Table(PathBuf, portgate_runtime::TableError),
    /// The plugin cannot be called.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A gateway would not have called it; why has been printed.
    #[error("a gateway refuses this before the plugin sees it; --unchecked calls the plugin all the same")]
    Refused,
    /// What was rendered breaks its contract; what there is has been printed.
    #[error("the rendered message breaks its contract; a gateway does not send it")]
    Broken,
    /// The call did not end with a result; what there is has been printed.
    #[error("the call ended with {0}")]
    Call(CallError),
}

/// Makes the call and prints what comes of it. A rejection is a result like any other.
pub(super) fn run(options: &Options) -> Result<(), InvokeError> {
    let body = read(&options.message)?;
    let sandbox = Sandbox::open(&options.file, &options.cache)?;
    let contract = choose(options, &sandbox.manifest().contracts)?;
    let mut tables = Tables::default();
    for (name, path) in &options.tables {
        tables.add(name, &read(path)?).map_err(|error| InvokeError::Table(path.clone(), error))?;
    }
    let agreed = options.agreed.as_deref().map(agreed).transpose()?.unwrap_or_default();
    let invocation = Invocation { options, contract, plugin: sandbox.admit(tables)?, sandbox: &sandbox, agreed };
    match options.function {
        Function::Decode => invocation.decode(body),
        Function::Encode => invocation.encode(&body),
        Function::Interpret => invocation.interpret(&body),
    }
}

/// One call that is about to be made.
struct Invocation<'a> {
    options: &'a Options,
    sandbox: &'a Sandbox,
    plugin: Plugin,
    contract: &'a Contract,
    agreed: Agreed,
}

impl Invocation<'_> {
    fn decode(&self, body: Vec<u8>) -> Result<(), InvokeError> {
        let Invocation { options, contract, .. } = self;
        let named = options.headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value);
        let content_type = options.content_type.as_ref().or(named).or(contract.media_types.first());
        let content_type = content_type.cloned().unwrap_or_default();
        let refused = inlet::refusal(contract, &content_type, &body).map_err(InvokeError::Schema)?;
        if !refused.is_empty() && !options.unchecked {
            println!("{:#}", json!({ "refused": { "findings": refused } }));
            return Err(InvokeError::Refused);
        }
        let message = Message {
            partner: options.partner.clone(),
            contract: contract.name.clone(),
            version: contract.version.clone(),
            content_type: content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase(),
            headers: options.headers.iter().filter(|(name, _)| contract.headers.contains(name)).cloned().collect(),
            received_at: options.received_at.clone(),
            digest: digest(&body),
            body,
            agreement: self.agreed.agreement.clone(),
            control_numbers: self.agreed.control_numbers,
        };
        let call = self.sandbox.decode_noting_unread(&self.plugin, message);
        self.print(call, |mut decoded| {
            let unread = std::mem::take(&mut decoded.unread);
            (answer(Ok(decoded)), unread)
        })
    }

    fn encode(&self, documents: &[u8]) -> Result<(), InvokeError> {
        let documents: Vec<GivenDocument> = json_of(&self.options.message, documents)?;
        let documents = documents.iter().map(given::document).collect();
        let Agreed { agreement, control_numbers } = self.agreed.clone();
        let target = Target::new(&self.contract.name, &self.contract.version, &self.options.received_at);
        let call = self.sandbox.encode(&self.plugin, documents, Target { agreement, control_numbers, ..target });
        let broken = match &call.outcome {
            Ok(Ok(rendered)) => self.violations(rendered)?,
            _ => Vec::new(),
        };
        self.print(call, |rendered| (Answer::Rendered(request(rendered)), Vec::new()))?;
        match broken.is_empty() {
            true => Ok(()),
            false => {
                eprintln!("portgate: what breaks the contract:{}", inlet::lines(&broken));
                Err(InvokeError::Broken)
            }
        }
    }

    fn violations(&self, rendered: &Request) -> Result<Vec<Finding>, InvokeError> {
        let content_type = rendered.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let content_type = content_type.map_or("", |(_, value)| value);
        inlet::violations(self.contract, content_type, &rendered.body).map_err(InvokeError::Schema)
    }

    fn interpret(&self, response: &[u8]) -> Result<(), InvokeError> {
        let Options { message, sent, received_at, .. } = self.options;
        let response: portgate_cases::Response = json_of(message, response)?;
        let path = sent.clone().unwrap_or_default();
        let sent = portgate_cases::Request::from_http(&read(&path)?);
        let portgate_cases::Request { method, path, headers, body } =
            sent.map_err(|problem| InvokeError::Content { path, problem })?;
        let got = Response {
            status: response.status,
            headers: response.headers.clone().into_iter().collect(),
            received_at: received_at.clone(),
            body: response.body(),
        };
        let call = self.sandbox.interpret(&self.plugin, Request { method, path, headers, body }, got);
        self.print(call, |mut outcome| {
            let unread = std::mem::take(&mut outcome.unread);
            (Answer::Interpreted(interpreted(outcome)), unread)
        })
    }

    /// Prints everything that there is to say of a call.
    fn print<T>(
        &self,
        call: Call<Result<T, Rejection>>,
        said: impl FnOnce(T) -> (Answer, Vec<String>),
    ) -> Result<(), InvokeError> {
        let usage = json!({
            "cpu_us": micros(call.usage.cpu),
            "wall_us": micros(call.usage.wall),
            "memory_bytes_peak": call.usage.memory_bytes_peak,
            "output_bytes": call.usage.output_bytes,
            "log_lines": call.usage.log_lines,
            "lookups": call.usage.lookups,
        });
        let log: Vec<Value> = call.log.iter().map(|line| json!({
            "level": level(line.level), "text": line.text, "fields": line.fields.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        })).collect();
        let (answer, unread, ended) = match call.outcome {
            Ok(Ok(value)) => {
                let (answer, unread) = said(value);
                (answer.to_value(), unread, None)
            }
            Ok(Err(rejection)) => (rejected(rejection).to_value(), Vec::new(), None),
            Err(error) => (json!({ "failed": error.to_string() }), Vec::new(), Some(error)),
        };
        let (unread, ignored) = self.told_apart(unread);
        println!("{:#}", json!({ "answer": answer, "unread": unread, "ignored": ignored, "log": log, "usage": usage }));
        ended.map_or(Ok(()), |error| Err(InvokeError::Call(error)))
    }

    /// What was left unread, and what of it the manifest ignores on purpose.
    fn told_apart(&self, unread: Vec<String>) -> (Vec<String>, Vec<String>) {
        let manifest: &Manifest = self.sandbox.manifest();
        let unlisted = manifest.unlisted(&self.contract.name, &self.contract.version, unread.clone());
        let ignored = unread.into_iter().filter(|path| !unlisted.contains(path)).collect();
        (unlisted, ignored)
    }
}

fn agreed(path: &Path) -> Result<Agreed, InvokeError> {
    let wrong = |problem| InvokeError::Content { path: path.to_owned(), problem };
    let text = String::from_utf8(read(path)?).map_err(|error| wrong(error.to_string()))?;
    Agreed::read(&text).map_err(wrong)
}

fn read(path: &Path) -> Result<Vec<u8>, InvokeError> {
    let bytes = match path == Path::new("-") {
        true => standard_input(BYTES_MAX),
        false => fs::read(path),
    };
    bytes.map_err(|error| InvokeError::File { path: path.to_owned(), error })
}

/// What standard input may hold: more than any contract takes.
const BYTES_MAX: u64 = 256 << 20;

fn json_of<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, InvokeError> {
    let read = serde_json::from_slice(bytes);
    read.map_err(|error| InvokeError::Content { path: path.to_owned(), problem: error.to_string() })
}

/// The one contract that the options name, as far as they name one.
fn choose<'m>(options: &Options, contracts: &'m [Contract]) -> Result<&'m Contract, InvokeError> {
    let goes = |contract: &Contract| match options.function {
        Function::Decode => contract.direction.is_decoded(),
        Function::Encode | Function::Interpret => contract.direction.is_encoded(),
    };
    let fits = |contract: &&Contract| {
        goes(contract)
            && options.contract.as_ref().is_none_or(|name| *name == contract.name)
            && options.version.as_ref().is_none_or(|version| *version == contract.version)
    };
    let mut fitting = contracts.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(contract), None) => Ok(contract),
        _ => {
            let known = contracts.iter().map(|contract| format!("{}/{}", contract.name, contract.version));
            Err(InvokeError::Contract(known.collect::<Vec<_>>().join(", ")))
        }
    }
}

fn micros(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write it as `name: value`")?;
    Ok((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
}

fn table(text: &str) -> Result<(String, PathBuf), String> {
    let (name, file) = text.split_once('=').ok_or("write it as NAME=FILE.csv")?;
    Ok((name.to_owned(), PathBuf::from(file)))
}
