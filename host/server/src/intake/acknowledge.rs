//! What a partner's acknowledgements say of the deliveries that they name.
//!
//! An acknowledgement counts for what was sent to the very partner that it comes from, under the control numbers that it
//! names, and once. One that names none may call a message by a reference that its documents carry, such as their order's
//! number, and counts where that names one delivery alone. What it says of nothing that was sent, a second time, or against
//! what was said before is noted with the exchange that it came in, and has no effect.

use std::collections::HashMap;

use portgate_core::agreement::Mode;
use portgate_core::document::{ACKNOWLEDGEMENT, Document, Reference};
use portgate_core::finding::{Finding, Severity};
use portgate_core::sender;
use portgate_core::state::Acknowledged;
use portgate_store::{Acknowledgement, DeliveryId, JournalError, NamedBy, SentAbout, SentUnder};
use serde::Deserialize;

use super::{Intake, events};

/// Acknowledgements of one message that are looked up by what documents carry: such a look-up is no cheap one.
const LOOK_UPS_MAX: usize = 100;

/// Sets of an acknowledgement that a finding on it names.
const NAMED_MAX: usize = 10;

/// Findings of a partner on one delivery that are kept.
const FINDINGS_MAX: usize = 100;

/// What documents acknowledge, and what is to be said of that.
#[derive(Default)]
pub(crate) struct Said {
    pub(crate) acknowledgements: Vec<Acknowledgement>,
    pub(crate) findings: Vec<Finding>,
}

/// A document of this kind, as far as it is read here (`wit/canonical/v1/acknowledgement.schema.json`).
#[derive(Deserialize)]
struct Body {
    message: String,
    interchange: Option<Level>,
    #[serde(default)]
    groups: Vec<Level>,
    #[serde(default)]
    messages: Vec<Level>,
    #[serde(default)]
    references: Vec<Named>,
}

/// An interchange, a group or a set with what became of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Level {
    #[serde(default)]
    reference: String,
    verdict: Verdict,
    #[serde(default)]
    errors: Vec<String>,
    #[serde(default)]
    findings: Vec<Wrong>,
    /// Of an interchange: when it was made.
    #[serde(default)]
    made: String,
    /// Of a group: which kind of sets it holds.
    #[serde(default)]
    functional_id: String,
    /// Of a set: its group.
    #[serde(default)]
    group: String,
    /// Of a set: which kind it is.
    #[serde(default)]
    r#type: String,
}

/// What the message that is acknowledged is called: a reference of the documents in it, or what has no scheme here, such as its
/// control number.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    scheme: String,
    #[serde(default)]
    value: String,
}

impl Named {
    /// Whether it is a reference as documents carry them.
    fn is_of_documents(&self) -> bool {
        !(self.scheme.is_empty() || self.scheme == "message" || self.scheme.starts_with("edifact:"))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    Received,
    Accepted,
    AcceptedWithErrors,
    PartlyAccepted,
    Rejected,
}

impl Verdict {
    /// What it says of a delivery; nothing where it says only that the bytes are there.
    fn said(self) -> Option<Acknowledged> {
        Some(match self {
            Verdict::Received => return None,
            Verdict::Accepted => Acknowledged::Accepted,
            Verdict::AcceptedWithErrors => Acknowledged::AcceptedWithErrors,
            Verdict::PartlyAccepted => Acknowledged::PartlyAccepted,
            Verdict::Rejected => Acknowledged::Rejected,
        })
    }
}

/// What is wrong with a set, where the partner says so.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wrong {
    segment: String,
    position: u32,
    element: u32,
    component: u32,
    code: String,
    value: String,
    text: String,
}

impl Wrong {
    fn finding(&self) -> Finding {
        let Wrong { segment, position, element, component, code, value, text } = self;
        let mut location = format!("segment {position} {segment}").trim_end().to_owned();
        if *element > 0 {
            location.push_str(&format!("-{element:02}"));
        }
        if *component > 0 {
            location.push_str(&format!("-{component}"));
        }
        let mut detail = if text.is_empty() { format!("The partner says code {code}.") } else { text.clone() };
        if !value.is_empty() {
            detail.push_str(&format!(" The value is `{value}`."));
        }
        Finding::error(code.clone(), location, detail)
    }
}

