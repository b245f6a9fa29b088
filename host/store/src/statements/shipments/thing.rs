//! Things: kept from documents, and read as the decision wants them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use portgate_core::document::Reference;
use portgate_core::sender;
use portgate_core::shipment::{self, Facts, Name, ShipmentRules, Thing, Version};

use super::{catalogue_hash, name_hash, value_hash};
use crate::error::JournalError;
use crate::id::ExchangeId;
use crate::statements::value::{Param, Row, key_hash};
use crate::statements::{Sql, Step};

/// The scheme by which documents of a catalogue name their article.
const SKU: &str = "sku";

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

/// A thing after one of its versions came or went.
pub(super) struct Kept {
    pub(super) number: i64,
    /// Whether other names count for it now.
    pub(super) is_named_otherwise: bool,
}

pub(super) fn hash(sender: &str, kind: &str, key: &str) -> [u8; 16] {
    key_hash("thing", sender, kind, key)
}

/// Keeps one version of a thing, and what counts of it now.
pub(super) async fn keep<S: Sql>(
    sql: &mut S,
    rules: &ShipmentRules,
    told: &ToldDocument,
    now: Timestamp,
) -> Step<Kept> {
    let facts = Facts::read(&told.body);
    let number = match numbered(sql, told).await? {
        Some(number) => number,
        None => insert(sql, rules, told, &facts, now).await?,
    };
    let text = "INSERT INTO thing_versions (thing, exchange, position, version, recorded_at, sha256) \
                VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (thing, exchange, position) DO NOTHING";
    let params = [
        Param::Int(number),
        Param::Id(told.exchange.0),
        Param::count(told.position),
        Param::text(&facts.version),
        Param::Int(facts.recorded_at),
        Param::Bytes(&told.sha256),
    ];
    sql.execute(text, &params).await?;
    let is_named_otherwise = match counts(sql, number).await? {
        Some((exchange, position)) if (exchange, position) == (told.exchange, told.position) => {
            name(sql, rules, number, told, &facts).await?
        }
        _ => false,
    };
    first(sql, number).await?;
    let text = "UPDATE things SET seen_at = $1, held = 1 WHERE number = $2";
    sql.execute(text, &[Param::time(now), Param::Int(number)]).await?;
    Ok(Kept { number, is_named_otherwise })
}

/// Takes a document away that counts no more. Gives its thing, if there was one; nothing is left of a thing without versions.
pub(super) async fn forget<S: Sql>(sql: &mut S, rules: &ShipmentRules, exchange: ExchangeId) -> Step<Vec<Kept>> {
    let text = "SELECT thing, thing_versions.position FROM thing_versions JOIN superseded_documents \
                ON superseded_documents.exchange = thing_versions.exchange \
                AND superseded_documents.position = thing_versions.position WHERE thing_versions.exchange = $1";
    let rows = sql.query(text, &[Param::Id(exchange.0)]).await?;
    let gone: Vec<(i64, i64)> =
        rows.into_iter().map(|mut row| Ok((row.int()?, row.int()?))).collect::<Result<_, JournalError>>()?;
    let mut kept = Vec::with_capacity(gone.len());
    for (number, position) in gone {
        let text = "DELETE FROM thing_versions WHERE thing = $1 AND exchange = $2 AND position = $3";
        sql.execute(text, &[Param::Int(number), Param::Id(exchange.0), Param::Int(position)]).await?;
        if let Some((exchange, position)) = counts(sql, number).await? {
            if let Some(told) = document(sql, exchange, position).await? {
                let facts = Facts::read(&told.body);
                name(sql, rules, number, &told, &facts).await?;
            }
            first(sql, number).await?;
        } else {
            unname(sql, number).await?;
            sql.execute("UPDATE things SET names = '[]', opens = 0 WHERE number = $1", &[Param::Int(number)]).await?;
        }
        kept.push(Kept { number, is_named_otherwise: true });
    }
    Ok(kept)
}

async fn numbered<S: Sql>(sql: &mut S, told: &ToldDocument) -> Step<Option<i64>> {
    let hash = hash(&told.sender, &told.kind, &told.key);
    let row = sql.query("SELECT number FROM things WHERE hash = $1", &[Param::Bytes(&hash)]).await?.pop();
    Ok(row.map(|mut row| row.int()).transpose()?)
}

async fn insert<S: Sql>(
    sql: &mut S,
    rules: &ShipmentRules,
    told: &ToldDocument,
    facts: &Facts,
    now: Timestamp,
) -> Step<i64> {
    let text = "INSERT INTO things (hash, sender, kind, key, opens, first_at, at, names, seen_at, held) \
                VALUES ($1, $2, $3, $4, $5, $6, $7, '[]', $8, 1) RETURNING number";
    let hash = hash(&told.sender, &told.kind, &told.key);
    let params = [
        Param::Bytes(&hash),
        Param::text(&told.sender),
        Param::text(&told.kind),
        Param::text(&told.key),
        Param::Int(i64::from(rules.opens.contains(&told.kind))),
        Param::Int(facts.recorded_at.div_euclid(1_000_000)),
        Param::Int(facts.at),
        Param::time(now),
    ];
    let row = sql.query(text, &params).await?.pop();
    let number =
        row.ok_or_else(|| JournalError::Unreadable("a row that was inserted has no number".to_owned()))?.int()?;
    Ok(number)
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
    for table in ["thing_names", "thing_goods"] {
        sql.execute(&format!("DELETE FROM {table} WHERE thing = $1"), &[Param::Int(number)]).await?;
    }
    Ok(())
}

