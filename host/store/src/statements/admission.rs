//! Which plugins were admitted: of each the highest version. Versions are compared here and not in SQL, which does not
//! know how.

use std::collections::BTreeMap;

use portgate_core::admission::{Admitted, Version};

use super::value::{Param, Row};
use super::{Sql, Step};
use crate::error::JournalError;

pub(crate) async fn admissions<S: Sql>(sql: &mut S) -> Step<BTreeMap<String, Admitted>> {
    let text = "SELECT plugin, version, content_sha256, admitted_at FROM admissions";
    let read = |mut row: Row| -> Result<_, JournalError> { Ok((row.text()?, read_admitted(&mut row)?)) };
    let rows = sql.query(text, &[]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// Keeps that plugins were admitted, unless a higher version of theirs was. If another gateway keeps the first
/// admission of the same plugin at the same time, the database refuses with a violation of its primary key, and the
/// next try finds it.
pub(crate) async fn admit<S: Sql>(sql: &mut S, admitted: &BTreeMap<String, Admitted>) -> Step<()> {
    // Sorted by name, so that gateways that start together lock the rows in the same order.
    for (plugin, admitted) in admitted {
        let text = format!("SELECT version, content_sha256, admitted_at FROM admissions WHERE plugin = $1 {}", S::LOCK);
        let before = sql.query(&text, &[Param::text(plugin)]).await?.pop();
        let text = match before.map(|mut row| read_admitted(&mut row)).transpose()? {
            Some(before) if before.version.cmp_precedence(&admitted.version).is_gt() => continue,
            Some(before) if before.is_build_of(admitted) => continue,
            Some(_) => "UPDATE admissions SET version = $1, content_sha256 = $2, admitted_at = $3 WHERE plugin = $4",
            None => "INSERT INTO admissions (version, content_sha256, admitted_at, plugin) VALUES ($1, $2, $3, $4)",
        };
        let version = admitted.version.to_string();
        let params = [
            Param::text(&version),
            Param::Bytes(&admitted.content_sha256),
            Param::time(admitted.at),
            Param::text(plugin),
        ];
        sql.execute(text, &params).await?;
    }
    Ok(())
}

fn read_admitted(row: &mut Row) -> Result<Admitted, JournalError> {
    let version = row.text()?;
    let unreadable = |error| JournalError::Unreadable(format!("`{version}` is no version: {error}"));
    Ok(Admitted {
        version: Version::parse(&version).map_err(unreadable)?,
        content_sha256: row.digest()?,
        at: row.time()?,
    })
}