impl Intake<'_> {
    /// What the acknowledgements among a sender's documents say of the deliveries that they name.
    ///
    /// # Errors
    ///
    /// The journal does not say what was sent.
    pub(crate) async fn said(&self, sender: &str, documents: &[Document]) -> Result<Said, JournalError> {
        let mut said = Said::default();
        let mut by_now: HashMap<DeliveryId, Acknowledged> = HashMap::new();
        let mut looked_up = 0;
        for document in documents.iter().filter(|document| document.kind == ACKNOWLEDGEMENT) {
            // It keeps its schema, or it would not be here.
            let Ok(body) = serde_json::from_slice::<Body>(&document.body) else { continue };
            let (named, of_documents) = (body.named(), body.of_documents());
            let partner = sender::partner(sender);
            let mode = if sender::is_test(sender) { Mode::Test } else { Mode::Production };
            // What names numbers is of those and of nothing else.
            if !named.is_empty() || of_documents.is_empty() {
                let mut sent = match named.is_empty() {
                    true => Vec::new(),
                    false => self.state.journal.sent_under(partner, named).await?,
                };
                sent.retain(|sent| self.is_meant(sent, mode));
                for (sent, verdict, findings) in body.meant(&sent, &mut said.findings) {
                    self.say(sent, verdict, findings, &mut by_now, &mut said);
                }
                continue;
            }
            looked_up += 1;
            let mut about = match looked_up <= LOOK_UPS_MAX {
                true => self.state.journal.sent_about(partner, of_documents).await?,
                false => SentAbout { is_cut: true, ..SentAbout::default() },
            };
            about.sent.retain(|sent| self.is_meant(sent, mode));
            if let Some((sent, verdict, findings)) = body.meant_by_documents(&about, &mut said.findings) {
                self.say(sent, verdict, findings, &mut by_now, &mut said);
            }
        }
        Ok(said)
    }

    /// Whether the delivery was a test where this is one, and none where it is none.
    fn is_meant(&self, sent: &SentUnder, mode: Mode) -> bool {
        let agreement = self.configuration.agreement(&sent.destination, &sent.agreement);
        agreement.is_none_or(|agreement| agreement.mode == mode)
    }

    fn say(
        &self,
        sent: &SentUnder,
        verdict: Verdict,
        findings: Vec<Finding>,
        by_now: &mut HashMap<DeliveryId, Acknowledged>,
        said: &mut Said,
    ) {
        let delivery = sent.delivery;
        let Some(new) = verdict.said() else {
            let detail = format!("The partner has the delivery {delivery}, and does not say yet what it makes of it.");
            return said.findings.push(info("acknowledgement-of-receipt", detail));
        };
        match by_now.get(&delivery).copied().or(sent.acknowledged) {
            Some(before) if before == new => {
                let detail = format!("The delivery {delivery} was acknowledged so before.");
                said.findings.push(info("acknowledgement-repeated", detail));
            }
            Some(before) => {
                let detail = format!(
                    "The delivery {delivery} was acknowledged before, as `{before}`; that it is `{new}` now has no effect."
                );
                said.findings.push(Finding::warning("acknowledgement-contradicts", "", detail));
            }
            None => {
                by_now.insert(delivery, new);
                let told = self.told(vec![events::acknowledged(sent, new, self.now)]);
                said.acknowledgements.push(Acknowledgement { delivery, said: new, findings, told });
            }
        }
    }
}

fn of_nothing(what: &str) -> Finding {
    let detail = format!("The acknowledgement is of {what}, which was not sent to this partner.");
    Finding::warning("acknowledgement-of-nothing", "", detail)
}

fn info(code: &str, detail: String) -> Finding {
    Finding { severity: Severity::Info, ..Finding::error(code, "", detail) }
}

impl Body {
    /// The numbers by which what was sent is looked up: of interchanges and groups, or, where neither is named, of messages.
    fn named(&self) -> Vec<NamedBy> {
        let interchange =
            self.interchange.iter().filter_map(|level| Some(NamedBy::Interchange(number(&level.reference)?)));
        let groups = self.groups.iter().filter_map(|level| Some(NamedBy::Group(number(&level.reference)?)));
        let mut named: Vec<NamedBy> = interchange.chain(groups).collect();
        if self.interchange.is_none() && self.groups.is_empty() {
            let messages = self.messages.iter().map(|level| &level.reference);
            let messages = messages.chain(self.numbers_among_references());
            named.extend(messages.filter_map(|reference| Some(NamedBy::Message(number(reference)?))));
        }
        named
    }

    /// What the message is called that may be a control number of it.
    fn numbers_among_references(&self) -> impl Iterator<Item = &String> + Clone {
        self.references.iter().filter(|named| !named.is_of_documents()).map(|named| &named.value)
    }

