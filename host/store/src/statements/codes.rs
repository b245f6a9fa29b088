//! Partners' codes beside ours: adding, ending and reading rows.

pub(crate) mod awaited;

use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_core::codes::{CodePair, CodeSide};

use super::filter::Conditions;
use super::value::{Param, Row, day, read_day};
use super::{LIMIT_MAX, Sql, Step, audit, limited};
use crate::act::Operator;
use crate::codes::{AddCodes, CodeEnded, CodeFilter, CodeTableName, CodesAdded, EndCode, KeptCode};
use crate::error::JournalError;

/// Stands for a destination and a lane where those that change codes keep each other out, so that revisions appear in their
/// order and no two rows that contradict each other are added at the same time.
const LANE: (&str, &str) = ("", "\u{1}codes");

const COLUMNS: &str = "number, partner, agreement, code_table, theirs, ours, way, valid_from, valid_to, added_at, added_by, \
                       reason, ended_at, ended_by, end_reason, revision";

fn read(mut row: Row) -> Result<KeptCode, JournalError> {
    Ok(KeptCode {
        number: row.count()?,
        table: CodeTableName { partner: row.text()?, agreement: row.text()?, table: row.text()? },
        pair: CodePair {
            theirs: row.text()?,
            ours: row.text()?,
            way: row
                .text()?
                .parse()
                .map_err(|error| JournalError::Unreadable(format!("which way a code counts: {error}")))?,
            from: read_day(&mut row)?,
            to: row.optional(read_day)?,
        },
        added_at: row.time()?,
        added: Operator { name: row.text()?, reason: row.text()? },
        ended: match row.optional(Row::time)? {
            Some(at) => Some((at, Operator { name: row.text()?, reason: row.text()? })),
            None => {
                let _ = (row.optional(Row::text)?, row.optional(Row::text)?);
                None
            }
        },
        revision: row.count()?,
    })
}

