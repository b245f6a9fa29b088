//! Documents become versions of things: all that are looked at in one step at once, in as few statements for many as for one.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use portgate_core::shipment::{self, Facts, ShipmentRules, ThingName, Version};

use super::found::{FoundBy, find_by};
use super::{Change, Kept, ToldDocument, carried, hash, opens, placements, written};
use crate::id::ExchangeId;
use crate::statements::table::table;
use crate::statements::value::{Param, Row};
use crate::statements::{Sql, Step};

/// A thing as it is kept.
struct Stand {
    number: i64,
    names: String,
    at: i64,
    opens: bool,
    first_at: i64,
    is_overfull: bool,
    is_placed: bool,
}

struct ThingRow<'a> {
    hash: [u8; 16],
    first_at: i64,
    counting: &'a Counting<'a>,
    now: Timestamp,
}

table! {
    things(row: ThingRow<'_>) {
        hash: Bytes = Param::Bytes(&row.hash),
        sender: Text = Param::text(&row.counting.told.sender),
        kind: Text = Param::text(&row.counting.told.kind),
        key: Text = Param::text(&row.counting.told.key),
        opens: Int = Param::Int(i64::from(row.counting.opens)),
        first_at: Int = Param::Int(row.first_at),
        at: Int = Param::Int(row.counting.facts.at),
        names: Text = Param::text(&row.counting.written),
        seen_at: Int = Param::time(row.now),
        held: Int = Param::Int(1),
    }
}

struct VersionRow<'a> {
    thing: i64,
    told: &'a ToldDocument,
    facts: &'a Facts,
}

table! {
    thing_versions(row: VersionRow<'_>) {
        thing: Int = Param::Int(row.thing),
        exchange: Id = Param::Id(row.told.exchange.0),
        position: Int = Param::count(row.told.position),
        version: Text = Param::text(&row.facts.version),
        recorded_at: Int = Param::Int(row.facts.recorded_at),
        sha256: Bytes = Param::Bytes(&row.told.sha256),
    }
}

/// A version and the document that it is.
type Dated = (Version, (ExchangeId, u32));

/// The documents of one thing among those that came.
struct Came<'a> {
    hash: [u8; 16],
    documents: Vec<(&'a ToldDocument, &'a Facts)>,
}

/// The document that counts for a thing from now on.
struct Counting<'a> {
    told: &'a ToldDocument,
    facts: &'a Facts,
    opens: bool,
    names: Vec<ThingName>,
    /// The names as they are kept.
    written: String,
}

/// What a thing is after documents came.
struct Outcome<'a> {
    came: &'a Came<'a>,
    first_at: i64,
    /// The document that counts, if it is one of those that came.
    counting: Option<Counting<'a>>,
    change: Change,
}

