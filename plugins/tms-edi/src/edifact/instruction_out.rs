//! EDIFACT IFTMIN and IFTMBF, directory D00B or the one that was agreed, of `load-tender` documents: a message for each. What stands in
//! which segment is said by [`super::instruction`], which reads them.
//!
//! What identifies something is never changed: where it is too long, or is not written in letters of ASCII, the tender is refused, with
//! its place in the documents. In words, what the character set does not have becomes a question mark.

use portgate_sdk::canonical::{
    Code, DangerousCargo, Decimal, Incoterm, Leg, Location, Money, Party, Quantity, Reference, StopActivity,
    TenderCharge, TenderEquipment, TenderGoods, TenderPurpose, TenderRemark, TenderStop, TenderTime, Text, Timestamp,
};
use portgate_sdk::edi::{Missing, lines, number};
use portgate_sdk::edifact::{self, MessageType, MessageWriter};
use portgate_sdk::{Document, Finding, Pointer, Rejection, Request, Target};
use serde::Deserialize;

use super::cargo::{ITEMS, PACKAGES};
use super::equipment::KINDS;
use super::instruction::{DOCUMENTS, FUNCTIONS, PAYMENTS, SERVICES};
use super::segments::{AMOUNTS, PLACES, SCHEME, SEGMENTS, SUBJECTS, TIMES, list_of, part_of, qualifier};

/// The directory that is written where none was agreed, and where interchanges are posted to.
const DIRECTORY: &str = "D00B";
const PATH: &str = "/edi";

/// The most bytes of an interchange.
const BYTES_MAX: usize = 16 << 20;

/// The most characters of a number of a document and of a reference, of a line of a name or an address, and of a city.
const NUMBER_MAX: usize = 35;
const LINE_MAX: usize = 35;

/// As much of a tender as is written. What policy withholds is not there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tender {
    tender_number: Option<Text<64>>,
    purpose: Option<TenderPurpose>,
    purpose_code: Option<Code>,
    document_type: Option<Code>,
    issued_at: Option<Timestamp>,
    payment: Option<Code>,
    incoterm: Option<Incoterm>,
    gross_kg: Option<Decimal>,
    volume_m3: Option<Decimal>,
    packages: Option<u32>,
    value: Option<Money>,
    cash_on_delivery: Option<Money>,
    carrier: Option<Text<16>>,
    mode: Option<portgate_sdk::canonical::TransportMode>,
    #[serde(default)]
    references: Vec<Reference>,
    #[serde(default)]
    parties: Vec<Party>,
    #[serde(default)]
    times: Vec<TenderTime>,
    #[serde(default)]
    stops: Vec<TenderStop>,
    #[serde(default)]
    legs: Vec<Leg>,
    #[serde(default)]
    equipment: Vec<TenderEquipment>,
    #[serde(default)]
    goods: Vec<TenderGoods>,
    #[serde(default)]
    charges: Vec<TenderCharge>,
    #[serde(default)]
    services: Vec<Code>,
    #[serde(default)]
    remarks: Vec<TenderRemark>,
}

