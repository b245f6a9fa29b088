//! The shop's GraphQL Admin API: one mutation a request, and what its answer means. The REST API that did the same is a legacy API
//! and grows no further.
//!
//! HTTP says little here: an answer of 200 holds what was done, or `errors` where the request as a whole went wrong, or
//! `userErrors` where the shop refuses it. An answer that says none of these is refused, for nobody knows whether it was done.

use std::collections::BTreeMap;

use portgate_sdk::{Finding, Outcome, Pointer, Rejection, Request, Response, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the API that is spoken.
pub(crate) const VERSION: &str = "2026-07";

/// Reasons that are kept.
const REASONS_MAX: usize = 50;

#[derive(Serialize)]
struct Mutation<'a, V> {
    query: &'a str,
    variables: V,
}

/// A request with one mutation.
pub(crate) fn request(query: &str, variables: impl Serialize) -> Result<Request, Rejection> {
    let body = serde_json::to_vec(&Mutation { query, variables });
    let body = body.map_err(|error| Finding::error("NOT-WRITTEN", "", error.to_string()))?;
    Ok(Request::post(format!("/admin/api/{VERSION}/graphql.json"), "application/json", body))
}

#[derive(Deserialize)]
struct Answer {
    data: Option<BTreeMap<String, Option<Payload>>>,
    errors: Option<Value>,
}

/// What a mutation gives back.
#[derive(Deserialize)]
struct Payload {
    fulfillment: Option<Made>,
    metafields: Option<Vec<Made>>,
    #[serde(rename = "userErrors")]
    user_errors: Option<Vec<UserError>>,
}

#[derive(Deserialize)]
struct Made {
    id: Option<String>,
}

#[derive(Deserialize)]
struct UserError {
    field: Option<Vec<String>>,
    message: Option<String>,
    code: Option<String>,
}

/// What an answer means.
pub(crate) fn read(got: &Response) -> Outcome {
    let outcome = Outcome::of_status(got.status);
    match outcome.verdict {
        Verdict::Retry | Verdict::Pending => outcome,
        Verdict::Rejected => match got.json::<Answer>().ok().and_then(|answer| answer.errors) {
            Some(errors) => refused(of_the_request(&errors)),
            None => outcome,
        },
        Verdict::Accepted => match got.json::<Answer>() {
            Ok(answer) => done(answer),
            Err(_) => odd(),
        },
    }
}

fn done(answer: Answer) -> Outcome {
    if let Some(errors) = answer.errors.filter(|errors| *errors != Value::Array(Vec::new()) && !errors.is_null()) {
        return if cannot_now(&errors) { Outcome::of(Verdict::Retry) } else { refused(of_the_request(&errors)) };
    }
    let mut refusals = Vec::new();
    let mut made = Vec::new();
    let root = Pointer::root().key("data");
    for (name, payload) in answer.data.into_iter().flatten() {
        let Some(payload) = payload else { continue };
        let at = root.key(&name).key("userErrors");
        let errors = payload.user_errors.into_iter().flatten().enumerate();
        refusals.extend(errors.map(|(index, error)| error.finding(at.index(index))));
        made.extend(payload.fulfillment.into_iter().chain(payload.metafields.into_iter().flatten()));
    }
    if !refusals.is_empty() {
        return refused(refusals);
    }
    let ids: Vec<String> = made.into_iter().filter_map(|made| made.id).collect();
    match ids.is_empty() {
        true => odd(),
        false => {
            let detail = format!("The shop has made {}.", ids.join(", "));
            Outcome::of(Verdict::Accepted).with(Finding::info("DONE", root, detail))
        }
    }
}

impl UserError {
    fn finding(self, at: Pointer) -> Finding {
        let message = self.message.filter(|message| !message.trim().is_empty());
        let message = message.unwrap_or_else(|| "The shop refuses it and does not say why.".to_owned());
        let detail = match self.field.filter(|field| !field.is_empty()) {
            Some(field) => format!("`{}`: {message}", field.join("/")),
            None => message,
        };
        Finding::error(self.code.as_deref().unwrap_or("SHOPIFY-REFUSES"), at, detail)
    }
}

