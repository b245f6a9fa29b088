//! Control numbers: each is used once for an agreement, rising by one.

use portgate_core::agreement::{ControlNumbers, LastNumbers};

use super::value::{Param, Row};
use super::{Sql, Step};
use crate::agreement::{Numbering, Received};
use crate::id::DeliveryId;

pub(crate) async fn last<S: Sql>(sql: &mut S, partner: &str, agreement: &str) -> Step<LastNumbers> {
    let text =
        "SELECT interchange, functional_group, message FROM control_numbers WHERE partner = $1 AND agreement = $2";
    match sql.query(text, &[Param::text(partner), Param::text(agreement)]).await?.pop() {
        Some(mut row) => Ok(LastNumbers { interchange: row.count()?, group: row.count()?, message: row.count()? }),
        None => Ok(LastNumbers::default()),
    }
}

/// Takes numbers, unless the agreement has used others since they were worked out. What the transaction keeps beside
/// them counts only where it gives true.
pub(crate) async fn take<S: Sql>(sql: &mut S, numbering: &Numbering) -> Step<bool> {
    let Numbering { partner, agreement, after, numbers, kinds: _ } = numbering;
    let text = "INSERT INTO control_numbers (partner, agreement, interchange, functional_group, message) \
                VALUES ($1, $2, $3, $4, $5) ON CONFLICT (partner, agreement) DO UPDATE SET \
                interchange = excluded.interchange, functional_group = excluded.functional_group, \
                message = excluded.message WHERE control_numbers.interchange = $6 \
                AND control_numbers.functional_group = $7 AND control_numbers.message = $8";
    let last = numbers.last();
    let params = [
        Param::text(partner),
        Param::text(agreement),
        Param::count(last.interchange),
        Param::count(last.group),
        Param::count(last.message),
        Param::count(after.interchange),
        Param::count(after.group),
        Param::count(after.message),
    ];
    Ok(sql.execute(text, &params).await? == 1)
}

/// Keeps which numbers a delivery was written under: those of the whole, or what is its own of them.
pub(crate) async fn keep<S: Sql>(
    sql: &mut S,
    delivery: DeliveryId,
    numbering: &Numbering,
    own: ControlNumbers,
) -> Step<()> {
    let ControlNumbers { interchange, group, first_message, messages } = own;
    let text = "INSERT INTO sent_numbers (delivery, partner, agreement, interchange, functional_group, first_message, \
                messages, functional_id, message_type, made) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let params = [
        Param::Id(delivery.0),
        Param::text(&numbering.partner),
        Param::text(&numbering.agreement),
        Param::count(interchange),
        Param::count(group),
        Param::count(first_message),
        Param::count(messages),
        Param::text(&numbering.kinds.functional_id),
        Param::text(&numbering.kinds.message_type),
        Param::text(&numbering.kinds.made),
    ];
    sql.execute(text, &params).await?;
    Ok(())
}

/// The numbers that a delivery was written under.
pub(crate) async fn of_delivery<S: Sql>(sql: &mut S, delivery: DeliveryId) -> Step<Option<ControlNumbers>> {
    let text = "SELECT interchange, functional_group, first_message, messages FROM sent_numbers WHERE delivery = $1";
    let Some(mut row) = sql.query(text, &[Param::Id(delivery.0)]).await?.pop() else { return Ok(None) };
    Ok(Some(ControlNumbers {
        interchange: row.count()?,
        group: row.count()?,
        first_message: row.count()?,
        messages: row.count()?,
    }))
}

/// Keeps that a delivery sends the very bytes of another, and so under the same numbers.
pub(crate) async fn copy<S: Sql>(sql: &mut S, from: DeliveryId, to: DeliveryId) -> Step<()> {
    let text = "INSERT INTO sent_numbers (delivery, partner, agreement, interchange, functional_group, first_message, \
                messages, functional_id, message_type, made) SELECT $1, partner, agreement, interchange, \
                functional_group, first_message, messages, functional_id, message_type, made FROM \
                sent_numbers WHERE delivery = $2";
    sql.execute(text, &[Param::Id(to.0), Param::Id(from.0)]).await?;
    Ok(())
}

pub(crate) async fn last_received<S: Sql>(sql: &mut S, partner: &str, agreement: &str) -> Step<Option<u64>> {
    let text = "SELECT interchange FROM received_numbers WHERE partner = $1 AND agreement = $2";
    let row = sql.query(text, &[Param::text(partner), Param::text(agreement)]).await?.pop();
    Ok(row.map(|mut row: Row| row.count()).transpose()?)
}

/// Keeps which interchange came last.
pub(crate) async fn receive<S: Sql>(sql: &mut S, partner: &str, received: &Received) -> Step<()> {
    let text = "INSERT INTO received_numbers (partner, agreement, interchange) VALUES ($1, $2, $3) \
                ON CONFLICT (partner, agreement) DO UPDATE SET interchange = excluded.interchange";
    let params = [Param::text(partner), Param::text(&received.agreement), Param::count(received.interchange)];
    sql.execute(text, &params).await?;
    Ok(())
}