/// One interchange with a message of this kind, `IFTMIN` or `IFTMBF`, for each tender.
pub(crate) fn encode(kind: &str, documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let (Some(agreement), Some(numbers)) = (&target.agreement, target.control_numbers) else {
        let detail = format!(
            "An {kind} says from whom to whom it is, which only an agreement on `{target}` does; add one to the partner's policy."
        );
        return Err(Finding::error("NO-AGREEMENT", "", detail).into());
    };
    let directory = Some(&*agreement.edition).filter(|edition| !edition.is_empty()).unwrap_or(DIRECTORY);
    let release = directory.strip_prefix('D').filter(|release| release.len() == 3);
    let Some(release) = release else {
        let detail = format!(
            "The agreement `{}` is on the edition {directory}; this contract is of D93A to D0xB.",
            agreement.name
        );
        return Err(Finding::error("EDITION", "", detail).into());
    };
    if documents.len() > numbers.messages as usize {
        let detail = format!(
            "The interchange needs {} control numbers of messages, and is given {}.",
            documents.len(),
            numbers.messages
        );
        return Err(Finding::error("CONTROL-NUMBERS", "", detail).into());
    }
    let header = agreement.edifact_header(("UNOC", 3), numbers, &target.now)?;
    let mut writer = edifact::Writer::with(&header, Missing::Replace('?'), BYTES_MAX);
    let mut message_type = MessageType::un(kind, "D", release);
    if let Some(association) = agreement.setting("association") {
        message_type = message_type.association(association);
    }
    let mut findings = Vec::new();
    for (index, (document, number)) in documents.iter().zip(numbers.first_message..).enumerate() {
        let at = Pointer::root().index(index);
        if document.kind != "load-tender" {
            let detail = format!("An {kind} is made of a `load-tender`, not of a `{}`.", document.kind);
            findings.push(Finding::error("OTHER-KIND", at, detail));
            continue;
        }
        let tender: Tender = document.read()?;
        let text_max = if release.starts_with('9') { 70 } else { 512 };
        let out = writer.message(number, &message_type);
        Quill { out, at, findings: &mut findings, text_max }.write(kind, &tender);
    }
    match findings.is_empty() {
        true => {
            let path = agreement.setting("path").unwrap_or(PATH);
            Ok(Request::post(path, "application/edifact", writer.finish()?.bytes))
        }
        false => Err(Rejection::new(findings)),
    }
}

/// Writes one message.
struct Quill<'w> {
    out: MessageWriter<'w>,
    at: Pointer,
    findings: &'w mut Vec<Finding>,
    /// The most characters of a line of text, which older directories have less room for.
    text_max: usize,
}

