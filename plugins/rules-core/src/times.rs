//! R20: what happens after what.

use portgate_sdk::Judge;
use portgate_sdk::Severity::{Error, Warning};

use crate::shipment::Facts;

/// `now` is an RFC 3339 instant in UTC; days are compared as they are written.
pub(crate) fn judge(facts: &Facts, now: &str, judge: &mut Judge) {
    let today = now.get(..10).unwrap_or_default();
    for declaration in &facts.declarations {
        for (field, time) in
            [("/acceptedAt", &declaration.document.accepted_at), ("/declaredAt", &declaration.document.declared_at)]
        {
            let Some(day) = time.as_ref().and_then(|time| time.as_str().get(..10)) else { continue };
            // It is a day later somewhere.
            if day > today && !is_next_day(today, day) {
                let detail = format!("{day} is still to come.");
                judge.found("R20", Error, [declaration.at(field)], detail, "Correct the date.");
            }
        }
        for invoice in facts.charged() {
            let declared = declaration.document.declared_at.as_ref().or(declaration.document.accepted_at.as_ref());
            let Some(day) = declared.and_then(|time| time.as_str().get(..10)) else { continue };
            let issued = invoice.document.issue_date.to_string();
            if issued.as_str() > day {
                let detail =
                    format!("Invoice {} is of {issued}, and the declaration of {day}.", &*invoice.document.number);
                let fields = [invoice.at("/issueDate"), declaration.at("/declaredAt")];
                judge.found(
                    "R20",
                    Warning,
                    fields,
                    detail,
                    "Look whether the declaration was made from another invoice.",
                );
            }
        }
    }
    for shipment in &facts.shipments {
        for (index, leg) in shipment.document.legs.iter().enumerate() {
            if let (Some(left), Some(arrived)) = (&leg.atd, &leg.ata)
                && (left.is_local() == arrived.is_local())
                && left.as_str().get(..10) > arrived.as_str().get(..10)
            {
                let detail =
                    format!("Leg {} arrived on {} and left on {}.", leg.seq, day(arrived.as_str()), day(left.as_str()));
                let fields = [shipment.at(&format!("/legs/{index}/ata")), shipment.at(&format!("/legs/{index}/atd"))];
                judge.found("R20", Error, fields, detail, "Ask the carrier when the goods left and arrived.");
            }
        }
    }
}

fn day(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}

/// Whether a day is the one behind another, or might be: the same month and one later, or the first of a month.
fn is_next_day(today: &str, day: &str) -> bool {
    let number = |day: &str| day.get(8..10).and_then(|digits| digits.parse::<u8>().ok());
    match (number(today), number(day)) {
        (Some(one), Some(other)) if today.get(..7) == day.get(..7) => other == one + 1,
        (Some(one), Some(1)) => one >= 28,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_later_is_known_across_months() {
        assert!(is_next_day("2026-03-01", "2026-03-02") && is_next_day("2026-02-28", "2026-03-01"));
        assert!(!is_next_day("2026-03-01", "2026-03-03") && !is_next_day("2026-03-01", "2026-04-01"));
    }
}
