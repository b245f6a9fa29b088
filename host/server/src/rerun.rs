//! Mapping an accepted exchange again: today's plugin and today's routes on the payload that is kept.
//!
//! First a plan is made of it and shown; nothing happens. Whoever agrees names the digest of what was shown, the plan is made
//! anew, and is carried out only where it is the same to the last delivery. So no two operators, gateways or builds of a
//! plugin can have something else happen than what was seen.
//!
//! | a document today | it | its deliveries |
//! |---|---|---|
//! | is as it was | stays | stay, but for dead ones: a new one is rendered in the place of each |
//! | has the same kind and key, and is another | is superseded by the new one | those that wait or are dead are superseded by new ones; those that were sent or given up stay, and new ones follow |
//! | is there no more | is superseded | those that wait or are dead are given up; those that were sent stay |
//! | is new | is kept behind the others | are made |
//!
//! Each document of a message that is taken in parts is treated by this table as well: a document of a part that is refused
//! today is there no more, and a document of a part that was refused then is new.
//!
//! Where today's routes send a document to somebody who has never got it, that delivery is made as well.

use portgate_core::document::{Document, Part};
use portgate_core::finding::Finding;
use portgate_core::policy::Webhook;
use portgate_core::quarantine::Standing;
use portgate_core::sha256::sha256_hex;
use portgate_store::{
    BusinessKey, Delivery, DeliveryId, ExchangeId, ExchangeRecord, ExchangeState, JournalError, KeptDocument,
    NewDelivery, Operator, PluginBuild, Rerun, RerunEnd, State as DeliveryState, Told,
};
use serde_json::json;

use crate::clock;
use crate::configuration::Configuration;
use crate::intake::{Incoming, Intake, Mapped, NotMapped, duplicate};
use crate::refusal::Refusal;
use crate::state::State;

/// What would become of an exchange.
pub(crate) struct Plan {
    pub(crate) exchange: ExchangeId,
    pub(crate) plugin_before: PluginBuild,
    pub(crate) plugin: PluginBuild,
    /// What the plugin has noticed; where it refuses the payload, why.
    pub(crate) findings: Vec<Finding>,
    /// The parts that the exchange was taken in before, and those of today.
    pub(crate) parts_before: Vec<Part>,
    pub(crate) parts: Vec<Part>,
    /// What there is to carry out; nothing where the plugin refuses the payload.
    pub(crate) done: Option<Done>,
    /// Whether it is the payload's fault where it is refused, so that another try would find the same.
    pub(crate) is_of_the_message: bool,
}

/// What would be carried out.
pub(crate) struct Done {
    /// The digest of all that an operator is shown of it.
    pub(crate) difference: String,
    pub(crate) documents: Vec<DocumentPlan>,
    pub(crate) deliveries: Vec<DeliveryPlan>,
    rerun: Rerun,
}

/// What becomes of a document.
pub(crate) struct DocumentPlan {
    pub(crate) before: Option<KeptDocument>,
    /// Nothing where it is as it was, or there no more.
    pub(crate) after: Option<Document>,
    /// Whether it counts as it is.
    pub(crate) stays: bool,
    /// The number of the part of today that it is of.
    pub(crate) part: Option<u32>,
}

/// What becomes of a delivery, or a new one.
pub(crate) struct DeliveryPlan {
    pub(crate) fate: Fate,
    /// The one that is there.
    pub(crate) before: Option<(DeliveryId, DeliveryState)>,
    /// The new one, where there is one.
    pub(crate) after: Option<DeliveryId>,
    pub(crate) destination: String,
    pub(crate) contract: String,
    pub(crate) version: String,
    /// Kind and key of its document.
    pub(crate) document: (String, String),
}

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It goes on as it is.
    Stays,
    /// It is given up, for the new one or because its document is there no more.
    Superseded,
    /// It stays as it is, and a new one is sent after it.
    Followed,
    /// It is made.
    New,
}

impl Fate {
    fn as_str(self) -> &'static str {
        match self {
            Fate::Stays => "stays",
            Fate::Superseded => "superseded",
            Fate::Followed => "followed",
            Fate::New => "new",
        }
    }
}

