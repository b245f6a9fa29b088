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
//! | `AT7-02` | reason (1651) | `NS` where there is none, weather, else `BG` with its words in `K1` |
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

use portgate_sdk::agreement::Agreement;
use portgate_sdk::canonical::{
    Classifier, Code, ContainerNumber, EventType, Location, MilestoneCode, Reason, Reference, Seal, Text, Timestamp,
    TransportMode, TransportRef,
};
use portgate_sdk::x12::SetWriter;
use portgate_sdk::{Document, Finding, Pointer, Rejection, Request, Target, codes as agreed, log, x12};
use serde::Deserialize;

use super::pen::{EDITION, check};
use super::status_codes::{self as codes, Agreed, NORMAL, STATUS_LIST};
use super::time;

/// The only kind of documents that a 214 is made of.
const KIND: &str = "milestone";

/// Where interchanges are posted to, unless the agreement says something else.
const PATH: &str = "/edi";

/// The tables of an agreement in which our codes of carriers and places are looked up.
const CARRIERS: &str = "carrier";
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
    let (Some(agreement), Some(numbers)) = (&target.agreement, target.control_numbers) else {
        let detail = format!(
            "A 214 says from whom to whom it is, which only an agreement on `{target}` does; add one to the partner's policy."
        );
        return Err(Finding::error("NO-AGREEMENT", "", detail).into());
    };
    check(agreement, numbers, documents)?;
    let agreed = Agreed::of(agreement)?;
    let header = agreement.x12_header(numbers, &target.now)?;
    let mut writer = x12::Writer::new(&header);
    let mut group = writer.group(&agreement.x12_group("QM", numbers, EDITION));
    let mut findings = Vec::new();
    for (index, (document, number)) in documents.iter().zip(numbers.first_message..).enumerate() {
        let at = Pointer::root().index(index);
        if document.kind != KIND {
            let detail = format!("A 214 is made of milestones alone, not of a `{}`.", document.kind);
            findings.push(Finding::error("NOT-A-MILESTONE", at, detail));
            continue;
        }
        let milestone: Milestone = document.read()?;
        let out = group.set("214", number);
        let day = milestone.occurred_at.as_ref().map_or(target.now.as_str(), Timestamp::as_str);
        let on = day.chars().take(10).collect();
        Set { out, at, findings: &mut findings, agreement, agreed: &agreed, on, blanked: false }.write(&milestone);
    }
    match findings.is_empty() {
        true => {
            let path = agreement.setting("path").unwrap_or(PATH);
            Ok(Request::post(path, "application/edi-x12", writer.finish()?.bytes))
        }
        false => Err(Rejection::new(findings)),
    }
}

/// The set of one milestone on its way.
struct Set<'w> {
    out: SetWriter<'w>,
    at: Pointer,
    findings: &'w mut Vec<Finding>,
    agreement: &'w Agreement,
    agreed: &'w Agreed,
    /// The day of the milestone, on which codes are looked up.
    on: String,
    /// Whether a character of what is said in words was left out.
    blanked: bool,
}

