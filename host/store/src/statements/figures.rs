//! How well things go, counted in SQL that both engines understand.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::Offset;
use uuid::Uuid;

use super::table::table;
use super::value::{Param, Row};
use super::{Sql, Step};
use crate::error::JournalError;
use crate::figures::{Counted, Figure, FigureCount, FiguresQuery, GroupedBy, Observation, ShipmentFigures};
use crate::id::ShipmentId;

/// Deliveries that are looked at, at most.
const DELIVERIES_MAX: u64 = 100_000;
const DAY_MICROSECONDS: i64 = 86_400_000_000;

/// Keeps what is observed of a shipment in the place of what was. Mostly that is the same, which costs no page.
pub(crate) async fn keep<S: Sql>(sql: &mut S, shipment: ShipmentId, figures: &ShipmentFigures) -> Step<()> {
    let text = "SELECT figure, key, at, partner, lane, seconds, is_good FROM shipment_figures WHERE shipment = $1";
    let rows = sql.query(text, &[Param::Id(shipment.0)]).await?;
    let read = |mut row: Row| -> Result<Kept, JournalError> {
        let key = (row.text()?, row.text()?);
        Ok((key, (row.int()?, row.text()?, row.text()?, row.int()?, row.optional(Row::int)?)))
    };
    let known: BTreeMap<_, _> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    let wanted: BTreeMap<_, _> = figures
        .observations
        .iter()
        .map(|observation| {
            let row = FigureRow { shipment, lane: &figures.lane, observation };
            let (key, what) = row.kept();
            (key, (what, row))
        })
        .collect();
    for ((figure, key), what) in &known {
        if wanted.get(&(figure.clone(), key.clone())).is_none_or(|(wanted, _)| wanted != what) {
            let text = "DELETE FROM shipment_figures WHERE shipment = $1 AND figure = $2 AND key = $3";
            sql.execute(text, &[Param::Id(shipment.0), Param::text(figure), Param::text(key)]).await?;
        }
    }
    let new = wanted.into_iter().filter(|(key, (what, _))| known.get(key) != Some(what)).map(|(_, (_, row))| row);
    sql.add(&new.collect::<Vec<_>>()).await
}

/// An observation as it is kept: its figure and key, then its time, partner, lane, length and whether it is good.
type Kept = ((String, String), (i64, String, String, i64, Option<i64>));

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
        ((one.figure.as_str().to_owned(), one.key.clone()), what)
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
    }
}

/// Keeps since when a sender sends, if it is the first time.
pub(crate) async fn first<S: Sql>(sql: &mut S, sender: &str, at: Timestamp) -> Step<()> {
    let text = "INSERT INTO first_messages (sender, at) VALUES ($1, $2) ON CONFLICT (sender) DO NOTHING";
    sql.execute(text, &[Param::text(sender), Param::time(at)]).await?;
    Ok(())
}

pub(crate) async fn counted<S: Sql>(sql: &mut S, query: &FiguresQuery) -> Step<Counted> {
    let mut counted = Counted { counts: of_shipments(sql, query).await?, is_cut: false };
    // What is of no shipment is on no lane.
    if query.lane.is_none() && query.by != GroupedBy::Lane {
        counted.is_cut = deliveries(sql, query, &mut counted.counts).await?;
        onboarding(sql, query, &mut counted.counts).await?;
        if query.partner.is_none() && query.by != GroupedBy::Partner {
            exceptions(sql, query, &mut counted.counts).await?;
            touches(sql, query, &mut counted.counts).await?;
        }
    }
    counted.counts.sort_by(|one, other| (one.figure, &one.group).cmp(&(other.figure, &other.group)));
    Ok(counted)
}

/// The column that a group is told by, of a time and a partner.
fn group(by: GroupedBy, at: &str, partner: &str, lane: &str) -> String {
    match by {
        GroupedBy::Nothing => "''".to_owned(),
        GroupedBy::Partner => partner.to_owned(),
        GroupedBy::Lane => lane.to_owned(),
        GroupedBy::Day => format!("CAST({at} / {DAY_MICROSECONDS} AS text)"),
    }
}

