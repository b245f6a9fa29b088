use proptest::prelude::*;

use super::*;

/// A step in the version that the gateway counts.
fn word(at: i64, said: Said, version: impl Into<Option<u32>>) -> CustomsWord {
    CustomsWord { at, said, version: version.into(), mrn: None, faults: Vec::new() }
}

fn answers(steps: &[FilingStep], words: &[CustomsWord]) -> Vec<Option<bool>> {
    hear(&steps.iter().collect::<Vec<_>>(), words).answers
}

const GRANTED: Said = Said::Outcome { granted: true };
const REFUSED: Said = Said::Outcome { granted: false };

#[test]
fn versions_that_never_left_are_not_counted_by_customs() {
    // Two declarations and an amendment took each other's place before they left.
    let steps = [
        FilingStep::sent(StepKind::Submit, 3),
        FilingStep::sent(StepKind::Amend, 5),
        FilingStep::sent(StepKind::Amend, 6),
    ];
    let words = [word(1, Said::Accepted, 1), word(2, Said::Amended, 2)];
    assert_eq!(answers(&steps[..2], &words), [Some(true), Some(true)]);
    assert_eq!(answers(&steps, &words), [Some(true), Some(true), None], "what was granted before is not granted again");
    let third = [words.as_slice(), &[word(3, Said::Amended, 3)]].concat();
    assert_eq!(answers(&steps, &third), [Some(true); 3]);
}

#[test]
fn one_change_that_is_granted_in_two_ways_is_one() {
    let steps = [
        FilingStep::sent(StepKind::Submit, 1),
        FilingStep::sent(StepKind::Amend, 2),
        FilingStep::sent(StepKind::Amend, 3),
    ];
    let outcome = [word(1, Said::Accepted, 1), word(2, GRANTED, 1), word(9, Said::Amended, 2)];
    assert_eq!(answers(&steps, &outcome), [Some(true), Some(true), None]);
    // Of both the same second.
    let outcome = [word(1, Said::Accepted, 1), word(2, GRANTED, 1), word(2, Said::Amended, 2)];
    assert_eq!(answers(&steps, &outcome), [Some(true), Some(true), None]);
    // Some outcomes name no version.
    let outcome = [word(1, Said::Accepted, 1), word(2, GRANTED, None), word(9, Said::Amended, 2)];
    assert_eq!(answers(&steps, &outcome), [Some(true), Some(true), None]);
    // And none of them cancels what is to be cancelled after it.
    let steps = [
        FilingStep::sent(StepKind::Submit, 1),
        FilingStep::sent(StepKind::Amend, 2),
        FilingStep::sent(StepKind::Cancel, 3),
    ];
    let outcome = [word(1, Said::Accepted, 1), word(2, Said::Amended, 2), word(3, GRANTED, 1)];
    let heard = hear(&steps.iter().collect::<Vec<_>>(), &outcome);
    assert_eq!((heard.answers, heard.cancelled), (vec![Some(true), Some(true), None], false));
    let heard = hear(&steps.iter().collect::<Vec<_>>(), &[outcome.as_slice(), &[word(4, GRANTED, 2)]].concat());
    assert_eq!((heard.answers, heard.cancelled), (vec![Some(true); 3], true));
}

#[test]
fn goods_that_are_presented_make_a_version_that_amends_nothing() {
    let steps = [FilingStep::sent(StepKind::Submit, 1), FilingStep::sent(StepKind::Amend, 2)];
    let presented = [word(1, Said::Received, 1), word(2, Said::Accepted, 2)];
    assert_eq!(answers(&steps, &presented), [Some(true), None]);
    let amended = [presented.as_slice(), &[word(3, Said::Amended, 3)]].concat();
    assert_eq!(answers(&steps, &amended), [Some(true), Some(true)]);
}

/// A step that was made when customs was known to have this version.
fn asked(kind: StepKind, version: u32, customs_version: u32) -> FilingStep {
    FilingStep { customs_version: Some(customs_version), ..FilingStep::sent(kind, version) }
}

