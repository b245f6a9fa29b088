//! Problems as descriptions of APIs have them.

use serde_json::{Value, json};

use super::ProblemType;

/// The problems that one status can be, given the schema of problem documents.
pub(crate) fn described(problems: &[&ProblemType], problem: &Value) -> Value {
    let titles: Vec<&str> = problems.iter().map(|problem| problem.title).collect();
    let types: Vec<String> = problems.iter().map(|problem| problem.path()).collect();
    let schema = json!({ "allOf": [problem, { "properties": { "type": { "enum": types } } }] });
    json!({
        "description": titles.join("; or: "),
        "content": { "application/problem+json": { "schema": schema } },
    })
}
