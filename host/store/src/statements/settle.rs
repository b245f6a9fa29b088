//! Keeping what is sent, and how an attempt ended.

use jiff::Timestamp;
use portgate_core::delivery::Verdict;
use portgate_core::finding::Finding;
use portgate_core::sender;
use portgate_core::state::Acknowledged;

use super::accept::accept;
use super::audit;
use super::delivery::insert_delivery;
use super::event::insert_events;
use super::figures::attempts::{self, Ended};
use super::lane::next_in_lane;
use super::request::{insert_question, insert_request};
use super::rows::RequestRow;
use super::state::{said, state_after};
use super::value::{Param, Row};
use super::{Failure, Sql, Step, acknowledgement, filings, names, numbers, request, transcript, waiting};
use crate::acceptance::{Acceptance, Accepted, NewDelivery};
use crate::delivery::{Claim, Companion, DeadClass, Rendered, Settled, Settlement, State};
use crate::error::JournalError;
use crate::event::NewEvent;
use crate::id::{DeliveryId, ExchangeId};
use crate::name;

/// Keeps a rendering with the control numbers that it has; false where those are taken, or another is kept already under
/// others.
pub(crate) async fn render<S: Sql>(sql: &mut S, rendered: &Rendered) -> Step<bool> {
    let Rendered { deliveries, request, numbering } = rendered;
    let mut held = Vec::with_capacity(deliveries.len());
    for (claim, documents) in deliveries {
        held.push((claim.delivery, hold(sql, *claim).await?, *documents));
    }
    let Some((first, of_first, _)) = held.first() else { return Err(JournalError::LeaseLost.into()) };
    let sent_as = of_first.batch.unwrap_or(*first);
    if let Some(numbering) = numbering {
        if request::request(sql, sent_as, "send").await?.is_some() || !numbers::take(sql, numbering).await? {
            return Ok(false);
        }
        failpoint!("journal::render::numbers");
        // The partner speaks of it by these numbers.
        let found_by = name::all(std::iter::empty(), &request.body, &[]);
        let mut numbers = numbering.numbers;
        for (delivery, of_delivery, documents) in &held {
            if held.len() > 1 {
                numbers.messages = *documents;
            }
            numbers::keep(sql, *delivery, numbering, numbers).await?;
            numbers.first_message += u64::from(*documents);
            sql.gather(&names::entries(of_delivery.exchange, &found_by)).await?;
        }
    }
    insert_request(sql, &RequestRow { delivery: sent_as, purpose: "send", request }).await?;
    failpoint!("journal::render::request");
    Ok(true)
}

/// The part of a delivery that decides how it goes on.
struct Held {
    exchange: ExchangeId,
    attempts: i64,
    destination: String,
    lane: Option<String>,
    /// The batch that it goes out in.
    batch: Option<DeliveryId>,
    /// By how many sendings the partner may have it.
    may_be_taken: u64,
    /// Who sent what it is of.
    sender: String,
    /// What the partner has said of it while it was on its way.
    acknowledged: Option<(Acknowledged, Vec<Finding>)>,
}

/// The delivery, if the claim on it still holds.
async fn hold<S: Sql>(sql: &mut S, claim: Claim) -> Step<Held> {
    let text = format!(
        "SELECT exchange, attempts, destination, lane, batch, may_be_taken, \
         (SELECT partner FROM exchanges WHERE exchanges.id = deliveries.exchange), \
         acknowledgement, findings FROM deliveries WHERE id = $1 AND claim = $2 {}",
        S::LOCK
    );
    match sql.query(&text, &[Param::Id(claim.delivery.0), Param::Id(claim.id.0)]).await?.pop() {
        Some(mut row) => {
            let (exchange, attempts) = (ExchangeId(row.id()?), row.int()?);
            let (destination, lane) = (row.text()?, row.optional(Row::text)?);
            let (batch, may_be_taken, sender) = (row.optional(Row::id)?.map(DeliveryId), row.count()?, row.text()?);
            let said = said(row.optional(Row::text)?.as_deref());
            let acknowledged = said.map(|said| Ok::<_, JournalError>((said, row.json()?))).transpose()?;
            Ok(Held { exchange, attempts, destination, lane, batch, may_be_taken, sender, acknowledged })
        }
        None => Err(JournalError::LeaseLost.into()),
    }
}

