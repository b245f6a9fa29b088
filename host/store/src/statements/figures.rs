//! How well things go, counted in SQL that both engines understand.

pub(crate) mod attempts;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use portgate_core::sender::{GATEWAY, OPERATORS};
use uuid::Uuid;

use super::table::table;
use super::value::{Param, Row};
use super::{Sql, Step};
use crate::error::JournalError;
use crate::figures::{
    Amounts, Counted, Figure, FigureCount, FiguresQuery, GroupedBy, Observation, ShipmentFigures, Sums,
};
use crate::id::ShipmentId;

/// Messages that are looked at, and where lanes are asked for deliveries, at most of each.
const LATEST_MAX: u64 = 100_000;
const DAY_MICROSECONDS: i64 = 86_400_000_000;
/// The largest amount that is counted, in thousandths: two of them can be subtracted, and more is a mistake.
const AMOUNT_MAX: i64 = i64::MAX / 4;
/// Sums are added up in two halves, so that however many there are neither engine overflows.
const HALF: i128 = 1_000_000;

/// Keeps what is observed of shipments in the place of what was. Mostly that is the same, which costs no page. Their lanes are kept
/// with the shipments.
pub(crate) async fn keep<S: Sql>(sql: &mut S, observed: &[(ShipmentId, &ShipmentFigures)]) -> Step<()> {
    let text = format!(
        "SELECT shipment, figure, key, at, partner, lane, seconds, is_good, currency, reckoned, assessed FROM shipment_figures \
         WHERE shipment {}",
        S::among(1)
    );
    let rows = sql.query(&text, &[Param::ids(observed.iter().map(|(shipment, _)| shipment.0))]).await?;
    let read = |mut row: Row| -> Result<Kept, JournalError> {
        let key = (row.id()?, row.text()?, row.text()?);
        let what = (row.int()?, row.text()?, row.text()?, row.int()?, row.optional(Row::int)?);
        let amounts = match row.optional(Row::text)? {
            Some(currency) => Some(Amounts { currency, reckoned: row.int()?, assessed: row.int()? }),
            None => None,
        };
        Ok((key, (what, amounts)))
    };
    let known: BTreeMap<_, _> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    let rows = observed.iter().flat_map(|(shipment, figures)| {
        let summed = figures.observations.iter().filter(|one| one.amounts.as_ref().is_none_or(can_be_summed));
        summed.map(|observation| FigureRow { shipment: *shipment, lane: &figures.lane, observation })
    });
    let wanted: BTreeMap<_, _> = rows
        .map(|row| {
            let (key, what) = row.kept();
            (key, (what, row))
        })
        .collect();
    for (shipment, figure, key) in known.keys().filter(|known| !wanted.contains_key(known)) {
        let text = "DELETE FROM shipment_figures WHERE shipment = $1 AND figure = $2 AND key = $3";
        sql.execute(text, &[Param::Id(*shipment), Param::text(figure), Param::text(key)]).await?;
    }
    let new = wanted.into_iter().filter(|(key, (what, _))| known.get(key) != Some(what)).map(|(_, (_, row))| row);
    let other = "ON CONFLICT (shipment, figure, key) DO UPDATE SET at = excluded.at, partner = excluded.partner, \
                 lane = excluded.lane, seconds = excluded.seconds, is_good = excluded.is_good, currency = excluded.currency, \
                 reckoned = excluded.reckoned, assessed = excluded.assessed";
    sql.put(&new.collect::<Vec<_>>(), other).await
}

/// Whether amounts are no mistake.
fn can_be_summed(amounts: &Amounts) -> bool {
    [amounts.reckoned, amounts.assessed].iter().all(|amount| (-AMOUNT_MAX..=AMOUNT_MAX).contains(amount))
}

/// An observation as it is kept: its shipment, figure and key, then its time, partner, lane, length and whether it is good, then its amounts.
type Kept = ((Uuid, String, String), ((i64, String, String, i64, Option<i64>), Option<Amounts>));

