//! What we say to a partner's interchange.

use portgate_readers::edi::{Message, Segment};
use portgate_readers::edifact::Interchange;
use portgate_writers::edifact::InterchangeHeader;
use portgate_writers::{WriteError, Written};

use crate::finding::Finding;
use crate::model::{Acknowledgement, GroupVerdict, InterchangeVerdict, Kind, Party, SetVerdict};
use crate::verdict::Verdict;

/// A CONTRL for every `UNB` of the input, mostly one, that begins with everything accepted and names every message.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The acknowledgements, in the order of the interchanges. Whoever changes them changes verdicts by hand.
    pub acknowledgements: Vec<Acknowledgement>,
    /// Where each message is acknowledged: interchange, group if it stands in one, message.
    places: Vec<Option<(usize, Option<usize>, usize)>>,
}

impl Answer {
    /// Everything of the interchange accepted. A message without `UNB` before it cannot be acknowledged.
    pub fn of(interchange: &Interchange<'_>) -> Self {
        let mut answer = Answer::default();
        let mut headers: Vec<usize> = Vec::new();
        // For each group: its place in its interchange, and the number of its UNG.
        let mut groups: Vec<(usize, usize)> = Vec::new();
        for segment in interchange.segments() {
            match (segment.tag(), answer.acknowledgements.last_mut()) {
                ("UNB", _) => {
                    headers.push(segment.number());
                    answer.acknowledgements.push(acknowledged(&segment));
                }
                ("UNG", Some(last)) => {
                    last.groups.push(group(&segment));
                    groups.push((last.groups.len() - 1, segment.number()));
                }
                _ => {}
            }
        }
        for message in interchange.messages() {
            let place = message.interchange().and_then(|unb| headers.binary_search(&unb.number()).ok());
            let place = place.and_then(|index| {
                let acknowledgement = answer.acknowledgements.get_mut(index)?;
                let ung = message.group().map(|ung| ung.number());
                let found = ung.and_then(|ung| groups.binary_search_by_key(&ung, |(_, number)| *number).ok());
                let group = found.map(|found| groups[found].0);
                let sets = match group {
                    Some(group) => &mut acknowledgement.groups.get_mut(group)?.sets,
                    None => &mut acknowledgement.sets,
                };
                sets.push(accepted(&message)?);
                Some((index, group, sets.len() - 1))
            });
            answer.places.push(place);
        }
        answer
    }

    /// What is said of a message: `index` counts from 0 through
    /// [`Interchange::messages`](portgate_readers::edi::Interchange).
    pub fn message(&mut self, index: usize) -> Option<MessageAnswer<'_>> {
        let (interchange, group, set) = (*self.places.get(index)?)?;
        Some(MessageAnswer { acknowledgement: self.acknowledgements.get_mut(interchange)?, group, set })
    }

    /// The interchange of this index, from 0, is not taken, for this reason (0085), such as `26` for one that came before, with
    /// the service segment and its element where one of them is wrong.
    pub fn reject_interchange(&mut self, index: usize, code: &str, place: Option<(&str, u32)>) {
        let Some(acknowledgement) = self.acknowledgements.get_mut(index) else { return };
        (acknowledgement.groups, acknowledgement.sets) = (Vec::new(), Vec::new());
        if let Some(interchange) = &mut acknowledgement.interchange {
            interchange.verdict = Verdict::Rejected;
            interchange.error = code.to_owned();
            interchange.place = place.map(|(segment, element)| (segment.to_owned(), element));
        }
    }

    /// The interchange of this index is only reported as received.
    pub fn receipt(&mut self, index: usize) {
        let Some(acknowledgement) = self.acknowledgements.get_mut(index) else { return };
        (acknowledgement.groups, acknowledgement.sets) = (Vec::new(), Vec::new());
        if let Some(interchange) = &mut acknowledgement.interchange {
            interchange.verdict = Verdict::Received;
        }
    }

    /// What becomes of all of it: rejected only where every message is.
    pub fn verdict(&self) -> Verdict {
        let of = |one: &Acknowledgement| match one.all_sets().next() {
            Some(_) => Verdict::of_parts(one.all_sets().map(|set| set.verdict)),
            None => one.interchange.as_ref().map_or(Verdict::Accepted, |interchange| interchange.verdict),
        };
        match &*self.acknowledgements {
            [one] => of(one),
            several => Verdict::of_parts(several.iter().map(of)),
        }
    }

    /// The CONTRL messages as an interchange under this header, mostly the one that came,
    /// [`answered`](InterchangeHeader::answered), numbered from `first_message` on.
    ///
    /// # Errors
    /// What cannot be written; see [`portgate_writers`].
    pub fn write(&self, header: &InterchangeHeader, first_message: u64) -> Result<Written, WriteError> {
        super::write(&self.acknowledgements, header, first_message)
    }
}

