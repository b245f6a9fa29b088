//! What both providers share: a parcel as one of them tells of it, and the milestones that become of that.

use std::collections::BTreeMap;

use portgate_sdk::canonical::{
    Address, Classifier, Code, Country, EventType, Location, Milestone, MilestoneCode, Reference, Text, Timestamp,
    TransportRef,
};
use portgate_sdk::{Decoded, Finding, Message, Pointer};

use crate::status::Meaning;
use crate::time;

/// Longest key of a document.
const KEY_CHARACTERS_MAX: usize = 128;

/// Longest code of an event.
const CODE_CHARACTERS_MAX: usize = 64;

/// A parcel with everything that its provider tells of it.
pub(crate) struct Parcel {
    /// Where it stands in the message.
    pub(crate) at: Pointer,
    /// What its events' keys begin with: what the provider gives to no other parcel.
    pub(crate) key: String,
    /// The provider's own name for the message.
    pub(crate) message_id: Option<String>,
    /// When the provider recorded what it tells.
    pub(crate) recorded_at: Option<String>,
    /// What it is tied to: scheme, name and the field that it stands in.
    pub(crate) references: Vec<(&'static str, String, &'static str)>,
    /// Who carries it, in the provider's word, and the field that it stands in.
    pub(crate) carrier: Option<(String, &'static str)>,
    /// Which of the carrier's services it is.
    pub(crate) service: Option<String>,
    /// Who has signed for it.
    pub(crate) signed_by: Option<String>,
    /// Whether it goes back to where it came from.
    pub(crate) is_return: Option<bool>,
    /// What happened.
    pub(crate) events: Vec<Event>,
    /// When it is to be delivered, or was to be.
    pub(crate) dates: Vec<Dated>,
}

/// Something that happened to the parcel.
#[derive(Clone)]
pub(crate) struct Event {
    /// Where it stands in the message.
    pub(crate) at: Pointer,
    /// The provider's rough word for it.
    pub(crate) status: String,
    /// Its finer one.
    pub(crate) detail: Option<String>,
    /// The carrier's own code.
    pub(crate) carrier_code: Option<String>,
    /// When, and the field that says so.
    pub(crate) time: (Option<String>, &'static str),
    /// When the provider recorded it.
    pub(crate) recorded_at: Option<String>,
    /// What is said in words.
    pub(crate) words: Vec<String>,
    /// Where.
    pub(crate) place: Place,
}

/// A day or time on which something is to happen, or is known to have happened without an event that tells more.
pub(crate) struct Dated {
    /// Where it stands in the message.
    pub(crate) at: Pointer,
    /// The name of the field, which is what the milestone is called by.
    pub(crate) name: &'static str,
    pub(crate) code: MilestoneCode,
    pub(crate) classifier: Classifier,
    pub(crate) time: String,
    pub(crate) place: Place,
}

/// A place in the provider's words.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) city: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) postcode: Option<String>,
    pub(crate) country: Option<String>,
    /// Where it is said in one line.
    pub(crate) name: Option<String>,
}

/// How a provider's words are read.
pub(crate) struct Words {
    /// The list that its statuses are of.
    pub(crate) statuses: &'static str,
    /// The list that the names of its fields with dates are of.
    pub(crate) dates: &'static str,
    pub(crate) meaning: fn(&str, Option<&str>) -> Meaning,
}

/// Adds the milestones of a parcel. Where `in_parts` is said, each event is a part, and an error refuses it alone.
pub(crate) fn milestones(parcel: &Parcel, words: &Words, in_parts: bool, message: &Message, decoded: &mut Decoded) {
    let Some(common) = Common::of(parcel, message, decoded) else { return };
    let mut known: BTreeMap<String, Vec<&Event>> = BTreeMap::new();
    // Whoever signed has signed for the last delivery.
    let is_delivery =
        |event: &Event| (words.meaning)(&event.status, event.detail.as_deref()).code == Some(MilestoneCode::Delivered);
    let delivery = parcel.events.iter().rposition(is_delivery);
    for (index, event) in parcel.events.iter().enumerate() {
        if decoded.is_overfull() {
            return;
        }
        if in_parts {
            decoded.part(&event.at, "");
        }
        let signed_by = parcel.signed_by.as_deref().filter(|_| delivery == Some(index));
        happened(event, signed_by, &common, words, &mut known, decoded);
    }
    decoded.end_part();
    for dated in &parcel.dates {
        expected(dated, &common, words, decoded);
    }
    if let (Some(name), None) = (&parcel.signed_by, delivery) {
        let detail = format!("`{name}` has signed, but there is no event of a delivery to say it of.");
        decoded.finding(Finding::warning("SIGNED-UNDELIVERED", &parcel.at, detail));
    }
}

/// What all milestones of a parcel say alike.
struct Common<'p> {
    parcel: &'p Parcel,
    message: &'p Message,
    message_id: Option<Text<128>>,
    recorded_at: Option<Timestamp>,
    references: Vec<Reference>,
    transport_ref: Option<TransportRef>,
}

