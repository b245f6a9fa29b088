//! Things: kept from documents, and read as the decision wants them.

mod found;
mod keep;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use portgate_core::document::Reference;
use portgate_core::sender;
use portgate_core::shipment::{self, Facts, Placement, ShipmentRules, Thing, ThingName, Version, Wanted};

use crate::error::JournalError;
use crate::id::ExchangeId;
use crate::statements::shipment_names::name_hash;
use crate::statements::value::{Param, Row, key_hash};
use crate::statements::{Sql, Step};
use found::{FoundBy, find_by};

pub(super) use keep::keep;

/// A document that was told of.
pub(super) struct ToldDocument {
    pub(super) sender: String,
    pub(super) kind: String,
    pub(super) key: String,
    pub(super) refs: Vec<Reference>,
    pub(super) exchange: ExchangeId,
    pub(super) position: u32,
    pub(super) sha256: [u8; 32],
    pub(super) body: Vec<u8>,
}

/// A thing after versions of it came or went.
pub(super) struct Kept {
    pub(super) number: i64,
    /// Who speaks of it.
    pub(super) sender: String,
    /// The kind of its documents.
    pub(super) kind: String,
    /// The documents that came.
    pub(super) came: Vec<(ExchangeId, u32)>,
    /// What is other than before.
    pub(super) change: Change,
}

/// What is other of a thing than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing that says which shipments it is in: they are those that it is in.
    Nothing,
    /// It is there at all, it was recorded first at another time, it opens a shipment or does no more, or it was tied to more
    /// than one can be made of.
    Itself,
    /// Other names count for it or at another time, so that what it was with may be without it.
    Names,
}

pub(super) fn hash(sender: &str, kind: &str, key: &str) -> [u8; 16] {
    key_hash("thing", sender, kind, key)
}

/// Whether a document begins a shipment. What the gateway made of one begins no other.
fn opens(rules: &ShipmentRules, told: &ToldDocument) -> bool {
    rules.opens.contains(&told.kind) && !sender::is_gateway(&told.sender)
}

/// Takes a document away that counts no more. Gives the things; nothing is left of one without versions.
pub(super) async fn forget<S: Sql>(sql: &mut S, rules: &ShipmentRules, exchange: ExchangeId) -> Step<BTreeSet<i64>> {
    let text = "SELECT thing, thing_versions.position FROM thing_versions JOIN superseded_documents \
                ON superseded_documents.exchange = thing_versions.exchange \
                AND superseded_documents.position = thing_versions.position WHERE thing_versions.exchange = $1";
    let rows = sql.query(text, &[Param::Id(exchange.0)]).await?;
    let gone: Vec<(i64, i64)> =
        rows.into_iter().map(|mut row| Ok((row.int()?, row.int()?))).collect::<Result<_, JournalError>>()?;
    let mut things = BTreeSet::new();
    for (number, position) in gone {
        let text = "DELETE FROM thing_versions WHERE thing = $1 AND exchange = $2 AND position = $3";
        sql.execute(text, &[Param::Int(number), Param::Id(exchange.0), Param::Int(position)]).await?;
        if let Some((exchange, position)) = counts(sql, number).await? {
            if let Some(told) = document(sql, exchange, position).await? {
                name(sql, rules, number, &told).await?;
            }
            first(sql, number).await?;
        } else {
            unname(sql, number).await?;
            sql.execute("UPDATE things SET names = '[]', opens = 0 WHERE number = $1", &[Param::Int(number)]).await?;
        }
        things.insert(number);
    }
    Ok(things)
}

/// The document that counts for a thing.
async fn counts<S: Sql>(sql: &mut S, number: i64) -> Step<Option<(ExchangeId, u32)>> {
    let text = "SELECT version, recorded_at, sha256, exchange, position FROM thing_versions WHERE thing = $1";
    let rows = sql.query(text, &[Param::Int(number)]).await?;
    let read = |mut row: Row| -> Result<(Version, (ExchangeId, u32)), JournalError> {
        let version = Version { version: row.text()?, recorded_at: row.int()?, sha256: row.digest()? };
        Ok((version, (ExchangeId(row.id()?), row.count()?)))
    };
    let mut versions: Vec<_> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    shipment::in_order(&mut versions, |(version, _)| version);
    Ok(versions.pop().map(|(_, place)| place))
}

