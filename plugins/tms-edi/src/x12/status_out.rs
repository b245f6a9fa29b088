//! X12 214, transportation carrier shipment status message, release 004010: a transaction set for each milestone.
//!
//! | segment | what it says | from |
//! |---|---|---|
//! | `B10-01` | the carrier's number | the first reference `transport-document`, `booking` or `order`; without one that of `B10-02` |
//! | `B10-02` | the shipper's number | `shipmentId`, else the reference `shipment` |
//! | `B10-03` | SCAC | `transportRef.carrier`, by the agreement's table `carrier` where it has one, where it is one (two to four capitals), else the agreement's setting `scac` |
//! | `L11` | every reference | value and qualifier (128); one without a qualifier is `ZZ`, with its scheme in words |
//! | `L11` | the place's UN/LOCODE, by the agreement's table `location` where it has one, and each seal | qualifiers `LU` and `SN` |
//! | `AT7-01` | status (1650) | the setting `status_codes`, a source code that is one already, or event type, code, classifier and mode |
//! | `AT7-02` | reason (1651) | `NS` where there is none, its own where the status is one of X12, weather, else `BG`; its words in `K1` |
//! | `AT7-05` to `AT7-07` | when | `occurredAt`, in the time of the place |
//! | `MS1` | city and country | the place's name, or its UN/LOCODE, and its country |
//! | `MS2` | SCAC, equipment, check digit | `equipmentId`, split as ISO 6346 does |
//! | `K1` | in words | remarks, reason, vessel and voyage, terminal, and a name of a place that `MS1` has no room for |
//!
//! What identifies something is never changed: where it is too long or holds a separator, the milestone is refused, with its place
//! in the documents (`/0/references/1/value`). In words, what X12 cannot write becomes a blank, and a line in the log says so.
//! What is not told: the milestone's own id and version, when it was recorded, size and type of the container and whether it is
//! empty, for which a 214 has no field.

use std::collections::HashSet;

use portgate_sdk::canonical::{
    Classifier, Code, ContainerNumber, EventType, Location, MilestoneCode, Reason, Reference, Seal, Text, Timestamp,
    TransportMode, TransportRef,
};
use portgate_sdk::x12::{self, Form, Pen, SEPARATORS};
use portgate_sdk::{Document, Rejection, Request, Target};
use serde::Deserialize;

use super::status_codes::{self as codes, Agreed, NORMAL, STATUS_LIST};
use super::{pen, time};

const FORM: Form = Form { separators: SEPARATORS, ..pen::form("milestone", "214", "QM") };

/// The table of an agreement in which our codes of places are looked up.
const LOCATIONS: &str = "location";

/// The most characters of a reference (127, 145), an equipment number (207), a city (19) and a line of remarks (61).
const REFERENCE_MAX: usize = 30;
const EQUIPMENT_MAX: usize = 10;
const CITY_MAX: usize = 30;
const LINE_MAX: usize = 30;

/// Lines of remarks that one `LX` has room for: ten `K1` of two.
const LINES_MAX: usize = 20;

/// As much of a milestone as is written. What policy withholds is not there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Milestone {
    event_type: Option<EventType>,
    code: Option<MilestoneCode>,
    classifier: Option<Classifier>,
    occurred_at: Option<Timestamp>,
    source_code: Option<Code>,
    shipment_id: Option<Text<64>>,
    location: Option<Location>,
    mode: Option<TransportMode>,
    equipment_id: Option<Text<16>>,
    transport_ref: Option<TransportRef>,
    reason: Option<Reason>,
    #[serde(default)]
    references: Vec<Reference>,
    #[serde(default)]
    seals: Vec<Seal>,
    #[serde(default)]
    remarks: Vec<Text<512>>,
}

/// One interchange with a set for each document.
pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let agreed = target.agreement.as_ref().map(Agreed::of).transpose()?.unwrap_or_default();
    x12::interchange(&FORM, documents, target, |pen, milestone| write(pen, &agreed, milestone))
}

fn write(pen: &mut Pen<'_>, agreed: &Agreed, milestone: &Milestone) {
    if let Some(occurred_at) = &milestone.occurred_at {
        pen.as_of(occurred_at.as_str());
    }
    let carrier = beginning(pen, milestone);
    references(pen, milestone);
    pen.out.segment("LX").element(1);
    status(pen, agreed, milestone);
    let mut words = place(pen, milestone.location.as_ref());
    equipment(pen, milestone.equipment_id.as_deref(), carrier.as_deref());
    words.extend(said_in_words(milestone));
    remarks(pen, &words);
}

