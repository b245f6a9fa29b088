//! Containers and seals, and which goods are in them.

use std::collections::BTreeSet;

use portgate_sdk::Severity;
use portgate_sdk::canonical::{ContainerNumber, TransportEquipment};

use crate::conditions::Conditions;
use crate::conditions::Error::{Missing, Rule, Spare};

pub(crate) fn judge(conditions: &mut Conditions) {
    indicator(conditions);
    let equipment = &conditions.document().transport_equipment;
    let mut seals: BTreeSet<&str> = BTreeSet::new();
    for (index, one) in equipment.iter().enumerate() {
        let at = |field: &str| format!("/transportEquipment/{index}{field}");
        sealed(conditions, one, &at);
        loaded(conditions, one, equipment.len(), &at);
        numbered(conditions, one, &at);
        for (of, seal) in one.seals.iter().enumerate() {
            if !seals.insert(&**seal) {
                let wrong = format!("The seal {} is named twice.", &**seal);
                conditions.broken("R0107", Rule, [at(&format!("/seals/{of}"))], wrong, "Compare it with the seals.");
            }
        }
    }
}

/// C0055, C0822, C0823: whether there are containers is said, and is so.
fn indicator(conditions: &mut Conditions) {
    let document = conditions.document();
    let equipment = &document.transport_equipment;
    let first = equipment.iter().position(|one| one.container.is_some());
    let fields = ["/containerised", "/transportEquipment"];
    match (document.containerised, first) {
        (None, _) if !conditions.is_prelodged() => {
            let wrong = "Whether the goods are in containers is not said.";
            conditions.broken("C0822", Missing, fields, wrong, "Say whether they are.");
        }
        (None, _) if !equipment.is_empty() => {
            let wrong = "Containers or seals are named, and whether the goods are in containers is not said.";
            conditions.broken("C0823", Spare, fields, wrong, "Say whether they are.");
        }
        (Some(true), _) if equipment.is_empty() => {
            let wrong = "The goods are in containers, and none is named.";
            conditions.broken("C0823", Missing, fields, wrong, "Take the containers from the booking.");
        }
        (Some(true), None) => {
            let wrong = "The goods are in containers, and what is sealed names no container.";
            conditions.broken("C0055", Missing, fields, wrong, "Take the containers from the booking.");
        }
        (Some(false), Some(at)) => {
            let wrong = "The goods are in no containers, and one is named.";
            let at = format!("/transportEquipment/{at}/container");
            conditions.broken(
                "C0055",
                Spare,
                [at.as_str(), "/containerised"],
                wrong,
                "Say that they are, or leave the container out.",
            );
        }
        _ => {}
    }
}

/// C0569, R0106, R0448: how many seals there are.
fn sealed(conditions: &mut Conditions, equipment: &TransportEquipment, at: &impl Fn(&str) -> String) {
    let named = equipment.seals.len();
    let stated = equipment.seal_count.map_or(named, |count| count as usize);
    let fields = [at("/sealCount"), at("/seals")];
    if stated == 0 && named > 0 {
        let wrong = format!("There are 0 seals, and {named} named.");
        conditions.broken("C0569", Spare, fields, wrong, "Count the seals.");
    } else if stated > 0 && named == 0 {
        let wrong = format!("There are {stated} seals, and none is named.");
        conditions.broken("C0569", Missing, fields, wrong, "Name the seals.");
    } else if stated != named {
        let wrong = format!("There are {stated} seals, and {named} named.");
        conditions.broken("R0106", Rule, fields, wrong, "Name every seal, or count them.");
    } else if stated == 0 && equipment.container.is_none() {
        let wrong = "Transport equipment has neither a container nor a seal.";
        conditions.broken(
            "R0448",
            Rule,
            [at("/container"), at("/sealCount")],
            wrong,
            "Leave it out, or name what it is.",
        );
    }
}

/// C0670, G0006: which items are in it.
fn loaded(conditions: &mut Conditions, equipment: &TransportEquipment, all: usize, at: &impl Fn(&str) -> String) {
    let only = all == 1 && equipment.container.is_some();
    if equipment.items.is_empty() && !only {
        let wrong = "Which goods are in the transport equipment is not said.";
        conditions.broken("C0670", Missing, [at("/items")], wrong, "Name the numbers of the items in it.");
    }
    let document = conditions.document();
    for (index, no) in equipment.items.iter().enumerate() {
        if !document.items.iter().any(|item| item.no == *no) {
            let wrong = format!("Item {no} is said to be in the transport equipment, and there is none.");
            conditions.broken(
                "G0006",
                Rule,
                [at(&format!("/items/{index}"))],
                wrong,
                "Name the items of the declaration.",
            );
        }
    }
}

/// R0028: the number of a container checks itself (ISO 6346). Dummies are common before loading, so it is a warning.
fn numbered(conditions: &mut Conditions, equipment: &TransportEquipment, at: &impl Fn(&str) -> String) {
    let Some(container) = equipment.container.as_deref() else { return };
    if let Ok(number) = ContainerNumber::read(container)
        && let Some(complaint) = number.complaint()
    {
        let detail = format!("{complaint} NCTS may reject it with error 14 (R0028).");
        let field = conditions.declaration.at(&at("/container"));
        conditions.judge.found(
            "R0028",
            Severity::Warning,
            [field],
            detail,
            "Compare it with the container, or with the booking.",
        );
    }
}
