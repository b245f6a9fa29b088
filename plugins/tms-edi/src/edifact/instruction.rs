//! EDIFACT IFTMIN (instruction) and IFTMBF (firm booking), directories D93A to D0xB: a `load-tender` for each message. Segments are
//! known by their qualifiers, wherever the directory has them.
//!
//! | segment | what it says | becomes |
//! |---|---|---|
//! | `BGM` | kind of document, number, function | `documentType`, `tenderNumber`, `purpose` |
//! | `DTM` | written (137); collection and delivery; other times | `issuedAt`; the stops' windows; `times` |
//! | `TSR`, `GDS` | services, nature of the cargo | `services` |
//! | `MOA`, `CNT`, `FTX` | amounts, totals, words | `cashOnDelivery`, `value`, `charges`; `grossKg`, …; `remarks` |
//! | `LOC` | places | stops, the legs' ends, the place of the terms of delivery |
//! | `TOD`, `CPI` | terms of delivery, who pays | `incoterm`, `payment` |
//! | `RFF` | references | `references` |
//! | `TDT` | carriage | `legs`; of the main one `mode` and `carrier` |
//! | `NAD` and what follows | parties; who is at a stop | `parties`, `stops` |
//! | `GID` and what follows | goods ([`super::cargo`]) | `goods` |
//! | `EQD` and what follows | equipment ([`super::equipment`]) | `equipment` |
//!
//! What has no field of its own is kept whole, as a remark on its segment.

mod journey;

use portgate_sdk::canonical::{
    Code, Incoterm, IncotermCode, LoadTender, StopActivity, TenderCharge, TenderKind, TenderPurpose, TenderStop,
    TenderTime, Text, Timestamp,
};
use portgate_sdk::edifact::{Message as Edifact, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;

use journey::{place_time, window};

use super::segments::{self, TIMES};
use super::{cargo, equipment};
use crate::interchange::edifact_messages;
use crate::notes::Notes;

/// The lists of documents, functions, who pays, and services.
pub(crate) const DOCUMENTS: &str = "UNTDID 1001";
pub(crate) const FUNCTIONS: &str = "UNTDID 1225";
pub(crate) const PAYMENTS: &str = "UNTDID 4215";
pub(crate) const SERVICES: [(usize, &str); 4] =
    [(1, "UNTDID 4065"), (2, "UNTDID 7273"), (3, "UNTDID 4219"), (4, "UNTDID 7085")];

/// The instructions of an interchange, with the report that was agreed.
pub(crate) fn instructions(message: &Message) -> Result<Decoded, Rejection> {
    edifact_messages(message, &["IFTMIN"], |one, notes| decoded(one, notes, TenderKind::Instruction))
}

/// The bookings of an interchange, likewise.
pub(crate) fn bookings(message: &Message) -> Result<Decoded, Rejection> {
    edifact_messages(message, &["IFTMBF"], |one, notes| decoded(one, notes, TenderKind::Booking))
}

fn decoded(one: Edifact<'_>, notes: &mut Notes<'_>, kind: TenderKind) {
    if let Some(tender) = read(one, notes, kind) {
        notes.document(&tender);
    }
}

/// The purpose of a function (1225).
pub(crate) fn purpose(code: &str) -> TenderPurpose {
    match code {
        "9" => TenderPurpose::Original,
        "1" | "3" => TenderPurpose::Cancellation,
        "2" | "4" | "5" => TenderPurpose::Change,
        "6" => TenderPurpose::Confirmation,
        "7" => TenderPurpose::Duplicate,
        "31" | "43" => TenderPurpose::Copy,
        _ => TenderPurpose::Unmapped,
    }
}

/// What stands behind a segment belongs to it, until another one of these comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Below {
    Header,
    Stop,
    Terms,
    Reference,
    Leg,
    Party,
    PartyOfStop,
    Goods,
    Equipment,
}

/// A message on its way.
struct Reading {
    tender: LoadTender,
    below: Below,
    /// Collection and delivery times that no place of their own has: loading, unloading.
    windows: [TenderStop; 2],
    currency: Option<String>,
    goods_began: bool,
}

/// What a message says.
pub(crate) fn read(one: Edifact<'_>, notes: &mut Notes<'_>, kind: TenderKind) -> Option<LoadTender> {
    let Some(bgm) = one.first("BGM") else {
        // Without a beginning there is no number either, and nobody could speak of it again.
        let detail = "The message has no `BGM`, which says which document it is.";
        notes.finding(Finding::error("MISSING", one.location(), detail).because(Mistake::MissingSegment("BGM")));
        return None;
    };
    let tender = begun(one, notes, bgm, kind)?;
    let currency = one.first("CUX").and_then(|cux| cux.component(1, 2)).map(|currency| currency.into_owned());
    let windows = [TenderStop::new(1, StopActivity::Load), TenderStop::new(2, StopActivity::Unload)];
    let mut reading = Reading { tender, below: Below::Header, windows, currency, goods_began: false };
    for segment in one.segments() {
        if !matches!(segment.tag(), "UNH" | "UNT" | "BGM" | "CUX" | "UNS") {
            reading.take(notes, segment);
        }
    }
    Some(reading.end())
}

