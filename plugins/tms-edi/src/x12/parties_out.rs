//! Parties, references, equipment and remarks as they are written.

use portgate_sdk::canonical::{ContainerNumber, Decimal, Location, Party, Reference, TenderEquipment, TenderRemark};
use portgate_sdk::x12::Pen;
use portgate_sdk::{Pointer, edi::number};

use super::goods::{PALLETS, WEIGHTS};
use super::parties;
use super::references::{QUALIFIERS, SEGMENTS};
use super::{equipment, status_codes};

/// The most characters of a reference (127), of a name (93), a line of an address (166), a city (19) and what describes something (352).
pub(crate) const REFERENCE_MAX: usize = 30;
const NAME_MAX: usize = 60;
const LINE_MAX: usize = 55;
const CITY_MAX: usize = 30;
pub(crate) const WORDS_MAX: usize = 80;

/// What separates the elements of a remark that is a whole segment.
const BETWEEN: char = '|';

/// `N1` to `G61` of a party; `place` is written with the address.
pub(crate) fn party(pen: &mut Pen<'_>, at: &Pointer, party: &Party, place: Option<&Location>) {
    let code = parties::code_of(party).unwrap_or("ZZ").to_owned();
    let name = party.name.as_deref().and_then(|name| pen.words(name, NAME_MAX));
    let id = party.ids.iter().filter_map(|id| Some((parties::qualifier_of(&id.scheme)?, &*id.value))).next();
    let (qualifier, id) = id.map_or((None, None), |(qualifier, id)| {
        (Some(qualifier), pen.id(at.key("ids"), "identifier of the party", id, 80))
    });
    // A party has a name or an identifier.
    let name = name.or_else(|| id.is_none().then(|| code.clone()));
    pen.out.segment("N1").elements((code, name, qualifier, id));
    if let Some(name) = party.trading_name.as_deref().and_then(|name| pen.words(name, NAME_MAX)) {
        pen.out.segment("N2").element(name);
    }
    let address = party.address.clone().unwrap_or_default();
    let mut lines: Vec<String> = address.lines.iter().flat_map(|line| pen.lines(line, LINE_MAX)).collect();
    // A state has two letters; what a region is called elsewhere is a line.
    let region = address.region.as_deref().filter(|region| region.len() == 2);
    lines.extend(
        address.region.as_deref().filter(|region| region.len() != 2).and_then(|region| pen.words(region, LINE_MAX)),
    );
    for pair in lines.chunks(2) {
        pen.out.segment("N3").elements(pair);
    }
    let city = address.city.as_deref().and_then(|city| pen.words(city, CITY_MAX));
    let postcode =
        address.postcode.as_deref().and_then(|postcode| pen.id(at.key("address"), "postal code", postcode, 15));
    let country = address.country.as_ref().map(|country| country.as_str().to_owned());
    let (list, place) = place.map_or((None, None), |place| {
        let list =
            place.facility_code_list.as_deref().and_then(|list| list.strip_prefix("x12:")).unwrap_or("ZZ").to_owned();
        match (&place.un_locode, &place.facility_code) {
            (Some(code), _) => (Some("UN".to_owned()), Some(code.as_str().to_owned())),
            (None, Some(code)) => (Some(list), Some(code.to_string())),
            (None, None) => (None, None),
        }
    });
    if city.is_some() || region.is_some() || postcode.is_some() || country.is_some() || place.is_some() {
        pen.out.segment("N4").elements((city, region, postcode, country, list, place));
    }
    contacts(pen, party);
}

/// `G61`, once for the telephone and once for mail. It has to name somebody.
fn contacts(pen: &mut Pen<'_>, party: &Party) {
    let known = [("TE", party.phone.as_deref()), ("EM", party.email.as_deref())];
    let mut ways: Vec<(&str, String)> = Vec::new();
    for (qualifier, way) in known {
        ways.extend(way.and_then(|way| pen.words(way, 80)).map(|way| (qualifier, way)));
    }
    let named = party.contact.as_deref().or(party.name.as_deref()).unwrap_or("N/A");
    let named = pen.words(named, NAME_MAX);
    if ways.is_empty() && party.contact.is_some() {
        pen.out.segment("G61").elements(("IC", &named));
    }
    for (qualifier, way) in ways {
        pen.out.segment("G61").elements(("IC", &named, qualifier, way));
    }
}