/// Keeps these versions of things, and what counts of each thing now; gives the things in the order in which they came.
pub(crate) async fn keep<S: Sql>(
    sql: &mut S,
    rules: &ShipmentRules,
    told: &[ToldDocument],
    now: Timestamp,
) -> Step<Vec<Kept>> {
    let facts: Vec<Facts> = told.iter().map(|told| Facts::read(&told.body)).collect();
    let came = by_thing(told, &facts);
    let mut stands = stands(sql, came.iter().map(|came| came.hash)).await?;
    let mut versions = versions(sql, stands.values().map(|stand| stand.number)).await?;
    let mut outcomes = Vec::with_capacity(came.len());
    for came in &came {
        let stand = stands.get(&came.hash);
        let known = stand.and_then(|stand| versions.remove(&stand.number)).unwrap_or_default();
        outcomes.push(outcome(sql, rules, came, stand, known).await?);
    }
    let seen: Vec<i64> = stands.values().map(|stand| stand.number).collect();
    let new = insert(sql, &outcomes, &stands, now).await?;
    let inserted: BTreeSet<i64> = new.values().map(|stand| stand.number).collect();
    stands.extend(new);
    let numbered: Vec<(i64, Outcome<'_>)> =
        outcomes.into_iter().filter_map(|outcome| Some((stands.get(&outcome.came.hash)?.number, outcome))).collect();
    let mut rows = Vec::with_capacity(told.len());
    for (thing, outcome) in &numbered {
        rows.extend(outcome.came.documents.iter().map(|(told, facts)| VersionRow { thing: *thing, told, facts }));
    }
    sql.add(&rows).await?;
    update(sql, numbered.iter().filter(|(number, _)| !inserted.contains(number))).await?;
    see(sql, seen, now).await?;
    let found = |(number, Outcome { counting, .. }): &(i64, Outcome<'_>)| {
        let Counting { told, facts, names, .. } = counting.as_ref()?;
        Some((*number, FoundBy::of(rules, told, facts, names)))
    };
    find_by(sql, &numbered.iter().filter_map(found).collect(), &inserted).await?;
    Ok(numbered.into_iter().filter_map(|(number, outcome)| outcome.kept(number)).collect())
}

/// What a thing is that stands so, of which these versions are known, after documents came.
async fn outcome<'a, S: Sql>(
    sql: &mut S,
    rules: &ShipmentRules,
    came: &'a Came<'a>,
    stand: Option<&Stand>,
    known: Vec<Dated>,
) -> Step<Outcome<'a>> {
    let (first_at, counts) = came.among(known);
    let mut counting = None;
    if let Some((told, facts)) = counts {
        let placements = match stand.filter(|stand| stand.is_placed) {
            Some(stand) => placements(sql, stand.number).await?,
            None => Vec::new(),
        };
        let names = carried(rules, told, &placements);
        counting = Some(Counting { told, facts, opens: opens(rules, told), written: written(&names)?, names });
    }
    let is_other =
        |stand: &Stand, counting: &Counting<'_>| stand.names != counting.written || stand.at != counting.facts.at;
    let change = match (stand, &counting) {
        (Some(stand), Some(counting)) if is_other(stand, counting) => Change::Names,
        (Some(stand), Some(counting)) if stand.opens != counting.opens => Change::Itself,
        (Some(stand), _) if stand.first_at == first_at && !stand.is_overfull => Change::Nothing,
        _ => Change::Itself,
    };
    Ok(Outcome { came, first_at, counting, change })
}

/// Inserts things that were not there.
async fn insert<'o, S: Sql>(
    sql: &mut S,
    outcomes: &'o [Outcome<'o>],
    stands: &HashMap<[u8; 16], Stand>,
    now: Timestamp,
) -> Step<HashMap<[u8; 16], Stand>> {
    let new = outcomes.iter().filter(|outcome| !stands.contains_key(&outcome.came.hash));
    let row = |outcome: &'o Outcome<'o>| {
        let (hash, first_at, counting) = (outcome.came.hash, outcome.first_at, outcome.counting.as_ref()?);
        Some(ThingRow { hash, first_at, counting, now })
    };
    let rows: Vec<ThingRow<'_>> = new.filter_map(row).collect();
    sql.add(&rows).await?;
    self::stands(sql, rows.iter().map(|row| row.hash)).await
}

/// Keeps what is other of things that were there.
async fn update<'a, 'o: 'a, S: Sql>(sql: &mut S, outcomes: impl Iterator<Item = &'a (i64, Outcome<'o>)>) -> Step<()> {
    for (number, Outcome { first_at, counting, change, .. }) in outcomes {
        if *change == Change::Nothing {
            continue;
        }
        let text = "UPDATE things SET first_at = $1 WHERE number = $2";
        sql.execute(text, &[Param::Int(*first_at), Param::Int(*number)]).await?;
        if let Some(Counting { facts, opens, written, .. }) = counting {
            let text = "UPDATE things SET names = $1, at = $2, opens = $3 WHERE number = $4";
            let opens = Param::Int(i64::from(*opens));
            sql.execute(text, &[Param::text(written), Param::Int(facts.at), opens, Param::Int(*number)]).await?;
        }
    }
    Ok(())
}

/// Keeps that something came to things now.
async fn see<S: Sql>(sql: &mut S, things: Vec<i64>, now: Timestamp) -> Step<()> {
    if things.is_empty() {
        return Ok(());
    }
    let text = format!("UPDATE things SET seen_at = $1, held = 1 WHERE number {}", S::among(2));
    sql.execute(&text, &[Param::time(now), Param::numbers(things)]).await?;
    Ok(())
}

