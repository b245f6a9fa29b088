//! `portgate plugin invoke`: one message through one plugin in the sandbox, and as JSON what it made of it, what it
//! logged and what it used. The payload goes in as it is: neither the contract's schema nor the canonical schemas are
//! asked, so that an author sees what the plugin itself does.

use std::path::PathBuf;
use std::{fs, io};

use clap::Args;
use portgate_core::manifest::Contract;
use portgate_core::message::Message;
use portgate_runtime::{CallError, LogLevel, Tables, digest};
use serde_json::{Value, json};

use super::sandbox::{Sandbox, SandboxError};
use super::test::answer;

/// Which message, through which plugin.
#[derive(Args)]
pub(crate) struct Options {
    /// The plugin file
    file: PathBuf,
    /// The file with the payload
    message: PathBuf,
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
    /// A reference table, `NAME=FILE.csv`
    #[arg(long = "table", value_parser = table)]
    tables: Vec<(String, PathBuf)>,
    /// Where compiled code is kept
    #[arg(long, default_value = "target/plugin-cache")]
    cache: PathBuf,
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
    /// No single contract is meant.
    #[error("the contract is not clear; say --contract and --version. The plugin has: {0}")]
    Contract(String),
    /// A table's file is wrong.
    #[error("{}: {}", .0.display(), .1)]
    Table(PathBuf, portgate_runtime::TableError),
    /// The plugin cannot be called.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The call did not end with a result; what there is has been printed.
    #[error("the call ended with {0}")]
    Call(CallError),
}

/// Decodes the message and prints what comes of it. A rejection is a result like any other.
pub(super) fn run(options: &Options) -> Result<(), InvokeError> {
    let read = |path: &PathBuf| fs::read(path).map_err(|error| InvokeError::File { path: path.clone(), error });
    let body = read(&options.message)?;
    let sandbox = Sandbox::open(&options.file, &options.cache)?;
    let contract = choose(options, &sandbox.manifest().contracts)?;
    let mut tables = Tables::default();
    for (name, path) in &options.tables {
        tables.add(name, &read(path)?).map_err(|error| InvokeError::Table(path.clone(), error))?;
    }
    let plugin = sandbox.admit(tables)?;
    let content_type = options.content_type.clone().or_else(|| contract.media_types.first().cloned());
    let message = Message {
        partner: options.partner.clone(),
        contract: contract.name.clone(),
        version: contract.version.clone(),
        content_type: content_type.unwrap_or_default(),
        headers: options.headers.iter().filter(|(name, _)| contract.headers.contains(name)).cloned().collect(),
        received_at: options.received_at.clone(),
        digest: digest(&body),
        body,
    };
    let call = sandbox.decode(&plugin, message);
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
    let (answer, ended) = match call.outcome {
        Ok(result) => (answer(result).to_value(), None),
        Err(error) => (json!({ "failed": error.to_string() }), Some(error)),
    };
    println!("{:#}", json!({ "answer": answer, "log": log, "usage": usage }));
    ended.map_or(Ok(()), |error| Err(InvokeError::Call(error)))
}

/// The one contract that the options name, as far as they name one.
fn choose<'m>(options: &Options, contracts: &'m [Contract]) -> Result<&'m Contract, InvokeError> {
    let fits = |contract: &&Contract| {
        options.contract.as_ref().is_none_or(|name| *name == contract.name)
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

fn level(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
    }
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write it as `name: value`")?;
    Ok((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
}

fn table(text: &str) -> Result<(String, PathBuf), String> {
    let (name, file) = text.split_once('=').ok_or("write it as NAME=FILE.csv")?;
    Ok((name.to_owned(), PathBuf::from(file)))
}
