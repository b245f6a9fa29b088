use proptest::prelude::*;

use super::*;
use crate::shipment::join::tests::{at_once, joined, sets, thing, things};

fn named(thing: &Thing<u32>) -> String {
    format!("shipment-{}", thing.id)
}

/// The things after an act.
fn after(things: &[Thing<u32>], placements: &BTreeMap<u32, Placement>) -> Vec<Thing<u32>> {
    let placed = |thing: &Thing<u32>| match placements.get(&thing.id) {
        Some(placement) => {
            Thing { names: place(thing.names.clone(), std::slice::from_ref(placement)), ..thing.clone() }
        }
        None => thing.clone(),
    };
    things.iter().map(placed).collect()
}

/// Two deliveries that a system has given one UCR, each with what belongs to it.
fn mixed_up() -> Vec<Thing<u32>> {
    vec![
        thing(1, true, 0, &["ucr:U", "order:A"]),
        thing(2, true, 0, &["ucr:U", "order:B", "transport-document:T"]),
        thing(3, false, 0, &["transport-document:T"]),
        thing(4, false, 0, &["ucr:U", "order:A"]),
    ]
}

#[test]
fn what_is_split_off_is_a_shipment_of_its_own_with_all_that_it_alone_is_tied_to() {
    let things = mixed_up();
    assert_eq!(at_once(&things), sets(&[(1, &[1, 2, 3, 4])]));
    let placements = split(&things, &[2].into(), named).expect("both have what begins a shipment");
    let mut things = after(&things, &placements);
    assert_eq!(at_once(&things), sets(&[(1, &[1, 4]), (2, &[2, 3])]));
    // What comes later is of the one that it names.
    things.extend([thing(5, false, 0, &["transport-document:T"]), thing(6, false, 0, &["ucr:U"])]);
    assert_eq!(at_once(&things), sets(&[(1, &[1, 4, 6]), (2, &[2, 3, 5])]));
}

#[test]
fn an_order_stays_of_both_when_its_shipment_is_split() {
    let things = [
        thing(1, true, 0, &["ucr:U", "order:O"]),
        thing(2, true, 0, &["ucr:U", "order:O"]),
        thing(3, false, 0, &["order:O"]),
    ];
    let placements = split(&things, &[2].into(), named).expect("both have what begins a shipment");
    assert_eq!(at_once(&after(&things, &placements)), sets(&[(1, &[1, 3]), (2, &[2, 3])]));
}

#[test]
fn a_split_leaves_something_that_begins_a_shipment_on_both_sides() {
    let things = mixed_up();
    assert_eq!(split(&things, &[3, 4].into(), named), Err(NotPlaced::NothingOpens));
    assert_eq!(split(&things, &[1, 2].into(), named), Err(NotPlaced::NothingStays));
}

#[test]
fn what_is_moved_is_of_the_other_shipment_alone_and_can_be_moved_back() {
    let things = [
        thing(1, true, 0, &["ucr:A", "booking:K"]),
        thing(2, true, 0, &["ucr:B"]),
        thing(3, false, 0, &["booking:K"]),
        thing(4, false, 0, &["ucr:A"]),
    ];
    let to_b = moved(&things[..], &[3].into(), &[2].into(), (2, "shipment-2"));
    let there = after(&things, &to_b);
    assert_eq!(at_once(&there), sets(&[(1, &[1, 4]), (2, &[2, 3])]));
    let back = moved(&there[1..3], &[3].into(), &[1, 4].into(), (1, "shipment-1"));
    assert_eq!(at_once(&after(&there, &back)), sets(&[(1, &[1, 3, 4]), (2, &[2])]));
}

/// What comes: a document, or what an act says of one.
#[derive(Clone, Debug)]
enum Arrival {
    Thing(u32),
    Placement { act: usize, thing: u32 },
}

/// Keeps shipments as a journal does: what changes is worked out anew together with all that it was in a shipment with.
fn kept(things: &[Thing<u32>], acts: &[BTreeMap<u32, Placement>], order: &[Arrival]) -> BTreeMap<u32, BTreeSet<u32>> {
    let (mut there, mut said): (BTreeSet<u32>, BTreeMap<u32, BTreeSet<usize>>) = Default::default();
    let mut all = BTreeMap::new();
    let mut kept: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for arrival in order {
        let id = match arrival {
            Arrival::Thing(id) => {
                there.insert(*id);
                *id
            }
            Arrival::Placement { act, thing } => {
                said.entry(*thing).or_default().insert(*act);
                *thing
            }
        };
        if !there.contains(&id) {
            continue;
        }
        let thing = things.iter().find(|thing| thing.id == id).expect("it is one of them");
        let placements: Vec<Placement> =
            said.get(&id).into_iter().flatten().map(|act| acts[*act][&id].clone()).collect();
        all.insert(id, Thing { names: place(thing.names.clone(), &placements), ..thing.clone() });
        let with: BTreeSet<u32> =
            kept.values().filter(|things| things.contains(&id)).flatten().copied().chain([id]).collect();
        kept.retain(|_, things| {
            things.retain(|thing| !with.contains(thing));
            things.iter().any(|thing| all[thing].opens)
        });
        for shipment in joined(&all, &with) {
            kept.retain(|anchor, _| !shipment.openers.contains(anchor));
            kept.insert(shipment.anchor, shipment.things);
        }
    }
    kept
}