#[test]
fn what_customs_changed_by_itself_before_is_no_answer_to_what_is_asked_after_it() {
    let words = [word(1, Said::Accepted, 1), word(2, Said::Amended, 2)];
    let first = FilingStep::sent(StepKind::Submit, 1);
    assert_eq!(hear(&[&first], &words).version, 2);
    let steps = [first.clone(), asked(StepKind::Amend, 2, 2)];
    assert_eq!(answers(&steps, &words), [Some(true), None]);
    let refused = [words.as_slice(), &[word(3, REFUSED, 2)]].concat();
    assert_eq!(answers(&steps, &refused), [Some(true), Some(false)]);
    let granted = [words.as_slice(), &[word(3, Said::Amended, 3)]].concat();
    assert_eq!(answers(&steps, &granted), [Some(true), Some(true)]);
    // What became of a request that somebody else had made of an earlier version is none either.
    let of_another = [words.as_slice(), &[word(3, REFUSED, 1), word(4, GRANTED, 1)]].concat();
    assert_eq!(answers(&steps, &of_another), [Some(true), None]);
    // Nor is it where customs names no versions.
    let nameless = [word(1, Said::Accepted, None), word(2, Said::Amended, None)];
    assert_eq!(hear(&[&first], &nameless).version, 2);
    assert_eq!(answers(&steps, &nameless), [Some(true), None]);
    let granted = [nameless.as_slice(), &[word(3, Said::Amended, None)]].concat();
    assert_eq!(answers(&steps, &granted), [Some(true), Some(true)]);
}

#[test]
fn one_change_that_is_granted_in_two_ways_is_one_where_customs_names_no_versions() {
    let amended = [FilingStep::sent(StepKind::Submit, 1), asked(StepKind::Amend, 2, 1), asked(StepKind::Amend, 3, 2)];
    let cancelled =
        [FilingStep::sent(StepKind::Submit, 1), asked(StepKind::Amend, 2, 1), asked(StepKind::Cancel, 3, 2)];
    let accepted = word(1, Said::Accepted, None);
    for (first, second) in [(GRANTED, Said::Amended), (Said::Amended, GRANTED)] {
        let once = [accepted.clone(), word(2, first, None), word(9, second, None)];
        assert_eq!(answers(&amended, &once), [Some(true), Some(true), None], "{first:?}");
        let heard = hear(&cancelled.iter().collect::<Vec<_>>(), &once);
        assert_eq!((heard.answers, heard.cancelled), (vec![Some(true), Some(true), None], false), "{first:?}");
        let twice = [once.as_slice(), &[word(11, first, None), word(19, second, None)]].concat();
        assert_eq!(answers(&amended, &twice), [Some(true); 3], "{first:?}");
    }
    // As TT_IM016a has it: the outcome names none, and what came of it does.
    let once = [word(1, Said::Accepted, 1), word(2, GRANTED, None), word(9, Said::Amended, 2)];
    assert_eq!(answers(&amended, &once), [Some(true), Some(true), None]);
    let twice = [once.as_slice(), &[word(11, GRANTED, None)]].concat();
    assert_eq!(answers(&amended, &twice), [Some(true); 3]);
}

#[test]
fn a_notification_counts_once_whoever_handed_it_on_and_however_much_of_it() {
    let steps = [FilingStep::sent(StepKind::Submit, 1), asked(StepKind::Amend, 2, 1), asked(StepKind::Amend, 3, 2)];
    let fault = CustomsFault {
        code: "CDS12056".to_owned(),
        text: "Relation error".to_owned(),
        pointer: String::new(),
        field: String::new(),
    };
    let whole = CustomsWord {
        mrn: Some("24GB1".to_owned()),
        faults: vec![fault.clone()],
        ..word(2, Said::Outcome { granted: false }, 1)
    };
    let words = [word(1, Said::Accepted, 1), whole, word(2, Said::Outcome { granted: false }, None)];
    let heard = hear(&steps.iter().collect::<Vec<_>>(), &words);
    assert_eq!(heard.answers, [Some(true), Some(false), None]);
    assert_eq!((heard.mrn.as_deref(), heard.faults), (Some("24GB1"), vec![fault]));
}

