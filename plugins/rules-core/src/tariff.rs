//! R08 to R10: commodity codes, origin, preference.

use portgate_sdk::Severity::{Error, Warning};
use portgate_sdk::canonical::{CustomsDeclaration, DeclarationItem, Regime};
use portgate_sdk::{Judge, Placed};

use crate::shipment::Facts;

/// Documents that prove a preferential origin (EU and UK document codes).
const PROOFS: [&str; 8] = ["N864", "N865", "N954", "U045", "U110", "U111", "U112", "U116"];

pub(crate) fn judge(facts: &Facts, judge: &mut Judge) {
    for declaration in &facts.declarations {
        for (index, item) in declaration.document.items.iter().enumerate() {
            let at = |field: &str| declaration.at(&format!("/items/{index}/{field}"));
            digits(declaration, item, &at, judge);
            origin(declaration, item, &at, judge);
            preference(item, &at, judge);
        }
    }
}

/// How many digits a commodity code has under a regime, at least and at most.
fn wanted(regime: Regime) -> Option<(usize, usize)> {
    match regime {
        // The eight digits of the Combined Nomenclature, or ten with TARIC's.
        Regime::Import => Some((8, 10)),
        Regime::Export => Some((8, 10)),
        Regime::Transit | Regime::EntrySummary => Some((4, 8)),
        Regime::Unmapped => None,
    }
}

fn digits(
    declaration: &Placed<CustomsDeclaration>,
    item: &DeclarationItem,
    at: &impl Fn(&str) -> String,
    judge: &mut Judge,
) {
    let (Some(classification), Some((least, most))) = (&item.classification, wanted(declaration.document.regime))
    else {
        return;
    };
    let taric = classification.taric.as_ref().map_or(0, |taric| taric.len());
    let digits = classification.commodity.as_str().len();
    if digits < least || digits + taric > most {
        let detail =
            format!("The commodity code of item {} has {digits} digits; here it has {least} to {most}.", item.no);
        judge.found(
            "R08",
            Error,
            [at("classification/commodity")],
            detail,
            "Have the goods classified as this declaration needs it.",
        );
    }
}

fn origin(
    declaration: &Placed<CustomsDeclaration>,
    item: &DeclarationItem,
    at: &impl Fn(&str) -> String,
    judge: &mut Judge,
) {
    if declaration.document.regime != Regime::Import || item.origin.is_some() || item.preferential_origin.is_some() {
        return;
    }
    // A simplified declaration (DE 1/2: B, C, E, F) and the C21 (J, K) may leave it for later, one with a reduced data set (1H7) out.
    let is_reduced =
        item.procedure.as_ref().is_some_and(|procedure| procedure.additional.iter().any(|code| &**code == "1H7"));
    let is_full =
        declaration.document.type_code.as_deref().is_some_and(|code| code.ends_with(['A', 'D'])) && !is_reduced;
    let severity = if is_full { Error } else { Warning };
    let detail = format!("Item {} has no country of origin.", item.no);
    judge.found(
        "R09",
        severity,
        [at("origin")],
        detail,
        "Ask the supplier where the goods are from, or look into the item master.",
    );
}

fn preference(item: &DeclarationItem, at: &impl Fn(&str) -> String, judge: &mut Judge) {
    let Some(preference) = item.preference.as_deref() else { return };
    match preference.as_bytes().first() {
        Some(b'2' | b'3') => {
            if item.preferential_origin.is_none() {
                let detail = format!("Item {} claims preference {preference} without a preferential origin.", item.no);
                let fields = [at("preferentialOrigin"), at("preference")];
                judge.found("R10", Error, fields, detail, "Declare the preferential origin, or preference 100.");
            } else if !item
                .documents
                .iter()
                .any(|document| PROOFS.iter().any(|proof| document.r#type.ends_with(&proof[1..])))
            {
                let detail =
                    format!("Item {} claims preference {preference}, and no proof of origin is named.", item.no);
                let fields = [at("documents"), at("preference")];
                judge.found("R10", Warning, fields, detail, "Name the proof of origin, such as U116 or N954.");
            }
        }
        Some(b'1') if item.preferential_origin.is_some() && item.origin.is_none() => {
            let detail = format!("Item {} has a preferential origin and claims no preference.", item.no);
            let fields = [at("origin"), at("preferentialOrigin")];
            judge.found("R10", Error, fields, detail, "Declare the non-preferential origin.");
        }
        _ => {}
    }
}