    /// The references of documents by which the message is called, where it is not called by anything around it.
    fn of_documents(&self) -> Vec<Reference> {
        if self.interchange.is_some() || !self.groups.is_empty() {
            return Vec::new();
        }
        let named = self.references.iter().filter(|named| named.is_of_documents());
        named.map(|Named { scheme, value }| Reference { scheme: scheme.clone(), value: value.clone() }).collect()
    }

    /// The delivery that is meant by the references that its documents carry, where it is one alone, with what is said of it.
    fn meant_by_documents<'s>(
        &self,
        about: &'s SentAbout,
        notes: &mut Vec<Finding>,
    ) -> Option<(&'s SentUnder, Verdict, Vec<Finding>)> {
        let level = self.messages.first()?;
        let called: Vec<&str> = self.references.iter().map(|named| named.value.as_str()).collect();
        let what = format!("the message `{}`", called.join("`, `"));
        match about.sent.as_slice() {
            [sent] if !about.is_cut => {
                let (verdict, findings) = self.of_delivery(sent, level, false);
                return Some((sent, verdict, findings));
            }
            [] if !about.is_cut => notes.push(of_nothing(&what)),
            _ => {
                let detail = format!(
                    "The acknowledgement is of {what}, and that does not say which delivery is meant: it has no effect."
                );
                notes.push(Finding::warning("acknowledgement-ambiguous", "", detail));
            }
        }
        None
    }

    /// The deliveries that are meant among those with the numbers, each with what is said of it. What names nothing, or not
    /// one thing alone, is noted.
    fn meant<'s>(
        &self,
        sent: &'s [SentUnder],
        notes: &mut Vec<Finding>,
    ) -> Vec<(&'s SentUnder, Verdict, Vec<Finding>)> {
        let mut meant = Vec::new();
        // `sets` are those that are named as parts of the level.
        let mut level = |what: String, level: &Level, sets: Vec<&Level>, found: Vec<&'s SentUnder>| {
            let Some(newest) = found.first() else {
                return notes.push(of_nothing(&what));
            };
            if found.iter().any(|sent| sent.agreement != newest.agreement) {
                let detail = format!(
                    "The acknowledgement is of {what}, and several agreements with this partner have sent that; it has no effect."
                );
                return notes.push(Finding::warning("acknowledgement-ambiguous", "", detail));
            }
            // The numbers begin anew one day: what was sent last under them is meant.
            let interchange = newest.numbers.interchange;
            let found: Vec<&SentUnder> =
                found.into_iter().filter(|sent| sent.numbers.interchange == interchange).collect();
            let is_ours = |set: &&Level| found.iter().any(|sent| names(set, sent));
            let strange: Vec<&Level> = sets.into_iter().filter(|set| !is_ours(set)).collect();
            if !strange.is_empty() {
                let named: Vec<&str> = strange.iter().take(NAMED_MAX).map(|set| set.reference.as_str()).collect();
                notes.push(of_nothing(&format!("the set `{}` of {what}", named.join("`, `"))));
            }
            // Then nobody knows which of ours was not taken.
            let is_strange_refused = strange.iter().any(|set| set.verdict == Verdict::Rejected);
            for sent in found {
                // What its group says comes before what the interchange around it says.
                if !meant.iter().any(|(other, ..): &(&SentUnder, _, _)| other.delivery == sent.delivery) {
                    let (verdict, findings) = self.of_delivery(sent, level, is_strange_refused);
                    meant.push((sent, verdict, findings));
                }
            }
        };
        for group in &self.groups {
            let wanted = number(&group.reference);
            let is_so = |sent: &&SentUnder| {
                Some(sent.numbers.group) == wanted && fits(&group.functional_id, &sent.kinds.functional_id)
            };
            let of_it = |set: &&Level| set.group.is_empty() || number(&set.group) == wanted;
            let sets = self.messages.iter().filter(of_it).collect();
            level(format!("the group `{}`", group.reference), group, sets, sent.iter().filter(is_so).collect());
        }
        if let Some(interchange) = &self.interchange {
            let wanted = number(&interchange.reference);
            let is_so = |sent: &&SentUnder| {
                let types = self.messages.iter().map(|message| &message.r#type);
                Some(sent.numbers.interchange) == wanted
                    && fits(&interchange.made, &sent.kinds.made)
                    && types.clone().next().is_none_or(|first| fits(first, &sent.kinds.message_type))
            };
            // What is in a group was looked at with that.
            let sets = self.messages.iter().filter(|_| self.groups.is_empty()).collect();
            let what = format!("the interchange `{}`", interchange.reference);
            level(what, interchange, sets, sent.iter().filter(is_so).collect());
        }
        if self.interchange.is_none() && self.groups.is_empty() {
            for message in &self.messages {
                let names = [&message.reference].into_iter().chain(self.numbers_among_references());
                let wanted: Vec<u64> = names.filter_map(|reference| number(reference)).collect();
                let is_so = |sent: &&SentUnder| {
                    wanted.iter().any(|wanted| is_of(sent, *wanted)) && fits(&message.r#type, &sent.kinds.message_type)
                };
                let name = if message.reference.is_empty() {
                    self.references.iter().map(|named| named.value.as_str()).collect::<Vec<_>>().join("`, `")
                } else {
                    message.reference.clone()
                };
                level(format!("the message `{name}`"), message, Vec::new(), sent.iter().filter(is_so).collect());
            }
        }
        meant
    }

    /// What is said of a delivery that is part of a level: of its own sets where they are named, else of the level.
    /// Where the level names sets that were refused and never sent, those that it does not name are not taken for accepted.
    fn of_delivery(&self, sent: &SentUnder, level: &Level, is_strange_refused: bool) -> (Verdict, Vec<Finding>) {
        let own: Vec<&Level> = self.messages.iter().filter(|message| names(message, sent)).collect();
        let mut findings: Vec<Finding> = own.iter().flat_map(|message| wrong(message)).collect();
        let verdict = match own.as_slice() {
            [] if is_strange_refused => level.verdict,
            [] => self.unnamed(level),
            own => {
                let named = own.len() as u64;
                // Sets that are accepted need not be named.
                let rest = (named < u64::from(sent.numbers.messages)).then(|| self.unnamed(level));
                together(own.iter().map(|message| message.verdict).chain(rest))
            }
        };
        if findings.is_empty() && matches!(verdict, Verdict::Rejected | Verdict::PartlyAccepted) {
            findings = wrong(level);
        }
        if findings.is_empty() && matches!(verdict, Verdict::Rejected | Verdict::PartlyAccepted) {
            let detail = format!("The partner refuses it with {} and gives no reason.", self.message);
            findings.push(Finding::error("acknowledgement-rejected", "", detail));
        }
        findings.truncate(FINDINGS_MAX);
        (verdict, findings)
    }

    /// What a level says of those of its sets that it does not name.
    fn unnamed(&self, level: &Level) -> Verdict {
        match level.verdict {
            // Who takes an envelope has not looked into it yet.
            Verdict::Accepted | Verdict::AcceptedWithErrors if self.message == "TA1" => Verdict::Received,
            // What was not taken is named.
            Verdict::PartlyAccepted if !self.messages.is_empty() => Verdict::Accepted,
            verdict => verdict,
        }
    }
}

