//! Exchanges that are decoded later: parking them, claiming them in their order, and keeping what became of them.

use jiff::Timestamp;
use portgate_core::document::Part;
use portgate_core::finding::Finding;

use super::about;
use super::accept::{self, acknowledge, holds, insert_documents, known};
use super::delivery::insert_delivery;
use super::event::insert_events;
use super::filter::{Conditions, exchanges_described};
use super::key::business_hash;
use super::lane::lock_lanes;
use super::record::keep;
use super::value::{Param, Row};
use super::{LIMIT_MAX, Sql, Step, limited, names, numbers, request_key};
use crate::acceptance::{Acceptance, Accepted, NewExchange, PluginBuild, Told};
use crate::act::{Act, Operator};
use crate::error::JournalError;
use crate::exchange::ExchangeFilter;
use crate::id::{ClaimId, ExchangeId};
use crate::name;
use crate::parked::{
    ExchangeAct, ExchangeState, Failure, Parked, ParkedClaim, ParkedContract, ParkedCount, ParkedExchange,
    ParkedRequest, ParkedSettlement, Rejected, TakenUp,
};

/// Stands for a destination where the workers of one partner's parked exchanges keep each other out. No destination has
/// an empty name.
const LANE: &str = "";

/// Partner, contract and version as one text.
fn source(partner: &str, contract: &str, version: &str) -> String {
    serde_json::to_string(&[partner, contract, version]).expect("a list of strings is JSON")
}

fn read_source(row: &mut Row) -> Result<ParkedContract, JournalError> {
    let [partner, contract, version]: [String; 3] = row.json()?;
    Ok(ParkedContract { partner, contract, version })
}

pub(crate) fn read_state(row: &mut Row) -> Result<ExchangeState, JournalError> {
    row.text()?.parse().map_err(|error| JournalError::Unreadable(format!("an exchange's state: {error}")))
}

pub(crate) async fn park<S: Sql>(sql: &mut S, acceptance: &Acceptance) -> Step<Accepted> {
    let accepted = accept::accept(sql, acceptance).await?;
    if accepted == Accepted::Committed {
        let now = acceptance.now;
        let NewExchange { id, partner, contract, version, .. } = &acceptance.exchange;
        insert_parked(sql, *id, (partner, contract, version), ExchangeState::Parked, now, Some(now)).await?;
    }
    Ok(accepted)
}

/// Keeps that an exchange is not accepted, and when it can be claimed, if it can.
pub(crate) async fn insert_parked<S: Sql>(
    sql: &mut S,
    exchange: ExchangeId,
    (partner, contract, version): (&str, &str, &str),
    state: ExchangeState,
    now: Timestamp,
    claimable_at: Option<Timestamp>,
) -> Step<()> {
    let text = "INSERT INTO parked (exchange, partner, source, state, parked_at, failures, detail, claimable_at) \
                VALUES ($1, $2, $3, $4, $5, 0, '', $6)";
    let source = source(partner, contract, version);
    let params = [
        Param::Id(exchange.0),
        Param::text(partner),
        Param::text(&source),
        Param::text(state.as_str()),
        Param::time(now),
        Param::optional(claimable_at, Param::time),
    ];
    sql.execute(text, &params).await?;
    Ok(())
}

/// Goes from one source to the next in the index instead of through all that is parked.
pub(crate) async fn parked<S: Sql>(sql: &mut S, now: Timestamp) -> Step<Vec<ParkedContract>> {
    let text = "WITH RECURSIVE each (source) AS (\
                SELECT min(source) FROM parked WHERE state = 'parked' UNION ALL \
                SELECT (SELECT min(parked.source) FROM parked WHERE state = 'parked' \
                AND parked.source > each.source) FROM each WHERE each.source IS NOT NULL) \
                SELECT source FROM each WHERE source IS NOT NULL AND (EXISTS (SELECT 1 FROM parked \
                WHERE state = 'parked' AND parked.source = each.source AND claimable_at <= $1) \
                OR EXISTS (SELECT 1 FROM parked WHERE claim IS NOT NULL AND parked.source = each.source))";
    let rows = sql.query(text, &[Param::time(now)]).await?;
    Ok(rows.into_iter().map(|mut row| read_source(&mut row)).collect::<Result<_, _>>()?)
}

