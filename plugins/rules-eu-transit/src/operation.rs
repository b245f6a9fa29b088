//! What kind of transit it is, and what its kind asks for: a carnet, an authorisation, a limit date, a route.

use crate::conditions::Conditions;
use crate::conditions::Error::{Missing, Rule, Spare};

/// The authorisation to be an authorised consignor, who sets the limit date.
const AUTHORISED_CONSIGNOR: &str = "C521";
/// The authorisation to use the reduced data set.
const REDUCED: &str = "C524";

pub(crate) fn judge(conditions: &mut Conditions) {
    carnet(conditions);
    reduced(conditions);
    limit_date(conditions);
    route(conditions);
}

fn carnet(conditions: &mut Conditions) {
    let fields = ["/tirCarnet", "/typeCode"];
    match (conditions.is_tir(), conditions.document().tir_carnet.as_deref()) {
        (true, None) => {
            conditions.broken(
                "C0411",
                Missing,
                fields,
                "A TIR operation names no carnet.",
                "Take the number from the carnet.",
            );
        }
        (false, Some(_)) => {
            let wrong = "A TIR carnet is named, and this is no TIR operation.";
            conditions.broken("C0411", Spare, fields, wrong, "Leave the carnet out, or declare TIR.");
        }
        (true, Some(carnet))
            if !matches!(carnet.len(), 10 | 11) || !carnet.bytes().all(|sign| sign.is_ascii_alphanumeric()) =>
        {
            let wrong = format!("`{carnet}` is no number of a TIR carnet, which has 10 or 11 letters and digits.");
            conditions.broken("R0990", Rule, fields, wrong, "Take the number from the carnet.");
        }
        _ => {}
    }
}

fn reduced(conditions: &mut Conditions) {
    let authorisations = &conditions.document().authorisations;
    let is_allowed = authorisations.iter().any(|authorisation| &*authorisation.r#type == REDUCED);
    let fields = ["/authorisations", "/reducedDataset"];
    match (conditions.is_reduced(), is_allowed) {
        (true, _) if conditions.is_tir() => {
            let wrong = "A TIR operation has the reduced data set.";
            conditions.broken("R0849", Rule, ["/reducedDataset", "/typeCode"], wrong, "Declare the whole data set.");
        }
        (true, false) if authorisations.is_empty() => {
            let wrong = "The reduced data set is used without an authorisation.";
            conditions.broken(
                "C0101",
                Missing,
                fields,
                wrong,
                "Name the authorisation C524, or declare the whole data set.",
            );
        }
        (true, false) => {
            let wrong = "The reduced data set is used, and no authorisation is for it.";
            conditions.broken(
                "R0859",
                Rule,
                fields,
                wrong,
                "Name the authorisation C524, or declare the whole data set.",
            );
        }
        (false, true) => {
            let wrong =
                "An authorisation for the reduced data set (C524) is named, and the whole data set is declared.";
            conditions.broken("R0859", Rule, fields, wrong, "Leave the authorisation out.");
        }
        _ => {}
    }
}

fn limit_date(conditions: &mut Conditions) {
    let document = conditions.document();
    let is_authorised =
        document.authorisations.iter().any(|authorisation| &*authorisation.r#type == AUTHORISED_CONSIGNOR);
    let fields = ["/limitDate", "/authorisations"];
    match document.limit_date {
        Some(_) if !is_authorised => {
            let wrong = "A limit date is set, and nobody is authorised to set it (C521): customs sets it.";
            conditions.broken("C0839", Spare, fields, wrong, "Leave it out, or name the authorisation C521.");
        }
        None if is_authorised && !conditions.is_prelodged() => {
            let wrong = "An authorised consignor (C521) declares, and sets no limit date.";
            conditions.broken(
                "C0839",
                Missing,
                fields,
                wrong,
                "Set the day until which the goods reach their destination.",
            );
        }
        _ => {}
    }
}

fn route(conditions: &mut Conditions) {
    let document = conditions.document();
    let is_binding = document.binding_itinerary == Some(true);
    if document.itinerary.is_empty() && (is_binding || conditions.is_secured()) {
        let wrong = match is_binding {
            true => "The itinerary is binding, and names no country.",
            false => "There are security data, and no country of the route is named.",
        };
        let fields = ["/itinerary", "/bindingItinerary", "/security"];
        conditions.broken("C0586", Missing, fields, wrong, "Name the countries that the goods pass, in order.");
    }
}
