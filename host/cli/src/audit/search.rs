//! `portgate audit search`.

use std::collections::BTreeMap;

use clap::Args;
use jiff::Timestamp;
use portgate_core::audit::Kind;
use portgate_operator::{AuditFilter, AuditLine, AuditOrder, AuditQuery};
use serde_json::Value;

use super::{Failure, client};
use crate::operator::{Connection, print_json};
use crate::table::table;

/// Which entries: those that fit all that is given.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    connection: Connection,
    /// What they are about, such as `plugin-admitted`, `capability-denied`, `credential-used`, `payload-read`
    #[arg(long)]
    kind: Option<Kind>,
    /// Who did it: `gateway`, `operator:NAME` or `plugin:NAME`
    #[arg(long)]
    actor: Option<String>,
    /// What they concern: `plugin:NAME`, `partner:NAME`, `policy:PATH`, `delivery:ID`, `exchange:ID`, …
    #[arg(long)]
    subject: Option<String>,
    /// Of this time (RFC 3339) or later
    #[arg(long)]
    since: Option<Timestamp>,
    /// From before this time
    #[arg(long)]
    until: Option<Timestamp>,
    /// The oldest first
    #[arg(long)]
    oldest_first: bool,
    /// How many at most
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let filter = AuditFilter {
        kind: options.kind,
        actor: options.actor.clone(),
        subject: options.subject.clone(),
        since: options.since,
        until: options.until,
    };
    let query = AuditQuery { filter, order: options.oldest_first.then_some(AuditOrder::Oldest) };
    let lines: Vec<AuditLine> =
        client(&options.connection)?.list("/v1/audit", &query, None, options.limit.max(1))?.items;
    if options.json {
        print_json(&lines);
        return Ok(());
    }
    print!("{}", table(&["number", "at", "kind", "actor", "subject", "detail"], lines.iter().map(row).collect()));
    Ok(())
}

fn row(line: &AuditLine) -> Vec<String> {
    // Somebody has altered a line that is no entry any more.
    let Some(entry) = line.entry() else { return vec!["?".to_owned(), line.json().to_owned()] };
    let detail = detail(&entry.detail);
    vec![entry.number.to_string(), entry.at.to_string(), entry.kind, entry.actor, entry.subject, detail]
}

/// `key=value` for each; lists with commas.
fn detail(detail: &BTreeMap<String, Value>) -> String {
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    };
    detail.iter().map(|(key, value)| format!("{key}={}", shown(value))).collect::<Vec<_>>().join(" ")
}