/// Things, two acts that somebody may do one after the other, and an order in which all of it may come.
type World = (Vec<Thing<u32>>, Vec<BTreeMap<u32, Placement>>, Vec<Arrival>);

fn worlds() -> impl Strategy<Value = World> {
    let chosen = prop::collection::vec(any::<prop::sample::Index>(), 6);
    (things(), chosen).prop_flat_map(|(things, chosen)| {
        let acts = acts(&things, &chosen);
        let arrivals = things.iter().map(|thing| Arrival::Thing(thing.id));
        let said = acts.iter().enumerate().flat_map(|(act, placements)| {
            placements.keys().map(move |thing| Arrival::Placement { act, thing: *thing })
        });
        let order: Vec<Arrival> = arrivals.chain(said).collect();
        (Just(things), Just(acts), Just(order).prop_shuffle())
    })
}

/// A split, and then a move, as far as there is something to split and to move.
fn acts(things: &[Thing<u32>], chosen: &[prop::sample::Index]) -> Vec<BTreeMap<u32, Placement>> {
    let of = |things: &[Thing<u32>], ids: &BTreeSet<u32>| -> Vec<Thing<u32>> {
        things.iter().filter(|thing| ids.contains(&thing.id)).cloned().collect()
    };
    let mut acts = Vec::new();
    let mut now = things.to_vec();
    let shipments: Vec<BTreeSet<u32>> = at_once(&now).into_values().collect();
    if let Some(shipment) = shipments.get(chosen[0].index(shipments.len().max(1))) {
        let ids: Vec<u32> = shipment.iter().copied().collect();
        let off = chosen[1..4].iter().map(|index| ids[index.index(ids.len())]).collect();
        if let Ok(placements) = split(&of(&now, shipment), &off, named) {
            now = after(&now, &placements);
            acts.push(placements);
        }
    }
    let shipments = at_once(&now);
    let openers: Vec<u32> = now.iter().filter(|thing| thing.opens).map(|thing| thing.id).collect();
    let off = now[chosen[4].index(now.len())].id;
    let to = openers.get(chosen[5].index(openers.len().max(1)));
    if let Some(to) = to.filter(|to| **to != off) {
        let target = shipments.values().find(|things| things.contains(to)).cloned().unwrap_or_default();
        let from: BTreeSet<u32> =
            shipments.values().filter(|things| things.contains(&off)).flatten().copied().chain([off]).collect();
        if !target.contains(&off) {
            acts.push(moved(&of(&now, &from), &[off].into(), &target, (*to, &format!("shipment-{to}"))));
        }
    }
    acts
}

proptest! {
    #[test]
    fn documents_and_acts_make_the_same_shipments_in_whatever_order_they_come((things, acts, order) in worlds()) {
        let all = |acts: &[BTreeMap<u32, Placement>]| acts.iter().fold(things.clone(), |things, act| after(&things, act));
        prop_assert_eq!(kept(&things, &acts, &order), at_once(&all(&acts)));
    }

    #[test]
    fn what_is_split_off_is_in_no_shipment_with_what_opens_and_stays((things, chosen) in (things(), prop::collection::vec(any::<prop::sample::Index>(), 3))) {
        for shipment in at_once(&things).into_values() {
            let ids: Vec<u32> = shipment.iter().copied().collect();
            let off: BTreeSet<u32> = chosen.iter().map(|index| ids[index.index(ids.len())]).collect();
            let of: Vec<Thing<u32>> = things.iter().filter(|thing| shipment.contains(&thing.id)).cloned().collect();
            let Ok(placements) = split(&of, &off, named) else { continue };
            let opens = |id: &u32| things.iter().any(|thing| thing.id == *id && thing.opens);
            for after in at_once(&after(&things, &placements)).into_values() {
                let leave = after.iter().any(|id| off.contains(id));
                let stay = after.iter().any(|id| shipment.contains(id) && !off.contains(id) && opens(id));
                prop_assert!(!(leave && stay), "{after:?} of {shipment:?} without {off:?}");
            }
        }
    }
}
