//! What customs says of a declaration.

use portgate_canonical::{CustomsStatus, DeclarationStatus, Reference};

use crate::event::{Action, BizTransaction, Event, Kind};
use crate::{Refusal, names};

/// That goods are tied to a declaration which stands so.
pub(crate) fn events(status: &CustomsStatus) -> Result<Vec<Event>, Refusal> {
    use DeclarationStatus as S;
    let (step, disposition) = match status.status {
        S::Control => ("inspecting", Some("in_progress")),
        S::NotReleased | S::Intervention | S::DocsRequired | S::GuaranteeNotValid => ("holding", None),
        S::Exited => ("departing", Some("in_transit")),
        _ => ("other", None),
    };
    let papers = papers(status);
    let things = things(status);
    if papers.is_empty() || things.is_empty() {
        let detail = "Neither the declaration nor its goods have a number: no MRN, LRN or UCR is said.";
        return Err(Refusal::new("NO-OBJECT", "/mrn", detail));
    }
    let mut event = Event::new((Kind::TransactionEvent, Action::Add), step, &status.occurred_at, "/occurredAt")?
        .disposition(disposition)
        .about(things, Vec::new())
        .papers(papers);
    event.say("status", serde_json::to_value(status.status).ok());
    event.say("sourceCode", Some(status.code.source_code.as_deref().unwrap_or(&status.code.code).to_owned()));
    event.say("sourceCodeList", Some(status.code.code_list.to_string()));
    event.say("routeOfEntry", status.route_of_entry.as_ref().map(|code| code.code.to_string()));
    event.say("statusOfEntry", status.status_of_entry.as_ref().map(|code| code.code.to_string()));
    event.say("goodsLocation", status.goods_location.as_deref().map(str::to_owned));
    event.say("reason", status.reason_text.as_deref().map(str::to_owned));
    Ok(vec![event])
}

fn papers(status: &CustomsStatus) -> Vec<BizTransaction> {
    let named = [("mrn", status.mrn.as_deref()), ("lrn", status.lrn.as_deref()), ("ucr", status.ucr.as_deref())];
    let named = named.into_iter().filter_map(|(scheme, number)| Some(names::transaction(scheme, number?, None)));
    named.chain(names::transactions(&status.references, None)).collect()
}

/// The containers and parcels of the declaration; where none is named its consignment.
fn things(status: &CustomsStatus) -> Vec<String> {
    let things = status.references.iter().filter_map(|reference| match &*reference.scheme {
        Reference::CONTAINER => Some(names::equipment(&reference.value)),
        "tracking-number" | "sscc" => Some(names::parcel(&reference.value)),
        _ => None,
    });
    let things: Vec<String> = things.collect();
    if !things.is_empty() {
        return things;
    }
    let referenced = |scheme: &str| status.references.iter().find(|reference| &*reference.scheme == scheme);
    let named = |scheme: &str, field: Option<&str>| {
        field
            .or_else(|| referenced(scheme).map(|reference| &*reference.value))
            .map(|value| names::own("consignment", value))
    };
    let consignment = named("ucr", status.ucr.as_deref());
    let consignment = consignment.or_else(|| named("mrn", status.mrn.as_deref()));
    consignment.or_else(|| named("lrn", status.lrn.as_deref())).into_iter().collect()
}
