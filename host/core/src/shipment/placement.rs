//! What an operator says of the shipment that single documents belong to, where their names say it wrong.
//!
//! An act takes names away from things, and ties them to the first thing of a shipment. That is kept with the thing, so which
//! things are of which shipment stays a function of what there is: of all things, and of all acts in the order in which they
//! were done. What a later version of a document names beside what was taken away ties it as ever.

use std::collections::{BTreeMap, BTreeSet};

use super::join;
use super::rules::Tie;
use super::thing::{Name, Thing, ThingName};

/// The scheme of names that acts give. No reference of a document ties by it.
pub const PLACED: &str = "portgate-placed";

/// What one act says of one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Placement {
    /// Names that tie it no more.
    pub without: BTreeSet<Name>,
    /// What the shipment is called after that it is tied to; nothing where it is tied to none.
    pub to: Option<String>,
}

/// Why an act cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPlaced {
    /// None of the documents that are split off begins a shipment.
    #[error("none of the documents that are split off begins a shipment")]
    NothingOpens,
    /// None of those that stay does.
    #[error("none of the documents that would stay begins a shipment")]
    NothingStays,
    /// They are of the shipment that they are to be moved to.
    #[error("the documents are of that shipment already")]
    IsThere,
}

/// The names of a thing after all acts that concern it, in their order.
pub fn place(mut names: Vec<ThingName>, placements: &[Placement]) -> Vec<ThingName> {
    for Placement { without, to } in placements {
        names.retain(|carried| !without.contains(&carried.name));
        if let Some(to) = to {
            let name = Name { scheme: PLACED.to_owned(), value: to.clone() };
            if !names.iter().any(|carried| carried.name == name) {
                names.push(ThingName { name, tie: Tie::Identifying, sole: true });
            }
        }
    }
    names
}

/// Splits things off: they become a shipment of their own, called after the first of them that opens one. `named` gives what
/// a thing that opens is called after.
///
/// # Errors
///
/// Nothing would begin the one shipment or the other.
pub fn split<Id: Copy + Ord>(
    shipment: &[Thing<Id>],
    off: &BTreeSet<Id>,
    named: impl Fn(&Thing<Id>) -> String,
) -> Result<BTreeMap<Id, Placement>, NotPlaced> {
    let leave: Vec<&Thing<Id>> = shipment.iter().filter(|thing| off.contains(&thing.id)).collect();
    let stay = staying(shipment.iter().filter(|thing| !off.contains(&thing.id)));
    let first =
        leave.iter().filter(|thing| thing.opens).min_by_key(|thing| thing.first).ok_or(NotPlaced::NothingOpens)?;
    if stay.is_empty() {
        return Err(NotPlaced::NothingStays);
    }
    let to = named(first);
    Ok(leave
        .iter()
        .map(|thing| (thing.id, Placement { without: without(thing, &stay), to: Some(to.clone()) }))
        .collect())
}

/// Moves things from the shipments that they are in to the one that begins with another thing. `from` are all things of
/// these shipments, `target` those of the one that they are moved to.
pub fn moved<Id: Copy + Ord>(
    from: &[Thing<Id>],
    off: &BTreeSet<Id>,
    target: &BTreeSet<Id>,
    (first, to): (Id, &str),
) -> BTreeMap<Id, Placement> {
    let stay = staying(from.iter().filter(|thing| !off.contains(&thing.id) && !target.contains(&thing.id)));
    let leave = from.iter().filter(|thing| off.contains(&thing.id));
    let mut placements: BTreeMap<Id, Placement> =
        leave.map(|thing| (thing.id, Placement { without: without(thing, &stay), to: Some(to.to_owned()) })).collect();
    placements.entry(first).or_insert_with(|| Placement { without: BTreeSet::new(), to: Some(to.to_owned()) });
    placements
}

/// Of the things that are left those that make shipments by themselves. What only belonged to them by what leaves goes with it.
fn staying<'t, Id: Copy + Ord>(left: impl Iterator<Item = &'t Thing<Id>>) -> Vec<&'t Thing<Id>> {
    let left: Vec<&Thing<Id>> = left.collect();
    let stay: BTreeSet<Id> = join::alone(&left).into_iter().flat_map(|shipment| shipment.things).collect();
    left.into_iter().filter(|thing| stay.contains(&thing.id)).collect()
}

/// The names that tie a thing to what it leaves: where it begins a shipment those alone that make two one, for an order
/// may well be of both.
fn without<Id>(thing: &Thing<Id>, stay: &[&Thing<Id>]) -> BTreeSet<Name> {
    let is_carried = |name: &Name| stay.iter().flat_map(|other| &other.names).any(|carried| carried.name == *name);
    let ties = |carried: &&ThingName| !thing.opens || carried.tie == Tie::Identifying;
    let names = thing.names.iter().filter(ties).map(|carried| &carried.name);
    names.filter(|name| is_carried(name)).cloned().collect()
}

#[cfg(test)]
mod tests;
