//! Places: of loading, of unloading, and where the goods are.

use portgate_sdk::canonical::Location;

use crate::conditions::Conditions;
use crate::conditions::Error::{Missing, Spare};
use crate::lists::is_of_security_area;

pub(crate) fn judge(conditions: &mut Conditions) {
    let document = conditions.document();
    if document.place_of_loading.is_none() && !conditions.is_prelodged() {
        let wrong = "Where the goods are loaded is not said.";
        conditions.broken("C0403", Missing, ["/placeOfLoading"], wrong, "Take the place from the booking.");
    }
    unloading(conditions);
    named(conditions, document.place_of_loading.as_ref(), "/placeOfLoading");
    named(conditions, document.place_of_unloading.as_ref(), "/placeOfUnloading");
    let from = conditions.departure();
    if document.location_of_goods.is_none() && !conditions.is_prelodged() && !is_of_security_area(from) {
        let wrong = format!("Where the goods can be examined is not said, as {from} asks.");
        conditions.broken(
            "C0710",
            Missing,
            ["/locationOfGoods"],
            wrong,
            "Name the place where the goods are presented.",
        );
    }
}

fn unloading(conditions: &mut Conditions) {
    let fields = ["/placeOfUnloading", "/security"];
    match (conditions.security(), &conditions.document().place_of_unloading) {
        ("1" | "3", None) => {
            let wrong = "There are entry data, and where the goods are unloaded is not said.";
            conditions.broken("C0191", Missing, fields, wrong, "Take the place from the booking.");
        }
        ("0", Some(_)) => {
            let wrong = "Where the goods are unloaded is said, and there are no security data.";
            conditions.broken("C0191", Spare, fields, wrong, "Leave the place out, or declare the security data.");
        }
        _ => {}
    }
}

/// C0387: a place has a UN/LOCODE, or a country and a name.
fn named(conditions: &mut Conditions, place: Option<&Location>, at: &str) {
    let Some(place) = place else { return };
    let has_code = place.un_locode.is_some() || place.facility_code.is_some();
    if !has_code && (place.country.is_none() || place.name.is_none()) {
        let fields = [format!("{at}/unLocode"), format!("{at}/country"), format!("{at}/name")];
        let wrong = "A place without a UN/LOCODE has a country and a name.";
        conditions.broken("C0387", Missing, fields, wrong, "Name its UN/LOCODE, or country and place.");
    }
}
