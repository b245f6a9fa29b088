use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::filing::heard::Said;

/// A filing with all that it is decided on, and what came of that so far.
#[derive(Clone)]
struct World {
    filing: Filing,
    automatic: bool,
    on_change: OnChange,
    composed: Option<Value>,
    blocked: bool,
    released: bool,
    cancel: bool,
    words: Vec<(u32, CustomsWord)>,
    deliveries: BTreeMap<String, Standing>,
    settled: bool,
    settles: bool,
    state: FilingState,
    acts: Vec<String>,
}

impl World {
    fn new() -> World {
        let filing = Filing::draft("L1".to_owned());
        World {
            filing,
            automatic: true,
            on_change: OnChange::Amend,
            composed: None,
            blocked: false,
            released: false,
            cancel: false,
            words: Vec::new(),
            deliveries: BTreeMap::new(),
            settled: true,
            settles: false,
            state: FilingState::Draft,
            acts: Vec::new(),
        }
    }

    /// Decides until nothing more is to be done. What is sent is at the partner's at once, unless `waits`.
    fn settle(&mut self, waits: bool) -> FilingState {
        for _ in 0..8 {
            let words: Vec<CustomsWord> = self
                .words
                .iter()
                .filter(|(number, _)| *number == self.filing.number)
                .map(|(_, word)| word.clone())
                .collect();
            let facts = Facts {
                automatic: self.automatic,
                on_change: self.on_change,
                can_amend: true,
                can_cancel: true,
                composed: self.composed.as_ref(),
                against: if self.blocked { "R1" } else { "" },
                released: self.released,
                cancel: self.cancel,
                words: &words,
                deliveries: &self.deliveries,
                settled: self.settled,
            };
            let decision = decide(&self.filing, &facts);
            (self.state, self.settles) = (decision.state, decision.settles);
            self.filing.mrn = decision.mrn;
            match decision.act {
                None => return self.state,
                Some(act) => self.done(act, waits),
            }
        }
        panic!("it never comes to rest: {:?}", self.acts);
    }

    fn done(&mut self, act: FilingAct, waits: bool) {
        let mut give_up = |delivery: &str| {
            self.deliveries.insert(delivery.to_owned(), Standing::Discarded);
            self.filing.steps.iter_mut().filter(|step| step.delivery == delivery).for_each(|step| step.replaced = true);
        };
        match act {
            FilingAct::Withdraw { delivery } => {
                give_up(&delivery);
                self.acts.push(format!("withdraw {delivery}"));
            }
            FilingAct::Send { kind, number, version, customs_version, mrn: _, replaces, differences } => {
                if let Some(replaced) = &replaces {
                    give_up(replaced);
                }
                let delivery = format!("{number}/{version}");
                let instead = replaces.map(|replaced| format!(" for {replaced}")).unwrap_or_default();
                self.acts.push(format!("{kind} {delivery}{instead}"));
                let over = if self.released && self.blocked { "R1" } else { "" };
                self.released = false;
                self.filing.number = number;
                self.filing.steps.push(FilingStep {
                    kind,
                    number,
                    version,
                    customs_version,
                    lrn: format!("L{number}"),
                    revision: String::new(),
                    at: Timestamp::UNIX_EPOCH,
                    exchange: String::new(),
                    delivery: delivery.clone(),
                    differences,
                    replaced: false,
                    released_over: over.to_owned(),
                    declared: self.composed.clone().unwrap_or_default(),
                });
                self.deliveries.insert(delivery, if waits { Standing::Waiting } else { Standing::Taken });
            }
        }
    }

    fn says(&mut self, number: u32, at: i64, said: Said) {
        let fault = CustomsFault {
            code: "CDS12056".to_owned(),
            text: "Relation error".to_owned(),
            pointer: "42A/67A".to_owned(),
            field: String::new(),
        };
        let faults = if said == Said::Rejected { vec![fault] } else { Vec::new() };
        self.words.push((number, CustomsWord { at, said, version: None, mrn: Some("24GB1".to_owned()), faults }));
    }
}

fn declared(packages: u32) -> Option<Value> {
    Some(json!({ "totalPackages": packages }))
}

/// One that customs has accepted.
fn accepted() -> World {
    let mut world = World { composed: declared(4), ..World::new() };
    world.settle(false);
    world.says(1, 1, Said::Accepted);
    assert_eq!(world.settle(false), FilingState::Accepted);
    world
}

