//! What is declared of a shipment: composers write it (`draft`), what stands against it is looked at here, and what is to be sent
//! (`send`) is made in the transaction that keeps the context it was made of.

mod document;
mod draft;
mod send;
pub(crate) mod tell;
mod twice;
pub(crate) mod withdrawn;
pub(crate) mod words;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use portgate_core::exception::Wanted;
use portgate_core::filing::{
    COMPOSER_FAILED, Decision, Facts, Filing, FilingAct, FilingStep, Standing, awaited, decide, lrn,
};
use portgate_core::judgement::{JudgedField, ShipmentFinding};
use portgate_core::policy::FilingPolicy;
use portgate_core::reference::Lookups;
use portgate_core::sha256::sha256_hex;
use portgate_core::shipment::ShipmentRules;
use portgate_store::{Acceptance, ChangedFiling, DeliveryId, KeptFiling, ShipmentDocuments, ShipmentId};
use serde_json::Value;

pub use self::draft::{Composed, Composers};
use self::draft::{Draft, not_declared};
use self::words::Spoken;
use crate::fold::Folded;
use crate::made::Makes;
use crate::ownership::Ownership;
use crate::told;

/// What filings make of a shipment.
#[derive(Default)]
pub(crate) struct Filed {
    /// Messages to customs.
    pub(crate) made: Vec<Acceptance>,
    /// Filings that are not what they were.
    pub(crate) filings: Vec<ChangedFiling>,
    /// Whom they want, whether they have changed or not.
    pub(crate) wanted: Vec<Wanted>,
    /// What composers looked up in reference tables.
    pub(crate) looked_up: Lookups,
    /// When something is to be done that is not to be done yet.
    pub(crate) again_at: Option<Timestamp>,
    /// Whether a composer fails, so that it has to be tried again.
    pub(crate) fails: bool,
}

impl Filed {
    fn again(&mut self, at: Timestamp) {
        self.again_at = Some(self.again_at.map_or(at, |before| before.min(at)));
    }

    /// The filings of which these were kept, as they are now.
    pub(crate) fn after<'f>(&'f self, kept: &'f [KeptFiling]) -> impl Iterator<Item = &'f Filing> {
        kept.iter().map(|kept| {
            let is_it = |changed: &&ChangedFiling| changed.shipment == kept.shipment && changed.name == kept.name;
            self.filings.iter().find(is_it).map_or(&kept.filing, |changed| &changed.filing)
        })
    }
}

/// Files what is to be declared of one shipment.
pub(crate) struct Filer<'a> {
    pub(crate) composers: &'a dyn Composers,
    pub(crate) makes: &'a dyn Makes,
    pub(crate) policies: &'a [FilingPolicy],
    pub(crate) rules: &'a ShipmentRules,
    pub(crate) ownership: &'a Ownership,
    pub(crate) shipment: ShipmentId,
    pub(crate) is_test: bool,
    /// The documents of the shipment, as they came.
    pub(crate) documents: &'a ShipmentDocuments,
    pub(crate) folded: &'a Folded,
    /// The same without what the gateway has declared and does not stand, and with its part of what others have as well.
    pub(crate) standing: &'a Folded,
    pub(crate) findings: &'a [ShipmentFinding],
    pub(crate) now: Timestamp,
}

