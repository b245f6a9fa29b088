//! Keeping what an accepted exchange becomes when it is run again, if everything is as it was planned with.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_core::policy::Webhook;
use serde_json::json;

use super::about;
use super::audit;
use super::delivery::{insert_delivery, succeed};
use super::event::insert_events;
use super::found::{Found, supersede};
use super::key::business_hash;
use super::parked::decoded_by;
use super::record;
use super::rows::DocumentRow;
use super::state::STATE;
use super::table::insert;
use super::value::{Param, Row, lane_name};
use super::waiting;
use super::{Sql, Step, names};
use crate::acceptance::PluginBuild;
use crate::act::{Act, Operator};
use crate::delivery::State;
use crate::error::JournalError;
use crate::id::{DeliveryId, ExchangeId};
use crate::name;
use crate::rerun::{Rerun, RerunEnd, RerunRecord};

/// What is kept as the act's kind.
const KIND: &str = "exchange-rerun";

pub(crate) async fn rerun<S: Sql>(sql: &mut S, rerun: &Rerun, operator: &Operator) -> Step<RerunEnd> {
    let id = rerun.exchange;
    let Some(source) = hold(sql, rerun).await? else { return Ok(RerunEnd::Outdated) };
    let held = deliveries(sql, id).await?;
    let as_planned =
        |(delivery, state): &(DeliveryId, State)| held.get(delivery).is_some_and(|held| held.state == state.as_str());
    let to_partners = held.values().filter(|held| !Webhook::is(&held.found.destination)).count();
    if to_partners != rerun.planned_with.len() || !rerun.planned_with.iter().all(as_planned) {
        return Ok(RerunEnd::Outdated);
    }
    let given_up: Vec<&Held> = rerun.given_up.iter().filter_map(|delivery| held.get(delivery)).collect();
    if let Some(held) = given_up.iter().find(|held| held.leased_until.is_some_and(|until| until > rerun.now)) {
        return Ok(RerunEnd::BeingSent(held.found.id));
    }
    if let Some(business) = &rerun.business_key {
        let hash = business_hash(&source.partner, &source.contract, &business.key);
        let text = "SELECT 1 FROM exchanges WHERE business_hash = $1 AND id <> $2";
        if !sql.query(text, &[Param::Bytes(&hash), Param::Id(id.0)]).await?.is_empty() {
            return Ok(RerunEnd::Outdated);
        }
        let text =
            "UPDATE exchanges SET business_key = $1, business_hash = $2, business_fingerprint = $3 WHERE id = $4";
        let params =
            [Param::text(&business.key), Param::Bytes(&hash), Param::Bytes(&business.fingerprint), Param::Id(id.0)];
        sql.execute(text, &params).await?;
    }
    insert_rerun(sql, rerun, &source.plugin, operator).await?;
    decoded_by(sql, id, &rerun.plugin, &rerun.findings, &rerun.parts).await?;
    for position in &rerun.superseded {
        let text = "INSERT INTO superseded_documents (exchange, position, rerun) VALUES ($1, $2, $3)";
        sql.execute(text, &[Param::Id(id.0), Param::count(*position), Param::count(rerun.before + 1)]).await?;
    }
    for (position, document) in (rerun.first_position..).zip(&rerun.documents) {
        insert(sql, &DocumentRow::whole(id, position, document)).await?;
    }
    number_parts(sql, rerun).await?;
    lock_lanes(sql, rerun, &given_up).await?;
    for (delivery, _) in &rerun.deliveries {
        insert_delivery(sql, id, delivery, rerun.now).await?;
    }
    for held in &given_up {
        let delivery = held.found.id;
        let successor = rerun.deliveries.iter().find(|(_, after)| *after == Some(delivery));
        supersede(sql, &held.found, successor.map(|(new, _)| new.id), rerun.now).await?;
    }
    for (delivery, after) in &rerun.deliveries {
        if let Some(after) = after {
            succeed(sql, delivery.id, *after).await?;
        }
    }
    for delivery in &rerun.told.deliveries {
        insert_delivery(sql, id, delivery, rerun.now).await?;
    }
    insert_events(sql, &rerun.told.events).await?;
    waiting::exchange_awaits(sql, id, &source.partner, &rerun.awaits, rerun.now).await?;
    let texts = rerun.documents.iter().flat_map(|document| {
        document.refs.iter().map(|reference| reference.value.as_str()).chain([document.key.as_str()])
    });
    let business = rerun.business_key.as_ref().map(|business| business.key.as_str());
    let texts = texts.chain(business).chain(name::of_parts(&rerun.parts));
    sql.gather(&names::entries(id, &name::all(texts, &[], &rerun.findings))).await?;
    tell(sql, rerun, operator).await?;
    Ok(RerunEnd::Done)
}

