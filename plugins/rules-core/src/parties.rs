//! R14, R15: who takes part.

use portgate_sdk::Judge;
use portgate_sdk::Severity::Error;
use portgate_sdk::canonical::{Party, Regime};

use crate::shipment::Facts;

const EORI: &str = "EORI";
/// What a party without a number needs: name, street, city, postcode and country.
const ALL: usize = 5;

pub(crate) fn judge(facts: &Facts, judge: &mut Judge) {
    for declaration in &facts.declarations {
        let of_items = declaration.document.items.iter().enumerate().flat_map(|(item, of)| {
            of.parties.iter().enumerate().map(move |(index, party)| (party, format!("/items/{item}/parties/{index}")))
        });
        let own = declaration.document.parties.iter().enumerate();
        let parties = own.map(|(index, party)| (party, format!("/parties/{index}"))).chain(of_items);
        for (party, place) in parties {
            identified(party, &|field| declaration.at(&format!("{place}{field}")), judge);
            if declaration.document.regime == Regime::EntrySummary {
                either_number_or_address(party, &|field| declaration.at(&format!("{place}{field}")), judge);
            }
        }
    }
}

/// The shape of an EORI number: a country and up to fifteen letters and digits; twelve or fifteen digits in the UK.
fn is_eori(value: &str) -> bool {
    let Some((country, number)) = value.split_at_checked(2) else { return false };
    let shaped = country.bytes().all(|byte| byte.is_ascii_uppercase())
        && (1..=15).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let is_uk = matches!(country, "GB" | "XI");
    shaped && (!is_uk || (matches!(number.len(), 12 | 15) && number.bytes().all(|byte| byte.is_ascii_digit())))
}

fn identified(party: &Party, at: &impl Fn(&str) -> String, judge: &mut Judge) {
    for (index, id) in party.ids.iter().enumerate().filter(|(_, id)| &*id.scheme == EORI && !is_eori(&id.value)) {
        let detail = format!(
            "{} is no EORI number: a country and up to 15 letters and digits, 12 or 15 digits in the UK.",
            &*id.value
        );
        judge.found("R14", Error, [at(&format!("/ids/{index}/value"))], detail, "Ask the party for its EORI number.");
    }
}

/// In an entry summary a party is given by its number, or by name and whole address.
fn either_number_or_address(party: &Party, at: &impl Fn(&str) -> String, judge: &mut Judge) {
    let number = party.ids.iter().find(|id| &*id.scheme == EORI);
    let address = party.address.as_ref();
    match number {
        Some(number) if number.value.starts_with("GB") && (address.is_some() || party.name.is_some()) => {
            let detail = "A party with a GB number is given by it alone, without name and address.";
            judge.found("R15", Error, [at("/ids"), at("/address")], detail, "Leave name and address out.");
        }
        Some(_) => {}
        None => {
            let missing = [
                ("a name", party.name.is_some()),
                ("a street", address.is_some_and(|address| !address.lines.is_empty())),
                ("a city", address.is_some_and(|address| address.city.is_some())),
                ("a postcode", address.is_some_and(|address| address.postcode.is_some())),
                ("a country", address.is_some_and(|address| address.country.is_some())),
            ];
            let missing: Vec<&str> = missing.into_iter().filter(|(_, there)| !there).map(|(what, _)| what).collect();
            let role = serde_json::to_value(party.role).ok();
            let role = role.as_ref().and_then(serde_json::Value::as_str).unwrap_or("party");
            if missing.len() == ALL && party.ids.is_empty() {
                let detail = format!("The {role} is named, and neither by a number nor by name and address.");
                let fields = [at("/ids"), at("/name"), at("/address")];
                judge.found("R15", Error, fields, detail, "Say who it is, or leave the party out.");
            } else if !missing.is_empty() && missing.len() < ALL {
                let detail = format!("A party without a number needs {}.", missing.join(", "));
                judge.found("R15", Error, [at("/address"), at("/name")], detail, "Ask the party for it.");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_uk_have_twelve_or_fifteen_digits_and_others_at_most_fifteen_signs() {
        for good in ["GB123456789000", "XI123456789000123", "DE1234", "FRA1B2C3"] {
            assert!(is_eori(good), "{good}");
        }
        for bad in ["GB12345678900", "gb123456789000", "DE", "D", "DE1234567890123456", "DE12 34", ""] {
            assert!(!is_eori(bad), "{bad}");
        }
    }
}