impl Filer<'_> {
    /// Looks at every filing of the shipment. None keeps another from going on.
    pub(crate) async fn file(&self, kept: &[KeptFiling]) -> Filed {
        let mut filed = Filed::default();
        let documents = document::bodies(&self.standing.context);
        for policy in self.policies {
            let of_policy = kept.iter().filter(|kept| kept.name == policy.name);
            let own = twice::own(of_policy.clone());
            let is_for = policy.is_for(documents.iter().map(|(kind, body)| (kind.as_str(), body)));
            if own.is_none() && !is_for {
                continue;
            }
            let facts = short(&document::facts(&self.standing.context));
            self.look(policy, own, is_for, &facts, &mut filed).await;
            let others = of_policy.filter(|kept| own.is_some_and(|own| own.shipment != kept.shipment));
            others.for_each(|other| self.stop(other, &mut filed));
        }
        filed
    }

    /// What of customs was told.
    fn spoken(&self) -> Spoken<'_> {
        Spoken { documents: self.documents, ownership: self.ownership }
    }

    async fn look(
        &self,
        policy: &FilingPolicy,
        kept: Option<&KeptFiling>,
        is_for: bool,
        facts: &str,
        filed: &mut Filed,
    ) {
        let shipment = kept.map_or(self.shipment, |kept| kept.shipment);
        let before = kept.map(|kept| &kept.filing);
        let mut filing = before.cloned().unwrap_or_else(|| new(shipment, policy));
        filing.revision.clone_from(&self.folded.revision);
        filing.heard_from = Some(policy.answers.iter().chain([&policy.to]).cloned().collect());
        let mut draft = match is_for {
            true => self.compose(policy, &filing, &filing.lrn, None).await,
            false => Draft { missing: vec![not_declared(policy)], ..Draft::default() },
        };
        filed.looked_up.extend(std::mem::take(&mut draft.looked_up));
        self.since(&mut filing, &mut draft, facts);
        let stands = |finding: &&ShipmentFinding| policy.blocks.holds(finding) && !is_of_what_was_declared(finding);
        let against: Vec<ShipmentFinding> = self.findings.iter().filter(stands).cloned().collect();
        // What an operator has released is what stood there when this was looked at last.
        let stood = digest(&filing, draft.content.as_ref(), &against);
        let stands = if against.is_empty() { String::new() } else { digest_of(&against) };
        let said = |word: &Option<portgate_store::FilingWord>| word.as_ref().map(|word| word.digest.clone());
        let released = kept.and_then(|kept| said(&kept.released)).is_some_and(|digest| digest == stood);
        let mut deliveries = kept.map(|kept| kept.deliveries.clone()).unwrap_or_default();
        let mut changed = ChangedFiling {
            shipment,
            name: policy.name.clone(),
            filing: filing.clone(),
            made: None,
            withdrawn: None,
            release_used: false,
            told: None,
        };
        let settled_at = filing.composed_at.zip(policy.settle).map(|(since, settle)| later(since, settle.plain()));
        // What is withdrawn may be followed by something else at once.
        for _ in 0..2 {
            let words = words::of(self.spoken(), &filing);
            let facts = Facts {
                automatic: policy.automatic,
                on_change: policy.on_change,
                can_amend: policy.amend.is_some(),
                can_cancel: policy.cancel.is_some(),
                composed: draft.content.as_ref(),
                against: &stands,
                released,
                cancel: kept.is_some_and(|kept| kept.cancelled.is_some()),
                words: &words,
                deliveries: &deliveries,
                settled: settled_at.is_none_or(|at| at <= self.now),
            };
            let decision = decide(&filing, &facts);
            if let Some(at) = settled_at.filter(|_| decision.settles) {
                filed.again(at);
            }
            let act = decision.act.clone();
            match act {
                Some(FilingAct::Withdraw { delivery }) if changed.withdrawn.is_none() => {
                    take_up(&mut filing, decision);
                    changed.withdrawn = delivery.parse().ok().map(|id: DeliveryId| (id, None));
                    give_up(&mut filing, &mut deliveries, &delivery);
                }
                Some(FilingAct::Send { .. }) => {
                    changed.release_used = released;
                    let over = if released { stands.clone() } else { String::new() };
                    let sent = self.send(policy, &draft, decision, over, &mut filing, &mut changed, filed);
                    if let Some(why) = sent.await {
                        draft.missing.extend(why);
                    }
                    break;
                }
                _ => {
                    take_up(&mut filing, decision);
                    break;
                }
            }
        }
        filed.fails |= draft.missing.iter().any(|finding| finding.rule == COMPOSER_FAILED);
        filing.digest = digest(&filing, draft.content.as_ref(), &against);
        filing.findings = draft.missing;
        filing.findings.extend(against);
        filing.findings.extend(words::unheard(self.spoken(), &filing));
        let due = awaited(&filing, &words::of(self.spoken(), &filing), &policy.expect);
        let (late, in_time): (Vec<_>, Vec<_>) = due.into_iter().partition(|due| due.at <= self.now);
        filing.overdue = late.into_iter().map(|due| due.what).collect();
        in_time.into_iter().for_each(|due| filed.again(due.at));
        if let Some(at) = filing.wait(before, is_for, &policy.waits, self.now) {
            filed.again(at);
        }
        self.tell(policy, shipment, &mut filing, filed);
        self.keep(before, filing, changed, filed);
    }

    /// Since when what would be declared is what it is. Where its composer fails, what it wrote of the very same facts counts on.
    fn since(&self, filing: &mut Filing, draft: &mut Draft, facts: &str) {
        let fails = draft.missing.iter().any(|finding| finding.rule == COMPOSER_FAILED);
        if fails && filing.composed_of == facts {
            let is_it = |step: &&FilingStep| short(&step.declared.to_string()) == filing.composed;
            draft.content = filing.current().next_back().filter(is_it).map(|last| last.declared.clone());
        }
        let Some(content) = &draft.content else { return };
        let composed = short(&content.to_string());
        if filing.composed != composed {
            (filing.composed, filing.composed_at) = (composed, Some(self.now));
        }
        facts.clone_into(&mut filing.composed_of);
    }

    /// Keeps a filing where it is not what it was, and tells of it where that matters.
    fn keep(&self, before: Option<&Filing>, filing: Filing, mut changed: ChangedFiling, filed: &mut Filed) {
        filed.wanted.extend(filing.wanted(&changed.name));
        if before == Some(&filing) {
            return;
        }
        let same = |before: &Filing| {
            let (revision, composed_of) = (filing.revision.clone(), filing.composed_of.clone());
            Filing { revision, composed_of, ..before.clone() } == filing
        };
        if !before.is_some_and(same) {
            changed.told = Some(told::filing_changed(self.shipment, &changed.name, &filing, self.now));
        }
        changed.filing = filing;
        filed.filings.push(changed);
    }
}

