use proptest::prelude::*;

use super::*;
use crate::document::Reference;
use crate::shipment::rules::ShipmentRules;
use crate::shipment::thing::names;

const DAY: i64 = 86_400;

fn rules() -> ShipmentRules {
    let windowed = Tie::Windowed { seconds: 30 * DAY };
    let ties = [
        ("ucr", Tie::Identifying),
        ("mrn", Tie::Identifying),
        ("transport-document", Tie::Identifying),
        ("order", Tie::Shared),
        ("booking", Tie::Shared),
        ("invoice", Tie::Shared),
        ("container", windowed),
    ];
    ShipmentRules {
        ties: ties.into_iter().map(|(scheme, tie)| (scheme.to_owned(), tie)).collect(),
        ..ShipmentRules::default()
    }
}

/// A thing with names as `scheme:value`, of the day of its number unless another is given.
pub(crate) fn thing(id: u32, opens: bool, at: i64, written: &[&str]) -> Thing<u32> {
    let references: Vec<Reference> = written
        .iter()
        .filter_map(|name| name.split_once(':'))
        .map(|(scheme, value)| Reference { scheme: scheme.to_owned(), value: value.to_owned() })
        .collect();
    Thing { id, opens, first: (i64::from(id), [0; 16]), at, names: names(&rules(), &references) }
}

/// Answers what the decision asks for, as a store does, and starts from what has changed alone.
pub(crate) fn joined(all: &BTreeMap<u32, Thing<u32>>, changed: &BTreeSet<u32>) -> Vec<Assembled<u32>> {
    let mut world = World::new(1_000);
    for id in changed {
        world.add(all[id].clone()).unwrap();
    }
    for _ in 0..100 {
        match join(&world, changed) {
            Ok(affected) => return affected.shipments,
            Err(Lookup(wanted)) => {
                for wanted in wanted {
                    let within = |at: i64| wanted.between.is_none_or(|(from, to)| (from..to).contains(&at));
                    let carries = |thing: &Thing<u32>| thing.names.iter().any(|carried| carried.name == wanted.name);
                    let carriers: Vec<&Thing<u32>> =
                        all.values().filter(|thing| carries(thing) && within(thing.at)).collect();
                    carriers.iter().for_each(|thing| world.add((*thing).clone()).unwrap());
                    let ids = carriers.into_iter().map(|thing| thing.id).collect();
                    world.carried(wanted, ids);
                }
            }
        }
    }
    panic!("it does not end");
}

/// All shipments of these things at once.
pub(crate) fn at_once(things: &[Thing<u32>]) -> BTreeMap<u32, BTreeSet<u32>> {
    let all: BTreeMap<u32, Thing<u32>> = things.iter().map(|thing| (thing.id, thing.clone())).collect();
    let changed = all.keys().copied().collect();
    joined(&all, &changed).into_iter().map(|shipment| (shipment.anchor, shipment.things)).collect()
}

/// The same, one thing after the other, as a journal keeps it.
fn one_by_one(things: &[Thing<u32>]) -> BTreeMap<u32, BTreeSet<u32>> {
    let mut all = BTreeMap::new();
    let mut kept: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for thing in things {
        all.insert(thing.id, thing.clone());
        for shipment in joined(&all, &BTreeSet::from([thing.id])) {
            // Whatever was called after another of its things is this one now.
            kept.retain(|anchor, _| !shipment.openers.contains(anchor));
            kept.insert(shipment.anchor, shipment.things);
        }
    }
    kept
}

pub(crate) fn sets(expected: &[(u32, &[u32])]) -> BTreeMap<u32, BTreeSet<u32>> {
    expected.iter().map(|(anchor, things)| (*anchor, things.iter().copied().collect())).collect()
}

#[test]
fn what_names_one_shipment_is_of_it_and_two_become_one_when_something_names_both() {
    let delivery = thing(1, true, 0, &["ucr:U", "order:O"]);
    let declaration = thing(2, true, 0, &["mrn:M"]);
    assert_eq!(at_once(&[delivery.clone(), declaration.clone()]), sets(&[(1, &[1]), (2, &[2])]));
    let notice = thing(3, false, 0, &["mrn:M", "ucr:U"]);
    assert_eq!(at_once(&[delivery, declaration, notice]), sets(&[(1, &[1, 2, 3])]));
}

#[test]
fn an_order_that_was_split_belongs_to_both_shipments_and_keeps_them_apart() {
    let things = [
        thing(1, true, 0, &["ucr:A", "order:O"]),
        thing(2, true, 0, &["ucr:B", "order:O"]),
        thing(3, false, 0, &["order:O"]),
    ];
    assert_eq!(at_once(&things), sets(&[(1, &[1, 3]), (2, &[2, 3])]));
}

#[test]
fn a_freight_bill_for_many_is_of_each_and_makes_none_part_of_another() {
    let things = [
        thing(1, true, 0, &["ucr:A", "booking:A"]),
        thing(2, true, 0, &["ucr:B", "booking:B"]),
        thing(3, false, 0, &["booking:A", "booking:B", "invoice:I"]),
        thing(4, false, 0, &["booking:B"]),
        // The credit note for it names the bill alone.
        thing(5, false, 0, &["invoice:I"]),
    ];
    assert_eq!(at_once(&things), sets(&[(1, &[1, 3, 5]), (2, &[2, 3, 4, 5])]));
}