/// `B10`, and the SCAC in it.
fn beginning(pen: &mut Pen<'_>, milestone: &Milestone) -> Option<String> {
    let find = |scheme: &str| milestone.references.iter().position(|name| &*name.scheme == scheme);
    let reference = |index: usize| {
        (pen.at.key("references").index(index).key("value"), milestone.references[index].value.to_string())
    };
    let id = milestone.shipment_id.as_ref().map(|id| (pen.at.key("shipmentId"), id.to_string()));
    let shippers = id.or_else(|| find("shipment").map(reference));
    let carriers = ["transport-document", "booking", "order"].into_iter().find_map(find).map(reference);
    let Some((place, carriers)) = carriers.or_else(|| shippers.clone()) else {
        let detail = "A 214 says which shipment it is about; the milestone has neither `shipmentId` nor a reference \
                      `transport-document`, `booking`, `order` or `shipment`.";
        pen.wrong("MISSING", pen.at.key("references"), detail);
        return None;
    };
    let carriers = pen.id(place, "carrier's number", &carriers, REFERENCE_MAX);
    let shippers = shippers.and_then(|(place, number)| pen.id(place, "shipper's number", &number, REFERENCE_MAX));
    let scac = scac(pen, milestone.transport_ref.as_ref().and_then(|journey| journey.carrier.as_deref()));
    pen.out.segment("B10").elements((carriers, shippers, &scac));
    scac
}

fn scac(pen: &mut Pen<'_>, carrier: Option<&str>) -> Option<String> {
    let at = pen.at.key("transportRef").key("carrier");
    let scac = pen::scac(pen, carrier, at.clone());
    if scac.is_none() {
        let detail = "The milestone names no carrier by its SCAC, and the agreement has no setting `scac` with one.";
        pen.wrong("MISSING", at, detail);
    }
    scac
}

/// `L11` before `LX`: each name once.
fn references(pen: &mut Pen<'_>, milestone: &Milestone) {
    let mut told = HashSet::new();
    for (index, Reference { scheme, value, .. }) in milestone.references.iter().enumerate() {
        let qualifier = codes::qualifier(scheme);
        if !told.insert((qualifier.unwrap_or(scheme), &**value)) {
            continue;
        }
        let at = pen.at.key("references").index(index);
        let Some(value) = pen.id(at.key("value"), "reference", value, REFERENCE_MAX) else { continue };
        // Partners have to settle what `ZZ` means, so the scheme stands beside it.
        let scheme = match qualifier {
            Some(_) => None,
            None => match pen.id(at.key("scheme"), "scheme of the reference", scheme, 80) {
                Some(scheme) => Some(scheme),
                None => continue,
            },
        };
        pen.out.segment("L11").elements((value, qualifier.unwrap_or("ZZ"), scheme));
    }
    for (index, seal) in milestone.seals.iter().enumerate() {
        if !told.insert(("SN", &*seal.number)) {
            continue;
        }
        let at = pen.at.key("seals").index(index).key("number");
        let Some(number) = pen.id(at, "number of the seal", &seal.number, REFERENCE_MAX) else { continue };
        pen.out.segment("L11").elements((number, "SN"));
    }
    if let Some(place) = milestone.location.as_ref().and_then(|place| place.un_locode.as_ref()) {
        let at = pen.at.key("location").key("unLocode");
        let theirs = pen.theirs(LOCATIONS, place.as_str(), at.clone());
        let Some(place) = pen.id(at, "code of the place", &theirs, REFERENCE_MAX) else { return };
        pen.out.segment("L11").elements((place, "LU"));
    }
}

/// `AT7`: what happened, why, and when.
fn status(pen: &mut Pen<'_>, agreed: &Agreed, milestone: &Milestone) {
    let status = status_code(pen, agreed, milestone);
    let Some(occurred_at) = &milestone.occurred_at else {
        return pen.wrong("MISSING", pen.at.key("occurredAt"), "The milestone does not say when it was.");
    };
    let Some(status) = status else { return };
    let is_of_x12 = milestone.source_code.as_ref().is_some_and(|own| &*own.code_list == STATUS_LIST);
    let reason = milestone.reason.as_ref();
    let reason = reason.map_or(NORMAL, |reason| codes::reason(reason.code.as_deref(), is_of_x12));
    let time::Written { date, time, zone } = time::written(occurred_at);
    pen.out.segment("AT7").elements((status, reason)).at(5).elements((date, time, zone));
}

