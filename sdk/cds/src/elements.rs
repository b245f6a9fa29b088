//! UK15, UK16: the data elements that a category must have, and may not have.

use portgate_sdk::Judge;
use portgate_sdk::Severity::Error;
use portgate_sdk::canonical::{CustomsDeclaration, DeclarationItem};

use crate::category::Category;
use crate::declared::Declared;

/// A data element of the whole.
pub struct HeaderElement {
    /// What it is called, with its number: `country of dispatch (DE 5/14)`.
    pub name: &'static str,
    /// Where it stands in a declaration.
    pub field: &'static str,
    /// The categories that must have it.
    pub of: &'static [Category],
    /// Whether it is there, or need not be.
    pub is_there: fn(&CustomsDeclaration) -> bool,
}

impl HeaderElement {
    /// The same, which these categories must have.
    #[must_use]
    pub const fn needed_by(self, categories: &'static [Category]) -> Self {
        HeaderElement { of: categories, ..self }
    }
}

/// A data element of each item.
pub struct ItemElement {
    /// What it is called, with its number.
    pub name: &'static str,
    /// Where it stands in an item.
    pub field: &'static str,
    /// The categories that must have it.
    pub of: &'static [Category],
    /// Whether it is there, for this item or for all, or need not be.
    pub is_there: fn(&CustomsDeclaration, &DeclarationItem) -> bool,
}

impl ItemElement {
    /// The same, which these categories must have.
    #[must_use]
    pub const fn needed_by(self, categories: &'static [Category]) -> Self {
        ItemElement { of: categories, ..self }
    }
}

/// Finds what the category of a declaration must have and has not. Nothing where its category is not known.
pub fn require(declared: &Declared, header: &[HeaderElement], items: &[ItemElement], judge: &mut Judge) {
    let Some(category) = declared.category else { return };
    let name = category.name();
    for element in header.iter().filter(|element| element.of.contains(&category)) {
        if !(element.is_there)(declared.says()) {
            let detail = format!("A declaration of category {name} has a {} (CDS10001, DMS10001).", element.name);
            let fields = [declared.at(element.field), declared.at("/typeCode")];
            judge.found("UK15", Error, fields, detail, "Add what is missing, or correct type and procedure.");
        }
    }
    for element in items.iter().filter(|element| element.of.contains(&category)) {
        let lacks = |item: &DeclarationItem| !(element.is_there)(declared.says(), item);
        if let Some((items, fields)) = declared.items_where(element.field, lacks) {
            let detail =
                format!("{items}: there is no {}, which category {name} has (CDS10001, DMS10001).", element.name);
            judge.found("UK15", Error, fields, detail, "Add what is missing, or correct type and procedure.");
        }
    }
}

/// Finds what a category does not have and the declaration has: `is_there` says so, and `of` who may not have it.
pub fn forbid(declared: &Declared, items: &[ItemElement], judge: &mut Judge) {
    let Some(category) = declared.category else { return };
    for element in items.iter().filter(|element| element.of.contains(&category)) {
        let has = |item: &DeclarationItem| (element.is_there)(declared.says(), item);
        if let Some((items, fields)) = declared.items_where(element.field, has) {
            let detail = format!(
                "{items}: there is a {}, which category {} does not have (CDS10002).",
                element.name,
                category.name()
            );
            judge.found("UK16", Error, fields, detail, "Leave it out, or correct type and procedure.");
        }
    }
}