/// Works out what would become of an exchange.
///
/// # Errors
///
/// There is no such exchange, its payload is gone, or it cannot be mapped again.
pub(crate) async fn plan(state: &State, configuration: &Configuration, id: ExchangeId) -> Result<Plan, Refusal> {
    let now = clock::now();
    let unknown = || Refusal::ExchangesUnknown { ids: vec![id.to_string()] };
    let record = state.journal.exchange(id).await?.ok_or_else(unknown)?;
    let exchange = &record.exchange;
    let impossible = |why: &str| Err(Refusal::RerunImpossible { why: why.to_owned() });
    if exchange.origin.is_some() {
        return impossible("It is the answer to a delivery, which no partner sent by itself.");
    }
    match exchange.state {
        ExchangeState::Accepted => {}
        ExchangeState::Refused | ExchangeState::Rejected => {
            return impossible("It has no documents that could differ: run it again with the others of its state.");
        }
        ExchangeState::Parked | ExchangeState::Failed => {
            return impossible("It was never decoded, and will be when its plugin works: retry it.");
        }
        ExchangeState::Discarded => return impossible("An operator has given it up."),
    }
    let payload = state.journal.raw(id).await?.and_then(|raw| raw.payload).ok_or(Refusal::PayloadRedacted)?;
    let Some(contract) = configuration.contract(&exchange.contract, &exchange.version) else {
        return impossible("No plugin decodes its contract any more.");
    };
    let of = configuration.subject(&contract.plugin, &exchange.partner);
    if !matches!(state.quarantines.standing(&of, now), Standing::Closed) {
        return impossible("Its plugin is in quarantine for its partner.");
    }
    let incoming = Incoming::again(exchange, payload);
    let plugin_before = exchange.plugin.clone();
    let intake = Intake { state, configuration, now };
    let mapped = intake.map_again(contract, incoming, id).await;
    let shown = |plugin, findings, parts, done, is_of_the_message| {
        let (plugin_before, parts_before) = (plugin_before.clone(), exchange.parts.clone());
        Ok(Plan { exchange: id, plugin_before, plugin, findings, parts_before, parts, done, is_of_the_message })
    };
    let refused = |plugin, findings| shown(plugin, findings, Vec::new(), None, true);
    let mapped = match mapped {
        Ok(mapped) => mapped,
        Err(NotMapped { plugin, findings, parts, is_of_the_message }) => {
            return shown(plugin, findings, parts, None, is_of_the_message);
        }
    };
    let business_key = mapped.business_key.clone().filter(|new| exchange.business_key.as_ref() != Some(&new.key));
    if let Some(business) = &business_key
        && let Some((other, same)) =
            state.journal.known_business_key(&exchange.partner, &exchange.contract, business).await?
        && other != id
    {
        return refused(mapped.exchange.plugin, vec![duplicate(other, same)]);
    }
    let today = &mapped.exchange;
    let (plugin, findings, parts) = (today.plugin.clone(), today.findings.clone(), today.parts.clone());
    let done = worked_out(intake, &record, mapped, business_key);
    shown(plugin, findings, parts, Some(done), true)
}

/// Carries out a plan that nobody was shown.
///
/// # Errors
///
/// Something is not as it was planned with.
pub(crate) async fn carry_out_unseen(state: &State, done: Done, operator: &Operator) -> Result<RerunEnd, JournalError> {
    state.journal.rerun(done.rerun, operator).await
}

/// Carries out what was shown, if it would still be the same.
///
/// # Errors
///
/// Something is not as it was shown, or the exchange cannot be mapped again.
pub(crate) async fn carry_out(
    state: &State,
    configuration: &Configuration,
    id: ExchangeId,
    difference: &str,
    operator: &Operator,
) -> Result<Plan, Refusal> {
    let plan = plan(state, configuration, id).await?;
    let Some(done) = &plan.done else {
        return Err(Refusal::RerunImpossible { why: "Today's plugin refuses its payload.".to_owned() });
    };
    if done.difference != difference {
        return Err(Refusal::RerunOutdated);
    }
    match state.journal.rerun(done.rerun.clone(), operator).await? {
        RerunEnd::Done => Ok(plan),
        RerunEnd::Outdated => Err(Refusal::RerunOutdated),
        RerunEnd::BeingSent(delivery) => {
            Err(Refusal::RerunImpossible { why: format!("The delivery {delivery} is being sent at this moment.") })
        }
    }
}

/// A document of today, with where it is kept and whether that is where it was.
struct Placed {
    position: u32,
    /// The position of the one that it takes the place of, or is.
    before: Option<u32>,
    stays: bool,
    /// The number of its part.
    part: Option<u32>,
}

