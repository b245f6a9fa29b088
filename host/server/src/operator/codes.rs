//! Partners' codes beside ours: listed, added and ended by stewards, and those that something waits for.

use jiff::civil::Date;
use portgate_core::codes::{CodePair, CodeWay, is_code};
use portgate_core::finding::Finding;
use portgate_core::policy::CodesPolicy;
use portgate_operator::{AddCodes, AwaitedCode, Code, CodeFilter, EndCode, Items, NoQuery, Page, Paged};
use portgate_store::{self as store, CodeEnded, CodeTableName, CodesAdded, Operator};

use super::answer::Json;
use super::asked::invalid;
use super::filters;
use super::route::Call;
use crate::clock::now;
use crate::refusal::Refusal;

/// The first day of what counts ever before.
const EVER: Date = Date::constant(1, 1, 1);

/// Codes that something waits for, at most.
const AWAITED_MAX: u32 = 1_000;

pub(super) async fn list(call: Call, query: Paged<CodeFilter>) -> Result<Json<Page<Code>>, Refusal> {
    let (after, limit): (Option<u64>, u32) = (filters::after(&query)?, query.limit());
    let CodeFilter { partner, agreement, table, code, on } = query.filter;
    let filter = store::CodeFilter { partner, agreement, table, code, on };
    let mut items = call.state.journal.codes(filter, after.unwrap_or_default(), limit + 1).await?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next = items.last().filter(|_| more).map(|last| last.number.to_string());
    Ok(Json(Page { items: items.into_iter().map(code_of).collect(), next }))
}

pub(super) async fn awaited(call: Call, _: NoQuery) -> Result<Json<Items<AwaitedCode>>, Refusal> {
    let found = call.state.journal.awaited_codes(AWAITED_MAX).await?;
    let shown = |store::Awaited { table, side, code, days, exchanges, deliveries, since }| AwaitedCode {
        partner: table.partner,
        agreement: table.agreement,
        table: table.table,
        side,
        code,
        first_day: days.0,
        last_day: days.1,
        exchanges,
        deliveries,
        since,
    };
    Ok(Json(Items { items: found.into_iter().map(shown).collect() }))
}

/// Adds codes: all of them or none.
pub(super) async fn add(call: Call, asked: AddCodes) -> Result<Json<Items<Code>>, Refusal> {
    let AddCodes { partner, agreement, table, codes, reason } = asked;
    let operator = Operator { name: call.operator.name.clone(), reason: filters::reason(&reason)? };
    let rows_max = agreed(&call, &partner, &agreement, &table)?.rows_max;
    let mut findings = Vec::new();
    let mut pairs = Vec::with_capacity(codes.len());
    for (index, portgate_operator::CodePair { theirs, ours, way, from, to }) in codes.into_iter().enumerate() {
        let mut wrong = |key: &str, detail: &str| {
            findings.push(Finding::error("wrong-value", format!("/codes/{index}/{key}"), detail));
        };
        for (key, code) in [("theirs", &theirs), ("ours", &ours)] {
            if !is_code(code) {
                wrong(key, "is no code: at most 100 bytes, no control characters, no blanks at its ends");
            }
        }
        let from = from.unwrap_or(EVER);
        if from < EVER || to.is_some_and(|to| to <= from) {
            wrong("to", "must be later than `from`, which is not before the year 1");
        }
        pairs.push(CodePair { theirs, ours, way: way.unwrap_or(CodeWay::Both), from, to });
    }
    if !findings.is_empty() {
        return Err(Refusal::OperatorRequestInvalid { findings });
    }
    let table = CodeTableName { partner, agreement, table };
    let add = store::AddCodes { table, pairs, rows_max, operator: operator.clone(), now: now() };
    let name = add.table.clone();
    match call.state.journal.add_codes(add).await? {
        CodesAdded::Done(added) => {
            let CodeTableName { partner, agreement, table } = &name;
            tracing::info!(operator = operator.name, partner, agreement, table, rows = added.len(), "codes were added");
            changed(&call).await?;
            Ok(Json(Items { items: added.into_iter().map(code_of).collect() }))
        }
        CodesAdded::InTheWay { index, row } => Err(invalid(&format!("/codes/{index}"), in_the_way(&row))),
        CodesAdded::TooMany { rows } => {
            let detail =
                format!("the table has {rows} rows, and its policy allows {rows_max} (agreements.codes.rows_max)");
            Err(invalid("/codes", detail))
        }
    }
}