/// Those of the request's partner and contracts.
fn of_request<'a>(conditions: &mut Conditions<'a>, request: &'a ParkedRequest) {
    let partner = conditions.place(Param::text(&request.partner));
    conditions.and(&format!("partner = {partner}"));
    let sources = request.contracts.iter().map(|(contract, version)| {
        let source = source(&request.partner, contract, version);
        conditions.place(Param::Text(source.into()))
    });
    let sources: Vec<String> = sources.collect();
    // This keeps the database from using the index over sources, whose order is not that of the partner's exchanges.
    conditions.and(&format!("source || '' IN ({})", sources.join(", ")));
}

pub(crate) async fn claim<S: Sql>(sql: &mut S, request: &ParkedRequest) -> Step<Vec<ParkedExchange>> {
    if request.contracts.is_empty() {
        return Ok(Vec::new());
    }
    sql.lock_lanes(&[(LANE, &request.partner)]).await?;
    let mut others = Conditions::new();
    let now = others.place(Param::time(request.now));
    others.and(&format!("claim IS NOT NULL AND claimable_at > {now}"));
    of_request(&mut others, request);
    let text = format!("SELECT 1 FROM parked WHERE {} LIMIT 1", others.text());
    if !sql.query(&text, others.params()).await?.is_empty() {
        return Ok(Vec::new());
    }
    forget_other_builds(sql, request).await?;
    let mut next = Conditions::new();
    let now = next.place(Param::time(request.now));
    next.and(&format!("state = 'parked' AND claimable_at <= {now}"));
    of_request(&mut next, request);
    let limit = next.place(limited(request.limit));
    let text = format!(
        "SELECT exchange FROM parked WHERE {} ORDER BY failures, exchange LIMIT {limit} {}",
        next.text(),
        S::LOCK
    );
    let until = request.now.checked_add(request.lease).unwrap_or(Timestamp::MAX);
    let mut claimed = Vec::new();
    for mut row in sql.query(&text, next.params()).await? {
        let claim = ParkedClaim { exchange: ExchangeId(row.id()?), id: ClaimId::new(request.now) };
        claimed.push(take(sql, claim, &request.worker, until).await?);
    }
    Ok(claimed)
}

/// An exchange that another build of the plugin has failed on gets its old place back at once.
async fn forget_other_builds<S: Sql>(sql: &mut S, request: &ParkedRequest) -> Step<()> {
    let mut failed = Conditions::new();
    let now = failed.place(Param::time(request.now));
    let build = failed.place(Param::Bytes(&request.build));
    failed.and(&format!("state = 'parked' AND failures > 0 AND failed_build <> {build}"));
    of_request(&mut failed, request);
    let text =
        format!("UPDATE parked SET failures = 0, failed_build = NULL, claimable_at = {now} WHERE {}", failed.text());
    sql.execute(&text, failed.params()).await?;
    Ok(())
}

async fn take<S: Sql>(sql: &mut S, claim: ParkedClaim, worker: &str, until: Timestamp) -> Step<ParkedExchange> {
    let text = "UPDATE parked SET claim = $1, worker = $2, claimable_at = $3 WHERE exchange = $4 RETURNING failures, \
                (SELECT count(*) FROM refusals WHERE refusals.exchange = parked.exchange)";
    let params = [Param::Id(claim.id.0), Param::text(worker), Param::time(until), Param::Id(claim.exchange.0)];
    let mut row = sql.query(text, &params).await?.pop().unwrap_or_else(|| Row::new(Vec::new()));
    let (failures, refusals) = (row.count()?, row.int()?);
    let text = "SELECT partner, contract, version, content_type, headers, received_at, request_id, trace, sha256, payload \
                FROM exchanges WHERE id = $1";
    let mut row = sql.query(text, &[Param::Id(claim.exchange.0)]).await?.pop().unwrap_or_else(|| Row::new(Vec::new()));
    Ok(ParkedExchange {
        claim,
        partner: row.text()?,
        contract: row.text()?,
        version: row.text()?,
        content_type: row.text()?,
        headers: row.json()?,
        received_at: row.time()?,
        request_id: row.text()?,
        trace: row.optional(Row::text)?,
        sha256: row.digest()?,
        payload: row.bytes()?,
        failures,
        was_refused: refusals > 0,
    })
}

