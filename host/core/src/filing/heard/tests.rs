use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

/// A step in the version that the gateway counts.
fn step(kind: StepKind, version: u32) -> FilingStep {
    FilingStep {
        kind,
        number: 1,
        version,
        lrn: "L1".to_owned(),
        revision: String::new(),
        at: Timestamp::UNIX_EPOCH,
        exchange: String::new(),
        delivery: format!("1/{version}"),
        differences: Vec::new(),
        replaced: false,
        released_over: String::new(),
        declared: serde_json::Value::Null,
    }
}

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
    let steps = [step(StepKind::Submit, 3), step(StepKind::Amend, 5), step(StepKind::Amend, 6)];
    let words = [word(1, Said::Accepted, 1), word(2, Said::Amended, 2)];
    assert_eq!(answers(&steps[..2], &words), [Some(true), Some(true)]);
    assert_eq!(answers(&steps, &words), [Some(true), Some(true), None], "what was granted before is not granted again");
    let third = [words.as_slice(), &[word(3, Said::Amended, 3)]].concat();
    assert_eq!(answers(&steps, &third), [Some(true); 3]);
}

#[test]
fn one_change_that_is_granted_in_two_ways_is_one() {
    let steps = [step(StepKind::Submit, 1), step(StepKind::Amend, 2), step(StepKind::Amend, 3)];
    let outcome = [word(1, Said::Accepted, 1), word(2, GRANTED, 1), word(9, Said::Amended, 2)];
    assert_eq!(answers(&steps, &outcome), [Some(true), Some(true), None]);
    // Of both the same second.
    let outcome = [word(1, Said::Accepted, 1), word(2, GRANTED, 1), word(2, Said::Amended, 2)];
    assert_eq!(answers(&steps, &outcome), [Some(true), Some(true), None]);
    // Some outcomes name no version.
    let outcome = [word(1, Said::Accepted, 1), word(2, GRANTED, None), word(9, Said::Amended, 2)];
    assert_eq!(answers(&steps, &outcome), [Some(true), Some(true), None]);
    // And none of them cancels what is to be cancelled after it.
    let steps = [step(StepKind::Submit, 1), step(StepKind::Amend, 2), step(StepKind::Cancel, 3)];
    let outcome = [word(1, Said::Accepted, 1), word(2, Said::Amended, 2), word(3, GRANTED, 1)];
    let heard = hear(&steps.iter().collect::<Vec<_>>(), &outcome);
    assert_eq!((heard.answers, heard.cancelled), (vec![Some(true), Some(true), None], false));
    let heard = hear(&steps.iter().collect::<Vec<_>>(), &[outcome.as_slice(), &[word(4, GRANTED, 2)]].concat());
    assert_eq!((heard.answers, heard.cancelled), (vec![Some(true); 3], true));
}

#[test]
fn goods_that_are_presented_make_a_version_that_amends_nothing() {
    let steps = [step(StepKind::Submit, 1), step(StepKind::Amend, 2)];
    let presented = [word(1, Said::Received, 1), word(2, Said::Accepted, 2)];
    assert_eq!(answers(&steps, &presented), [Some(true), None]);
    let amended = [presented.as_slice(), &[word(3, Said::Amended, 3)]].concat();
    assert_eq!(answers(&steps, &amended), [Some(true), Some(true)]);
}

#[test]
fn what_is_refused_makes_no_version_and_is_told_from_what_is_refused_after_it() {
    let steps = [step(StepKind::Submit, 1), step(StepKind::Amend, 2), step(StepKind::Amend, 4)];
    let once = [word(1, Said::Accepted, 1), word(2, Said::Rejected, 1)];
    assert_eq!(answers(&steps, &once), [Some(true), Some(false), None]);
    let twice = [once.as_slice(), &[word(3, REFUSED, 1)]].concat();
    assert_eq!(answers(&steps, &twice), [Some(true), Some(false), Some(false)]);
    let granted = [once.as_slice(), &[word(3, GRANTED, 1)]].concat();
    assert_eq!(answers(&steps, &granted), [Some(true), Some(false), Some(true)]);
    let first = [step(StepKind::Submit, 1)];
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
        let mut steps = vec![step(StepKind::Submit, version)];
        for (_, further) in &given {
            version += further;
            steps.push(step(StepKind::Amend, version));
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
