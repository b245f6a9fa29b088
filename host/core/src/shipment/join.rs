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

    /// The things that names of these things lead to, each with how it carries the name. However many of them carry a name it is
    /// followed once, from all of them: of a shipment of many documents all carry the same. A windowed one leads to what is near
    /// enough to any of them. Names that were followed before are left out, but for windowed ones.
    fn tied<'a>(
        &'a self,
        from: &BTreeSet<Id>,
        leads: impl Fn(&Id, &ThingName) -> bool,
        followed: &mut BTreeSet<usize>,
        missing: &mut BTreeSet<usize>,
    ) -> Vec<(&'a Thing<Id>, &'a ThingName)> {
        let mut ways: BTreeMap<usize, (&ThingName, BTreeSet<i64>)> = BTreeMap::new();
        for known in from.iter().filter_map(|id| self.things.get(id)) {
            for (name, wanted) in known.thing.names.iter().zip(&known.wanted) {
                if leads(&known.thing.id, name) && (is_windowed(name) || followed.insert(*wanted)) {
                    ways.entry(*wanted).or_insert_with(|| (name, BTreeSet::new())).1.insert(known.thing.at);
                }
            }
        }
        let mut tied = Vec::new();
        for (wanted, (name, times)) in ways {
            let near = |other: &Thing<Id>| match name.tie {
                Tie::Windowed { seconds } => {
                    let seconds = seconds.saturating_abs();
                    times.range(other.at.saturating_sub(seconds)..=other.at.saturating_add(seconds)).next().is_some()
                }
                Tie::Identifying | Tie::Shared => true,
            };
            let carriers = self.carriers(wanted, missing).iter().filter_map(|id| self.thing(id));
            let as_carried =
                |other: &'a Thing<Id>| Some((other, other.names.iter().find(|one| one.name == name.name)?));
            tied.extend(carriers.filter(|other| near(other)).filter_map(as_carried));
        }
        tied
    }

    /// The group that a thing is in.
    fn group(&self, of: Id, missing: &mut BTreeSet<usize>) -> Group<Id> {
        let mut things = BTreeSet::from([of]);
        let (mut new, mut followed) = (things.clone(), BTreeSet::new());
        while !new.is_empty() {
            let tied = self.tied(&new, |_, name| binds(name), &mut followed, missing);
            let bound = tied.into_iter().filter(|(_, carried)| binds(carried)).map(|(other, _)| other.id);
            new = bound.filter(|id| things.insert(*id)).collect();
        }
        let opens = things.iter().filter_map(|id| self.thing(id)).any(|thing| thing.opens);
        Group { things, opens }
    }
}

/// Whether a name makes those that carry it one group.
fn binds(name: &ThingName) -> bool {
    name.tie == Tie::Identifying && name.sole
}

fn is_windowed(name: &ThingName) -> bool {
    matches!(name.tie, Tie::Windowed { .. })
}

/// Things that are one by their names.
struct Group<Id> {
    things: BTreeSet<Id>,
    /// Whether one of them opens a shipment.
    opens: bool,
}

/// The groups that were found, by each of their things.
struct Groups<Id> {
    by_thing: BTreeMap<Id, usize>,
    all: Vec<Group<Id>>,
}

impl<Id: Copy + Ord> Groups<Id> {
    fn of(&mut self, world: &World<Id>, id: Id, missing: &mut BTreeSet<usize>) -> usize {
        if let Some(number) = self.by_thing.get(&id) {
            return *number;
        }
        let group = world.group(id, missing);
        let number = self.all.len();
        self.by_thing.extend(group.things.iter().map(|id| (*id, number)));
        self.all.push(group);
        number
    }

    fn opens(&self, number: usize) -> bool {
        self.all.get(number).is_some_and(|group| group.opens)
    }

    fn things(&self, number: usize) -> impl Iterator<Item = Id> {
        self.all.get(number).into_iter().flat_map(|group| group.things.iter().copied())
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
    let (mut seen, mut openers, mut new) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for id in changed.iter().filter(|id| world.knows(id)) {
        let group = groups.of(world, *id, missing);
        if groups.opens(group) {
            openers.insert(group);
        }
        if seen.insert(group) {
            new.extend(groups.things(group));
        }
    }
    // What opens now may have been part of others before, so also those are looked for that lead to it. A way may end with a
    // windowed name alone, which against its direction is its first step.
    let (mut is_end, mut followed) = (true, BTreeSet::new());
    while !new.is_empty() {
        let tied = world.tied(&new, |_, name| is_end || !is_windowed(name), &mut followed, missing);
        new.clear();
        for (other, carried) in tied {
            let before = groups.of(world, other.id, missing);
            if groups.opens(before) {
                openers.insert(before);
            } else if carried.sole && seen.insert(before) {
                new.extend(groups.things(before));
            }
        }
        is_end = false;
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
    let own: BTreeSet<Id> = groups.things(own).collect();
    let openers: BTreeSet<Id> =
        own.iter().copied().filter(|id| world.thing(id).is_some_and(|thing| thing.opens)).collect();
    let anchor = openers.iter().filter_map(|id| world.thing(id)).min_by_key(|thing| thing.first)?.id;
    // All names of a shipment's own things lead on, and of others those that are the only ones of their scheme.
    let leads = |id: &Id, name: &ThingName| name.sole || own.contains(id);
    let (mut things, mut new) = (own.clone(), own.clone());
    let (mut followed, mut seen) = (BTreeSet::new(), BTreeSet::new());
    while !new.is_empty() {
        let tied = world.tied(&new, |id, name| !is_windowed(name) && leads(id, name), &mut followed, missing);
        new = parts(world, tied, &mut seen, groups, missing);
        things.extend(&new);
    }
    let tied = world.tied(&things, |id, name| is_windowed(name) && leads(id, name), &mut followed, missing);
    things.extend(parts(world, tied, &mut seen, groups, missing));
    Some(Assembled { anchor, openers, things })
}

/// The things of the groups of these without an opening one, as far as they were not seen.
fn parts<Id: Copy + Ord>(
    world: &World<Id>,
    tied: Vec<(&Thing<Id>, &ThingName)>,
    seen: &mut BTreeSet<usize>,
    groups: &mut Groups<Id>,
    missing: &mut BTreeSet<usize>,
) -> BTreeSet<Id> {
    let mut found = BTreeSet::new();
    for (other, _) in tied {
        let group = groups.of(world, other.id, missing);
        if seen.insert(group) && !groups.opens(group) {
            found.extend(groups.things(group));
        }
    }
    found
}

#[cfg(test)]
pub(crate) mod tests;
