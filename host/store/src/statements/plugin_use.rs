//! What plugins used.

use jiff::Timestamp;

use super::value::{Param, Row};
use super::{LIMIT_MAX, Sql, Step, limited};
use crate::error::JournalError;
use crate::plugin_use::KeptUse;

pub(crate) async fn keep<S: Sql>(sql: &mut S, uses: &[KeptUse]) -> Step<()> {
    let text = "INSERT INTO plugin_uses (plugin, sha256, day, gateway, record) VALUES ($1, $2, $3, $4, $5) \
                ON CONFLICT (plugin, sha256, day, gateway) DO UPDATE SET record = excluded.record";
    for one in uses {
        let params = [
            Param::text(&one.plugin),
            Param::Bytes(&one.sha256),
            Param::time(one.day),
            Param::Id(one.gateway),
            Param::text(&one.record),
        ];
        sql.execute(text, &params).await?;
    }
    Ok(())
}

fn read(mut row: Row) -> Result<KeptUse, JournalError> {
    Ok(KeptUse {
        plugin: row.text()?,
        sha256: row.digest()?,
        day: row.time()?,
        gateway: row.id()?,
        record: row.text()?,
    })
}

pub(crate) async fn uses<S: Sql>(sql: &mut S, plugin: &str, since: Timestamp) -> Step<Vec<KeptUse>> {
    let text = "SELECT plugin, sha256, day, gateway, record FROM plugin_uses WHERE plugin = $1 AND day >= $2 \
                ORDER BY day DESC, sha256, gateway LIMIT $3";
    let rows = sql.query(text, &[Param::text(plugin), Param::time(since), limited(LIMIT_MAX)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

pub(crate) async fn forget<S: Sql>(sql: &mut S, before: Timestamp) -> Step<u64> {
    sql.execute("DELETE FROM plugin_uses WHERE day < $1", &[Param::time(before)]).await
}