/// Gives back what ended processes had claimed. Only for a caller that knows that there is no other process.
pub(crate) async fn release_all<S: Sql>(sql: &mut S) -> Step<u64> {
    let text = "UPDATE parked SET claim = NULL, worker = NULL, claimable_at = parked_at WHERE claim IS NOT NULL";
    sql.execute(text, &[]).await
}

pub(crate) async fn settle<S: Sql>(sql: &mut S, settlement: &ParkedSettlement) -> Step<Accepted> {
    let id = settlement.claim.exchange;
    let before = hold(sql, settlement.claim).await?;
    match &settlement.settled {
        TakenUp::Accepted(acceptance) => {
            if let Some(known) = known(sql, acceptance).await? {
                return Ok(known);
            }
            if !holds(sql, acceptance).await? {
                return Ok(Accepted::Overtaken);
            }
            become_real(sql, id, acceptance).await?;
        }
        TakenUp::Rejected(rejected) => {
            if let Some(numbering) = &rejected.numbering
                && !numbers::take(sql, numbering).await?
            {
                return Ok(Accepted::Overtaken);
            }
            reject(sql, id, rejected, settlement.now).await?;
        }
        TakenUp::Again { at, failure } => {
            if let Some(failure) = failure {
                failed(sql, id, &before, failure).await?;
            }
            let text = "UPDATE parked SET claim = NULL, worker = NULL, claimable_at = $1 WHERE exchange = $2";
            sql.execute(text, &[Param::time(*at), Param::Id(id.0)]).await?;
        }
        TakenUp::Failed { failure, told } => {
            failed(sql, id, &before, failure).await?;
            end(sql, id, ExchangeState::Failed).await?;
            tell(sql, id, told, settlement.now).await?;
        }
    }
    Ok(Accepted::Committed)
}

/// Which build had failed on it before, and how often.
struct Before {
    failures: i64,
    build: Option<[u8; 32]>,
}

/// The parked exchange, if the claim on it still holds.
async fn hold<S: Sql>(sql: &mut S, claim: ParkedClaim) -> Step<Before> {
    let text = format!("SELECT failures, failed_build FROM parked WHERE exchange = $1 AND claim = $2 {}", S::LOCK);
    match sql.query(&text, &[Param::Id(claim.exchange.0), Param::Id(claim.id.0)]).await?.pop() {
        Some(mut row) => Ok(Before { failures: row.int()?, build: row.optional(Row::digest)? }),
        None => Err(JournalError::LeaseLost.into()),
    }
}

/// Keeps everything that an acceptance keeps, except for what has been there since the exchange was parked.
async fn become_real<S: Sql>(sql: &mut S, id: ExchangeId, acceptance: &Acceptance) -> Step<()> {
    lock_lanes(sql, &acceptance.deliveries).await?;
    let NewExchange { plugin, findings, parts, .. } = &acceptance.exchange;
    decoded_by(sql, id, plugin, findings, parts).await?;
    if let Some(business) = &acceptance.business_key {
        let hash = business_hash(&acceptance.exchange.partner, &acceptance.exchange.contract, &business.key);
        let text =
            "UPDATE exchanges SET business_key = $1, business_hash = $2, business_fingerprint = $3 WHERE id = $4";
        let params =
            [Param::text(&business.key), Param::Bytes(&hash), Param::Bytes(&business.fingerprint), Param::Id(id.0)];
        sql.execute(text, &params).await?;
    }
    insert_documents(sql, acceptance).await?;
    for delivery in &acceptance.deliveries {
        insert_delivery(sql, id, delivery, acceptance.now).await?;
    }
    if let Some(known) = &acceptance.idempotency {
        request_key::replace_all(sql, &acceptance.exchange.partner, id, known, acceptance.now).await?;
    }
    insert_events(sql, &acceptance.events).await?;
    sql.gather(&names::entries(id, &name::of_acceptance(acceptance))).await?;
    acknowledge(sql, acceptance, id).await?;
    forgive(sql, id).await?;
    sql.execute("DELETE FROM parked WHERE exchange = $1", &[Param::Id(id.0)]).await?;
    Ok(())
}

