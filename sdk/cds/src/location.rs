//! UK09: where the goods are (DE 5/23).

use portgate_sdk::Judge;
use portgate_sdk::Severity::Error;

use crate::declared::Declared;

/// What a place can be (its type) and how it can be named then (its qualifier): `A` a designated place by its code, `B` an
/// authorised place by its authorisation, `C` an approved place by a trader's or its own number, `D` another by its address.
const NAMED_BY: [(&str, &[&str]); 4] = [("A", &["U"]), ("B", &["Y"]), ("C", &["X", "U", "Y"]), ("D", &["Z", "U", "X"])];

pub(crate) fn judge(declared: &Declared, judge: &mut Judge) {
    let Some(location) = &declared.says().location_of_goods else { return };
    let at = |field: &str| declared.at(&format!("/locationOfGoods/{field}"));
    let mut found = |detail: String, fields: [&str; 2]| {
        let remedy = "Declare the place by country, type, qualifier and code as HMRC's lists of locations have it.";
        judge.found("UK09", Error, fields.map(at), format!("{detail} (DE 5/23; CDS12099)."), remedy);
    };
    let (Some(r#type), Some(qualifier)) = (location.r#type.as_deref(), location.qualifier.as_deref()) else {
        found("The location of the goods has no type, or no qualifier".to_owned(), ["type", "qualifier"]);
        return;
    };
    match NAMED_BY.iter().find(|(known, _)| *known == r#type) {
        None => found(format!("The location of the goods has type {type}, which is none"), ["type", "code"]),
        Some((_, qualifiers)) if !qualifiers.contains(&qualifier) => {
            let detail = format!("A location of type {type} is not named by qualifier {qualifier}");
            found(detail, ["qualifier", "type"]);
        }
        Some(_) => {}
    }
    match location.country.as_ref().map(|country| country.as_str()) {
        None => found("The location of the goods has no country".to_owned(), ["country", "code"]),
        Some("GB" | "XI") => {}
        Some(other) => found(format!("The location of the goods is in {other}"), ["country", "code"]),
    }
    let code = location.code.trim();
    let is_plain = code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if matches!(r#type, "A" | "B") && !((4..=14).contains(&code.len()) && is_plain) {
        found(format!("{code} is no code of a location"), ["code", "type"]);
    }
}