impl<'p> Common<'p> {
    fn of(parcel: &'p Parcel, message: &'p Message, decoded: &mut Decoded) -> Option<Self> {
        let references: Vec<Option<Reference>> = parcel
            .references
            .iter()
            .filter(|(_, value, _)| !value.trim().is_empty())
            .map(|(scheme, value, field)| decoded.reference(parcel.at.key(field), scheme, value))
            .collect();
        let references: Vec<Reference> = references.into_iter().collect::<Option<_>>()?;
        let carrier_name = parcel
            .carrier
            .as_ref()
            .and_then(|(carrier, field)| decoded.free_text(parcel.at.key(field), "carrier's name", carrier));
        let service =
            parcel.service.as_deref().and_then(|service| decoded.free_text(&parcel.at, "carrier's service", service));
        let transport =
            TransportRef { vessel_imo: None, vessel_name: None, voyage: None, carrier: None, carrier_name, service };
        let transport_ref = (transport.carrier_name.is_some() || transport.service.is_some()).then_some(transport);
        let message_id = parcel.message_id.as_deref();
        let message_id = message_id.and_then(|id| decoded.identifier(&parcel.at, "message's id", id));
        let recorded_at = parcel.recorded_at.as_deref().and_then(time::read).map(|read| read.time);
        Some(Common { parcel, message, message_id, recorded_at, references, transport_ref })
    }
}

