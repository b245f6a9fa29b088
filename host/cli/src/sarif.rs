//! Findings in SARIF 2.1.0 (OASIS), the form that code hosts and editors show beside the lines they concern.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

/// One finding, in a file.
pub(crate) struct Finding {
    /// What kind of finding it is; stable.
    pub(crate) rule: String,
    /// How much it matters.
    pub(crate) level: Level,
    /// What it says.
    pub(crate) message: String,
    /// The file.
    pub(crate) path: String,
    /// Counted from 1.
    pub(crate) line: usize,
    /// In characters, counted from 1.
    pub(crate) column: usize,
}

/// How much a finding matters.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Error,
    Warning,
    Note,
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<SarifResult>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    short_description: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: String,
    rule_index: usize,
    level: Level,
    message: Text,
    locations: [Location; 1],
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
}

/// The findings as one SARIF log. `describe` says what a rule is about.
pub(crate) fn log(findings: Vec<Finding>, describe: impl Fn(&str) -> String) -> String {
    let mut rules: Vec<String> = findings.iter().map(|finding| finding.rule.clone()).collect();
    rules.sort();
    rules.dedup();
    let index: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(index, rule)| (rule.as_str(), index)).collect();
    let results = findings.into_iter().map(|finding| SarifResult {
        rule_index: index.get(finding.rule.as_str()).copied().unwrap_or_default(),
        rule_id: finding.rule,
        level: finding.level,
        message: Text { text: finding.message },
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri: uri(&finding.path) },
                region: Region { start_line: finding.line.max(1), start_column: finding.column.max(1) },
            },
        }],
    });
    let results = results.collect();
    let rule = |id: &String| Rule { short_description: Text { text: describe(id) }, id: id.clone() };
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "portgate",
                    version: env!("CARGO_PKG_VERSION"),
                    rules: rules.iter().map(rule).collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            results,
        }],
    };
    serde_json::to_string_pretty(&log).expect("a log holds only text, numbers and lists")
}

/// A path as a URI reference (RFC 3986): relative as it is, absolute with the scheme `file`.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
    let scheme = if Path::new(path).is_absolute() { "file://" } else { "" };
    path.bytes().fold(scheme.to_owned(), |mut uri, byte| {
        match plain(byte) {
            true => uri.push(char::from(byte)),
            false => uri.push_str(&format!("%{byte:02X}")),
        }
        uri
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_log_has_the_shape_of_the_standard() {
        let finding = |rule: &str, path: &str, line| Finding {
            rule: rule.to_owned(),
            level: Level::Error,
            message: "is wrong".to_owned(),
            path: path.to_owned(),
            line,
            column: 0,
        };
        let findings = vec![finding("b", "policies/a b.toml", 3), finding("a", "/tmp/ä.toml", 0), finding("b", "c", 1)];
        let log: Value = serde_json::from_str(&log(findings, |rule| format!("about {rule}"))).expect("JSON");
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["name"], "portgate");
        assert_eq!(run["tool"]["driver"]["rules"][1], json!({ "id": "b", "shortDescription": { "text": "about b" } }));
        let results = run["results"].as_array().expect("results");
        for result in results {
            let index = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok()).expect("an index");
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        }
        let place = |result: usize| &results[result]["locations"][0]["physicalLocation"];
        assert_eq!(place(0)["artifactLocation"]["uri"], "policies/a%20b.toml");
        assert_eq!(place(0)["region"], json!({ "startLine": 3, "startColumn": 1 }));
        assert_eq!(place(1)["artifactLocation"]["uri"], "file:///tmp/%C3%A4.toml");
        assert_eq!(place(1)["region"]["startLine"], 1);
    }
}