fn begun(one: Edifact<'_>, notes: &mut Notes<'_>, bgm: Segment<'_>, kind: TenderKind) -> Option<LoadTender> {
    let Some(number) = notes.id::<64>(bgm.at(2), "number of the document", bgm.component(2, 1)) else {
        notes.finding(Finding::error("MISSING", bgm.at(2), "`BGM` has no number of the document."));
        return None;
    };
    let function = notes.code(bgm.at(3), FUNCTIONS, bgm.component(3, 1));
    let purpose = function.as_ref().map_or(TenderPurpose::Original, |code| purpose(&code.code));
    if let (TenderPurpose::Unmapped, Some(code)) = (purpose, &function) {
        notes.unknown(bgm.at(3), FUNCTIONS, &code.code, "the document is kept, with its code");
    }
    let document = notes.code(bgm.at(1), DOCUMENTS, bgm.component(1, 1));
    let words: Option<Text<128>> = notes.text(bgm.at(1), "name of the document", bgm.component(1, 4));
    let document = document.map(|code| Code { source_code: words, ..code });
    let issued = one.segments().find(|dtm| dtm.tag() == "DTM" && dtm.component(1, 1).as_deref() == Some("137"));
    let issued_at = issued.and_then(|dtm| segments::time(notes, dtm)).map(|(_, time)| time);
    let message_id = notes.id(one.location(), "number of the message", one.reference());
    let named = match kind {
        TenderKind::Booking => "booking",
        TenderKind::Tender | TenderKind::Instruction => "instruction",
    };
    let id = notes.id(bgm.at(2), "number of the document", Some(format!("{named}|{number}")))?;
    let version = issued_at.as_ref().map_or_else(|| Text::new("1").expect("one character"), Timestamp::to_version);
    let source = notes.message.source(message_id, issued_at.clone());
    let mut tender = LoadTender::new(id, version, source, number, kind, purpose);
    tender.purpose_code = function;
    tender.document_type = document;
    tender.issued_at = issued_at;
    tender.services.extend(notes.code(bgm.at(4), "UNTDID 4343", bgm.component(4, 1)));
    Some(tender)
}

impl Reading {
    fn take(&mut self, notes: &mut Notes<'_>, segment: Segment<'_>) {
        match segment.tag() {
            "TDT" => self.leg(notes, segment),
            "TOD" => self.terms(notes, segment),
            "NAD" => self.party(notes, segment),
            "GID" => {
                let goods = cargo::begin(notes, segment);
                notes.push(segment.location(), "lines of goods", 2_000, &mut self.tender.goods, goods);
                (self.below, self.goods_began) = (Below::Goods, true);
            }
            "EQD" => {
                let equipment = equipment::begin(notes, segment);
                notes.push(segment.location(), "pieces of equipment", 500, &mut self.tender.equipment, equipment);
                self.below = Below::Equipment;
            }
            "LOC" if matches!(self.below, Below::Header | Below::Stop | Below::Reference | Below::Terms) => {
                self.place(notes, segment)
            }
            "RFF"
                if matches!(self.below, Below::Header | Below::Stop | Below::Terms | Below::Reference | Below::Leg) =>
            {
                let reference = segments::reference(notes, segment);
                notes.push(segment.location(), "references", 64, &mut self.tender.references, reference);
                if self.below != Below::Leg {
                    self.below = Below::Reference;
                }
            }
            _ => self.below(notes, segment),
        }
    }

    /// A segment that belongs to the one that stands above it.
    fn below(&mut self, notes: &mut Notes<'_>, segment: Segment<'_>) {
        let tender = &mut self.tender;
        let taken = match self.below {
            Below::Goods => tender
                .goods
                .last_mut()
                .is_some_and(|goods| cargo::more(notes, segment, goods, self.currency.as_deref())),
            Below::Equipment => {
                tender.equipment.last_mut().map(|equipment| equipment::more(notes, segment, equipment)).is_some()
            }
            Below::Party => {
                tender.parties.last_mut().is_some_and(|party| segments::more_of_party(notes, segment, party))
            }
            Below::PartyOfStop => {
                let of_stop = tender.stops.last_mut().and_then(|stop| stop.parties.last_mut());
                of_stop.is_some_and(|party| segments::more_of_party(notes, segment, party))
            }
            Below::Leg => self.of_leg(notes, segment),
            Below::Stop if segment.tag() == "DTM" => {
                let time = segments::time(notes, segment);
                if let (Some((qualifier, time)), Some(stop)) = (time, self.tender.stops.last_mut()) {
                    place_time(notes, segment, stop, &qualifier, time);
                }
                true
            }
            Below::Reference if segment.tag() == "DTM" => {
                let remark = segments::verbatim(notes, segment);
                notes.push(segment.location(), "remarks", 200, &mut self.tender.remarks, remark);
                true
            }
            Below::Header | Below::Stop | Below::Reference | Below::Terms => false,
        };
        if !taken {
            self.header(notes, segment);
        }
    }

