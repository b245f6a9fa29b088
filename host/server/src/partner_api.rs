//! The description of what partners can ask (OpenAPI 3.1), which the partners' listener serves to everybody, like the pages of
//! problems: it says what is there for all, and nothing of who is a partner.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bytes::Bytes;
use http::StatusCode;
use portgate_operator::Problem;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::problem::kinds::{
    BODY_INCOMPLETE, BODY_TOO_LARGE, BODY_TOO_SLOW, CONTRACT_NOT_PERMITTED, CONTRACT_UNKNOWN, CONTRACT_VIOLATION,
    EVENT_UNKNOWN, EXCHANGE_UNKNOWN, INTERNAL_ERROR, JOURNAL_UNAVAILABLE, MALFORMED_PAYLOAD, MEDIA_TYPE_UNSUPPORTED,
    NOT_FOUND, PARTNER_BUSY, PAYLOAD_REJECTED, RATE_LIMITED, SHIPMENT_AMBIGUOUS, SHIPMENT_UNKNOWN, UNAUTHENTICATED,
    VERSION_SUNSET, VERSION_UNKNOWN,
};
use crate::problem::{ProblemType, described};
use crate::reading::Shipments;

/// Problems of everything that wants a partner.
const OF_ALL: [&ProblemType; 5] =
    [&UNAUTHENTICATED, &RATE_LIMITED, &PARTNER_BUSY, &JOURNAL_UNAVAILABLE, &INTERNAL_ERROR];
/// Problems of messages.
const OF_MESSAGES: [&ProblemType; 11] = [
    &CONTRACT_UNKNOWN,
    &VERSION_UNKNOWN,
    &VERSION_SUNSET,
    &CONTRACT_NOT_PERMITTED,
    &MEDIA_TYPE_UNSUPPORTED,
    &BODY_TOO_LARGE,
    &BODY_TOO_SLOW,
    &BODY_INCOMPLETE,
    &MALFORMED_PAYLOAD,
    &CONTRACT_VIOLATION,
    &PAYLOAD_REJECTED,
];

/// The description as it is served.
pub(crate) fn served() -> Bytes {
    static SERVED: LazyLock<Bytes> = LazyLock::new(|| describe().to_string().into());
    SERVED.clone()
}