/// Says of each document which of today's parts it is of.
async fn number_parts<S: Sql>(sql: &mut S, rerun: &Rerun) -> Step<()> {
    let id = Param::Id(rerun.exchange.0);
    let text = "UPDATE documents SET part = NULL WHERE exchange = $1 AND part IS NOT NULL";
    sql.execute(text, &[id]).await?;
    for (position, number) in &rerun.of_parts {
        let text = "UPDATE documents SET part = $1 WHERE exchange = $2 AND position = $3";
        let params = [Param::count(*number), Param::Id(rerun.exchange.0), Param::count(*position)];
        sql.execute(text, &params).await?;
    }
    Ok(())
}

/// The part of the exchange that a rerun needs.
struct Source {
    partner: String,
    contract: String,
    plugin: PluginBuild,
}

/// The exchange, if it is accepted, has its payload and was run again as often as it was planned with.
async fn hold<S: Sql>(sql: &mut S, rerun: &Rerun) -> Step<Option<Source>> {
    let id = rerun.exchange;
    let text = format!(
        "SELECT partner, contract, plugin_name, plugin_version, plugin_sha256 FROM exchanges WHERE id = $1 \
         AND redacted_at IS NULL AND payload IS NOT NULL AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.exchange = exchanges.id) {}",
        S::LOCK
    );
    let Some(mut row) = sql.query(&text, &[Param::Id(id.0)]).await?.pop() else { return Ok(None) };
    let (partner, contract) = (row.text()?, row.text()?);
    let plugin = PluginBuild { name: row.text()?, version: row.text()?, sha256: row.digest()? };
    // This is a statement of its own, so that it sees what the previous holder of the lock has done.
    let text = "SELECT count(*) FROM reruns WHERE exchange = $1";
    let mut row = sql.query(text, &[Param::Id(id.0)]).await?.pop().unwrap_or_else(|| Row::new(Vec::new()));
    Ok((row.count::<u32>()? == rerun.before).then_some(Source { partner, contract, plugin }))
}

/// A delivery as it is now.
struct Held {
    found: Found,
    state: String,
    /// Until when somebody has the right to work on it.
    leased_until: Option<Timestamp>,
}

