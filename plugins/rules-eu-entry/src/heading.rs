//! What is said of the whole: how it crosses the border, its route and offices, its sums.

use portgate_sdk::canonical::{Decimal, OfficeRole};

use crate::conditions::Conditions;

/// The modes of transport that ICS has.
const MODES: [u8; 7] = [1, 2, 3, 4, 8, 10, 11];
/// Ships, of the sea and of inland waters.
const SHIPS: [u8; 2] = [1, 8];
const SEA: u8 = 1;
const AIR: u8 = 4;
/// Road vehicles, by road or on a ship, and trains on a ship: those whose nationality is said.
const REGISTERED: [u8; 3] = [3, 10, 11];

const MODE: &str = "/borderMode";
const MEANS_ID: &str = "/borderMeans/0/id";
const VOYAGE: &str = "/borderMeans/0/conveyanceRef";

pub(crate) fn judge(conditions: &mut Conditions) {
    mode(conditions);
    circumstance(conditions);
    identity(conditions);
    nationality(conditions);
    voyage(conditions);
    counted(conditions);
    weighed(conditions);
    route(conditions);
}

fn mode(conditions: &mut Conditions) {
    let written = conditions.written_mode().unwrap_or_default();
    if !conditions.mode().is_some_and(|mode| MODES.contains(&mode)) {
        let wrong = match written {
            "" => "How the goods cross the border is not said.".to_owned(),
            _ => format!("The mode of transport at the border is `{written}`, which an entry summary does not have."),
        };
        let remedy = "Declare 1 sea, 2 rail, 3 road, 4 air, 8 inland water, 10 road vehicles or 11 trains on a ship.";
        conditions.broken("8689", &[8689], [MODE, "/borderModeCode"], &wrong, remedy);
    }
    if written.len() > 1 && written.starts_with('0') {
        let wrong = format!("The mode of transport at the border is written `{written}`, with a nought before it.");
        conditions.broken("8690", &[8690], ["/borderModeCode"], &wrong, "Write it without.");
    }
}

fn circumstance(conditions: &mut Conditions) {
    let (circumstance, mode) = (conditions.circumstance(), conditions.mode());
    let fields = ["/specificCircumstance", MODE];
    let (allowed, number) = match circumstance {
        Some("C") => (3, 8111),
        Some("D") => (2, 8112),
        Some("E") | None => return,
        Some(other) => {
            let wrong =
                format!("The specific circumstance `{other}` is none of C (road), D (rail) and E (authorised).");
            return conditions.broken("8691", &[8691], fields, &wrong, "Declare one of them, or none.");
        }
    };
    if mode.is_some_and(|mode| mode != allowed && MODES.contains(&mode)) {
        let (circumstance, mode) = (circumstance.unwrap_or_default(), mode.unwrap_or_default());
        let wrong =
            format!("The specific circumstance {circumstance} is for mode {allowed} alone, and the mode is {mode}.");
        conditions.broken(
            "C529",
            &[number],
            fields,
            &wrong,
            "Leave the specific circumstance out, or correct the mode.",
        );
    }
}

/// Ships are identified by number, aircraft by their flight alone.
fn identity(conditions: &mut Conditions) {
    match (conditions.mode(), conditions.means_id()) {
        (Some(mode), None) if SHIPS.contains(&mode) => {
            let wrong = "The goods come by ship, and no ship is named.";
            conditions.broken("C017", &[8107], [MEANS_ID, MODE], wrong, "Take its IMO or ENI number from the booking.");
        }
        (Some(AIR), Some(_)) => {
            let wrong = "The goods come by air, and an aircraft is named.";
            conditions.broken("C017", &[8113], [MEANS_ID, MODE], wrong, "Name the flight instead.");
        }
        (Some(_), Some(id)) => ship(conditions, id, MEANS_ID),
        _ => {}
    }
}

/// A ship is called by its IMO number (7 digits) or its European number (ENI, 8 digits).
pub(crate) fn ship(conditions: &mut Conditions, id: &str, field: &str) {
    let is_number = matches!(id.trim().len(), 7 | 8) && id.trim().bytes().all(|byte| byte.is_ascii_digit());
    if conditions.mode().is_some_and(|mode| SHIPS.contains(&mode)) && !is_number {
        let wrong = format!("`{id}` is no number of a ship: 7 digits (IMO) or 8 (ENI).");
        conditions.broken("C514", &[8114], [field, MODE], &wrong, "Take the number of the ship from the booking.");
    }
}

fn nationality(conditions: &mut Conditions) {
    let of_means = conditions.means().is_some_and(|means| means.nationality.is_some());
    if !of_means && conditions.document().border_nationality.is_none() {
        return;
    }
    let registered = conditions.mode().is_some_and(|mode| REGISTERED.contains(&mode));
    if !registered || conditions.means_id().is_none() {
        let field = if of_means { "/borderMeans/0/nationality" } else { "/borderNationality" };
        let wrong =
            "A nationality is said of a means of transport that is named in no declaration by road or on a ship.";
        let remedy = "Leave the nationality out, or name the vehicle (modes 3, 10 and 11).";
        conditions.broken("C024", &[8115], [field, MEANS_ID, MODE], wrong, remedy);
    }
}