/// One that was refused when it came is an exchange like any other now, and fills nothing of its partner's budget.
async fn forgive<S: Sql>(sql: &mut S, id: ExchangeId) -> Step<()> {
    let text = "DELETE FROM refusals WHERE exchange = $1 RETURNING partner, day, bytes";
    let Some(mut row) = sql.query(text, &[Param::Id(id.0)]).await?.pop() else { return Ok(()) };
    let (partner, day, bytes) = (row.text()?, row.int()?, row.int()?);
    let text = "UPDATE refused_days SET bytes = bytes - $1 WHERE partner = $2 AND day = $3";
    sql.execute(text, &[Param::Int(bytes), Param::text(&partner), Param::Int(day)]).await?;
    Ok(())
}

async fn reject<S: Sql>(sql: &mut S, id: ExchangeId, rejected: &Rejected, now: Timestamp) -> Step<()> {
    let Rejected { partner, plugin, findings, parts, told, numbering: _, idempotency, freed } = rejected;
    decoded_by(sql, id, plugin, findings, parts).await?;
    sql.gather(&names::entries(id, &name::all(name::of_parts(parts), &[], findings))).await?;
    end(sql, id, ExchangeState::Rejected).await?;
    if let Some(key) = freed {
        request_key::free(sql, partner, key, id).await?;
    }
    if let Some(known) = idempotency {
        request_key::replace_all(sql, partner, id, known, now).await?;
    }
    tell(sql, id, told, now).await
}

/// Keeps which build has decoded an exchange, and what it noticed.
pub(crate) async fn decoded_by<S: Sql>(
    sql: &mut S,
    id: ExchangeId,
    plugin: &PluginBuild,
    findings: &[Finding],
    parts: &[Part],
) -> Step<()> {
    let text = "UPDATE exchanges SET plugin_name = $1, plugin_version = $2, plugin_sha256 = $3, findings = $4, parts = $5 \
                WHERE id = $6";
    let params = [
        Param::text(&plugin.name),
        Param::text(&plugin.version),
        Param::Bytes(&plugin.sha256),
        Param::json(findings),
        Param::list(parts),
        Param::Id(id.0),
    ];
    sql.execute(text, &params).await?;
    Ok(())
}

async fn failed<S: Sql>(sql: &mut S, id: ExchangeId, before: &Before, failure: &Failure) -> Step<()> {
    let failures = if before.build == Some(failure.build) { before.failures.saturating_add(1) } else { 1 };
    let text = "UPDATE parked SET failures = $1, failed_build = $2, detail = $3 WHERE exchange = $4";
    let params = [Param::Int(failures), Param::Bytes(&failure.build), Param::text(&failure.detail), Param::Id(id.0)];
    sql.execute(text, &params).await?;
    Ok(())
}

/// An exchange that was refused when it came is refused again, rather than rejected or failed: nobody acknowledged it.
async fn end<S: Sql>(sql: &mut S, id: ExchangeId, state: ExchangeState) -> Step<()> {
    let text = "UPDATE parked SET state = CASE WHEN EXISTS (SELECT 1 FROM refusals \
                WHERE refusals.exchange = parked.exchange) THEN 'refused' ELSE $1 END, claim = NULL, worker = NULL, \
                claimable_at = NULL WHERE exchange = $2";
    sql.execute(text, &[Param::text(state.as_str()), Param::Id(id.0)]).await?;
    Ok(())
}

