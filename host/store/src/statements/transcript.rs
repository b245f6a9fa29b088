//! What was said in attempts at deliveries: kept with their settlement, shown, and removed when its time is over.

use std::collections::HashMap;

use jiff::Timestamp;
use portgate_core::delivery::{AnswerHead, KeptAnswer, SentHead, Transcript};

use super::filter::OPEN;
use super::table::{insert, table};
use super::value::{Param, Row};
use super::{Sql, Step, limited};
use crate::error::JournalError;
use crate::id::DeliveryId;

/// What was said in one attempt.
struct TranscriptRow<'a> {
    delivery: DeliveryId,
    number: i64,
    at: Timestamp,
    sent: &'a SentHead,
    answer: Option<&'a KeptAnswer>,
}

impl TranscriptRow<'_> {
    fn body(&self) -> Option<&(Vec<u8>, u64)> {
        self.answer?.body.as_ref()
    }
}

table! {
    transcripts(row: TranscriptRow<'_>) {
        delivery: Id = Param::Id(row.delivery.0),
        number: Int = Param::Int(row.number),
        at: Int = Param::time(row.at),
        method: Text = Param::text(&row.sent.method),
        url: Text = Param::text(&row.sent.url),
        headers: Text = Param::json(&row.sent.headers),
        answer_status: Int = Param::optional(row.answer, |answer| Param::count(answer.head.status)),
        answer_headers: Text = Param::optional(row.answer, |answer| Param::json(&answer.head.headers)),
        answer_bytes: Int = Param::optional(row.body(), |(_, bytes)| Param::count(*bytes)),
        answer_body: Bytes = Param::optional(row.body(), |(body, _)| Param::Bytes(body)),
    }
}

/// Keeps what was said in an attempt.
pub(crate) async fn keep<S: Sql>(
    sql: &mut S,
    delivery: DeliveryId,
    number: i64,
    at: Timestamp,
    transcript: &Transcript,
) -> Step<()> {
    let Transcript { sent, answer } = transcript;
    insert(sql, &TranscriptRow { delivery, number, at, sent, answer: answer.as_ref() }).await
}

/// What was said in the attempts at a delivery, by their numbers, as far as it is kept.
pub(crate) async fn of_delivery<S: Sql>(sql: &mut S, delivery: DeliveryId) -> Step<HashMap<u32, Transcript>> {
    let text = "SELECT number, method, url, headers, answer_status, answer_headers, answer_bytes, answer_body \
                FROM transcripts WHERE delivery = $1";
    let rows = sql.query(text, &[Param::Id(delivery.0)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

fn read(mut row: Row) -> Result<(u32, Transcript), JournalError> {
    let number = row.count()?;
    let sent = SentHead { method: row.text()?, url: row.text()?, headers: row.json()? };
    let (status, headers) = (row.optional(Row::count)?, row.optional(Row::json)?);
    let (bytes, body) = (row.optional(Row::count)?, row.optional(Row::bytes)?);
    let answer = status
        .zip(headers)
        .map(|(status, headers)| KeptAnswer { head: AnswerHead { status, headers }, body: body.zip(bytes) });
    Ok((number, Transcript { sent, answer }))
}

/// Removes what was said before this time in attempts at deliveries that nobody works on or looks at any more.
pub(crate) async fn forget<S: Sql>(sql: &mut S, before: Timestamp, limit: u32) -> Step<u64> {
    let text = format!(
        "DELETE FROM transcripts WHERE (delivery, number) IN (SELECT delivery, number FROM transcripts WHERE at < $1 \
         AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.id = transcripts.delivery AND {OPEN}) \
         ORDER BY at LIMIT $2)"
    );
    sql.execute(&text, &[Param::time(before), limited(limit)]).await
}
