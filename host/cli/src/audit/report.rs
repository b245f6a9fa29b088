//! `portgate audit report`: the review that a security team files. Everything in it comes from the audit log, and each
//! plugin names the entry that says so; only what plugins have used is asked of the gateway besides.

mod denials;
mod detail;
mod gather;
mod markdown;
mod usage;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use portgate_core::review::ObservedUse;
use portgate_core::sha256::sha256_hex;
use portgate_operator::Head;
use serde::Serialize;
use serde_json::Value;

use super::{Failure, client};
use crate::operator::Connection;

/// What the review is about, and how it is written.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    connection: Connection,
    /// One plugin alone
    #[arg(long)]
    plugin: Option<String>,
    /// What happened at this time (RFC 3339) or later; from the beginning where it is not given
    #[arg(long)]
    since: Option<Timestamp>,
    /// What happened before this time
    #[arg(long)]
    until: Option<Timestamp>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
    /// Save the bills of materials (CycloneDX 1.6, JSON) as well: the gateway's in this file, and beside it that of each
    /// plugin that carries one
    #[arg(long)]
    bom: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people
    Markdown,
    /// For programs
    Json,
}

/// The review.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Review {
    written_at: String,
    since: Option<String>,
    until: Option<String>,
    gateway: Gateway,
    plugins: Vec<Plugin>,
    policies: Vec<PolicyFile>,
    activity: Vec<Activity>,
}

/// Which gateway, and what vouches for this.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Gateway {
    version: String,
    engine: String,
    /// The newest head of the log, as it can be verified.
    head: Option<Head>,
    public_key: String,
    bill_of_materials: Bill,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bill {
    components: usize,
    sha256: String,
    /// The file that it was saved in, if it was.
    file: Option<String>,
}

/// One plugin as it was last admitted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Plugin {
    name: String,
    version: String,
    sha256: String,
    /// Whether its policy pins the digest.
    pinned: bool,
    signers: Vec<String>,
    /// Who approved what was last widened for it.
    approvers: Vec<String>,
    /// When that was accepted.
    approved_at: Option<String>,
    engine: String,
    admitted_at: String,
    /// The entry of the log that says all this.
    entry: u64,
    /// The bill of materials that its author put into it.
    bill_of_materials: Option<Bill>,
    imported: Vec<String>,
    declared: Capabilities,
    granted: Capabilities,
    /// Of the kinds that it does not read whole: the fields, each behind its kind, and the schemes of references.
    fields: Vec<String>,
    references: Vec<String>,
    /// Who let its version go back, and why, where it did.
    rollback: Option<String>,
    egress: Vec<(String, Vec<String>)>,
    budgets: Vec<String>,
    /// What this build was seen to use, or why nothing is said of that.
    used: Option<ObservedUse>,
    not_observed: Option<&'static str>,
    denials: Vec<denials::Denial>,
    refusals: u64,
    quarantines: u64,
    credentials_used: Vec<Activity>,
}

#[derive(Serialize)]
struct Capabilities {
    contracts: Vec<String>,
    tables: Vec<String>,
    emit: Vec<String>,
    read: Vec<String>,
}

/// A policy file as it was last taken up.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PolicyFile {
    path: String,
    /// Nothing where it was removed.
    sha256: Option<String>,
    changed_at: String,
    entry: u64,
}

/// How often something happened in the period.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Activity {
    kind: String,
    actor: String,
    subject: String,
    count: u64,
    last_at: String,
}

impl Bill {
    /// Saves a bill where it shall be kept.
    fn saved(bill: &[u8], file: Option<&Path>) -> Result<Bill, Failure> {
        if let Some(file) = file {
            std::fs::write(file, bill).map_err(|error| Failure::File(file.to_owned(), error))?;
        }
        // A plugin's bill comes from its author, and may hold anything.
        let read: Value = serde_json::from_slice(bill).unwrap_or_default();
        Ok(Bill {
            components: read["components"].as_array().map_or(0, Vec::len),
            sha256: sha256_hex(bill),
            file: file.map(|file| file.display().to_string()),
        })
    }
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let client = client(&options.connection)?;
    let bill = Bill::saved(&client.bytes("/v1/bom")?, options.bom.as_deref())?;
    let review = gather::review(&client, options, bill)?;
    match options.format {
        Format::Json => println!("{:#}", serde_json::to_value(&review).map_err(|_| Failure::Answer)?),
        Format::Markdown => print!("{}", markdown::written(&review)),
    }
    Ok(())
}
