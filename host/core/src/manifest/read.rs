//! Reads a manifest: from its author's `plugin.toml`, or as JSON from inside a component.
//!
//! Both ways end in the same checks, since a component may come from anybody's build. Reading `plugin.toml` puts each
//! schema in the place of its file's name; the files themselves are read by the caller.

use std::collections::BTreeSet;

use semver::Version;
use serde_json::{Value, json};

use super::{Contract, Format, IdempotencyKey, Manifest, SECTION, media_types};
use crate::checked_toml::{File, FileKind, schema};
use crate::contract::{ContractChecker, JsonLimits, unknown_keywords};
use crate::excerpt::excerpt;
use crate::header;
use crate::json;
use crate::mistake::{Mistake, Source, nearest};

/// What a schema, or a manifest with its schemas, may need.
const LIMITS: JsonLimits = JsonLimits { depth_max: json::DEPTH_MAX, findings_max: 20 };

/// Headers that carry a credential, or prove one. No plugin is shown them, whatever its manifest says.
const SECRET_HEADERS: [&str; 9] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "stripe-signature",
    "webhook-signature",
    "x-api-key",
    "x-hmac-signature",
    "x-hub-signature-256",
    "x-shopify-hmac-sha256",
];

impl Manifest {
    /// The JSON Schema of `plugin.toml`, where a contract's schema is the name of a file.
    pub(crate) fn toml_schema() -> Value {
        let mut schema = schema::<Manifest>();
        if let Some(contract) = schema.pointer_mut("/$defs/Contract/properties/schema") {
            *contract = json!({
                "description": "The JSON Schema (2020-12) of the payload: the name of a file in the plugin's folder.",
                "type": "string",
            });
        }
        schema
    }

    /// Reads `plugin.toml`. `read_schema` gives the text of a file in the plugin's folder, or says why it cannot.
    ///
    /// # Errors
    /// Every mistake in it, those of its schemas included.
    pub fn from_toml(
        text: &str,
        path: &str,
        mut read_schema: impl FnMut(&str) -> Result<String, String>,
    ) -> Result<Manifest, Vec<Mistake>> {
        let source = Source { path: path.to_owned(), text: text.to_owned() };
        let mut file: File<Manifest> = FileKind::new(Manifest::toml_schema()).read(&source)?;
        let mut mistakes = Vec::new();
        for index in 0..file.content.contracts.len() {
            let Some(Value::String(name)) = file.content.contracts[index].schema.clone() else { continue };
            match schema_file(&name, &mut read_schema) {
                Ok(schema) => file.content.contracts[index].schema = Some(schema),
                Err(problem) => {
                    // Nothing more is said of this schema.
                    file.content.contracts[index].schema = Some(Value::Bool(true));
                    mistakes.push(file.mistake(&format!("/contracts/{index}/schema"), problem, None));
                }
            }
        }
        for Wrong { pointer, problem, hint } in check(&file.content) {
            mistakes.push(file.mistake(&pointer, problem, hint));
        }
        mistakes.sort();
        match mistakes.is_empty() {
            true => Ok(file.content),
            false => Err(mistakes),
        }
    }

    /// Reads the JSON that a component carries in its custom section [`SECTION`].
    ///
    /// # Errors
    /// Every mistake in it; their path is the section's name.
    pub fn from_json(bytes: &[u8]) -> Result<Manifest, Vec<Mistake>> {
        let value = json::parse(bytes, &LIMITS)
            .map_err(|error| vec![Mistake::whole_file(SECTION, format!("is no JSON: {error}"), None)])?;
        let file: File<Manifest> = FileKind::new(schema::<Manifest>()).read_value(SECTION, value)?;
        let wrong: Vec<Mistake> = check(&file.content)
            .into_iter()
            .map(|wrong| file.mistake(&wrong.pointer, wrong.problem, wrong.hint))
            .collect();
        match wrong.is_empty() {
            true => Ok(file.content),
            false => Err(wrong),
        }
    }
}