/// One of which nothing is known yet.
fn new(shipment: ShipmentId, policy: &FilingPolicy) -> Filing {
    Filing::draft(lrn(&shipment.to_string(), &policy.name, 1))
}

fn take_up(filing: &mut Filing, decision: Decision) {
    let Decision { state, mrn, faults, pending, act: _, settles: _ } = decision;
    (filing.state, filing.faults, filing.pending) = (state, faults, pending);
    filing.mrn = mrn.or_else(|| filing.mrn.take());
}

fn give_up(filing: &mut Filing, deliveries: &mut BTreeMap<String, Standing>, delivery: &str) {
    deliveries.insert(delivery.to_owned(), Standing::Discarded);
    filing.steps.iter_mut().filter(|step| step.delivery == delivery).for_each(|step| step.replaced = true);
}

/// What an operator's release is for: what would be declared, what stands against it, and how far the filing has come.
fn digest(filing: &Filing, content: Option<&Value>, against: &[ShipmentFinding]) -> String {
    let content = content.map(Value::to_string).unwrap_or_default();
    let steps: Vec<(&str, bool)> = filing.steps.iter().map(|step| (step.delivery.as_str(), step.replaced)).collect();
    short(&serde_json::json!([filing.number, steps, content, digest_of(against)]).to_string())
}

/// Which findings these are.
fn digest_of(findings: &[ShipmentFinding]) -> String {
    let said = |finding: &ShipmentFinding| serde_json::json!([finding.pack, finding.rule, finding.detail]);
    short(&Value::Array(findings.iter().map(said).collect()).to_string())
}

fn short(text: &str) -> String {
    sha256_hex(text.as_bytes()).get(..32).unwrap_or_default().to_owned()
}

/// Whether it holds a declaration of the gateway's own against other documents. What is declared next is written anew from those,
/// so that the finding is mended by it and must not stand in its way.
fn is_of_what_was_declared(finding: &ShipmentFinding) -> bool {
    let is_own = |field: &JudgedField| document::is_own(&field.kind, &field.system);
    finding.fields.iter().any(is_own) && !finding.fields.iter().all(is_own)
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}
