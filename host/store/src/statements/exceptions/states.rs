//! What a partner said, and what it was told: what its own list of states is held against.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use portgate_core::document::Reference;
use portgate_core::reconciliation::KnownState;
use portgate_core::shipment::{self, Version};
use serde_json::Value;

use crate::error::JournalError;
use crate::statements::value::{Param, Row};
use crate::statements::{LIMIT_MAX, Sql, Step, limited};

/// The partner, since when, and behind which one.
pub(crate) type Asked = (String, Timestamp, i64);

/// What was found, and where it goes on; nothing where that is all.
pub(crate) type Found = (Vec<KnownState>, Option<i64>);

/// A document as it is known, and its place among the versions of its thing.
fn read(row: &mut Row, is_theirs: bool) -> Result<Option<(Version, KnownState)>, JournalError> {
    let (kind, id, version, recorded_at) = (row.text()?, row.text()?, row.text()?, row.int()?);
    let (sha256, refs) = (row.digest()?, row.optional(Row::json::<Vec<Reference>>)?);
    let body: Option<Value> = row.optional(Row::bytes)?.and_then(|body| serde_json::from_slice(&body).ok());
    let (Some(refs), Some(body)) = (refs, body) else { return Ok(None) };
    let version = if is_theirs { version } else { body["version"].as_str().unwrap_or_default().to_owned() };
    let known = KnownState {
        references: references(refs, &body),
        kind,
        id,
        version: version.clone(),
        state: body["status"].as_str().filter(|_| is_theirs).map(str::to_owned),
        at: Timestamp::from_microsecond(recorded_at).unwrap_or_default(),
        is_theirs,
    };
    Ok(Some((Version { version, recorded_at, sha256 }, known)))
}

/// All names of a document: those that its plugin gave it, and its own.
fn references(refs: Vec<Reference>, body: &Value) -> BTreeSet<(String, String)> {
    let mut all: BTreeSet<(String, String)> = refs.into_iter().map(|named| (named.scheme, named.value)).collect();
    for scheme in ["lrn", "mrn", "ucr"] {
        if let Some(value) = body[scheme].as_str() {
            all.insert((scheme.to_owned(), value.to_owned()));
        }
    }
    all
}

/// What the partner said: of each document the version that counts.
pub(crate) async fn said<S: Sql>(sql: &mut S, (partner, since, after): &Asked) -> Step<Found> {
    let text = "SELECT things.number, things.kind, things.key, version, recorded_at, thing_versions.sha256, documents.refs, \
                documents.body FROM (SELECT number, kind, key FROM things WHERE sender = $1 AND number > $2 AND seen_at >= $3 \
                ORDER BY number LIMIT $4) AS things JOIN thing_versions ON thing_versions.thing = things.number \
                LEFT JOIN documents ON documents.exchange = thing_versions.exchange \
                AND documents.position = thing_versions.position ORDER BY things.number";
    let params = [Param::text(partner), Param::Int(*after), Param::time(*since), limited(LIMIT_MAX)];
    let mut by_thing: BTreeMap<i64, Vec<(Version, KnownState)>> = BTreeMap::new();
    for mut row in sql.query(text, &params).await? {
        let number = row.int()?;
        by_thing.entry(number).or_default().extend(read(&mut row, true)?);
    }
    let last = by_thing.keys().next_back().copied().filter(|_| by_thing.len() == LIMIT_MAX as usize);
    let current = |mut versions: Vec<(Version, KnownState)>| {
        shipment::in_order(&mut versions, |(version, _)| version);
        versions.pop().map(|(_, known)| known)
    };
    Ok((by_thing.into_values().filter_map(current).collect(), last))
}

/// What the partner was told: the documents of deliveries that it has.
pub(crate) async fn told<S: Sql>(sql: &mut S, (partner, since, after): &Asked) -> Step<Found> {
    let text = "SELECT deliveries.number, deliveries.documents, documents.position, documents.kind, documents.key, '', settled_at, \
                documents.sha256, documents.refs, documents.body FROM (SELECT number, exchange, documents, settled_at \
                FROM deliveries WHERE destination = $1 AND number > $2 AND state = 'delivered' AND settled_at >= $3 \
                ORDER BY number LIMIT $4) AS deliveries JOIN documents ON documents.exchange = deliveries.exchange \
                ORDER BY deliveries.number";
    let params = [Param::text(partner), Param::Int(*after), Param::time(*since), limited(LIMIT_MAX)];
    let (mut found, mut numbers) = (Vec::new(), BTreeSet::new());
    for mut row in sql.query(text, &params).await? {
        let (number, positions, position): (_, Vec<u32>, u32) = (row.int()?, row.json()?, row.count()?);
        numbers.insert(number);
        if let Some((_, known)) = read(&mut row, false)?.filter(|_| positions.contains(&position)) {
            found.push(known);
        }
    }
    let last = numbers.last().copied().filter(|_| numbers.len() == LIMIT_MAX as usize);
    Ok((found, last))
}