fn worked_out(intake: Intake<'_>, record: &ExchangeRecord, mapped: Mapped, business_key: Option<BusinessKey>) -> Done {
    let first_position = u32::try_from(record.documents.len()).unwrap_or(u32::MAX);
    let placed = place(&record.documents, &mapped.documents, &mapped.exchange.parts, first_position);
    let stays = |position: u32| placed.iter().any(|placed| placed.stays && placed.position == position);
    let current = (0..).zip(&record.documents).filter(|(_, document)| document.superseded_by.is_none());
    let superseded: Vec<u32> = current.map(|(position, _)| position).filter(|position| !stays(*position)).collect();
    let deliveries = deliveries(record, &placed, &superseded, &mapped.documents, mapped.deliveries.clone());
    let difference = difference(record, &mapped, &placed, &deliveries);
    let (plans, made): (Vec<DeliveryPlan>, Vec<Option<NewDelivery>>) = deliveries.into_iter().unzip();
    let given_up = plans.iter().filter(|plan| plan.fate == Fate::Superseded);
    let given_up = given_up.filter_map(|plan| Some(plan.before?.0)).collect();
    let before = |plan: &DeliveryPlan| plan.before.map(|(delivery, _)| delivery);
    let made = plans.iter().zip(made).filter_map(|(plan, new)| Some((new?, before(plan)))).collect();
    let to_partners = record.deliveries.iter().filter(|delivery| !Webhook::is(&delivery.destination));
    let shown = documents(&record.documents, &placed, mapped.documents, &superseded);
    let gone = shown.iter().filter(|plan| plan.after.is_none() && !plan.stays);
    let gone: Vec<&KeptDocument> = gone.filter_map(|plan| plan.before.as_ref()).collect();
    let new: Vec<Document> = shown.iter().filter_map(|plan| plan.after.clone()).collect();
    let mut rerun = Rerun {
        exchange: record.exchange.id,
        before: u32::try_from(record.reruns.len()).unwrap_or(u32::MAX),
        plugin: mapped.exchange.plugin.clone(),
        findings: mapped.exchange.findings.clone(),
        parts: mapped.exchange.parts.clone(),
        of_parts: placed.iter().filter_map(|placed| Some((placed.position, placed.part?))).collect(),
        business_key,
        documents: new,
        first_position,
        superseded,
        planned_with: to_partners.map(|delivery| (delivery.id, delivery.state)).collect(),
        given_up,
        deliveries: made,
        awaits: mapped.awaits,
        told: Told::default(),
        now: intake.now,
    };
    rerun.told = intake.mapped_again(&mapped.exchange, &rerun, &gone);
    Done { difference, documents: shown, deliveries: plans, rerun }
}

/// Finds for each document of today the one that it is, or takes the place of: of the same kind and key, in their order.
fn place(before: &[KeptDocument], today: &[Document], parts: &[Part], first_position: u32) -> Vec<Placed> {
    let mut free: Vec<u32> =
        (0..).zip(before).filter(|(_, old)| old.superseded_by.is_none()).map(|(at, _)| at).collect();
    let mut next = first_position;
    let mut placed = Vec::with_capacity(today.len());
    for (document, part) in today.iter().zip(Part::numbers(parts)) {
        let alike = |at: &&u32| {
            let old = &before[**at as usize];
            old.kind == document.kind && old.key == document.key
        };
        let sha256 = portgate_core::sha256::sha256(&document.body);
        let same = |at: &&u32| {
            let old = &before[**at as usize];
            old.sha256 == sha256 && old.refs == document.refs
        };
        // One that is the same goes before one that has but the same key.
        let found = free.iter().filter(alike).find(same).or_else(|| free.iter().find(alike)).copied();
        let stays = found.as_ref().is_some_and(|at| same(&at));
        free.retain(|at| Some(*at) != found);
        let position = match found {
            Some(at) if stays => at,
            _ => {
                next += 1;
                next - 1
            }
        };
        placed.push(Placed { position, before: found, stays, part });
    }
    placed
}

