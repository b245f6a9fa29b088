//! Which things are of which shipment.
//!
//! Things that carry the same identifying name, and no other of its scheme, are one *group*. A group with a thing that opens
//! is a shipment. A group without one is part of every shipment that a name leads from to it: from all names of the shipment's
//! own things, and on from those names of what is tied to it which are the only ones of their scheme. So a freight bill for
//! thirty bookings belongs to thirty shipments and does not make the other twenty-nine part of each. A windowed name is the
//! last step of such a way: a container that is somewhere each week would lead on for ever.
//!
//! It is a function of the things alone. As nobody holds all of them in memory, it works on those that it was given
//! ([`World`]) and says which names must be looked up before it can say more ([`Lookup`]).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::rules::Tie;
use super::thing::{Name, Thing, ThingName};

/// The things that are known so far.
#[derive(Clone, Debug)]
pub struct World<Id> {
    things: BTreeMap<Id, Thing<Id>>,
    /// Who carries a name, for those names that were looked up.
    carriers: HashMap<Wanted, Vec<Id>>,
    things_max: usize,
}

/// A name whose carriers must be looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wanted {
    /// The name.
    pub name: Name,
    /// For a windowed name: only those of these times, in seconds since 1970, from the one on and before the other. Of a
    /// container that is in use for years those alone are looked at that can be near enough.
    pub between: Option<(i64, i64)>,
}

impl Wanted {
    /// The carriers that can be tied to a thing by a name of its own. Times are rounded to windows, so that things of about
    /// the same time want the same.
    fn by<Id>(thing: &Thing<Id>, name: &ThingName) -> Wanted {
        let between = match name.tie {
            Tie::Windowed { seconds } => {
                let seconds = seconds.max(1);
                let window = thing.at.div_euclid(seconds);
                let at = |windows: i64| window.saturating_add(windows).saturating_mul(seconds);
                Some((at(-1), at(2)))
            }
            Tie::Identifying | Tie::Shared => None,
        };
        Wanted { name: name.name.clone(), between }
    }
}

/// Names whose carriers must be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup(pub Vec<Wanted>);

/// More things are tied together than one shipment can be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

/// One shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assembled<Id> {
    /// The thing that it is called after.
    pub anchor: Id,
    /// Its own things that open one: all of which were shipments if they stood alone.
    pub openers: BTreeSet<Id>,
    /// All of its things.
    pub things: BTreeSet<Id>,
}

/// What a change of some things makes of shipments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected<Id> {
    /// The shipments that it may have changed, each as it is now.
    pub shipments: Vec<Assembled<Id>>,
}

impl<Id: Copy + Ord> World<Id> {
    /// One in which nothing is known. A shipment cannot be worked out from more things than `things_max`.
    pub fn new(things_max: usize) -> Self {
        World { things: BTreeMap::new(), carriers: HashMap::new(), things_max }
    }

    /// Adds a thing.
    ///
    /// # Errors
    ///
    /// There are too many.
    pub fn add(&mut self, thing: Thing<Id>) -> Result<(), TooMany> {
        self.things.insert(thing.id, thing);
        if self.things.len() > self.things_max { Err(TooMany) } else { Ok(()) }
    }

    /// Keeps who carries a name. Each of them must have been added.
    pub fn carried(&mut self, wanted: Wanted, by: Vec<Id>) {
        self.carriers.insert(wanted, by);
    }

    /// Whether a thing is known.
    pub fn knows(&self, id: &Id) -> bool {
        self.things.contains_key(id)
    }

    fn carriers(&self, wanted: Wanted, missing: &mut BTreeSet<Wanted>) -> &[Id] {
        match self.carriers.get(&wanted) {
            Some(carriers) => carriers,
            None => {
                missing.insert(wanted);
                &[]
            }
        }
    }

    /// The things that carry the name of another one and are near enough to it, each with how it carries it.
    fn tied<'a>(
        &'a self,
        thing: &'a Thing<Id>,
        name: &'a ThingName,
        missing: &mut BTreeSet<Wanted>,
    ) -> Vec<(&'a Thing<Id>, &'a ThingName)> {
        let carriers = self.carriers(Wanted::by(thing, name), missing).iter().filter(|id| **id != thing.id);
        let near = |other: &Thing<Id>| match name.tie {
            Tie::Windowed { seconds } => thing.at.abs_diff(other.at) <= seconds.unsigned_abs(),
            Tie::Identifying | Tie::Shared => true,
        };
        let as_carried = |other: &'a Thing<Id>| {
            let carried = other.names.iter().find(|carried| carried.name == name.name)?;
            near(other).then_some((other, carried))
        };
        carriers.filter_map(|id| self.things.get(id)).filter_map(as_carried).collect()
    }

    /// All things of the group that a thing is in.
    fn group(&self, of: Id, missing: &mut BTreeSet<Wanted>) -> BTreeSet<Id> {
        let mut group = BTreeSet::from([of]);
        let mut open = vec![of];
        while let Some(thing) = open.pop().and_then(|id| self.things.get(&id)) {
            for name in thing.names.iter().filter(|name| binds(name)) {
                for (other, carried) in self.tied(thing, name, missing) {
                    if binds(carried) && group.insert(other.id) {
                        open.push(other.id);
                    }
                }
            }
        }
        group
    }

    fn opens(&self, group: &BTreeSet<Id>) -> bool {
        group.iter().filter_map(|id| self.things.get(id)).any(|thing| thing.opens)
    }
}

/// Whether a name makes those that carry it one group.
fn binds(name: &ThingName) -> bool {
    name.tie == Tie::Identifying && name.sole
}

fn is_windowed(name: &ThingName) -> bool {
    matches!(name.tie, Tie::Windowed { .. })
}