/// Whether all that is wrong with a request is that the shop cannot take it now.
fn cannot_now(errors: &Value) -> bool {
    let code = |error: &Value| error.pointer("/extensions/code").and_then(Value::as_str).map(str::to_owned);
    let is_passing = |error: &Value| {
        matches!(
            code(error).as_deref(),
            Some("THROTTLED" | "INTERNAL_SERVER_ERROR" | "SERVICE_UNAVAILABLE" | "TIMEOUT")
        )
    };
    errors.as_array().is_some_and(|errors| !errors.is_empty() && errors.iter().all(is_passing))
}

/// What is wrong with the request as a whole: a text, a list of objects, or names with texts.
fn of_the_request(errors: &Value) -> Vec<Finding> {
    let at = Pointer::root().key("errors");
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match errors {
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(index, error)| {
                let code = error.pointer("/extensions/code").and_then(Value::as_str).unwrap_or("SHOPIFY-REFUSES");
                Finding::error(code, at.index(index), error.get("message").map_or_else(|| text(error), text))
            })
            .collect(),
        other => vec![Finding::error("SHOPIFY-REFUSES", at, text(other))],
    }
}

fn refused(mut findings: Vec<Finding>) -> Outcome {
    let more = findings.len().saturating_sub(REASONS_MAX);
    findings.truncate(REASONS_MAX);
    if more > 0 {
        findings.push(Finding::info("MORE-REASONS", "", format!("There are {more} more reasons.")));
    }
    Outcome { findings, ..Outcome::of(Verdict::Rejected) }
}

fn odd() -> Outcome {
    let detail =
        "The shop's answer does not say whether it has done what was asked; look there before it is sent again.";
    refused(vec![Finding::error("ANSWER-ODD", "", detail)])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: &Value) -> Outcome {
        let received_at = "2026-03-01T08:16:00Z".to_owned();
        read(&Response { status, headers: Vec::new(), received_at, body: body.to_string().into_bytes() })
    }

    #[test]
    fn what_was_done_is_told_from_what_was_refused_and_from_what_has_to_wait() {
        let payload = |payload: Value| json!({ "data": { "fulfillmentCreate": payload } });
        let done = payload(json!({ "fulfillment": { "id": "gid://shopify/Fulfillment/1" }, "userErrors": [] }));
        assert_eq!(answer(200, &done).verdict, Verdict::Accepted);
        let refused =
            payload(json!({ "fulfillment": null, "userErrors": [{ "field": ["fulfillment"], "message": "Closed." }] }));
        let refused = answer(200, &refused);
        assert_eq!((refused.verdict, &*refused.findings[0].detail), (Verdict::Rejected, "`fulfillment`: Closed."));
        assert_eq!(refused.findings[0].location, "/data/fulfillmentCreate/userErrors/0");
        let throttled = json!({ "errors": [{ "message": "Throttled", "extensions": { "code": "THROTTLED" } }] });
        assert_eq!(answer(200, &throttled).verdict, Verdict::Retry);
        let denied = json!({ "errors": [{ "message": "Access denied", "extensions": { "code": "ACCESS_DENIED" } }] });
        assert_eq!(answer(200, &denied).findings[0].code, "ACCESS_DENIED");
        assert_eq!(answer(401, &json!({ "errors": "Invalid API key" })).findings[0].detail, "Invalid API key");
        for status in [429, 500, 503] {
            assert_eq!(answer(status, &json!({})).verdict, Verdict::Retry, "{status}");
        }
    }

    #[test]
    fn an_answer_that_says_nothing_is_looked_at_by_a_person() {
        for odd in [
            json!({}),
            json!(null),
            json!([]),
            json!({ "data": null }),
            json!({ "data": { "fulfillmentCreate": null } }),
        ] {
            let outcome = answer(200, &odd);
            assert_eq!((outcome.verdict, &*outcome.findings[0].code), (Verdict::Rejected, "ANSWER-ODD"), "{odd}");
        }
    }
}