impl Quill<'_> {
    fn write(mut self, kind: &str, tender: &Tender) {
        self.beginning(kind, tender);
        self.times(tender);
        for (element, list) in SERVICES {
            for code in tender.services.iter().filter(|code| &*code.code_list == list) {
                match element {
                    4 => drop(self.out.segment("GDS").element(&*code.code)),
                    _ => drop(self.out.segment("TSR").at(element).element(&*code.code)),
                }
            }
        }
        for (code, money) in [("22", &tender.cash_on_delivery), ("44", &tender.value)] {
            if let Some(Money { amount, currency }) = money {
                self.out.segment("MOA").composite((code, number(amount), currency.as_str()));
            }
        }
        for TenderCharge { code, amount: Money { amount, currency }, .. } in &tender.charges {
            let code = if &*code.code_list == AMOUNTS { &*code.code } else { "23" };
            self.out.segment("MOA").composite((code, number(amount), currency.as_str()));
        }
        self.remarks(&tender.remarks);
        let totals = [("7", tender.gross_kg, "KGM"), ("15", tender.volume_m3, "MTQ")];
        for (what, value, unit) in totals {
            if let Some(value) = value {
                self.out.segment("CNT").composite((what, number(value), unit));
            }
        }
        if let Some(packages) = tender.packages {
            self.out.segment("CNT").composite(("11", packages));
        }
        self.places(tender);
        self.terms(tender);
        for (index, reference) in tender.references.iter().enumerate() {
            let at = self.at.key("references").index(index);
            self.reference(at, reference);
        }
        self.legs(tender);
        for (index, party) in tender.parties.iter().enumerate() {
            let at = self.at.key("parties").index(index);
            self.party(at, party, None);
        }
        for (index, stop) in tender.stops.iter().enumerate() {
            let at = self.at.key("stops").index(index).key("parties");
            for party in &stop.parties {
                self.party(at.clone(), party, stop.location.as_ref());
            }
        }
        let of_stops =
            tender.stops.iter().filter(|stop| stop.activity != StopActivity::Unload).flat_map(|stop| &stop.goods);
        for (index, goods) in tender.goods.iter().chain(of_stops).enumerate() {
            let at = self.at.key("goods").index(index);
            self.goods(at, index + 1, goods);
        }
        for (index, equipment) in tender.equipment.iter().enumerate() {
            let at = self.at.key("equipment").index(index);
            self.equipment(at, equipment);
        }
    }

    /// What identifies something, as it is; nothing where it cannot be written so, with a finding that says why.
    fn id(&mut self, at: Pointer, what: &str, text: &str, most: usize) -> Option<String> {
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

    /// `BGM`.
    fn beginning(&mut self, kind: &str, tender: &Tender) {
        let Some(number) = tender.tender_number.as_deref() else {
            let at = self.at.key("tenderNumber");
            return self.findings.push(Finding::error(
                "MISSING",
                at,
                "The tender has no number, which the message is known by.",
            ));
        };
        let own =
            tender.purpose_code.as_ref().filter(|code| &*code.code_list == FUNCTIONS).map(|code| code.code.to_string());
        let function = own.or_else(|| tender.purpose.and_then(function).map(str::to_owned));
        let Some(function) = function else {
            let at = self.at.key("purpose");
            return self.findings.push(Finding::error(
                "NO-PURPOSE",
                at,
                "The tender's purpose has no code of UNTDID 1225.",
            ));
        };
        let number = self.id(self.at.key("tenderNumber"), "number of the document", number, NUMBER_MAX);
        let own = tender
            .document_type
            .as_ref()
            .filter(|code| &*code.code_list == DOCUMENTS)
            .map(|code| code.code.to_string());
        let usual = if kind == "IFTMBF" { "335" } else { "340" };
        self.out.segment("BGM").elements((own.unwrap_or_else(|| usual.to_owned()), number, function));
    }

    /// `DTM` of the message: when it was written, when the first stops of collection and delivery are, and other times.
    fn times(&mut self, tender: &Tender) {
        if let Some(issued_at) = &tender.issued_at {
            self.time("137", issued_at);
        }
        for activity in [StopActivity::Load, StopActivity::Unload] {
            let first = tender.stops.iter().find(|stop| stop.activity == activity);
            first.iter().for_each(|stop| self.windows(stop));
        }
        for TenderTime { what, at } in tender.times.iter().filter(|time| &*time.what.code_list == TIMES) {
            self.time(&what.code, at);
        }
    }

    fn windows(&mut self, stop: &TenderStop) {
        let qualifiers = match stop.activity {
            StopActivity::Unload => ["64", "63", "2", "76"],
            _ => ["234", "235", "200", "11"],
        };
        let times = [&stop.earliest, &stop.latest, &stop.requested_at, &stop.scheduled_at];
        for (qualifier, time) in qualifiers.into_iter().zip(times) {
            if let Some(time) = time {
                self.time(qualifier, time);
            }
        }
        for TenderTime { what, at } in stop.times.iter().filter(|time| &*time.what.code_list == TIMES) {
            self.time(&what.code, at);
        }
    }

    /// `DTM`: a day alone (102), a time of the place (203), or one with its offset (205).
    fn time(&mut self, qualifier: &str, time: &Timestamp) {
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

    /// `LOC` of stops at which nobody is named, with the times of those that are not the first of their kind.
    fn places(&mut self, tender: &Tender) {
        for (index, stop) in tender.stops.iter().enumerate().filter(|(_, stop)| stop.parties.is_empty()) {
            let Some(place) = &stop.location else { continue };
            let own =
                stop.activity_code.as_ref().filter(|code| &*code.code_list == PLACES).map(|code| code.code.to_string());
            let role = own.unwrap_or_else(|| role(stop.activity).to_owned());
            self.place(&role, place);
            let is_first = tender.stops.iter().position(|other| other.activity == stop.activity) == Some(index);
            let is_in_header = is_first && matches!(stop.activity, StopActivity::Load | StopActivity::Unload);
            if !is_in_header {
                self.windows(stop);
            }
        }
    }

    fn place(&mut self, role: &str, place: &Location) {
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

    /// `TOD`, and the place of the terms of delivery.
    fn terms(&mut self, tender: &Tender) {
        let payment = tender.payment.as_ref().filter(|code| &*code.code_list == PAYMENTS);
        if let Some(payment) = payment {
            self.out.segment("TOD").elements(("5", &*payment.code));
        }
        if let Some(Incoterm { code, place }) = &tender.incoterm {
            self.out.segment("TOD").elements(("6", ())).composite([format!("{code:?}").to_ascii_uppercase()]);
            if let Some(place) = place {
                self.place("1", place);
            }
        }
    }

    fn reference(&mut self, at: Pointer, reference: &Reference) {
        let Some(value) = self.id(at.key("value"), "reference", &reference.value, 70) else { return };
        match qualifier(&reference.scheme) {
            Some(qualifier) => drop(self.out.segment("RFF").composite((qualifier, value))),
            None => drop(self.out.segment("RFF").composite(("ZZZ", value))),
        }
    }

    /// `TDT`: the first leg is the main carriage.
    fn legs(&mut self, tender: &Tender) {
        let bare = Leg { mode: tender.mode, ..Leg::new(1) };
        let legs = if tender.legs.is_empty() && (tender.mode.is_some() || tender.carrier.is_some()) {
            vec![bare]
        } else {
            tender.legs.clone()
        };
        for (index, leg) in legs.iter().enumerate() {
            let transport = leg.transport.clone().unwrap_or_default();
            let carrier = transport.carrier.or(tender.carrier.clone().filter(|_| index == 0));
            let (list, agency) = carrier.as_ref().map_or((None, None), |_| (Some("172"), Some("182")));
            let mode = leg.mode.map(rec19);
            let stage = if index == 0 { "20" } else { "30" };
            self.out
                .segment("TDT")
                .elements((stage, transport.voyage.as_deref(), mode, ()))
                .composite((
                    carrier.as_deref(),
                    list,
                    agency,
                    transport.carrier_name.as_deref().map(|name| name.chars().take(35).collect::<String>()),
                ))
                .skip(2)
                .composite((transport.vessel_imo.as_deref(), (), (), transport.vessel_name.as_deref()));
            let times = [("133", &leg.etd), ("136", &leg.atd), ("132", &leg.eta), ("178", &leg.ata)];
            for (qualifier, time) in times {
                if let Some(time) = time {
                    self.time(qualifier, time);
                }
            }
            for (role, place) in [("9", &leg.from), ("11", &leg.to)] {
                place.iter().for_each(|place| self.place(role, place));
            }
        }
    }

    /// `NAD` with its contact and references; a place of a stop stands behind the party that is there.
    fn party(&mut self, at: Pointer, party: &Party, place: Option<&Location>) {
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
    fn contact(&mut self, function: &str, name: Option<&str>, phone: Option<&str>, email: Option<&str>) {
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
    fn remarks(&mut self, remarks: &[TenderRemark]) {
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
    fn words(&mut self, code: &str, text: &str) {
        let whole = text.chars().count() <= self.text_max;
        let pieces = if whole { vec![text.to_owned()] } else { lines(text, self.text_max) };
        for five in pieces.chunks(5) {
            self.out.segment("FTX").elements((code, (), ())).composite(five);
        }
    }

    fn measure(&mut self, (purpose, what): (&str, &str), unit: &str, value: Option<Decimal>) {
        if let Some(value) = value {
            self.out.segment("MEA").elements((purpose, what)).composite((unit, number(value)));
        }
    }

    fn temperatures(&mut self, kept: Option<Decimal>, low: Option<Decimal>, high: Option<Decimal>) {
        if let Some(celsius) = kept {
            self.out.segment("TMP").element("2").composite((number(celsius), "CEL"));
        }
        if low.is_some() || high.is_some() {
            self.out.segment("RNG").element("5").composite(("CEL", low.map(number), high.map(number)));
        }
    }

    /// `GID` and what follows.
    fn goods(&mut self, at: Pointer, index: usize, goods: &TenderGoods) {
        let line =
            goods.line_no.as_deref().filter(|line| line.len() <= 5).map_or_else(|| index.to_string(), str::to_owned);
        let kind = goods.package_type.as_ref().filter(|code| &*code.code_list == PACKAGES);
        let words = goods.package_type.as_ref().map(|code| code.source_code.as_deref().unwrap_or(&code.code));
        let words = words.filter(|_| kind.is_none_or(|code| code.source_code.is_some()));
        self.out.segment("GID").element(line).composite((goods.packages, kind.map(|code| &*code.code), (), (), words));
        self.temperatures(goods.temperature_c, goods.temperature_min_c, goods.temperature_max_c);
        if let Some(Money { amount, currency }) = &goods.value {
            self.out.segment("MOA").composite(("44", number(amount), currency.as_str()));
        }
        if let Some(code) = &goods.hs_code {
            self.out.segment("PIA").element("5").composite((code.as_str(), "HS"));
        }
        if let Some(sku) = goods.sku.as_deref().and_then(|sku| self.id(at.key("sku"), "item", sku, NUMBER_MAX)) {
            self.out.segment("PIA").element("5").composite((sku, "SA"));
        }
        if let Some(kind) =
            goods.commodity.as_ref().and_then(|code| Some((code, code.code_list.strip_prefix(ITEMS)?.trim())))
        {
            self.out.segment("PIA").element("1").composite((&*kind.0.code, kind.1));
        }
        if let Some(description) = goods.description.as_deref() {
            self.words("AAA", description);
        }
        self.remarks(&goods.remarks);
        self.measure(("WT", "G"), "KGM", goods.gross_kg);
        self.measure(("WT", "AAL"), "KGM", goods.net_kg);
        self.measure(("VOL", "AAW"), "MTQ", goods.volume_m3);
        self.measure(("LMT", ""), "MTR", goods.loading_m);
        if goods.length_cm.is_some() || goods.width_cm.is_some() || goods.height_cm.is_some() {
            let [length, width, height] =
                [goods.length_cm, goods.width_cm, goods.height_cm].map(|side| side.map(number));
            self.out.segment("DIM").element("2").composite(("CMT", length, width, height));
        }
        for (index, reference) in goods.references.iter().enumerate() {
            self.reference(at.key("references").index(index), reference);
        }
        if let Some(marks) = goods.marks.as_deref() {
            self.out
                .segment("PCI")
                .element("24")
                .composite(lines(marks, LINE_MAX).into_iter().take(10).collect::<Vec<_>>());
        }
        for five in goods.package_ids.chunks(5) {
            self.out.segment("GIN").element("BJ").elements(five.iter().map(|id| id.to_string()).collect::<Vec<_>>());
        }
        goods.dangerous.iter().for_each(|danger| self.danger(danger));
    }

    /// `DGS` and what follows.
    fn danger(&mut self, danger: &DangerousCargo) {
        let group = danger.packing_group.as_deref().map(|group| match group {
            "I" => "1",
            "II" => "2",
            "III" => "3",
            other => other,
        });
        let flashpoint = danger.flashpoint_c.map(number);
        let unit = flashpoint.as_ref().map(|_| "CEL");
        let class_more = danger.remarks.iter().find(|remark| {
            remark
                .subject
                .as_ref()
                .is_some_and(|subject| &*subject.code_list == SEGMENTS && &*subject.code == "DGS-02.2")
        });
        self.out
            .segment("DGS")
            .element(danger.regulation.as_deref())
            .composite((danger.class.as_deref(), class_more.map(|remark| &*remark.text)))
            .element(danger.un_number.as_deref())
            .composite((flashpoint, unit))
            .elements((group, danger.ems.as_deref()))
            .at(15)
            .element(danger.tunnel_code.as_deref());
        for name in [danger.proper_shipping_name.as_deref(), danger.technical_name.as_deref()].into_iter().flatten() {
            self.words("AAD", name);
        }
        let said = danger
            .remarks
            .iter()
            .filter(|remark| remark.subject.as_ref().is_none_or(|subject| &*subject.code_list == SUBJECTS));
        for remark in said {
            let code = remark.subject.as_ref().map_or("AAC", |subject| &*subject.code);
            self.words(code, &remark.text);
        }
        self.contact("HG", danger.emergency_contact.as_deref(), danger.emergency_phone.as_deref(), None);
        self.measure(("WT", "G"), "KGM", danger.gross_kg);
        self.measure(("WT", "AAL"), "KGM", danger.net_kg);
        if let Some(Quantity { value, unit }) = &danger.quantity {
            self.out.segment("MEA").elements(("CT", ())).composite((unit.as_str(), number(value)));
        }
    }

    /// `EQD` and what follows.
    fn equipment(&mut self, at: Pointer, equipment: &TenderEquipment) {
        let kind =
            equipment.description.as_ref().filter(|code| &*code.code_list == KINDS).map_or("CN", |code| &*code.code);
        let id = equipment.id.as_deref().and_then(|id| self.id(at.key("id"), "number of the equipment", id, 17));
        let fullness = equipment.empty.map(|empty| if empty { "4" } else { "5" });
        let iso_type = equipment.iso_type.as_deref();
        self.out
            .segment("EQD")
            .elements((kind, id))
            .composite((iso_type, iso_type.map(|_| "102"), iso_type.map(|_| "5")))
            .skip(2)
            .element(fullness);
        if let Some(count) = equipment.count {
            self.out.segment("EQN").element(count);
        }
        self.measure(("WT", "G"), "KGM", equipment.gross_kg);
        self.measure(("WT", "AAL"), "KGM", equipment.net_kg);
        self.measure(("WT", "T"), "KGM", equipment.tare_kg);
        self.measure(("AAE", "VGM"), "KGM", equipment.vgm_kg);
        self.measure(("VOL", "AAW"), "MTQ", equipment.volume_m3);
        if let Some(length) = equipment.length_cm {
            self.out.segment("DIM").element("5").composite(("CMT", number(length)));
        }
        for seal in &equipment.seals {
            let seal = self.id(at.key("seals"), "number of the seal", seal, NUMBER_MAX);
            self.out.segment("SEL").element(seal);
        }
        self.temperatures(equipment.temperature_c, equipment.temperature_min_c, equipment.temperature_max_c);
        self.remarks(&equipment.remarks);
        for (index, reference) in equipment.references.iter().enumerate() {
            self.reference(at.key("references").index(index), reference);
        }
    }
}

/// The function (1225) of a purpose.
fn function(purpose: TenderPurpose) -> Option<&'static str> {
    match purpose {
        TenderPurpose::Original => Some("9"),
        TenderPurpose::Change => Some("4"),
        TenderPurpose::Cancellation => Some("1"),
        TenderPurpose::Confirmation => Some("6"),
        TenderPurpose::Duplicate => Some("7"),
        TenderPurpose::Copy => Some("31"),
        TenderPurpose::Unmapped => None,
    }
}

/// What a place is to the journey (3227).
fn role(activity: StopActivity) -> &'static str {
    match activity {
        StopActivity::Load | StopActivity::PickUp => "5",
        StopActivity::Unload | StopActivity::DropOff => "7",
        StopActivity::Transload | StopActivity::Other => "13",
    }
}

/// The digit of Recommendation 19.
fn rec19(mode: portgate_sdk::canonical::TransportMode) -> &'static str {
    use portgate_sdk::canonical::TransportMode::{Air, Fixed, Inland, Mail, Rail, Road, Sea};
    match mode {
        Sea => "1",
        Rail => "2",
        Road => "3",
        Air => "4",
        Mail => "5",
        Fixed => "7",
        Inland => "8",
    }
}
