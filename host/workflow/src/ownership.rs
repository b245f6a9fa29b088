//! Whose word counts for a field.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use portgate_core::policy::{Owner, Policies};
use portgate_core::sender;
use serde_json::{Map, Value};

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

    /// How much the word of a system counts for a field of its document.
    pub(crate) fn weight(&self, claim: &Claim<'_>, field: &str) -> Weight {
        let Some(role) = self.role(claim.sender) else { return Weight::Any };
        let weight = |owner: &Owner| {
            let of = |pattern: &String| match pattern.split_once('/') {
                Some((of, "*")) if of == claim.kind => Weight::Rest,
                Some((of, named)) if of == claim.kind && named == field => Weight::Field,
                _ => Weight::Any,
            };
            owner.fields.iter().map(of).max().unwrap_or(Weight::Any)
        };
        let counts = |owner: &&Owner| owner.role == role && claim.is_within(owner);
        self.owners.iter().filter(counts).map(weight).max().unwrap_or(Weight::Any)
    }
}

/// A document as one system says it.
pub(crate) struct Claim<'c> {
    pub(crate) sender: &'c str,
    pub(crate) kind: &'c str,
    pub(crate) id: &'c str,
    /// When it recorded it, in microseconds since 1970.
    pub(crate) recorded_at: i64,
    pub(crate) body: &'c Map<String, Value>,
}

impl Claim<'_> {
    /// Whether it is in the range of an owner.
    fn is_within(&self, owner: &Owner) -> bool {
        let day = Timestamp::from_microsecond(self.recorded_at)
            .map(|time| jiff::tz::Offset::UTC.to_datetime(time).date())
            .unwrap_or(Date::MIN);
        (owner.ids.is_empty() || owner.ids.iter().any(|start| self.id.starts_with(start.as_str())))
            && owner.from.is_none_or(|from| day >= from)
            && owner.until.is_none_or(|until| day < until)
            && owner.codes.iter().all(|(list, codes)| self.has_code(list, codes))
    }

    fn has_code(&self, list: &str, codes: &BTreeSet<String>) -> bool {
        let classifications = self.body.get("classifications").and_then(Value::as_array);
        classifications
            .into_iter()
            .flatten()
            .any(|one| one["codeList"] == list && one["code"].as_str().is_some_and(|code| codes.contains(code)))
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
            codes: Default::default(),
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
        let body = Map::new();
        let claim = |sender, id, recorded_at| Claim { sender, kind: "order", id, recorded_at, body: &body };
        let weight = |sender, field: &str, id, at| ownership.weight(&claim(sender, id, at), field);
        assert_eq!(weight("old", "lines", "1", may), Weight::Rest);
        assert_eq!(weight("old", "lines", "1", june), Weight::Any);
        assert_eq!(weight("new", "lines", "N-1", june), Weight::Rest);
        assert_eq!(weight("new", "lines", "1", june), Weight::Any);
        assert_eq!(weight("warehouse/test", "lines", "1", june), Weight::Field);
        assert_eq!(weight("warehouse", "currency", "1", june), Weight::Any);
        assert_eq!(weight("stranger", "lines", "1", may), Weight::Any);
    }

    #[test]
    fn two_systems_of_one_kind_own_the_documents_of_their_company_codes() {
        let of = |list: &str, codes: &[&str]| (list.to_owned(), codes.iter().map(|code| (*code).to_owned()).collect());
        let old = Owner { codes: [of("SAP CompanyCode", &["1010", "1020"])].into(), ..owner("erp", &["order/*"]) };
        let both = [of("SAP CompanyCode", &["2000"]), of("SAP SalesOrganization", &["NL10"])];
        let new = Owner { codes: both.into(), ..owner("erp-new", &["order/*"]) };
        let roles = [("old", "erp"), ("new", "erp-new")];
        let roles = roles.map(|(partner, role)| (partner.to_owned(), role.to_owned())).into();
        let ownership = Ownership::new(vec![old, new], roles);
        let weight = |sender, codes: &[(&str, &str)]| {
            let code = |(list, code): &(&str, &str)| serde_json::json!({ "code": code, "codeList": list });
            let body = Map::from_iter([("classifications".to_owned(), codes.iter().map(code).collect())]);
            ownership.weight(&Claim { sender, kind: "order", id: "1", recorded_at: 0, body: &body }, "lines")
        };
        assert_eq!(weight("old", &[("SAP CompanyCode", "1020")]), Weight::Rest);
        assert_eq!(weight("old", &[("SAP CompanyCode", "2000")]), Weight::Any);
        assert_eq!(weight("old", &[("SAP Plant", "1020")]), Weight::Any, "a code of another list");
        assert_eq!(weight("old", &[]), Weight::Any);
        assert_eq!(weight("new", &[("SAP CompanyCode", "2000")]), Weight::Any, "one of each list");
        assert_eq!(weight("new", &[("SAP CompanyCode", "2000"), ("SAP SalesOrganization", "NL10")]), Weight::Rest);
    }
}