fn describe() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let place = |settings: &mut SchemaSettings| settings.definitions_path = "/components/schemas".into();
    let mut shapes = settings.with(place).into_generator();
    let problem = shapes.subschema_for::<Problem>().to_value();
    let shipments = shapes.subschema_for::<Shipments>().to_value();
    let mut schemas = shapes.take_definitions(true);
    schemas.insert("CloudEvent".to_owned(), cloud_event());
    schemas.insert("EPCISQueryDocument".to_owned(), epcis());
    schemas.insert("Exchange".to_owned(), exchange());
    let operation = |id: &str, summary: &str, problems: &[&'static ProblemType]| Operation {
        described: json!({ "operationId": id, "summary": summary }),
        responses: refusals(problems, &problem),
    };
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Portgate's partner API",
            "summary": "What partners of a gateway send and look up",
            "description": "A partner proves who it is as was settled with it, asks at its own rate, and sees what is its own or what \
                            its policy lets it see; anything else is answered as what there is not. Errors are problem documents \
                            (RFC 9457) whose `type` is the path of a page that explains them.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "security": [{ "apiKey": [] }, { "bearer": [] }, { "webhook": [] }, { "certificate": [] }],
        "paths": {
            "/v1/messages/{contract}/{version}": {
                "post": operation("send-message", "Sends a message of a contract", &OF_MESSAGES)
                    .asks(&[segment("contract", "The contract"), segment("version", "Its version"),
                        header("idempotency-key", "A repetition with the same key and the same body has one effect and the same answer"),
                        header("portgate-dry-run", "`?1`: what would happen, and nothing does")])
                    .takes(json!({ "required": true, "content": { "*/*": {} } }))
                    .answers(StatusCode::ACCEPTED, json!({
                        "description": "The message is kept, with all that follows from it; `Location` is its exchange.",
                        "headers": { "Location": { "schema": { "type": "string" } } },
                        "content": { "application/json": { "schema": { "type": "object", "properties": {
                            "exchange": { "type": "string", "format": "uuid" }, "state": { "type": "string" } } } } },
                    })),
            },
            "/v1/exchanges/{id}": {
                "get": operation("get-exchange", "What became of a message of one's own", &[&EXCHANGE_UNKNOWN])
                    .asks(&[segment("id", "The exchange, as the answer to the message named it")])
                    .answers(StatusCode::OK, json!({ "description": "The exchange",
                        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Exchange" } } } })),
            },
            "/v1/events": {
                "get": operation("get-events", "What concerns one's own messages, as it happens", &[&EVENT_UNKNOWN, &NOT_FOUND])
                    .asks(&[last_event_id(), from_start()])
                    .answers(StatusCode::OK, json!({ "description": STREAM, "content": { "text/event-stream": stream() } })),
            },
            "/v1/shipments/{reference}": {
                "get": operation("get-shipments", "A shipment by its id, or all that carry a name", &[&SHIPMENT_UNKNOWN])
                    .asks(&[segment("reference", "The id of a shipment, or any name that a document of it carries, of a scheme that the \
                        partner's policy lists; percent-encoded"), header("if-none-match", "The `ETag` of an answer before")])
                    .answers(StatusCode::NOT_MODIFIED, json!({ "description": "It is as the `ETag` says." }))
                    .answers(StatusCode::OK, json!({
                        "description": "The shipment with its context; of a name of several, each without",
                        "headers": { "ETag": { "description": "Changes with what the answer says", "schema": { "type": "string" } } },
                        "content": { "application/json": { "schema": shipments } },
                    })),
            },
            "/v1/shipments/{reference}/events": {
                "get": operation("get-shipment-events", "What is told of a shipment: as CloudEvents as it happens, or as EPCIS 2.0 page by page",
                    &[&SHIPMENT_UNKNOWN, &SHIPMENT_AMBIGUOUS, &EVENT_UNKNOWN, &NOT_FOUND])
                    .asks(&[segment("reference", "The id of a shipment, or a name that no other has"), last_event_id(), from_start(),
                        parameter("nextPageToken", "query", "Of EPCIS: the next page, as `Link` named it")])
                    .answers(StatusCode::OK, json!({
                        "description": STREAM,
                        "headers": { "Link": { "description": "Of EPCIS: `rel=next`, where there is more", "schema": { "type": "string" } },
                            "GS1-EPCIS-Version": { "description": "Of EPCIS: `2.0`", "schema": { "type": "string" } } },
                        "content": { "text/event-stream": stream(),
                            "application/ld+json": { "schema": { "$ref": "#/components/schemas/EPCISQueryDocument" } } },
                    })),
            },
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "apiKey": { "type": "apiKey", "in": "header", "name": "x-api-key" },
                "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "A token of the partner's issuer, for the audience that was settled" },
                "webhook": { "type": "apiKey", "in": "header", "name": "webhook-signature",
                    "description": "A signature over id, time and body (Standard Webhooks); a read signs an empty body" },
                "certificate": { "type": "mutualTLS" },
            },
        },
    })
}

const STREAM: &str = "Server-sent events: the `id` of each is the place behind it, its data a CloudEvent on one line. What is told of \
                      nobody but the partner is here, as far as it may see it.";

/// One operation on its way.
struct Operation {
    described: Value,
    responses: Map<String, Value>,
}

impl Operation {
    fn asks(mut self, parameters: &[Value]) -> Self {
        self.described["parameters"] = parameters.into();
        self
    }

    fn takes(mut self, body: Value) -> Self {
        self.described["requestBody"] = body;
        self
    }

    fn answers(mut self, status: StatusCode, answer: Value) -> Self {
        self.responses.insert(status.as_str().to_owned(), answer);
        self
    }
}

impl serde::Serialize for Operation {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut whole = self.described.clone();
        whole["responses"] = Value::Object(self.responses.clone());
        whole.serialize(serializer)
    }
}

