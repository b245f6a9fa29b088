//! UK10, UK11: who declares for whom (DE 3/18 to 3/21).

use portgate_sdk::Judge;
use portgate_sdk::Severity::Error;
use portgate_sdk::canonical::PartyRole;

use crate::category::Stage;
use crate::declared::{Declared, eori};

pub(crate) fn judge(declared: &Declared, judge: &mut Judge) {
    declarant_has_a_number(declared, judge);
    representative_has_a_status(declared, judge);
    exporter_is_not_importer(declared, judge);
}

fn declarant_has_a_number(declared: &Declared, judge: &mut Judge) {
    if declared.eori(PartyRole::Declarant).is_none() {
        let field = match declared.party(PartyRole::Declarant) {
            Some((_, place)) => format!("{place}/ids"),
            None => declared.at("/parties"),
        };
        let detail = "The declarant has no EORI number (DE 3/18; CDS10001).";
        judge.found("UK10", Error, [field], detail, "Declare the EORI number of who declares.");
    }
}

/// Who declares for another says how: directly (2) or indirectly (3).
fn representative_has_a_status(declared: &Declared, judge: &mut Judge) {
    let Some((representative, place)) = declared.party(PartyRole::Representative) else { return };
    match representative.representation_status.as_deref() {
        Some("2" | "3") => {}
        status => {
            let detail = match status {
                None => "The representative has no status (DE 3/21; CDS12070).".to_owned(),
                Some(other) => format!("{other} is no status of a representative (DE 3/21; CDS10020)."),
            };
            let fields = [format!("{place}/representationStatus")];
            judge.found("UK10", Error, fields, detail, "Declare 2 for direct representation, 3 for indirect.");
        }
    }
}

/// But in a simplified declaration without an authorisation, in which customs takes it.
fn exporter_is_not_importer(declared: &Declared, judge: &mut Judge) {
    if declared.stage == Some(Stage::Occasional) {
        return;
    }
    let (Some((exporter, one)), Some((importer, other))) =
        (declared.party(PartyRole::Exporter), declared.party(PartyRole::Importer))
    else {
        return;
    };
    if let (Some(number), true) = (eori(exporter), eori(exporter) == eori(importer)) {
        let detail = format!("Importer and exporter are both {number} (DE 3/2, 3/16; CDS12081).");
        let fields = [format!("{other}/ids"), format!("{one}/ids")];
        judge.found("UK11", Error, fields, detail, "Declare who sends the goods and who receives them.");
    }
}