#[test]
fn what_is_refused_makes_no_version_and_is_told_from_what_is_refused_after_it() {
    let steps = [
        FilingStep::sent(StepKind::Submit, 1),
        FilingStep::sent(StepKind::Amend, 2),
        FilingStep::sent(StepKind::Amend, 4),
    ];
    let once = [word(1, Said::Accepted, 1), word(2, Said::Rejected, 1)];
    assert_eq!(answers(&steps, &once), [Some(true), Some(false), None]);
    let twice = [once.as_slice(), &[word(3, REFUSED, 1)]].concat();
    assert_eq!(answers(&steps, &twice), [Some(true), Some(false), Some(false)]);
    let granted = [once.as_slice(), &[word(3, GRANTED, 1)]].concat();
    assert_eq!(answers(&steps, &granted), [Some(true), Some(false), Some(true)]);
    let first = [FilingStep::sent(StepKind::Submit, 1)];
    assert_eq!(answers(&first, &[word(1, Said::Rejected, 1)]), [Some(false)]);
}

/// How customs answers a request to amend.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Granted { by_outcome: bool, by_amended: bool },
    Refused { by_outcome: bool },
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(Answer::Granted { by_outcome: false, by_amended: true }),
        Just(Answer::Granted { by_outcome: true, by_amended: false }),
        Just(Answer::Granted { by_outcome: true, by_amended: true }),
        any::<bool>().prop_map(|by_outcome| Answer::Refused { by_outcome }),
    ]
}

/// What customs says of a declaration and of these amendments, counting for itself.
fn said(presented: bool, answers: &[Answer]) -> Vec<CustomsWord> {
    let (mut at, mut version) = (1, if presented { 2 } else { 1 });
    let mut words = vec![word(0, Said::Received, 1), word(at, Said::Accepted, version)];
    for answer in answers {
        at += 10;
        match *answer {
            Answer::Granted { by_outcome, by_amended } => {
                words.extend(by_outcome.then(|| word(at, GRANTED, version)));
                version += 1;
                words.extend(by_amended.then(|| word(at + 5, Said::Amended, version)));
            }
            Answer::Refused { by_outcome: true } => words.push(word(at, REFUSED, version)),
            Answer::Refused { by_outcome: false } => words.push(word(at, Said::Rejected, version)),
        }
    }
    words
}

proptest! {
    #[test]
    fn each_step_has_its_own_answer_however_customs_and_the_gateway_count_and_in_whatever_order_it_is_heard(
        presented in any::<bool>(),
        given in prop::collection::vec((answer(), 1u32..4), 0..6),
        again in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        seed in any::<prop::sample::Selector>(),
    ) {
        let given_answers: Vec<Answer> = given.iter().map(|(answer, _)| *answer).collect();
        // The gateway counts on over what never left.
        let mut version = 1;
        let mut steps = vec![FilingStep::sent(StepKind::Submit, version)];
        for (_, further) in &given {
            version += further;
            steps.push(FilingStep::sent(StepKind::Amend, version));
        }
        // Each is asked once customs has answered what was asked before.
        for asked in 0..=given.len() {
            let mut words = said(presented, &given_answers[..asked]);
            for index in &again {
                words.push(words[index.index(words.len())].clone());
            }
            let mut shuffled = Vec::new();
            while !words.is_empty() {
                let place = seed.select(0..words.len());
                shuffled.push(words.swap_remove(place));
            }
            let mut wanted = vec![Some(true)];
            wanted.extend(given_answers[..asked].iter().map(|answer| Some(matches!(answer, Answer::Granted { .. }))));
            prop_assert_eq!(answers(&steps[..=asked], &shuffled), wanted.clone());
            // And what is asked next has no answer yet.
            if asked < given.len() {
                wanted.push(None);
                prop_assert_eq!(answers(&steps[..=asked + 1], &shuffled), wanted);
            }
        }
    }
}