impl FigureRow<'_> {
    fn kept(&self) -> Kept {
        let one = self.observation;
        let what = (
            one.at.as_microsecond(),
            one.partner.clone(),
            self.lane.to_owned(),
            one.seconds,
            one.is_good.map(i64::from),
        );
        ((self.shipment.0, one.figure.as_str().to_owned(), one.key.clone()), (what, one.amounts.clone()))
    }
}

struct FigureRow<'a> {
    shipment: ShipmentId,
    lane: &'a str,
    observation: &'a Observation,
}

table! {
    shipment_figures(row: FigureRow<'_>) {
        shipment: Id = Param::Id(row.shipment.0),
        figure: Text = Param::text(row.observation.figure.as_str()),
        key: Text = Param::text(&row.observation.key),
        at: Int = Param::time(row.observation.at),
        partner: Text = Param::text(&row.observation.partner),
        lane: Text = Param::text(row.lane),
        seconds: Int = Param::Int(row.observation.seconds),
        is_good: Int = Param::optional(row.observation.is_good, |good| Param::Int(i64::from(good))),
        currency: Text = Param::optional(row.observation.amounts.as_ref(), |amounts| Param::text(&amounts.currency)),
        reckoned: Int = Param::optional(row.observation.amounts.as_ref(), |amounts| Param::Int(amounts.reckoned)),
        assessed: Int = Param::optional(row.observation.amounts.as_ref(), |amounts| Param::Int(amounts.assessed)),
    }
}

/// Keeps since when a sender sends, if it is the first time.
pub(crate) async fn first<S: Sql>(sql: &mut S, sender: &str, at: Timestamp) -> Step<()> {
    let text = "INSERT INTO first_messages (sender, at) VALUES ($1, $2) ON CONFLICT (sender) DO NOTHING";
    sql.execute(text, &[Param::text(sender), Param::time(at)]).await?;
    Ok(())
}

pub(crate) async fn counted<S: Sql>(sql: &mut S, query: &FiguresQuery) -> Step<Counted> {
    let mut counts = of_shipments(sql, query).await?;
    let mut is_cut = deliveries(sql, query, &mut counts).await?;
    exceptions(sql, query, &mut counts).await?;
    touches(sql, query, &mut counts).await?;
    // A partner is on no lane, and neither is a message that was refused.
    if query.lane.is_none() && query.by != GroupedBy::Lane {
        is_cut |= messages(sql, query, &mut counts).await?;
        onboarding(sql, query, &mut counts).await?;
    }
    Ok(Counted { counts: merged(query.by, counts), is_cut })
}

/// The column that a group is told by, of a time, a partner and a lane.
fn group(by: GroupedBy, at: &str, partner: &str, lane: &str) -> String {
    match by {
        GroupedBy::Nothing => "''".to_owned(),
        GroupedBy::Partner => partner.to_owned(),
        GroupedBy::Lane => lane.to_owned(),
        GroupedBy::Day | GroupedBy::Week | GroupedBy::Month => format!("CAST({at} / {DAY_MICROSECONDS} AS text)"),
    }
}

/// The group as people write it: a day is counted since 1970.
fn named(by: GroupedBy, group: String) -> String {
    let date = |days: i64| {
        let start = Timestamp::from_microsecond(days.checked_mul(DAY_MICROSECONDS)?).ok()?;
        Some(Offset::UTC.to_datetime(start).date())
    };
    let date = || date(group.parse().ok()?);
    let monday = |date: Date| date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).ok();
    let named = match by {
        GroupedBy::Nothing | GroupedBy::Partner | GroupedBy::Lane => None,
        GroupedBy::Day => date().map(|date| date.to_string()),
        GroupedBy::Week => date().and_then(monday).map(|monday| monday.to_string()),
        GroupedBy::Month => date().map(|date| date.strftime("%Y-%m").to_string()),
    };
    named.unwrap_or(group)
}

