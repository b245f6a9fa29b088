//! R17, R18: containers, means of transport.

use portgate_sdk::Severity::{Error, Info};
use portgate_sdk::canonical::{ContainerNumber, CustomsDeclaration, MeansOfTransport, TransportMode};
use portgate_sdk::{Judge, Placed};

use crate::shipment::Facts;

/// The kind of identification that is an IMO number (UCC, type of identification of means of transport).
const IMO: &str = "10";

pub(crate) fn judge(facts: &Facts, judge: &mut Judge) {
    for declaration in &facts.declarations {
        for (index, equipment) in declaration.document.equipment.iter().enumerate() {
            container(equipment, declaration.at(&format!("/equipment/{index}")), judge);
        }
        border(declaration, judge);
    }
    for shipment in &facts.shipments {
        for (index, equipment) in shipment.document.equipment.iter().enumerate() {
            container(&equipment.id, shipment.at(&format!("/equipment/{index}/id")), judge);
        }
    }
    containers_agree(facts, judge);
}

/// A container's number carries its own check (ISO 6346). Dummies are common, so it is only worth knowing.
fn container(id: &str, place: String, judge: &mut Judge) {
    if let Ok(number) = ContainerNumber::read(id)
        && let Some(complaint) = number.complaint()
    {
        judge.found("R17", Info, [place], complaint, "Compare it with the container, or with the booking.");
    }
}

/// The ships of a declaration: on arrival, at the border, and of each item there. As with containers, examples and tests hold dummies, so
/// it is only worth knowing.
fn border(declaration: &Placed<CustomsDeclaration>, judge: &mut Judge) {
    let says = &declaration.document;
    if says.border_mode != Some(TransportMode::Sea) {
        return;
    }
    ship(declaration, says.arrival_means_type.as_deref(), says.arrival_means_id.as_deref(), "/arrivalMeansId", judge);
    let mut listed = |means: &[MeansOfTransport], of: &str| {
        for (index, one) in means.iter().enumerate() {
            let place = format!("{of}/borderMeans/{index}/id");
            ship(declaration, one.id_type.as_deref(), one.id.as_deref(), &place, judge);
        }
    };
    listed(&says.border_means, "");
    for (index, item) in says.items.iter().enumerate() {
        listed(&item.border_means, &format!("/items/{index}"));
    }
}

fn ship(
    declaration: &Placed<CustomsDeclaration>,
    kind: Option<&str>,
    id: Option<&str>,
    field: &str,
    judge: &mut Judge,
) {
    let Some(id) = id.filter(|id| kind == Some(IMO) && !is_imo(id)) else { return };
    let detail = format!("{id} is no IMO number of a ship: seven digits, the last of which checks the others.");
    let fields = [declaration.at(field), declaration.at("/borderMode")];
    judge.found("R18", Info, fields, detail, "Take the number from the booking.");
}

/// Seven digits; the last is the end of the sum of the others, multiplied by 7 to 2.
fn is_imo(id: &str) -> bool {
    let digits: Vec<u32> = id.trim_start_matches("IMO").trim().chars().filter_map(|digit| digit.to_digit(10)).collect();
    let [first @ .., check] = &digits[..] else { return false };
    digits.len() == 7
        && first.iter().zip((2..=7).rev()).map(|(digit, weight)| digit * weight).sum::<u32>() % 10 == *check
}

/// What is declared to be loaded is loaded, where both say which containers there are.
fn containers_agree(facts: &Facts, judge: &mut Judge) {
    // Systems write containers as they like; it is one container in its one form (ISO 6346).
    let loaded: Vec<String> = facts
        .shipments
        .iter()
        .flat_map(|shipment| &shipment.document.equipment)
        .map(|equipment| ContainerNumber::one_form(&equipment.id))
        .collect();
    if loaded.is_empty() {
        return;
    }
    for declaration in &facts.declarations {
        let named = declaration.document.equipment.iter().enumerate();
        for (index, id) in named.filter(|(_, id)| !loaded.contains(&ContainerNumber::one_form(id))) {
            let detail = format!("Container {} is declared, and the shipment is in {}.", &**id, loaded.join(", "));
            let fields = [declaration.at(&format!("/equipment/{index}")), facts.shipments[0].at("/equipment")];
            judge.found("R23", Error, fields, detail, "Declare the containers as they were loaded.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digit_of_a_ship_s_number_checks_the_others() {
        assert!(is_imo("9074729") && is_imo("IMO 9321483"));
        assert!(!is_imo("9074728") && !is_imo("907472") && !is_imo(""));
    }
}