/// What becomes of each delivery, and each new one.
fn deliveries(
    record: &ExchangeRecord,
    placed: &[Placed],
    superseded: &[u32],
    today: &[Document],
    routed: Vec<NewDelivery>,
) -> Vec<(DeliveryPlan, Option<NewDelivery>)> {
    let mut old = current_deliveries(record);
    let mut plans = Vec::new();
    for mut new in routed {
        let number = new.documents.first().copied().unwrap_or_default() as usize;
        let (Some(placed), Some(document)) = (placed.get(number), today.get(number)) else { continue };
        new.documents = vec![placed.position];
        let fits = |(position, old): &(u32, &Delivery)| {
            Some(*position) == placed.before
                && (&old.destination, &old.contract, &old.version) == (&new.destination, &new.contract, &new.version)
        };
        let before = old.iter().position(fits).map(|at| old.remove(at).1);
        let (fate, made) = match before.map(|before| before.state) {
            None => (Fate::New, true),
            Some(DeliveryState::Dead) => (Fate::Superseded, true),
            Some(_) if placed.stays => (Fate::Stays, false),
            Some(DeliveryState::Pending | DeliveryState::AwaitsCode) => (Fate::Superseded, true),
            Some(
                DeliveryState::Awaiting
                | DeliveryState::Sent
                | DeliveryState::Overdue
                | DeliveryState::Delivered
                | DeliveryState::Discarded,
            ) => (Fate::Followed, true),
        };
        let plan = DeliveryPlan {
            fate,
            before: before.map(|before| (before.id, before.state)),
            after: made.then_some(new.id),
            destination: new.destination.clone(),
            contract: new.contract.clone(),
            version: new.version.clone(),
            document: (document.kind.clone(), document.key.clone()),
        };
        plans.push((plan, made.then_some(new)));
    }
    plans.extend(old.into_iter().map(|(position, old)| {
        let waits = matches!(old.state, DeliveryState::Pending | DeliveryState::AwaitsCode | DeliveryState::Dead);
        let document = record.documents.get(position as usize);
        let plan = DeliveryPlan {
            fate: if waits && superseded.contains(&position) { Fate::Superseded } else { Fate::Stays },
            before: Some((old.id, old.state)),
            after: None,
            destination: old.destination.clone(),
            contract: old.contract.clone(),
            version: old.version.clone(),
            document: document.map(|document| (document.kind.clone(), document.key.clone())).unwrap_or_default(),
        };
        (plan, None)
    }));
    plans
}

/// The deliveries of documents that count, each with its document's position. Of those that were sent again as new ones the
/// last counts.
fn current_deliveries(record: &ExchangeRecord) -> Vec<(u32, &Delivery)> {
    let current = |delivery: &&Delivery| !Webhook::is(&delivery.destination) && delivery.succeeded_by.is_none();
    let of = record.deliveries.iter().filter(current).filter_map(|delivery| {
        let position = *delivery.documents.first()?;
        let document = record.documents.get(position as usize)?;
        document.superseded_by.is_none().then_some((position, delivery))
    });
    of.collect()
}

/// What becomes of each document, those that are there no more at the end.
fn documents(
    before: &[KeptDocument],
    placed: &[Placed],
    today: Vec<Document>,
    superseded: &[u32],
) -> Vec<DocumentPlan> {
    let kept = |position: u32| before.get(position as usize).cloned();
    let is_replaced = |position: u32| placed.iter().any(|placed| placed.before == Some(position));
    let mut plans: Vec<DocumentPlan> = placed
        .iter()
        .zip(today)
        .map(|(placed, document)| DocumentPlan {
            before: placed.before.and_then(kept),
            after: (!placed.stays).then_some(document),
            stays: placed.stays,
            part: placed.part,
        })
        .collect();
    let gone = superseded.iter().filter(|position| !is_replaced(**position));
    plans.extend(gone.map(|position| DocumentPlan { before: kept(*position), after: None, stays: false, part: None }));
    plans
}

/// The digest of everything that decides what would happen.
fn difference(
    record: &ExchangeRecord,
    mapped: &Mapped,
    placed: &[Placed],
    deliveries: &[(DeliveryPlan, Option<NewDelivery>)],
) -> String {
    let documents = placed.iter().zip(&mapped.documents).map(|(placed, document)| {
        let Document { kind, key, refs, body } = document;
        json!([kind, key, refs, sha256_hex(body), placed.position, placed.before, placed.stays, placed.part])
    });
    let deliveries = deliveries.iter().map(|(plan, new)| {
        let before = plan.before.map(|(id, state)| (id.to_string(), state.as_str()));
        let new = new.as_ref().map(|new| (&new.documents, &new.lane));
        json!([plan.fate.as_str(), before, plan.destination, plan.contract, plan.version, new])
    });
    let all = json!({
        "exchange": record.exchange.id.to_string(),
        "before": record.reruns.len(),
        "plugin": hex::encode(mapped.exchange.plugin.sha256),
        "findings": mapped.exchange.findings,
        "parts": mapped.exchange.parts,
        "businessKey": mapped.business_key.as_ref().map(|business| &business.key),
        "documents": documents.collect::<Vec<_>>(),
        "deliveries": deliveries.collect::<Vec<_>>(),
    });
    sha256_hex(all.to_string().as_bytes())
}

#[cfg(test)]
mod tests;