#[test]
fn events_of_a_transport_document_come_along_with_the_booking_that_they_name() {
    let things = [
        thing(1, true, 0, &["ucr:A", "booking:B"]),
        thing(2, false, 0, &["transport-document:T"]),
        thing(3, false, 0, &["transport-document:T", "booking:B"]),
    ];
    assert_eq!(at_once(&things), sets(&[(1, &[1, 2, 3])]));
}

#[test]
fn a_container_is_of_a_shipment_within_its_time_alone() {
    let things = [
        thing(1, true, 0, &["ucr:A", "container:C"]),
        thing(2, true, 90 * DAY, &["ucr:B", "container:C"]),
        thing(3, false, 20 * DAY, &["container:C"]),
        thing(4, false, 100 * DAY, &["container:C"]),
        thing(5, false, 45 * DAY, &["container:C"]),
    ];
    assert_eq!(at_once(&things), sets(&[(1, &[1, 3]), (2, &[2, 4])]), "day 45 is too far from either");
}

#[test]
fn of_a_container_that_is_in_use_for_years_what_is_near_enough_is_looked_at_and_no_more() {
    let shipment = thing(1, true, 400 * DAY, &["ucr:A", "container:C"]);
    let mut world = World::new(100);
    world.add(shipment).unwrap();
    let asked = |world: &World<u32>| match join(world, &BTreeSet::from([1])) {
        Err(Lookup(wanted)) => wanted,
        Ok(_) => panic!("it knows nobody else"),
    };
    let between: Vec<(i64, i64)> = asked(&world).into_iter().filter_map(|wanted| wanted.between).collect();
    assert_eq!(between.len(), 1);
    let (from, to) = between[0];
    assert!(from <= 370 * DAY && to > 430 * DAY && to - from == 90 * DAY, "{from} {to}");
}

#[test]
fn what_nothing_ties_to_a_shipment_waits() {
    let things = [thing(1, false, 0, &["order:O"]), thing(2, false, 0, &["order:O", "mrn:M"])];
    assert_eq!(at_once(&things), sets(&[]));
}

#[test]
fn too_many_things_are_said_to_be_too_many() {
    let mut world = World::new(2);
    assert_eq!(
        (1..=3).map(|id| world.add(thing(id, true, 0, &[]))).collect::<Vec<_>>(),
        [Ok(()), Ok(()), Err(TooMany)]
    );
}

thread_local! {
    static COMPARED: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// What a thing is known by, which counts how often it was looked at: to be found among others or put beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counted(u32);

impl Ord for Counted {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        COMPARED.set(COMPARED.get() + 1);
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Counted {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// How much is looked at for one shipment of so many things that all carry these names, each a minute after the one before.
fn work(things: u32, names: &[&str]) -> u64 {
    let counted = |id: u32| {
        let (opens, names) = (id == 1, if id == 1 { &["ucr:U", "booking:B", "container:C"][..] } else { names });
        let Thing { id, opens, first, at, names } = thing(id, opens, i64::from(id) * 60, names);
        Thing { id: Counted(id), opens, first, at, names }
    };
    let all: Vec<Thing<Counted>> = (1..=things).map(counted).collect();
    COMPARED.set(0);
    let shipments = alone(&all.iter().collect::<Vec<_>>());
    assert_eq!(shipments.iter().map(|shipment| shipment.things.len()).collect::<Vec<_>>(), [things as usize]);
    COMPARED.get()
}

#[test]
fn a_shipment_of_many_documents_is_work_for_each_of_them_and_not_for_each_pair() {
    let all = [
        &["ucr:U"][..],
        &["ucr:U", "booking:B", "container:C"],
        &["container:C"],
        // Things that are one and belong to the shipment, all of which it is tied to.
        &["transport-document:T", "booking:B", "container:C"],
    ];
    for names in all {
        let (few, many) = (work(100, names), work(800, names));
        assert!(many < few * 16, "{names:?}: {few} for 100, {many} for 800");
    }
}

pub(crate) fn things() -> impl Strategy<Value = Vec<Thing<u32>>> {
    let name = (
        prop::sample::select(vec!["ucr", "mrn", "transport-document", "order", "booking", "invoice", "container"]),
        prop::sample::select(vec!["1", "2", "3"]),
    );
    let names = prop::collection::vec(name, 0..4);
    let one = (any::<bool>(), 0..120i64, names);
    prop::collection::vec(one, 1..14).prop_map(|made| {
        let numbered = (1u32..).zip(made);
        let made = numbered.map(|(id, (opens, day, names))| {
            let written: Vec<String> = names.iter().map(|(scheme, value)| format!("{scheme}:{value}")).collect();
            let written: Vec<&str> = written.iter().map(String::as_str).collect();
            thing(id, opens, day * DAY, &written)
        });
        made.collect()
    })
}

proptest! {
    #[test]
    fn every_order_of_arrival_gives_the_same_shipments(
        (things, order) in things().prop_flat_map(|things| (Just(things.clone()), Just(things).prop_shuffle()))
    ) {
        prop_assert_eq!(one_by_one(&order), at_once(&things));
    }

    #[test]
    fn every_thing_that_opens_is_a_shipment_s_own_once(things in things()) {
        let shipments = at_once(&things);
        for thing in things.iter().filter(|thing| thing.opens) {
            prop_assert_eq!(shipments.values().filter(|things| things.contains(&thing.id)).count(), 1);
        }
    }
}