/// The deliveries of an exchange, kept from others.
async fn deliveries<S: Sql>(sql: &mut S, id: ExchangeId) -> Step<HashMap<DeliveryId, Held>> {
    let text = format!(
        "SELECT {}, {STATE}, CASE WHEN claim IS NULL THEN NULL ELSE claimable_at END FROM deliveries \
         WHERE exchange = $1 ORDER BY number {}",
        Found::COLUMNS,
        S::LOCK
    );
    let read = |mut row: Row| -> Result<(DeliveryId, Held), JournalError> {
        let held = Held { found: Found::read(&mut row)?, state: row.text()?, leased_until: row.optional(Row::time)? };
        Ok((held.found.id, held))
    };
    let rows = sql.query(&text, &[Param::Id(id.0)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// Locks the lanes of what is given up and of what is new, always in the same order.
async fn lock_lanes<S: Sql>(sql: &mut S, rerun: &Rerun, given_up: &[&Held]) -> Step<()> {
    let old = given_up.iter().filter_map(|held| Some((held.found.destination.clone(), held.found.lane.clone()?)));
    let new = rerun.deliveries.iter();
    let new = new.filter_map(|(new, _)| Some((new.destination.clone(), lane_name(new.lane.as_ref()?).into_owned())));
    let lanes: BTreeSet<(String, String)> = old.chain(new).collect();
    let lanes: Vec<(&str, &str)> = lanes.iter().map(|(destination, lane)| (&**destination, &**lane)).collect();
    match lanes.is_empty() {
        true => Ok(()),
        false => sql.lock_lanes(&lanes).await,
    }
}

async fn insert_rerun<S: Sql>(sql: &mut S, rerun: &Rerun, before: &PluginBuild, operator: &Operator) -> Step<()> {
    let text = "INSERT INTO reruns (exchange, number, at, operator, reason, plugin_name, plugin_version, plugin_sha256) \
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let params = [
        Param::Id(rerun.exchange.0),
        Param::count(rerun.before + 1),
        Param::time(rerun.now),
        Param::text(&operator.name),
        Param::text(&operator.reason),
        Param::text(&before.name),
        Param::text(&before.version),
        Param::Bytes(&before.sha256),
    ];
    sql.execute(text, &params).await?;
    Ok(())
}

/// Keeps who had it run again and why, and for the audit log what became of each delivery.
async fn tell<S: Sql>(sql: &mut S, rerun: &Rerun, operator: &Operator) -> Step<()> {
    let exchange = rerun.exchange.to_string();
    let filter = json!({ "ids": [exchange] }).to_string();
    let act = Act { kind: KIND.to_owned(), operator: operator.clone(), at: rerun.now, filter, count: 1 };
    let record = record::keep(sql, &act, std::slice::from_ref(&exchange)).await?;
    about::exchange(sql, record, rerun.exchange).await?;
    let record = record.to_string();
    let entry = |kind, delivery: DeliveryId| {
        let (actor, subject) = (Actor::operator(&operator.name), Subject::delivery(&delivery.to_string()));
        Entry::new(rerun.now, kind, actor, subject).text("act", &record).text("exchange", &exchange)
    };
    let successor = |delivery| rerun.deliveries.iter().find(|(_, after)| *after == Some(delivery));
    let given_up = rerun.given_up.iter().map(|delivery| {
        let successor = successor(*delivery).map(|(new, _)| new.id.to_string());
        entry(Kind::DeliveryDiscarded, *delivery).optional("successor", successor.as_deref())
    });
    let made = rerun.deliveries.iter().map(|(new, after)| {
        let after = after.map(|after| after.to_string());
        let made = entry(Kind::DeliveryResent, new.id).text("destination", &new.destination);
        made.text("was", "rendered anew").optional("after", after.as_deref())
    });
    let entries: Vec<Entry> = given_up.chain(made).collect();
    audit::insert(sql, &entries).await
}

/// The times that an exchange was run again, the first one first.
pub(crate) async fn of_exchange<S: Sql>(sql: &mut S, id: ExchangeId) -> Step<Vec<RerunRecord>> {
    let text = "SELECT number, at, operator, reason, plugin_name, plugin_version, plugin_sha256 FROM reruns \
                WHERE exchange = $1 ORDER BY number";
    let read = |mut row: Row| -> Result<RerunRecord, JournalError> {
        Ok(RerunRecord {
            number: row.count()?,
            at: row.time()?,
            operator: row.text()?,
            reason: row.text()?,
            plugin_before: PluginBuild { name: row.text()?, version: row.text()?, sha256: row.digest()? },
        })
    };
    let rows = sql.query(text, &[Param::Id(id.0)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}