/// What a level says is wrong with it: its findings, or else its codes.
fn wrong(level: &Level) -> Vec<Finding> {
    let findings: Vec<Finding> = level.findings.iter().map(Wrong::finding).collect();
    if !findings.is_empty() {
        return findings;
    }
    let codes = level.errors.iter();
    codes.map(|code| Finding::error(code.clone(), "", format!("The partner says code {code}."))).collect()
}

/// Whether a set that is named is one of a delivery's.
fn names(message: &Level, sent: &SentUnder) -> bool {
    let of_its_group = message.group.is_empty() || number(&message.group) == Some(sent.numbers.group);
    of_its_group && number(&message.reference).is_some_and(|number| is_of(sent, number))
}

fn is_of(sent: &SentUnder, message: u64) -> bool {
    let first = sent.numbers.first_message;
    (first..first + u64::from(sent.numbers.messages)).contains(&message)
}

/// Whether what is said fits what was sent, where both are known.
fn fits(said: &str, sent: &str) -> bool {
    said.is_empty() || sent.is_empty() || said.eq_ignore_ascii_case(sent)
}

/// A control number as it is written, with zeros before it.
fn number(text: &str) -> Option<u64> {
    let digits = text.trim();
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// What several verdicts come to.
fn together(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let (mut taken, mut refused, mut errors, mut received) = (false, false, false, false);
    for verdict in verdicts {
        match verdict {
            Verdict::Received => received = true,
            Verdict::Accepted => taken = true,
            Verdict::AcceptedWithErrors => (taken, errors) = (true, true),
            Verdict::PartlyAccepted => (taken, refused) = (true, true),
            Verdict::Rejected => refused = true,
        }
    }
    match (taken, refused) {
        (true, true) => Verdict::PartlyAccepted,
        (false, true) => Verdict::Rejected,
        _ if received => Verdict::Received,
        _ if errors => Verdict::AcceptedWithErrors,
        _ => Verdict::Accepted,
    }
}

#[cfg(test)]
mod tests;
