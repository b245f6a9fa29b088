//! `portgate policy explain`: what one plugin may do, for people who know nothing of its code.

use std::process::ExitCode;

use clap::Args;
use portgate_core::review::Explanation;
use portgate_server::document_fields;

use super::components::component;
use super::{PolicyFolder, read, say};

/// Which plugin.
#[derive(Args)]
pub(crate) struct Options {
    /// The plugin's name, as its policy file is called
    plugin: String,
    #[command(flatten)]
    folder: PolicyFolder,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints the explanation.
pub(super) fn run(options: &Options) -> ExitCode {
    let complain = |text: String| {
        eprintln!("portgate: {text}");
        ExitCode::FAILURE
    };
    let (folder, policies) = match read(&options.folder.policies) {
        Ok(found) => found,
        Err(unreadable) => return complain(unreadable.to_string()),
    };
    let component = component(&folder, &policies, &options.plugin);
    let found = component.as_ref().map_err(Clone::clone);
    let Some(explanation) = Explanation::new(&options.plugin, &policies, found, document_fields()) else {
        let known: Vec<&str> = policies.plugins.keys().map(String::as_str).collect();
        return complain(format!("no policy names a plugin `{}`; there are: {}", options.plugin, known.join(", ")));
    };
    if let Err(why) = &component {
        eprintln!("portgate: the component could not be looked into: {why}");
    }
    match options.json {
        true => say(&format!("{}\n", serde_json::to_string_pretty(&explanation).unwrap_or_default())),
        false => say(&explanation.text()),
    }
    ExitCode::SUCCESS
}