#[test]
fn what_is_missing_stands_against_it_or_is_not_released_is_not_filed() {
    let mut world = World::new();
    assert_eq!(world.settle(true), FilingState::Draft);
    (world.composed, world.blocked) = (declared(4), true);
    assert_eq!(world.settle(true), FilingState::Blocked);
    (world.blocked, world.automatic) = (false, false);
    assert_eq!(world.settle(true), FilingState::Ready);
    assert_eq!(world.acts, [""; 0]);
    world.released = true;
    assert_eq!(world.settle(true), FilingState::Submitted);
    assert_eq!(world.acts, ["submit 1/1"]);
}

#[test]
fn a_change_before_anything_has_left_takes_the_place_of_what_waits() {
    let mut world = World { composed: declared(4), ..World::new() };
    world.settle(true);
    world.composed = declared(6);
    assert_eq!(world.settle(true), FilingState::Submitted);
    assert_eq!(world.acts, ["submit 1/1", "submit 1/2 for 1/1"]);
    world.blocked = true;
    assert_eq!(world.settle(true), FilingState::Blocked, "what is blocked does not go though it waits already");
    world.blocked = false;
    assert_eq!(world.settle(true), FilingState::Submitted);
    assert_eq!(world.acts[2..], ["withdraw 1/2", "submit 1/3"]);
}

#[test]
fn a_change_after_it_was_sent_is_amended_once_customs_has_accepted_it() {
    let mut world = World { composed: declared(4), ..World::new() };
    world.settle(false);
    world.composed = declared(6);
    assert_eq!(world.settle(false), FilingState::AmendmentPending);
    assert_eq!(world.acts, ["submit 1/1"], "nothing can be amended that is not accepted");
    world.says(1, 1, Said::Accepted);
    assert_eq!(world.settle(false), FilingState::AmendmentPending);
    assert_eq!(world.acts, ["submit 1/1", "amend 1/2"]);
    let change = &world.filing.steps[1].differences;
    assert_eq!(
        (change[0].field.as_str(), &change[0].before, &change[0].after),
        ("/totalPackages", &Some(json!(4)), &Some(json!(6)))
    );
    world.says(1, 2, Said::Outcome { granted: true });
    assert_eq!(world.settle(false), FilingState::Accepted);
}

#[test]
fn what_customs_changes_by_itself_does_not_answer_what_it_is_asked_next() {
    let mut world = accepted();
    world.says(1, 3, Said::Amended);
    assert_eq!(world.settle(false), FilingState::Accepted);
    world.composed = declared(6);
    assert_eq!(world.settle(false), FilingState::AmendmentPending);
    assert_eq!(world.settle(false), FilingState::AmendmentPending, "customs has not answered it");
    let mut refused = world.clone();
    refused.says(1, 5, Said::Outcome { granted: false });
    assert_eq!(refused.settle(false), FilingState::Rejected);
    world.says(1, 5, Said::Amended);
    assert_eq!(world.settle(false), FilingState::Accepted);
    assert_eq!(world.acts, ["submit 1/1", "amend 1/2"]);
}

#[test]
fn an_amendment_that_is_refused_waits_for_another_and_tells_all_that_changed() {
    let mut world = accepted();
    world.composed = declared(6);
    world.settle(false);
    world.says(1, 2, Said::Rejected);
    assert_eq!(world.settle(false), FilingState::Rejected);
    world.composed = declared(7);
    assert_eq!(world.settle(false), FilingState::AmendmentPending);
    assert_eq!(world.acts, ["submit 1/1", "amend 1/2", "amend 1/3"]);
    assert_eq!(world.filing.steps[2].differences[0].before, Some(json!(4)), "against what customs has");
    // What goes back to what customs has wants nothing.
    let mut world = accepted();
    world.composed = declared(6);
    world.settle(false);
    world.says(1, 2, Said::Rejected);
    world.composed = declared(4);
    assert_eq!(world.settle(false), FilingState::Accepted);
    // And is cancelled where an operator wants that.
    world.cancel = true;
    assert_eq!(world.settle(false), FilingState::CancellationPending);
    world.says(1, 3, Said::Outcome { granted: true });
    assert_eq!(world.settle(false), FilingState::Cancelled);
    assert_eq!(world.acts, ["submit 1/1", "amend 1/2", "cancel 1/3"]);
}

#[test]
fn what_customs_has_rejected_is_filed_anew_under_another_number_when_it_is_another() {
    let mut world = World { composed: declared(4), ..World::new() };
    world.settle(false);
    world.says(1, 1, Said::Rejected);
    assert_eq!(world.settle(false), FilingState::Rejected);
    assert_eq!(world.acts, ["submit 1/1"], "the same is not filed again");
    world.composed = declared(5);
    assert_eq!(world.settle(false), FilingState::Submitted);
    assert_eq!(world.acts, ["submit 1/1", "submit 2/1"]);
}

