//! `portgate check` and `portgate policy check`: everything that `serve` would refuse, in one run and without serving.

use std::path::Path;
use std::process::ExitCode;

use portgate_core::policy::Mistake;
use portgate_server::{Folder, check};
use serde_json::json;

use crate::compile;
use crate::format::Format;
use crate::sarif::{self, Finding, Level};

/// Prints every mistake with its place and hint; succeeds only if there is none.
pub(crate) fn run(policies: &Path, format: Format) -> ExitCode {
    let checked = check(&Folder::new(policies), compile::by_this_program());
    let mistakes = checked.as_ref().err().map_or(&[][..], Vec::as_slice);
    match format {
        Format::Text => match &checked {
            Ok(summary) => println!("{summary}"),
            Err(mistakes) => complain(mistakes, policies),
        },
        Format::Json => {
            let mistakes = mistakes.iter().map(|mistake| {
                let Mistake { path, line, column, key, problem, hint } = mistake;
                json!({ "rule": rule(mistake), "file": file(policies, path), "line": line, "column": column, "key": key,
                    "problem": problem, "hint": hint })
            });
            println!("{:#}", json!({ "mistakes": mistakes.collect::<Vec<_>>() }));
        }
        Format::Sarif => {
            let findings = mistakes.iter().map(|mistake| Finding {
                rule: rule(mistake),
                level: Level::Error,
                message: message(mistake),
                path: file(policies, &mistake.path),
                line: mistake.line,
                column: mistake.column,
            });
            println!("{}", sarif::log(findings.collect(), describe));
        }
    }
    match checked {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn complain(mistakes: &[Mistake], policies: &Path) {
    for mistake in mistakes {
        eprintln!("{}/{mistake}", policies.display());
    }
    let count = mistakes.len();
    eprintln!("{count} mistake{} in {}", if count == 1 { "" } else { "s" }, policies.display());
}

fn file(policies: &Path, path: &str) -> String {
    policies.join(path).display().to_string()
}

/// A mistake without its place.
fn message(mistake: &Mistake) -> String {
    let Mistake { path: _, line: _, column: _, key, problem, hint } = mistake;
    let key = if key.is_empty() { String::new() } else { format!("{key}: ") };
    let hint = hint.as_ref().map(|hint| format!("; {hint}"));
    format!("{key}{problem}{}", hint.unwrap_or_default())
}

/// What is wrong, so that the same thing has the same name in every run: the kind of file and the key, without the
/// positions in lists.
fn rule(mistake: &Mistake) -> String {
    let file = match mistake.path.split_once('/') {
        Some((folder @ ("plugins" | "partners" | "operators"), _)) => folder.trim_end_matches('s'),
        _ => mistake.path.trim_end_matches(".toml"),
    };
    let mut rule = format!("policy/{file}");
    let mut inside = false;
    for (index, character) in mistake.key.chars().enumerate() {
        match character {
            '[' => inside = true,
            ']' => inside = false,
            _ if inside => {}
            character => {
                if index == 0 {
                    rule.push('/');
                }
                rule.push(character);
            }
        }
    }
    rule
}

fn describe(rule: &str) -> String {
    match rule.trim_start_matches("policy/").split_once('/') {
        Some((file, key)) => format!("A mistake at `{key}` of a {file} policy"),
        None => "A mistake in a policy file as a whole".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_names_the_kind_of_file_and_the_key() {
        let named = |path: &str, key: &str| {
            let mistake = Mistake { key: key.to_owned(), ..Mistake::whole_file(path, "is wrong", None) };
            (rule(&mistake), describe(&rule(&mistake)))
        };
        assert_eq!(named("partners/acme.toml", "authenticate[0].sha256").0, "policy/partner/authenticate.sha256");
        assert_eq!(named("gateway.toml", "listen.operator").1, "A mistake at `listen.operator` of a gateway policy");
        assert_eq!(named("plugins/acme.toml", "").0, "policy/plugin");
    }
}
