//! What we say to a partner's interchange.

use portgate_readers::x12::{Interchange, Segment};
use portgate_writers::x12::{GroupHeader, InterchangeHeader};
use portgate_writers::{ControlNumber, WriteError, Written};

use super::{Guide, HAS_SEGMENT_ERRORS};
use crate::finding::Finding;
use crate::model::{Acknowledgement, GroupVerdict, InterchangeVerdict, Kind, Party, SetVerdict};
use crate::verdict::Verdict;

/// The first edition whose `AK1` names the edition of the group.
const NAMES_EDITION_FROM: &str = "005010";
/// The guide of 999.
const GUIDE_999: &str = "005010X231A1";

/// An acknowledgement of every group of an interchange, one for each, that begins with everything accepted.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The acknowledgements, in the order of the groups. Whoever changes them changes verdicts by hand.
    pub acknowledgements: Vec<Acknowledgement>,
    guide: Guide,
    /// Where each set of the interchange is acknowledged: group and set.
    places: Vec<Option<(usize, usize)>>,
    /// How many sets of each group are accepted with errors.
    with_errors: Vec<usize>,
    /// `GS02` and `GS03` of the first group, and its edition.
    addressed: [String; 3],
}

impl Answer {
    /// Everything of the interchange accepted. A set that stands in no group cannot be acknowledged.
    pub fn of(guide: Guide, interchange: &Interchange<'_>) -> Self {
        let mut answer = Answer {
            acknowledgements: Vec::new(),
            guide,
            places: Vec::new(),
            with_errors: Vec::new(),
            addressed: [String::new(), String::new(), "004010".to_owned()],
        };
        let mut header = None;
        for segment in interchange.segments() {
            match segment.tag() {
                "GS" => {
                    answer.group(&segment);
                    header = Some(segment.number());
                }
                "GE" if header.take().is_some() => {
                    if let Some(group) = answer.last()
                        && let Some([included, ..]) = &mut group.counts
                    {
                        *included = segment.element(1).and_then(|count| count.trim().parse().ok()).unwrap_or_default();
                    }
                }
                _ => {}
            }
        }
        let headers = interchange.segments().filter(|segment| segment.tag() == "GS").map(|segment| segment.number());
        let headers: Vec<usize> = headers.collect();
        for set in interchange.messages() {
            let index = set.group().and_then(|gs| headers.binary_search(&gs.number()).ok());
            let place = index.and_then(|index| {
                let text = |element| Some(set.header()?.element(element)?.trim().to_owned());
                let group = answer.acknowledgements[index].groups.first_mut()?;
                group.sets.push(SetVerdict {
                    kind: text(1).unwrap_or_default(),
                    control_number: text(2).unwrap_or_default(),
                    edition: text(3).unwrap_or_default(),
                    verdict: Verdict::Accepted,
                    errors: Vec::new(),
                    findings: Vec::new(),
                });
                Some((index, group.sets.len() - 1))
            });
            answer.places.push(place);
        }
        answer.acknowledgements.iter_mut().flat_map(|one| &mut one.groups).for_each(count);
        answer
    }

    fn group(&mut self, gs: &Segment<'_>) {
        let text = |element| gs.element(element).unwrap_or_default().trim().to_owned();
        if self.acknowledgements.is_empty() {
            self.addressed = [text(2), text(3), text(8)];
        }
        let names_edition = self.guide == Guide::X999 || text(8).as_str() >= NAMES_EDITION_FROM;
        let group = GroupVerdict {
            functional_id: text(1),
            control_number: text(6),
            version: if names_edition { text(8) } else { String::new() },
            sender: Party::default(),
            receiver: Party::default(),
            verdict: Verdict::Accepted,
            counts: Some([0; 3]),
            errors: Vec::new(),
            sets: Vec::new(),
        };
        self.with_errors.push(0);
        self.acknowledgements.push(Acknowledgement { groups: vec![group], ..Acknowledgement::of(self.guide.kind()) });
    }

    fn last(&mut self) -> Option<&mut GroupVerdict> {
        self.acknowledgements.last_mut()?.groups.first_mut()
    }

