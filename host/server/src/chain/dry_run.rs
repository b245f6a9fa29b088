//! A dry run (`Portgate-Dry-Run: ?1`): all is done that would be done with the message, but for its effects, and the answer says
//! what would have happened. Nothing is kept or sent, no plugin is taken out because of it, and what would be refused is
//! refused.
//!
//! One thing is kept: the id of a signed one. The field is not signed, so that whoever has caught a dry run could send it
//! without the field; its id is taken, and nothing else comes of it. Where no id is signed there is no dry run.

use bytes::Bytes;
use http::HeaderValue;
use http::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use portgate_core::document::{Decoded, Document};
use portgate_core::finding::Finding;
use portgate_core::policy::Webhook;
use portgate_core::quarantine::Standing;
use portgate_core::sender;
use portgate_store::{Answer, ExchangeId, NewDelivery, RequestKey, TakenKey};
use serde::Serialize;
use sfv::{BareItem, Item, Parser};

use super::check::{self, Checked};
use super::deduplicate::{self, Carried, Deduplicated, Fresh};
use super::read::Received;
use super::{Surroundings, answer, keep};
use crate::configuration::Contract;
use crate::refusal::Refusal;

/// The header field, of the request and of its answer.
pub(crate) const FIELD: &str = "portgate-dry-run";

/// Whether a dry run is asked for: one Structured Field boolean (RFC 9651 §3.3.6). Anything else is refused, since whoever
/// means a dry run must not have the real thing.
pub(super) fn is_asked_for(head: &Parts) -> Result<bool, Refusal> {
    let mut values = head.headers.get_all(FIELD).iter();
    let Some(value) = values.next() else { return Ok(false) };
    let item: Option<Item> = match values.next() {
        None => Parser::new(value.as_bytes()).parse().ok(),
        Some(_) => None,
    };
    match item.map(|item| item.bare_item) {
        Some(BareItem::Boolean(asked_for)) => Ok(asked_for),
        _ => Err(Refusal::DryRunMalformed),
    }
}

/// What would have become of a message.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    /// It would have been kept, with its documents and deliveries.
    Accepted,
    /// It would have been kept as it came, to be decoded later.
    Parked,
    /// Its document would have gone to an internal system.
    Forwarded,
    /// It would have got the answer of the one before it, and had no effect.
    Repeated,
}

/// What is told of a dry run.
#[derive(Default)]
struct Told {
    decoded: Decoded,
    deliveries: Vec<NewDelivery>,
    /// Where the message is that it repeats.
    repeats: Option<String>,
}

/// Goes the rest of a message's way, and has no effect.
pub(super) async fn run(
    around: &Surroundings<'_>,
    received: Received,
    head: &Parts,
) -> Result<Response<Bytes>, Refusal> {
    let fresh = match deduplicate::look_up(around, received, head).await? {
        Deduplicated::Fresh(fresh) => fresh,
        Deduplicated::Answered(before) => return Ok(repeated(&before)),
    };
    take_id(around, &fresh).await?;
    let Checked { carried, .. } = check::check(around, fresh)?;
    // The place is given back when all is done.
    let Carried { contract, incoming, place: _place, .. } = *carried;
    if !may_be_called(around, &contract, &incoming.partner)? {
        return Ok(told(Outcome::Parked, &Told::default()));
    }
    let decoded = around.intake().decode(&contract, &incoming, None).await?;
    if contract.upstream(&incoming.partner).is_some() {
        return match decoded.documents.len() {
            1 => Ok(told(Outcome::Forwarded, &Told { decoded, ..Told::default() })),
            documents => Err(Refusal::NotOneDocument { documents }),
        };
    }
    let exchange = incoming.exchange(ExchangeId::new(around.now), &contract.plugin);
    let declared = contract.declared.business_key.as_ref();
    let acceptance = around.intake().accepted(exchange, decoded.clone(), declared).await?;
    let (sender, business_key) = (&acceptance.exchange.partner, acceptance.business_key.as_ref());
    if let Some(business) = business_key
        && let Some((before, same_payload)) =
            around.state.journal.known_business_key(sender, &contract.name, business).await?
    {
        return Ok(repeated(&keep::known(before, same_payload)?));
    }
    Ok(told(Outcome::Accepted, &Told { decoded, deliveries: acceptance.deliveries, repeats: None }))
}

