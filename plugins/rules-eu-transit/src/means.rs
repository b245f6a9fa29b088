//! Means of transport: at departure and at the border.

use portgate_sdk::canonical::{MeansOfTransport, OfficeRole};

use crate::conditions::Error::{Missing, Rule, Spare};
use crate::conditions::{Conditions, digit};

const MAIL: &str = "5";
const ROAD: &str = "3";
const RAIL: &str = "2";
const AIR: &str = "4";
/// A lorry, and its trailer.
const LORRY: &str = "30";
const TRAILER: &str = "31";
/// Identifiers that have no small letters: at departure, and at the border.
const CAPITALS: [&str; 8] = ["10", "20", "21", "30", "31", "40", "41", "80"];
const CAPITALS_AT_BORDER: [&str; 6] = ["10", "21", "30", "40", "41", "80"];

pub(crate) fn judge(conditions: &mut Conditions) {
    at_departure(conditions);
    at_border(conditions);
}

fn at_departure(conditions: &mut Conditions) {
    let document = conditions.document();
    let mode = digit(document.inland_mode, document.inland_mode_code.as_deref());
    let whole = &document.departure_means;
    means_of_departure(conditions, mode, whole, "/departureMeans");
    for (place, house) in conditions.houses() {
        let at = format!("{place}/departureMeans");
        if !whole.is_empty() && !house.departure_means.is_empty() {
            let wrong = format!(
                "Means of transport at departure are named of the whole, and of house consignment {}.",
                house.no
            );
            conditions.broken(
                "C0826",
                Spare,
                [at.as_str(), "/departureMeans"],
                wrong,
                "Name them of the whole, or of the houses.",
            );
        }
        means_of_departure(conditions, mode, &house.departure_means, &at);
    }
    let houses = &document.houses;
    if let [first, others @ ..] = &houses[..]
        && !others.is_empty()
        && !first.departure_means.is_empty()
        && others.iter().all(|house| house.departure_means == first.departure_means)
    {
        let wrong = "All house consignments have the same means of transport at departure.";
        conditions.broken("R0506", Rule, ["/houses/0/departureMeans"], wrong, "Name them of the whole.");
    }
}

fn means_of_departure(conditions: &mut Conditions, mode: &str, means: &[MeansOfTransport], at: &str) {
    if means.is_empty() {
        return;
    }
    if mode == MAIL {
        let wrong = "The goods go by mail, and a means of transport at departure is named.";
        return conditions.broken("C0826", Spare, [at, "/inlandMode"], wrong, "Leave it out.");
    }
    let most = match mode {
        ROAD => 3,
        RAIL => usize::MAX,
        _ => 1,
    };
    if means.len() > most {
        let wrong = format!(
            "{} means of transport at departure are named; by this mode there are {most} at most.",
            means.len()
        );
        conditions.broken(
            "R0855",
            Rule,
            [at, "/inlandMode"],
            wrong,
            "Name the lorry and its trailers, or one vehicle.",
        );
    }
    for (index, one) in means.iter().enumerate() {
        let id_type = one.id_type.as_deref().unwrap_or_default();
        let fields = [format!("{at}/{index}/idType"), "/inlandMode".to_owned()];
        if id_type.is_empty() {
            // The schema asks for one.
        } else if matches!(mode, "1" | "2" | "3" | "4" | "8") && !id_type.starts_with(mode) {
            let wrong = format!(
                "An identification of type {id_type} is of another mode than {mode}, by which the goods leave."
            );
            conditions.broken("R0472", Rule, fields, wrong, "Correct the mode inland, or the type of identification.");
        } else if mode == ROAD && index == 0 && id_type != LORRY {
            let wrong = format!("The first means of transport by road is the lorry (30), and this is {id_type}.");
            conditions.broken("R0474", Rule, fields, wrong, "Name the lorry first.");
        } else if mode == ROAD && (1..=2).contains(&index) && id_type != TRAILER {
            let wrong = format!("Behind the lorry come its trailers (31), and this is {id_type}.");
            conditions.broken("R0476", Rule, fields, wrong, "Name the trailers behind the lorry.");
        }
        capitals(conditions, one, &CAPITALS, "R0473", &format!("{at}/{index}"));
    }
}