/// The counts in order, with the days of a week or a month in one.
fn merged(by: GroupedBy, counts: Vec<FigureCount>) -> Vec<FigureCount> {
    let mut merged: BTreeMap<(Figure, String, Option<String>), FigureCount> = BTreeMap::new();
    for mut count in counts {
        count.group = named(by, count.group);
        let currency = count.sums.as_ref().map(|sums| sums.currency.clone());
        match merged.entry((count.figure, count.group.clone(), currency)) {
            Entry::Vacant(place) => {
                place.insert(count);
            }
            Entry::Occupied(mut known) => known.get_mut().add(&count),
        }
    }
    merged.into_values().collect()
}

impl FigureCount {
    fn of(figure: Figure, group: String, count: u64) -> FigureCount {
        FigureCount { figure, group, count, total_ms: 0, longest_ms: 0, judged: 0, good: 0, sums: None }
    }

    /// Adds another of the same figure, group and currency.
    fn add(&mut self, other: &FigureCount) {
        self.count += other.count;
        self.total_ms = self.total_ms.saturating_add(other.total_ms);
        self.longest_ms = self.longest_ms.max(other.longest_ms);
        self.judged += other.judged;
        self.good += other.good;
        if let (Some(sums), Some(more)) = (&mut self.sums, &other.sums) {
            sums.reckoned += more.reckoned;
            sums.assessed += more.assessed;
            sums.deviation += more.deviation;
        }
    }
}

/// The values of a query's time and the conditions of its filters, by the columns of partner and lane.
struct Only {
    params: Vec<Param<'static>>,
    text: String,
}