/// Takes the id of a signed dry run, so that it cannot be sent again as the real thing.
async fn take_id(around: &Surroundings<'_>, fresh: &Fresh) -> Result<(), Refusal> {
    let Carried { incoming, keys, .. } = &*fresh.carried;
    let key = match keys.known_by.first() {
        Some(key @ RequestKey::Webhook { .. }) => key.clone(),
        Some(RequestKey::Content { .. }) => return Err(Refusal::DryRunWithoutId),
        Some(
            RequestKey::Idempotency { .. }
            | RequestKey::Message { .. }
            | RequestKey::Interchange { .. }
            | RequestKey::RefusedInterchange { .. }
            | RequestKey::TakenUp { .. },
        )
        | None => return Ok(()),
    };
    let taken = TakenKey {
        partner: incoming.partner.clone(),
        key,
        fingerprint: keys.fingerprint,
        now: around.now,
        expires_at: keys.remembered_until,
    };
    match around.state.journal.take_key(taken).await? {
        None => Ok(()),
        Some(kept) => deduplicate::first_answer(kept).map(drop),
    }
}

/// Whether the plugin would be called now.
fn may_be_called(around: &Surroundings<'_>, contract: &Contract, sender: &str) -> Result<bool, Refusal> {
    let plugin = &contract.plugin.manifest().name;
    let until =
        match around.state.quarantines.standing(&around.configuration.subject(&contract.plugin, sender), around.now) {
            Standing::Closed => None,
            Standing::Open { until, .. } => Some(until),
            Standing::HalfOpen { .. } => Some(around.now),
        };
    match (contract.upstream(sender), until) {
        (Some(_), Some(until)) => Err(Refusal::PluginQuarantined {
            plugin: plugin.clone(),
            partner: sender::partner(sender).to_owned(),
            retry_after_seconds: u64::try_from(until.duration_since(around.now).as_secs()).unwrap_or_default() + 1,
        }),
        (Some(_), None) => Ok(true),
        (None, until) => Ok(until.is_none() && !around.state.quarantines.has_backlog(plugin, sender)),
    }
}

fn repeated(before: &Answer) -> Response<Bytes> {
    let location = before.headers.iter().find(|(name, _)| name == "location").map(|(_, place)| place.clone());
    told(Outcome::Repeated, &Told { repeats: location, ..Told::default() })
}

/// `{"dryRun":true,"outcome":…,"documents":[…],"findings":[…],"deliveries":[…],"repeats":…}`.
fn told(outcome: Outcome, told: &Told) -> Response<Bytes> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Delivery<'a> {
        destination: &'a str,
        contract: &'a str,
        version: &'a str,
        documents: &'a [u32],
    }
    let deliveries = told.deliveries.iter().filter(|delivery| !Webhook::is(&delivery.destination));
    let deliveries: Vec<Delivery<'_>> = deliveries
        .map(|delivery| Delivery {
            destination: &delivery.destination,
            contract: &delivery.contract,
            version: &delivery.version,
            documents: &delivery.documents,
        })
        .collect();
    let mut json = b"{\"dryRun\":true,\"outcome\":".to_vec();
    answer::write(&mut json, &outcome);
    json.extend_from_slice(b",\"documents\":");
    answer::write_documents(&mut json, &told.decoded.documents as &[Document]);
    json.extend_from_slice(b",\"findings\":");
    answer::write(&mut json, &told.decoded.findings as &Vec<Finding>);
    answer::write_parts(&mut json, &told.decoded.parts);
    json.extend_from_slice(b",\"deliveries\":");
    answer::write(&mut json, &deliveries);
    json.extend_from_slice(b",\"repeats\":");
    answer::write(&mut json, &told.repeats);
    json.push(b'}');
    let mut response = Response::new(json.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_is_asked_for_in_one_way_and_anything_else_is_refused() {
        let asked = |values: &[&str]| {
            let mut request = http::Request::builder();
            for value in values {
                request = request.header(FIELD, *value);
            }
            is_asked_for(&request.body(()).expect("a head").into_parts().0)
        };
        for (values, wanted) in [(&[][..], false), (&["?0"], false), (&["?1"], true), (&["?1;note=x"], true)] {
            assert_eq!(asked(values).expect("understood"), wanted, "{values:?}");
        }
        for wrong in [&["true"][..], &["1"], &["yes"], &[""], &["?2"], &["?1", "?1"], &["?0", "?1"], &["?1, ?1"]] {
            assert!(matches!(asked(wrong), Err(Refusal::DryRunMalformed)), "{wrong:?}");
        }
    }
}