fn capitals(conditions: &mut Conditions, means: &MeansOfTransport, types: &[&str], rule: &str, at: &str) {
    let is_of_them = means.id_type.as_deref().is_some_and(|id_type| types.contains(&id_type));
    if let Some(id) = means.id.as_deref().filter(|id| is_of_them && id.contains(char::is_lowercase)) {
        let wrong = format!("`{id}` has small letters.");
        conditions.broken(rule, Rule, [format!("{at}/id")], wrong, "Write it in capitals.");
    }
}

fn at_border(conditions: &mut Conditions) {
    let document = conditions.document();
    let mode = digit(document.border_mode, document.border_mode_code.as_deref());
    let is_asked = conditions.is_secured() && document.additional_type_code.as_deref().unwrap_or("A") == "A";
    let means = &document.border_means;
    if mode.is_empty() && is_asked {
        let wrong = "There are security data, and how the goods cross the border is not said.";
        conditions.broken("C0599", Missing, ["/borderMode", "/security"], wrong, "Declare the mode at the border.");
    }
    if mode == MAIL && !means.is_empty() {
        let wrong = "The goods cross the border by mail, and a means of transport is named.";
        conditions.broken("C0806", Spare, ["/borderMeans", "/borderMode"], wrong, "Leave it out.");
    } else if mode != MAIL && means.is_empty() && is_asked {
        let wrong = "There are security data, and no means of transport at the border is named.";
        conditions.broken(
            "C0806",
            Missing,
            ["/borderMeans", "/security"],
            wrong,
            "Name what brings the goods over the border.",
        );
    }
    if means.len() > 1 && conditions.offices(OfficeRole::Transit).next().is_none() {
        let wrong = format!("{} means of transport at the border are named, and no office of transit.", means.len());
        conditions.broken("R0789", Rule, ["/borderMeans", "/offices"], wrong, "Name one, or the offices of transit.");
    }
    for (index, one) in means.iter().enumerate() {
        let at = format!("/borderMeans/{index}");
        capitals(conditions, one, &CAPITALS_AT_BORDER, "R0076", &at);
        let fields = [format!("{at}/conveyanceRef"), "/borderMode".to_owned()];
        match one.conveyance_ref.as_deref() {
            None if mode == AIR && conditions.is_secured() => {
                let wrong = "The goods come by air with security data, and no flight is named.";
                conditions.broken("C0531", Missing, fields, wrong, "Take the flight from the air waybill.");
            }
            Some(flight) if mode == AIR && !is_flight(flight) => {
                let wrong =
                    format!("`{flight}` is no flight: an airline (1 to 3 signs), 1 to 4 digits, perhaps a letter.");
                conditions.broken("R0315", Rule, fields, wrong, "Take the flight from the air waybill.");
            }
            _ => {}
        }
    }
}

/// An airline of one to three signs, one to four digits, and perhaps a letter.
fn is_flight(text: &str) -> bool {
    let number = text.strip_suffix(|last: char| last.is_ascii_alphabetic()).unwrap_or(text);
    let digits = number.bytes().rev().take_while(u8::is_ascii_digit).count();
    // Signs of an airline may be digits as well: `U2123` is U2, flight 123.
    let airline = number.len() - digits.min(4);
    text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && digits > 0 && airline <= 3 && number.len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flight_has_an_airline_and_a_number_and_perhaps_a_letter() {
        assert!(is_flight("AIR1234b") && is_flight("U2123") && is_flight("A1"));
        assert!(!is_flight("AIRB1234") && !is_flight("AIR") && !is_flight("AIR 123") && !is_flight(""));
    }
}