/// Gives a code its last day.
pub(super) async fn end(call: Call, asked: EndCode) -> Result<Json<Code>, Refusal> {
    let EndCode { number, to, reason } = asked;
    let operator = Operator { name: call.operator.name.clone(), reason: filters::reason(&reason)? };
    let end = store::EndCode { number, to, operator: operator.clone(), now: now() };
    match call.state.journal.end_code(end).await? {
        CodeEnded::Done(row) => {
            tracing::info!(operator = operator.name, number, %to, "a code was given its last day");
            changed(&call).await?;
            Ok(Json(code_of(*row)))
        }
        CodeEnded::Unknown => Err(invalid("/number", format!("there is no row {number}"))),
        CodeEnded::NotShorter(row) => {
            let ends = row.pair.to.map_or_else(|| "has no end yet".to_owned(), |to| format!("ends on {to} already"));
            Err(invalid("/to", format!("the row {number} begins on {} and {ends}", row.pair.from)))
        }
    }
}

/// This gateway knows at once what was changed here.
async fn changed(call: &Call) -> Result<(), Refusal> {
    call.state.codes.refresh(&*call.state.journal).await?;
    call.state.codes.has_added();
    Ok(())
}

/// What policy says of a table.
fn agreed(call: &Call, partner: &str, agreement: &str, table: &str) -> Result<CodesPolicy, Refusal> {
    let configuration = call.state.configuration.load();
    if !configuration.policies.partners.contains_key(partner) {
        return Err(Refusal::PartnerUnknown { partner: partner.to_owned() });
    }
    let Some(found) = configuration.agreement(partner, agreement) else {
        return Err(invalid("/agreement", format!("`{partner}` has no agreement of this name")));
    };
    let codes = found.codes.iter().find(|codes| codes.table == table).cloned();
    codes.ok_or_else(|| invalid("/table", format!("the agreement `{agreement}` has no such table (agreements.codes)")))
}

/// Which row is in the way of one that was to be added.
fn in_the_way(row: &store::KeptCode) -> String {
    let CodePair { theirs, ours, from, to, .. } = &row.pair;
    let days = match (from, to) {
        (&EVER, None) => "always".to_owned(),
        (&EVER, Some(to)) => format!("until {to}"),
        (from, None) => format!("from {from} on"),
        (from, Some(to)) => format!("from {from} until {to}"),
    };
    let which = match row.number {
        0 => "another one of these".to_owned(),
        number => format!("the row {number}"),
    };
    format!(
        "says something of a code that {which} says something of already: `{theirs}` is `{ours}` {days}; end that one first"
    )
}

fn code_of(row: store::KeptCode) -> Code {
    let store::KeptCode { number, table, pair, added_at, added, ended, revision: _ } = row;
    let (ended_at, ended) = ended.map_or((None, None), |(at, by)| (Some(at), Some(by)));
    let (ended_by, end_reason) = ended.map_or((None, None), |by| (Some(by.name), Some(by.reason)));
    Code {
        number,
        partner: table.partner,
        agreement: table.agreement,
        table: table.table,
        theirs: pair.theirs,
        ours: pair.ours,
        way: pair.way,
        from: Some(pair.from).filter(|from| *from != EVER),
        to: pair.to,
        added_at,
        added_by: added.name,
        reason: added.reason,
        ended_at,
        ended_by,
        end_reason,
    }
}
