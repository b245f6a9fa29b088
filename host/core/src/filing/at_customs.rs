//! Where a declaration stands at customs, as partners are told it: by what customs has said and by nothing else, so that what
//! the gateway has yet to say to customs keeps nobody from hearing of it.

use super::heard::{CustomsWord, Said, hear};
use super::kept::{AtCustoms, Filing, FilingState, FilingStep};

impl AtCustoms {
    /// Whether a notification that means this says that it stands here.
    pub fn is_said_by(self, said: Said) -> bool {
        match self {
            AtCustoms::Accepted => matches!(said, Said::Accepted | Said::Amended | Said::Outcome { granted: true }),
            AtCustoms::Held => said == Said::Held,
            AtCustoms::Rejected => matches!(said, Said::Rejected | Said::Outcome { granted: false }),
            AtCustoms::Released => said == Said::Released,
            AtCustoms::Cleared => said == Said::Cleared,
            AtCustoms::Cancelled => matches!(said, Said::Cancelled | Said::Outcome { granted: true }),
        }
    }
}

/// A place at customs, told from the same at another time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where it stands.
    pub at: AtCustoms,
    /// What tells it from the same place at another time: the declaration, and the version of it or the notification.
    pub mark: String,
}

/// Where the filing's present declaration stands by these notifications, whatever order they came in; nothing where customs has
/// said nothing yet that partners are told. What is final comes first; goods that are held are held whatever is amended meanwhile.
pub fn at_customs(filing: &Filing, words: &[CustomsWord]) -> Option<Place> {
    let steps: Vec<&FilingStep> = filing.current().collect();
    let heard = hear(&steps, words);
    let place = |at, of: String| Some(Place { at, mark: format!("{}/{of}", filing.lrn) });
    let version = |step: usize| steps.get(step).map(|step| step.version.to_string()).unwrap_or_default();
    let held = words.iter().filter(|word| word.said == Said::Held).map(|word| word.at).max();
    let answered = heard.answers.iter().rposition(Option::is_some);
    let is_given_up = filing.state == FilingState::Cancelled && !filing.told.is_empty();
    match (held, answered) {
        _ if heard.cancelled || is_given_up => place(AtCustoms::Cancelled, String::new()),
        _ if heard.answers.first() == Some(&Some(false)) => place(AtCustoms::Rejected, version(0)),
        _ if heard.cleared => place(AtCustoms::Cleared, String::new()),
        _ if heard.released => place(AtCustoms::Released, String::new()),
        (Some(at), _) => place(AtCustoms::Held, at.to_string()),
        (None, Some(step)) => match heard.answers.get(step) {
            Some(Some(true)) => place(AtCustoms::Accepted, version(step)),
            _ => place(AtCustoms::Rejected, version(step)),
        },
        (None, None) => None,
    }
}

impl Filing {
    /// Whether this is what the partner was told last.
    pub fn was_told(&self, to: &str, place: &Place) -> bool {
        let last = self.told.iter().rfind(|told| told.to == to);
        last.is_some_and(|told| told.at_customs == place.at && told.mark == place.mark)
    }

    /// The number of the next thing that the partner is told, from 1.
    pub fn next_told(&self, to: &str) -> usize {
        self.told.iter().filter(|told| told.to == to).count() + 1
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::filing::{FilingTold, StepKind};

    fn filing(kinds: &[StepKind]) -> Filing {
        let step = |(version, kind): (u32, &StepKind)| FilingStep {
            kind: *kind,
            number: 1,
            version,
            customs_version: None,
            lrn: "L1".to_owned(),
            revision: String::new(),
            at: Timestamp::UNIX_EPOCH,
            exchange: String::new(),
            delivery: version.to_string(),
            differences: Vec::new(),
            replaced: false,
            released_over: String::new(),
            declared: serde_json::Value::Null,
        };
        Filing {
            state: FilingState::Submitted,
            steps: (1..).zip(kinds).map(step).collect(),
            ..Filing::draft("L1".to_owned())
        }
    }

    fn word(at: i64, said: Said) -> CustomsWord {
        CustomsWord { at, said, version: None, mrn: None, faults: Vec::new() }
    }

    /// Where it stands, and its mark, as text.
    fn stands(filing: &Filing, words: &[CustomsWord]) -> String {
        at_customs(filing, words).map(|place| format!("{} {}", place.at, place.mark)).unwrap_or_default()
    }

    #[test]
    fn it_stands_where_customs_has_said_last_whatever_order_that_came_in() {
        let submitted = filing(&[StepKind::Submit]);
        let day = [
            (word(1, Said::Received), ""),
            (word(2, Said::Accepted), "accepted L1/1"),
            (word(3, Said::Held), "held L1/3"),
            (word(4, Said::Held), "held L1/4"),
            (word(5, Said::Released), "released L1/"),
            (word(6, Said::Cleared), "cleared L1/"),
        ];
        for (count, (_, expected)) in (1..).zip(&day) {
            let mut words: Vec<CustomsWord> = day.iter().take(count).map(|(word, _)| word.clone()).collect();
            assert_eq!(stands(&submitted, &words), *expected);
            words.reverse();
            assert_eq!(stands(&submitted, &words), *expected, "backwards");
        }
        assert_eq!(stands(&submitted, &[word(2, Said::Rejected)]), "rejected L1/1");
        assert_eq!(stands(&submitted, &[word(2, Said::Accepted), word(9, Said::Cancelled)]), "cancelled L1/");
        assert_eq!(stands(&filing(&[]), &[]), "", "nothing was declared");
    }

    #[test]
    fn a_change_that_is_granted_or_refused_is_another_place_and_one_that_waits_is_none() {
        let amended = filing(&[StepKind::Submit, StepKind::Amend]);
        let accepted = word(1, Said::Accepted);
        assert_eq!(stands(&amended, std::slice::from_ref(&accepted)), "accepted L1/1");
        assert_eq!(stands(&amended, &[accepted.clone(), word(2, Said::Amended)]), "accepted L1/2");
        assert_eq!(stands(&amended, &[accepted.clone(), word(2, Said::Rejected)]), "rejected L1/2");
        let held = [accepted, word(2, Said::Held), word(3, Said::Amended)];
        assert_eq!(stands(&amended, &held), "held L1/2", "an amendment lets no goods go");
    }

    #[test]
    fn what_is_given_up_is_cancelled_for_whoever_has_heard_of_it() {
        let mut given_up = Filing { state: FilingState::Cancelled, ..filing(&[StepKind::Submit]) };
        assert_eq!(stands(&given_up, &[]), "", "nobody has heard of it");
        given_up.told.push(FilingTold {
            to: "erp".to_owned(),
            at_customs: AtCustoms::Rejected,
            mark: "L1/1".to_owned(),
            lrn: "L1".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            exchange: String::new(),
            delivery: String::new(),
        });
        let place = at_customs(&given_up, &[word(1, Said::Rejected)]).expect("a place");
        assert_eq!(place.at, AtCustoms::Cancelled);
        assert!(!given_up.was_told("erp", &place) && !given_up.was_told("portal", &place));
        let rejected = Place { at: AtCustoms::Rejected, mark: "L1/1".to_owned() };
        assert!(given_up.was_told("erp", &rejected), "it was told that last");
        assert_eq!((given_up.next_told("erp"), given_up.next_told("portal")), (2, 1));
    }
}