impl Only {
    fn of(query: &FiguresQuery, ends: [Param<'static>; 2], partner: &str, lane: &str) -> Only {
        let mut only = Only { params: ends.into(), text: String::new() };
        for (column, value) in [(partner, &query.partner), (lane, &query.lane)] {
            if let Some(value) = value {
                only.params.push(Param::Text(value.replace('\0', "\u{fffd}").into()));
                only.text.push_str(&format!(" AND {column} = ${}", only.params.len()));
            }
        }
        only
    }

    /// The place of one more value.
    fn place(&mut self, value: Param<'static>) -> String {
        self.params.push(value);
        format!("${}", self.params.len())
    }
}

/// The ends of a query's time, for columns of times.
fn times(query: &FiguresQuery) -> [Param<'static>; 2] {
    [Param::time(query.from), Param::time(query.until)]
}

/// The same for ids.
fn ids(query: &FiguresQuery) -> [Param<'static>; 2] {
    [Param::Id(least_id(query.from)), Param::Id(least_id(query.until))]
}

async fn of_shipments<S: Sql>(sql: &mut S, query: &FiguresQuery) -> Step<Vec<FigureCount>> {
    let group = group(query.by, "at", "partner", "lane");
    let only = Only::of(query, times(query), "partner", "lane");
    let halves = |amount: &str| {
        format!(
            "CAST(coalesce(sum(({amount}) / {HALF}), 0) AS bigint), CAST(coalesce(sum(({amount}) % {HALF}), 0) AS bigint)"
        )
    };
    let (reckoned, assessed, deviation) = (halves("reckoned"), halves("assessed"), halves("abs(reckoned - assessed)"));
    let text = format!(
        "SELECT figure, {group}, currency, count(*), CAST(sum(seconds) AS bigint), max(seconds), count(is_good), \
         CAST(coalesce(sum(is_good), 0) AS bigint), {reckoned}, {assessed}, {deviation} FROM shipment_figures \
         WHERE at >= $1 AND at < $2{} GROUP BY 1, 2, 3",
        only.text
    );
    let rows = sql.query(&text, &only.params).await?;
    let read = |mut row: Row| -> Result<Option<FigureCount>, JournalError> {
        let (figure, group, currency) = (row.text()?, row.text()?, row.optional(Row::text)?);
        let count = row.count()?;
        let (total_ms, longest_ms) = (row.int()?.saturating_mul(1_000), row.int()?.saturating_mul(1_000));
        let (judged, good) = (row.count()?, row.count()?);
        let mut whole = || -> Result<i128, JournalError> { Ok(i128::from(row.int()?) * HALF + i128::from(row.int()?)) };
        let (reckoned, assessed, deviation) = (whole()?, whole()?, whole()?);
        let sums = currency.map(|currency| Sums { currency, reckoned, assessed, deviation });
        let figure = Figure::ALL.into_iter().find(|known| known.as_str() == figure);
        Ok(figure.map(|figure| FigureCount { figure, group, count, total_ms, longest_ms, judged, good, sums }))
    };
    let counts: Vec<Option<FigureCount>> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(counts.into_iter().flatten().collect())
}

/// The least id of what was made at a time or later: ids begin with it (UUIDv7, RFC 9562 §5.7).
fn least_id(at: Timestamp) -> Uuid {
    let milliseconds = u128::try_from(at.as_millisecond()).unwrap_or_default();
    Uuid::from_u128((milliseconds & 0xffff_ffff_ffff) << 80)
}

/// The lane of a shipment, where there is a shipment.
const LANE: &str = "CASE WHEN shipments.id IS NOT NULL THEN coalesce(shipments.lane, '?-?') END";
/// What is of a test counts nowhere, and who tests is no partner of its own.
const NO_TEST: &str = "NOT LIKE '%/test'";

/// Attempts at deliveries: how long each took, and how many went well. Gives back whether there are more deliveries than were looked at.
async fn deliveries<S: Sql>(sql: &mut S, query: &FiguresQuery, counts: &mut Vec<FigureCount>) -> Step<bool> {
    if query.lane.is_some() || query.by == GroupedBy::Lane {
        return deliveries_on_lanes(sql, query, counts).await;
    }
    counts.extend(attempts::summed(sql, query).await?);
    Ok(false)
}

/// Attempts at the deliveries that were made in this time and are of messages that a shipment on the lane has a document of. Which lane that
/// is can change with every document, so they are looked at one by one.
async fn deliveries_on_lanes<S: Sql>(sql: &mut S, query: &FiguresQuery, counts: &mut Vec<FigureCount>) -> Step<bool> {
    let group = group(query.by, "started_at", "destination", "lane");
    // The lane is known only of what is found.
    let mut only = Only::of(&FiguresQuery { lane: None, ..query.clone() }, ids(query), "destination", "");
    let limit = only.place(Param::count(LATEST_MAX));
    let latest = format!(
        "(SELECT deliveries.id, deliveries.exchange, destination FROM deliveries \
         JOIN exchanges ON exchanges.id = deliveries.exchange AND exchanges.partner {NO_TEST} \
         WHERE deliveries.id >= $1 AND deliveries.id < $2{} ORDER BY deliveries.id DESC LIMIT {limit}) AS latest",
        only.text
    );
    let attempts = "attempts ON attempts.delivery = latest.id";
    let of_which = format!(
        "(SELECT DISTINCT attempts.delivery, attempts.number, started_at, ended_at, verdict, destination, {LANE} AS lane \
         FROM {latest} JOIN {attempts} JOIN thing_versions ON thing_versions.exchange = latest.exchange \
         JOIN shipment_things ON shipment_things.thing = thing_versions.thing \
         JOIN shipments ON shipments.id = shipment_things.shipment) AS of_lanes"
    );
    let looked = format!("SELECT count(*) FROM {latest}");
    let mut row = sql.query(&looked, &only.params).await?.pop();
    let looked: u64 = row.as_mut().map(Row::count).transpose()?.unwrap_or_default();
    let on = match &query.lane {
        Some(lane) => format!(" WHERE lane = {}", only.place(Param::Text(lane.replace('\0', "\u{fffd}").into()))),
        None => String::new(),
    };
    let text = format!(
        "SELECT {group}, count(*), CAST(sum(ended_at - started_at) AS bigint), max(ended_at - started_at), \
         CAST(sum(CASE WHEN verdict IN ('accepted', 'pending') THEN 1 ELSE 0 END) AS bigint) FROM {of_which}{on} GROUP BY 1"
    );
    for mut row in sql.query(&text, &only.params).await? {
        let mut count = FigureCount::of(Figure::Delivery, row.text()?, row.count()?);
        (count.total_ms, count.longest_ms) = (row.int()? / 1_000, row.int()? / 1_000);
        (count.judged, count.good) = (count.count, row.count()?);
        counts.push(count);
    }
    Ok(looked == LATEST_MAX)
}

/// What partners sent in this time, and how much of it was taken. Gives back whether there is more than was looked at.
async fn messages<S: Sql>(sql: &mut S, query: &FiguresQuery, counts: &mut Vec<FigureCount>) -> Step<bool> {
    let group = group(query.by, "received_at", "partner", "''");
    let mut only = Only::of(query, ids(query), "partner", "");
    let limit = only.place(Param::count(LATEST_MAX));
    let text = format!(
        "SELECT {group}, count(*), CAST(sum(CASE WHEN EXISTS (SELECT 1 FROM refusals WHERE refusals.exchange = latest.id) \
         THEN 0 ELSE 1 END) AS bigint) FROM (SELECT id, partner, received_at FROM exchanges WHERE id >= $1 AND id < $2 \
         AND partner {NO_TEST} AND partner NOT IN ('{GATEWAY}', '{OPERATORS}'){} ORDER BY id DESC LIMIT {limit}) AS latest GROUP BY 1",
        only.text
    );
    let mut looked = 0;
    for mut row in sql.query(&text, &only.params).await? {
        let mut count = FigureCount::of(Figure::Messages, row.text()?, row.count()?);
        (count.judged, count.good) = (count.count, row.count()?);
        looked += count.count;
        counts.push(count);
    }
    Ok(looked == LATEST_MAX)
}

/// How long partners took that sent their first message that counts in this time.
async fn onboarding<S: Sql>(sql: &mut S, query: &FiguresQuery, counts: &mut Vec<FigureCount>) -> Step<()> {
    let group = group(query.by, "live.at", "live.sender", "''");
    let only = Only::of(query, times(query), "live.sender", "");
    let text = format!(
        "SELECT {group}, count(*), CAST(sum(live.at - tests.at) AS bigint), max(live.at - tests.at) FROM first_messages AS live \
         JOIN first_messages AS tests ON tests.sender = live.sender || '/test' AND tests.at <= live.at \
         WHERE live.at >= $1 AND live.at < $2{} GROUP BY 1",
        only.text
    );
    for mut row in sql.query(&text, &only.params).await? {
        let mut count = FigureCount::of(Figure::Onboarding, row.text()?, row.count()?);
        (count.total_ms, count.longest_ms) = (row.int()? / 1_000, row.int()? / 1_000);
        counts.push(count);
    }
    Ok(())
}

/// The shipments that began in this time, tests left out, and how many of them nobody had to look at. One counts with each partner
/// that has a document in it.
async fn exceptions<S: Sql>(sql: &mut S, query: &FiguresQuery, counts: &mut Vec<FigureCount>) -> Step<()> {
    let group = group(query.by, "opened_at", "partner", "lane");
    let only = Only::of(query, times(query), "partner", "lane");
    let by_partner = query.partner.is_some() || query.by == GroupedBy::Partner;
    let opened = match by_partner {
        true => format!(
            "SELECT DISTINCT shipments.id, shipments.opened_at, {LANE} AS lane, things.sender AS partner FROM shipments \
             JOIN shipment_things ON shipment_things.shipment = shipments.id \
             JOIN things ON things.number = shipment_things.thing \
             WHERE opened_at >= $1 AND opened_at < $2 AND things.sender {NO_TEST}"
        ),
        // A shipment is of tests or of none, so any of its things says so, and the others are not looked at.
        false => format!(
            "SELECT shipments.id, shipments.opened_at, {LANE} AS lane, '' AS partner FROM shipments \
             WHERE opened_at >= $1 AND opened_at < $2 AND EXISTS (SELECT 1 FROM shipment_things \
             JOIN things ON things.number = shipment_things.thing \
             WHERE shipment_things.shipment = shipments.id AND things.sender {NO_TEST})"
        ),
    };
    let text = format!(
        "SELECT {group}, count(*), CAST(sum(CASE WHEN EXISTS (SELECT 1 FROM exceptions \
         WHERE exceptions.shipment = opened.id) THEN 0 ELSE 1 END) AS bigint) FROM ({opened}) AS opened \
         WHERE partner NOT IN ('{GATEWAY}', '{OPERATORS}'){} GROUP BY 1",
        only.text
    );
    for mut row in sql.query(&text, &only.params).await? {
        let mut count = FigureCount::of(Figure::Exceptions, row.text()?, row.count()?);
        (count.judged, count.good) = (count.count, row.count()?);
        counts.push(count);
    }
    Ok(())
}

/// What operators did: with messages, deliveries and shipments, and with what waited for a person, where the word of a second one is
/// another touch. An act counts once in each group that it was about.
async fn touches<S: Sql>(sql: &mut S, query: &FiguresQuery, counts: &mut Vec<FigureCount>) -> Step<()> {
    let group = group(query.by, "at", "partner", "lane");
    let mut only = Only::of(query, times(query), "partner", "lane");
    // What is about nothing in particular has no partner and no lane, and is left out where one is asked for.
    let column = match query.by {
        GroupedBy::Partner => " AND partner IS NOT NULL",
        GroupedBy::Lane => " AND lane IS NOT NULL",
        GroupedBy::Nothing | GroupedBy::Day | GroupedBy::Week | GroupedBy::Month => "",
    };
    only.text.push_str(column);
    if query.by == GroupedBy::Partner {
        only.text.push_str(&format!(" AND partner NOT IN ('{GATEWAY}', '{OPERATORS}')"));
    }
    let shipments = |of: &str| {
        format!(
            "LEFT JOIN shipment_ids ON shipment_ids.id = {of} LEFT JOIN shipments ON shipments.id = shipment_ids.shipment"
        )
    };
    let text = format!(
        "SELECT {group}, count(DISTINCT touch) FROM (\
         SELECT 'a' || CAST(acts.number AS text) AS touch, acts.at AS at, act_subjects.partner AS partner, {LANE} AS lane FROM acts \
         LEFT JOIN act_subjects ON act_subjects.act = acts.number {} WHERE acts.at >= $1 AND acts.at < $2 UNION ALL \
         SELECT touch, touched.at AS at, things.sender AS partner, {LANE} AS lane FROM (\
         SELECT 'e' || CAST(number AS text) AS touch, exception, at FROM exception_acts WHERE at >= $1 AND at < $2 UNION ALL \
         SELECT 'c' || CAST(number AS text) AS touch, exception, confirmed_at AS at FROM exception_acts \
         WHERE confirmed_at >= $1 AND confirmed_at < $2) AS touched JOIN exceptions ON exceptions.id = touched.exception {} \
         LEFT JOIN shipment_things ON shipment_things.shipment = shipments.id \
         LEFT JOIN things ON things.number = coalesce(shipment_things.thing, exceptions.thing)) AS touches \
         WHERE (partner IS NULL OR partner {NO_TEST}){} GROUP BY 1",
        shipments("act_subjects.shipment"),
        shipments("exceptions.shipment"),
        only.text
    );
    for mut row in sql.query(&text, &only.params).await? {
        counts.push(FigureCount::of(Figure::Touches, row.text()?, row.count()?));
    }
    Ok(())
}
