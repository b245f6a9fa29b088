//! What a carrier says to a load.

use portgate_canonical::LoadTenderResponse;

use crate::event::{Action, Event, Kind};
use crate::{Refusal, names};

/// That a load is tied to its tender, and how the carrier has decided.
pub(crate) fn events(response: &LoadTenderResponse) -> Result<Vec<Event>, Refusal> {
    let (time, location) = match &response.responded_at {
        Some(at) => (at, "/respondedAt"),
        None => (&response.source.recorded_at, "/source/recordedAt"),
    };
    let equipment = response.equipment.iter().filter_map(|equipment| equipment.id.as_deref()).map(names::equipment);
    let mut things: Vec<String> = equipment.collect();
    if things.is_empty() {
        things.push(names::own("load", &response.tender_number));
    }
    let mut papers = vec![names::transaction("load-tender", &response.tender_number, None)];
    papers.extend(response.carrier_number.iter().map(|number| names::transaction("booking", number, None)));
    papers.extend(names::transactions(&response.references, names::buyer(&response.parties)));
    let mut event = Event::new((Kind::TransactionEvent, Action::Add), "other", time, location)?
        .about(things, Vec::new())
        .papers(papers)
        .handover(names::handover(&response.parties));
    event.say("status", serde_json::to_value(response.verdict).ok());
    event.say("carrier", response.carrier.as_deref().map(str::to_owned));
    event.say("timeOf", response.responded_at.is_none().then_some("report"));
    if let Some(reason) = &response.reason {
        event.say("reasonCode", reason.code.as_deref().map(str::to_owned));
        event.say("reason", reason.text.as_deref().map(str::to_owned));
    }
    Ok(vec![event])
}
