//! What the catalogue says of articles: what they are, and what they are classified as where they come into.

use std::collections::BTreeMap;

use jiff::civil::Date;
use portgate_canonical::{ContextDocument, Item, ItemClassification, Provenance, ShipmentContext, classified};
use portgate_core::policy::Jurisdiction;

use crate::read::{documents, stated};

/// What the catalogue knows of articles.
pub(crate) struct Catalogue {
    /// By SKU.
    pub(crate) items: BTreeMap<String, Item>,
    /// Their codes; where systems contradict each other, what they say.
    pub(crate) codes: BTreeMap<String, Result<String, String>>,
}

impl Catalogue {
    pub(crate) fn of(context: &ShipmentContext, jurisdiction: Option<&Jurisdiction>, on: Option<Date>) -> Self {
        let all = || context.catalogue.iter().chain(&context.documents);
        let items: Vec<Item> = documents(all(), "item");
        Catalogue {
            items: items.into_iter().map(|item| (item.sku.to_string(), item)).collect(),
            codes: codes(all(), jurisdiction, on),
        }
    }
}

/// What articles are classified as in a jurisdiction on a day: the longest code of those that agree.
fn codes<'c>(
    all: impl Iterator<Item = &'c ContextDocument>,
    jurisdiction: Option<&Jurisdiction>,
    on: Option<Date>,
) -> BTreeMap<String, Result<String, String>> {
    let is_of = |one: &ItemClassification| {
        jurisdiction.is_some_and(|of| *one.jurisdiction == *of.name || of.countries.contains(&*one.jurisdiction))
    };
    let of_jurisdiction: Vec<(Provenance, ItemClassification)> =
        stated(all, "item-classification").filter(|(_, one)| is_of(one)).collect();
    let on = on.map(|day| day.to_string());
    let mut by_sku: BTreeMap<&str, Vec<&(Provenance, ItemClassification)>> = BTreeMap::new();
    for one in classified(&of_jurisdiction, |(by, says)| (by, says), on.as_deref()) {
        by_sku.entry(&one.1.sku).or_default().push(one);
    }
    let code = |known: Vec<&(Provenance, ItemClassification)>| {
        let (by, longest) = known.iter().copied().max_by_key(|(_, one)| one.code.as_str().len())?;
        let other = known.iter().find(|(_, other)| other.contradicts(longest));
        Some(match other {
            None => Ok(longest.code.as_str().to_owned()),
            Some((with, other)) => {
                Err(format!("{} by {} and {} by {}", longest.code, by.system, other.code, with.system))
            }
        })
    };
    by_sku.into_iter().filter_map(|(sku, known)| Some((sku.to_owned(), code(known)?))).collect()
}