/// A shipment is called after the first of its things, so it counts when a thing was recorded first, by whatever version.
async fn first<S: Sql>(sql: &mut S, number: i64) -> Step<()> {
    let text = "UPDATE things SET first_at = (SELECT min(recorded_at) / 1000000 FROM thing_versions WHERE thing = $1) \
                WHERE number = $2";
    sql.execute(text, &[Param::Int(number), Param::Int(number)]).await?;
    Ok(())
}

async fn unname<S: Sql>(sql: &mut S, number: i64) -> Step<()> {
    for table in ["thing_names", "thing_windows", "thing_goods"] {
        sql.execute(&format!("DELETE FROM {table} WHERE thing = $1"), &[Param::Int(number)]).await?;
    }
    Ok(())
}

/// The names that tie a thing of which a document counts, and of which acts say this.
fn carried(rules: &ShipmentRules, told: &ToldDocument, placements: &[Placement]) -> Vec<ThingName> {
    let is_catalogue = rules.catalogue.contains(&told.kind);
    let names = if is_catalogue { Vec::new() } else { shipment::names(rules, &told.refs) };
    if placements.is_empty() { names } else { shipment::place(names, placements) }
}

/// Names as they are kept.
fn written(names: &[ThingName]) -> Step<String> {
    Ok(serde_json::to_string(names).map_err(|error| JournalError::Unreadable(error.to_string()))?)
}

/// Has a thing carry the names of one of its documents and no others.
async fn name<S: Sql>(sql: &mut S, rules: &ShipmentRules, number: i64, told: &ToldDocument) -> Step<()> {
    let facts = Facts::read(&told.body);
    let names = carried(rules, told, &placements(sql, number).await?);
    let text = "UPDATE things SET names = $1, at = $2, opens = $3 WHERE number = $4";
    let (written, opens) = (written(&names)?, i64::from(opens(rules, told)));
    sql.execute(text, &[Param::text(&written), Param::Int(facts.at), Param::Int(opens), Param::Int(number)]).await?;
    let found = BTreeMap::from([(number, FoundBy::of(rules, told, &facts, &names))]);
    find_by(sql, &found, &BTreeSet::new()).await
}

/// What acts say of a thing, in their order.
async fn placements<S: Sql>(sql: &mut S, number: i64) -> Step<Vec<Placement>> {
    let text = "SELECT placement FROM shipment_places WHERE thing = $1 ORDER BY act";
    let rows = sql.query(text, &[Param::Int(number)]).await?;
    Ok(rows.into_iter().map(|mut row| row.json()).collect::<Result<_, _>>()?)
}

/// Has a thing carry its names anew: another act concerns it, or one that did is taken back.
pub(super) async fn rename<S: Sql>(sql: &mut S, rules: &ShipmentRules, number: i64) -> Step<()> {
    if let Some((exchange, position)) = counts(sql, number).await?
        && let Some(told) = document(sql, exchange, position).await?
    {
        name(sql, rules, number, &told).await?;
    }
    Ok(())
}

/// A document that is kept.
async fn document<S: Sql>(sql: &mut S, exchange: ExchangeId, position: u32) -> Step<Option<ToldDocument>> {
    let text = "SELECT partner, kind, key, refs, documents.sha256, body FROM documents JOIN exchanges ON exchanges.id = exchange \
                WHERE exchange = $1 AND position = $2";
    let Some(mut row) = sql.query(text, &[Param::Id(exchange.0), Param::count(position)]).await?.pop() else {
        return Ok(None);
    };
    let (sender, kind, key, refs, sha256) = (row.text()?, row.text()?, row.text()?, row.json()?, row.digest()?);
    let body = row.optional(Row::bytes)?;
    Ok(body.map(|body| ToldDocument { sender, kind, key, refs, exchange, position, sha256, body }))
}

/// The columns that [`read`] takes.
const COLUMNS: &str = "things.number, things.hash, opens, first_at, things.at, names";

fn read(mut row: Row) -> Result<Thing<i64>, JournalError> {
    let (id, hash) = (row.int()?, row.hash()?);
    let (opens, first_at, at) = (row.int()? != 0, row.int()?, row.int()?);
    Ok(Thing { id, opens, first: (first_at, hash), at, names: row.json()? })
}