fn schema_file(name: &str, read_schema: &mut impl FnMut(&str) -> Result<String, String>) -> Result<Value, String> {
    let inside =
        !name.is_empty() && !name.contains(['\\', ':']) && name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if !inside {
        return Err(format!("{} is no file in the plugin's folder", excerpt(name)));
    }
    let text = read_schema(name).map_err(|problem| format!("`{name}` cannot be read: {problem}"))?;
    json::parse(text.as_bytes(), &LIMITS).map_err(|error| format!("`{name}` is no JSON: {error}"))
}

/// Something wrong that a schema cannot say.
struct Wrong {
    pointer: String,
    problem: String,
    hint: Option<String>,
}

fn check(manifest: &Manifest) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if let Err(error) = Version::parse(&manifest.version) {
        let problem = format!("{} is no version by Semantic Versioning: {error}", excerpt(&manifest.version));
        wrong.push(Wrong { pointer: "/version".to_owned(), problem, hint: Some("such as `1.2.0`".to_owned()) });
    }
    let mut seen = BTreeSet::new();
    for (index, contract) in manifest.contracts.iter().enumerate() {
        if !seen.insert((&contract.name, &contract.version)) {
            wrong.push(Wrong {
                pointer: format!("/contracts/{index}/version"),
                problem: format!("`{}/{}` is declared already", contract.name, contract.version),
                hint: Some("a contract and version is declared once".to_owned()),
            });
        }
        let emit = &manifest.capabilities.emit;
        check_business_key(contract, emit, |key, problem, hint| {
            wrong.push(Wrong { pointer: format!("/contracts/{index}/{key}"), problem, hint });
        });
        if contract.depth_max.is_some() && contract.format != Format::Json {
            wrong.push(Wrong {
                pointer: format!("/contracts/{index}/depth_max"),
                problem: "is for contracts of the format `json`".to_owned(),
                hint: Some("remove it".to_owned()),
            });
        }
        check_contract(contract, |key, problem, hint| {
            wrong.push(Wrong { pointer: format!("/contracts/{index}/{key}"), problem, hint: hint.map(str::to_owned) });
        });
    }
    check_ignored(manifest, &mut wrong);
    wrong
}

fn check_ignored(manifest: &Manifest, wrong: &mut Vec<Wrong>) {
    let mut seen = BTreeSet::new();
    let contracts = &manifest.contracts;
    let known = contracts
        .iter()
        .flat_map(|contract| [contract.name.clone(), format!("{}/{}", contract.name, contract.version)]);
    let known: BTreeSet<String> = known.collect();
    for (index, ignored) in manifest.ignored.iter().enumerate() {
        let mut wrong = |key: &str, problem: &str, hint: Option<String>| {
            let (pointer, problem) = (format!("/ignored/{index}/{key}"), problem.to_owned());
            wrong.push(Wrong { pointer, problem, hint });
        };
        if ignored.path.trim() != ignored.path || ignored.path.ends_with('/') || ignored.path.contains("//") {
            let hint = "such as `/lines/*/sku`, `/Order/Line/@id` or `NAD/3/1`".to_owned();
            wrong("path", "is no path of a field", Some(hint));
        }
        if ignored.why.trim().is_empty() {
            wrong("why", "is empty", Some("say why nothing is lost by not reading it".to_owned()));
        }
        if !seen.insert((&ignored.contract, &ignored.path)) {
            wrong("path", "is listed already", None);
        }
        if let Some(contract) = ignored.contract.as_ref().filter(|contract| !known.contains(*contract)) {
            let hint = match nearest(contract, known.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "name a contract of this manifest, with its version or without".to_owned(),
            };
            wrong("contract", &format!("{} is no contract of it", excerpt(contract)), Some(hint));
        }
    }
}

