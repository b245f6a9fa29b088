//! UK01 to UK04: the references of a declaration, and of what went before it.

use std::collections::BTreeMap;

use portgate_sdk::Judge;
use portgate_sdk::Severity::Error;
use portgate_sdk::canonical::PreviousDocument;

use crate::category::Stage;
use crate::declared::Declared;

/// Longest local reference number (DE 2/5, an..22).
const LRN_MAX: usize = 22;
/// Longest reference of a consignment (DE 2/1, an..35).
const UCR_MAX: usize = 35;

pub(crate) fn judge(declared: &Declared, judge: &mut Judge) {
    local_reference(declared, judge);
    for (previous, place) in previous_documents(declared) {
        consignment_reference(previous, &place, judge);
    }
    what_it_completes(declared, judge);
}

/// The previous documents of the whole and of the items (DE 2/1), each with where it stands.
fn previous_documents(declared: &Declared) -> Vec<(&PreviousDocument, String)> {
    let of_whole = declared.says().previous_documents.iter().enumerate();
    let mut all: Vec<(&PreviousDocument, String)> =
        of_whole.map(|(index, one)| (one, declared.at(&format!("/previousDocuments/{index}")))).collect();
    for (item, place) in declared.items() {
        let of_item = item.previous_documents.iter().enumerate();
        all.extend(of_item.map(|(index, one)| (one, format!("{place}/previousDocuments/{index}"))));
    }
    all
}

fn local_reference(declared: &Declared, judge: &mut Judge) {
    let lrn = &*declared.says().lrn;
    let characters = lrn.chars().count();
    if characters > LRN_MAX {
        let detail = format!(
            "The local reference number has {characters} characters; CDS takes {LRN_MAX} (DE 2/5; CDS10010, DMS10010)."
        );
        judge.found("UK01", Error, [declared.at("/lrn")], detail, "Give the declaration a shorter reference.");
    }
}

/// Two declarations of one shipment with one LRN: CDS refuses the second within 48 hours.
pub(crate) fn are_unique(declarations: &[Declared], judge: &mut Judge) {
    let mut by_lrn: BTreeMap<&str, Vec<&Declared>> = BTreeMap::new();
    for declared in declarations {
        by_lrn.entry(&*declared.says().lrn).or_default().push(declared);
    }
    for (lrn, same) in by_lrn.into_iter().filter(|(_, same)| same.len() > 1) {
        let detail = format!("{} declarations have the local reference number {lrn} (DE 2/5; CDS12003).", same.len());
        let fields = same.iter().map(|declared| declared.at("/lrn"));
        judge.found("UK02", Error, fields, detail, "Give each declaration a reference of its own.");
    }
}

/// A DUCR (`DCR`) and a MUCR (`MCR`) have their shapes. What a declaration completes (category `Y`) is not looked at: it was
/// taken as it is.
fn consignment_reference(previous: &PreviousDocument, place: &str, judge: &mut Judge) {
    if previous.category.as_deref() == Some("Y") {
        return;
    }
    let (name, fits, example) = match &*previous.r#type {
        "DCR" => ("DUCR", is_ducr(&previous.id), "6GB123456789000-ORDER1"),
        "MCR" => ("MUCR", is_mucr(&previous.id), "GB/ABCD-1234 or A:12345678901"),
        _ => return,
    };
    if !fits {
        let detail = format!("{} is no {name} (DE 2/1; CDS10010).", &*previous.id);
        let remedy = format!("Declare it as it was assigned, such as {example}.");
        judge.found("UK03", Error, [format!("{place}/id"), format!("{place}/type")], detail, &remedy);
    }
}

