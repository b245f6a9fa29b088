//! Deliveries: listed, counted, shown, retried, sent again, discarded; and the acts of operators.

use jiff::Timestamp;
use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_core::policy::Permission;
use portgate_operator::{
    Act, ActedOnDeliveries, ConfirmDelivered, DELIVERIES_PER_SECOND, Delivery, DeliveryCount, DeliveryFilter,
    DeliveryRecord, DiscardDeliveries, Items, NoQuery, Page, Paged, ResendDeliveries, Resent, RetryDeliveries,
};
use portgate_store::{ActKind, Acted, Confirmed, DeliveryId, Operator, Resend, ResendEnd};

use super::answer::Json;
use super::asked::invalid;
use super::route::Call;
use super::{filters, shown};
use crate::clock::now;
use crate::refusal::Refusal;

/// The latest acts.
const ACTS: u32 = 200;

pub(super) async fn list(call: Call, query: Paged<DeliveryFilter>) -> Result<Json<Page<Delivery>>, Refusal> {
    let (after, limit) = (filters::after(&query)?, query.limit());
    let filter = filters::deliveries(&*call.state.journal, query.filter, "").await?;
    let found = call.state.journal.deliveries(&filter, after, limit).await?;
    Ok(Json(shown::page(found, |last| last.id.to_string(), shown::delivery)))
}

pub(super) async fn show(call: Call, _: NoQuery) -> Result<Json<DeliveryRecord>, Refusal> {
    let unknown = || Refusal::DeliveriesUnknown { ids: vec![call.named.clone()] };
    let id: DeliveryId = call.named.parse().map_err(|_| unknown())?;
    let record = call.state.journal.delivery(id).await?.ok_or_else(unknown)?;
    let with_bodies = call.operator.has(Permission::Payload);
    if with_bodies && has_bodies(&record) {
        let (actor, subject) = (Actor::operator(&call.operator.name), Subject::delivery(&id.to_string()));
        let entry = Entry::new(now(), Kind::PayloadRead, actor, subject).text("what", "request and answers");
        call.state.audit.keep(vec![entry]).await?;
    }
    let configuration = call.state.configuration.load();
    let destination = configuration.destinations.get(&record.delivery.destination);
    Ok(Json(shown::delivery_record(record, destination.map(|policy| &policy.delivery), with_bodies)))
}

/// Whether there is anything that takes the permission `payload`.
fn has_bodies(record: &portgate_store::DeliveryRecord) -> bool {
    let answers = record.delivery.attempts.iter().filter_map(|attempt| attempt.transcript.as_ref()?.answer.as_ref());
    record.request.is_some() || record.question.is_some() || answers.into_iter().any(|answer| answer.body.is_some())
}

pub(super) async fn count(call: Call, filter: DeliveryFilter) -> Result<Json<Items<DeliveryCount>>, Refusal> {
    let filter = filters::deliveries(&*call.state.journal, filter, "").await?;
    let counts = call.state.journal.preview(&filter).await?;
    Ok(Json(Items { items: counts.into_iter().map(shown::delivery_count).collect() }))
}

pub(super) async fn retry(call: Call, retry: RetryDeliveries) -> Result<Json<ActedOnDeliveries>, Refusal> {
    let RetryDeliveries { filter, reason, per_second } = retry;
    act(&call, ActKind::Retry { per_second: per_second.unwrap_or(DELIVERIES_PER_SECOND) }, filter, &reason).await
}

pub(super) async fn resend(call: Call, resend: ResendDeliveries) -> Result<Json<Resent>, Refusal> {
    let ResendDeliveries { filter, reason, confirm_delivered, new_ids, per_second } = resend;
    let by = Operator { name: call.operator.name.clone(), reason: filters::reason(&reason)? };
    let filter = filters::deliveries(&*call.state.journal, filter, "/filter").await?;
    let per_second = per_second.unwrap_or(DELIVERIES_PER_SECOND);
    let confirmed = |ConfirmDelivered { count, last_settled_at }| Confirmed { count, last_settled_at };
    let resend = Resend { per_second, delivered: confirm_delivered.map(confirmed), new_ids };
    match call.state.journal.resend(resend, &filter, &by, now()).await? {
        ResendEnd::Done(resent) => {
            let (count, left_out) = (resent.resent.len(), resent.left_out.len());
            tracing::info!(operator = by.name, kind = "resend", count, left_out, "an act on deliveries");
            Ok(Json(shown::resent(resent)))
        }
        ResendEnd::Unconfirmed(delivered) => Err(Refusal::ResendUnconfirmed { delivered: delivered.count }),
        ResendEnd::TooMany { most } => {
            Err(invalid("/filter", format!("means more than the {most} deliveries that can be sent again at once")))
        }
    }
}

pub(super) async fn discard(call: Call, discard: DiscardDeliveries) -> Result<Json<ActedOnDeliveries>, Refusal> {
    let DiscardDeliveries { filter, reason } = discard;
    act(&call, ActKind::Discard, filter, &reason).await
}

async fn act(
    call: &Call,
    kind: ActKind,
    filter: DeliveryFilter,
    reason: &str,
) -> Result<Json<ActedOnDeliveries>, Refusal> {
    let by = Operator { name: call.operator.name.clone(), reason: filters::reason(reason)? };
    let filter = filters::deliveries(&*call.state.journal, filter, "/filter").await?;
    let Acted { changed, left_out } = call.state.journal.act(kind, &filter, &by, Timestamp::now()).await?;
    tracing::info!(
        operator = by.name,
        kind = kind.as_str(),
        changed,
        left_out = left_out.len(),
        "an act on deliveries"
    );
    Ok(Json(ActedOnDeliveries { changed, left_out: shown::left_out(left_out) }))
}

pub(super) async fn acts(call: Call, _: NoQuery) -> Result<Json<Items<Act>>, Refusal> {
    let acts = call.state.journal.acts(ACTS).await?;
    Ok(Json(Items { items: acts.into_iter().map(shown::act).collect() }))
}
