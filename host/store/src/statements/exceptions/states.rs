//! What a partner said, what it was told, and what customs answered to that: what its own list of states is held against.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use portgate_core::document::Reference;
use portgate_core::reconciliation::{KnownState, Whose};
use portgate_core::sender;
use portgate_core::shipment::{self, Version};
use serde_json::Value;

use crate::error::JournalError;
use crate::exception::{AskedStates, StatesPlace};
use crate::statements::shipment_names::name_hash;
use crate::statements::value::{Param, Row};
use crate::statements::{Sql, Step, limited};

/// Documents or deliveries that are looked at at once: all that is said of them is in memory.
const PAGE: u32 = 200;
/// The names that a declaration goes by; what carries one of them is of the same.
const OWN: [&str; 2] = ["lrn", "mrn"];
/// What is declared, and what customs says of it.
const DECLARATION: &str = "customs-declaration";
const STATUS: &str = "customs-status";
/// What tells where a filing stands here.
const FILING: &str = "filing";

/// A name, as scheme and value.
type Name = (String, String);

/// What was found, and where it goes on; nothing where that is all.
pub(crate) type Found = (Vec<KnownState>, Option<StatesPlace>);

/// A document as it is known, and its place among the versions of its thing.
fn read(row: &mut Row, whose: Whose) -> Result<Option<(Version, KnownState)>, JournalError> {
    let (kind, id, version, recorded_at) = (row.text()?, row.text()?, row.text()?, row.int()?);
    let (sha256, refs) = (row.digest()?, row.optional(Row::json::<Vec<Reference>>)?);
    let body: Option<Value> = row.optional(Row::bytes)?.and_then(|body| serde_json::from_slice(&body).ok());
    let (Some(refs), Some(body)) = (refs, body) else { return Ok(None) };
    let is_told = whose == Whose::Told;
    let version = if is_told { body["version"].as_str().unwrap_or_default().to_owned() } else { version };
    let known = KnownState {
        references: references(refs, &body),
        kind,
        id,
        version: version.clone(),
        state: body["status"].as_str().filter(|_| !is_told).map(str::to_owned),
        at: Timestamp::from_microsecond(recorded_at).unwrap_or_default(),
        whose,
    };
    Ok(Some((Version { version, recorded_at, sha256 }, known)))
}

/// All names of a document: those that its plugin gave it, and its own.
fn references(refs: Vec<Reference>, body: &Value) -> BTreeSet<Name> {
    let mut all: BTreeSet<Name> = refs.into_iter().map(|named| (named.scheme, named.value)).collect();
    for scheme in ["lrn", "mrn", "ucr"] {
        if let Some(value) = body[scheme].as_str() {
            all.insert((scheme.to_owned(), value.to_owned()));
        }
    }
    all
}

/// The next page of what is known of a partner.
pub(crate) async fn known<S: Sql>(sql: &mut S, asked: &AskedStates) -> Step<Found> {
    let (mut page, next) = match asked.after {
        StatesPlace::Said(after) => said(sql, asked, after).await?,
        StatesPlace::Told(after) => told(sql, asked, after).await?,
    };
    let (beside, names) = beside(sql, asked, &page).await?;
    let declared: Vec<String> = page.iter().filter(|one| one.whose == Whose::Told).filter_map(lrn).collect();
    page.extend(beside);
    for lrn in &declared {
        page.extend(filed(sql, asked, lrn).await?);
    }
    for one in &mut page {
        if let Some(all) = names.iter().find(|all| !all.is_disjoint(&one.references)) {
            one.references.extend(all.iter().cloned());
        }
    }
    Ok((page, next))
}

fn lrn(one: &KnownState) -> Option<String> {
    one.references.iter().find(|(scheme, _)| scheme == OWN[0]).map(|(_, value)| value.clone())
}

