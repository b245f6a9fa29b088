//! UK05, UK06: procedures (DE 1/10) and additional procedures (DE 1/11), and the type that goes with them.

use std::collections::BTreeSet;

use portgate_sdk::Judge;
use portgate_sdk::Severity::Error;
use portgate_sdk::canonical::{CustomsDeclaration, DeclarationItem, Procedure, Regime};

use crate::category::{Category, Stage};
use crate::declared::Declared;

/// What an import can ask for. `00` is a clearance request.
const OF_IMPORTS: [&str; 17] =
    ["00", "01", "07", "40", "42", "44", "45", "46", "48", "51", "53", "61", "63", "68", "71", "78", "95"];
/// What an export can ask for.
const OF_EXPORTS: [&str; 9] = ["00", "10", "11", "21", "22", "23", "31", "76", "77"];
/// What is said of goods of which there is no more to say.
const NO_OTHER: &str = "000";

/// The procedure of an item: its own, or that of the whole.
pub fn procedure_of<'d>(declaration: &'d CustomsDeclaration, item: &'d DeclarationItem) -> Option<&'d Procedure> {
    item.procedure.as_ref().or(declaration.procedure.as_ref())
}

/// The procedure that is requested for an item: the first two characters of DE 1/10.
pub fn requested<'d>(declaration: &'d CustomsDeclaration, item: &'d DeclarationItem) -> Option<&'d str> {
    procedure_of(declaration, item).and_then(|procedure| procedure.code.get(..2))
}

/// The procedure that came before it: the last two characters of DE 1/10.
pub fn previous<'d>(declaration: &'d CustomsDeclaration, item: &'d DeclarationItem) -> Option<&'d str> {
    procedure_of(declaration, item).and_then(|procedure| procedure.code.get(2..))
}

/// Whether an item has this additional procedure.
pub fn has_additional(declaration: &CustomsDeclaration, item: &DeclarationItem, code: &str) -> bool {
    procedure_of(declaration, item).is_some_and(|procedure| procedure.additional.iter().any(|one| &**one == code))
}

pub(crate) fn judge(declared: &Declared, judge: &mut Judge) {
    type_is_known(declared, judge);
    for (item, place) in declared.items() {
        let Some(procedure) = procedure_of(declared.says(), item) else {
            let detail = format!("Item {} has no procedure (DE 1/10; CDS10001).", item.no);
            judge.found("UK05", Error, [format!("{place}/procedure")], detail, "Declare the procedure, such as 4000.");
            continue;
        };
        fits_movement(declared, item, procedure, &place, judge);
        additional(item, procedure, &place, judge);
    }
    are_of_one_category(declared, judge);
}

fn type_is_known(declared: &Declared, judge: &mut Judge) {
    if declared.stage.is_none() {
        let detail = match declared.says().type_code {
            Some(_) => format!("CDS knows no declaration type {} (DE 1/2; CDS12052).", declared.type_code()),
            None => "The declaration has no type (DE 1/1, 1/2; CDS10001).".to_owned(),
        };
        let fields = [declared.at("/typeCode")];
        judge.found("UK05", Error, fields, detail, "Declare IM or EX with A or D, C or F, Y, Z, or J or K behind it.");
    }
}

/// What is requested exists for this movement, and the type is one for it.
fn fits_movement(declared: &Declared, item: &DeclarationItem, procedure: &Procedure, place: &str, judge: &mut Judge) {
    let is_import = declared.says().regime == Regime::Import;
    let (known, movement) = if is_import { (&OF_IMPORTS[..], "import") } else { (&OF_EXPORTS[..], "export") };
    let requested = procedure.code.get(..2).unwrap_or_default();
    let fields = [format!("{place}/procedure/code"), declared.at("/typeCode")];
    let has_shape = procedure.code.len() == 4 && procedure.code.bytes().all(|byte| byte.is_ascii_digit());
    if !has_shape || !known.contains(&requested) {
        let detail = format!(
            "Item {} asks for procedure {}, which no {movement} can (DE 1/10; CDS12050, DMS12050).",
            item.no, &*procedure.code
        );
        judge.found("UK05", Error, fields, detail, "Declare the four digits of a procedure that this movement has.");
        return;
    }
    let Some(stage) = declared.stage else { return };
    if (stage == Stage::ClearanceRequest) != (requested == "00") {
        let detail = format!(
            "Item {} asks for procedure {} in a declaration of type {}; 00xx is for J and K, and for them alone (CDS11004).",
            item.no,
            &*procedure.code,
            declared.type_code(),
        );
        judge.found("UK05", Error, fields, detail, "Correct the procedure, or the type of the declaration.");
    }
}

/// There is one at least, none twice, and `000` alone.
fn additional(item: &DeclarationItem, procedure: &Procedure, place: &str, judge: &mut Judge) {
    let codes: BTreeSet<&str> = procedure.additional.iter().map(|code| &**code).collect();
    let problem = if codes.is_empty() {
        "has no additional procedure (DE 1/11; CDS10001)"
    } else if codes.len() < procedure.additional.len() {
        "has an additional procedure twice (DE 1/11; CDS12024)"
    } else if codes.len() > 1 && codes.contains(NO_OTHER) {
        "says with additional procedure 000 that there is no other, and has others (DE 1/11; CDS12056)"
    } else {
        return;
    };
    let fields = [format!("{place}/procedure/additional"), format!("{place}/procedure/code")];
    let remedy = "Declare 000 alone, or each additional procedure that applies, once.";
    judge.found("UK06", Error, fields, format!("Item {} {problem}.", item.no), remedy);
}

/// Procedures of one declaration want one data set.
fn are_of_one_category(declared: &Declared, judge: &mut Judge) {
    let (Some(stage), Some(category)) = (declared.stage, declared.category) else { return };
    let others =
        |item: &DeclarationItem| Category::of(declared.says(), item, stage).is_some_and(|other| other != category);
    if let Some((items, mut fields)) = declared.items_where("/procedure/code", others) {
        let detail = format!(
            "{items} ask for procedures of another category than item 1, which is of {} (CDS11005).",
            category.name()
        );
        fields.push(declared.at("/items/0/procedure/code"));
        judge.found("UK05", Error, fields, detail, "Declare the goods of each category in a declaration of their own.");
    }
}
