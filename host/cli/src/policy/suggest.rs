//! `portgate policy suggest`: what a plugin's policy could do without, by what a running gateway saw it use.

use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use portgate_core::review::{BudgetUse, ObservedUse, SuggestedBudget, Suggestion, Unit, Unused};
use portgate_operator::{PluginUses, Since};

use super::components::component;
use super::{PolicyFolder, Unreadable, read, say};
use crate::operator::{Connection, OperatorClient, OperatorError};
use crate::table::table;

/// Which plugin, and which gateway saw it.
#[derive(Args)]
pub(crate) struct Options {
    /// The plugin's name, as its policy file is called
    plugin: String,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    folder: PolicyFolder,
    /// What was used since this time (RFC 3339); for the last 30 days where it is left out
    #[arg(long)]
    since: Option<Timestamp>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Why nothing is suggested.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Policies(#[from] Unreadable),
    #[error("no policy names a plugin `{0}`")]
    NoPlugin(String),
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error("the gateway does not call a plugin `{0}` now")]
    NotCalled(String),
    #[error("what the component declares is not known: {0}")]
    Component(String),
    #[error(
        "the gateway calls another component than the one in the policies' plugins folder: {watched} there, {here} here"
    )]
    AnotherComponent { watched: String, here: String },
}

/// Prints the suggestion.
pub(super) fn run(options: &Options) -> ExitCode {
    match suggest(options) {
        Ok(suggestion) if options.json => {
            say(&format!("{}\n", serde_json::to_string_pretty(&suggestion).unwrap_or_default()));
            ExitCode::SUCCESS
        }
        Ok(suggestion) => {
            say(&text(&suggestion));
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("portgate: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn suggest(options: &Options) -> Result<Suggestion, Failure> {
    let name = &options.plugin;
    let (folder, policies) = read(&options.folder.policies)?;
    if !policies.plugins.contains_key(name) {
        return Err(Failure::NoPlugin(name.clone()));
    }
    let (client, since) = (OperatorClient::new(&options.connection)?, Since { since: options.since });
    let PluginUses { items, .. } = client.get(&format!("/v1/plugins/{name}/use"), &since)?;
    // What an older component used says nothing of what this one needs.
    let current = items.into_iter().find(|used| used.current).ok_or_else(|| Failure::NotCalled(name.clone()))?;
    let component = component(&folder, &policies, name).map_err(Failure::Component)?;
    if component.digest != current.sha256 {
        return Err(Failure::AnotherComponent { watched: current.sha256, here: component.digest });
    }
    Suggestion::new(name, &policies, &component.manifest, current).ok_or_else(|| Failure::NoPlugin(name.clone()))
}

fn text(suggestion: &Suggestion) -> String {
    let Suggestion { plugin, observed, unused, budgets, cautions, toml } = suggestion;
    let ObservedUse { sha256, since, until, calls, .. } = observed;
    let mut text = format!(
        "Plugin `{plugin}` (SHA-256 {sha256})\nwas called {calls} times from {since} to {until}.\n\nGranted and not used\n"
    );
    let rows = unused.iter().map(|Unused { key, name, named_by }| {
        let named_by = if named_by.is_empty() { String::new() } else { format!("named by {}", named_by.join(", ")) };
        vec![format!("  {key}"), name.clone(), named_by]
    });
    text.push_str(&match unused.is_empty() {
        true => "  nothing: every grant was used\n".to_owned(),
        false => table(&["  key", "name", ""], rows.collect()),
    });
    text.push_str("\nBudgets, and what calls used of them\n");
    let headings = ["  key", "p50", "p99", "p99.9", "most", "policy", "suggested"];
    text.push_str(&table(&headings, budgets.iter().map(row).collect()));
    text.push('\n');
    cautions.iter().for_each(|caution| text.push_str(&format!("Mind: {caution}\n")));
    text + &format!("\nAs it could be in plugins/{plugin}.toml:\n\n{toml}")
}

fn row(budget: &SuggestedBudget) -> Vec<String> {
    let SuggestedBudget { key, current, suggested, used, exceeded: _ } = budget;
    let suggested = if suggested == current { "as it is".to_owned() } else { suggested.to_string() };
    let used = match used {
        Some(BudgetUse { unit, p50, p99, p999, max }) => [p50, p99, p999, max].map(|value| shown(*unit, *value)),
        None => ["-"; 4].map(str::to_owned),
    };
    [vec![format!("  {key}")], used.to_vec(), vec![current.to_string(), suggested]].concat()
}

fn shown(unit: Unit, value: u64) -> String {
    match unit {
        Unit::Microseconds => format!("{}.{:03}", value / 1_000, value % 1_000),
        Unit::Bytes | Unit::Count => value.to_string(),
    }
}
