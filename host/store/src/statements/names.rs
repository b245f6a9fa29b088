//! What exchanges are found by: gathered as it comes, packed once there is much, and looked up.
//!
//! See the schema for why it is no plain index: names come in no order, so that an index with a row for each would have
//! every message write a page for each of its names.

use std::collections::BTreeSet;

use jiff::Timestamp;
use portgate_core::document::Reference;
use portgate_core::finding::Finding;
use uuid::Uuid;

use super::value::{Param, Row};
use super::{Sql, Step};
use crate::id::{ExchangeId, first_at};
use crate::name::{self, Name, Wanted};

const NAME_BYTES: usize = 8;
const ENTRY_BYTES: usize = NAME_BYTES + 16;
/// Buckets of a pack, by the first bits of the hash.
const BUCKETS: usize = 128;
/// So many entries are packed as soon as they are there: some sixty for each bucket, which is a row that fits its page.
/// Packing so many keeps others from the journal for one or two milliseconds.
const PACK_ENTRIES: usize = 8_192;
/// How many rows are looked at to find that many entries.
const GATHERED_ROWS: u32 = 8_192;
/// How many exchanges from before there were names are named at once.
const MISSING_STEP: u32 = 200;
/// The lock that keeps two gateways from packing the same entries. No destination has this name.
const LANE: (&str, &str) = (" ", "names");

fn bucket(name: Name) -> usize {
    usize::from(name.0[0] >> 1)
}

/// An exchange's names as entries.
pub(crate) fn entries(exchange: ExchangeId, names: &[Name]) -> Vec<u8> {
    let entry = |name: &Name| [&name.0[..], exchange.0.as_bytes()].concat();
    names.iter().flat_map(entry).collect()
}

/// The exchanges that entries have for a name.
fn named(entries: &[u8], name: Name) -> impl Iterator<Item = Uuid> {
    let entries = entries.chunks_exact(ENTRY_BYTES).filter(move |entry| entry[..NAME_BYTES] == name.0);
    entries.filter_map(|entry| Uuid::from_slice(&entry[NAME_BYTES..]).ok())
}

/// How many entries wait to be packed: only the rows that a pack can take are counted.
pub(crate) async fn waiting<S: Sql>(sql: &mut S) -> Step<usize> {
    let text = "SELECT coalesce(sum(length(entries)), 0) FROM (SELECT entries FROM names_gathered ORDER BY number \
                LIMIT $1) AS oldest";
    let bytes: u64 = match sql.query(text, &[Param::count(GATHERED_ROWS)]).await?.pop() {
        Some(mut row) => row.count()?,
        None => 0,
    };
    Ok(usize::try_from(bytes).unwrap_or(usize::MAX) / ENTRY_BYTES)
}

/// Whether there is enough for a pack.
pub(crate) async fn is_pack_due<S: Sql>(sql: &mut S) -> Step<bool> {
    Ok(waiting(sql).await? >= PACK_ENTRIES)
}

/// Packs the oldest entries, if there are enough. Gives back how many.
pub(crate) async fn pack<S: Sql>(sql: &mut S) -> Step<u64> {
    sql.lock_lanes(&[LANE]).await?;
    let Some((last, rows)) = enough(sql).await? else { return Ok(0) };
    // Exactly the rows that are removed are given back. A row that becomes visible in between is packed or stays, so
    // nothing is lost.
    let text = "DELETE FROM names_gathered WHERE number IN (SELECT number FROM names_gathered WHERE number <= $1 \
                ORDER BY number LIMIT $2) RETURNING entries";
    let (mut buckets, mut newest, mut count) = (vec![Vec::new(); BUCKETS], Uuid::nil(), 0);
    for mut row in sql.query(text, &[Param::Int(last), Param::count(rows)]).await? {
        for entry in row.bytes()?.chunks_exact(ENTRY_BYTES) {
            let name: [u8; NAME_BYTES] = entry[..NAME_BYTES].try_into().expect("an entry begins with a name");
            newest = newest.max(Uuid::from_slice(&entry[NAME_BYTES..]).unwrap_or_default());
            buckets[bucket(Name(name))].extend_from_slice(entry);
            count += 1;
        }
    }
    let text = "INSERT INTO name_packs (newest) VALUES ($1) RETURNING number";
    let mut row = sql.query(text, &[Param::Id(newest)]).await?.pop().unwrap_or_else(|| Row::new(Vec::new()));
    let pack = row.int()?;
    let text = "INSERT INTO names_packed (bucket, pack, entries) VALUES ($1, $2, $3)";
    for (bucket, entries) in buckets.iter().enumerate().filter(|(_, entries)| !entries.is_empty()) {
        sql.execute(text, &[Param::count(bucket as u64), Param::Int(pack), Param::Bytes(entries)]).await?;
    }
    Ok(count)
}

/// The last of the oldest rows that have enough for a pack, and how many rows that are.
async fn enough<S: Sql>(sql: &mut S) -> Step<Option<(i64, u64)>> {
    let text = "SELECT number, length(entries) FROM names_gathered ORDER BY number LIMIT $1";
    let mut entries = 0;
    for (rows, mut row) in (1..).zip(sql.query(text, &[Param::count(GATHERED_ROWS)]).await?) {
        let (number, bytes) = (row.int()?, row.count::<u64>()?);
        entries += usize::try_from(bytes).unwrap_or(usize::MAX) / ENTRY_BYTES;
        if entries >= PACK_ENTRIES {
            return Ok(Some((number, rows)));
        }
    }
    Ok(None)
}