/// `L11`, each with the words that a remark has about it; these remarks are then said.
pub(crate) fn references(pen: &mut Pen<'_>, at: &Pointer, references: &[Reference], remarks: &[TenderRemark]) {
    for (index, Reference { scheme, value, .. }) in references.iter().enumerate() {
        let at = at.key("references").index(index);
        let Some(written) = pen.id(at.key("value"), "reference", value, REFERENCE_MAX) else { continue };
        let qualifier = status_codes::qualifier(scheme);
        let words = remarks.iter().find_map(|remark| about(remark, qualifier.unwrap_or("ZZ"), value));
        // Partners have to settle what `ZZ` means, so the scheme stands beside it.
        let words = words.or(qualifier.is_none().then_some(&**scheme)).and_then(|words| pen.words(words, WORDS_MAX));
        pen.out.segment("L11").elements((written, qualifier.unwrap_or("ZZ"), words));
    }
}

/// The words of a remark that is about a reference.
fn about<'r>(remark: &'r TenderRemark, qualifier: &str, value: &str) -> Option<&'r str> {
    let subject = remark.subject.as_ref()?;
    let is_about = &*subject.code_list == QUALIFIERS && &*subject.code == qualifier;
    remark.text.strip_prefix(value).and_then(|words| words.strip_prefix(": ")).filter(|_| is_about)
}

/// What is said in words: `NTE`; a weight of another kind, a reference without a value, a segment that was kept as a whole.
pub(crate) fn remarks(pen: &mut Pen<'_>, remarks: &[TenderRemark], references: &[Reference]) {
    for TenderRemark { text, subject } in remarks {
        let (list, code) = subject.as_ref().map_or(("", ""), |subject| (&*subject.code_list, &*subject.code));
        match list {
            SEGMENTS if code.bytes().all(|byte| byte.is_ascii_alphanumeric()) && code.len() <= 3 => {
                let elements: Vec<String> =
                    text.split(BETWEEN).map(|element| pen.words(element, WORDS_MAX).unwrap_or_default()).collect();
                pen.out.segment(code).elements(elements);
            }
            QUALIFIERS => {
                let is_said = references.iter().any(|reference| {
                    let qualifier = status_codes::qualifier(&reference.scheme).unwrap_or("ZZ");
                    about(&TenderRemark { text: text.clone(), subject: subject.clone() }, qualifier, &reference.value)
                        .is_some()
                });
                if !is_said {
                    let words = pen.words(text, WORDS_MAX);
                    pen.out.segment("L11").elements(((), code, words));
                }
            }
            WEIGHTS => weight_in_words(pen, code, text),
            // Told with the weights.
            PALLETS => {}
            _ => {
                let code = if list == super::stops::NOTES { Some(code) } else { None };
                for line in pen.lines(text, WORDS_MAX) {
                    pen.out.segment("NTE").elements((code, line));
                }
            }
        }
    }
}

/// A weight that is neither gross nor net, as it was said: `237.1 L`.
pub(crate) fn weight_in_words(pen: &mut Pen<'_>, code: &str, text: &str) {
    let (weight, unit) = text.split_once(' ').unwrap_or((text, "L"));
    if let Ok(weight) = Decimal::from_partner(weight) {
        pen.out.segment("AT8").elements((code, unit, number(weight)));
    }
}

