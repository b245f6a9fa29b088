//! How long customs takes for each declaration of a shipment, by whatever numbers it is spoken of.

use std::collections::BTreeSet;

use portgate_store::{Figure, Observation, StatedDocument};
use serde_json::Value;

use super::{at, observation, text};

/// Who speaks of declarations: customs, and what is declared.
pub(super) const OF_DECLARATIONS: [&str; 2] = ["customs-status", "customs-declaration"];
/// What a declaration is called by who makes it, by customs, and what its consignment is called, which several can be of.
const NUMBERS: [&str; 3] = ["/lrn", "/mrn", "/ucr"];
const CONSIGNMENT: usize = 2;

/// What is said of one declaration, and the numbers that it goes by, each with its place among [`NUMBERS`].
#[derive(Default)]
struct Declaration<'d> {
    numbers: BTreeSet<(usize, &'d str)>,
    said: Vec<&'d (&'d StatedDocument, Value)>,
}

/// How long each declaration took.
pub(super) fn clearances<'d>(stated: &'d [(&'d StatedDocument, Value)]) -> Vec<Observation> {
    let all = stated.iter().filter(|(document, _)| OF_DECLARATIONS.contains(&document.kind.as_str()));
    let named = all.map(|said| Declaration { numbers: numbers(&said.1), said: vec![said] });
    let (own, of_consignments): (Vec<_>, Vec<_>) =
        named.filter(|one| !one.numbers.is_empty()).partition(|one| one.numbers.iter().any(is_own));
    // Whatever shares a number of its own is of one declaration, by however many steps.
    let mut declarations: Vec<Declaration<'d>> = Vec::new();
    for mut one in own {
        let shares = |known: &Declaration<'_>| known.numbers.intersection(&one.numbers).any(is_own);
        let (same, others): (Vec<_>, Vec<_>) = declarations.into_iter().partition(shares);
        same.into_iter().for_each(|known| one.add(known));
        declarations = others;
        declarations.push(one);
    }
    // What names its consignment alone is of the declaration of that, where there is one and no other.
    let mut apart: Vec<Declaration<'d>> = Vec::new();
    for one in of_consignments {
        let is_of_it = |known: &&mut Declaration<'_>| !known.numbers.is_disjoint(&one.numbers);
        let mut of_it: Vec<_> = declarations.iter_mut().filter(is_of_it).collect();
        match (of_it.pop().filter(|_| of_it.is_empty()), apart.iter_mut().find(is_of_it)) {
            (Some(known), _) | (None, Some(known)) => known.add(one),
            (None, None) => apart.push(one),
        }
    }
    declarations.iter().chain(&apart).filter_map(Declaration::took).collect()
}

fn numbers(body: &Value) -> BTreeSet<(usize, &str)> {
    NUMBERS.into_iter().enumerate().filter_map(|(place, pointer)| Some((place, text(body, pointer)?))).collect()
}

fn is_own((place, _): &(usize, &str)) -> bool {
    *place != CONSIGNMENT
}

impl<'d> Declaration<'d> {
    fn add(&mut self, other: Declaration<'d>) {
        self.numbers.extend(other.numbers);
        self.said.extend(other.said);
    }

    /// From the first word that it was lodged to the first that its goods are released, or else that it is done with.
    fn took(&self) -> Option<Observation> {
        let words = || {
            let of_customs = self.said.iter().filter(|(document, _)| document.kind == OF_DECLARATIONS[0]);
            of_customs
                .filter_map(|(document, body)| Some((text(body, "/status")?, at(body)?, document.sender.as_str())))
        };
        let first = |of: &[&str]| {
            let meant = words().filter(|(status, ..)| of.contains(status));
            meant.map(|(_, at, sender)| (at, sender)).min()
        };
        let (lodged, _) = first(&["SUBMITTED", "RECEIVED", "ACCEPTED"])?;
        let (ended, sender) = first(&["RELEASED"]).or_else(|| first(&["CLEARED", "WRITTEN_OFF"]))?;
        // It is called as it was from its beginning, as far as that is known.
        let (_, named) = self.numbers.first()?;
        (lodged <= ended).then(|| observation(Figure::Clearance, (*named).to_owned(), sender, (lodged, ended), None))?
    }
}