fn voyage(conditions: &mut Conditions) {
    let voyage = conditions.means().and_then(|means| means.conveyance_ref.as_deref()).map(str::trim);
    match (conditions.mode(), voyage) {
        (Some(AIR), voyage) if !voyage.is_some_and(is_flight) => {
            let wrong = match voyage {
                Some(voyage) => {
                    format!("`{voyage}` is no flight: an airline (1 to 3 signs), 1 to 4 digits, perhaps a letter.")
                }
                None => "The goods come by air, and no flight is named.".to_owned(),
            };
            conditions.broken("TR0518", &[8118], [VOYAGE, MODE], &wrong, "Take the flight from the air waybill.");
        }
        (Some(SEA), Some(voyage)) if voyage.strip_prefix("XFER").is_some_and(|rest| !is_transfer(rest)) => {
            let wrong = format!(
                "`{voyage}` begins as a transfer, and XFER is not followed by letters and digits as it should be."
            );
            let remedy = "Write XFER, letters or digits, and perhaps `:` or `-` and letters or digits.";
            conditions.broken("TR0519", &[8685], [VOYAGE, MODE], &wrong, remedy);
        }
        _ => {}
    }
}

fn is_flight(text: &str) -> bool {
    let number = text.strip_suffix(|last: char| last.is_ascii_alphabetic()).unwrap_or(text);
    let digits = number.bytes().rev().take_while(u8::is_ascii_digit).count();
    // Signs of an airline may be digits as well: `U2123` is U2, flight 123.
    let airline = number.len() - digits.min(4);
    text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && digits > 0 && airline <= 3 && number.len() > 1
}

fn is_transfer(rest: &str) -> bool {
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match rest.split_once([':', '-']) {
        Some((one, other)) => is_word(one) && is_word(other),
        None => is_word(rest),
    }
}

fn counted(conditions: &mut Conditions) {
    let document = conditions.document();
    let items = document.items.len();
    if let Some(stated) = document.item_count.filter(|stated| *stated as usize != items) {
        let wrong = format!("The declaration says {stated} items and has {items}.");
        conditions.broken(
            "8206",
            &[8206],
            ["/itemCount", "/items"],
            &wrong,
            "Correct the number, or add the items that are missing.",
        );
    }
    if items > 999 {
        let wrong = format!("The declaration has {items} items, and an entry summary has 999 at most.");
        conditions.broken("8611", &[8611], ["/items"], &wrong, "Divide it into several declarations.");
    }
    if let Some((index, item)) = conditions.items().find(|(index, item)| item.no as usize != index + 1) {
        let wrong = format!("Items are numbered 1, 2, 3 …; item {} stands where {} should.", item.no, index + 1);
        conditions.broken("R007", &[8102], [format!("/items/{index}/no")], &wrong, "Number the items anew.");
    }
}

fn weighed(conditions: &mut Conditions) {
    let document = conditions.document();
    let sum: Decimal = document.items.iter().filter_map(|item| item.gross_kg).sum();
    if let Some(total) = document.total_gross_kg.filter(|total| sum > *total) {
        let wrong = format!("The items weigh {sum} kg, and the declaration says {total} kg in all.");
        conditions.broken(
            "TR0812",
            &[8686],
            ["/totalGrossKg", "/items"],
            &wrong,
            "Correct the total, or the item that is wrong.",
        );
    }
}

fn route(conditions: &mut Conditions) {
    let document = conditions.document();
    if document.itinerary.len() < 2 {
        let wrong = format!("The itinerary names {} countries, and two are the least.", document.itinerary.len());
        conditions.broken(
            "C570",
            &[8684],
            ["/itinerary"],
            &wrong,
            "Name the countries from where the goods leave to where they enter.",
        );
    }
    let office = |role: OfficeRole| document.offices.iter().position(|office| office.role == role);
    if let (Some(lodgement), Some(entry)) = (office(OfficeRole::Lodgement), office(OfficeRole::FirstEntry))
        && document.offices[lodgement].reference == document.offices[entry].reference
    {
        let fields = [format!("/offices/{lodgement}/reference"), format!("/offices/{entry}/reference")];
        let wrong = "The office of lodgement is the office of first entry.";
        conditions.broken("8616", &[8616], fields, wrong, "Leave the office of lodgement out.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flight_has_an_airline_and_a_number_and_perhaps_a_letter() {
        for good in ["BA123", "U21", "BAW1234", "BAW1234C", "U2123", "A1", "12345"] {
            assert!(is_flight(good), "{good}");
        }
        for bad in ["", "BA", "BAWX123", "BAW12345", "BA-123", "1", "BA123CC"] {
            assert!(!is_flight(bad), "{bad}");
        }
    }

    #[test]
    fn a_transfer_has_letters_and_digits_in_one_or_two_parts() {
        assert!(is_transfer("AB1") && is_transfer("AB:1") && is_transfer("1-B"));
        assert!(
            !is_transfer("")
                && !is_transfer("AB:")
                && !is_transfer(":1")
                && !is_transfer("A B")
                && !is_transfer("A:B:C")
        );
    }
}