/// The groups that were found, by each of their things.
struct Groups<Id> {
    by_thing: BTreeMap<Id, usize>,
    all: Vec<BTreeSet<Id>>,
}

impl<Id: Copy + Ord> Groups<Id> {
    fn of(&mut self, world: &World<Id>, id: Id, missing: &mut BTreeSet<Wanted>) -> usize {
        if let Some(number) = self.by_thing.get(&id) {
            return *number;
        }
        let group = world.group(id, missing);
        let number = self.all.len();
        self.by_thing.extend(group.iter().map(|id| (*id, number)));
        self.all.push(group);
        number
    }
}

/// The shipments that may have changed because these things have.
///
/// # Errors
///
/// The names that must be looked up first, so that it can be asked again.
pub fn join<Id: Copy + Ord>(world: &World<Id>, changed: &BTreeSet<Id>) -> Result<Affected<Id>, Lookup> {
    let mut missing = BTreeSet::new();
    let mut groups = Groups { by_thing: BTreeMap::new(), all: Vec::new() };
    let openers = reached(world, changed, &mut groups, &mut missing);
    let shipments: Vec<_> = openers.into_iter().map(|own| assemble(world, own, &mut groups, &mut missing)).collect();
    match missing.is_empty() {
        true => Ok(Affected { shipments: shipments.into_iter().flatten().collect() }),
        false => Err(Lookup(missing.into_iter().collect())),
    }
}

/// The shipments that these things make if there are no others.
pub(super) fn alone<Id: Copy + Ord>(things: &[&Thing<Id>]) -> Vec<Assembled<Id>> {
    let mut world = World::new(things.len());
    let mut carriers: HashMap<&Name, Vec<Id>> = HashMap::new();
    for thing in things {
        world.things.insert(thing.id, (*thing).clone());
        for carried in &thing.names {
            carriers.entry(&carried.name).or_default().push(thing.id);
        }
    }
    let wanted = things.iter().flat_map(|thing| thing.names.iter().map(|name| Wanted::by(thing, name)));
    world.carriers = wanted
        .map(|wanted| {
            let by = carriers.get(&wanted.name).cloned().unwrap_or_default();
            (wanted, by)
        })
        .collect();
    // Every name that one of them carries is known, so nothing is asked for.
    join(&world, &things.iter().map(|thing| thing.id).collect()).map(|affected| affected.shipments).unwrap_or_default()
}

/// The groups that open a shipment which a change of these things can be seen from: against the direction of names.
fn reached<Id: Copy + Ord>(
    world: &World<Id>,
    changed: &BTreeSet<Id>,
    groups: &mut Groups<Id>,
    missing: &mut BTreeSet<Wanted>,
) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut openers = BTreeSet::new();
    // Each with whether a way may end with it.
    let mut open: Vec<(usize, bool)> = Vec::new();
    for id in changed.iter().filter(|id| world.knows(id)) {
        let group = groups.of(world, *id, missing);
        if seen.insert(group) {
            open.push((group, true));
        }
        if world.opens(&groups.all[group]) {
            openers.insert(group);
        }
    }
    // What opens now may have been part of others before, so also those are looked for that lead to it.
    while let Some((number, is_end)) = open.pop() {
        let group = groups.all[number].clone();
        for thing in group.iter().filter_map(|id| world.things.get(id)) {
            for name in thing.names.iter().filter(|name| is_end || !is_windowed(name)) {
                for (other, carried) in world.tied(thing, name, missing) {
                    let before = groups.of(world, other.id, missing);
                    if before == number {
                        continue;
                    }
                    if world.opens(&groups.all[before]) {
                        openers.insert(before);
                    } else if carried.sole && seen.insert(before) {
                        open.push((before, false));
                    }
                }
            }
        }
    }
    openers
}

/// One shipment with all that its names lead to.
fn assemble<Id: Copy + Ord>(
    world: &World<Id>,
    own: usize,
    groups: &mut Groups<Id>,
    missing: &mut BTreeSet<Wanted>,
) -> Option<Assembled<Id>> {
    let own_things = groups.all[own].clone();
    let openers: BTreeSet<Id> =
        own_things.iter().copied().filter(|id| world.things.get(id).is_some_and(|thing| thing.opens)).collect();
    let anchor = openers.iter().filter_map(|id| world.things.get(id)).min_by_key(|thing| thing.first)?.id;
    let mut things = own_things.clone();
    let mut new = own_things.clone();
    while !new.is_empty() {
        new = led_to(world, &new, &own_things, |name| !is_windowed(name), groups, missing);
        new.retain(|id| !things.contains(id));
        things.extend(&new);
    }
    things.extend(led_to(world, &things, &own_things, is_windowed, groups, missing));
    Some(Assembled { anchor, openers, things })
}

/// The things of all groups without an opening one that names of these things lead to: all names of a shipment's own things,
/// and of others those that are the only ones of their scheme.
fn led_to<Id: Copy + Ord>(
    world: &World<Id>,
    from: &BTreeSet<Id>,
    own: &BTreeSet<Id>,
    leads: impl Fn(&ThingName) -> bool,
    groups: &mut Groups<Id>,
    missing: &mut BTreeSet<Wanted>,
) -> BTreeSet<Id> {
    let mut found = BTreeSet::new();
    for thing in from.iter().filter_map(|id| world.things.get(id)) {
        let is_own = own.contains(&thing.id);
        for name in thing.names.iter().filter(|name| leads(name) && (is_own || name.sole)) {
            for (other, _) in world.tied(thing, name, missing) {
                let group = groups.of(world, other.id, missing);
                if !world.opens(&groups.all[group]) {
                    found.extend(&groups.all[group]);
                }
            }
        }
    }
    found
}

#[cfg(test)]
pub(crate) mod tests;
