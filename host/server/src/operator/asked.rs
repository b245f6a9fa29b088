//! What operators ask: a query or a JSON body, held against the schema that the description of the API publishes, with
//! every mistake in it named.

use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use portgate_core::contract::{JsonLimits, Schema, Violations};
use portgate_core::finding::Finding;
use portgate_http::body::{self, BodyLimits};
use portgate_http::connection::RequestBody;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// A filter with many ids.
const BODY_BYTES_MAX: u64 = 1 << 20;
/// A body comes from a tool beside the gateway.
const BODY_DEADLINE: Duration = Duration::from_secs(10);
/// Deeper than anything that can be asked.
const LIMITS: JsonLimits = JsonLimits { depth_max: 16, findings_max: 100 };

/// What a route is asked by.
pub(super) struct Asked {
    pub(super) place: Place,
    /// The schema, for the description.
    pub(super) described: fn(&mut SchemaGenerator) -> schemars::Schema,
    schema: Schema,
    /// Each field of it with its schema.
    fields: Map<String, Value>,
}

/// Where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Query,
    Body,
}

impl Asked {
    pub(super) fn by_query<Q: JsonSchema>() -> Asked {
        // Its fields become parameters, so they are not hidden behind a name.
        Asked::by::<Q>(Place::Query, |generator| Q::json_schema(generator))
    }

    pub(super) fn by_body<B: JsonSchema>() -> Asked {
        Asked::by::<B>(Place::Body, |generator| generator.subschema_for::<B>())
    }

    fn by<T: JsonSchema>(place: Place, described: fn(&mut SchemaGenerator) -> schemars::Schema) -> Asked {
        let mut schema = settings().into_generator().into_root_schema_for::<T>().to_value();
        // A type whose fields are in several structs does not say by itself that there are no others.
        if schema.get("additionalProperties").is_none() {
            schema["unevaluatedProperties"] = Value::Bool(false);
        }
        let fields = schema["properties"].as_object().cloned().unwrap_or_default();
        let compiled =
            Schema::compile(&schema).expect("the schema of a struct of ours compiles; a test makes them all");
        Asked { place, described, schema: compiled, fields }
    }

    /// Reads a request.
    ///
    /// # Errors
    /// Everything that is wrong with it: a filter that is not understood must not mean more than was meant.
    pub(super) async fn read(&self, head: &Parts, body: RequestBody) -> Result<Value, Refusal> {
        let query = head.uri.query().unwrap_or_default();
        match self.place {
            Place::Query => self.query(query),
            Place::Body if !query.is_empty() => Err(invalid("", "is asked by its body and takes no query")),
            Place::Body => self.body(&read(head, body).await?),
        }
    }

    /// A URL's query (`application/x-www-form-urlencoded`).
    fn query(&self, query: &str) -> Result<Value, Refusal> {
        let (mut fields, mut findings) = (Map::new(), Vec::new());
        for (name, text) in form_urlencoded::parse(query.as_bytes()) {
            let Some(field) = self.fields.get(name.as_ref()) else {
                findings.push(Finding::error("unknown-field", format!("/{name}"), "is not known here"));
                continue;
            };
            let value = value_of(&text, field).unwrap_or_else(|| Value::from(text.as_ref()));
            if fields.insert(name.to_string(), value).is_some() {
                findings.push(Finding::error("wrong-value", format!("/{name}"), "is given more than once"));
            }
        }
        let value = Value::Object(fields);
        if let Err(violations) = self.schema.check(value.to_string().as_bytes(), &LIMITS) {
            findings.extend(explained(violations));
        }
        match findings.is_empty() {
            true => Ok(value),
            false => Err(Refusal::OperatorRequestInvalid { findings }),
        }
    }

    fn body(&self, body: &[u8]) -> Result<Value, Refusal> {
        let refused = |violations| Refusal::OperatorRequestInvalid { findings: explained(violations) };
        self.schema.check(body, &LIMITS).map_err(refused)?;
        serde_json::from_slice(body).map_err(|error| invalid("", error.to_string()))
    }
}

/// How schemas of requests are made.
pub(super) fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().for_deserialize()
}

/// What a text of a query says as a field of this schema, where that is anything but text.
fn value_of(text: &str, field: &Value) -> Option<Value> {
    let may_be = |name: &str| match &field["type"] {
        Value::Array(names) => names.iter().any(|one| one == name),
        one => one == name,
    };
    match text {
        "true" | "false" if may_be("boolean") => Some(Value::from(text == "true")),
        _ if may_be("integer") => text.parse::<u64>().ok().map(Value::from),
        _ => None,
    }
}

async fn read(head: &Parts, body: RequestBody) -> Result<Bytes, Refusal> {
    if let Some(coding) = body::content_coding(&head.headers) {
        return Err(Refusal::ContentCoding { coding });
    }
    let limits = BodyLimits { bytes_max: BODY_BYTES_MAX, deadline: BODY_DEADLINE, rate_bytes_per_second_min: 0 };
    Ok(body::read(body, &limits, &head.headers).await?)
}

/// Findings in the operator API's words.
fn explained(violations: Violations) -> Vec<Finding> {
    let explained = |finding: Finding| match finding.code.as_str() {
        "schema-additional-properties" | "schema-unevaluated-properties" => {
            Finding { detail: "is not known here".to_owned(), code: "unknown-field".to_owned(), ..finding }
        }
        code if code.starts_with("schema-") => Finding { code: "wrong-value".to_owned(), ..finding },
        _ => Finding { code: "wrong-body".to_owned(), ..finding },
    };
    violations.into_findings().into_iter().map(explained).collect()
}

