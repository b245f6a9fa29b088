//! What messages are written with: single segments of EDIFACT, in whatever message they stand. [`super::segments`] reads them.

use portgate_sdk::canonical::{Decimal, Location, Party, Reference, TenderRemark, Timestamp};
use portgate_sdk::edi::{lines, number};
use portgate_sdk::edifact::MessageWriter;
use portgate_sdk::{Finding, Pointer};

use super::segments::{SCHEME, SEGMENTS, SUBJECTS, list_of, part_of, qualifier};

/// The most characters of a number of a document and of a reference, and of a line of a name or an address.
pub(super) const NUMBER_MAX: usize = 35;
pub(super) const LINE_MAX: usize = 35;

/// Writes one message.
pub(super) struct Quill<'w> {
    pub(super) out: MessageWriter<'w>,
    pub(super) at: Pointer,
    pub(super) findings: &'w mut Vec<Finding>,
    /// The most characters of a line of text, which older directories have less room for.
    pub(super) text_max: usize,
}

impl Quill<'_> {
    /// What identifies something, as it is; nothing where it cannot be written so, with a finding that says why.
    pub(super) fn id(&mut self, at: Pointer, what: &str, text: &str, most: usize) -> Option<String> {
        let characters = text.chars().count();
        if characters > most {
            self.findings.push(Finding::too_long(at, what, characters, most));
            return None;
        }
        if !text.is_ascii() {
            let detail = format!("The {what} has a letter that partners may not be able to read.");
            self.findings.push(Finding::error("CHARACTERS", at, detail));
            return None;
        }
        Some(text.to_owned())
    }

    /// `DTM`: a day alone (102), a time of the place (203), or one with its offset (205).
    pub(super) fn time(&mut self, qualifier: &str, time: &Timestamp) {
        let text = time.as_str();
        let digits: String = text.chars().take(16).filter(char::is_ascii_digit).collect();
        let offset = text
            .get(19..)
            .map(|rest| rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit()))
            .unwrap_or_default();
        let (value, format) = match offset {
            "" if text.ends_with("T00:00:00") => (digits[..8].to_owned(), "102"),
            "" if text.get(17..19) != Some("00") => (format!("{digits}{}", &text[17..19]), "204"),
            "" => (digits, "203"),
            "Z" => (format!("{digits}+0000"), "205"),
            offset => (format!("{digits}{}", offset.replace(':', "")), "205"),
        };
        self.out.segment("DTM").composite((qualifier, value, format));
    }

    pub(super) fn place(&mut self, role: &str, place: &Location) {
        let name = place.name.as_deref().map(|name| name.chars().take(70).collect::<String>());
        let (list, agency) = place.facility_code_list.as_deref().map(list_of).unwrap_or_default();
        let country = place.country.as_ref().map(|country| country.as_str());
        let segment = self.out.segment("LOC").element(role);
        match (&place.un_locode, &place.facility_code) {
            (Some(code), terminal) => {
                segment
                    .composite((code.as_str(), "139", "6", name))
                    .elements((terminal.as_deref().or(country), terminal.as_deref().and(country)));
            }
            (None, code) => {
                segment.composite((code.as_deref(), list, agency, name)).element(country);
            }
        }
    }

    pub(super) fn reference(&mut self, at: Pointer, reference: &Reference) {
        let Some(value) = self.id(at.key("value"), "reference", &reference.value, 70) else { return };
        match qualifier(&reference.scheme) {
            Some(qualifier) => drop(self.out.segment("RFF").composite((qualifier, value))),
            None => drop(self.out.segment("RFF").composite(("ZZZ", value))),
        }
    }

    /// `NAD` with its contact and references; a place of a stop stands behind the party that is there.
    pub(super) fn party(&mut self, at: Pointer, party: &Party, place: Option<&Location>) {
        let in_element = |scheme: &str| {
            let (list, agency) = list_of(scheme);
            (list.is_some() || agency.is_some()).then_some((list.map(str::to_owned), agency.map(str::to_owned)))
        };
        let named = party.ids.iter().find_map(|id| Some((id, in_element(&id.scheme)?)));
        let foreign = party.ids.iter().find(|id| !id.scheme.starts_with(SCHEME) && &*id.scheme != "VAT");
        let named = named.or_else(|| foreign.map(|id| (id, (None, Some("ZZZ".to_owned())))));
        let (value, list, agency) = match named {
            Some((id, (list, agency))) => {
                (self.id(at.key("ids"), "identifier of the party", &id.value, NUMBER_MAX), list, agency)
            }
            None => (None, None, None),
        };
        let name = party.name.as_deref().map(|name| lines(name, LINE_MAX)).unwrap_or_default();
        let address = party.address.clone().unwrap_or_default();
        let mut street: Vec<String> = address
            .lines
            .iter()
            .flat_map(
                |line| if line.chars().count() > LINE_MAX { lines(line, LINE_MAX) } else { vec![line.to_string()] },
            )
            .collect();
        street.truncate(4);
        let city = address.city.as_deref().map(|city| city.chars().take(35).collect::<String>());
        self.out
            .segment("NAD")
            .element(part_of(party))
            .composite((value, list, agency))
            .skip(1)
            .composite(name.iter().take(5).cloned().collect::<Vec<_>>())
            .composite(street)
            .elements((
                city,
                address.region.as_deref(),
                address.postcode.as_deref(),
                address.country.as_ref().map(|country| country.as_str()),
            ));
        if let Some(place) = place {
            self.place("7", place);
        }
        for id in &party.ids {
            match (&*id.scheme, id.scheme.strip_prefix(SCHEME)) {
                ("VAT", _) => drop(self.out.segment("RFF").composite(("VA", &*id.value))),
                (_, Some(rest)) if !rest.contains(':') => match rest.strip_prefix("LOC") {
                    Some(role) => drop(self.out.segment("LOC").elements((role, &*id.value))),
                    None => drop(self.out.segment("RFF").composite((rest, &*id.value))),
                },
                _ => {}
            }
        }
        self.contact("IC", party.contact.as_deref(), party.phone.as_deref(), party.email.as_deref());
    }

    /// `CTA` and `COM`.
    pub(super) fn contact(&mut self, function: &str, name: Option<&str>, phone: Option<&str>, email: Option<&str>) {
        if name.is_none() && phone.is_none() && email.is_none() {
            return;
        }
        let name = name.map(|name| name.chars().take(LINE_MAX).collect::<String>());
        self.out.segment("CTA").element(function).composite(((), name));
        for (way, kind) in [(phone, "TE"), (email, "EM")] {
            if let Some(way) = way {
                self.out.segment("COM").composite((way, kind));
            }
        }
    }

    /// What is said in words, by what it is about; a segment that was kept whole is written as it was where nothing else is read of it.
    pub(super) fn remarks(&mut self, remarks: &[TenderRemark]) {
        for TenderRemark { text, subject } in remarks {
            let (list, code) = subject.as_ref().map_or(("", ""), |subject| (&*subject.code_list, &*subject.code));
            let is_whole = list == SEGMENTS
                && code.len() == 3
                && !matches!(code, "DTM" | "TDT" | "LOC" | "CPI" | "TOD" | "NAD" | "CNT" | "EQD");
            if is_whole {
                let mut segment = self.out.segment(code);
                for element in text.split('|') {
                    segment = segment.composite(element.split(':').map(str::to_owned).collect::<Vec<_>>());
                }
                continue;
            }
            let code = if list == SUBJECTS { code } else { "AAI" };
            self.words(code, text);
        }
    }

    /// `FTX`.
    pub(super) fn words(&mut self, code: &str, text: &str) {
        let whole = text.chars().count() <= self.text_max;
        let pieces = if whole { vec![text.to_owned()] } else { lines(text, self.text_max) };
        for five in pieces.chunks(5) {
            self.out.segment("FTX").elements((code, (), ())).composite(five);
        }
    }

    pub(super) fn measure(&mut self, (purpose, what): (&str, &str), unit: &str, value: Option<Decimal>) {
        if let Some(value) = value {
            self.out.segment("MEA").elements((purpose, what)).composite((unit, number(value)));
        }
    }

    pub(super) fn temperatures(&mut self, kept: Option<Decimal>, low: Option<Decimal>, high: Option<Decimal>) {
        if let Some(celsius) = kept {
            self.out.segment("TMP").element("2").composite((number(celsius), "CEL"));
        }
        if low.is_some() || high.is_some() {
            self.out.segment("RNG").element("5").composite(("CEL", low.map(number), high.map(number)));
        }
    }
}
