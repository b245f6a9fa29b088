//! The Denied Persons List of the US Bureau of Industry and Security: a line for each order against a person or company.

use std::collections::BTreeMap;

use crate::content::{Content, Mistake};
use crate::delimited::{Columns, rows};
use crate::party::{About, Party};

pub(crate) fn is_one(header: &str) -> bool {
    header.contains('\t') && header.contains("FR_Citation") && header.contains("Name")
}

pub(crate) fn read(text: &str) -> Result<Content, Mistake> {
    let (header, rows) = rows(text, b'\t', true)?;
    let columns = Columns(&header);
    let mut content = Content::default();
    // Its orders have no numbers: the name and the day of its first order are what stays.
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for row in &rows {
        let name = columns.of(row, "Name").to_owned();
        let from = day(columns.of(row, "Effective_Date"));
        let id = format!("{name} {}", from.as_deref().unwrap_or_default()).trim().to_owned();
        let times = seen.entry(id.clone()).or_default();
        *times += 1;
        let country = columns.of(row, "Country").to_owned();
        content.parties.push(Party {
            id: if *times > 1 { format!("{id} ({times})") } else { id },
            names: vec![name],
            from,
            to: day(columns.of(row, "Expiration_Date")).and_then(|last| after(&last)),
            about: About { countries: vec![country], ..About::default() },
        });
    }
    Ok(content)
}

/// `06/19/2003` as `2003-06-19`.
fn day(text: &str) -> Option<String> {
    let date = jiff::civil::Date::strptime("%m/%d/%Y", text).ok()?;
    Some(date.to_string())
}

/// The day after a last day.
fn after(last: &str) -> Option<String> {
    Some(last.parse::<jiff::civil::Date>().ok()?.tomorrow().ok()?.to_string())
}