/// The exchanges that are found by what is wanted, the newest first: those before this one, at most `limit`.
pub(crate) async fn find<S: Sql>(
    sql: &mut S,
    wanted: &Wanted,
    before: Option<ExchangeId>,
    limit: u32,
) -> Step<Vec<ExchangeId>> {
    let mut found = having(sql, wanted.whole).await?;
    let mut all_words: Option<BTreeSet<Uuid>> = None;
    for word in &wanted.words {
        let having = having(sql, *word).await?;
        all_words = Some(match all_words {
            Some(others) => others.intersection(&having).copied().collect(),
            None => having,
        });
    }
    found.extend(all_words.into_iter().flatten());
    let before = before.map_or(Uuid::max(), |before| before.0);
    let mut existing = Vec::new();
    for id in found.range(..before).rev() {
        if existing.len() >= limit as usize {
            break;
        }
        // Retention leaves names behind for a while.
        if !sql.query("SELECT 1 FROM exchanges WHERE id = $1", &[Param::Id(*id)]).await?.is_empty() {
            existing.push(ExchangeId(*id));
        }
    }
    Ok(existing)
}

/// All exchanges that have a name.
async fn having<S: Sql>(sql: &mut S, name: Name) -> Step<BTreeSet<Uuid>> {
    let mut found = BTreeSet::new();
    // What is packed in between is found twice rather than not at all.
    for mut row in sql.query("SELECT entries FROM names_gathered", &[]).await? {
        found.extend(named(&row.bytes()?, name));
    }
    let text = "SELECT entries FROM names_packed WHERE bucket = $1";
    for mut row in sql.query(text, &[Param::count(bucket(name) as u64)]).await? {
        found.extend(named(&row.bytes()?, name));
    }
    let text = "SELECT exchange FROM refused_names WHERE name = $1";
    for mut row in sql.query(text, &[Param::Bytes(&name.0)]).await? {
        found.insert(row.id()?);
    }
    Ok(found)
}

/// Whether there are exchanges from before there were names.
pub(crate) async fn is_any_missing<S: Sql>(sql: &mut S) -> Step<bool> {
    Ok(!sql.query("SELECT 1 FROM names_missing", &[]).await?.is_empty())
}

/// Names the next exchanges from before there were names. False where none is left.
pub(crate) async fn give_missing<S: Sql>(sql: &mut S) -> Step<bool> {
    let text = format!("SELECT newest FROM names_missing {}", S::LOCK);
    let Some(mut row) = sql.query(&text, &[]).await?.pop() else { return Ok(false) };
    let newest = row.id()?;
    let text = "SELECT id, request_id, business_key, findings, payload FROM exchanges WHERE id <= $1 ORDER BY id DESC \
                LIMIT $2";
    let exchanges = sql.query(text, &[Param::Id(newest), Param::count(MISSING_STEP)]).await?;
    if exchanges.is_empty() {
        sql.execute("DELETE FROM names_missing", &[]).await?;
        return Ok(false);
    }
    let (mut gathered, mut last) = (Vec::new(), newest);
    for mut row in exchanges {
        let id = row.id()?;
        let (request, business) = (row.text()?, row.optional(Row::text)?);
        let findings: Vec<Finding> = row.json()?;
        let payload = row.optional(Row::bytes)?.unwrap_or_default();
        let mut texts = vec![request];
        texts.extend(business);
        for mut row in sql.query("SELECT key, refs FROM documents WHERE exchange = $1", &[Param::Id(id)]).await? {
            texts.push(row.text()?);
            let refs: Vec<Reference> = row.json()?;
            texts.extend(refs.into_iter().map(|reference| reference.value));
        }
        let names = name::all(texts.iter().map(String::as_str), &payload, &findings);
        gathered.extend(entries(ExchangeId(id), &names));
        last = id;
    }
    sql.gather(&gathered).await?;
    // The next one is before the last of these.
    let before = Uuid::from_u128(last.as_u128().saturating_sub(1));
    sql.execute("UPDATE names_missing SET newest = $1", &[Param::Id(before)]).await?;
    Ok(true)
}

/// Forgets the oldest pack of which all exchanges are from before this time. False where there is none.
pub(crate) async fn forget<S: Sql>(sql: &mut S, before: Timestamp) -> Step<bool> {
    let text = "SELECT number FROM name_packs WHERE newest < $1 ORDER BY number LIMIT 1";
    let Some(mut row) = sql.query(text, &[Param::Id(first_at(before))]).await?.pop() else { return Ok(false) };
    let pack = row.int()?;
    let text = "DELETE FROM names_packed WHERE bucket = $1 AND pack = $2";
    for bucket in 0..BUCKETS {
        sql.execute(text, &[Param::count(bucket as u64), Param::Int(pack)]).await?;
    }
    sql.execute("DELETE FROM name_packs WHERE number = $1", &[Param::Int(pack)]).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_their_names() {
        let (one, other) = (ExchangeId(Uuid::from_u128(1)), ExchangeId(Uuid::from_u128(2)));
        let (shared, own) = (Name::of("shared").expect("a name"), Name::of("own").expect("a name"));
        let all = [entries(one, &[shared, own]), entries(other, &[shared])].concat();
        assert_eq!(named(&all, shared).collect::<Vec<_>>(), [one.0, other.0]);
        assert_eq!(named(&all, own).collect::<Vec<_>>(), [one.0]);
        assert_eq!(named(&all, Name([0; 8])).count(), 0);
        assert!(bucket(Name([0xff; 8])) < BUCKETS);
    }
}