/// The group as people write it: a day is counted since 1970.
fn named(by: GroupedBy, group: String) -> String {
    let day = |days: i64| {
        let start = Timestamp::from_microsecond(days.checked_mul(DAY_MICROSECONDS)?).ok()?;
        Some(Offset::UTC.to_datetime(start).date().to_string())
    };
    match by {
        GroupedBy::Day => group.parse().ok().and_then(day).unwrap_or(group),
        GroupedBy::Nothing | GroupedBy::Partner | GroupedBy::Lane => group,
    }
}

async fn of_shipments<S: Sql>(sql: &mut S, query: &FiguresQuery) -> Step<Vec<FigureCount>> {
    let group = group(query.by, "at", "partner", "lane");
    let mut params = vec![Param::time(query.from), Param::time(query.until)];
    let mut only = String::new();
    for (column, value) in [("partner", &query.partner), ("lane", &query.lane)] {
        if let Some(value) = value {
            params.push(Param::text(value));
            only.push_str(&format!(" AND {column} = ${}", params.len()));
        }
    }
    let text = format!(
        "SELECT figure, {group}, count(*), CAST(sum(seconds) AS bigint), max(seconds), count(is_good), \
         CAST(coalesce(sum(is_good), 0) AS bigint) FROM shipment_figures WHERE at >= $1 AND at < $2{only} GROUP BY 1, 2"
    );
    let rows = sql.query(&text, &params).await?;
    let read = |mut row: Row| -> Result<Option<FigureCount>, JournalError> {
        let (figure, group) = (row.text()?, named(query.by, row.text()?));
        let count = row.count()?;
        let (total, longest) = (row.int()?.saturating_mul(1_000), row.int()?.saturating_mul(1_000));
        let (judged, good) = (row.count()?, row.count()?);
        let figure = Figure::ALL.into_iter().find(|known| known.as_str() == figure);
        Ok(figure.map(|figure| FigureCount {
            figure,
            group,
            count,
            total_ms: total,
            longest_ms: longest,
            judged,
            good,
        }))
    };
    let counts: Vec<Option<FigureCount>> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(counts.into_iter().flatten().collect())
}

/// The least id of what was made at a time or later: ids begin with it (UUIDv7, RFC 9562 §5.7).
fn least_id(at: Timestamp) -> Uuid {
    let milliseconds = u128::try_from(at.as_millisecond()).unwrap_or_default();
    Uuid::from_u128((milliseconds & 0xffff_ffff_ffff) << 80)
}

/// Attempts at the deliveries that were made in this time: how long each took, and how many went well. Gives back whether there
/// are more deliveries than were looked at.
async fn deliveries<S: Sql>(sql: &mut S, query: &FiguresQuery, counts: &mut Vec<FigureCount>) -> Step<bool> {
    let group = group(query.by, "started_at", "destination", "''");
    let mut params = vec![Param::Id(least_id(query.from)), Param::Id(least_id(query.until))];
    let mut only = String::new();
    if let Some(partner) = &query.partner {
        params.push(Param::text(partner));
        only.push_str(&format!(" AND destination = ${}", params.len()));
    }
    params.push(Param::count(DELIVERIES_MAX));
    let latest = format!(
        "(SELECT id, destination FROM deliveries WHERE id >= $1 AND id < $2{only} ORDER BY id DESC LIMIT ${}) AS latest",
        params.len()
    );
    let text = format!(
        "SELECT {group}, count(*), CAST(sum(ended_at - started_at) AS bigint), max(ended_at - started_at), \
         CAST(sum(CASE WHEN verdict IN ('accepted', 'pending') THEN 1 ELSE 0 END) AS bigint) FROM {latest} \
         JOIN attempts ON attempts.delivery = latest.id GROUP BY 1"
    );
    for mut row in sql.query(&text, &params).await? {
        let group = named(query.by, row.text()?);
        let count: u64 = row.count()?;
        let (total, longest, good) = (row.int()? / 1_000, row.int()? / 1_000, row.count()?);
        let figure = Figure::Delivery;
        counts.push(FigureCount { figure, group, count, total_ms: total, longest_ms: longest, judged: count, good });
    }
    let mut row = sql.query(&format!("SELECT count(*) FROM {latest}"), &params).await?.pop();
    let looked: u64 = row.as_mut().map(Row::count).transpose()?.unwrap_or_default();
    Ok(looked == DELIVERIES_MAX)
}

