//! `portgate policy diff`: what a change of policies and plugins would widen or narrow, for a reviewer and for CI.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use portgate_core::policy::{Policies, Source, locate};
use portgate_core::review::{Change, Effect, Subject, Surface, difference};
use serde_json::json;

use super::components::components;
use super::{Format, Unreadable, read, say};
use crate::sarif::{self, Finding, Level};
use crate::table::table;

/// Which change.
#[derive(Args)]
pub(crate) struct Options {
    /// The policy folder as it is
    old: PathBuf,
    /// The policy folder as it would be
    new: PathBuf,
    /// Only what concerns this plugin: itself, the partners that it serves, its routes
    #[arg(long)]
    plugin: Option<String>,
    /// Compare the policies alone, and not what components declare and import
    #[arg(long)]
    policies_only: bool,
    /// How changes are printed
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

/// One side of the comparison.
struct Side {
    path: PathBuf,
    sources: BTreeMap<String, Source>,
    policies: Policies,
    surface: Surface,
    /// Why nothing is known of the components of some plugins.
    missing: BTreeMap<String, String>,
}

impl Side {
    fn read(path: &Path, policies_only: bool) -> Result<Side, Unreadable> {
        let (folder, policies) = read(path)?;
        let unreadable = |mistakes| Unreadable { folder: path.to_owned(), mistakes };
        let sources = folder.sources().map_err(unreadable)?;
        let (components, missing) = match policies_only {
            true => Default::default(),
            false => components(&folder, &policies),
        };
        Ok(Side {
            path: path.to_owned(),
            sources: sources.into_iter().map(|source| (source.path.clone(), source)).collect(),
            surface: Surface::new(&policies, &components),
            policies,
            missing,
        })
    }
}

/// Prints what is different. The exit code is 0 where nothing widens, 1 where something does, 2 where it is not known.
pub(super) fn run(options: &Options) -> ExitCode {
    let side = |path| Side::read(path, options.policies_only);
    let sides = side(&options.old).and_then(|old| Ok((old, side(&options.new)?)));
    let (old, new) = match sides {
        Ok(sides) => sides,
        Err(unreadable) => {
            eprintln!("portgate: {unreadable}");
            return ExitCode::from(2);
        }
    };
    if let Some(name) = &options.plugin
        && [&old, &new].iter().all(|side| !side.policies.plugins.contains_key(name))
    {
        eprintln!("portgate: neither folder has a plugin `{name}`");
        return ExitCode::from(2);
    }
    let is_meant = |name: &str| options.plugin.as_ref().is_none_or(|plugin| plugin == name);
    for (name, why) in new.missing.iter().filter(|(name, _)| is_meant(name) && old.missing.contains_key(*name)) {
        eprintln!("portgate: of plugin `{name}` the policies alone are compared: {why}");
    }
    let mut changes = difference(&old.surface, &new.surface);
    changes.retain(|change| match (&options.plugin, &change.subject) {
        (None, _) => true,
        (Some(plugin), Subject::Plugin(name)) => plugin == name,
        (Some(plugin), _) => change.plugin.as_ref() == Some(plugin),
    });
    match if options.json { Format::Json } else { options.format } {
        Format::Text => say(&text(&changes)),
        Format::Json => {
            say(&format!("{:#}\n", json!({ "widens": changes.iter().any(Change::widens), "changes": changes })));
        }
        Format::Sarif => say(&format!("{}\n", sarif(&changes, &old, &new))),
    }
    match changes.iter().any(Change::widens) {
        true => ExitCode::from(1),
        false => ExitCode::SUCCESS,
    }
}

fn text(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "Nothing that may be done is different.\n".to_owned();
    }
    let mut text = String::new();
    let mut counts = Vec::new();
    for (effect, heading) in [(Effect::Widens, "Widens"), (Effect::Narrows, "Narrows"), (Effect::Neutral, "Neutral")] {
        let of_effect: Vec<&Change> = changes.iter().filter(|change| change.effect == effect).collect();
        counts.push(of_effect.len());
        if of_effect.is_empty() {
            continue;
        }
        let rows = of_effect.iter().map(|change| vec![place(change), change.sentence.clone()]);
        text.push_str(&table(&[heading, ""], rows.collect()));
        text.push('\n');
    }
    let [widens, narrows, neutral] = counts[..] else { return text };
    text + &format!("{widens} widen, {narrows} narrow, {neutral} neutral\n")
}

fn place(change: &Change) -> String {
    match change.key.is_empty() {
        true => format!("  {}", change.file),
        false => format!("  {} {}", change.file, change.key),
    }
}

fn sarif(changes: &[Change], old: &Side, new: &Side) -> String {
    let findings = changes.iter().map(|change| {
        // What is gone is shown where it was.
        let side = if new.sources.contains_key(&change.file) { new } else { old };
        let source = side.sources.get(&change.file);
        let (line, column) = source.map_or((1, 1), |source| locate(source, &change.key, &change.item));
        Finding {
            rule: format!("policy-{}", change.effect.as_str()),
            level: if change.widens() { Level::Warning } else { Level::Note },
            message: change.sentence.clone(),
            path: side.path.join(&change.file).display().to_string(),
            line,
            column,
        }
    });
    sarif::log(findings.collect(), |rule| {
        let meaning = match rule {
            "policy-widens" => "More may be done than before, or it is not known that less may",
            "policy-narrows" => "Less may be done than before",
            _ => "The same may be done as before",
        };
        meaning.to_owned()
    })
}
