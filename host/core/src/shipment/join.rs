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
    things: BTreeMap<Id, Known<Id>>,
    /// What was wanted so far, each once, by its number; and who carries it, where that was looked up.
    wanted: Vec<(Wanted, Option<Vec<Id>>)>,
    numbers: HashMap<Wanted, usize>,
    things_max: usize,
}

/// A thing with what its names want, by number, in their order: nothing is hashed or copied on the way from thing to thing.
#[derive(Clone, Debug)]
struct Known<Id> {
    thing: Thing<Id>,
    wanted: Vec<usize>,
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
        World { things: BTreeMap::new(), wanted: Vec::new(), numbers: HashMap::new(), things_max }
    }

    /// Adds a thing.
    ///
    /// # Errors
    ///
    /// There are too many.
    pub fn add(&mut self, thing: Thing<Id>) -> Result<(), TooMany> {
        let wanted = thing.names.iter().map(|name| Wanted::by(&thing, name)).collect::<Vec<_>>();
        let wanted = wanted.into_iter().map(|wanted| self.number(wanted)).collect();
        self.things.insert(thing.id, Known { thing, wanted });
        if self.things.len() > self.things_max { Err(TooMany) } else { Ok(()) }
    }

    /// Keeps who carries a name. Each of them must have been added.
    pub fn carried(&mut self, wanted: Wanted, by: Vec<Id>) {
        let number = self.number(wanted);
        if let Some((_, carriers)) = self.wanted.get_mut(number) {
            *carriers = Some(by);
        }
    }

    fn number(&mut self, wanted: Wanted) -> usize {
        let next = self.wanted.len();
        let number = *self.numbers.entry(wanted.clone()).or_insert(next);
        if number == next {
            self.wanted.push((wanted, None));
        }
        number
    }

    /// A thing that is known.
    pub fn thing(&self, id: &Id) -> Option<&Thing<Id>> {
        self.things.get(id).map(|known| &known.thing)
    }

    /// Whether a thing is known.
    pub fn knows(&self, id: &Id) -> bool {
        self.things.contains_key(id)
    }

    fn carriers(&self, wanted: usize, missing: &mut BTreeSet<usize>) -> &[Id] {
        match self.wanted.get(wanted) {
            Some((_, Some(carriers))) => carriers,
            _ => {
                missing.insert(wanted);
                &[]
            }
        }
    }

    /// The things that carry a name of another one and are near enough to it, each with how it carries it.
    fn tied<'a>(
        &'a self,
        thing: &'a Thing<Id>,
        (name, wanted): (&'a ThingName, usize),
        missing: &mut BTreeSet<usize>,
    ) -> impl Iterator<Item = (&'a Thing<Id>, &'a ThingName)> + use<'a, Id> {
        let carriers = self.carriers(wanted, missing).iter().filter(|id| **id != thing.id);
        let near = |other: &Thing<Id>| match name.tie {
            Tie::Windowed { seconds } => thing.at.abs_diff(other.at) <= seconds.unsigned_abs(),
            Tie::Identifying | Tie::Shared => true,
        };
        let as_carried = move |other: &'a Thing<Id>| {
            let carried = other.names.iter().find(|carried| carried.name == name.name)?;
            near(other).then_some((other, carried))
        };
        carriers.filter_map(|id| self.thing(id)).filter_map(as_carried)
    }

    /// The names of a thing, each with what it wants.
    fn names<'a>(&'a self, id: &Id) -> impl Iterator<Item = (&'a Thing<Id>, (&'a ThingName, usize))> + use<'a, Id> {
        let known = self.things.get(id).into_iter();
        known.flat_map(|known| {
            known.thing.names.iter().zip(known.wanted.iter().copied()).map(|name| (&known.thing, name))
        })
    }

    /// All things of the group that a thing is in.
    fn group(&self, of: Id, missing: &mut BTreeSet<usize>) -> BTreeSet<Id> {
        let mut group = BTreeSet::from([of]);
        let mut open = vec![of];
        while let Some(id) = open.pop() {
            for (thing, name) in self.names(&id).filter(|(_, (name, _))| binds(name)) {
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
        group.iter().filter_map(|id| self.thing(id)).any(|thing| thing.opens)
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
    fn of(&mut self, world: &World<Id>, id: Id, missing: &mut BTreeSet<usize>) -> usize {
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
        false => Err(Lookup(
            missing
                .into_iter()
                .filter_map(|number| world.wanted.get(number))
                .map(|(wanted, _)| wanted.clone())
                .collect(),
        )),
    }
}

/// The shipments that these things make if there are no others.
pub(super) fn alone<Id: Copy + Ord>(things: &[&Thing<Id>]) -> Vec<Assembled<Id>> {
    let mut world = World::new(things.len());
    let mut carriers: HashMap<&Name, Vec<Id>> = HashMap::new();
    for thing in things {
        // There is room for all of them.
        let _ = world.add((*thing).clone());
        for carried in &thing.names {
            carriers.entry(&carried.name).or_default().push(thing.id);
        }
    }
    for (wanted, by) in &mut world.wanted {
        *by = Some(carriers.get(&wanted.name).cloned().unwrap_or_default());
    }
    // Every name that one of them carries is known, so nothing is asked for.
    join(&world, &things.iter().map(|thing| thing.id).collect()).map(|affected| affected.shipments).unwrap_or_default()
}

/// The groups that open a shipment which a change of these things can be seen from: against the direction of names.
fn reached<Id: Copy + Ord>(
    world: &World<Id>,
    changed: &BTreeSet<Id>,
    groups: &mut Groups<Id>,
    missing: &mut BTreeSet<usize>,
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
        for id in &group {
            for (thing, name) in world.names(id).filter(|(_, (name, _))| is_end || !is_windowed(name)) {
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
    missing: &mut BTreeSet<usize>,
) -> Option<Assembled<Id>> {
    let own_things = groups.all[own].clone();
    let openers: BTreeSet<Id> =
        own_things.iter().copied().filter(|id| world.thing(id).is_some_and(|thing| thing.opens)).collect();
    let anchor = openers.iter().filter_map(|id| world.thing(id)).min_by_key(|thing| thing.first)?.id;
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
    missing: &mut BTreeSet<usize>,
) -> BTreeSet<Id> {
    let mut found = BTreeSet::new();
    for id in from {
        let is_own = own.contains(id);
        for (thing, name) in world.names(id).filter(|(_, (name, _))| leads(name) && (is_own || name.sole)) {
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