/// Has a thing carry the names of one of its documents and no others. Gives back whether others tie it now.
async fn name<S: Sql>(
    sql: &mut S,
    rules: &ShipmentRules,
    number: i64,
    told: &ToldDocument,
    facts: &Facts,
) -> Step<bool> {
    let is_test = sender::is_test(&told.sender);
    let is_catalogue = rules.catalogue.contains(&told.kind);
    let names = if is_catalogue { Vec::new() } else { shipment::names(rules, &told.refs) };
    let text = "SELECT names, at FROM things WHERE number = $1";
    let before = sql.query(text, &[Param::Int(number)]).await?.pop();
    let before: Option<(String, i64)> =
        before.map(|mut row| Ok::<_, JournalError>((row.text()?, row.int()?))).transpose()?;
    let written = serde_json::to_string(&names).map_err(|error| JournalError::Unreadable(error.to_string()))?;
    let is_other = before.is_none_or(|(names, at)| names != written || at != facts.at);
    unname(sql, number).await?;
    let text = "UPDATE things SET names = $1, at = $2, opens = $3 WHERE number = $4";
    let opens = i64::from(rules.opens.contains(&told.kind));
    sql.execute(text, &[Param::text(&written), Param::Int(facts.at), Param::Int(opens), Param::Int(number)]).await?;
    let mut hashes = BTreeSet::from([value_hash(is_test, &told.key)]);
    for Reference { scheme, value } in &told.refs {
        hashes.insert(name_hash(is_test, scheme, value));
        hashes.insert(value_hash(is_test, value));
        if is_catalogue && scheme == SKU {
            hashes.insert(catalogue_hash(is_test, value));
        }
    }
    if is_catalogue {
        hashes.extend(facts.goods.iter().map(|sku| catalogue_hash(is_test, sku)));
    }
    for hash in &hashes {
        let text = "INSERT INTO thing_names (hash, thing) VALUES ($1, $2)";
        sql.execute(text, &[Param::Bytes(hash), Param::Int(number)]).await?;
    }
    if !is_catalogue {
        let named = told.refs.iter().filter(|reference| reference.scheme == SKU).map(|reference| &reference.value);
        let goods: BTreeSet<[u8; 16]> =
            facts.goods.iter().chain(named).map(|sku| catalogue_hash(is_test, sku)).collect();
        for hash in &goods {
            let text = "INSERT INTO thing_goods (thing, catalogue) VALUES ($1, $2)";
            sql.execute(text, &[Param::Int(number), Param::Bytes(hash)]).await?;
        }
    }
    Ok(is_other)
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
const COLUMNS: &str = "things.number, things.hash, opens, first_at, at, names";

fn read(mut row: Row) -> Result<Thing<i64>, JournalError> {
    let (id, hash) = (row.int()?, row.bytes()?);
    let hash: [u8; 16] =
        hash.try_into().map_err(|_| JournalError::Unreadable("a thing's hash has not 16 bytes".to_owned()))?;
    let (opens, first_at, at) = (row.int()? != 0, row.int()?, row.int()?);
    Ok(Thing { id, opens, first: (first_at, hash), at, names: row.json()? })
}

pub(super) async fn load<S: Sql>(sql: &mut S, number: i64) -> Step<Option<Thing<i64>>> {
    let text = format!("SELECT {COLUMNS} FROM things WHERE number = $1");
    Ok(sql.query(&text, &[Param::Int(number)]).await?.pop().map(read).transpose()?)
}

/// Those that carry a name, at most so many.
pub(super) async fn carriers<S: Sql>(sql: &mut S, is_test: bool, name: &Name, most: usize) -> Step<Vec<Thing<i64>>> {
    let text = format!(
        "SELECT {COLUMNS} FROM thing_names JOIN things ON things.number = thing_names.thing \
         WHERE thing_names.hash = $1 ORDER BY things.number LIMIT $2"
    );
    let hash = name_hash(is_test, &name.scheme, &name.value);
    let rows = sql.query(&text, &[Param::Bytes(&hash), Param::count(most as u64)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// Keeps since when things are tied to more than a shipment can be made of; nothing where they are not.
pub(super) async fn overfull<S: Sql>(sql: &mut S, numbers: &BTreeSet<i64>, since: Option<Timestamp>) -> Step<()> {
    for number in numbers {
        let text = match since {
            Some(_) => "UPDATE things SET overfull_since = coalesce(overfull_since, $1) WHERE number = $2",
            None => "UPDATE things SET overfull_since = $1 WHERE number = $2 AND overfull_since IS NOT NULL",
        };
        sql.execute(text, &[Param::optional(since, Param::time), Param::Int(*number)]).await?;
    }
    Ok(())
}