    /// What is said of a set: `index` counts from 0 through [`Interchange::messages`](portgate_readers::edi::Interchange).
    pub fn set(&mut self, index: usize) -> Option<SetAnswer<'_>> {
        let (group, set) = (*self.places.get(index)?)?;
        let with_errors = self.with_errors.get_mut(group)?;
        Some(SetAnswer { group: self.acknowledgements.get_mut(group)?.groups.first_mut()?, set, with_errors })
    }

    /// A whole group is not taken, for these reasons (716), such as `1` for one that is not supported. `index` counts groups
    /// from 0.
    pub fn reject_group(&mut self, index: usize, codes: &[&str]) {
        let Some(group) = self.acknowledgements.get_mut(index).and_then(|one| one.groups.first_mut()) else { return };
        group.verdict = Verdict::Rejected;
        group.errors = codes.iter().map(|code| (*code).to_owned()).collect();
        group.sets.iter_mut().for_each(|set| set.verdict = Verdict::Rejected);
        count(group);
    }

    /// The same with other names in `GS02` and `GS03` than those that came, the other way round: ours and theirs, as far as they
    /// are given.
    #[must_use]
    pub fn addressed(mut self, ours: Option<&str>, theirs: Option<&str>) -> Self {
        let [sender, receiver, _] = &mut self.addressed;
        for (name, agreed) in [(receiver, ours), (sender, theirs)] {
            if let Some(agreed) = agreed {
                agreed.clone_into(name);
            }
        }
        self
    }

    /// What becomes of the interchange as a whole.
    pub fn verdict(&self) -> Verdict {
        Verdict::of_parts(self.acknowledgements.iter().flat_map(|one| &one.groups).map(|group| group.verdict))
    }

    /// The acknowledgements as an interchange under this header, mostly the one that came,
    /// [`answered`](InterchangeHeader::answered), with these control numbers.
    ///
    /// # Errors
    /// What cannot be written; see [`portgate_writers`].
    pub fn write(
        &self,
        header: &InterchangeHeader,
        group_number: impl Into<ControlNumber>,
        first_set: u64,
    ) -> Result<Written, WriteError> {
        let [sender, receiver, edition] = &self.addressed;
        let edition = match self.guide {
            Guide::X999 => GUIDE_999.to_owned(),
            // The edition without the guide of the sets that are answered.
            Guide::X997 => edition.chars().take(6).collect(),
        };
        let group = GroupHeader::new("FA", receiver, sender, group_number, edition);
        super::write(&self.acknowledgements, header, &group, first_set)
    }
}

/// Counts what came and what was accepted of a group.
fn count(group: &mut GroupVerdict) {
    let accepted = group.sets.iter().filter(|set| set.verdict < Verdict::PartlyAccepted).count();
    let included = group.counts.map_or(0, |[included, ..]| included);
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    group.counts = Some([included, number(group.sets.len()), number(accepted)]);
}

/// What is said of one set.
#[derive(Debug)]
pub struct SetAnswer<'a> {
    group: &'a mut GroupVerdict,
    set: usize,
    with_errors: &'a mut usize,
}

impl SetAnswer<'_> {
    /// The set is not taken because of this.
    pub fn reject(&mut self, finding: Finding) {
        self.found(finding, Verdict::Rejected);
    }

    /// The set is taken all the same.
    pub fn warn(&mut self, finding: Finding) {
        self.found(finding, Verdict::AcceptedWithErrors);
    }

    /// The set is not taken, for a reason of its own (718 or 618), such as `1` for one that is not supported or `4` where
    /// `SE` counts differently.
    pub fn reject_for(&mut self, code: &str) {
        self.say(code, Verdict::Rejected);
    }

    fn found(&mut self, finding: Finding, verdict: Verdict) {
        if let Some(set) = self.group.sets.get_mut(self.set) {
            set.findings.push(finding);
        }
        self.say(HAS_SEGMENT_ERRORS, verdict);
    }

    fn say(&mut self, code: &str, verdict: Verdict) {
        let Some(set) = self.group.sets.get_mut(self.set) else { return };
        if set.errors.iter().all(|known| known != code) {
            set.errors.push(code.to_owned());
        }
        let before = set.verdict;
        set.verdict = before.max(verdict);
        // The counts are adjusted instead of counted anew, because a group can have many sets.
        let [included, received, mut accepted] = self.group.counts.unwrap_or_default();
        match (before, set.verdict) {
            (Verdict::Accepted, Verdict::AcceptedWithErrors) => *self.with_errors += 1,
            (Verdict::AcceptedWithErrors, Verdict::Rejected) => {
                *self.with_errors = self.with_errors.saturating_sub(1);
                accepted = accepted.saturating_sub(1);
            }
            (Verdict::Accepted, Verdict::Rejected) => accepted = accepted.saturating_sub(1),
            _ => {}
        }
        self.group.counts = Some([included, received, accepted]);
        self.group.verdict = match accepted {
            0 => Verdict::Rejected,
            some if some < received => Verdict::PartlyAccepted,
            _ if *self.with_errors > 0 => Verdict::AcceptedWithErrors,
            _ => Verdict::Accepted,
        };
    }
}

/// A `TA1` for an interchange: what became of it, and a code of I18, such as `025` for a control number that came before;
/// nothing where its envelope is right. Write it with [`write`](super::write()).
pub fn interchange_acknowledgement(isa: &Segment<'_>, verdict: Verdict, error: Option<&str>) -> Acknowledgement {
    let text = |element| isa.element(element).unwrap_or_default().trim().to_owned();
    let interchange = InterchangeVerdict {
        control_number: text(13),
        sender: Party::default(),
        receiver: Party::default(),
        made: text(9) + &text(10),
        verdict,
        error: error.unwrap_or_default().to_owned(),
        place: None,
    };
    Acknowledgement { interchange: Some(interchange), ..Acknowledgement::of(Kind::Ta1) }
}
