//! How what the sets have in common is written: carriers, times and amounts.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{Decimal, Timestamp};
use portgate_sdk::x12::{Form, Pen, SEPARATORS, Separators};

use super::tender::CARRIERS;
use super::time::{Written, written_as_said};

/// A form of the edition that is written. References and remarks often have a colon, which is therefore no separator here.
pub(super) const fn form(kind: &'static str, set: &'static str, group: &'static str) -> Form {
    Form { kind, set, group, edition: "004010", separators: Separators { component: Some(b'>'), ..SEPARATORS } }
}

/// The carrier's SCAC: that of the document by the agreement's table, else the agreement's setting `scac`.
pub(super) fn scac(pen: &mut Pen<'_>, carrier: Option<&str>, at: Pointer) -> Option<String> {
    let is_scac = |code: &&str| (2..=4).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let carrier = carrier.map(|carrier| pen.theirs(CARRIERS, carrier, at));
    let scac = carrier.as_deref().filter(is_scac).or(pen.agreement.setting("scac").filter(is_scac));
    scac.map(str::to_owned)
}

/// `G62`. A time of day has a qualifier of its own.
pub(super) fn time(pen: &mut Pen<'_>, day: &str, qualifier: &str, time: &Timestamp) {
    let Written { date, time, zone } = written_as_said(time);
    pen.out.segment("G62").elements((day, date, qualifier, time, zone));
}

/// An amount without its point (N2).
pub(super) fn n2(amount: Decimal) -> String {
    let text = amount.round(2).to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = format!("{whole}{fraction:0<2}");
    let (sign, digits) = digits.strip_prefix('-').map_or(("", &*digits), |digits| ("-", digits));
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() { "0".to_owned() } else { format!("{sign}{digits}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_two_digits_behind_the_point_that_nobody_writes() {
        let written = |amount: &str| n2(Decimal::from_partner(amount).expect("a number"));
        let found = ["557.21", "12", "0.5", "-1274.1", "0", "0.005"].map(written);
        assert_eq!(found, ["55721", "1200", "50", "-127410", "0", "1"]);
    }
}