#[test]
fn a_change_is_cancelled_and_filed_anew_or_waits_for_a_person_by_policy() {
    let mut world = World { on_change: OnChange::CancelAndRefile, ..accepted() };
    world.composed = declared(6);
    assert_eq!(world.settle(false), FilingState::CancellationPending);
    world.says(1, 2, Said::Outcome { granted: true });
    assert_eq!(world.settle(false), FilingState::Submitted);
    assert_eq!(world.acts, ["submit 1/1", "cancel 1/2", "submit 2/1"]);

    let mut world = World { on_change: OnChange::Stop, ..accepted() };
    world.composed = declared(6);
    assert_eq!(world.settle(false), FilingState::Stopped);
    world.released = true;
    assert_eq!(world.settle(false), FilingState::AmendmentPending);
    assert_eq!(world.acts, ["submit 1/1", "amend 1/2"]);
}

#[test]
fn after_the_release_of_the_goods_a_person_decides() {
    let mut world = accepted();
    world.says(1, 2, Said::Released);
    assert_eq!(world.settle(false), FilingState::Released);
    world.composed = declared(6);
    assert_eq!(world.settle(false), FilingState::Stopped);
    assert_eq!(world.acts, ["submit 1/1"]);
}

#[test]
fn what_an_operator_cancels_is_withdrawn_or_cancelled_once_it_can_be() {
    let mut world = World { composed: declared(4), ..World::new() };
    world.settle(true);
    world.cancel = true;
    assert_eq!(world.settle(true), FilingState::Cancelled);
    assert_eq!(world.acts, ["submit 1/1", "withdraw 1/1"]);

    let mut world = World { composed: declared(4), ..World::new() };
    world.settle(false);
    world.cancel = true;
    assert_eq!(world.settle(false), FilingState::CancellationPending);
    world.says(1, 1, Said::Accepted);
    assert_eq!(world.settle(false), FilingState::CancellationPending);
    world.says(1, 2, Said::Cancelled);
    assert_eq!(world.settle(false), FilingState::Cancelled);
    assert_eq!(world.acts, ["submit 1/1", "cancel 1/2"]);
}

#[test]
fn a_dead_delivery_waits_for_a_person_or_for_another_declaration() {
    let mut world = World { composed: declared(4), ..World::new() };
    world.settle(false);
    world.deliveries.insert("1/1".to_owned(), Standing::Dead);
    assert_eq!(world.settle(false), FilingState::Undelivered);
    world.composed = declared(5);
    assert_eq!(world.settle(false), FilingState::Submitted);
    assert_eq!(world.acts, ["submit 1/1", "submit 1/2 for 1/1"]);
}

#[test]
fn what_was_to_be_changed_or_cancelled_and_is_not_any_more_is_withdrawn_before_it_leaves() {
    let mut world = accepted();
    world.composed = declared(6);
    assert_eq!(world.settle(true), FilingState::AmendmentPending);
    world.composed = declared(4);
    assert_eq!(world.settle(true), FilingState::Accepted);
    assert_eq!(world.acts, ["submit 1/1", "amend 1/2", "withdraw 1/2"]);
    // An operator has it cancelled, and says otherwise before customs was asked.
    let mut world = World { cancel: true, ..accepted() };
    assert_eq!(world.settle(true), FilingState::CancellationPending);
    world.cancel = false;
    assert_eq!(world.settle(true), FilingState::Accepted);
    assert_eq!(world.acts, ["submit 1/1", "cancel 1/2", "withdraw 1/2"]);
    // By policy a change cancels it, and then something stands against that, or there is no change any more.
    let mut world = World { on_change: OnChange::CancelAndRefile, ..accepted() };
    world.composed = declared(6);
    assert_eq!(world.settle(true), FilingState::CancellationPending);
    let mut blocked = World { blocked: true, ..world.clone() };
    assert_eq!(blocked.settle(true), FilingState::Blocked);
    world.composed = declared(4);
    assert_eq!(world.settle(true), FilingState::Accepted);
    for world in [world, blocked] {
        assert_eq!(world.acts, ["submit 1/1", "cancel 1/2", "withdraw 1/2"]);
    }
    // An amendment that customs surely does not have keeps nobody from cancelling what it has.
    let mut world = accepted();
    world.composed = declared(6);
    world.settle(true);
    world.deliveries.insert("1/2".to_owned(), Standing::Dead);
    world.cancel = true;
    assert_eq!(world.settle(true), FilingState::CancellationPending);
    assert_eq!(world.acts, ["submit 1/1", "amend 1/2", "withdraw 1/2", "cancel 1/3"]);
}