pub(crate) async fn settle<S: Sql>(sql: &mut S, settlement: &Settlement) -> Step<()> {
    let Settlement { claim, companions, now, events, deliveries, .. } = settlement;
    let held = hold(sql, *claim).await?;
    let mut tried = u64::from(!sender::is_test(&held.sender));
    insert_attempt(sql, settlement, claim.delivery, held.attempts + 1, &settlement.detail).await?;
    if let Some(transcript) = &settlement.transcript {
        transcript::keep(sql, claim.delivery, held.attempts + 1, *now, transcript).await?;
    }
    failpoint!("journal::settle::attempt");
    go_on(sql, claim.delivery, &held, settlement).await?;
    if let Settled::Pending { follow_up, .. } = &settlement.settled
        && held.acknowledged.is_none()
    {
        let asked_about = held.batch.unwrap_or(claim.delivery);
        insert_question(sql, &RequestRow { delivery: asked_about, purpose: "ask", request: follow_up }).await?;
    }
    failpoint!("journal::settle::state");
    if let Some(yielded) = &settlement.yielded {
        let mut yielded = Acceptance::clone(yielded);
        yielded.exchange.origin = Some(claim.delivery);
        yielded.idempotency = None;
        let said = std::mem::take(&mut yielded.acknowledgements);
        if accept(sql, &yielded).await? == Accepted::Committed {
            for said in &said {
                // Of what was acknowledged meanwhile the first word stays.
                acknowledgement::keep(sql, said, yielded.exchange.id, *now).await?;
            }
        }
    }
    tell(sql, &held, deliveries, events, *now).await?;
    for Companion { claim, told } in companions {
        let held = match hold(sql, *claim).await {
            // Somebody else has it by now, or it is at its end.
            Err(Failure::Final(JournalError::LeaseLost)) => continue,
            held => held?,
        };
        tried += u64::from(!sender::is_test(&held.sender));
        let detail = format!("with {}: {}", settlement.claim.delivery, settlement.detail);
        insert_attempt(sql, settlement, claim.delivery, held.attempts + 1, &detail).await?;
        go_on(sql, claim.delivery, &held, settlement).await?;
        failpoint!("journal::settle::companion");
        tell(sql, &held, &told.deliveries, &told.events, *now).await?;
    }
    failpoint!("journal::settle::events");
    audit::insert(sql, &settlement.audit).await?;
    // The last, since others wait for it.
    let is_good = matches!(settlement.verdict, Some(Verdict::Accepted | Verdict::Pending));
    let (partner, time) = (held.destination.as_str(), (settlement.started_at, *now));
    attempts::add(sql, &Ended { delivery: settlement.claim.delivery, partner, count: tried, time, is_good }).await
}

