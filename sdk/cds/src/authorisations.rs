//! UK07, UK08: the authorisations that a declaration rests on (DE 3/39).

use portgate_sdk::Judge;
use portgate_sdk::Severity::{Error, Warning};
use portgate_sdk::canonical::{DeclarationItem, PartyRole};

use crate::category::Stage;
use crate::declared::{Declared, eori};
use crate::procedures::requested;

/// A customs warehouse, whatever its kind.
const WAREHOUSES: [&str; 3] = ["CWP", "CW1", "CW2"];

/// Which authorisation a requested procedure stands on; any one of them will do.
const OF_PROCEDURES: [(&str, &[&str], &str); 6] = [
    ("21", &["OPO"], "outward processing"),
    ("22", &["OPO"], "outward processing"),
    ("44", &["EUS"], "end use"),
    ("51", &["IPO"], "inward processing"),
    ("53", &["TEA"], "temporary admission"),
    ("71", &WAREHOUSES, "customs warehousing"),
];

pub(crate) fn judge(declared: &Declared, judge: &mut Judge) {
    of_type(declared, judge);
    for (procedure, any_of, what) in OF_PROCEDURES {
        of_procedure(declared, procedure, any_of, what, judge);
    }
    belong_to_parties(declared, judge);
}

fn of_type(declared: &Declared, judge: &mut Judge) {
    let (wanted, what) = match declared.stage {
        // What is completed may be one without an authorisation (`X`).
        Some(Stage::Supplementary) if declared.type_code().ends_with('X') => return,
        Some(Stage::Simplified | Stage::Supplementary) => ("SDE", "simplified declarations"),
        Some(Stage::AfterRecords) => ("EIR", "entry in the declarant's records"),
        _ => return,
    };
    if !declared.has_authorisation(wanted) {
        let detail = format!(
            "A declaration of type {} stands on an authorisation for {what} ({wanted}), and names none (DE 3/39; CDS12120).",
            declared.type_code()
        );
        let fields = [declared.at("/authorisations"), declared.at("/typeCode")];
        judge.found("UK07", Error, fields, detail, "Name the authorisation with its holder, or declare in full.");
    }
}

/// A special procedure is authorised before, or by the declaration itself (`00100`).
fn of_procedure(declared: &Declared, procedure: &str, any_of: &[&str], what: &str, judge: &mut Judge) {
    let asks = |item: &DeclarationItem| requested(declared.says(), item) == Some(procedure);
    let Some((items, mut fields)) = declared.items_where("/procedure/code", asks) else { return };
    if declared.is_authorised_by_itself() || any_of.iter().any(|r#type| declared.has_authorisation(r#type)) {
        return;
    }
    let detail = format!(
        "{items} ask for {what} (procedure {procedure}), and no authorisation for it is named: {} (DE 3/39; CDS12120).",
        any_of.join(" or ")
    );
    fields.insert(0, declared.at("/authorisations"));
    let remedy = "Name the authorisation with its holder, or apply for it by additional information 00100.";
    judge.found("UK07", Error, fields, detail, remedy);
}

/// Who holds an authorisation is a party of the declaration.
fn belong_to_parties(declared: &Declared, judge: &mut Judge) {
    let of_items = declared.says().items.iter().flat_map(|item| &item.parties);
    let parties: Vec<&str> = declared.says().parties.iter().chain(of_items).filter_map(eori).collect();
    if parties.is_empty() {
        return;
    }
    for (index, authorisation) in declared.says().authorisations.iter().enumerate() {
        let Some(holder) = authorisation.holder_eori.as_deref() else { continue };
        if parties.contains(&holder) {
            continue;
        }
        let detail = format!(
            "Authorisation {} is {holder}'s, which is no party of the declaration (DE 3/39; CDS12150).",
            &*authorisation.r#type
        );
        let mut fields = vec![declared.at(&format!("/authorisations/{index}/holderEori"))];
        fields.extend(declared.party(PartyRole::Declarant).map(|(_, place)| format!("{place}/ids")));
        judge.found("UK08", Warning, fields, detail, "Look whose authorisation it is, and which party is missing.");
    }
}
