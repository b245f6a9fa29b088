//! What single segments say.

use portgate_sdk::canonical::Reference;
use portgate_sdk::edifact::Segment;
use portgate_sdk::time::{Time, TimeError, edifact};

use crate::codes;
use crate::event::{Equipment, Journey, Place, WrittenSeal, imo};
use crate::notes::Notes;

/// `DTM`: its qualifier (list 2005), and the time by its format (list 2379).
pub(crate) fn time(dtm: Segment<'_>) -> (String, Result<Time, TimeError>) {
    let text = |component| dtm.component(1, component).unwrap_or_default();
    (text(1).trim().to_owned(), edifact::read(&text(2), &text(3)))
}

/// `RFF`: a reference.
pub(crate) fn reference(rff: Segment<'_>, notes: &mut Notes) -> Option<Reference> {
    let (qualifier, value) = (rff.component(1, 1)?, rff.component(1, 2)?);
    notes.reference(rff.at(1).component(2), &codes::scheme("edifact", &qualifier), &value)
}

/// `LOC`: its qualifier (list 3227), a code with the name of the place behind it, and what the place is in: a country, or
/// a terminal that is at it.
pub(crate) fn place(loc: Segment<'_>) -> (String, Place) {
    let text = |element, component| loc.component(element, component).map(|text| text.trim().to_owned());
    let is_country = |text: &String| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let (code, name) = (text(3, 1), text(3, 4));
    let country = code.clone().filter(is_country).or_else(|| name.clone().filter(is_country));
    let facility = code.filter(|_| country.is_none()).map(|code| (code, text(3, 3).map(agency)));
    let within = name.filter(|_| country.is_none());
    let names: Vec<String> = [text(2, 4), within].into_iter().flatten().collect();
    let name = (!names.is_empty()).then(|| names.join(", "));
    (text(1, 1).unwrap_or_default(), Place { un_locode: text(2, 1), facility, name, country })
}

/// Whose list a code is of (list 3055), in the words of the canonical place.
fn agency(code: String) -> String {
    match code.as_str() {
        "3" => "IATA".to_owned(),
        "20" => "BIC".to_owned(),
        "306" => "SMDG".to_owned(),
        _ => code,
    }
}

/// `TDT`: voyage, carrier and, for a ship, its number and name.
pub(crate) fn carriage(tdt: Segment<'_>, notes: &mut Notes) -> Journey {
    let text = |element, component| tdt.component(element, component).map(|text| text.into_owned());
    if text(5, 1).is_none() && text(5, 4).is_some() {
        notes.info("CARRIER-WITHOUT-CODE", tdt.location(), "The carrier has a name and no code; it is left out.");
    }
    let vessel_imo = text(8, 1).and_then(|code| imo(&code, true, tdt.location(), notes));
    Journey { vessel_imo, vessel_name: text(8, 4), voyage: text(2, 1), carrier: text(5, 1) }
}

/// `EQD`: number, size and type, and whether it is full (5) or empty (4).
pub(crate) fn equipment(eqd: Segment<'_>) -> Equipment {
    let text = |element| eqd.component(element, 1).map(|text| text.into_owned());
    let empty = match text(6).as_deref() {
        Some("4") => Some(true),
        Some("5") => Some(false),
        _ => None,
    };
    Equipment { id: text(2), iso_type: text(3), empty }
}

/// `SEL`: the number, who put the seal there (list 9303), and what kind it is (list 4525).
pub(crate) fn seal(sel: Segment<'_>) -> Option<WrittenSeal> {
    let text = |element, component| sel.component(element, component).map(|text| text.into_owned());
    Some(WrittenSeal { number: text(1, 1)?, source: text(2, 1).or_else(|| text(2, 4)), kind: text(5, 1) })
}

/// `FTX`: what is said in words, all lines as one text. It is cut here, once, for all events that it is said of.
pub(crate) fn words(ftx: Segment<'_>, notes: &mut Notes) -> Option<String> {
    let lines: Vec<String> = ftx.composite(4)?.components().map(|line| line.trim().to_owned()).collect();
    let words = lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let words = notes.free_text::<512>(ftx.location(), "remark", Some(&words))?;
    Some(words.to_string())
}
