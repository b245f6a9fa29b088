//! `portgate audit search`.

use clap::Args;
use serde_json::Value;

use super::{Failure, client};
use crate::operator::Connection;
use crate::table::table;

/// Which entries: those that fit all that is given.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    connection: Connection,
    /// What they are about, such as `plugin-admitted`, `capability-denied`, `credential-used`, `payload-read`
    #[arg(long)]
    kind: Option<String>,
    /// Who did it: `gateway`, `operator:NAME` or `plugin:NAME`
    #[arg(long)]
    actor: Option<String>,
    /// What they concern: `plugin:NAME`, `partner:NAME`, `policy:PATH`, `delivery:ID`, `exchange:ID`, …
    #[arg(long)]
    subject: Option<String>,
    /// Of this time (RFC 3339) or later
    #[arg(long)]
    since: Option<String>,
    /// From before this time
    #[arg(long)]
    until: Option<String>,
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
    let fields = [
        ("kind", &options.kind),
        ("actor", &options.actor),
        ("subject", &options.subject),
        ("since", &options.since),
        ("until", &options.until),
    ];
    let mut query: Vec<(&str, String)> =
        fields.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect();
    query.push(("order", if options.oldest_first { "oldest" } else { "newest" }.to_owned()));
    let items = client(&options.connection)?.list("/v1/audit", &query, options.limit.max(1))?;
    if options.json {
        println!("{:#}", Value::from(items));
        return Ok(());
    }
    print!("{}", table(&["number", "at", "kind", "actor", "subject", "detail"], items.iter().map(row).collect()));
    Ok(())
}

fn row(entry: &Value) -> Vec<String> {
    // What is no JSON any more, somebody has altered.
    if let Value::String(line) = entry {
        return vec!["?".to_owned(), line.clone()];
    }
    let text = |field: &str| entry[field].as_str().unwrap_or_default().to_owned();
    let number = entry["number"].to_string();
    vec![number, text("at"), text("kind"), text("actor"), text("subject"), detail(&entry["detail"])]
}

/// `key=value` for each; lists with commas.
fn detail(detail: &Value) -> String {
    let shown = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    };
    let members = detail.as_object().into_iter().flatten();
    members.map(|(key, value)| format!("{key}={}", shown(value))).collect::<Vec<_>>().join(" ")
}