    /// A segment of the message as a whole.
    fn header(&mut self, notes: &mut Notes<'_>, segment: Segment<'_>) {
        let tender = &mut self.tender;
        match segment.tag() {
            "DTM" => self.time(notes, segment),
            "TSR" => {
                for (element, list) in SERVICES {
                    for component in [1, 4, 5] {
                        let code = notes.code(segment.at(element), list, segment.component(element, component));
                        notes.push(segment.location(), "services", 64, &mut tender.services, code);
                    }
                }
            }
            "GDS" => {
                let code = notes.code(segment.at(1), SERVICES[3].1, segment.component(1, 1));
                notes.push(segment.location(), "services", 64, &mut tender.services, code);
            }
            "FTX" => {
                for words in segments::words(notes, segment) {
                    notes.push(segment.location(), "remarks", 200, &mut tender.remarks, words);
                }
            }
            "MOA" => {
                let Some((code, money)) = segments::amount(notes, segment, self.currency.as_deref()) else { return };
                match &*code.code {
                    "22" if tender.cash_on_delivery.is_none() => tender.cash_on_delivery = Some(money),
                    "44" | "40" if tender.value.is_none() => tender.value = Some(money),
                    _ => notes.push(
                        segment.location(),
                        "charges",
                        64,
                        &mut tender.charges,
                        TenderCharge::new(code, money),
                    ),
                }
            }
            "CNT" => self.total(notes, segment),
            "CPI" => {
                let code = segment.component(2, 1).map(|code| code.into_owned());
                let by_letter =
                    segment.component(3, 1).map(|letter| if letter == "C" { "CC" } else { "PP" }.to_owned());
                let payment = notes.code(segment.at(2), PAYMENTS, code.or(by_letter));
                match tender.payment {
                    None => tender.payment = payment,
                    Some(_) => self.keep(notes, segment),
                }
            }
            _ => self.keep(notes, segment),
        }
    }

    fn keep(&mut self, notes: &mut Notes<'_>, segment: Segment<'_>) {
        let remark = segments::verbatim(notes, segment);
        notes.push(segment.location(), "remarks", 200, &mut self.tender.remarks, remark);
    }

    /// `DTM` of the message: when to collect and to deliver, or another time.
    fn time(&mut self, notes: &mut Notes<'_>, dtm: Segment<'_>) {
        if dtm.component(1, 1).as_deref() == Some("137") {
            return;
        }
        let Some((qualifier, time)) = segments::time(notes, dtm) else { return };
        let [load, unload] = &mut self.windows;
        match window(&qualifier) {
            Some((StopActivity::Load, _)) => place_time(notes, dtm, load, &qualifier, time),
            Some(_) => place_time(notes, dtm, unload, &qualifier, time),
            None => {
                let what = notes.code(dtm.at(1), TIMES, Some(&qualifier));
                let time = what.map(|what| TenderTime::new(what, time));
                notes.push(dtm.location(), "times", 32, &mut self.tender.times, time);
            }
        }
    }

    /// `CNT`: weight (7), packages (11), volume (15).
    fn total(&mut self, notes: &mut Notes<'_>, cnt: Segment<'_>) {
        let tender = &mut self.tender;
        let unit = cnt.component(1, 3).unwrap_or_default();
        match (cnt.component(1, 1).as_deref(), &*unit) {
            (Some("7"), "KGM" | "KG" | "") if tender.gross_kg.is_none() => {
                tender.gross_kg = notes.number(cnt.at(1), "weight", cnt.decimal(1, 2));
            }
            (Some("11"), _) if tender.packages.is_none() => {
                tender.packages = notes.count(cnt.at(1), "number of packages", cnt.decimal(1, 2));
                if !matches!(&*unit, "" | "PCE" | "C62" | "NMP") {
                    self.keep(notes, cnt);
                }
            }
            (Some("15"), "MTQ" | "") if tender.volume_m3.is_none() => {
                tender.volume_m3 = notes.number(cnt.at(1), "volume", cnt.decimal(1, 2));
            }
            _ => self.keep(notes, cnt),
        }
    }

    /// `TOD`: who pays (function 5) and the terms of delivery.
    fn terms(&mut self, notes: &mut Notes<'_>, tod: Segment<'_>) {
        self.below = Below::Terms;
        let payment = notes.code(tod.at(2), PAYMENTS, tod.component(2, 1));
        self.tender.payment = self.tender.payment.take().or(payment);
        let written: Vec<_> = [1, 4, 5].into_iter().filter_map(|component| tod.component(3, component)).collect();
        let code = |text: &str| {
            let code: StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
            IncotermCode::deserialize(code).ok()
        };
        let found = written.iter().find_map(|text| code(text.trim().get(..3).unwrap_or(text)));
        match found {
            Some(code) if self.tender.incoterm.is_none() => self.tender.incoterm = Some(Incoterm::new(code)),
            _ => {}
        }
        // The edition and what else is said of the terms.
        if found.is_none() && !written.is_empty()
            || written.len() > 1
            || tod.component(1, 1).is_some_and(|what| what != "6" && what != "5")
        {
            self.keep(notes, tod);
        }
    }
}
