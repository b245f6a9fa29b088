//! Equipment: `N7`, with the seals (`M7`) and remarks behind it.

use portgate_sdk::canonical::{ContainerNumber, Decimal, TenderEquipment};
use portgate_sdk::x12::Segment;

use super::measures;
use super::references::{remark, verbatim};
use crate::notes::Notes;

/// The list of kinds of equipment, and that of types of service.
pub(crate) const KINDS: &str = "X12 40";
pub(crate) const SERVICES: &str = "X12 56";

/// Most pieces of equipment that a list has room for.
const MOST: usize = 500;

/// Takes a segment, where it is one about equipment.
pub(crate) fn take(
    notes: &mut Notes<'_>,
    segment: Segment<'_>,
    unit: Option<&str>,
    list: &mut Vec<TenderEquipment>,
) -> bool {
    match (segment.tag(), list.last_mut()) {
        ("N7", _) => {
            let equipment = read(notes, segment, unit);
            notes.push(segment.location(), "pieces of equipment", MOST, list, equipment);
        }
        ("M7", Some(last)) => {
            for number in 1..=4 {
                let seal = notes.id(segment.at(number), "number of the seal", segment.element(number));
                notes.push(segment.at(number), "seals", 16, &mut last.seals, seal);
            }
        }
        ("N7A" | "N7B" | "VC" | "IC" | "GA" | "W09", Some(last)) => {
            let remark = verbatim(notes, segment);
            notes.push(segment.location(), "remarks", 32, &mut last.remarks, remark);
        }
        _ => return false,
    }
    true
}

/// `N7`: number, weights, kind, owner, temperature, length, type.
fn read(notes: &mut Notes<'_>, n7: Segment<'_>, unit: Option<&str>) -> TenderEquipment {
    let unit_written = n7.element(17);
    let unit = unit_written.as_deref().or(unit);
    let mut equipment = TenderEquipment {
        id: notes.id(n7.at(2), "number of the equipment", number(n7)),
        iso_type: notes.id(n7.at(22), "type of the equipment", n7.element(22)),
        description: notes.code(n7.at(11), KINDS, n7.element(11)),
        owner: notes.id(n7.at(12), "owner", n7.element(12).or_else(|| n7.element(23))),
        tare_kg: measures::weight(notes, n7, 5, unit),
        volume_m3: measures::volume(notes, n7, 8, n7.element(9).as_deref()).filter(|volume| !volume.is_zero()),
        length_cm: measures::feet_and_inches(notes, n7, 15),
        ..TenderEquipment::default()
    };
    match n7.element(4).as_deref() {
        Some("G" | "E") | None => equipment.gross_kg = measures::weight(notes, n7, 3, unit),
        Some("N" | "A3") => equipment.net_kg = measures::weight(notes, n7, 3, unit),
        Some(code) => {
            let subject = notes.code(n7.at(4), super::goods::WEIGHTS, Some(code));
            let weight = n7.element(3).map(|weight| format!("{weight} {}", unit.unwrap_or("L")));
            let text = notes.text(n7.at(3), "weight", weight);
            equipment.remarks.extend(remark(subject, text));
        }
    }
    if let Some(written) = n7.element(13) {
        equipment.temperature_c = celsius(&written);
        if equipment.temperature_c.is_none() {
            let subject = notes.code(n7.at(13), super::references::SEGMENTS, Some("N7-13"));
            let text = notes.text(n7.at(13), "temperature", Some(written));
            equipment.remarks.extend(remark(subject, text));
        }
    }
    if let Some(service) = notes.code(n7.at(19), SERVICES, n7.element(19)) {
        let text = notes.text(n7.at(19), "type of service", n7.element(19));
        equipment.remarks.extend(remark(Some(service), text));
    }
    equipment
}

/// `N7-01`, `N7-02` and `N7-18`: a container's number in its one form, or what another owner's is. Noughts name nothing.
fn number(n7: Segment<'_>) -> Option<String> {
    let part = |number| n7.element(number).unwrap_or_default().trim().to_owned();
    let (initial, serial, digit) = (part(1), part(2), part(18));
    if serial.trim_start_matches('0').is_empty() || matches!(&*serial, "UNKNOWN" | "TBD" | "NONE") {
        return None;
    }
    let with_digit = format!("{initial}{serial}{digit}");
    Some(match ContainerNumber::read(&with_digit) {
        Ok(container) => container.as_str().to_owned(),
        Err(_) => format!("{initial}{serial}"),
    })
}

/// A temperature with its unit behind it, such as `34F` or `-18C`.
fn celsius(written: &str) -> Option<Decimal> {
    let text = written.trim().trim_end_matches(['.', ' ']);
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number = Decimal::from_partner(number).ok()?;
    let decimal = |text: &str| Decimal::from_partner(text).ok();
    match unit {
        "C" => Some(number),
        "F" => Some(((number - decimal("32")?) * decimal("5")?).divided_by(decimal("9")?)?.round(1).normalised()),
        _ => None,
    }
}
