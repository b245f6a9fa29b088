//! Whose word counts for a field.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use portgate_core::policy::{Owner, Policies};
use portgate_core::sender;

/// Who owns which fields, and what partners are to us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ownership {
    owners: Vec<Owner>,
    roles: BTreeMap<String, String>,
}

/// How much a system's word counts for a field: more than that of systems with a lower weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// It does not own the field.
    Any,
    /// It owns what nothing more exact is said of.
    Rest,
    /// It owns this field.
    Field,
}

impl Ownership {
    /// As policies say.
    pub fn of(policies: &Policies) -> Self {
        let role = |(name, partner): (&String, &portgate_core::policy::PartnerPolicy)| {
            Some((name.clone(), partner.role.clone()?))
        };
        Ownership {
            owners: policies.shipments.as_ref().map(|shipments| shipments.owners.clone()).unwrap_or_default(),
            // What operators correct has a role of its own.
            roles: policies.partners.iter().filter_map(role).chain([operators()]).collect(),
        }
    }

    /// Owners and roles as they are given.
    pub fn new(owners: Vec<Owner>, roles: BTreeMap<String, String>) -> Self {
        Ownership { owners, roles }
    }

    /// What a sender is to us.
    pub(crate) fn role(&self, sender: &str) -> Option<&str> {
        self.roles.get(sender::partner(sender)).map(String::as_str)
    }

    /// How much the word of a sender counts for a field of a document that it recorded then.
    pub(crate) fn weight(&self, sender: &str, kind: &str, field: &str, id: &str, recorded_at: i64) -> Weight {
        let Some(role) = self.role(sender) else { return Weight::Any };
        let day = Timestamp::from_microsecond(recorded_at)
            .map(|time| jiff::tz::Offset::UTC.to_datetime(time).date())
            .unwrap_or(Date::MIN);
        let weight = |owner: &Owner| {
            let of = |pattern: &String| match pattern.split_once('/') {
                Some((of, "*")) if of == kind => Weight::Rest,
                Some((of, named)) if of == kind && named == field => Weight::Field,
                _ => Weight::Any,
            };
            owner.fields.iter().map(of).max().unwrap_or(Weight::Any)
        };
        let counts = |owner: &&Owner| {
            owner.role == role
                && (owner.ids.is_empty() || owner.ids.iter().any(|start| id.starts_with(start.as_str())))
                && owner.from.is_none_or(|from| day >= from)
                && owner.until.is_none_or(|until| day < until)
        };
        self.owners.iter().filter(counts).map(weight).max().unwrap_or(Weight::Any)
    }
}

fn operators() -> (String, String) {
    (sender::OPERATORS.to_owned(), sender::OPERATORS.to_owned())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn owner(role: &str, fields: &[&str]) -> Owner {
        Owner {
            role: role.to_owned(),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            ids: Default::default(),
            from: None,
            until: None,
        }
    }

    #[test]
    fn the_more_exact_owner_counts_more_and_only_within_its_range() {
        let roles = [("old", "erp"), ("new", "erp-new"), ("warehouse", "wms")];
        let roles = roles.map(|(partner, role)| (partner.to_owned(), role.to_owned())).into();
        let until = Owner { until: Some(date(2026, 6, 1)), ..owner("erp", &["order/*"]) };
        let from = Owner { ids: ["N-".to_owned()].into(), ..owner("erp-new", &["order/*"]) };
        let ownership = Ownership::new(vec![until, from, owner("wms", &["order/lines"])], roles);
        let may = "2026-05-31T23:00:00Z".parse::<Timestamp>().unwrap().as_microsecond();
        let june = "2026-06-01T00:00:00Z".parse::<Timestamp>().unwrap().as_microsecond();
        let weight = |sender: &str, field: &str, id: &str, at| ownership.weight(sender, "order", field, id, at);
        assert_eq!(weight("old", "lines", "1", may), Weight::Rest);
        assert_eq!(weight("old", "lines", "1", june), Weight::Any);
        assert_eq!(weight("new", "lines", "N-1", june), Weight::Rest);
        assert_eq!(weight("new", "lines", "1", june), Weight::Any);
        assert_eq!(weight("warehouse/test", "lines", "1", june), Weight::Field);
        assert_eq!(weight("warehouse", "currency", "1", june), Weight::Any);
        assert_eq!(weight("stranger", "lines", "1", may), Weight::Any);
    }
}
