//! Tables, their rows and their change logs, for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;
use portgate_core::reference::{Row, Table};
use portgate_tables::Finding;
use portgate_tables::log::{Did, Difference, Entry, Keys, Outcome, outcomes};

use crate::printable::printable;
use crate::table::table as columns;

/// So many findings are shown.
const FINDINGS_MAX: usize = 20;

pub(super) fn editions(table: &Table) -> String {
    let mut rows: Vec<Vec<String>> = table
        .editions()
        .iter()
        .enumerate()
        .map(|(number, edition)| {
            let many = table.rows().filter(|row| row.edition.map(usize::from) == Some(number)).count();
            vec![
                printable(&edition.publisher),
                printable(&edition.format),
                printable(&edition.edition),
                edition.date.to_string(),
                many.to_string(),
            ]
        })
        .collect();
    let words = table.rows().filter(|row| row.edition.is_none()).count();
    if words > 0 {
        rows.push(vec!["stewards".into(), String::new(), String::new(), String::new(), words.to_string()]);
    }
    let mut keys: Vec<&str> = table.rows().map(|row| row.key).collect();
    keys.dedup();
    let made = columns(&["publisher", "list", "edition", "from", "rows"], rows);
    let (keys, many, kib) = (keys.len(), table.rows().len(), table.bytes().div_ceil(1024));
    format!("{made}{keys} keys, {many} rows, {kib} KiB in memory\n")
}

/// A value with its days and who says it.
pub(super) fn row(row: &Row<'_>, table: &Table) -> String {
    let day = |day: Date, open: Date| if day == open { String::from("…") } else { day.to_string() };
    let edition = row.edition.and_then(|of| table.editions().get(usize::from(of)));
    let who = edition.map_or("a steward".to_owned(), |edition| {
        format!("{} {} {}", printable(&edition.publisher), printable(&edition.format), printable(&edition.edition))
    });
    let (from, to) = (day(row.from, Date::MIN), day(row.to, Date::MAX));
    format!("{from} to {to}  {}  ({who})\n", printable(row.value.as_str()))
}

pub(super) fn history<'t>(rows: impl Iterator<Item = Row<'t>>, table: &Table) -> String {
    rows.map(|found| row(&found, table)).collect()
}

pub(super) fn findings(found: &[Finding], files: &[&str]) -> String {
    let mut text = String::new();
    for finding in found.iter().take(FINDINGS_MAX) {
        let file = files.get(finding.place.file).copied().unwrap_or_default();
        let _ = writeln!(text, "{}:{}: {}", printable(file), finding.place.line, printable(&finding.problem));
    }
    if found.len() > FINDINGS_MAX {
        let _ = writeln!(text, "and {} more", found.len() - FINDINGS_MAX);
    }
    text
}

/// What an import came to.
pub(super) fn difference(entry: &Entry, left_out: &BTreeMap<&'static str, usize>) -> String {
    let Did::Import { edition, rows, findings, replaced, .. } = &entry.did else { return String::new() };
    let name = format!("{} {} {}", edition.publisher, edition.format, edition.edition);
    let name = printable(&name);
    let mut text = format!("{name} from {}: {rows} rows, {}\n", edition.date, counted(&entry.difference));
    for (what, many) in left_out {
        let _ = writeln!(text, "left out: {many} {what}");
    }
    if *findings > 0 {
        let _ = writeln!(text, "{findings} findings");
    }
    if replaced.count > 0 {
        let _ = writeln!(
            text,
            "a steward had said otherwise of {}: set them again if the list is still wrong",
            named(replaced)
        );
    }
    text
}

/// How many keys differ.
pub(super) fn counted(Difference { added, ended, changed }: &Difference) -> String {
    format!("{} keys added, {} changed, {} ended", added.count, changed.count, ended.count)
}

fn named(keys: &Keys) -> String {
    let more = if keys.count > keys.keys.len() {
        format!(" and {} more", keys.count - keys.keys.len())
    } else {
        String::new()
    };
    printable(&format!("{}{more}", keys.keys.join(", ")))
}

/// The log, oldest first, where the table's file has this digest now.
pub(super) fn log(entries: &[Entry], now: Option<&str>) -> String {
    let rows = outcomes(entries, now).into_iter().map(|(entry, outcome)| {
        let what = match &entry.did {
            Did::Import { edition, .. } => {
                format!("{} {} {} from {}", edition.publisher, edition.format, edition.edition, edition.date)
            }
            Did::Set { key, value: Some(value), from, .. } => format!("{key} is {value} from {from}"),
            Did::Set { key, value: None, from, .. } => format!("{key} ends on {from}"),
        };
        let became = match outcome {
            Outcome::Done => "",
            Outcome::NeverCame => "broken off: it never came",
            Outcome::ChangedSince => "the table was changed since by another hand",
        };
        let when = entry.when.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let Difference { added, ended, changed } = &entry.difference;
        vec![
            when,
            printable(&entry.who),
            printable(&what),
            format!("+{} ~{} -{}", added.count, changed.count, ended.count),
            printable(&entry.why),
            became.to_owned(),
        ]
    });
    columns(&["when", "who", "what", "keys", "why", ""], rows.collect())
}