impl Outcome<'_> {
    fn kept(self, number: i64) -> Option<Kept> {
        let (first, _) = self.came.documents.first()?;
        let came = self.came.documents.iter().map(|(told, _)| (told.exchange, told.position)).collect();
        Some(Kept { number, sender: first.sender.clone(), kind: first.kind.clone(), came, change: self.change })
    }
}

/// The documents of each thing, in the order in which they came.
fn by_thing<'a>(told: &'a [ToldDocument], facts: &'a [Facts]) -> Vec<Came<'a>> {
    let mut all: Vec<Came<'a>> = Vec::new();
    let mut places: HashMap<[u8; 16], usize> = HashMap::new();
    for (told, facts) in told.iter().zip(facts) {
        let hash = hash(&told.sender, &told.kind, &told.key);
        let place = *places.entry(hash).or_insert(all.len());
        if place == all.len() {
            all.push(Came { hash, documents: Vec::new() });
        }
        if let Some(came) = all.get_mut(place) {
            came.documents.push((told, facts));
        }
    }
    all
}

impl<'a> Came<'a> {
    /// When the first of all versions was recorded, in seconds since 1970, and the one that counts, where it is among those that
    /// came.
    fn among(&self, known: Vec<Dated>) -> (i64, Option<(&'a ToldDocument, &'a Facts)>) {
        let mut all: Vec<(Version, Option<usize>)> = Vec::with_capacity(known.len() + self.documents.len());
        let is_known = |told: &ToldDocument| known.iter().any(|(_, place)| *place == (told.exchange, told.position));
        for (index, (told, facts)) in self.documents.iter().enumerate().filter(|(_, (told, _))| !is_known(told)) {
            let version =
                Version { version: facts.version.clone(), recorded_at: facts.recorded_at, sha256: told.sha256 };
            all.push((version, Some(index)));
        }
        all.extend(known.into_iter().map(|(version, _)| (version, None)));
        let first = all.iter().map(|(version, _)| version.recorded_at).min().unwrap_or_default();
        shipment::in_order(&mut all, |(version, _)| version);
        let counts = all.pop().and_then(|(_, index)| self.documents.get(index?).copied());
        // As the database divides.
        (first / 1_000_000, counts)
    }
}

/// The things of these hashes, as far as there are any.
async fn stands<S: Sql>(sql: &mut S, hashes: impl Iterator<Item = [u8; 16]>) -> Step<HashMap<[u8; 16], Stand>> {
    let hashes: BTreeSet<[u8; 16]> = hashes.collect();
    if hashes.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "SELECT hash, number, names, at, opens, first_at, overfull_since, \
         (SELECT count(*) FROM shipment_places WHERE thing = things.number) FROM things WHERE hash {}",
        S::among(1)
    );
    let mut stands = HashMap::new();
    for mut row in sql.query(&text, &[Param::hashes(&hashes)]).await? {
        let hash = row.hash()?;
        let stand = Stand {
            number: row.int()?,
            names: row.text()?,
            at: row.int()?,
            opens: row.int()? != 0,
            first_at: row.int()?,
            is_overfull: row.optional(Row::int)?.is_some(),
            is_placed: row.int()? > 0,
        };
        stands.insert(hash, stand);
    }
    Ok(stands)
}

/// All versions of these things.
async fn versions<S: Sql>(sql: &mut S, things: impl Iterator<Item = i64>) -> Step<HashMap<i64, Vec<Dated>>> {
    let mut versions: HashMap<i64, Vec<Dated>> = HashMap::new();
    let text = format!(
        "SELECT thing, version, recorded_at, sha256, exchange, position FROM thing_versions WHERE thing {}",
        S::among(1)
    );
    for mut row in sql.query(&text, &[Param::numbers(things)]).await? {
        let thing = row.int()?;
        let version = Version { version: row.text()?, recorded_at: row.int()?, sha256: row.digest()? };
        versions.entry(thing).or_default().push((version, (ExchangeId(row.id()?), row.count()?)));
    }
    Ok(versions)
}
