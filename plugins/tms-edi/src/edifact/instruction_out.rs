//! EDIFACT IFTMIN and IFTMBF, directory D00B or the one that was agreed, of `load-tender` documents: a message for each. What stands in
//! which segment is said by [`super::instruction`], which reads them.
//!
//! What identifies something is never changed: where it is too long, or is not written in letters of ASCII, the tender is refused, with
//! its place in the documents. In words, what the character set does not have becomes a question mark.

use portgate_sdk::canonical::{
    Code, Decimal, Incoterm, Leg, Money, Party, Reference, StopActivity, TenderCharge, TenderEquipment, TenderGoods,
    TenderPurpose, TenderRemark, TenderStop, TenderTime, Text, Timestamp, TransportMode,
};
use portgate_sdk::edi::{Missing, number};
use portgate_sdk::edifact::{self, MessageType};
use portgate_sdk::{Document, Finding, Pointer, Rejection, Request, Target};
use serde::Deserialize;

use super::instruction::{DOCUMENTS, FUNCTIONS, PAYMENTS, SERVICES};
use super::quill::{NUMBER_MAX, Quill};
use super::segments::{AMOUNTS, PLACES, TIMES};

/// The directory that is written where none was agreed, and where interchanges are posted to.
const DIRECTORY: &str = "D00B";
const PATH: &str = "/edi";

/// The most bytes of an interchange.
const BYTES_MAX: usize = 16 << 20;

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
    mode: Option<TransportMode>,
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
fn rec19(mode: TransportMode) -> &'static str {
    use TransportMode::{Air, Fixed, Inland, Mail, Rail, Road, Sea};
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