/// `N7` and `M7`.
pub(crate) fn equipment(pen: &mut Pen<'_>, at: &Pointer, equipment: &TenderEquipment) {
    let (initial, serial, digit) = match equipment.id.as_deref() {
        None => (None, Some("NONE".to_owned()), None),
        Some(id) => match ContainerNumber::read(id).ok().filter(|number| number.as_str().len() == 11) {
            Some(number) => {
                let (owner, rest) = number.as_str().split_at(4);
                let (serial, digit) = rest.split_at(6);
                (Some(owner.to_owned()), Some(serial.to_owned()), Some(digit.to_owned()))
            }
            None => {
                let written = pen.id(at.key("id"), "number of the equipment", id, 14);
                let cut = written.as_ref().map_or(0, |id| id.chars().count().saturating_sub(10));
                let initial: String = written.iter().flat_map(|id| id.chars().take(cut)).collect();
                let serial: Option<String> = written.map(|id| id.chars().skip(cut).collect());
                (Some(initial).filter(|initial| !initial.is_empty()), serial, None)
            }
        },
    };
    // The empty weight is a whole number: of kilograms, or of pounds.
    let is_whole = equipment.tare_kg.is_none_or(|tare| tare.round(0) == tare);
    let (unit, tare) = match is_whole {
        true => ("K", equipment.tare_kg.map(|tare| tare.round(0))),
        false => ("L", equipment.tare_kg.and_then(pounds).map(|tare| tare.round(0))),
    };
    let weight = equipment.gross_kg.or(equipment.net_kg);
    let kind = weight.map(|_| if equipment.gross_kg.is_some() { "G" } else { "N" });
    let weight = match is_whole {
        true => weight,
        false => weight.and_then(pounds).map(|weight| weight.round(2).normalised()),
    };
    let list_of = |code: &Option<portgate_sdk::canonical::Code>| {
        code.as_ref().filter(|code| &*code.code_list == equipment::KINDS).map(|code| code.code.to_string())
    };
    let service = equipment.remarks.iter().find_map(|remark| {
        remark
            .subject
            .as_ref()
            .filter(|subject| &*subject.code_list == equipment::SERVICES)
            .map(|code| code.code.to_string())
    });
    let volume = equipment.volume_m3;
    let temperature = equipment.temperature_c.map(|celsius| format!("{celsius}C"));
    let length = equipment.length_cm.and_then(feet_and_inches);
    let has_weight = weight.is_some() || tare.is_some();
    let iso_type = equipment.iso_type.as_deref().filter(|kind| kind.len() == 4);
    pen.out
        .segment("N7")
        .elements((initial, serial, weight.map(number), kind, tare.map(number)))
        .at(8)
        .elements((volume.map(number), volume.map(|_| "X")))
        .at(11)
        .elements((
            list_of(&equipment.description),
            equipment.owner.as_deref().filter(|owner| owner.len() <= 4),
            temperature,
        ))
        .at(15)
        .element(length)
        .at(17)
        .elements((has_weight.then_some(unit), digit, service))
        .at(22)
        .element(iso_type);
    for four in equipment.seals.chunks(4) {
        let seals: Vec<Option<String>> =
            four.iter().map(|seal| pen.id(at.key("seals"), "number of the seal", seal, 15)).collect();
        pen.out.segment("M7").elements(seals);
    }
    let others: Vec<TenderRemark> = equipment
        .remarks
        .iter()
        .filter(|remark| {
            remark.subject.as_ref().is_some_and(|subject| &*subject.code_list == SEGMENTS && subject.code.len() <= 3)
        })
        .cloned()
        .collect();
    remarks(pen, &others, &[]);
}

fn pounds(kilograms: Decimal) -> Option<Decimal> {
    kilograms.divided_by(Decimal::from_partner("0.45359237").ok()?)
}

/// A length (567): feet, and inches in the last two digits.
fn feet_and_inches(centimetres: Decimal) -> Option<String> {
    let inches =
        centimetres.divided_by(Decimal::from_partner("2.54").ok()?)?.round(0).to_string().parse::<u32>().ok()?;
    Some(format!("{}{:02}", inches / 12, inches % 12))
}
