//! What things are called: by the identifiers of GS1, of ISO 6346 and the IMO, by UN/LOCODE, and else by names of the gateway's
//! own.

use portgate_canonical::{ContainerNumber, Location, Party, PartyRole, Reference, TransportRef};
use serde_json::{Map, Value, json};

use crate::event::{BizTransaction, Event, Handover};
use crate::gs1;

/// What words and members mean that have no context of their own.
pub const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
/// The prefix of members that EPCIS does not have.
pub const PREFIX: &str = "portgate";
/// The name space that the prefix stands for.
pub const SPACE: &str = "urn:portgate:epcis:";

/// Where UN/CEFACT has its codes of places on the web.
const LOCODE: &str = "https://vocabulary.uncefact.org/unlocode#";

/// A name that no public scheme gives, made of the kind of name and the name: `urn:portgate:booking:OLB77`.
pub(crate) fn own(scheme: &str, value: &str) -> String {
    format!("urn:portgate:{}:{}", gs1::encoded(scheme), gs1::encoded(value))
}

/// A container by its number of ISO 6346, or another piece of equipment by its owner's number.
pub(crate) fn equipment(number: &str) -> String {
    match ContainerNumber::read(number) {
        Ok(container) if container.as_str().len() == 11 => format!("urn:epc:id:bic:{}", container.as_str()),
        _ => own("equipment", number.trim()),
    }
}

/// A ship by its number of the IMO.
pub(crate) fn vessel(imo: &str) -> Option<String> {
    let digits = imo.trim().trim_start_matches("IMO").trim();
    (digits.len() == 7 && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| format!("urn:epc:id:imovn:{digits}"))
}

/// A parcel by the number that its carrier tracks it by, which may be its SSCC.
pub(crate) fn parcel(number: &str) -> String {
    gs1::sscc(number).unwrap_or_else(|| own("tracking-number", number))
}

/// A place by its Global Location Number or else by its UN/LOCODE; none of what has neither.
pub(crate) fn place(location: &Location) -> Option<String> {
    let facility = location.facility_code.as_deref().zip(location.facility_code_list.as_deref());
    let gln = facility.filter(|(_, list)| *list == "GLN").and_then(|(code, _)| gs1::place(code));
    gln.or_else(|| location.un_locode.as_ref().map(|code| format!("{LOCODE}{}", code.as_str())))
}

/// Says on which journey it was.
pub(crate) fn say_journey(event: &mut Event, journey: &TransportRef) {
    let text = |text: Option<&str>| text.map(str::to_owned);
    event.say("vessel", journey.vessel_imo.as_deref().and_then(vessel));
    event.say("vesselName", text(journey.vessel_name.as_deref()));
    event.say("voyage", text(journey.voyage.as_deref()));
    event.say("carrier", text(journey.carrier.as_deref()));
    event.say("carrierName", text(journey.carrier_name.as_deref()));
    event.say("service", text(journey.service.as_deref()));
}

/// What is said of a place beyond its one name, with or without the street.
pub(crate) fn place_in_words(location: &Location, with_street: bool) -> Option<Value> {
    let mut said = Map::new();
    let mut say = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            said.insert(format!("{PREFIX}:{name}"), json!(value));
        }
    };
    let gln = location.facility_code_list.as_deref() == Some("GLN");
    say("facility", location.facility_code.as_deref().filter(|_| !gln));
    say("facilityList", location.facility_code_list.as_deref().filter(|_| !gln));
    say("unLocode", location.un_locode.as_ref().map(|code| code.as_str()).filter(|_| gln));
    say("name", location.name.as_deref());
    say("country", location.country.as_ref().map(|code| code.as_str()));
    let address = location.address.as_ref();
    let lines = address.map(|address| address.lines.iter().map(|line| &**line).collect::<Vec<_>>().join(", "));
    say("street", lines.as_deref().filter(|lines| with_street && !lines.is_empty()));
    say("city", address.and_then(|address| address.city.as_deref()));
    say("region", address.and_then(|address| address.region.as_deref()));
    say("postcode", address.and_then(|address| address.postcode.as_deref()));
    let country = address.and_then(|address| address.country.as_ref()).map(|code| code.as_str());
    say("addressCountry", country.filter(|_| location.country.is_none()));
    (!said.is_empty()).then_some(Value::Object(said))
}

/// The kind of business document that a reference names (CBV 7.3), where it is one of them.
fn transaction_type(scheme: &str) -> Option<&'static str> {
    Some(match scheme {
        "order" | "purchase-order" | "customer-order" => "po",
        "order-confirmation" => "poc",
        "invoice" => "inv",
        "transport-document" | "bill-of-lading" | "master-transport-document" | "house-transport-document" => "bol",
        "despatch-advice" | "packing" | "delivery" => "desadv",
        "receipt" | "receiving-advice" => "recadv",
        "return" | "rma" => "rma",
        "production-order" => "prodorder",
        "certificate" => "cert",
        _ => return None,
    })
}

/// Whether a reference names a thing rather than a paper.
fn names_a_thing(scheme: &str) -> bool {
    matches!(scheme, Reference::CONTAINER | "tracking-number" | "sscc" | "seal")
}

/// The business documents that references name. Those of orders are told by who has numbered them, where his number is known.
pub(crate) fn transactions(references: &[Reference], buyer: Option<&str>) -> Vec<BizTransaction> {
    let papers = references.iter().filter(|reference| !names_a_thing(&reference.scheme));
    papers.map(|reference| transaction(&reference.scheme, &reference.value, buyer)).collect()
}

/// The business document of a kind and a number.
pub(crate) fn transaction(scheme: &str, number: &str, buyer: Option<&str>) -> BizTransaction {
    let kind = transaction_type(scheme);
    let numbered = buyer.filter(|_| kind == Some("po")).and_then(|gln| gs1::transaction(gln, number));
    BizTransaction { kind, biz_transaction: numbered.unwrap_or_else(|| own(scheme, number)) }
}

/// The Global Location Number of a party, where it has one that checks.
pub(crate) fn gln(party: &Party) -> Option<&str> {
    let ids = party.ids.iter().filter(|id| &*id.scheme == "GLN").map(|id| &*id.value);
    ids.into_iter().find(|gln| gs1::party(gln).is_some())
}

/// The Global Location Number of the buyer.
pub(crate) fn buyer(parties: &[Party]) -> Option<&str> {
    parties.iter().find(|party| party.role == PartyRole::Buyer).and_then(gln)
}

/// Who hands the goods over and from where, and who takes them and where, as far as parties have a Global Location Number.
pub(crate) fn handover(parties: &[Party]) -> Handover {
    let mut handover = Handover::default();
    for party in parties {
        let Some(gln) = gln(party) else { continue };
        let (from, kind) = match party.role {
            PartyRole::ShipFrom => (true, "location"),
            PartyRole::Consignor | PartyRole::Warehouse => (true, "possessing_party"),
            PartyRole::Seller | PartyRole::Depositor => (true, "owning_party"),
            PartyRole::ShipTo => (false, "location"),
            PartyRole::Consignee => (false, "possessing_party"),
            PartyRole::Buyer => (false, "owning_party"),
            _ => continue,
        };
        let uri = if kind == "location" { gs1::place(gln) } else { gs1::party(gln) };
        handover.add(from, kind, uri.unwrap_or_default());
    }
    handover
}