/// What becomes of a delivery after an attempt.
async fn go_on<S: Sql>(sql: &mut S, delivery: DeliveryId, held: &Held, settlement: &Settlement) -> Step<()> {
    let now = settlement.now;
    let after = settlement.reach.after(held.may_be_taken);
    if after != held.may_be_taken {
        let text = "UPDATE deliveries SET may_be_taken = $1 WHERE id = $2";
        sql.execute(text, &[Param::count(after), Param::Id(delivery.0)]).await?;
    }
    match &settlement.settled {
        // The partner has it, whatever became of this attempt. That was told when its word came.
        _ if let Some((said, findings)) = &held.acknowledged => {
            let (state, class) = state_after(*said);
            acknowledgement::refused(sql, delivery, *said).await?;
            end(sql, delivery, held, state, class, findings, now).await
        }
        Settled::Delivered { findings } => end(sql, delivery, held, State::Delivered, None, findings, now).await,
        Settled::Sent { findings, acknowledge_by } => {
            end(sql, delivery, held, State::Delivered, None, findings, now).await?;
            acknowledgement::expect(sql, delivery, *acknowledge_by).await
        }
        Settled::Dead { class, findings } => end(sql, delivery, held, State::Dead, Some(*class), findings, now).await,
        Settled::Retry { at, class } => {
            let text = "UPDATE deliveries SET claim = NULL, worker = NULL, due_at = $1, claimable_at = $2, \
                        retry_class = $3, attempts = attempts + 1, tries = tries + 1 WHERE id = $4";
            let class = Param::text(class.as_str());
            sql.execute(text, &[Param::time(*at), Param::time(*at), class, Param::Id(delivery.0)]).await?;
            failpoint!("journal::settle::again");
            // What was declared may be something else by now, and could not be given up while it was being sent.
            filings::delivery_changed(sql, delivery, now).await?;
            Ok(())
        }
        Settled::AwaitsCodes { awaits, findings } => {
            waiting::delivery_awaits(sql, held.exchange, delivery, awaits, findings, now).await?;
            filings::delivery_changed(sql, delivery, now).await?;
            Ok(())
        }
        Settled::Pending { follow_up: _, at } => {
            let text = "UPDATE deliveries SET state = 'awaiting', claim = NULL, worker = NULL, due_at = $1, \
                        claimable_at = $2, retry_class = NULL, attempts = attempts + 1, tries = 0, \
                        follow_ups = follow_ups + 1 WHERE id = $3";
            sql.execute(text, &[Param::time(*at), Param::time(*at), Param::Id(delivery.0)]).await?;
            Ok(())
        }
    }
}

/// Tells how an attempt ended, unless its partner's word told more.
async fn tell<S: Sql>(
    sql: &mut S,
    held: &Held,
    deliveries: &[NewDelivery],
    events: &[NewEvent],
    now: Timestamp,
) -> Step<()> {
    if held.acknowledged.is_some() {
        return Ok(());
    }
    for delivery in deliveries {
        insert_delivery(sql, held.exchange, delivery, now).await?;
    }
    insert_events(sql, events).await
}

async fn insert_attempt<S: Sql>(
    sql: &mut S,
    settlement: &Settlement,
    delivery: DeliveryId,
    number: i64,
    detail: &str,
) -> Step<()> {
    let verdict = settlement.verdict.map(|verdict| match verdict {
        Verdict::Accepted => "accepted",
        Verdict::Rejected => "rejected",
        Verdict::Retry => "retry",
        Verdict::Pending => "pending",
    });
    let text = "INSERT INTO attempts (delivery, number, started_at, ended_at, status, verdict, detail) \
                VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let params = [
        Param::Id(delivery.0),
        Param::Int(number),
        Param::time(settlement.started_at),
        Param::time(settlement.now),
        Param::optional(settlement.status, Param::count),
        Param::optional(verdict, Param::text),
        Param::text(detail),
    ];
    sql.execute(text, &params).await?;
    Ok(())
}

async fn end<S: Sql>(
    sql: &mut S,
    delivery: DeliveryId,
    held: &Held,
    state: State,
    class: Option<DeadClass>,
    findings: &[Finding],
    now: Timestamp,
) -> Step<()> {
    // Whoever adds to the lane at the same time must see either this one's turn or the next one's.
    if let Some(lane) = &held.lane {
        sql.lock_lanes(&[(&held.destination, lane)]).await?;
    }
    let text = "UPDATE deliveries SET state = $1, class = $2, findings = $3, settled_at = $4, claim = NULL, \
                worker = NULL, claimable_at = NULL, retry_class = NULL, attempts = attempts + 1 WHERE id = $5";
    let params = [
        Param::text(state.as_str()),
        Param::optional(class.map(DeadClass::as_str), Param::text),
        Param::json(findings),
        Param::time(now),
        Param::Id(delivery.0),
    ];
    sql.execute(text, &params).await?;
    match &held.lane {
        Some(lane) => next_in_lane(sql, &held.destination, lane).await,
        None => Ok(()),
    }
}