/// The things of these numbers, as far as there are any.
pub(super) async fn load<S: Sql>(sql: &mut S, numbers: &BTreeSet<i64>) -> Step<Vec<Thing<i64>>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!("SELECT {COLUMNS} FROM things WHERE number {} ORDER BY number", S::among(1));
    let rows = sql.query(&text, &[Param::numbers(numbers.iter().copied())]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// A name that is looked for, and the numbers of those that carry it.
type Carried = (Wanted, Vec<i64>);

/// So many times as many carriers are looked at as there may be, where some of them may be left out.
const LOOKED_AT: usize = 4;

/// Who is looked up as a carrier of a name.
#[derive(Clone, Copy)]
pub(super) enum Among<'t> {
    /// Whatever carries it.
    All,
    /// Neither what is tied to too much and in no shipment, but for these.
    WithRoomAnd(&'t BTreeSet<i64>),
}

/// The numbers of those that carry each of these names: of all together no more than `most`, of which nothing is left out;
/// nothing where there are more.
pub(super) async fn carriers<S: Sql>(
    sql: &mut S,
    is_test: bool,
    wanted: Vec<Wanted>,
    among: Among<'_>,
    most: usize,
) -> Step<Option<Vec<Carried>>> {
    // Names are looked up within the same time at once.
    let mut within: BTreeMap<_, BTreeMap<[u8; 16], Carried>> = BTreeMap::new();
    for wanted in wanted {
        let hash = name_hash(is_test, &wanted.name.scheme, &wanted.name.value);
        within.entry(wanted.between).or_default().insert(hash, (wanted, Vec::new()));
    }
    let mut all = Vec::new();
    for (between, mut names) in within {
        let mut params = vec![Param::hashes(names.keys())];
        let (table, and) = match between {
            Some((from, to)) => {
                params.extend([Param::Int(from), Param::Int(to)]);
                ("thing_windows", "AND at >= $2 AND at < $3")
            }
            None => ("thing_names", ""),
        };
        let (is_left_out, looked_at) = match among {
            Among::All => ("CAST(0 AS BIGINT)".to_owned(), most),
            Among::WithRoomAnd(_) => (
                format!(
                    "(SELECT count(*) FROM things WHERE number = {table}.thing AND overfull_since IS NOT NULL AND NOT EXISTS \
                     (SELECT 1 FROM shipment_things WHERE shipment_things.thing = number))"
                ),
                most.saturating_mul(LOOKED_AT),
            ),
        };
        params.push(Param::count(looked_at as u64 + 1));
        let (hashes, limit) = (S::among(1), params.len());
        let text = format!("SELECT hash, thing, {is_left_out} FROM {table} WHERE hash {hashes} {and} LIMIT ${limit}");
        let rows = sql.query(&text, &params).await?;
        if rows.len() > looked_at {
            return Ok(None);
        }
        let mut with_room = Vec::with_capacity(rows.len());
        for mut row in rows {
            let (hash, thing, left_out) = (row.hash()?, row.int()?, row.int()? > 0);
            if !left_out || matches!(among, Among::WithRoomAnd(own) if own.contains(&thing)) {
                with_room.push((hash, thing));
            }
        }
        if with_room.len() > most {
            return Ok(None);
        }
        for (hash, thing) in with_room {
            if let Some((_, carriers)) = names.get_mut(&hash) {
                carriers.push(thing);
            }
        }
        all.extend(names.into_values());
    }
    all.iter_mut().for_each(|(_, carriers)| carriers.sort_unstable());
    Ok(Some(all))
}

/// Keeps since when things are tied to more than a shipment can be made of; nothing where they are not.
/// Gives back of how many that is news.
pub(super) async fn overfull<S: Sql>(sql: &mut S, numbers: &BTreeSet<i64>, since: Option<Timestamp>) -> Step<u64> {
    // What is known already is not written.
    let other = if since.is_some() { "IS NULL" } else { "IS NOT NULL" };
    let text = format!("UPDATE things SET overfull_since = $1 WHERE number {} AND overfull_since {other}", S::among(2));
    sql.execute(&text, &[Param::optional(since, Param::time), Param::numbers(numbers.iter().copied())]).await
}
