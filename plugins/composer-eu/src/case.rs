//! What a declaration is made of: the documents of the shipment, and what policy says.

use portgate_compose::{Facts, Gaps, Settings, draft};
use portgate_sdk::canonical::{CustomsDeclaration, CustomsStatus, Milestone, Regime, Text};
use portgate_sdk::{Composition, Context, Placed};

use crate::bills;
use crate::rules;

/// How long a local reference number may be, in both systems.
const LRN_MAX: usize = 22;

/// The shipment and the filing.
pub(crate) struct Case<'c> {
    pub(crate) context: &'c Context,
    pub(crate) composition: &'c Composition,
    pub(crate) settings: Settings<'c>,
    /// Its documents. Of transport documents those are there that count ([`bills::that_count`]).
    pub(crate) facts: Facts,
    pub(crate) milestones: Vec<Placed<Milestone>>,
    pub(crate) statuses: Vec<Placed<CustomsStatus>>,
}

impl<'c> Case<'c> {
    pub(crate) fn of(context: &'c Context, composition: &'c Composition) -> Self {
        let mut facts = Facts::of(context);
        facts.transport_documents = bills::that_count(std::mem::take(&mut facts.transport_documents), &facts.shipments);
        Case {
            context,
            composition,
            settings: Settings::of(composition, rules::SETTING),
            facts,
            milestones: context.documents(),
            statuses: context.documents(),
        }
    }

    /// A declaration to the administration that an office is of.
    pub(crate) fn draft(&self, regime: Regime, office: &str, gaps: &mut Gaps) -> Option<CustomsDeclaration> {
        let lrn = &self.composition.lrn;
        if lrn.is_empty() || lrn.chars().count() > LRN_MAX {
            let detail = format!("The local reference number `{lrn}` has not 1 to {LRN_MAX} characters.");
            let remedy = "Who keeps the policies has the filing give shorter numbers.";
            gaps.add(rules::LRN, [], detail, remedy);
        }
        draft(self.context, self.composition, office.get(..2)?, regime)
    }
}

/// An office by its place: settings list offices as `NLRTM:NL000396`, and the one for all other places as `NL000396`.
pub(crate) fn office_at<'s>(listed: &[&'s str], place: Option<&str>) -> Option<&'s str> {
    let at = |place: &str| {
        listed.iter().find_map(|entry| entry.split_once(':').filter(|(at, _)| *at == place).map(|(_, office)| office))
    };
    let otherwise = || listed.iter().find(|entry| !entry.contains(':')).copied();
    place.and_then(at).or_else(otherwise)
}

/// The number of an office: a country, and six letters or digits.
pub(crate) fn office_number(number: &str) -> Option<Text<17>> {
    let bytes = number.as_bytes();
    let shaped = bytes.len() == 8
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..].iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    shaped.then(|| Text::new(number).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_office_is_found_by_its_place_or_is_the_one_for_all_others() {
        let listed = ["NLRTM:NL000396", "DEHAM:DE004851", "BE101000"];
        assert_eq!(office_at(&listed, Some("DEHAM")), Some("DE004851"));
        assert_eq!(office_at(&listed, Some("FRLEH")), Some("BE101000"));
        assert_eq!(office_at(&listed[..2], None), None);
        assert!(
            office_number("NL000396").is_some()
                && office_number("nl000396").is_none()
                && office_number("NL39").is_none()
        );
    }
}
