//! The business rules of EN 16931 (CEN/TS 16931, EN 16931-1:2017), for either syntax.
//!
//! Each rule that does not hold is a finding with the rule's id, at the term or, where that is missing, at its group. The standard
//! makes all of them fatal but `BR-51`, which warns, as does `BR-CO-25` of a credit note. An invoice that claims to keep the standard, or a specification that only
//! narrows it (`#compliant#`), is refused where it does not; any other, such as one of a specification that widens it
//! (`#conformant#`), is warned of the same and taken.

mod categories;
mod presence;
mod sums;

use portgate_sdk::Severity;
use portgate_sdk::xml::Element;

use crate::notes::{At, Notes};
use crate::terms::Group;

/// How specifications are called that are of the standard.
const STANDARD: &str = "urn:cen.eu:en16931";

/// What stands in the name of one that widens it.
const WIDENED: &str = "#conformant#";

/// Holds an invoice against the rules.
pub(crate) fn check(invoice: &Group<'_>, notes: &mut Notes) {
    let claims = invoice.text("BT-24").is_some_and(|claim| claim.starts_with(STANDARD) && !claim.contains(WIDENED));
    let fatal = if claims { Severity::Error } else { Severity::Warning };
    let mut verdict = Verdict { fatal, notes };
    presence::check(invoice, &mut verdict);
    sums::check(invoice, &mut verdict);
    categories::check(invoice, &mut verdict);
}

/// Notes which rules do not hold.
struct Verdict<'n> {
    fatal: Severity,
    notes: &'n mut Notes,
}

impl Verdict<'_> {
    /// A rule that must hold.
    fn rule(&mut self, holds: bool, id: &str, at: Element<'_>, detail: &str) {
        if !holds {
            self.notes.note(self.fatal, id, At(at), detail);
        }
    }

    /// A rule that should hold.
    fn advice(&mut self, holds: bool, id: &str, at: Element<'_>, detail: &str) {
        if !holds {
            self.notes.warning(id, At(at), detail);
        }
    }

    /// Rules that say which terms a group must have.
    fn must_have(&mut self, group: &Group<'_>, rules: &[(&str, &str, &str)]) {
        for (id, term, what) in rules {
            if !group.has(term) {
                let detail = format!("{what} ({term}) is missing; each must have it.");
                self.notes.note(self.fatal, id, At(group.at), detail);
            }
        }
    }

    /// Rules that say which amounts have two digits after the point at most.
    fn cents(&mut self, group: &Group<'_>, rules: &[(&str, &str)]) {
        for (id, term) in rules {
            let text = group.text(term).unwrap_or_default();
            let digits = text.split_once('.').map_or(0, |(_, digits)| digits.len());
            self.rule(digits <= 2, id, group.place(term), "The amount has more than two digits after its point.");
        }
    }
}