/// What the partner said: of each document the version that counts.
async fn said<S: Sql>(sql: &mut S, asked: &AskedStates, after: i64) -> Step<Found> {
    let text = "SELECT things.number, things.kind, things.key, version, recorded_at, thing_versions.sha256, documents.refs, \
                documents.body FROM (SELECT number, kind, key FROM things WHERE sender = $1 AND number > $2 AND seen_at >= $3 \
                ORDER BY number LIMIT $4) AS things JOIN thing_versions ON thing_versions.thing = things.number \
                LEFT JOIN documents ON documents.exchange = thing_versions.exchange \
                AND documents.position = thing_versions.position ORDER BY things.number";
    let params = [Param::text(&asked.partner), Param::Int(after), Param::time(asked.since), limited(PAGE)];
    let mut by_thing: BTreeMap<i64, Vec<(Version, KnownState)>> = BTreeMap::new();
    for mut row in sql.query(text, &params).await? {
        let number = row.int()?;
        by_thing.entry(number).or_default().extend(read(&mut row, Whose::Said)?);
    }
    let last = by_thing.keys().next_back().copied().filter(|_| by_thing.len() == PAGE as usize);
    let next = last.map_or(StatesPlace::Told(0), StatesPlace::Said);
    Ok((by_thing.into_values().filter_map(current).collect(), Some(next)))
}

fn current(mut versions: Vec<(Version, KnownState)>) -> Option<KnownState> {
    shipment::in_order(&mut versions, |(version, _)| version);
    versions.pop().map(|(_, known)| known)
}

/// What the partner was told: the documents of deliveries that it has.
async fn told<S: Sql>(sql: &mut S, asked: &AskedStates, after: i64) -> Step<Found> {
    let text = "SELECT deliveries.number, deliveries.documents, documents.position, documents.kind, documents.key, '', settled_at, \
                documents.sha256, documents.refs, documents.body FROM (SELECT number, exchange, documents, settled_at \
                FROM deliveries WHERE destination = $1 AND number > $2 AND state = 'delivered' AND settled_at >= $3 \
                ORDER BY number LIMIT $4) AS deliveries JOIN documents ON documents.exchange = deliveries.exchange \
                ORDER BY deliveries.number";
    let params = [Param::text(&asked.partner), Param::Int(after), Param::time(asked.since), limited(PAGE)];
    let (mut found, mut numbers) = (Vec::new(), BTreeSet::new());
    for mut row in sql.query(text, &params).await? {
        let (number, positions, position): (_, Vec<u32>, u32) = (row.int()?, row.json()?, row.count()?);
        numbers.insert(number);
        if let Some((_, known)) = read(&mut row, Whose::Told)?.filter(|_| positions.contains(&position)) {
            found.push(known);
        }
    }
    let last = numbers.last().copied().filter(|_| numbers.len() == PAGE as usize);
    Ok((found, last.map(StatesPlace::Told)))
}

/// What customs says of the declarations that the partner was sent on this page; and of each declaration that the page speaks of the
/// names that it goes by, by whoever names it.
async fn beside<S: Sql>(
    sql: &mut S,
    asked: &AskedStates,
    page: &[KnownState],
) -> Step<(Vec<KnownState>, Vec<BTreeSet<Name>>)> {
    let own = |one: &KnownState| -> BTreeSet<Name> {
        one.references.iter().filter(|(scheme, _)| OWN.contains(&scheme.as_str())).cloned().collect()
    };
    let mut groups: Vec<BTreeSet<Name>> = page.iter().map(own).collect();
    let (mut names, mut wanted) = (BTreeSet::new(), groups.iter().flatten().cloned().collect::<BTreeSet<Name>>());
    let mut things: BTreeMap<i64, (String, KnownState)> = BTreeMap::new();
    // What names a declaration otherwise is found by a word that names it both ways.
    while !wanted.is_empty() {
        let found = naming(sql, asked, &wanted).await?;
        names.extend(wanted);
        groups.extend(found.values().map(|(_, known)| own(known)));
        things.extend(found);
        wanted = groups.iter().flatten().filter(|name| !names.contains(*name)).cloned().collect();
    }
    let names = joined(groups);
    let sent: BTreeSet<Name> =
        page.iter().filter(|one| one.whose == Whose::Told && one.kind == DECLARATION).flat_map(own).collect();
    let sent: BTreeSet<&Name> = names.iter().filter(|all| !all.is_disjoint(&sent)).flatten().collect();
    let answers = |(sender, known): (String, KnownState)| {
        let speaks = asked.answering.as_ref().is_none_or(|answering| answering.contains(&sender));
        let is_one = known.kind == STATUS && sender != asked.partner && !sender::is_gateway(&sender);
        (is_one && speaks && own(&known).iter().any(|name| sent.contains(name))).then_some(known)
    };
    Ok((things.into_values().filter_map(answers).collect(), names))
}