fn refusals(problems: &[&'static ProblemType], problem: &Value) -> Map<String, Value> {
    let mut by_status: BTreeMap<StatusCode, Vec<&ProblemType>> = BTreeMap::new();
    for problem in OF_ALL.into_iter().chain(problems.iter().copied()) {
        by_status.entry(problem.status).or_default().push(problem);
    }
    let of = |(status, problems): (StatusCode, Vec<&ProblemType>)| {
        (status.as_str().to_owned(), described(&problems, problem))
    };
    by_status.into_iter().map(of).collect()
}

fn parameter(name: &str, place: &str, description: &str) -> Value {
    json!({ "name": name, "in": place, "required": place == "path", "description": description, "schema": { "type": "string" } })
}

fn segment(name: &str, description: &str) -> Value {
    parameter(name, "path", description)
}

fn header(name: &str, description: &str) -> Value {
    parameter(name, "header", description)
}

fn last_event_id() -> Value {
    header("last-event-id", "Goes on behind this place; without it the stream begins with what is new")
}

fn from_start() -> Value {
    let mut described = parameter("after", "query", "Begins with the oldest");
    described["schema"] = json!({ "const": "start" });
    described
}

fn stream() -> Value {
    json!({ "schema": { "type": "string" }, "x-data": { "$ref": "#/components/schemas/CloudEvent" } })
}

fn cloud_event() -> Value {
    json!({
        "description": "An event (CloudEvents 1.0, JSON). `portgate.document.<kind>` has a canonical document as far as the reader may \
                        see it; `portgate.shipment.changed` the shipment and the revision of its context.",
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "portgatepartner"],
        "properties": {
            "specversion": { "const": "1.0" },
            "id": { "type": "string", "format": "uuid", "description": "The same however often it is told" },
            "source": { "const": "/portgate" },
            "type": { "type": "string" },
            "subject": { "type": "string" },
            "time": { "type": "string", "format": "date-time" },
            "datacontenttype": { "const": "application/json" },
            "portgatepartner": { "type": "string", "description": "The reader" },
            "portgatetest": { "type": "boolean", "description": "There where it tells of a test" },
            "data": { "type": ["object", "null"] },
        },
    })
}

fn epcis() -> Value {
    json!({
        "description": "Events of GS1 EPCIS 2.0 in its JSON-LD binding (§9): what the documents tell that the reader may see.",
        "type": "object",
        "required": ["@context", "type", "schemaVersion", "creationDate", "epcisBody"],
        "properties": {
            "@context": {},
            "type": { "const": "EPCISQueryDocument" },
            "schemaVersion": { "const": "2.0" },
            "creationDate": { "type": "string", "format": "date-time" },
            "epcisBody": { "type": "object", "required": ["queryResults"] },
        },
    })
}

fn exchange() -> Value {
    json!({
        "description": "A message of one's own and what became of it.",
        "type": "object",
        "required": ["exchange", "state", "contract", "version", "receivedAt", "documents", "deliveries", "findings"],
        "properties": {
            "exchange": { "type": "string", "format": "uuid" },
            "test": { "type": "boolean" },
            "state": { "enum": ["parked", "rejected", "failed", "discarded", "refused", "accepted", "exception", "completed"] },
            "contract": { "type": "string" },
            "version": { "type": "string" },
            "receivedAt": { "type": "string", "format": "date-time" },
            "acceptedAt": { "type": "string", "format": "date-time" },
            "sha256": { "type": "string" },
            "problem": { "type": ["object", "null"] },
            "findings": { "type": "array" },
            "acknowledgement": { "type": ["object", "null"] },
            "parts": { "type": "array" },
            "documents": { "type": "array" },
            "deliveries": { "type": "array" },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_the_standard_s_schema_wants_and_refers_to_what_is_there() {
        let standard: Value =
            serde_json::from_str(include_str!("operator/openapi/openapi-3.1.schema.json")).expect("JSON");
        let validator = jsonschema::validator_for(&standard).expect("the standard's schema");
        let description: Value = serde_json::from_slice(&served()).expect("JSON");
        let errors: Vec<String> =
            validator.iter_errors(&description).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let text = description.to_string();
        let referred: Vec<&str> =
            text.split("\"$ref\":\"#").skip(1).filter_map(|behind| behind.split('"').next()).collect();
        assert!(referred.len() > 5, "{referred:?}");
        for pointer in referred {
            assert!(description.pointer(pointer).is_some(), "{pointer} is not there");
        }
        for schema in description["components"]["schemas"].as_object().expect("schemas").values() {
            assert!(jsonschema::draft202012::meta::is_valid(schema), "{schema}");
        }
    }

    #[test]
    fn every_operation_says_that_strangers_and_who_asks_too_often_are_refused() {
        let description = describe();
        let paths = description["paths"].as_object().expect("paths");
        assert_eq!(paths.len(), 5);
        for (path, operations) in paths {
            for (method, operation) in operations.as_object().expect("operations") {
                for status in ["401", "429"] {
                    assert!(operation["responses"][status].is_object(), "{method} {path} {status}");
                }
                let open = path.split('{').count() - 1;
                let segments = operation["parameters"].as_array().expect("parameters");
                assert_eq!(segments.iter().filter(|one| one["in"] == "path").count(), open, "{path}");
            }
        }
    }
}