fn all(rows: Vec<Row>) -> Step<Vec<KeptCode>> {
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

async fn next_revision<S: Sql>(sql: &mut S) -> Step<u64> {
    let mut row = sql.query("SELECT coalesce(max(revision), 0) + 1 FROM codes", &[]).await?.pop();
    Ok(row.as_mut().map(Row::count).transpose()?.unwrap_or(1))
}

pub(crate) async fn add<S: Sql>(sql: &mut S, add: &AddCodes) -> Step<CodesAdded> {
    sql.lock_lanes(&[LANE]).await?;
    // All are looked at before the first is kept, so that nothing has to be undone.
    let (mut rows, mut new) = (Vec::new(), Vec::new());
    for (index, pair) in add.pairs.iter().enumerate() {
        match in_the_way(sql, &add.table, pair).await? {
            // It is there already, as it is to be.
            Some(row) if row.pair == *pair => rows.push(row),
            Some(row) => return Ok(CodesAdded::InTheWay { index, row: Box::new(row) }),
            None => new.push(index),
        }
    }
    if let Some((index, other)) = contradiction(&add.pairs, &new) {
        let row = KeptCode {
            number: 0,
            table: add.table.clone(),
            pair: add.pairs[other].clone(),
            added_at: add.now,
            added: add.operator.clone(),
            ended: None,
            revision: 0,
        };
        return Ok(CodesAdded::InTheWay { index, row: Box::new(row) });
    }
    let CodeTableName { partner, agreement, table } = &add.table;
    let of = [Param::text(partner), Param::text(agreement), Param::text(table)];
    let text = "SELECT count(*) FROM codes WHERE partner = $1 AND agreement = $2 AND code_table = $3";
    let mut row = sql.query(text, &of).await?.pop().unwrap_or_else(|| Row::new(Vec::new()));
    let there: u64 = row.count()?;
    if there.saturating_add(new.len() as u64) > u64::from(add.rows_max) {
        return Ok(CodesAdded::TooMany { rows: there });
    }
    if new.is_empty() {
        return Ok(CodesAdded::Done(rows));
    }
    let revision = next_revision(sql).await?;
    let first = rows.len();
    for pair in new.iter().map(|index| &add.pairs[*index]) {
        rows.push(insert(sql, add, pair, revision).await?);
    }
    let shown = rows[first..].iter().map(|row| shown(&row.pair));
    let entry = entry(Kind::CodesAdded, &add.table, &add.operator, add.now).number("rows", new.len() as u64);
    audit::insert(sql, &[entry.texts("codes", shown)]).await?;
    Ok(CodesAdded::Done(rows))
}

async fn insert<S: Sql>(sql: &mut S, add: &AddCodes, pair: &CodePair, revision: u64) -> Step<KeptCode> {
    let text = format!(
        "INSERT INTO codes (partner, agreement, code_table, theirs, ours, way, valid_from, valid_to, added_at, added_by, \
         reason, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING {COLUMNS}"
    );
    let params = [
        Param::text(&add.table.partner),
        Param::text(&add.table.agreement),
        Param::text(&add.table.table),
        Param::text(&pair.theirs),
        Param::text(&pair.ours),
        Param::text(pair.way.as_str()),
        day(pair.from),
        Param::optional(pair.to, day),
        Param::time(add.now),
        Param::text(&add.operator.name),
        Param::text(&add.operator.reason),
        Param::count(revision),
    ];
    let row = sql.query(&text, &params).await?.pop().unwrap_or_else(|| Row::new(Vec::new()));
    Ok(read(row)?)
}

/// A row that says something of a code of this one, on one of its days.
async fn in_the_way<S: Sql>(sql: &mut S, name: &CodeTableName, pair: &CodePair) -> Step<Option<KeptCode>> {
    for (side, column, code) in [(CodeSide::Theirs, "theirs", &pair.theirs), (CodeSide::Ours, "ours", &pair.ours)] {
        if !pair.way.counts_for(side) {
            continue;
        }
        let other_way = if side == CodeSide::Theirs { "out" } else { "in" };
        let text = format!(
            "SELECT {COLUMNS} FROM codes WHERE partner = $1 AND agreement = $2 AND code_table = $3 AND {column} = $4 \
             AND way <> '{other_way}' AND (valid_to IS NULL OR (valid_to > $5 AND valid_to > valid_from)) AND valid_from < $6 \
             ORDER BY number LIMIT 1"
        );
        let params = [
            Param::text(&name.partner),
            Param::text(&name.agreement),
            Param::text(&name.table),
            Param::text(code),
            day(pair.from),
            pair.to.map_or(Param::Int(i64::MAX), day),
        ];
        if let Some(found) = sql.query(&text, &params).await?.pop() {
            return Ok(Some(read(found)?));
        }
    }
    Ok(None)
}

/// Two of these, by their indexes, that say something of one code on one day: the second, and the first.
fn contradiction(pairs: &[CodePair], of: &[usize]) -> Option<(usize, usize)> {
    for side in [CodeSide::Theirs, CodeSide::Ours] {
        let code = |pair: &CodePair| match side {
            CodeSide::Theirs => pair.theirs.clone(),
            CodeSide::Ours => pair.ours.clone(),
        };
        let mut order: Vec<usize> = of.iter().copied().filter(|index| pairs[*index].way.counts_for(side)).collect();
        order.sort_by_key(|index| (code(&pairs[*index]), pairs[*index].from));
        for next in order.windows(2) {
            let (first, second) = (next[0], next[1]);
            let overlaps = pairs[first].to.is_none_or(|to| pairs[second].from < to);
            if code(&pairs[first]) == code(&pairs[second]) && overlaps {
                return Some((first.max(second), first.min(second)));
            }
        }
    }
    None
}

pub(crate) async fn end<S: Sql>(sql: &mut S, end: &EndCode) -> Step<CodeEnded> {
    sql.lock_lanes(&[LANE]).await?;
    let text = format!("SELECT {COLUMNS} FROM codes WHERE number = $1");
    let Some(row) = sql.query(&text, &[Param::count(end.number)]).await?.pop() else { return Ok(CodeEnded::Unknown) };
    let before = read(row)?;
    if before.pair.to == Some(end.to) {
        return Ok(CodeEnded::Done(Box::new(before)));
    }
    if end.to < before.pair.from || before.pair.to.is_some_and(|to| to <= end.to) {
        return Ok(CodeEnded::NotShorter(Box::new(before)));
    }
    let revision = next_revision(sql).await?;
    let text = format!(
        "UPDATE codes SET valid_to = $1, ended_at = $2, ended_by = $3, end_reason = $4, revision = $5 WHERE number = $6 \
         RETURNING {COLUMNS}"
    );
    let params = [
        day(end.to),
        Param::time(end.now),
        Param::text(&end.operator.name),
        Param::text(&end.operator.reason),
        Param::count(revision),
        Param::count(end.number),
    ];
    let Some(row) = sql.query(&text, &params).await?.pop() else { return Ok(CodeEnded::Unknown) };
    let ended = read(row)?;
    let entry = entry(Kind::CodeEnded, &ended.table, &end.operator, end.now);
    audit::insert(sql, &[entry.texts("codes", [shown(&ended.pair)])]).await?;
    Ok(CodeEnded::Done(Box::new(ended)))
}

fn entry(kind: Kind, name: &CodeTableName, operator: &Operator, now: jiff::Timestamp) -> Entry {
    let entry = Entry::new(now, kind, Actor::operator(&operator.name), Subject::partner(&name.partner));
    entry.text("agreement", &name.agreement).text("table", &name.table).text("reason", &operator.reason)
}

/// A row as the audit log has it: an operator has written all of it.
fn shown(pair: &CodePair) -> String {
    let CodePair { theirs, ours, way, from, to } = pair;
    let to = to.map(|to| format!(" until {to}")).unwrap_or_default();
    format!("{theirs} = {ours} ({way}) from {from}{to}")
}

pub(crate) async fn list<S: Sql>(sql: &mut S, filter: &CodeFilter, after: u64, limit: u32) -> Step<Vec<KeptCode>> {
    let mut conditions = Conditions::new();
    conditions.compare("partner =", filter.partner.as_deref().map(Param::text));
    conditions.compare("agreement =", filter.agreement.as_deref().map(Param::text));
    conditions.compare("code_table =", filter.table.as_deref().map(Param::text));
    if let Some(code) = &filter.code {
        let (theirs, ours) = (conditions.place(Param::text(code)), conditions.place(Param::text(code)));
        conditions.and(&format!("(theirs = {theirs} OR ours = {ours})"));
    }
    if let Some(on) = filter.on {
        conditions.compare("valid_from <=", Some(day(on)));
        let on = conditions.place(day(on));
        conditions.and(&format!("(valid_to IS NULL OR valid_to > {on})"));
    }
    conditions.compare("number >", Some(Param::count(after)));
    let limit = conditions.place(Param::count(limit.min(LIMIT_MAX + 1)));
    let text = format!("SELECT {COLUMNS} FROM codes WHERE {} ORDER BY number LIMIT {limit}", conditions.text());
    all(sql.query(&text, conditions.params()).await?)
}

pub(crate) async fn since<S: Sql>(sql: &mut S, revision: u64, limit: u32) -> Step<Vec<KeptCode>> {
    // Rows of one revision are read together, so the limit is on revisions.
    let text = format!(
        "SELECT {COLUMNS} FROM codes WHERE revision > $1 AND revision <= (SELECT coalesce(max(revision), 0) FROM \
         (SELECT revision FROM codes WHERE revision > $2 ORDER BY revision LIMIT $3) AS next) ORDER BY revision, number"
    );
    all(sql.query(&text, &[Param::count(revision), Param::count(revision), limited(limit)]).await?)
}
