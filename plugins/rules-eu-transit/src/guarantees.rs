//! Guarantees, by their type. Access codes are secrets, so nobody looks whether they are there but customs.

use portgate_sdk::canonical::Guarantee;

use crate::conditions::Conditions;
use crate::conditions::Error::{Missing, Rule, Spare};
use crate::lists::{UNION, WITH_NUMBER, WITHOUT_REFERENCE};

/// The type for goods under a TIR carnet.
const TIR: &str = "B";
/// A guarantee with multiple usage, which only the other parties of the convention have.
const COMMON_ONLY: &str = "9";
/// Vouchers, whose reference number is longer.
const VOUCHERS: &str = "4";

pub(crate) fn judge(conditions: &mut Conditions) {
    for (index, guarantee) in conditions.document().guarantees.iter().enumerate() {
        let at = |field: &str| format!("/guarantees/{index}{field}");
        kind(conditions, guarantee, &at);
        references(conditions, guarantee, &at);
        other_reference(conditions, guarantee, &at);
    }
}

fn kind(conditions: &mut Conditions, guarantee: &Guarantee, at: &impl Fn(&str) -> String) {
    let kind = &*guarantee.r#type;
    let fields = [at("/type"), "/typeCode".to_owned()];
    let remedy = "Name a guarantee that this kind of transit can have.";
    if conditions.is_tir() != (kind == TIR) {
        let wrong = match conditions.is_tir() {
            true => format!("A TIR operation has the guarantee B, and this is {kind}."),
            false => "The guarantee B is for TIR operations alone.".to_owned(),
        };
        conditions.broken("R0900", Rule, fields, wrong, remedy);
    } else if kind == COMMON_ONLY && UNION.contains(&conditions.departure()) {
        conditions.broken("R0900", Rule, fields, "The guarantee 9 does not exist in the Union.", remedy);
    }
}

fn references(conditions: &mut Conditions, guarantee: &Guarantee, at: &impl Fn(&str) -> String) {
    let kind = &*guarantee.r#type;
    let fields = [at("/references"), at("/type")];
    if WITH_NUMBER.contains(&kind) && guarantee.references.is_empty() {
        let wrong = format!("A guarantee of type {kind} has a reference number, and none is named.");
        conditions.broken("C0085", Missing, fields, wrong, "Take the number (GRN) from the guarantee.");
    } else if WITHOUT_REFERENCE.contains(&kind) && !guarantee.references.is_empty() {
        let wrong = format!("A guarantee of type {kind} has no reference, and one is named.");
        conditions.broken("C0085", Spare, fields, wrong, "Leave the reference out, or correct the type.");
    }
    for (index, reference) in guarantee.references.iter().enumerate() {
        let fields = [at(&format!("/references/{index}/grn")), at("/type")];
        match reference.grn.as_deref() {
            None if WITH_NUMBER.contains(&kind) => {
                let wrong = format!("A guarantee of type {kind} has a reference number, and this reference has none.");
                conditions.broken("C0086", Missing, fields, wrong, "Take the number (GRN) from the guarantee.");
            }
            Some(_) if !WITH_NUMBER.contains(&kind) => {
                let wrong = format!("A guarantee of type {kind} has no reference number, and one is named.");
                conditions.broken("C0086", Spare, fields, wrong, "Leave the number out, or correct the type.");
            }
            Some(grn) if grn.len() != if kind == VOUCHERS { 24 } else { 17 } => {
                let wrong = format!(
                    "`{grn}` has {} signs; a reference number has 17, and 24 where it is of a voucher.",
                    grn.len()
                );
                conditions.broken("R0318", Rule, fields, wrong, "Take the number (GRN) from the guarantee.");
            }
            _ => {}
        }
    }
}

fn other_reference(conditions: &mut Conditions, guarantee: &Guarantee, at: &impl Fn(&str) -> String) {
    let fields = [at("/otherReference"), at("/type")];
    match (&*guarantee.r#type, &guarantee.other_reference) {
        ("8", None) => {
            let wrong = "A guarantee of type 8 has another reference, and none is named.";
            conditions.broken("C0130", Missing, fields, wrong, "Name what the public body is known by.");
        }
        ("8" | "3", _) | (_, None) => {}
        (kind, Some(_)) => {
            let wrong = format!("A guarantee of type {kind} has no other reference, and one is named.");
            conditions.broken("C0130", Spare, fields, wrong, "Leave it out, or correct the type.");
        }
    }
}
