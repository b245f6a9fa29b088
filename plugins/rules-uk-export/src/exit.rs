//! UK40 to UK42: where the goods leave, where they go, and what ties the movement to the declaration.

use portgate_cds::{Declared, Stage};
use portgate_sdk::Judge;
use portgate_sdk::Severity::Error;
use portgate_sdk::canonical::{DeclarationItem, OfficeRole};
use portgate_sdk::reference;

/// The offices where goods can leave, by their reference numbers.
const OFFICES: &str = "uk-exit-offices";
/// The territories of the UK's customs.
const HOME: [&str; 5] = ["GB", "XI", "JE", "GG", "IM"];

/// `now` is an RFC 3339 instant in UTC: an office is looked up as of that day.
pub(crate) fn judge(declared: &Declared, now: &str, judge: &mut Judge) {
    office_exists(declared, now, judge);
    destination(declared, judge);
    has_a_ducr(declared, judge);
}

fn office_exists(declared: &Declared, now: &str, judge: &mut Judge) {
    let today = now.get(..10).unwrap_or_default();
    let offices = declared.says().offices.iter().enumerate();
    for (index, office) in offices.filter(|(_, office)| office.role == OfficeRole::Exit) {
        let code = &*office.reference;
        // Goods under an accompanying document may leave by an office elsewhere, which this list does not have.
        if code.starts_with("GB") && reference::lookup(OFFICES, code, today).is_none() {
            let detail = format!("{code} is no customs office of exit (DE 5/12; CDS10020, DMS10020).");
            let fields = [declared.at(&format!("/offices/{index}/reference"))];
            judge.found("UK40", Error, fields, detail, "Declare the office where the goods leave, by HMRC's list.");
        }
    }
}

fn destination(declared: &Declared, judge: &mut Judge) {
    let is_home = |country: Option<&str>| country.is_some_and(|country| HOME.contains(&country));
    let mut found = |fields: Vec<String>| {
        let detail = "Goods for export go to the UK itself (DE 5/8; CDS10020).";
        judge.found("UK41", Error, fields, detail, "Declare the last country that is known.");
    };
    if is_home(declared.says().destination_country.as_ref().map(|country| country.as_str())) {
        found(vec![declared.at("/destinationCountry"), declared.at("/typeCode")]);
    }
    let item_is = |item: &DeclarationItem| is_home(item.destination_country.as_ref().map(|country| country.as_str()));
    if let Some((_, fields)) = declared.items_where("/destinationCountry", item_is) {
        found(fields);
    }
}

/// The movement of the goods is reported by the DUCR; what comes after an entry in the records was moved under that.
fn has_a_ducr(declared: &Declared, judge: &mut Judge) {
    if matches!(declared.stage, None | Some(Stage::AfterRecords)) {
        return;
    }
    let of_items = declared.says().items.iter().flat_map(|item| &item.previous_documents);
    if !declared.says().previous_documents.iter().chain(of_items).any(|document| &*document.r#type == "DCR") {
        let detail = "The declaration has no DUCR (DE 2/1, type DCR), by which the goods are presented (CDS12070).";
        let fields = [declared.at("/previousDocuments"), declared.at("/typeCode")];
        judge.found("UK42", Error, fields, detail, "Declare the DUCR that was given to the consignment.");
    }
}