async fn tell<S: Sql>(sql: &mut S, id: ExchangeId, told: &Told, now: Timestamp) -> Step<()> {
    lock_lanes(sql, &told.deliveries).await?;
    for delivery in &told.deliveries {
        insert_delivery(sql, id, delivery, now).await?;
    }
    insert_events(sql, &told.events).await
}

/// What is known beside the exchange itself, if it is not accepted.
pub(crate) async fn of_exchange<S: Sql>(sql: &mut S, id: ExchangeId) -> Step<Option<Parked>> {
    let text = "SELECT parked_at, failures, failed_build, detail, claimable_at FROM parked WHERE exchange = $1";
    let read = |mut row: Row| -> Result<Parked, JournalError> {
        Ok(Parked {
            parked_at: row.time()?,
            failures: row.count()?,
            failed_build: row.optional(Row::digest)?,
            detail: row.text()?,
            due_at: row.optional(Row::time)?,
        })
    };
    Ok(sql.query(text, &[Param::Id(id.0)]).await?.pop().map(read).transpose()?)
}

pub(crate) async fn counts<S: Sql>(sql: &mut S) -> Step<Vec<ParkedCount>> {
    let text = "SELECT source, state, count(*), min(parked_at) FROM parked WHERE state IN ('parked', 'failed') \
                GROUP BY source, state ORDER BY source, state";
    let read = |mut row: Row| -> Result<ParkedCount, JournalError> {
        let ParkedContract { partner, contract, version } = read_source(&mut row)?;
        let state = read_state(&mut row)?;
        Ok(ParkedCount { partner, contract, version, state, count: row.count()?, oldest: row.time()? })
    };
    let rows = sql.query(text, &[]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// Acts in one step on a bounded number of exchanges: the oldest that the filter means.
pub(crate) async fn act<S: Sql>(
    sql: &mut S,
    act: ExchangeAct,
    filter: &ExchangeFilter,
    operator: &Operator,
    now: Timestamp,
) -> Step<u64> {
    let mut meant = Conditions::new();
    let parked_again = |meant: &mut Conditions<'_>| {
        let now = meant.place(Param::time(now));
        format!("state = 'parked', failures = 0, failed_build = NULL, claimable_at = {now}")
    };
    let (change, of) = match act {
        ExchangeAct::Retry => (parked_again(&mut meant), "state = 'failed'"),
        ExchangeAct::Rerun => (
            parked_again(&mut meant),
            "state IN ('refused', 'rejected') AND EXISTS (SELECT 1 FROM exchanges WHERE exchanges.id = parked.exchange \
             AND payload IS NOT NULL)",
        ),
        ExchangeAct::Discard => ("state = 'discarded'".to_owned(), "state = 'failed'"),
    };
    meant.exchanges(filter)?;
    let limit = meant.place(limited(LIMIT_MAX));
    let text = format!(
        "UPDATE parked SET {change} WHERE exchange IN (SELECT exchange FROM parked WHERE {of} AND exchange IN \
         (SELECT id FROM exchanges WHERE {}) ORDER BY exchange LIMIT {limit}) RETURNING exchange",
        meant.text()
    );
    let changed = sql.query(&text, meant.params()).await?;
    let changed = changed.into_iter().map(|mut row| Ok(ExchangeId(row.id()?)));
    let changed: Vec<ExchangeId> = changed.collect::<Result<_, JournalError>>()?;
    let (kind, operator, count) = (act.as_str().to_owned(), operator.clone(), changed.len() as u64);
    let act = Act { kind, operator, at: now, filter: exchanges_described(filter), count };
    let record = keep(sql, &act, &changed.iter().map(ExchangeId::to_string).collect::<Vec<_>>()).await?;
    for exchange in changed {
        about::exchange(sql, record, exchange).await?;
    }
    Ok(count)
}