impl Set<'_> {
    fn write(mut self, milestone: &Milestone) {
        let carrier = self.beginning(milestone);
        self.references(milestone);
        self.out.segment("LX").element(1);
        self.status(milestone);
        let mut remarks = self.place(milestone.location.as_ref());
        self.equipment(milestone.equipment_id.as_deref(), carrier.as_deref());
        remarks.extend(said_in_words(milestone));
        self.remarks(&remarks);
        if self.blanked {
            let detail = "characters that X12 cannot write became blanks in what is said in words";
            log::write(log::Level::Warn, detail, &[("document", self.at.as_str())]);
        }
    }

    /// `B10`, and the SCAC in it.
    fn beginning(&mut self, milestone: &Milestone) -> Option<String> {
        let find = |scheme: &str| milestone.references.iter().position(|name| &*name.scheme == scheme);
        let reference = |index: usize| {
            (self.at.key("references").index(index).key("value"), milestone.references[index].value.to_string())
        };
        let id = milestone.shipment_id.as_ref().map(|id| (self.at.key("shipmentId"), id.to_string()));
        let shippers = id.or_else(|| find("shipment").map(reference));
        let carriers = ["transport-document", "booking", "order"].into_iter().find_map(find).map(reference);
        let Some((place, carriers)) = carriers.or_else(|| shippers.clone()) else {
            let detail = "A 214 says which shipment it is about; the milestone has neither `shipmentId` nor a reference \
                          `transport-document`, `booking`, `order` or `shipment`.";
            self.wrong("MISSING", self.at.key("references"), detail);
            return None;
        };
        let carriers = self.identifier(place, "carrier's number", &carriers, REFERENCE_MAX);
        let shippers =
            shippers.and_then(|(place, number)| self.identifier(place, "shipper's number", &number, REFERENCE_MAX));
        let scac = self.scac(milestone.transport_ref.as_ref().and_then(|journey| journey.carrier.as_deref()));
        self.out.segment("B10").elements((carriers, shippers, &scac));
        scac
    }

    fn scac(&mut self, carrier: Option<&str>) -> Option<String> {
        let is_scac = |code: &&str| (2..=4).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_uppercase());
        let at = self.at.key("transportRef").key("carrier");
        let carrier = carrier.map(|carrier| self.theirs(CARRIERS, carrier, at));
        let scac = carrier.as_deref().filter(is_scac).or(self.agreement.setting("scac").filter(is_scac));
        if scac.is_none() {
            let detail =
                "The milestone names no carrier by its SCAC, and the agreement has no setting `scac` with one.";
            self.wrong("MISSING", self.at.key("transportRef").key("carrier"), detail);
        }
        scac.map(str::to_owned)
    }

    /// `L11` before `LX`: each name once.
    fn references(&mut self, milestone: &Milestone) {
        let mut told = HashSet::new();
        for (index, Reference { scheme, value, .. }) in milestone.references.iter().enumerate() {
            let qualifier = codes::qualifier(scheme);
            if !told.insert((qualifier.unwrap_or(scheme), &**value)) {
                continue;
            }
            let at = self.at.key("references").index(index);
            let Some(value) = self.identifier(at.key("value"), "reference", value, REFERENCE_MAX) else { continue };
            // Partners have to settle what `ZZ` means, so the scheme stands beside it.
            let scheme = match qualifier {
                Some(_) => None,
                None => match self.identifier(at.key("scheme"), "scheme of the reference", scheme, 80) {
                    Some(scheme) => Some(scheme),
                    None => continue,
                },
            };
            self.out.segment("L11").elements((value, qualifier.unwrap_or("ZZ"), scheme));
        }
        for (index, seal) in milestone.seals.iter().enumerate() {
            if !told.insert(("SN", &*seal.number)) {
                continue;
            }
            let at = self.at.key("seals").index(index).key("number");
            let Some(number) = self.identifier(at, "number of the seal", &seal.number, REFERENCE_MAX) else { continue };
            self.out.segment("L11").elements((number, "SN"));
        }
        if let Some(place) = milestone.location.as_ref().and_then(|place| place.un_locode.as_ref()) {
            let at = self.at.key("location").key("unLocode");
            let theirs = self.theirs(LOCATIONS, place.as_str(), at.clone());
            let Some(place) = self.identifier(at, "code of the place", &theirs, REFERENCE_MAX) else { return };
            self.out.segment("L11").elements((place, "LU"));
        }
    }

    /// `AT7`: what happened, why, and when.
    fn status(&mut self, milestone: &Milestone) {
        let status = self.status_code(milestone);
        let Some(occurred_at) = &milestone.occurred_at else {
            return self.wrong("MISSING", self.at.key("occurredAt"), "The milestone does not say when it was.");
        };
        let Some(status) = status else { return };
        let reason = milestone.reason.as_ref().map_or(NORMAL, |reason| match reason.code.as_deref() {
            Some(code) => codes::reason(code),
            None => codes::reason(""),
        });
        let time::Written { date, time, zone } = time::written(occurred_at);
        self.out.segment("AT7").elements((status, reason)).at(5).elements((date, time, zone));
    }

    fn status_code(&mut self, milestone: &Milestone) -> Option<String> {
        let Milestone { event_type: Some(event_type), code: Some(code), classifier: Some(classifier), .. } = milestone
        else {
            self.wrong("MISSING", self.at.key("code"), "The milestone does not say what happened, or whether it has.");
            return None;
        };
        let own = milestone.source_code.as_ref().filter(|own| &*own.code_list == STATUS_LIST && own.code.len() == 2);
        let status = self.agreed.status(*code, *classifier).or_else(|| own.map(|own| &*own.code));
        let status = status.or_else(|| codes::status(*event_type, *code, *classifier, milestone.mode));
        if status.is_none() {
            let (event_type, code, classifier) = (codes::word(event_type), codes::word(code), codes::word(classifier));
            let detail = format!(
                "A 214 has no status for the event {event_type} {code} {classifier}; name one in the agreement's setting \
                 `status_codes`, such as `{code}/{classifier}=AV`."
            );
            self.wrong("NO-STATUS", self.at.key("code"), detail);
        }
        status.map(str::to_owned)
    }

    /// `MS1`, and what it has no room for.
    fn place(&mut self, place: Option<&Location>) -> Vec<String> {
        let Some(place) = place else { return Vec::new() };
        let mut remarks = Vec::new();
        let code = place.un_locode.as_ref().map(|code| code.as_str());
        let country = place.country.as_ref().map(|country| country.as_str()).or(code.map(|code| &code[..2]));
        let spelled = place.name.as_deref().map(|name| self.writable(name));
        // A name that lost letters says less than the code of its place.
        let is_whole = spelled.as_deref() == place.name.as_deref();
        let city = spelled.as_deref().filter(|_| is_whole || code.is_none()).or(code);
        let city: String = city.unwrap_or_default().chars().take(CITY_MAX).collect();
        let city = city.trim();
        // A city has to be one of a country.
        let is_written = city.chars().count() > 1 && country.is_some();
        if is_written {
            self.out.segment("MS1").elements((city, (), country));
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
    fn equipment(&mut self, id: Option<&str>, carrier: Option<&str>) {
        let (Some(id), Some(carrier)) = (id, carrier) else { return };
        let container = ContainerNumber::read(id).ok().filter(|container| container.as_str().len() == 11);
        match container {
            Some(container) => {
                let (number, digit) = container.as_str().split_at(EQUIPMENT_MAX);
                self.out.segment("MS2").elements((carrier, number, "CN", digit));
            }
            None => {
                let at = self.at.key("equipmentId");
                let Some(number) = self.identifier(at, "number of the equipment", id, EQUIPMENT_MAX) else { return };
                self.out.segment("MS2").elements((carrier, number));
            }
        }
    }

    /// `K1`, two lines each, as many as it takes; what one `LX` has no room for stands behind the next.
    fn remarks(&mut self, remarks: &[String]) {
        let lines: Vec<String> = remarks.iter().flat_map(|remark| lines(&self.writable(remark))).collect();
        for (index, some) in lines.chunks(LINES_MAX).enumerate() {
            if index > 0 {
                self.out.segment("LX").element(index + 1);
            }
            for pair in some.chunks(2) {
                self.out.segment("K1").elements(pair);
            }
        }
    }

    /// The partner's code for one of ours, as it was on the day of the milestone: where the agreement has no such table, ours.
    fn theirs(&mut self, table: &str, ours: &str, at: Pointer) -> String {
        let (mut told, document) = (None, self.at.as_str().to_owned());
        let theirs = agreed::to_theirs(table, ours, &self.on, at, |finding| told = Some(finding));
        match told {
            Some(finding) if finding.severity.rejects() => self.findings.push(finding),
            // What is rendered has no place for a warning.
            Some(_) => {
                let words = "a code is not in its table and goes out as it is";
                log::write(log::Level::Warn, words, &[("table", table), ("document", &document)]);
            }
            None => {}
        }
        theirs
    }

    /// What identifies something, as it is; nothing where it cannot be written so, with a finding that says why.
    fn identifier(&mut self, at: Pointer, what: &str, text: &str, most: usize) -> Option<String> {
        let characters = text.chars().count();
        if characters > most {
            self.findings.push(Finding::too_long(at, what, characters, most));
            return None;
        }
        if !self.out.can_write(text) {
            let detail = format!("The {what} has a character that X12 cannot write, such as a separator.");
            self.findings.push(Finding::error("CHARACTERS", at, detail));
            return None;
        }
        Some(text.to_owned())
    }

    /// Words with a blank in the place of each character that cannot be written.
    fn writable(&mut self, words: &str) -> String {
        let mut bytes = [0; 4];
        words
            .chars()
            .map(|c| match self.out.can_write(c.encode_utf8(&mut bytes)) {
                true => c,
                false => {
                    self.blanked = true;
                    ' '
                }
            })
            .collect()
    }

    fn wrong(&mut self, code: &str, at: Pointer, detail: impl Into<String>) {
        self.findings.push(Finding::error(code, at, detail));
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

/// Words in lines of at most 30 characters, broken between words where that can be.
fn lines(words: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(LINE_MAX) {
            let piece: String = piece.iter().collect();
            match lines.last_mut() {
                Some(line) if line.chars().count() + 1 + piece.chars().count() <= LINE_MAX => {
                    line.push(' ');
                    line.push_str(&piece);
                }
                _ => lines.push(piece),
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use portgate_sdk::agreement::{Acknowledgement, ControlNumbers, Identifier, Level, Mode};

    use super::*;

    #[test]
    fn documents_of_other_kinds_are_refused_by_their_place() {
        let side = |value: &str| {
            vec![Identifier { level: Level::Interchange, qualifier: "ZZ".to_owned(), value: value.to_owned() }]
        };
        let agreement = Agreement {
            name: "status-out".to_owned(),
            ours: side("PORTGATEDEMO"),
            theirs: side("LDGT"),
            edition: String::new(),
            mode: Mode::Production,
            acknowledgement: Acknowledgement::None,
            all_or_nothing: false,
            settings: Vec::new(),
        };
        let numbers = ControlNumbers { interchange: 1, group: 1, first_message: 1, messages: 1 };
        let (agreement, control_numbers) = (Some(agreement), Some(numbers));
        let target = Target { agreement, control_numbers, ..Target::new("x12-214", "4010", "2026-03-01T08:15:00Z") };
        let order = Document { kind: "order".into(), key: "1".into(), refs: Vec::new(), body: b"{}".to_vec() };
        let refused = encode(&[order], &target).expect_err("an order is no status");
        assert_eq!((&*refused.findings[0].code, &*refused.findings[0].location), ("NOT-A-MILESTONE", "/0"));
    }

    #[test]
    fn words_are_broken_into_lines_between_words_and_long_ones_within() {
        assert_eq!(
            lines("Discharged behind schedule because of fog"),
            ["Discharged behind schedule", "because of fog"]
        );
        assert_eq!(lines(&"x".repeat(65)).iter().map(String::len).collect::<Vec<_>>(), [30, 30, 5]);
        assert_eq!(lines("  "), Vec::<String>::new());
    }
}
