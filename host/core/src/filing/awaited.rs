//! What customs is expected to say of a filing, and by when.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::heard::{CustomsWord, hear};
use super::kept::{Awaited, Filing, FilingStep};
use crate::calendar::Within;

/// Something that customs has not said yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// What it is.
    pub what: Awaited,
    /// When it is late.
    pub at: Timestamp,
}

/// What customs has not said yet of the filing's present declaration, of all that is expected within so long of its being made.
/// Of one that is rejected or cancelled nothing more is expected.
pub fn awaited(filing: &Filing, words: &[CustomsWord], within: &BTreeMap<Awaited, Within>) -> Vec<Due> {
    let steps: Vec<&FilingStep> = filing.current().collect();
    let heard = hear(&steps, words);
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return Vec::new() };
    let is_over = heard.cancelled || heard.answers.first() == Some(&Some(false));
    let due = |(what, within): (&Awaited, &Within)| {
        let (since, is_met) = match what {
            Awaited::Answered => (last.at, heard.answers.last().is_some_and(Option::is_some)),
            Awaited::Accepted => (first.at, heard.answers.first() == Some(&Some(true))),
            Awaited::Released => (first.at, heard.released),
            Awaited::Cleared => (first.at, heard.cleared),
        };
        let at = since.checked_add(within.plain()).unwrap_or(Timestamp::MAX);
        (!is_met && !is_over).then_some(Due { what: *what, at })
    };
    within.iter().filter_map(due).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filing::{FilingState, Said, StepKind};

    fn filed() -> Filing {
        let step = FilingStep { delivery: "1".to_owned(), ..FilingStep::sent(StepKind::Submit, 1) };
        Filing { state: FilingState::Submitted, steps: vec![step], ..Filing::draft("L1".to_owned()) }
    }

    #[test]
    fn each_word_is_due_so_long_after_the_declaration_and_met_when_it_is_said() {
        let within = [(Awaited::Answered, "30 minutes"), (Awaited::Accepted, "4 hours"), (Awaited::Released, "2 days")];
        let within: BTreeMap<Awaited, Within> =
            within.into_iter().map(|(what, text)| (what, text.parse().expect("a time"))).collect();
        let word = |said| CustomsWord { at: 1, said, version: None, mrn: None, faults: Vec::new() };
        let due = |filing: &Filing, words: &[CustomsWord]| -> Vec<(Awaited, i64)> {
            awaited(filing, words, &within).into_iter().map(|due| (due.what, due.at.as_second())).collect()
        };
        let all = [(Awaited::Answered, 1_800), (Awaited::Accepted, 14_400), (Awaited::Released, 172_800)];
        assert_eq!(due(&filed(), &[]), all);
        assert_eq!(due(&filed(), &[word(Said::Received)]), all, "that it was registered is no answer");
        assert_eq!(due(&filed(), &[word(Said::Accepted)]), all[2..]);
        assert_eq!(due(&filed(), &[word(Said::Cleared)]), []);
        assert_eq!(due(&filed(), &[word(Said::Rejected)]), []);
        assert_eq!(due(&filed(), &[word(Said::Cancelled)]), []);
        let unfiled = Filing { steps: Vec::new(), ..filed() };
        assert_eq!(due(&unfiled, &[]), [], "nothing was said to customs");
        let mut amended = filed();
        amended.steps.push(FilingStep {
            kind: StepKind::Amend,
            version: 2,
            at: Timestamp::from_second(600).expect("a time"),
            ..amended.steps[0].clone()
        });
        assert_eq!(due(&amended, &[word(Said::Accepted)]), [(Awaited::Answered, 2_400), all[2]]);
    }
}
