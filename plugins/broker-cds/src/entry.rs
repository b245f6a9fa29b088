//! How customs has entered a declaration: the codes that inventory linking and the queries of declarations have in common.

use portgate_sdk::canonical::{Code, CustomsStatus, DeclarationStatus, Text};
use portgate_sdk::xml::Element;

use crate::notes::Notes;

/// The list that the status of an entry is of. Inventory linking calls it SOE, the queries of declarations ICS.
const STATUS_OF_ENTRY: &str = "HMRC status of entry";

/// The list that a clearance status of inventory linking is of.
const CLEARANCE: &str = "HMRC ICS";

/// The list that routes of entry are of: which control it is for.
const ROUTE_OF_ENTRY: &str = "HMRC ROE";

/// What the status of an entry says of the declaration.
pub(crate) fn status(code: &str) -> Option<DeclarationStatus> {
    use DeclarationStatus::*;
    Some(match code {
        "1" | "7" | "8" | "18" => Received, // validated, corrected and validated, registered in advance, received
        "9" | "10" | "14" | "15" | "C" => Accepted, // also risked, the position of customs determined, under risk
        "5" | "11" => Rejected,
        "24" => Control, // somebody has to decide
        "12" | "13" | "23" => Amended,
        "2" => Released,
        "3" | "16" | "22" => Cleared, // also cleared after release, completed
        "4" => Invalidated,
        "19" | "20" => Tax, // provisional and final debt
        "17" => GuaranteeNotValid,
        "21" | "D" => Exited,
        _ => return None,
    })
}

/// What the status of a consolidation says: its goods may go on (3), have gone (D), or it is open, shut or empty.
pub(crate) fn status_of_consolidation(code: &str) -> Option<DeclarationStatus> {
    use DeclarationStatus::*;
    Some(match code {
        "3" => Released,
        "D" => Exited,
        "0" | "C" | "E" => Received,
        _ => return None,
    })
}

/// A code of an element with the list that it is of.
pub(crate) fn code(element: Element<'_>, list: &str, notes: &mut Notes) -> Option<Code> {
    let code = notes.bounded(element)?;
    Some(Code { code, code_list: Text::new(list).ok()?, source_code: None })
}

/// The status of an entry at an element, by one of the tables above; one that is not known is told.
pub(crate) fn known(
    element: Option<Element<'_>>,
    table: fn(&str) -> Option<DeclarationStatus>,
    notes: &mut Notes,
) -> Option<DeclarationStatus> {
    let element = element?;
    let code = element.text()?;
    Some(table(code.trim()).unwrap_or_else(|| {
        let detail =
            format!("The status of entry `{}` is not known; add it to the connector.", crate::words::short(&code));
        notes.warning("UNKNOWN-STATUS", element, detail);
        DeclarationStatus::Unmapped
    }))
}

/// Status, route and clearance status beside what they mean.
pub(crate) fn keep(
    document: &mut CustomsStatus,
    (status, route, clearance): (Option<Element<'_>>, Option<Element<'_>>, Option<Element<'_>>),
    notes: &mut Notes,
) {
    document.status_of_entry = status.and_then(|element| code(element, STATUS_OF_ENTRY, notes));
    document.route_of_entry = route.and_then(|element| code(element, ROUTE_OF_ENTRY, notes));
    document.entry_status = clearance.and_then(|element| code(element, CLEARANCE, notes));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_departure_is_an_exit_of_entry_and_consolidation() {
        assert_eq!(status("D"), Some(DeclarationStatus::Exited));
        assert_eq!(status_of_consolidation("D"), Some(DeclarationStatus::Exited));
        assert_eq!((status("F"), status_of_consolidation("9")), (None, None));
    }
}
