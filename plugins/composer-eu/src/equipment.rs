//! Containers and seals: which there are, and which goods are in which.

use portgate_compose::Gaps;
use portgate_sdk::canonical::{ContainerNumber, Text, TransportEquipment};

use crate::case::Case;
use crate::line::Line;
use crate::rules;

/// A container with the place that names it.
struct Unit {
    at: String,
    container: Text<17>,
    seals: Vec<Text<32>>,
}

/// The containers that transport documents name; where they name none, those of the shipments that have a number of ISO 6346.
fn units(case: &Case<'_>) -> Vec<Unit> {
    let named = match carried(case) {
        named if named.is_empty() => shipped(case),
        named => named,
    };
    named.into_iter().fold(Vec::new(), |mut units: Vec<Unit>, unit| {
        match units.iter_mut().find(|known| known.container == unit.container) {
            Some(known) => known.seals.extend(unit.seals),
            None => units.push(unit),
        }
        units
    })
}

fn carried(case: &Case<'_>) -> Vec<Unit> {
    let mut units = Vec::new();
    for bill in &case.facts.transport_documents {
        for (index, equipment) in bill.document.equipment.iter().enumerate() {
            let seals = equipment.seals.iter().filter_map(|seal| Text::new(&*seal.number).ok()).collect();
            let container = equipment.id.as_deref().and_then(|id| Text::new(ContainerNumber::one_form(id)).ok());
            let at = bill.at(&format!("/equipment/{index}/id"));
            units.extend(container.map(|container| Unit { at, container, seals }));
        }
        for (index, goods) in bill.document.goods.iter().enumerate() {
            for (part, cargo) in goods.cargo.iter().enumerate() {
                let container =
                    cargo.equipment_id.as_deref().and_then(|id| Text::new(ContainerNumber::one_form(id)).ok());
                let at = bill.at(&format!("/goods/{index}/cargo/{part}/equipmentId"));
                units.extend(container.map(|container| Unit { at, container, seals: Vec::new() }));
            }
        }
    }
    units
}

fn shipped(case: &Case<'_>) -> Vec<Unit> {
    let mut units = Vec::new();
    for shipment in &case.facts.shipments {
        for (index, equipment) in shipment.document.equipment.iter().enumerate() {
            let number = ContainerNumber::read(&equipment.id).ok();
            let container = number.and_then(|number| Text::new(number.as_str()).ok());
            let (at, seals) = (shipment.at(&format!("/equipment/{index}/id")), equipment.seals.clone());
            units.extend(container.map(|container| Unit { at, container, seals }));
        }
    }
    units
}

/// Says of goods that were sold which containers they are in: those of the goods that the carrier has under the same code, or the
/// only one that there is. Where it is one of several, that is said to be missing.
pub(crate) fn place(case: &Case<'_>, lines: &mut [Line], carried: &[Line], gaps: &mut Gaps) {
    let units = units(case);
    for line in lines {
        let of_carrier = carried.iter().find(|other| !other.containers.is_empty() && line.shares_code(other));
        line.containers = match (of_carrier, &units[..]) {
            (Some(other), _) => other.containers.clone(),
            (None, [only]) => vec![only.container.clone()],
            (None, []) => Vec::new(),
            (None, several) => {
                let detail = format!(
                    "There are {} containers, and nothing says in which the goods of {} are.",
                    several.len(),
                    line.name
                );
                let fields = [line.at.clone()].into_iter().chain(several.iter().take(15).map(|unit| unit.at.clone()));
                let remedy = "The carrier says it in the transport document, by container and commodity code.";
                gaps.add(rules::CONTAINER, fields, detail, remedy);
                Vec::new()
            }
        };
    }
}

/// Containers and seals of a declaration, with the numbers of the items in each: of those that name it.
pub(crate) fn of(case: &Case<'_>, lines: &[Line]) -> Vec<TransportEquipment> {
    let numbered = || (1..).zip(lines);
    let equipment = units(case).into_iter().map(|unit| {
        let mut seals = unit.seals;
        seals.sort();
        seals.dedup();
        TransportEquipment {
            seal_count: u32::try_from(seals.len()).ok(),
            items: numbered().filter(|(_, line)| line.containers.contains(&unit.container)).map(|(no, _)| no).collect(),
            container: Some(unit.container),
            seals,
            ..TransportEquipment::default()
        }
    });
    equipment.collect()
}