/// One mistake.
pub(super) fn invalid(location: &str, detail: impl Into<String>) -> Refusal {
    Refusal::OperatorRequestInvalid { findings: vec![Finding::error("wrong-value", location, detail)] }
}

#[cfg(test)]
mod tests {
    use portgate_operator::{AuditQuery, DeliveryFilter, LatestQuery, Lift, NoQuery, Paged, Replay, RetryDeliveries};

    use super::*;

    fn places(asked: Result<Value, Refusal>) -> Vec<String> {
        match asked {
            Ok(_) => Vec::new(),
            Err(Refusal::OperatorRequestInvalid { findings }) => {
                let places = findings.iter().map(|finding| format!("{} {}", finding.code, finding.location));
                let mut places: Vec<String> = places.collect();
                places.sort();
                places
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_filter_that_is_not_understood_is_refused_with_every_mistake() {
        let asked = Asked::by_query::<Paged<DeliveryFilter>>();
        let found = places(asked.query("state=lost&since=yesterday&destinaton=erp&limit=0"));
        assert_eq!(
            found,
            ["unknown-field /destinaton", "wrong-value /limit", "wrong-value /since", "wrong-value /state"]
        );
        assert_eq!(places(asked.query("state=dead&state=pending")), ["wrong-value /state"]);
        assert_eq!(places(asked.query("limit=many")), ["wrong-value /limit"]);
        let query = asked.query("id=a,b&state=dead&since=2026-03-01T00:00:00Z&limit=7&after=x").expect("a query");
        let query: Paged<DeliveryFilter> = serde_json::from_value(query).expect("a query");
        assert_eq!((query.filter.id.len(), query.limit(), query.after.as_deref()), (2, 7, Some("x")));
        assert_eq!(places(Asked::by_query::<NoQuery>().query("state=dead")), ["unknown-field /state"]);
    }

    #[test]
    fn the_audit_log_is_asked_in_words_that_are_known() {
        let asked = Asked::by_query::<Paged<AuditQuery>>();
        let good = "kind=plugin-admitted&actor=operator%3Aada&order=oldest&since=2026-03-01T00:00:00Z";
        let query: Paged<AuditQuery> = serde_json::from_value(asked.query(good).expect("good")).expect("a query");
        assert_eq!(query.filter.order, Some(portgate_operator::AuditOrder::Oldest));
        assert_eq!(query.filter.filter.kind, Some(portgate_core::audit::Kind::PluginAdmitted));
        let bad = places(asked.query("kind=anything&order=upwards&x=1"));
        assert_eq!(bad, ["unknown-field /x", "wrong-value /kind", "wrong-value /order"]);
        assert_eq!(places(Asked::by_query::<LatestQuery>().query("")), ["wrong-value "], "a kind must be given");
    }

    #[test]
    fn an_act_names_what_is_meant_and_why() {
        let asked = Asked::by_body::<RetryDeliveries>();
        for (body, mistakes) in [
            ("", vec!["wrong-body "]),
            ("[]", vec!["wrong-value "]),
            (r#"{"filter":{}}"#, vec!["wrong-value "]),
            (r#"{"reason":"because"}"#, vec!["wrong-value "]),
            (r#"{"filter":{"state":5},"reason":"because"}"#, vec!["wrong-value /filter/state"]),
            (r#"{"filter":{"state":null},"reason":"because"}"#, vec!["wrong-value /filter/state"]),
            (r#"{"filter":{"stat":"dead"},"reason":"because"}"#, vec!["unknown-field /filter/stat"]),
            (
                r#"{"filter":{"state":"lost"},"reason":"because","perSecond":0,"x":1}"#,
                vec!["unknown-field /x", "wrong-value /filter/state", "wrong-value /perSecond"],
            ),
            (r#"{"filter":{},"filter":{"state":"dead"},"reason":"because"}"#, vec!["wrong-body /filter"]),
        ] {
            let found = places(asked.body(body.as_bytes()));
            assert_eq!(found, mistakes, "{body}");
        }
        let act = asked.body(br#"{"filter":{"state":"dead"},"reason":"fixed","perSecond":5}"#).expect("a good act");
        let act: RetryDeliveries = serde_json::from_value(act).expect("a good act");
        assert_eq!((act.reason.as_str(), act.per_second.map(|rate| rate.get())), ("fixed", Some(5)));
        let lift = Asked::by_body::<Lift>();
        assert_eq!(places(lift.body(br#"{"plugin":"p","reason":"mended"}"#)), ["wrong-value "]);
        assert!(lift.body(br#"{"plugin":"p","partner":"acme","reason":"mended"}"#).is_ok());
    }

    #[test]
    fn what_the_audit_log_keeps_of_a_replay_are_names() {
        let asked = Asked::by_body::<Replay>();
        let body = |plugin: &str| format!(r#"{{"plugin":"{plugin}","version":"1.0.0","sha256":"00","exchanges":[]}}"#);
        assert!(asked.body(body("carrier-ocean").as_bytes()).is_ok());
        assert_eq!(places(asked.body(body("a payload").as_bytes())), ["wrong-value /plugin"]);
        assert_eq!(places(asked.body(body(&"x".repeat(101)).as_bytes())), ["wrong-value /plugin"]);
    }
}