fn check_business_key(
    contract: &Contract,
    emit: &BTreeSet<String>,
    mut wrong: impl FnMut(&str, String, Option<String>),
) {
    if !contract.direction.is_decoded() {
        let hint = Some("remove it: it concerns messages that partners send".to_owned());
        if contract.idempotency_key == IdempotencyKey::Required {
            wrong("idempotency_key", "says something of a contract that is only encoded".to_owned(), hint.clone());
        }
        if contract.id_header.is_some() {
            wrong("id_header", "says something of a contract that is only encoded".to_owned(), hint.clone());
        }
        if contract.business_key.is_some() {
            wrong("business_key", "says something of a contract that is only encoded".to_owned(), hint);
        }
        return;
    }
    let Some(key) = &contract.business_key else { return };
    if !emit.contains(&key.document) {
        let hint = match nearest(&key.document, emit.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "name a kind that capabilities.emit lists".to_owned(),
        };
        wrong("business_key/document", format!("{} is no kind it emits", excerpt(&key.document)), Some(hint));
    }
    for (index, field) in key.fields.iter().enumerate().filter(|(_, field)| !is_pointer(field)) {
        let hint = Some("a JSON Pointer to a field of the document, such as `/lrn`".to_owned());
        wrong(&format!("business_key/fields/{index}"), format!("{} points to no field", excerpt(field)), hint);
    }
}

/// A JSON Pointer (RFC 6901) to something inside the document.
fn is_pointer(text: &str) -> bool {
    let escaped = |token: &str| token.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    text.starts_with('/') && text.split('/').all(escaped)
}

fn check_contract(contract: &Contract, mut wrong: impl FnMut(&str, String, Option<&str>)) {
    if contract.format == Format::Json && contract.schema.is_none() {
        let hint =
            "name the JSON Schema of the payload, such as `schemas/order.schema.json`: without one anything would pass";
        wrong("schema", "is missing".to_owned(), Some(hint));
    }
    if let Err(problem) = ContractChecker::new(contract, &LIMITS) {
        wrong("schema", problem, None);
    }
    for problem in contract.schema.iter().flat_map(unknown_keywords) {
        wrong("schema", problem, None);
    }
    for (index, media_type) in contract.media_types.iter().enumerate() {
        if !is_media_type(media_type) {
            let hint = "lower case and without parameters, such as `application/json`";
            wrong(&format!("media_types/{index}"), format!("{} is no media type", excerpt(media_type)), Some(hint));
        } else if let Some(hint) = media_types::unknown(media_type) {
            let problem = format!("there is no media type {}", excerpt(media_type));
            wrong(&format!("media_types/{index}"), problem, Some(&hint));
        }
    }
    for (index, header) in contract.headers.iter().enumerate() {
        let at = format!("headers/{index}");
        if SECRET_HEADERS.iter().any(|secret| header.eq_ignore_ascii_case(secret)) {
            let hint = "the gateway checks credentials; a plugin learns the partner's name";
            wrong(&at, format!("`{header}` carries a credential, which no plugin is shown"), Some(hint));
        } else if !header::is_name(header) {
            wrong(&at, format!("{} is no header name in lower case", excerpt(header)), None);
        }
    }
    if let Some(name) = &contract.id_header
        && !header::is_free(name)
    {
        let hint = "lower case, such as `x-message-id`; not one that means something else already";
        wrong("id_header", format!("{} is no header field for this", excerpt(name)), Some(hint));
    }
    if let (Some(deprecated), Some(sunset)) = (contract.deprecated_on, contract.sunset_on)
        && sunset < deprecated
    {
        let problem = format!("{sunset} is before its deprecation on {deprecated}");
        wrong("sunset_on", problem, Some("a contract is deprecated first and ends later"));
    }
    if let Some(page) = &contract.documentation
        && !page.parse::<http::Uri>().is_ok_and(|uri| matches!(uri.scheme_str(), Some("https" | "http")))
    {
        wrong("documentation", format!("{} is no web address", excerpt(page)), Some("write an `https://` URL"));
    }
}

fn is_media_type(text: &str) -> bool {
    text.split_once('/').is_some_and(|(kind, subtype)| header::is_name(kind) && header::is_name(subtype))
}

#[cfg(test)]
mod tests;
