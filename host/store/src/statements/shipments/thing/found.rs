//! What things are found by.

use std::collections::{BTreeMap, BTreeSet};

use portgate_core::document::Reference;
use portgate_core::sender;
use portgate_core::shipment::placement::PLACED;
use portgate_core::shipment::{Facts, Name, ShipmentRules, ThingName, Tie};

use super::ToldDocument;
use crate::statements::shipment_names::{COMMON_SCHEMES, catalogue_hash, name_hash, party_hash, value_hash};
use crate::statements::table::table;
use crate::statements::value::Param;
use crate::statements::{Sql, Step};

/// The scheme by which documents of a catalogue name their article.
const SKU: &str = "sku";

/// What one thing is found by.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FoundBy {
    /// Names with their scheme, those of other than the common schemes alone as well, and parties.
    names: BTreeSet<[u8; 16]>,
    /// Names that tie within a time, each with the thing's.
    windows: BTreeSet<([u8; 16], i64)>,
    /// The articles that it names.
    goods: BTreeSet<[u8; 16]>,
}

impl FoundBy {
    /// What a document makes its thing be found by, which carries these names.
    pub(super) fn of(rules: &ShipmentRules, told: &ToldDocument, facts: &Facts, carried: &[ThingName]) -> FoundBy {
        let is_test = sender::is_test(&told.sender);
        let is_catalogue = rules.catalogue.contains(&told.kind);
        let mut names = BTreeSet::from([value_hash(is_test, &told.key)]);
        // What an act tied it to; what an act took away it is still found by, and ties nothing.
        for ThingName { name: Name { scheme, value }, .. } in carried.iter().filter(|one| one.name.scheme == PLACED) {
            names.insert(name_hash(is_test, scheme, value));
        }
        for Reference { scheme, value } in &told.refs {
            names.insert(name_hash(is_test, scheme, value));
            if !COMMON_SCHEMES.contains(&scheme.as_str()) {
                names.insert(value_hash(is_test, value));
            }
            if is_catalogue && scheme == SKU {
                names.insert(catalogue_hash(is_test, value));
            }
        }
        names.extend(facts.parties.iter().map(|(scheme, value)| party_hash(is_test, scheme, value)));
        if is_catalogue {
            names.extend(facts.goods.iter().map(|sku| catalogue_hash(is_test, sku)));
        }
        let windows = carried
            .iter()
            .filter(|name| matches!(name.tie, Tie::Windowed { .. }))
            .map(|ThingName { name: Name { scheme, value }, .. }| (name_hash(is_test, scheme, value), facts.at))
            .collect();
        let named = told.refs.iter().filter(|reference| reference.scheme == SKU).map(|reference| &reference.value);
        let goods = match is_catalogue {
            true => BTreeSet::new(),
            false => facts.goods.iter().chain(named).map(|sku| catalogue_hash(is_test, sku)).collect(),
        };
        FoundBy { names, windows, goods }
    }
}

struct NameRow {
    hash: [u8; 16],
    thing: i64,
}

table! {
    thing_names(row: NameRow) {
        hash: Bytes = Param::Bytes(&row.hash),
        thing: Int = Param::Int(row.thing),
    }
}

struct WindowRow {
    hash: [u8; 16],
    at: i64,
    thing: i64,
}

table! {
    thing_windows(row: WindowRow) {
        hash: Bytes = Param::Bytes(&row.hash),
        at: Int = Param::Int(row.at),
        thing: Int = Param::Int(row.thing),
    }
}

struct GoodsRow {
    thing: i64,
    catalogue: [u8; 16],
}

table! {
    thing_goods(row: GoodsRow) {
        thing: Int = Param::Int(row.thing),
        catalogue: Bytes = Param::Bytes(&row.catalogue),
    }
}

/// Has things be found by this and by nothing else. Mostly a later version is found by what the one before was, so it is looked
/// first, but for things that nothing was found by so far: rows that stay cost no page.
pub(super) async fn find_by<S: Sql>(sql: &mut S, wanted: &BTreeMap<i64, FoundBy>, new: &BTreeSet<i64>) -> Step<()> {
    let known = known(sql, wanted.keys().copied().filter(|number| !new.contains(number)).collect()).await?;
    let nothing = FoundBy::default();
    let (mut names, mut windows, mut goods) = (Vec::new(), Vec::new(), Vec::new());
    for (thing, wanted) in wanted {
        let (thing, known) = (*thing, known.get(thing).unwrap_or(&nothing));
        for hash in known.names.difference(&wanted.names) {
            let text = "DELETE FROM thing_names WHERE thing = $1 AND hash = $2";
            sql.execute(text, &[Param::Int(thing), Param::Bytes(hash)]).await?;
        }
        for (hash, at) in known.windows.difference(&wanted.windows) {
            let text = "DELETE FROM thing_windows WHERE thing = $1 AND hash = $2 AND at = $3";
            sql.execute(text, &[Param::Int(thing), Param::Bytes(hash), Param::Int(*at)]).await?;
        }
        for hash in known.goods.difference(&wanted.goods) {
            let text = "DELETE FROM thing_goods WHERE thing = $1 AND catalogue = $2";
            sql.execute(text, &[Param::Int(thing), Param::Bytes(hash)]).await?;
        }
        names.extend(wanted.names.difference(&known.names).map(|hash| NameRow { hash: *hash, thing }));
        let other = wanted.windows.difference(&known.windows);
        windows.extend(other.map(|(hash, at)| WindowRow { hash: *hash, at: *at, thing }));
        goods.extend(wanted.goods.difference(&known.goods).map(|hash| GoodsRow { thing, catalogue: *hash }));
    }
    sql.add(&names).await?;
    sql.add(&windows).await?;
    sql.add(&goods).await
}

/// What things are found by now.
async fn known<S: Sql>(sql: &mut S, things: Vec<i64>) -> Step<BTreeMap<i64, FoundBy>> {
    let mut known: BTreeMap<i64, FoundBy> = BTreeMap::new();
    if things.is_empty() {
        return Ok(known);
    }
    let among = S::among(1);
    let text = format!("SELECT thing, hash FROM thing_names WHERE thing {among}");
    for mut row in sql.query(&text, &[Param::numbers(things.iter().copied())]).await? {
        let (thing, hash) = (row.int()?, row.hash()?);
        known.entry(thing).or_default().names.insert(hash);
    }
    let text = format!("SELECT thing, hash, at FROM thing_windows WHERE thing {among}");
    for mut row in sql.query(&text, &[Param::numbers(things.iter().copied())]).await? {
        let (thing, hash, at) = (row.int()?, row.hash()?, row.int()?);
        known.entry(thing).or_default().windows.insert((hash, at));
    }
    let text = format!("SELECT thing, catalogue FROM thing_goods WHERE thing {among}");
    for mut row in sql.query(&text, &[Param::numbers(things)]).await? {
        let (thing, hash) = (row.int()?, row.hash()?);
        known.entry(thing).or_default().goods.insert(hash);
    }
    Ok(known)
}