/// A DUCR: the last digit of a year, the country and the rest of an EORI number, a hyphen, and the trader's own.
fn is_ducr(id: &str) -> bool {
    let id = id.trim();
    let (Some((issuer, own)), true) = (id.split_once('-'), id.len() <= UCR_MAX) else { return false };
    let issuer = issuer.as_bytes();
    let is_own = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"()-/".contains(&byte);
    issuer.len() >= 4
        && issuer[0].is_ascii_digit()
        && issuer[1..3].iter().all(u8::is_ascii_uppercase)
        && issuer[3..].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && (1..=19).contains(&own.len())
        && own.bytes().all(is_own)
}

/// A MUCR: `GB/`, a number or the letters of a community system, a hyphen and its own; or a letter, a colon and what that is of,
/// such as an air waybill behind `A:`.
fn is_mucr(id: &str) -> bool {
    let id = id.trim();
    let is_own = |text: &str| {
        let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"()-/:".contains(&byte);
        !text.is_empty() && text.bytes().all(plain)
    };
    let by_holder = || {
        let (holder, own) = id.strip_prefix("GB/")?.split_once('-')?;
        let is_holder = (3..=12).contains(&holder.len()) && holder.bytes().all(|byte| byte.is_ascii_alphanumeric());
        Some(is_holder && is_own(own))
    };
    let by_letter = || {
        let (letter, own) = id.split_once(':')?;
        Some(letter.len() == 1 && letter.bytes().all(|byte| byte.is_ascii_uppercase()) && is_own(own))
    };
    id.len() <= UCR_MAX && by_holder().or_else(by_letter) == Some(true)
}

/// What completes another names it, as a document of category `Y`: the simplified declaration (`SDE`), or the entry in the
/// records (`CLE`). And what categories there are is known.
fn what_it_completes(declared: &Declared, judge: &mut Judge) {
    let previous = previous_documents(declared);
    for (document, place) in &previous {
        if let Some(category) = document.category.as_deref().filter(|category| !["X", "Y", "Z"].contains(category)) {
            let detail = format!("A previous document has category {category}, which is none (DE 2/1; CDS10020).");
            let fields = [format!("{place}/category"), format!("{place}/type")];
            let remedy = "Declare Z, Y for what is completed, or X for temporary storage.";
            judge.found("UK04", Error, fields, detail, remedy);
        }
    }
    let (wanted, what) = match declared.stage {
        Some(Stage::Supplementary) => ("SDE", "simplified declaration"),
        Some(Stage::AfterRecords) => ("CLE", "entry in the records"),
        _ => return,
    };
    let names_it = |document: &PreviousDocument| {
        &*document.r#type == wanted && document.category.as_deref().is_none_or(|category| category == "Y")
    };
    if !previous.iter().any(|(document, _)| names_it(document)) {
        let detail = format!(
            "A declaration of type {} completes a {what}, and no previous document of category Y and type {wanted} names it \
             (DE 2/1; CDS12070).",
            declared.type_code()
        );
        let fields = [declared.at("/previousDocuments"), declared.at("/typeCode")];
        judge.found("UK04", Error, fields, detail, "Name what it completes, or correct the type of the declaration.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_of_consignments_have_their_shapes() {
        for ducr in ["6GB123456789000-12345", "5XI427168118378-LN/W(1)", "6DE1504-A"] {
            assert!(is_ducr(ducr), "{ducr}");
        }
        for other in [
            "GB123456789000-1",
            "6GB123456789000",
            "6gb123456789000-1",
            "6GB123456789000-",
            "6GB1-12345678901234567890",
        ] {
            assert!(!is_ducr(other), "{other}");
        }
        for mucr in ["GB/AIGI-SULE72WT1Q4CE5O20WJ7LTCAL", "GB/1234-:3333HB", "GB/123456789000-1", "A:12312345678"] {
            assert!(is_mucr(mucr), "{mucr}");
        }
        for other in ["GB-1234", "GB/12-1", "12312345678", "AB:1", "GB/1234-", "GB/ABCD-123456789012345678901234567890"]
        {
            assert!(!is_mucr(other), "{other}");
        }
    }
}