#[test]
fn what_customs_may_have_is_sent_anew_by_a_person_alone() {
    let mut world = World { composed: declared(4), ..World::new() };
    world.settle(false);
    world.deliveries.insert("1/1".to_owned(), Standing::Unsure);
    assert_eq!(world.settle(false), FilingState::Undelivered);
    world.composed = declared(5);
    assert_eq!(world.settle(false), FilingState::Undelivered, "a change alone sends nothing");
    assert_eq!(world.acts, ["submit 1/1"]);
    // Who gives it up has it cancelled where it turns out that customs has it.
    let mut given_up = World { cancel: true, ..world.clone() };
    assert_eq!(given_up.settle(false), FilingState::Cancelled);
    given_up.says(1, 1, Said::Accepted);
    assert_eq!(given_up.settle(false), FilingState::CancellationPending);
    assert_eq!(given_up.acts, ["submit 1/1", "cancel 1/2"]);
    // It was there all along: nothing is missing.
    let mut there = world.clone();
    there.says(1, 1, Said::Accepted);
    assert_eq!(there.settle(false), FilingState::AmendmentPending);
    assert_eq!(there.acts, ["submit 1/1", "amend 1/2"]);
    world.released = true;
    assert_eq!(world.settle(false), FilingState::Submitted);
    assert_eq!(world.acts, ["submit 1/1", "submit 1/2 for 1/1"]);
}

#[test]
fn what_changes_in_several_messages_is_told_once_and_an_operator_need_not_wait() {
    let mut world = World { settled: false, ..accepted() };
    for packages in [6, 7] {
        world.composed = declared(packages);
        assert_eq!(world.settle(false), FilingState::AmendmentPending);
        assert!(world.settles);
    }
    assert_eq!(world.acts, ["submit 1/1"], "it may change yet");
    world.settled = true;
    assert_eq!(world.settle(false), FilingState::AmendmentPending);
    assert!(!world.settles);
    assert_eq!(world.acts, ["submit 1/1", "amend 1/2"]);
    // What goes back to what customs has meanwhile was no change.
    let mut world = World { settled: false, ..accepted() };
    world.composed = declared(6);
    world.settle(false);
    (world.composed, world.settled) = (declared(4), true);
    assert_eq!((world.settle(false), world.settles), (FilingState::Accepted, false));
    // An operator has looked at it as it is.
    let mut world = World { settled: false, released: true, ..accepted() };
    world.composed = declared(6);
    world.settle(false);
    assert_eq!(world.acts, ["submit 1/1", "amend 1/2"]);
    // So is what takes the place of what customs has rejected.
    let mut world = World { composed: declared(4), settled: false, ..World::new() };
    world.settle(false);
    world.says(1, 1, Said::Rejected);
    world.composed = declared(5);
    assert_eq!((world.settle(false), world.settles), (FilingState::Rejected, true));
    world.settled = true;
    world.settle(false);
    assert_eq!(world.acts, ["submit 1/1", "submit 2/1"], "the first is sent at once");
}

/// Something that happens.
#[derive(Clone, Debug)]
enum Happens {
    Composed,
    Unblocked,
    Says(i64, Said),
    Released,
}

proptest! {
    #[test]
    fn whatever_order_things_happen_in_it_is_filed_once_and_ends_the_same(
        order in Just(vec![
            Happens::Composed,
            Happens::Unblocked,
            Happens::Released,
            Happens::Says(1, Said::Received),
            Happens::Says(2, Said::Accepted),
            Happens::Says(2, Said::Accepted),
            Happens::Says(3, Said::Released),
            Happens::Says(4, Said::Cleared),
        ]).prop_shuffle(),
        waits in any::<bool>(),
    ) {
        let mut world = World { blocked: true, ..World::new() };
        for happens in order {
            match happens {
                Happens::Composed => world.composed = declared(4),
                Happens::Unblocked => world.blocked = false,
                Happens::Released => world.released = true,
                Happens::Says(at, said) => world.says(1, at, said),
            }
            world.settle(waits);
        }
        prop_assert_eq!(world.state, FilingState::Cleared);
        prop_assert_eq!(&world.acts, &["submit 1/1"]);
    }

    #[test]
    fn a_change_ends_the_same_whenever_it_is_heard_of_what_customs_says(
        order in Just(vec![Happens::Composed, Happens::Says(1, Said::Received), Happens::Says(2, Said::Accepted)]).prop_shuffle(),
    ) {
        let mut world = World { composed: declared(4), ..World::new() };
        world.settle(false);
        for happens in order {
            match happens {
                Happens::Says(at, said) => world.says(1, at, said),
                _ => world.composed = declared(6),
            }
            world.settle(false);
        }
        world.says(1, 9, Said::Amended);
        prop_assert_eq!(world.settle(false), FilingState::Accepted);
        prop_assert_eq!(&world.acts, &["submit 1/1", "amend 1/2"]);
    }
}
