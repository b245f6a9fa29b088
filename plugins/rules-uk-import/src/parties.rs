//! UK25, UK26: who imports, and who answers for the tax.

use portgate_cds::{Declared, has_additional, requested};
use portgate_sdk::Judge;
use portgate_sdk::Severity::{Error, Warning};
use portgate_sdk::canonical::{DeclarationItem, FiscalReference, PartyRole};

pub(crate) fn judge(declared: &Declared, judge: &mut Judge) {
    importer_declares_itself(declared, judge);
    numbers_for_tax(declared, judge);
}

/// `00500` says that the importer is the declarant (DE 2/2).
fn importer_declares_itself(declared: &Declared, judge: &mut Judge) {
    let says_so = |item: &DeclarationItem| item.additional_information.iter().any(|said| &*said.code == "00500");
    let of_whole = declared.says().additional_information.iter().any(|said| &*said.code == "00500");
    if !of_whole && !declared.says().items.iter().any(says_so) {
        return;
    }
    let (declarant, importer) = (declared.eori(PartyRole::Declarant), declared.eori(PartyRole::Importer));
    let represented = declared.party(PartyRole::Representative);
    if represented.is_none() && (importer.is_none() || declarant == importer) {
        return;
    }
    let detail =
        "Additional information 00500 says that the importer declares, and another does (DE 2/2, 3/18; CDS12075).";
    let mut fields = vec![declared.at("/additionalInformation")];
    fields
        .extend(declared.items_where("/additionalInformation", says_so).map(|(_, places)| places).unwrap_or_default());
    fields.extend(represented.or(declared.party(PartyRole::Declarant)).map(|(_, place)| place));
    judge.found("UK25", Warning, fields, detail, "Leave 00500 out, or declare the importer as declarant.");
}

/// What names somebody for a tax has the number of its part, and relief by the one stop shop (`F48`) and onward supply (`42`) name
/// somebody.
fn numbers_for_tax(declared: &Declared, judge: &mut Judge) {
    let says = declared.says();
    let of_whole = says.fiscal_references.iter().enumerate();
    let mut all: Vec<(&FiscalReference, String)> =
        of_whole.map(|(index, one)| (one, declared.at(&format!("/fiscalReferences/{index}")))).collect();
    for (item, place) in declared.items() {
        let of_item = item.fiscal_references.iter().enumerate();
        all.extend(of_item.map(|(index, one)| (one, format!("{place}/fiscalReferences/{index}"))));
    }
    for (reference, place) in &all {
        if !is_number_of(&reference.role, &reference.id) {
            let detail = format!("{} is no number of a {} (DE 3/40; CDS12013).", &*reference.id, &*reference.role);
            let fields = [format!("{place}/id"), format!("{place}/role")];
            judge.found("UK26", Error, fields, detail, "Declare the VAT or scheme number of who is named.");
        }
    }
    let names = |role: &str| all.iter().any(|(reference, _)| &*reference.role == role);
    let by_scheme = |item: &DeclarationItem| has_additional(says, item, "F48");
    let onward = |item: &DeclarationItem| requested(says, item) == Some("42");
    for (asks, role, why) in [
        (declared.items_where("/procedure/additional", by_scheme), "FR5", "the one stop shop (F48)"),
        (declared.items_where("/procedure/code", onward), "FR2", "onward supply (42)"),
    ] {
        let Some((items, mut fields)) = asks.filter(|_| !names(role)) else { continue };
        let detail = format!("{items} ask for relief by {why}, and no {role} is named (DE 3/40; CDS12070).");
        fields.insert(0, declared.at("/fiscalReferences"));
        judge.found("UK26", Error, fields, detail, "Name who answers for the tax, or correct the procedure.");
    }
}

/// Whether a number has the shape that its part asks for: a VAT number begins with a country, one of the one stop shop with `IM`
/// and ten digits behind it.
fn is_number_of(role: &str, id: &str) -> bool {
    let Some((start, rest)) = id.split_at_checked(2) else { return false };
    let is_plain = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let digits = rest.bytes().all(|byte| byte.is_ascii_digit());
    match role {
        "FR5" => start == "IM" && rest.len() == 10 && digits,
        "FR1" | "FR2" | "FR3" | "FR4" | "FR7" => match start {
            "GB" | "XI" => matches!(rest.len(), 9 | 12) && digits,
            _ => start.bytes().all(|byte| byte.is_ascii_uppercase()) && is_plain,
        },
        _ => false,
    }
}
