//! Things: kept from documents, and read as the decision wants them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use portgate_core::document::Reference;
use portgate_core::sender;
use portgate_core::shipment::placement::PLACED;
use portgate_core::shipment::{self, Facts, Name, Placement, ShipmentRules, Thing, ThingName, Tie, Version, Wanted};

use super::{catalogue_hash, name_hash, party_hash, value_hash};
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
    /// The document that came, if one did.
    pub(super) came: Option<(ExchangeId, u32)>,
    /// Whether other names count for it now.
    pub(super) is_named_otherwise: bool,
}

pub(super) fn hash(sender: &str, kind: &str, key: &str) -> [u8; 16] {
    key_hash("thing", sender, kind, key)
}

/// Whether a document begins a shipment. What the gateway made of one begins no other.
fn opens(rules: &ShipmentRules, told: &ToldDocument) -> bool {
    rules.opens.contains(&told.kind) && !sender::is_gateway(&told.sender)
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
    Ok(Kept { number, came: Some((told.exchange, told.position)), is_named_otherwise })
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
        kept.push(Kept { number, came: None, is_named_otherwise: true });
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
        Param::Int(i64::from(opens(rules, told))),
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
    for table in ["thing_names", "thing_windows", "thing_goods"] {
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
    let mut names = if is_catalogue { Vec::new() } else { shipment::names(rules, &told.refs) };
    let text = "SELECT names, at, (SELECT count(*) FROM shipment_places WHERE thing = things.number) FROM things \
                WHERE number = $1";
    let before = sql.query(text, &[Param::Int(number)]).await?.pop();
    let before: Option<(String, i64, i64)> =
        before.map(|mut row| Ok::<_, JournalError>((row.text()?, row.int()?, row.int()?))).transpose()?;
    if before.as_ref().is_some_and(|(.., placements)| *placements > 0) {
        names = shipment::place(names, &placements(sql, number).await?);
    }
    let written = serde_json::to_string(&names).map_err(|error| JournalError::Unreadable(error.to_string()))?;
    let is_other = before.as_ref().is_none_or(|(names, at, _)| *names != written || *at != facts.at);
    if before.as_ref().is_some_and(|(_, at, _)| *at != facts.at) {
        sql.execute("DELETE FROM thing_windows WHERE thing = $1", &[Param::Int(number)]).await?;
    }
    let text = "UPDATE things SET names = $1, at = $2, opens = $3 WHERE number = $4";
    let opens = i64::from(opens(rules, told));
    sql.execute(text, &[Param::text(&written), Param::Int(facts.at), Param::Int(opens), Param::Int(number)]).await?;
    let mut hashes = BTreeSet::from([value_hash(is_test, &told.key)]);
    // What an act tied it to; what an act took away it is still found by, and ties nothing.
    for ThingName { name: Name { scheme, value }, .. } in names.iter().filter(|name| name.name.scheme == PLACED) {
        hashes.insert(name_hash(is_test, scheme, value));
    }
    for Reference { scheme, value } in &told.refs {
        hashes.insert(name_hash(is_test, scheme, value));
        hashes.insert(value_hash(is_test, value));
        if is_catalogue && scheme == SKU {
            hashes.insert(catalogue_hash(is_test, value));
        }
    }
    hashes.extend(facts.parties.iter().map(|(scheme, value)| party_hash(is_test, scheme, value)));
    if is_catalogue {
        hashes.extend(facts.goods.iter().map(|sku| catalogue_hash(is_test, sku)));
    }
    let windows: BTreeSet<[u8; 16]> = names
        .iter()
        .filter(|name| matches!(name.tie, Tie::Windowed { .. }))
        .map(|ThingName { name: Name { scheme, value }, .. }| name_hash(is_test, scheme, value))
        .collect();
    let named = told.refs.iter().filter(|reference| reference.scheme == SKU).map(|reference| &reference.value);
    let goods: BTreeSet<[u8; 16]> = match is_catalogue {
        true => BTreeSet::new(),
        false => facts.goods.iter().chain(named).map(|sku| catalogue_hash(is_test, sku)).collect(),
    };
    found_by(sql, ("thing_names", "hash"), number, &hashes, None).await?;
    found_by(sql, ("thing_windows", "hash"), number, &windows, Some(facts.at)).await?;
    found_by(sql, ("thing_goods", "catalogue"), number, &goods, None).await?;
    Ok(is_other)
}

/// Has a thing be found by these in a table, and by no others. Mostly a later version is found by what the one before was, so it
/// is looked first: rows that stay cost no page.
async fn found_by<S: Sql>(
    sql: &mut S,
    (table, column): (&str, &str),
    number: i64,
    wanted: &BTreeSet<[u8; 16]>,
    at: Option<i64>,
) -> Step<()> {
    let rows = sql.query(&format!("SELECT {column} FROM {table} WHERE thing = $1"), &[Param::Int(number)]).await?;
    let known: BTreeSet<Vec<u8>> = rows.into_iter().map(|mut row| row.bytes()).collect::<Result<_, JournalError>>()?;
    for hash in known.iter().filter(|known| !wanted.iter().any(|wanted| wanted[..] == known[..])) {
        let text = format!("DELETE FROM {table} WHERE thing = $1 AND {column} = $2");
        sql.execute(&text, &[Param::Int(number), Param::Bytes(hash)]).await?;
    }
    for hash in wanted.iter().filter(|wanted| !known.contains(&wanted[..])) {
        let mut params = vec![Param::Bytes(hash), Param::Int(number)];
        params.extend(at.map(Param::Int));
        let text = match at {
            Some(_) => format!("INSERT INTO {table} ({column}, thing, at) VALUES ($1, $2, $3)"),
            None => format!("INSERT INTO {table} ({column}, thing) VALUES ($1, $2)"),
        };
        sql.execute(&text, &params).await?;
    }
    Ok(())
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
        let facts = Facts::read(&told.body);
        name(sql, rules, number, &told, &facts).await?;
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
pub(super) async fn carriers<S: Sql>(
    sql: &mut S,
    is_test: bool,
    wanted: &Wanted,
    most: usize,
) -> Step<Vec<Thing<i64>>> {
    let Wanted { name, between } = wanted;
    let hash = name_hash(is_test, &name.scheme, &name.value);
    let mut params = vec![Param::Bytes(&hash)];
    let (table, within) = match between {
        Some((from, to)) => {
            params.extend([Param::Int(*from), Param::Int(*to)]);
            ("thing_windows", "AND carried.at >= $2 AND carried.at < $3")
        }
        None => ("thing_names", ""),
    };
    params.push(Param::count(most as u64));
    let text = format!(
        "SELECT {COLUMNS} FROM {table} AS carried JOIN things ON things.number = carried.thing \
         WHERE carried.hash = $1 {within} ORDER BY things.number LIMIT ${}",
        params.len()
    );
    let rows = sql.query(&text, &params).await?;
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
