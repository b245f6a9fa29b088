//! What is sent, and what is asked with: the bytes of each delivery's requests.

use std::sync::LazyLock;

use portgate_core::delivery::Request;

use super::rows::RequestRow;
use super::table::Insert;
use super::value::Param;
use super::{Sql, Step};
use crate::id::DeliveryId;

/// What is kept to be sent (`send`), or to ask with (`ask`). Of a batch it is kept with the delivery that it is named after.
pub(crate) async fn request<S: Sql>(sql: &mut S, delivery: DeliveryId, purpose: &str) -> Step<Option<Request>> {
    let text = "SELECT method, path, headers, body FROM requests WHERE delivery = $1 AND purpose = $2";
    let Some(mut row) = sql.query(text, &[Param::Id(delivery.0), Param::text(purpose)]).await?.pop() else {
        return Ok(None);
    };
    Ok(Some(Request { method: row.text()?, path: row.text()?, headers: row.json()?, body: row.bytes()? }))
}

/// Keeps what is sent; the first one stays.
pub(crate) async fn insert_request<S: Sql>(sql: &mut S, row: &RequestRow<'_>) -> Step<()> {
    static TEXT: LazyLock<String> =
        LazyLock::new(|| format!("{} ON CONFLICT (delivery, purpose) DO NOTHING", RequestRow::statement()));
    sql.execute(&TEXT, &row.values()).await?;
    Ok(())
}

/// Keeps what is asked with; the last one stays.
pub(crate) async fn insert_question<S: Sql>(sql: &mut S, row: &RequestRow<'_>) -> Step<()> {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "{} ON CONFLICT (delivery, purpose) DO UPDATE SET method = excluded.method, path = excluded.path, \
             headers = excluded.headers, body = excluded.body",
            RequestRow::statement()
        )
    });
    sql.execute(&TEXT, &row.values()).await?;
    Ok(())
}
