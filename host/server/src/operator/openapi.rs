//! The description of the operator API (OpenAPI 3.1), made from the table of routes and the types of its handlers.

use std::collections::BTreeMap;

use http::StatusCode;
use portgate_operator::Problem;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::asked::{Place, settings};
use super::route::{Flag, Route, Serves};
use crate::problem::kinds::{
    BODY_INCOMPLETE, BODY_TOO_LARGE, BODY_TOO_SLOW, INTERNAL_ERROR, JOURNAL_UNAVAILABLE, MEDIA_TYPE_UNSUPPORTED,
    NOT_FOUND, OPERATOR_NOT_PERMITTED, OPERATOR_REQUEST_INVALID, OPERATOR_UNKNOWN,
};
use crate::problem::{ProblemType, described};

/// Problems of every route that needs a key.
const OF_ALL: [&ProblemType; 5] =
    [&OPERATOR_UNKNOWN, &OPERATOR_NOT_PERMITTED, &OPERATOR_REQUEST_INVALID, &JOURNAL_UNAVAILABLE, &INTERNAL_ERROR];
/// Problems of every route that is asked by a body.
const OF_BODIES: [&ProblemType; 4] = [&BODY_TOO_LARGE, &BODY_TOO_SLOW, &BODY_INCOMPLETE, &MEDIA_TYPE_UNSUPPORTED];

/// The name of the one way to prove who asks.
const KEY: &str = "operatorKey";

/// Describes these routes.
pub(super) fn describe(routes: &[Route]) -> Value {
    let mut shapes =
        Shapes { requests: generator(settings()), answers: generator(SchemaSettings::draft2020_12().for_serialize()) };
    let problem = shapes.answers.subschema_for::<Problem>().to_value();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in routes {
        let described = operation(route, &mut shapes, &problem);
        paths.entry(route.path).or_default().insert(route.method.as_str().to_ascii_lowercase(), described);
    }
    let mut schemas = shapes.requests.take_definitions(true);
    schemas.append(&mut shapes.answers.take_definitions(true));
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Portgate's operator API",
            "summary": "What operators of a gateway see and do",
            "description": "Everything under /v1/ wants an operator's key and the one permission that the operation's \
                            security requirement names. Errors are problem documents (RFC 9457).",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                KEY: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An operator's key (`portgate operator key` makes one).",
                },
            },
        },
    })
}

/// The types that requests and answers are made of. A field that may be left out of a request is always in an answer.
struct Shapes {
    requests: SchemaGenerator,
    answers: SchemaGenerator,
}

fn generator(settings: SchemaSettings) -> SchemaGenerator {
    let place = |settings: &mut SchemaSettings| settings.definitions_path = "/components/schemas".into();
    settings.with(place).into_generator()
}

fn operation(route: &Route, shapes: &mut Shapes, problem: &Value) -> Value {
    let given = &route.given;
    let mut content = json!({});
    if let Some(schema) = (given.schema)(&mut shapes.answers) {
        content["schema"] = schema.to_value();
    }
    let answer = json!({ "description": route.summary, "content": { given.media_type: content } });
    let mut responses = Map::new();
    for status in given.other_statuses.iter().chain([&StatusCode::OK]) {
        responses.insert(status.as_str().to_owned(), answer.clone());
    }
    let mut operation = json!({ "operationId": name(route), "summary": route.summary });
    let mut parameters: Vec<Value> = open_segment(route).into_iter().collect();
    let mut problems: Vec<&ProblemType> = route.problems.to_vec();
    match &route.serves {
        Serves::Everybody(_) if route.path.contains('{') => problems.push(&NOT_FOUND),
        Serves::Everybody(_) => parameters.extend(route.flags.iter().map(flag)),
        Serves::Operators { permission, asked, .. } => {
            problems.extend(OF_ALL);
            operation["security"] = json!([{ KEY: [permission.as_str()] }]);
            match asked.place {
                Place::Query => {
                    let schema = (asked.described)(&mut shapes.requests).to_value();
                    parameters.extend(fields(&schema));
                }
                Place::Body => {
                    problems.extend(OF_BODIES);
                    let schema = (asked.described)(&mut shapes.requests).to_value();
                    operation["requestBody"] =
                        json!({ "required": true, "content": { "application/json": { "schema": schema } } });
                }
            }
        }
    }
    let mut by_status: BTreeMap<StatusCode, Vec<&ProblemType>> = BTreeMap::new();
    problems.into_iter().for_each(|problem| by_status.entry(problem.status).or_default().push(problem));
    for (status, problems) in by_status {
        responses.insert(status.as_str().to_owned(), described(&problems, problem));
    }
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    operation["responses"] = Value::Object(responses);
    operation
}

/// The segment that a path leaves open.
fn open_segment(route: &Route) -> Option<Value> {
    let (_, behind) = route.path.split_once('{')?;
    let (name, _) = behind.split_once('}')?;
    Some(json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
}

/// A flag of a query.
fn flag((name, description): &Flag) -> Value {
    json!({
        "name": name, "in": "query", "required": false, "allowEmptyValue": true, "description": description,
        "schema": { "type": "string" },
    })
}

/// The fields of a query.
fn fields(schema: &Value) -> Vec<Value> {
    let required =
        |name: &String| schema["required"].as_array().is_some_and(|names| names.iter().any(|one| one == name));
    let field = |(name, field): (&String, &Value)| {
        let mut shape = field.clone();
        let description = shape.as_object_mut().and_then(|shape| shape.remove("description")).unwrap_or_default();
        json!({ "name": name, "in": "query", "required": required(name), "description": description, "schema": shape })
    };
    schema["properties"].as_object().into_iter().flatten().map(field).collect()
}

/// An operation's name, such as `get-exchanges-id-payload`.
fn name(route: &Route) -> String {
    let words = route.path.trim_start_matches("/v1").split(['/', '.', '{', '}']).filter(|word| !word.is_empty());
    let method = route.method.as_str().to_ascii_lowercase();
    std::iter::once(method.as_str()).chain(words).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests;