fn text(segment: &Segment<'_>, element: usize, component: usize) -> String {
    segment.component(element, component).unwrap_or_default().trim().to_owned()
}

fn party(segment: &Segment<'_>, element: usize) -> Party {
    Party { id: text(segment, element, 1), qualifier: text(segment, element, 2) }
}

fn acknowledged(unb: &Segment<'_>) -> Acknowledgement {
    let interchange = InterchangeVerdict {
        control_number: text(unb, 5, 1),
        sender: party(unb, 2),
        receiver: party(unb, 3),
        made: String::new(),
        verdict: Verdict::Accepted,
        error: String::new(),
        place: None,
    };
    Acknowledgement { interchange: Some(interchange), ..Acknowledgement::of(Kind::Contrl) }
}

fn group(ung: &Segment<'_>) -> GroupVerdict {
    GroupVerdict {
        functional_id: String::new(),
        control_number: text(ung, 5, 1),
        version: String::new(),
        sender: party(ung, 2),
        receiver: party(ung, 3),
        verdict: Verdict::Accepted,
        counts: None,
        errors: Vec::new(),
        sets: Vec::new(),
    }
}

fn accepted(message: &Message<'_>) -> Option<SetVerdict> {
    let unh = message.header()?;
    let edition: Vec<String> = (2..=5).map(|component| text(&unh, 2, component)).collect();
    Some(SetVerdict {
        kind: text(&unh, 2, 1),
        control_number: text(&unh, 1, 1),
        edition: edition.join(":").trim_end_matches(':').to_owned(),
        verdict: Verdict::Accepted,
        errors: Vec::new(),
        findings: Vec::new(),
    })
}

/// What is said of one message.
#[derive(Debug)]
pub struct MessageAnswer<'a> {
    acknowledgement: &'a mut Acknowledgement,
    group: Option<usize>,
    set: usize,
}

impl MessageAnswer<'_> {
    /// The message is not taken because of this.
    pub fn reject(&mut self, finding: Finding) {
        self.say(Verdict::Rejected, Some(finding), None);
    }

    /// The message is taken all the same.
    pub fn warn(&mut self, finding: Finding) {
        self.say(Verdict::AcceptedWithErrors, Some(finding), None);
    }

    /// The message is not taken, for a reason of its own (0085), such as `29` where `UNT` counts differently.
    pub fn reject_for(&mut self, code: &str) {
        self.say(Verdict::Rejected, None, Some(code));
    }

    fn say(&mut self, said: Verdict, finding: Option<Finding>, code: Option<&str>) {
        let Acknowledgement { interchange, groups, sets, .. } = &mut *self.acknowledgement;
        let within = match self.group {
            Some(group) => groups.get_mut(group).map(|group| &mut group.sets),
            None => Some(&mut *sets),
        };
        let Some(set) = within.and_then(|sets| sets.get_mut(self.set)) else { return };
        set.verdict = set.verdict.max(said);
        set.findings.extend(finding);
        if let Some(code) = code {
            set.errors = vec![code.to_owned()];
        }
        // The interchange and group that hold the message are acknowledged themselves, so they are partly accepted at
        // worst.
        let within = if said == Verdict::Rejected { Verdict::PartlyAccepted } else { said };
        if let Some(group) = self.group.and_then(|group| groups.get_mut(group)) {
            group.verdict = group.verdict.max(within);
        }
        if let Some(interchange) = interchange {
            interchange.verdict = interchange.verdict.max(within);
        }
    }
}