/// A change of which customs says what becomes of it, and what it does by itself before it is asked.
#[derive(Clone, Copy, Debug)]
struct Change {
    /// What customs changes by itself, so that it is known when this is asked.
    unasked: u32,
    granted: bool,
    /// Whether it says what became of the request, that it was amended, or both.
    ways: (bool, bool),
    /// Whether what it says in the second way comes only when more has been asked.
    late: bool,
}

fn change() -> impl Strategy<Value = Change> {
    let ways = prop_oneof![Just((true, false)), Just((false, true)), Just((true, true))];
    (0u32..3, prop::bool::weighted(0.75), ways, any::<bool>()).prop_map(|(unasked, granted, ways, late)| Change {
        unasked,
        granted,
        ways,
        late,
    })
}

/// The same words in another order, some of them twice, and some once more by somebody who hands less of them on.
fn in_any_order(
    words: &[CustomsWord],
    again: &[(prop::sample::Index, bool)],
    seed: &prop::sample::Selector,
) -> Vec<CustomsWord> {
    let mut told = words.to_vec();
    for (index, less) in again {
        let word = index.get(words).clone();
        told.push(if *less { CustomsWord { mrn: None, version: None, ..word } } else { word });
    }
    let mut shuffled = Vec::new();
    while !told.is_empty() {
        let place = seed.select(0..told.len());
        shuffled.push(told.swap_remove(place));
    }
    shuffled
}

proptest! {
    #[test]
    fn no_step_has_the_answer_of_another_whatever_customs_does_by_itself_and_whether_or_not_it_names_versions(
        names_versions in any::<bool>(),
        changes in prop::collection::vec(change(), 1..6),
        again in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..4),
        seed in any::<prop::sample::Selector>(),
    ) {
        let (mut at, mut version) = (0, 1);
        let mut said = |said: Said, of: u32| {
            at += 10;
            CustomsWord { mrn: Some("24GB1".to_owned()), ..word(at, said, names_versions.then_some(of)) }
        };
        let mut steps = vec![FilingStep::sent(StepKind::Submit, 1)];
        let mut heard = vec![said(Said::Accepted, version)];
        let (mut wanted, mut late) = (vec![Some(true)], None);
        for (index, change) in changes.iter().enumerate() {
            // Where no version is named, customs has one way of saying things, or nobody could know what it says.
            let ways = if names_versions { change.ways } else { changes[0].ways };
            let unasked = if names_versions || ways != (true, true) { change.unasked } else { 0 };
            for _ in 0..unasked {
                version += 1;
                heard.push(said(Said::Amended, version));
            }
            let known = hear(&steps.iter().collect::<Vec<_>>(), &in_any_order(&heard, &again, &seed)).version;
            steps.push(asked(StepKind::Amend, 2 + index as u32, known));
            wanted.push(None);
            prop_assert_eq!(answers(&steps, &in_any_order(&heard, &again, &seed)), wanted.clone(), "it is asked");
            heard.extend(late.take());
            prop_assert_eq!(answers(&steps, &in_any_order(&heard, &again, &seed)), wanted.clone(), "of the one before");
            let last = wanted.last_mut().expect("it was asked");
            *last = Some(change.granted);
            if change.granted {
                heard.extend(ways.0.then(|| said(GRANTED, version)));
                version += 1;
                let amended = ways.1.then(|| said(Said::Amended, version));
                if change.late && ways.0 { late = amended } else { heard.extend(amended) }
            } else {
                heard.push(said(REFUSED, version));
            }
            prop_assert_eq!(answers(&steps, &in_any_order(&heard, &again, &seed)), wanted.clone(), "it is answered");
        }
        let told: Vec<CustomsWord> = heard.iter().cloned().chain(late).collect();
        let all = hear(&steps.iter().collect::<Vec<_>>(), &told);
        prop_assert_eq!(hear(&steps.iter().collect::<Vec<_>>(), &in_any_order(&told, &again, &seed)), all);
    }
}
