//! Equipment: `EQD` with what stands behind it.

use portgate_sdk::canonical::{ContainerNumber, TenderEquipment};
use portgate_sdk::edifact::Segment;

use super::segments::{self, Measure, celsius, centimetres};
use crate::notes::Notes;

/// The list of kinds of equipment.
pub(crate) const KINDS: &str = "UNTDID 8053";

/// `EQD`: kind, number, size and type, and whether it is full (5) or empty (4).
pub(crate) fn begin(notes: &mut Notes<'_>, eqd: Segment<'_>) -> TenderEquipment {
    let empty = match eqd.component(6, 1).as_deref() {
        Some("4") => Some(true),
        Some("5") => Some(false),
        _ => None,
    };
    let id = eqd.component(2, 1).map(|id| ContainerNumber::one_form(&id));
    let iso_type = eqd.component(3, 1).filter(|kind| kind.chars().count() <= 8);
    let mut equipment = TenderEquipment {
        id: notes.id(eqd.at(2), "number of the equipment", id),
        iso_type: notes.id(eqd.at(3), "type of the equipment", iso_type),
        description: notes.code(eqd.at(1), KINDS, eqd.component(1, 1)),
        empty,
        ..TenderEquipment::default()
    };
    let others = [(3, 4), (4, 1), (5, 1), (6, 1)];
    let has_others = others.iter().any(|(element, component)| {
        eqd.component(*element, *component).is_some() && !(*element == 6 && empty.is_some())
    });
    if has_others {
        equipment.remarks.extend(segments::verbatim(notes, eqd));
    }
    equipment
}

/// What stands behind `EQD` and says more of it.
pub(crate) fn more(notes: &mut Notes<'_>, segment: Segment<'_>, equipment: &mut TenderEquipment) {
    match segment.tag() {
        "EQN" => equipment.count = notes.count(segment.at(1), "number of pieces", segment.component(1, 1)),
        "SEL" => {
            let seal = notes.id(segment.at(1), "number of the seal", segment.component(1, 1));
            notes.push(segment.location(), "seals", 16, &mut equipment.seals, seal);
        }
        "MEA" => {
            let field = match segments::measure(notes, segment) {
                Some(Measure::Gross(weight)) => Some((&mut equipment.gross_kg, weight)),
                Some(Measure::Net(weight)) => Some((&mut equipment.net_kg, weight)),
                Some(Measure::Tare(weight)) => Some((&mut equipment.tare_kg, weight)),
                Some(Measure::Verified(weight)) => Some((&mut equipment.vgm_kg, weight)),
                Some(Measure::Volume(volume)) => Some((&mut equipment.volume_m3, volume)),
                _ => None,
            };
            match field {
                Some((field, value)) if field.is_none() => *field = Some(value),
                _ => remark(notes, segment, equipment),
            }
        }
        "DIM" if equipment.length_cm.is_none() => {
            let value = notes.number(segment.at(2).component(2), "length", segment.decimal(2, 2));
            equipment.length_cm = centimetres(value, &segment.component(2, 1).unwrap_or_default());
            if segment.component(2, 3).is_some() || segment.component(2, 4).is_some() {
                remark(notes, segment, equipment);
            }
        }
        "TMP" => {
            let value = notes.number(segment.at(2).component(1), "temperature", segment.decimal(2, 1));
            equipment.temperature_c = celsius(value, &segment.component(2, 2).unwrap_or_default());
        }
        "RNG" => {
            let unit = segment.component(2, 1).unwrap_or_default().into_owned();
            let low = notes.number(segment.at(2).component(2), "temperature", segment.decimal(2, 2));
            let high = notes.number(segment.at(2).component(3), "temperature", segment.decimal(2, 3));
            (equipment.temperature_min_c, equipment.temperature_max_c) = (celsius(low, &unit), celsius(high, &unit));
        }
        "RFF" => {
            let reference = segments::reference(notes, segment);
            notes.push(segment.location(), "references", 64, &mut equipment.references, reference);
        }
        "FTX" => {
            for words in segments::words(notes, segment) {
                notes.push(segment.location(), "remarks", 32, &mut equipment.remarks, words);
            }
        }
        _ => remark(notes, segment, equipment),
    }
}

fn remark(notes: &mut Notes<'_>, segment: Segment<'_>, equipment: &mut TenderEquipment) {
    let remark = segments::verbatim(notes, segment);
    notes.push(segment.location(), "remarks", 32, &mut equipment.remarks, remark);
}