fn status_code(pen: &mut Pen<'_>, agreed: &Agreed, milestone: &Milestone) -> Option<String> {
    let Milestone { event_type: Some(event_type), code: Some(code), classifier: Some(classifier), .. } = milestone
    else {
        pen.wrong("MISSING", pen.at.key("code"), "The milestone does not say what happened, or whether it has.");
        return None;
    };
    let own = milestone.source_code.as_ref().filter(|own| &*own.code_list == STATUS_LIST && own.code.len() == 2);
    let status = agreed.status(*code, *classifier).or_else(|| own.map(|own| &*own.code));
    let status = status.or_else(|| codes::status(*event_type, *code, *classifier, milestone.mode));
    if status.is_none() {
        let (event_type, code, classifier) = (codes::word(event_type), codes::word(code), codes::word(classifier));
        let detail = format!(
            "A 214 has no status for the event {event_type} {code} {classifier}; name one in the agreement's setting \
             `status_codes`, such as `{code}/{classifier}=AV`."
        );
        pen.wrong("NO-STATUS", pen.at.key("code"), detail);
    }
    status.map(str::to_owned)
}

/// `MS1`, and what it has no room for.
fn place(pen: &mut Pen<'_>, place: Option<&Location>) -> Vec<String> {
    let Some(place) = place else { return Vec::new() };
    let mut remarks = Vec::new();
    let code = place.un_locode.as_ref().map(|code| code.as_str());
    let country = place.country.as_ref().map(|country| country.as_str()).or(code.map(|code| &code[..2]));
    let spelled = place.name.as_deref().map(|name| pen.writable(name));
    // A name that lost letters says less than the code of its place.
    let is_whole = spelled.as_deref() == place.name.as_deref();
    let city = spelled.as_deref().filter(|_| is_whole || code.is_none()).or(code);
    let city: String = city.unwrap_or_default().chars().take(CITY_MAX).collect();
    let city = city.trim();
    // A city has to be one of a country.
    let is_written = city.chars().count() > 1 && country.is_some();
    if is_written {
        pen.out.segment("MS1").elements((city, (), country));
    } else if let (None, Some(country)) = (&spelled, country) {
        remarks.push(format!("Country {country}"));
    }
    remarks.extend(spelled.filter(|name| !is_written || name.trim() != city).map(|name| format!("Place {name}")));
    if let Some(terminal) = &place.facility_code {
        let list = place.facility_code_list.as_deref().map(|list| format!(" ({list})")).unwrap_or_default();
        remarks.push(format!("Terminal {terminal}{list}"));
    }
    remarks
}

/// `MS2`.
fn equipment(pen: &mut Pen<'_>, id: Option<&str>, carrier: Option<&str>) {
    let (Some(id), Some(carrier)) = (id, carrier) else { return };
    let container = ContainerNumber::read(id).ok().filter(|container| container.as_str().len() == 11);
    match container {
        Some(container) => {
            let (number, digit) = container.as_str().split_at(EQUIPMENT_MAX);
            pen.out.segment("MS2").elements((carrier, number, "CN", digit));
        }
        None => {
            let at = pen.at.key("equipmentId");
            let Some(number) = pen.id(at, "number of the equipment", id, EQUIPMENT_MAX) else { return };
            pen.out.segment("MS2").elements((carrier, number));
        }
    }
}

/// `K1`, two lines each, as many as it takes; what one `LX` has no room for stands behind the next.
fn remarks(pen: &mut Pen<'_>, remarks: &[String]) {
    let lines: Vec<String> = remarks.iter().flat_map(|remark| pen.lines(remark, LINE_MAX)).collect();
    for (index, some) in lines.chunks(LINES_MAX).enumerate() {
        if index > 0 {
            pen.out.segment("LX").element(index + 1);
        }
        for pair in some.chunks(2) {
            pen.out.segment("K1").elements(pair);
        }
    }
}

/// What of a milestone a 214 can only say in words.
fn said_in_words(milestone: &Milestone) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(Reason { code, text }) = &milestone.reason {
        let parts: Vec<&str> = [code.as_deref(), text.as_deref()].into_iter().flatten().collect();
        words.push(format!("Reason {}", parts.join(" ")));
    }
    if let Some(TransportRef { vessel_imo, vessel_name, voyage, .. }) = &milestone.transport_ref {
        let imo = vessel_imo.as_deref().map(|imo| format!("IMO {imo}"));
        let vessel: Vec<&str> = [vessel_name.as_deref(), imo.as_deref()].into_iter().flatten().collect();
        words.extend((!vessel.is_empty()).then(|| format!("Vessel {}", vessel.join(" "))));
        words.extend(voyage.as_deref().map(|voyage| format!("Voyage {voyage}")));
    }
    words.extend(milestone.remarks.iter().map(ToString::to_string));
    words
}
