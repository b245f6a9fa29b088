//! What handlers give back, and how that becomes a response.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response, StatusCode};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

/// What a handler gives back where it does what it was asked.
pub(super) trait Answer {
    /// The media type of its body.
    const MEDIA_TYPE: &'static str;
    /// Statuses beside 200 that it can have.
    const OTHER_STATUSES: &'static [StatusCode] = &[];

    /// What the body is, where it is JSON of a shape of our own.
    fn schema(_: &mut SchemaGenerator) -> Option<Schema> {
        None
    }

    /// The response.
    fn respond(self) -> Response<Bytes>;
}

/// What a route's answer is, for its description.
pub(super) struct Given {
    pub(super) media_type: &'static str,
    pub(super) other_statuses: &'static [StatusCode],
    pub(super) schema: fn(&mut SchemaGenerator) -> Option<Schema>,
}

impl Given {
    pub(super) fn by<A: Answer>() -> Given {
        Given { media_type: A::MEDIA_TYPE, other_statuses: A::OTHER_STATUSES, schema: A::schema }
    }
}

/// JSON of a shape of ours.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize + JsonSchema> Answer for Json<T> {
    const MEDIA_TYPE: &'static str = "application/json";

    fn schema(generator: &mut SchemaGenerator) -> Option<Schema> {
        Some(generator.subschema_for::<T>())
    }

    fn respond(self) -> Response<Bytes> {
        let body = serde_json::to_vec(&self.0).expect("an answer has no key that is not a text, so it is JSON");
        found(body.into(), Self::MEDIA_TYPE)
    }
}

/// A payload, byte for byte.
pub(super) struct Payload(pub(super) Bytes);

impl Answer for Payload {
    // Never something that a browser would run.
    const MEDIA_TYPE: &'static str = "application/octet-stream";

    fn respond(self) -> Response<Bytes> {
        let mut response = found(self.0, Self::MEDIA_TYPE);
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }
}

/// One JSON text a line.
pub(super) struct Lines(pub(super) String);

impl Answer for Lines {
    const MEDIA_TYPE: &'static str = "application/jsonl";

    fn respond(self) -> Response<Bytes> {
        found(self.0.into(), Self::MEDIA_TYPE)
    }
}

/// A bill of materials.
pub(super) struct CycloneDx(pub(super) Bytes);

impl Answer for CycloneDx {
    const MEDIA_TYPE: &'static str = "application/vnd.cyclonedx+json";

    fn respond(self) -> Response<Bytes> {
        found(self.0, Self::MEDIA_TYPE)
    }
}

/// The description of the API.
pub(super) struct OpenApi(pub(super) Bytes);

impl Answer for OpenApi {
    const MEDIA_TYPE: &'static str = "application/json";

    fn respond(self) -> Response<Bytes> {
        found(self.0, Self::MEDIA_TYPE)
    }
}

/// A page for people.
pub(super) struct Html(pub(super) String);

impl Answer for Html {
    const MEDIA_TYPE: &'static str = "text/html; charset=utf-8";

    fn respond(self) -> Response<Bytes> {
        found(self.0.into(), Self::MEDIA_TYPE)
    }
}

/// What the gateway has counted.
pub(super) struct OpenMetrics(pub(super) String);

impl Answer for OpenMetrics {
    const MEDIA_TYPE: &'static str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    fn respond(self) -> Response<Bytes> {
        found(self.0.into(), Self::MEDIA_TYPE)
    }
}

/// A state in words, for probes and people.
pub(super) struct Text {
    pub(super) status: StatusCode,
    pub(super) words: String,
}

impl Text {
    pub(super) fn ok(words: impl Into<String>) -> Text {
        Text { status: StatusCode::OK, words: words.into() }
    }

    pub(super) fn unavailable(words: impl Into<String>) -> Text {
        Text { status: StatusCode::SERVICE_UNAVAILABLE, words: words.into() }
    }
}

impl Answer for Text {
    const MEDIA_TYPE: &'static str = "text/plain; charset=utf-8";
    const OTHER_STATUSES: &'static [StatusCode] = &[StatusCode::SERVICE_UNAVAILABLE];

    fn respond(self) -> Response<Bytes> {
        let mut response = found(self.words.into(), Self::MEDIA_TYPE);
        *response.status_mut() = self.status;
        response
    }
}

fn found(body: Bytes, media_type: &'static str) -> Response<Bytes> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
