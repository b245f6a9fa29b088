//! The business terms of EN 16931 that an invoice has, by their ids, each with the element that it stands in.
//!
//! Each syntax says where its terms stand (`ubl::terms`, `cii::terms`); the rules ask for terms alone and hold for both.

use std::borrow::Cow;

use portgate_sdk::canonical::Decimal;
use portgate_sdk::xml::Element;

/// A business group: the invoice, or a line, an allowance, a charge, a part of the tax of it.
pub(crate) struct Group<'d> {
    /// The element that it stands in.
    pub(crate) at: Element<'d>,
    terms: Vec<(&'static str, Element<'d>)>,
    groups: Vec<(&'static str, Group<'d>)>,
}

impl<'d> Group<'d> {
    /// A group without terms.
    pub(crate) fn new(at: Element<'d>) -> Self {
        Group { at, terms: Vec::new(), groups: Vec::new() }
    }

    /// Puts a term where its element says something.
    pub(crate) fn put(&mut self, term: &'static str, element: Option<Element<'d>>) {
        self.mark(term, element.filter(|element| element.text().is_some()));
    }

    /// Puts a term, or a group that only its being there counts of, where its element is.
    pub(crate) fn mark(&mut self, term: &'static str, element: Option<Element<'d>>) {
        self.terms.extend(element.map(|element| (term, element)));
    }

    /// Puts terms by the paths of their elements.
    pub(crate) fn put_all(&mut self, paths: &[(&'static str, &str)]) {
        for (term, path) in paths {
            self.put(term, self.at.path(path));
        }
    }

    /// Puts a group in this one.
    pub(crate) fn group(&mut self, id: &'static str, group: Group<'d>) {
        self.groups.push((id, group));
    }

    /// The groups of an id that are in this one.
    pub(crate) fn groups(&self, id: &str) -> impl Iterator<Item = &Group<'d>> {
        self.groups.iter().filter(move |(name, _)| *name == id).map(|(_, group)| group)
    }

    /// Whether it has a term.
    pub(crate) fn has(&self, term: &str) -> bool {
        self.element(term).is_some()
    }

    /// The element of a term.
    pub(crate) fn element(&self, term: &str) -> Option<Element<'d>> {
        self.terms.iter().find(|(name, _)| *name == term).map(|(_, element)| *element)
    }

    /// The elements of a term that may come more than once.
    pub(crate) fn elements(&self, term: &str) -> impl Iterator<Item = Element<'d>> {
        self.terms.iter().filter(move |(name, _)| *name == term).map(|(_, element)| *element)
    }

    /// Where a term stands, or the group where it has none.
    pub(crate) fn place(&self, term: &str) -> Element<'d> {
        self.element(term).unwrap_or(self.at)
    }

    /// The text of a term.
    pub(crate) fn text(&self, term: &str) -> Option<Cow<'d, str>> {
        self.element(term)?.text()
    }

    /// The number of a term; nothing where it is none.
    pub(crate) fn number(&self, term: &str) -> Option<Decimal> {
        Decimal::from_partner(&self.text(term)?).ok()
    }
}