fn happened<'e>(
    event: &'e Event,
    signed_by: Option<&str>,
    common: &Common<'_>,
    words: &Words,
    known: &mut BTreeMap<String, Vec<&'e Event>>,
    decoded: &mut Decoded,
) {
    let (written, field) = &event.time;
    let Some(written) = written.as_deref().filter(|written| !written.trim().is_empty()) else {
        decoded.finding(Finding::error("MISSING", event.at.key(field), "The event does not say when it was; say it."));
        return;
    };
    let Some(occurred_at) = moment(written, &event.at.key(field), decoded) else { return };
    let status = event.status.trim();
    if status.is_empty() {
        decoded.finding(Finding::error(
            "MISSING",
            event.at.key("status"),
            "The event has no status; say what happened.",
        ));
        return;
    }
    let detail = event.detail.as_deref().map(str::trim).filter(|detail| !detail.is_empty());
    let meaning = (words.meaning)(status, detail);
    let list = words.statuses;
    if meaning.code.is_none() {
        let detail = format!("`{status}` of {list} is not known; it is kept unmapped. Add it to the connector.");
        decoded.finding(Finding::warning("UNKNOWN-STATUS", event.at.key("status"), detail));
    }
    if let (false, Some(detail)) = (meaning.detail_is_known, detail) {
        let detail = format!("`{detail}` of {list} is not known; `{status}` alone decides. Add it to the connector.");
        decoded.finding(Finding::warning("UNKNOWN-STATUS-DETAIL", &event.at, detail));
    }
    let Some(key) = key(event, status, detail, &occurred_at, &common.parcel.key, known, decoded) else { return };
    let whole = detail.map_or_else(|| status.to_owned(), |detail| format!("{status}/{detail}"));
    let mut said = event.words.clone();
    // Both words are more than a code has room for only where neither is one of the provider's documented ones.
    let code = match whole.chars().count() <= CODE_CHARACTERS_MAX {
        true => whole,
        false => {
            said.extend(detail.map(str::to_owned));
            status.to_owned()
        }
    };
    let Some(code) = decoded.identifier::<64>(event.at.key("status"), "status", &code) else { return };
    let carrier_code = event.carrier_code.as_deref();
    let recorded_at = event.recorded_at.as_deref().and_then(time::read).map(|read| read.time);
    let code = Code {
        code,
        code_list: Text::new(list).expect("a list's name is short"),
        source_code: carrier_code.and_then(|code| decoded.free_text(&event.at, "carrier's code", code)),
    };
    said.dedup();
    let remarks = said.iter().filter_map(|words| decoded.free_text(&event.at, "remark", words)).collect();
    let milestone = Milestone {
        code: meaning.code.unwrap_or(MilestoneCode::Unmapped),
        location: location(&event.place, &event.at, decoded),
        signed_by: signed_by.and_then(|name| decoded.free_text(common.parcel.at.key("signed_by"), "signature", name)),
        remarks,
        ..common.milestone(key, recorded_at, Classifier::Act, occurred_at, code)
    };
    decoded.document(&milestone);
}

/// What the field `dated` says, as a milestone that a later one of the same field replaces.
fn expected(dated: &Dated, common: &Common<'_>, words: &Words, decoded: &mut Decoded) {
    let Some(read) = time::read(&dated.time) else {
        let detail = "Expected a day or a time such as 2026-03-01T08:15:00Z; it is left out.";
        decoded.finding(Finding::warning("INVALID", &dated.at, detail));
        return;
    };
    let key = bounded(format!("{}|{}", common.parcel.key, dated.name));
    let code = Code {
        code: Text::new(dated.name).expect("a field's name is short"),
        code_list: Text::new(words.dates).expect("a list's name is short"),
        source_code: None,
    };
    let milestone = Milestone {
        code: dated.code,
        location: location(&dated.place, &dated.at, decoded),
        ..common.milestone(key, common.recorded_at.clone(), dated.classifier, read.time, code)
    };
    decoded.document(&milestone);
}

impl Common<'_> {
    /// A milestone that says what all of the parcel's say.
    fn milestone(
        &self,
        key: Text<128>,
        recorded_at: Option<Timestamp>,
        classifier: Classifier,
        occurred_at: Timestamp,
        source_code: Code,
    ) -> Milestone {
        let version = recorded_at.as_ref().map_or_else(|| Text::new("1").expect("a version"), Timestamp::to_version);
        Milestone {
            id: key.clone(),
            version,
            source: self
                .message
                .source(self.message_id.clone(), recorded_at.clone().or_else(|| self.recorded_at.clone())),
            references: self.references.clone(),
            event_id: key,
            event_type: EventType::Parcel,
            code: MilestoneCode::Unmapped,
            classifier,
            occurred_at,
            source_code,
            shipment_id: None,
            recorded_at,
            location: None,
            mode: None,
            equipment_id: None,
            iso_type: None,
            empty: None,
            transport_ref: self.transport_ref.clone(),
            reason: None,
            signed_by: None,
            is_return: self.parcel.is_return,
            seals: Vec::new(),
            remarks: Vec::new(),
        }
    }
}

/// When something happened; an error where the text says no time.
fn moment(written: &str, at: &Pointer, decoded: &mut Decoded) -> Option<Timestamp> {
    let Some(read) = time::read(written) else {
        decoded.finding(Finding::error("INVALID", at, "Expected a time such as 2026-03-01T08:15:00Z."));
        return None;
    };
    if read.is_day {
        let detail = "The event says only its day; it stands at the beginning of that.";
        decoded.finding(Finding::info("DAY-ONLY", at, detail));
    }
    Some(read.time)
}

