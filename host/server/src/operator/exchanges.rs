//! Exchanges: listed, shown, tried again, given up, mapped again; and replays, which happen elsewhere and are told of here.

use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_core::policy::Permission;
use portgate_operator::{
    ActOnExchanges, Changed, ConfirmRerun, ExchangeFilter, ExchangeRecord, ListedExchange, NoQuery, Page, Paged,
    Replay, ReplayKept, Rerun,
};
use portgate_store::{ExchangeAct, ExchangeId, Operator};

use super::answer::{Json, Payload};
use super::route::Call;
use super::{filters, shown};
use crate::clock::now;
use crate::refusal::Refusal;
use crate::rerun;

pub(super) async fn list(call: Call, query: Paged<ExchangeFilter>) -> Result<Json<Page<ListedExchange>>, Refusal> {
    let (after, limit) = (filters::after(&query)?, query.limit());
    let filter = filters::exchanges(query.filter, "")?;
    filters::known(&*call.state.journal, &[], filter.ids.as_deref().unwrap_or_default()).await?;
    let found = call.state.journal.exchanges(&filter, after, limit).await?;
    Ok(Json(shown::page(found, |last| last.exchange.id.to_string(), shown::listed)))
}

pub(super) async fn show(call: Call, _: NoQuery) -> Result<Json<ExchangeRecord>, Refusal> {
    let id = filters::exchange(&call.named)?;
    let record = call.state.journal.exchange(id).await?.ok_or_else(|| filters::no_exchange(id))?;
    let with_bodies = call.operator.has(Permission::Payload);
    if with_bodies && record.documents.iter().any(|document| document.body.is_some()) {
        call.state.audit.keep(vec![read(&call, id, "documents")]).await?;
    }
    Ok(Json(shown::record(record, with_bodies)))
}

pub(super) async fn payload(call: Call, _: NoQuery) -> Result<Payload, Refusal> {
    let id = filters::exchange(&call.named)?;
    let raw = call.state.journal.raw(id).await?.ok_or_else(|| filters::no_exchange(id))?;
    let payload = raw.payload.ok_or(Refusal::PayloadRedacted)?;
    call.state.audit.keep(vec![read(&call, id, "payload")]).await?;
    Ok(Payload(payload.into()))
}

pub(super) async fn retry(call: Call, act: ActOnExchanges) -> Result<Json<Changed>, Refusal> {
    carry_out(&call, ExchangeAct::Retry, act).await
}

pub(super) async fn discard(call: Call, act: ActOnExchanges) -> Result<Json<Changed>, Refusal> {
    carry_out(&call, ExchangeAct::Discard, act).await
}

pub(super) async fn rerun(call: Call, act: ActOnExchanges) -> Result<Json<Changed>, Refusal> {
    carry_out(&call, ExchangeAct::Rerun, act).await
}

pub(super) async fn rerun_shown(call: Call, _: NoQuery) -> Result<Json<Rerun>, Refusal> {
    let id = filters::exchange(&call.named)?;
    let configuration = call.state.configuration.load_full();
    let plan = rerun::plan(&call.state, &configuration, id).await?;
    call.state.audit.keep(vec![read(&call, id, "documents, as kept and as mapped again")]).await?;
    Ok(Json(shown::rerun(plan, false)))
}

pub(super) async fn rerun_confirmed(call: Call, confirmed: ConfirmRerun) -> Result<Json<Rerun>, Refusal> {
    let id = filters::exchange(&call.named)?;
    let by = Operator { name: call.operator.name.clone(), reason: filters::reason(&confirmed.reason)? };
    let configuration = call.state.configuration.load_full();
    let done = rerun::carry_out(&call.state, &configuration, id, &confirmed.difference, &by).await?;
    tracing::info!(operator = by.name, exchange = %id, "an exchange is mapped again");
    Ok(Json(shown::rerun(done, true)))
}

async fn carry_out(call: &Call, act: ExchangeAct, asked: ActOnExchanges) -> Result<Json<Changed>, Refusal> {
    let by = Operator { name: call.operator.name.clone(), reason: filters::reason(&asked.reason)? };
    let filter = filters::exchanges(asked.filter, "/filter")?;
    filters::known(&*call.state.journal, &[], filter.ids.as_deref().unwrap_or_default()).await?;
    let changed = call.state.journal.act_on_exchanges(act, &filter, &by, now()).await?;
    tracing::info!(operator = by.name, kind = act.as_str(), changed, "an act on exchanges");
    call.state.quarantines.look_again();
    Ok(Json(Changed { changed }))
}

/// An operator is about to run exchanges through a plugin once more. What the replay reads, it reads from here, so that it
/// cannot do without asking.
pub(super) async fn replay(call: Call, replay: Replay) -> Result<Json<ReplayKept>, Refusal> {
    let Replay { plugin, version, sha256, exchanges } = replay;
    let exchanges: Vec<ExchangeId> = filters::each(&exchanges, "", "exchanges")?;
    filters::known(&*call.state.journal, &[], &exchanges).await?;
    let entry = Entry::new(now(), Kind::Replayed, Actor::operator(&call.operator.name), Subject::plugin(&plugin));
    let entry = entry.text("version", &version).text("sha256", &sha256).number("count", exchanges.len() as u64);
    call.state.audit.keep(vec![entry.texts("exchanges", exchanges.iter().map(ToString::to_string))]).await?;
    Ok(Json(ReplayKept { kept: true }))
}

/// An operator is about to be shown a payload, or documents of an exchange.
fn read(call: &Call, exchange: ExchangeId, what: &str) -> Entry {
    let (actor, subject) = (Actor::operator(&call.operator.name), Subject::exchange(&exchange.to_string()));
    Entry::new(now(), Kind::PayloadRead, actor, subject).text("what", what)
}