/// What carries one of these names and speaks of declarations, by its number, with who says it: of each the version that counts.
async fn naming<S: Sql>(
    sql: &mut S,
    asked: &AskedStates,
    names: &BTreeSet<Name>,
) -> Step<BTreeMap<i64, (String, KnownState)>> {
    let is_test = sender::is_test(&asked.partner);
    let hashes: Vec<[u8; 16]> = names.iter().map(|(scheme, value)| name_hash(is_test, scheme, value)).collect();
    let text = format!(
        "SELECT things.number, sender, things.kind, things.key, version, recorded_at, thing_versions.sha256, documents.refs, \
         documents.body FROM (SELECT DISTINCT thing FROM thing_names WHERE hash {}) AS named \
         JOIN things ON things.number = named.thing AND things.kind IN ('{STATUS}', '{DECLARATION}') \
         JOIN thing_versions ON thing_versions.thing = things.number LEFT JOIN documents \
         ON documents.exchange = thing_versions.exchange AND documents.position = thing_versions.position ORDER BY things.number",
        S::among(1)
    );
    let mut by_thing: BTreeMap<i64, (String, Vec<(Version, KnownState)>)> = BTreeMap::new();
    for mut row in sql.query(&text, &[Param::hashes(&hashes)]).await? {
        let (number, sender) = (row.int()?, row.text()?);
        let (_, versions) = by_thing.entry(number).or_insert((sender, Vec::new()));
        versions.extend(read(&mut row, Whose::Answered)?);
    }
    let counting = by_thing.into_iter().filter_map(|(number, (sender, all))| Some((number, (sender, current(all)?))));
    Ok(counting.collect())
}

/// Sets of names of which no two have one in common.
fn joined(groups: Vec<BTreeSet<Name>>) -> Vec<BTreeSet<Name>> {
    let mut all: Vec<BTreeSet<Name>> = Vec::new();
    for mut group in groups.into_iter().filter(|group| !group.is_empty()) {
        let (same, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|known| !known.is_disjoint(&group));
        group.extend(same.into_iter().flatten());
        all = others;
        all.push(group);
    }
    all
}

/// Where the filing of this local reference number stands, if it is one that goes to the partner.
async fn filed<S: Sql>(sql: &mut S, asked: &AskedStates, lrn: &str) -> Step<Vec<KnownState>> {
    let text = "SELECT name, state, mrn, changed_at FROM filings WHERE lrn = $1";
    let read = |mut row: Row| -> Result<Option<KnownState>, JournalError> {
        let (name, state, mrn, at) = (row.text()?, row.text()?, row.optional(Row::text)?, row.time()?);
        let named = [(OWN[0], Some(lrn.to_owned())), (OWN[1], mrn)];
        let references = named.into_iter().filter_map(|(scheme, value)| Some((scheme.to_owned(), value?))).collect();
        let (kind, id, whose) = (FILING.to_owned(), lrn.to_owned(), Whose::Filed);
        let known = KnownState { references, kind, id, version: String::new(), state: Some(state), at, whose };
        Ok(asked.filings.contains(&name).then_some(known))
    };
    let rows = sql.query(text, &[Param::text(lrn)]).await?;
    let found: Vec<Option<KnownState>> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}
