//! UK43 to UK45: procedures of exports, commodity codes, and what the exporter says of itself.

use portgate_cds::{Category, Declared, has_additional, procedure_of, requested};
use portgate_sdk::Judge;
use portgate_sdk::Severity::{Error, Warning};
use portgate_sdk::canonical::{DeclarationItem, PartyRole};

/// Digits of a commodity code for export (DE 6/14).
const DIGITS: usize = 8;
/// What can be requested behind what (DE 1/10, CDS Volume 3, appendix 1).
const PROCEDURES: [&str; 17] = [
    "1007", "1040", "1042", "1044", "1100", "2100", "2144", "2151", "2154", "2200", "2244", "2300", "3151", "3153",
    "3154", "3171", "3178",
];

pub(crate) fn judge(declared: &Declared, judge: &mut Judge) {
    procedures(declared, judge);
    supervised(declared, judge);
    digits(declared, judge);
    exporter_declares_itself(declared, judge);
}

/// What is requested can follow what came before; that the request is one of an export at all is for UK05.
fn procedures(declared: &Declared, judge: &mut Judge) {
    let does_not_follow = |item: &DeclarationItem| {
        let Some(procedure) = procedure_of(declared.says(), item) else { return false };
        matches!(requested(declared.says(), item), Some("10" | "11" | "21" | "22" | "23" | "31"))
            && !PROCEDURES.contains(&&*procedure.code)
    };
    if let Some((items, fields)) = declared.items_where("/procedure/code", does_not_follow) {
        let detail =
            format!("{items} ask for a procedure that does not follow what came before it (DE 1/10; CDS12050).");
        let remedy =
            "Correct the previous procedure, such as 1040 for goods in free circulation, 3171 from a warehouse.";
        judge.found("UK43", Error, fields, detail, remedy);
    }
}

/// Goods at premises under customs supervision (`1CS`) are there by an authorisation (CSE).
fn supervised(declared: &Declared, judge: &mut Judge) {
    let is_supervised = |item: &DeclarationItem| has_additional(declared.says(), item, "1CS");
    let Some((items, mut fields)) = declared.items_where("/procedure/additional", is_supervised) else { return };
    if !declared.has_authorisation("CSE") {
        let detail = format!(
            "{items} are presented at supervised premises (1CS), and no authorisation for that is named: CSE (DE 3/39; CDS12120)."
        );
        fields.insert(0, declared.at("/authorisations"));
        judge.found("UK43", Error, fields, detail, "Name the authorisation with its holder, or leave 1CS out.");
    }
}

fn digits(declared: &Declared, judge: &mut Judge) {
    if matches!(declared.category, None | Some(Category::C21Export)) {
        return;
    }
    let is_not_whole = |item: &DeclarationItem| {
        let code = item.classification.as_ref();
        code.is_some_and(|code| code.commodity.as_str().len() != DIGITS || code.taric.is_some())
    };
    if let Some((items, fields)) = declared.items_where("/classification/commodity", is_not_whole) {
        let detail = format!("{items}: a commodity code for export has {DIGITS} digits (DE 6/14; CDS10004).");
        judge.found("UK44", Error, fields, detail, "Declare the first eight digits of the tariff.");
    }
}

/// `00400` says that the exporter is the declarant (DE 2/2).
fn exporter_declares_itself(declared: &Declared, judge: &mut Judge) {
    let says_so = |item: &DeclarationItem| item.additional_information.iter().any(|said| &*said.code == "00400");
    let of_whole = declared.says().additional_information.iter().any(|said| &*said.code == "00400");
    if !of_whole && !declared.says().items.iter().any(says_so) {
        return;
    }
    let (declarant, exporter) = (declared.eori(PartyRole::Declarant), declared.eori(PartyRole::Exporter));
    let represented = declared.party(PartyRole::Representative);
    if represented.is_none() && (exporter.is_none() || declarant == exporter) {
        return;
    }
    let detail =
        "Additional information 00400 says that the exporter declares, and another does (DE 2/2, 3/18; CDS12075).";
    let mut fields = vec![declared.at("/additionalInformation")];
    fields
        .extend(declared.items_where("/additionalInformation", says_so).map(|(_, places)| places).unwrap_or_default());
    fields.extend(represented.or(declared.party(PartyRole::Declarant)).map(|(_, place)| place));
    judge.found("UK45", Warning, fields, detail, "Leave 00400 out, or declare the exporter as declarant.");
}