/// How long partners took that sent their first message that counts in this time.
async fn onboarding<S: Sql>(sql: &mut S, query: &FiguresQuery, counts: &mut Vec<FigureCount>) -> Step<()> {
    let group = group(query.by, "live.at", "live.sender", "''");
    let mut params = vec![Param::time(query.from), Param::time(query.until)];
    let mut only = String::new();
    if let Some(partner) = &query.partner {
        params.push(Param::text(partner));
        only.push_str(" AND live.sender = $3");
    }
    let text = format!(
        "SELECT {group}, count(*), CAST(sum(live.at - tests.at) AS bigint), max(live.at - tests.at) FROM first_messages AS live \
         JOIN first_messages AS tests ON tests.sender = live.sender || '/test' AND tests.at <= live.at \
         WHERE live.at >= $1 AND live.at < $2{only} GROUP BY 1"
    );
    for mut row in sql.query(&text, &params).await? {
        let group = named(query.by, row.text()?);
        let (count, total, longest) = (row.count()?, row.int()? / 1_000, row.int()? / 1_000);
        let figure = Figure::Onboarding;
        counts.push(FigureCount { figure, group, count, total_ms: total, longest_ms: longest, judged: 0, good: 0 });
    }
    Ok(())
}

/// The shipments that began in this time, tests left out, and how many of them nobody had to look at.
async fn exceptions<S: Sql>(sql: &mut S, query: &FiguresQuery, counts: &mut Vec<FigureCount>) -> Step<()> {
    let group = group(query.by, "opened_at", "''", "''");
    let text = format!(
        "SELECT {group}, count(*), CAST(sum(CASE WHEN EXISTS (SELECT 1 FROM exceptions \
         WHERE exceptions.shipment = shipments.id) THEN 0 ELSE 1 END) AS bigint) FROM shipments \
         WHERE opened_at >= $1 AND opened_at < $2 AND NOT EXISTS (SELECT 1 FROM shipment_things \
         JOIN things ON things.number = shipment_things.thing WHERE shipment_things.shipment = shipments.id \
         AND things.sender LIKE '%/test') GROUP BY 1"
    );
    for mut row in sql.query(&text, &[Param::time(query.from), Param::time(query.until)]).await? {
        let group = named(query.by, row.text()?);
        let count: u64 = row.count()?;
        let (good, figure) = (row.count()?, Figure::Exceptions);
        counts.push(FigureCount { figure, group, count, total_ms: 0, longest_ms: 0, judged: count, good });
    }
    Ok(())
}

/// What operators did: with messages, deliveries and shipments, and with what waited for a person.
async fn touches<S: Sql>(sql: &mut S, query: &FiguresQuery, counts: &mut Vec<FigureCount>) -> Step<()> {
    let group = group(query.by, "at", "''", "''");
    let text = format!(
        "SELECT {group}, count(*) FROM (SELECT at FROM acts WHERE at >= $1 AND at < $2 UNION ALL \
         SELECT at FROM exception_acts WHERE at >= $3 AND at < $4) AS touches GROUP BY 1"
    );
    let (from, until) = (Param::time(query.from), Param::time(query.until));
    for mut row in sql.query(&text, &[from.clone(), until.clone(), from, until]).await? {
        let (group, count) = (named(query.by, row.text()?), row.count()?);
        let figure = Figure::Touches;
        counts.push(FigureCount { figure, group, count, total_ms: 0, longest_ms: 0, judged: 0, good: 0 });
    }
    Ok(())
}