/// The key of an event: that of its parcel, its words and its time, which are the same whenever the provider tells of it
/// again. Providers give events either no id or another one each time. Two events that differ in nothing but what is said of
/// them are counted; one that differs in nothing is the same, and has no second key.
fn key<'e>(
    event: &'e Event,
    status: &str,
    detail: Option<&str>,
    occurred_at: &Timestamp,
    parcel: &str,
    known: &mut BTreeMap<String, Vec<&'e Event>>,
    decoded: &mut Decoded,
) -> Option<Text<128>> {
    let parts = [parcel, status, detail.unwrap_or_default(), occurred_at.as_str()];
    let key = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("|");
    let alike = known.entry(key.clone()).or_default();
    let says_the_same = |other: &&Event| {
        (&other.words, &other.place, &other.carrier_code) == (&event.words, &event.place, &event.carrier_code)
    };
    if alike.iter().any(says_the_same) {
        decoded.finding(Finding::info("REPEATED", &event.at, "The same event stands in the message already."));
        return None;
    }
    alike.push(event);
    Some(bounded(match alike.len() {
        1 => key,
        count => format!("{key}|{count}"),
    }))
}

/// A key within its bounds: what is longer is cut, and a number made of all of it tells it from others.
fn bounded(key: String) -> Text<128> {
    let key = match key.chars().count() <= KEY_CHARACTERS_MAX {
        true => key,
        false => {
            let beginning: String = key.chars().take(KEY_CHARACTERS_MAX - 17).collect();
            format!("{beginning}#{:016x}", fnv1a(key.as_bytes()))
        }
    };
    Text::new(key).expect("it has 1 to 128 characters")
}

/// FNV-1a with 64 bits: the same in every build, which the standard library's hashes need not be.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A place as far as it is known; none where nothing of it is.
fn location(place: &Place, at: &Pointer, decoded: &mut Decoded) -> Option<Location> {
    let mut text = |what: &str, text: &Option<String>| {
        text.as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(|text| (what.to_owned(), text.to_owned()))
            .and_then(|(what, text)| decoded.free_text(at, &what, &text))
    };
    let (city, region) = (text("city", &place.city), text("region", &place.region));
    let written = place.country.as_deref().map(str::trim).filter(|country| !country.is_empty());
    let country = written.and_then(|country| Country::new(country.to_ascii_uppercase()).ok());
    let postcode = place.postcode.as_deref().and_then(|code| decoded.free_text(at, "postcode", code));
    let mut name: Option<Text<256>> =
        place.name.as_deref().and_then(|name| decoded.free_text(at, "name of the place", name));
    if let (Some(written), None) = (written, &country) {
        let detail = format!("`{written}` is no code of a country; it is kept as the name of the place.");
        decoded.finding(Finding::info("COUNTRY", at, detail));
        name = name.or_else(|| decoded.free_text(at, "name of the place", written));
    }
    let address = Address { city, region, postcode, country, lines: Vec::new() };
    let is_known =
        address.city.is_some() || address.region.is_some() || address.postcode.is_some() || address.country.is_some();
    let known = is_known || name.is_some();
    known.then(|| Location {
        un_locode: None,
        facility_code: None,
        facility_code_list: None,
        name,
        country: address.country.clone(),
        address: is_known.then_some(address),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_too_long_keeps_its_beginning_and_differs_where_the_keys_do() {
        let long = |end: char| bounded(format!("{}{end}", "x".repeat(200)));
        assert_eq!(long('a').chars().count(), KEY_CHARACTERS_MAX);
        assert_ne!(long('a'), long('b'));
        assert_eq!(&*bounded("trk_1|delivered".to_owned()), "trk_1|delivered");
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c, "the published value");
    }
}
